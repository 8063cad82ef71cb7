//! Searches over runs in simulated time.

use std::cell::Cell;
use std::num::NonZeroUsize;
use std::time::Duration;

use weir_pace::Seed;
use weir_results::{ProbeOutcome, Purpose, SearchEnd, SearchOver, SearchSummary, Summary};

use super::drive::{OnSecond, SearchError, SearchProgress, search_over};
use crate::run::simulation::{ReceivedRequest, Reply, simulate_run};
use crate::run::{Control, RunError, RunOptions};
use crate::scenario::{Scenario, SearchOptions};
use crate::watch::Watch;

const SCENARIO: &str = r#"
url = "http://target"
load = { users = 99, requests = 9 }
user.u.task = [{ request = { kind = "http", path = "/" } }]"#;

fn users(from: f64, to: f64) -> SearchOptions {
    SearchOptions {
        from,
        to,
        step_time: Duration::from_secs(10),
        settle: Duration::from_secs(2),
        precision: 0.05,
        confirm: 2,
        ..SearchOptions::default()
    }
}

fn run_options() -> RunOptions {
    let workers = NonZeroUsize::new(2);
    RunOptions { seed: Seed::new(1), workers, watch: Watch::default(), request_log: None }
}

/// A search over simulated runs against `target`; `at_probe` is called with the number of each probe that starts.
fn search(
    options: &SearchOptions,
    target: impl Fn(&ReceivedRequest) -> Reply + Clone + 'static,
    holds: impl Fn(&Summary) -> bool,
    at_probe: impl Fn(usize, &Control),
) -> SearchSummary {
    let scenario = Scenario::parse("test", "test", SCENARIO, &|_| None).unwrap();
    let control = Control::new();
    let run = |level: &Scenario, options: RunOptions, on_second: &mut OnSecond<'_>| {
        Ok(simulate_run(level, options, &control, target.clone(), on_second).summary)
    };
    let on_progress = |progress: SearchProgress<'_>| {
        if let SearchProgress::Begins { number, .. } = progress {
            at_probe(number, &control);
        }
    };
    search_over(run, &scenario, options, &run_options(), holds, on_progress).unwrap()
}

fn levels(found: &SearchSummary) -> Vec<f64> {
    found.probes.iter().map(|probe| probe.level).collect()
}

/// A target with ten slots of 100 ms each: more users wait in turn.
fn ten_at_once(request: &ReceivedRequest) -> Reply {
    // Connections are numbered in the order of their users.
    let turn = u64::try_from(request.connection).unwrap() / 10;
    Reply::json(Duration::from_millis(100 * (turn + 1)), "{}")
}

fn is_quick(summary: &Summary) -> bool {
    summary.all.failed == 0 && summary.all.e2e.max().is_some_and(|max| max < Duration::from_millis(110))
}

#[test]
fn search_narrows_to_the_highest_level_that_holds_and_confirms_it() {
    let found = search(&users(2.0, 100.0), ten_at_once, is_quick, |_, _| ());
    assert_eq!(levels(&found), [2.0, 4.0, 8.0, 16.0, 11.0, 9.0, 10.0, 10.0, 10.0]);
    assert_eq!((found.ended, found.held, found.failed), (SearchEnd::Found, Some(10.0), Some(11.0)));
    let outcomes: Vec<ProbeOutcome> = found.probes.iter().map(|probe| probe.outcome).collect();
    let (held, failed) = (ProbeOutcome::Held, ProbeOutcome::Failed);
    assert_eq!(outcomes, [held, held, held, failed, failed, held, held, held, held]);
    assert_eq!(found.probes.last().map(|probe| probe.purpose), Some(Purpose::Confirm));
    // Ten users with answers of 100 ms.
    assert!(found.probes.iter().all(|probe| probe.error_share == 0.0));
    assert_eq!(found.probes.last().map(|probe| probe.rps), Some(100.0));
    let best = found.best.unwrap();
    assert_eq!((best.load.users, best.load.requests), (Some(10), None));
    assert_eq!((best.window.warm_up_s, best.window.measured_s, best.window.run_s), (2.0, 10.0, 12.0));
}

