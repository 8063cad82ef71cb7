//! Changes of the load while it runs.

use super::*;
use crate::run::LoadChangeError;
use crate::scenario::USERS_MAX;

/// Runs a load and calls `at_second` with each complete second and the control.
fn controlled(load: &str, at_second: impl Fn(u64, &Control)) -> SimulatedRun {
    let (scenario, control) = (scenario("http://target", load, GET), Control::new());
    simulate_run(&scenario, options(2), &control, after(100), |progress| {
        at_second(progress.second().at_s + 1, &control);
    })
}

#[test]
fn set_users_joins_and_removes_users_from_that_instant() {
    let run = controlled("users = 2\nrun_time = \"6s\"", |second, control| match second {
        1 => control.set_users(5, None).unwrap(),
        2 => control.set_users(0, "5/s".parse().ok()).unwrap(),
        4 => control.set_users(3, "2/s".parse().ok()).unwrap(),
        _ => {}
    });
    // The report of a second comes before a change at its end.
    assert_eq!(run.users(), [2, 5, 1, 0, 2, 3, 0]);
    let changes: Vec<_> =
        run.summary.load.changes.iter().map(|change| (change.at_s, change.to, change.per_second)).collect();
    assert_eq!(changes, [(1.0, 5.0, None), (2.0, 0.0, Some(5.0)), (4.0, 3.0, Some(2.0))]);
    // Three join at 1 s, in addition to the two whose fifth request starts then.
    assert_eq!(run.starts_of("GET").iter().filter(|at| **at == 1000).count(), 5);
    // The first user joins at 4 s, the others half a second apart.
    let late: Vec<u128> = run.starts().into_iter().filter(|at| *at >= 4000).collect();
    assert_eq!(late[0], 4000);
    assert_eq!(late.iter().filter(|at| **at == 4500).count(), 2);
}

#[test]
fn set_rate_changes_arrivals_from_that_instant() {
    let run = controlled("rate = \"20/s\"\nrun_time = \"3s\"", |second, control| {
        if second == 1 {
            control.set_rate("100/s".parse().unwrap()).unwrap();
            assert_eq!(control.rate(), Some(100.0));
            assert_eq!(control.set_users(5, None), Err(LoadChangeError::NoUsers));
        }
    });
    let started: Vec<u64> = run.summary.timeline.iter().map(|second| second.started).collect();
    assert_eq!(started, [20, 100, 100, 0]);
    assert_eq!(run.summary.load.changes[0].at_s, 1.0);
}

#[test]
fn changes_outside_of_a_run_or_its_kind_are_errors() {
    let control = Control::new();
    assert_eq!((control.users(), control.set_users(5, None)), (None, Err(LoadChangeError::NotRunning)));
    controlled("users = 2\nrun_time = \"1s\"", |_, control| {
        assert_eq!((control.users(), control.rate()), (Some(2), None));
        assert_eq!(control.set_rate("5/s".parse().unwrap()), Err(LoadChangeError::NoRate));
    });
    let too_many = LoadChangeError::TooMany { users: USERS_MAX + 1, max: USERS_MAX };
    assert_eq!(control.set_users(USERS_MAX + 1, None), Err(too_many));
}
