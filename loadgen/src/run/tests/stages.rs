//! Loads that change over time.

use super::*;
use weir_results::StageWay;

#[test]
fn users_follow_ramps_holds_and_jumps() {
    let load = "stages = [{ for = \"4s\", users = 4 }, { for = \"2s\", users = 4 }, { for = \"2s\", users = 0 }, \
                { for = \"1s\", users = 2, jump = true }]";
    for workers in [1, 2] {
        let run = simulate(load, GET, workers, after(100));
        // The report of a second comes before a change at its end.
        assert_eq!(run.users(), [1, 2, 3, 4, 4, 4, 3, 1, 2, 0], "{workers} workers");
        assert_eq!(run.completed()[..6], [9, 19, 29, 39, 40, 40], "{workers} workers");
        assert_eq!(run.summary.window.ended, Some(EndReason::RunTime));
        assert_eq!((run.summary.all.failed, run.summary.window.unfinished), (0, 0));
    }
}

#[test]
fn stages_are_reported_with_their_way() {
    let load =
        "stages = [{ for = \"1s\", users = 8, jump = true }, { for = \"2s\", users = 3, jump = true }]";
    let run = simulate(load, GET, 2, after(50));
    assert_eq!(run.users(), [8, 3, 3, 0]);
    let stage = run.summary.load.stages[1];
    assert_eq!((stage.lasts_s, stage.to, stage.way), (2.0, 3.0, StageWay::Jump));
    assert_eq!((run.summary.load.users, run.summary.load.run_time_s), (None, Some(3.0)));
}

#[test]
fn thinking_users_leave_at_the_instant_of_a_jump() {
    let load =
        "stages = [{ for = \"500ms\", users = 4, jump = true }, { users = 1 }, { for = \"1s\", users = 1 }]";
    let users = format!("[user.u]\nthink = \"700ms\"\n{GET}");
    let run = simulate(load, &users, 1, after(10));
    // Three are stopped while they think; the fourth sends again at 710 and 1420.
    assert_eq!(run.starts(), [0, 0, 0, 0, 710, 1420]);
}

#[test]
fn leaving_user_finishes_its_request() {
    let load =
        "stages = [{ for = \"500ms\", users = 2, jump = true }, { for = \"1s\", users = 1, jump = true }]";
    let run = simulate(load, GET, 1, after(400));
    let ended: Vec<_> = run.requests.iter().map(|request| request.ended.map(|end| end.as_millis())).collect();
    assert_eq!(run.starts(), [0, 0, 400, 400, 800, 1200]);
    assert_eq!(ended, [400, 400, 800, 800, 1200, 1600].map(Some));
}

#[test]
fn arrivals_follow_the_stages_of_a_rate() {
    let load = "stages = [{ for = \"1s\", rate = \"20/s\" }, { for = \"1s\", rate = \"20/s\" }, \
                { for = \"1s\", rate = \"0/s\" }]";
    for workers in [1, 2] {
        let run = simulate(load, GET, workers, after(1));
        // The area under the rate: 10 while it rises, 20 while it holds, 10 while it falls.
        assert_eq!(run.completed(), [10, 20, 10, 0], "{workers} workers");
        let steady: Vec<u128> = run.starts()[10..30].to_vec();
        assert_eq!(steady, (0..20).map(|nth| 1000 + nth * 50).collect::<Vec<_>>());
    }
}
