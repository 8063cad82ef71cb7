//! A search over real runs: that probes are runs of their own, and how a search ends.

use std::time::Duration;

use super::server::{Server, Step, ok};
use super::{get, options, scenario};
use crate::run::Control;
use crate::scenario::{SearchOptions, SearchOptionsError};
use crate::search::{SearchError, SearchProgress, run_search};
use weir_results::{ProbeOutcome, SearchEnd, SearchOver, Summary};

fn quick() -> SearchOptions {
    SearchOptions {
        from: 1.0,
        to: 16.0,
        step_time: Duration::from_millis(300),
        settle: Duration::from_millis(50),
        precision: 0.3,
        confirm: 1,
        ..SearchOptions::default()
    }
}

#[test]
fn the_highest_load_that_holds_is_found_and_confirmed() {
    let server = Server::always([vec![Step::Pause(Duration::from_millis(10))], ok("{}")].concat());
    let scenario = scenario(&server.url(), "users = 99\nrequests = 9", &get("/"));
    let mut begun = Vec::new();
    let bears_five = |summary: &Summary| summary.load.users <= Some(5) && summary.all.completed > 0;
    let found = run_search(&scenario, &quick(), &options(1), &Control::new(), bears_five, |progress| {
        if let SearchProgress::Begins { level, .. } = progress {
            begun.push(level);
        }
    })
    .unwrap();
    // A busy machine may make the generator late: then the search ends there, and says so.
    if found.ended == SearchEnd::Generator {
        return;
    }
    let levels: Vec<f64> = found.probes.iter().map(|probe| probe.level).collect();
    assert_eq!((begun.as_slice(), levels.as_slice()), (&[1.0, 2.0, 4.0, 8.0, 6.0, 5.0, 5.0][..], &begun[..]));
    assert_eq!((found.ended, found.held, found.failed), (SearchEnd::Found, Some(5.0), Some(6.0)));
    assert_eq!(found.probes[3].outcome, ProbeOutcome::Failed);
    assert!(found.probes.iter().all(|probe| probe.rps > 0.0 && probe.error_share == 0.0));
    let best = found.best.unwrap();
    assert_eq!((best.load.users, best.window.warm_up_s, best.load.requests), (Some(5), 0.05, None));
}

#[test]
fn a_search_of_a_rate_makes_arrivals_and_ends_at_its_ceiling() {
    let server = Server::always(ok("{}"));
    let scenario = scenario(&server.url(), "users = 1\nrequests = 9", &get("/"));
    let rate = SearchOptions { over: SearchOver::Rate, from: 20.0, to: 40.0, confirm: 0, ..quick() };
    let found = run_search(&scenario, &rate, &options(1), &Control::new(), |_| true, |_| ()).unwrap();
    if found.ended == SearchEnd::Generator {
        return;
    }
    assert_eq!((found.ended, found.held, found.failed), (SearchEnd::Ceiling, Some(40.0), None));
    assert_eq!(found.best.unwrap().load.rate_per_s, Some(40.0));
}

#[test]
fn a_search_can_be_stopped_and_keeps_what_it_found() {
    let server = Server::always(ok("{}"));
    let scenario = scenario(&server.url(), "users = 1\nrequests = 9", &get("/"));
    let control = Control::new();
    let found = run_search(
        &scenario,
        &quick(),
        &options(1),
        &control,
        |_| true,
        |progress| {
            if let SearchProgress::Begins { number: 2, .. } = progress {
                control.stop();
            }
        },
    )
    .unwrap();
    assert_eq!(found.ended, SearchEnd::Interrupted);
    assert_eq!(found.probes.last().map(|probe| probe.outcome), Some(ProbeOutcome::Cut));
    let refused = SearchOptions { step: 1.0, ..quick() };
    let refused = run_search(&scenario, &refused, &options(1), &Control::new(), |_| true, |_| ());
    assert!(
        matches!(refused, Err(SearchError::Options(SearchOptionsError { key: "step", .. }))),
        "{refused:?}"
    );
}