#[test]
fn search_over_rate_ends_at_its_highest_level() {
    let options = SearchOptions { over: SearchOver::Rate, confirm: 0, ..users(20.0, 50.0) };
    let target = |_: &ReceivedRequest| Reply::json(Duration::from_millis(10), "{}");
    let found = search(&options, target, is_quick, |_, _| ());
    assert_eq!(levels(&found), [20.0, 40.0, 50.0]);
    assert_eq!((found.ended, found.held, found.failed), (SearchEnd::Ceiling, Some(50.0), None));
    let rates: Vec<f64> = found.probes.iter().map(|probe| probe.rps).collect();
    assert_eq!(rates, [20.0, 40.0, 50.0]);
    assert_eq!(found.best.unwrap().load.rate_per_s, Some(50.0));
}

#[test]
fn search_without_a_level_that_holds_finds_nothing() {
    let found = search(&users(2.0, 100.0), ten_at_once, |_| false, |_, _| ());
    assert_eq!((levels(&found), found.ended, found.held), (vec![2.0], SearchEnd::Nothing, None));
    assert!(found.best.is_none());
}

#[test]
fn stopped_search_keeps_its_results() {
    let stop_third = |number: usize, control: &Control| {
        if number == 3 {
            control.stop();
        }
    };
    let found = search(&users(2.0, 100.0), ten_at_once, is_quick, stop_third);
    assert_eq!((levels(&found), found.ended), (vec![2.0, 4.0, 8.0], SearchEnd::Interrupted));
    assert_eq!(found.probes.last().map(|probe| probe.outcome), Some(ProbeOutcome::Cut));
    assert_eq!(found.held, Some(4.0));
}

#[test]
fn target_that_dies_in_a_probe_ends_the_search() {
    let four_users = |request: &ReceivedRequest| match request.connection {
        0..4 => Reply::json(Duration::from_millis(100), "{}"),
        _ => Reply::refused(Duration::from_millis(100)),
    };
    let found = search(&users(2.0, 100.0), four_users, is_quick, |_, _| ());
    // Some users are still answered: that is a failed level, not a dead target.
    assert_eq!((found.ended, found.held), (SearchEnd::Found, Some(4.0)));
    let dead = |_: &ReceivedRequest| Reply::refused(Duration::from_millis(100));
    let found = search(&users(2.0, 100.0), dead, is_quick, |_, _| ());
    assert_eq!((found.ended, found.probes.len()), (SearchEnd::TargetDead, 1));
}

#[test]
fn target_that_is_unreachable_after_the_first_probe_ends_the_search() {
    let scenario = Scenario::parse("test", "test", SCENARIO, &|_| None).unwrap();
    let (control, runs) = (Control::new(), Cell::new(0));
    let unreachable =
        || RunError::Unreachable { target: "http://target".into(), source: std::io::Error::other("refused") };
    let run_until = |last: i32| {
        let (control, runs) = (&control, &runs);
        move |level: &Scenario, options: RunOptions, on_second: &mut OnSecond<'_>| {
            runs.set(runs.get() + 1);
            if runs.get() > last {
                return Err(unreachable());
            }
            Ok(simulate_run(level, options, control, ten_at_once, on_second).summary)
        }
    };
    let (search, options) = (users(2.0, 100.0), run_options());
    let found = search_over(run_until(2), &scenario, &search, &options, is_quick, |_| ()).unwrap();
    assert_eq!((found.ended, found.held), (SearchEnd::TargetDead, Some(4.0)));
    let failed = search_over(run_until(0), &scenario, &search, &options, is_quick, |_| ());
    assert!(matches!(failed, Err(SearchError::Run(RunError::Unreachable { .. }))), "{failed:?}");
}

#[test]
fn option_out_of_range_is_an_error() {
    let scenario = Scenario::parse("test", "test", SCENARIO, &|_| None).unwrap();
    let never = |_: &Scenario, _: RunOptions, _: &mut OnSecond<'_>| unreachable!();
    let search = SearchOptions { step: 1.0, ..users(2.0, 100.0) };
    let failed = search_over(never, &scenario, &search, &run_options(), is_quick, |_| ());
    assert!(matches!(&failed, Err(SearchError::Options(error)) if error.key == "step"), "{failed:?}");
}
