//! Loads that change over time, over real sockets: that the parts fit. The curves themselves are tested where they are
//! made.

use std::time::{Duration, Instant};

use super::server::{Server, Step, ok};
use super::{get, options, scenario};
use crate::run::{Control, LoadChangeError, run};
use weir_results::{EndReason, Phase, StageWay, Summary};

/// A server that takes 10 ms for everything.
fn steady() -> Server {
    Server::always([vec![Step::Pause(Duration::from_millis(10))], ok("{}")].concat())
}

fn users(summary: &Summary) -> Vec<u64> {
    summary.timeline.iter().map(|second| second.users).collect()
}

#[test]
fn users_join_and_leave_with_the_stages() {
    let server = steady();
    let load = "stages = [{ for = \"500ms\", users = 8, jump = true }, { for = \"2s\", users = 3, jump = true }, \
                { for = \"500ms\", users = 0 }, { for = \"200ms\", users = 2, jump = true }]";
    let summary =
        run(&scenario(&server.url(), load, &get("/")), options(2), &Control::new(), |_| ()).unwrap();
    let users = users(&summary);
    assert_eq!((users[0], users[1]), (3, 3), "{users:?}");
    assert_eq!(summary.window.ended, Some(EndReason::RunTime));
    assert_eq!((summary.all.failed, summary.window.unfinished), (0, 0), "{:?}", summary.all.failures);
    assert!(summary.window.run_s >= 3.0, "nobody there is no end: {:?}", summary.window);
    let stage = summary.load.stages[1];
    assert_eq!((stage.lasts_s, stage.to, stage.way), (2.0, 3.0, StageWay::Jump));
    assert_eq!(
        (summary.load.users, summary.load.run_time_s, summary.generator.workers),
        (None, Some(3.2), 2)
    );
}

#[test]
fn users_who_think_leave_when_their_time_has_come() {
    let server = steady();
    let text = format!(
        "url = \"{}\"\n[load]\nstages = [{{ for = \"500ms\", users = 4, jump = true }}, {{ users = 1 }}, {{ for = \"1s\", users = 1 }}]\n\
         [user.u]\nthink = \"700ms\"\n[[user.u.task]]\n{}",
        server.url(),
        get("/")
    );
    let scenario = crate::scenario::Scenario::parse("test", "test", &text, &|_| None).unwrap();
    let summary = run(&scenario, options(1), &Control::new(), |_| ()).unwrap();
    // All four ask at once; three are sent away while they think, and the last asks twice more if it is not too late.
    assert!((5..=6).contains(&summary.all.completed), "{}", summary.all.completed);
}

#[test]
fn arrivals_follow_the_stages() {
    let server = Server::always(ok("{}"));
    let load = "stages = [{ for = \"500ms\", rate = \"100/s\" }, { for = \"500ms\", rate = \"100/s\" }, \
                { for = \"500ms\", rate = \"0/s\" }]";
    let summary =
        run(&scenario(&server.url(), load, &get("/")), options(2), &Control::new(), |_| ()).unwrap();
    let counts = summary.generator.arrivals.unwrap();
    assert_eq!((counts.planned, counts.started, summary.all.completed), (100, 100, 100));
}

#[test]
fn the_cool_down_is_in_the_timeline_and_not_in_the_figures() {
    let server = steady();
    let load = "users = 2\nrun_time = \"2s\"\ncool_down = \"1s\"";
    let summary =
        run(&scenario(&server.url(), load, &get("/")), options(1), &Control::new(), |_| ()).unwrap();
    let in_phase = |phase| {
        let seconds = summary.timeline.iter().filter(move |second| second.phase == phase);
        seconds.map(|second| second.completed).sum::<u64>()
    };
    let (measured, cool_down) = (in_phase(Phase::Measured), in_phase(Phase::CoolDown));
    assert!(measured > 0 && cool_down > 0 && in_phase(Phase::WarmUp) == 0);
    let total = measured + cool_down;
    assert!(
        summary.all.completed > 0 && summary.all.completed < total,
        "{} of {total}",
        summary.all.completed
    );
    assert!(summary.window.measured_s <= 1.0 && summary.window.cool_down_s == 1.0, "{:?}", summary.window);
}

#[test]
fn users_can_be_changed_while_they_run() {
    let server = steady();
    let control = Control::new();
    assert_eq!((control.users(), control.set_users(5, None)), (None, Err(LoadChangeError::NotRunning)));
    let load = "users = 2\nrun_time = \"10m\"";
    let mut seen = Vec::new();
    let summary = run(&scenario(&server.url(), load, &get("/")), options(2), &control, |so_far| {
        // Each change when the one before has come about.
        match (seen.len(), so_far.second().users) {
            (0, 2) => control.set_users(9, None).unwrap(),
            (1, 9) => control.set_users(0, "1000/s".parse().ok()).unwrap(),
            (2, 0) => control.set_users(4, None).unwrap(),
            (3, 4) => control.stop(),
            _ => return,
        }
        assert_eq!(control.set_rate("5/s".parse().unwrap()), Err(LoadChangeError::NoRate));
        seen.push(control.users());
    })
    .unwrap();
    assert_eq!((seen[0], seen[3]), (Some(9), Some(4)));
    assert_eq!(summary.window.ended, Some(EndReason::Interrupted));
    let changes: Vec<f64> = summary.load.changes.iter().map(|change| change.to).collect();
    assert_eq!(changes, [9.0, 0.0, 4.0]);
    assert!(summary.load.changes[0].at_s >= 1.0 && summary.load.changes[1].per_second == Some(1000.0));
    assert_eq!(control.users(), None, "the run is over");
    let most = crate::scenario::USERS_MAX;
    assert_eq!(
        control.set_users(most + 1, None),
        Err(LoadChangeError::TooMany { users: most + 1, max: most })
    );
}

#[test]
fn the_rate_can_be_changed_while_arrivals_come() {
    let server = Server::always(ok("{}"));
    let control = Control::new();
    let load = "rate = \"20/s\"\nrun_time = \"3s\"";
    let summary = run(&scenario(&server.url(), load, &get("/")), options(2), &control, |so_far| {
        if so_far.second().at_s == 0 {
            control.set_rate("100/s".parse().unwrap()).unwrap();
            assert_eq!(control.rate(), Some(100.0));
            assert_eq!(control.set_users(5, None), Err(LoadChangeError::NoUsers));
        }
    })
    .unwrap();
    let counts = summary.generator.arrivals.unwrap();
    let expected = 20.0 * summary.load.changes[0].at_s + 100.0 * (3.0 - summary.load.changes[0].at_s);
    // An arrival or two a worker lie on either side of the change, or of the end.
    assert!((counts.planned as f64 - expected).abs() <= 4.0, "{counts:?}, {expected}");
}

#[test]
fn a_spent_number_of_requests_ends_a_slow_start() {
    let server = Server::always(ok("{}"));
    let began = Instant::now();
    let load = "users = 100\nspawn_rate = \"1/s\"\nrequests = 5";
    let summary =
        run(&scenario(&server.url(), load, &get("/")), options(1), &Control::new(), |_| ()).unwrap();
    assert_eq!((summary.all.completed, summary.window.ended), (5, Some(EndReason::Requests)));
    assert!(began.elapsed() < Duration::from_secs(60));
}
