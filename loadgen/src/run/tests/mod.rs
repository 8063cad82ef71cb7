//! Whole runs: in simulated time against exact expectations, and over sockets where only they show the behaviour.

mod agents;
mod closed;
mod control;
mod conversations;
mod dialects;
mod endings;
mod figures;
mod open;
mod own_streams;
mod real_inputs;
mod retries;
mod secrets;
mod server;
mod sockets;
mod stages;
mod users;

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::time::Duration;

use weir_pace::Seed;
use weir_results::{EndReason, Figures, Histogram, Phase, Summary};

use super::simulation::{ReceivedRequest, Reply, SimulatedRun, simulate_run};
use super::{Control, RunOptions};
use crate::scenario::Scenario;
use crate::watch::Watch;

const MS: fn(u64) -> Duration = Duration::from_millis;
const GET: &str = "[[user.u.task]]\nrequest = { kind = \"http\", path = \"/\" }\n";
const CONTENT: &str = r#"{"choices":[{"delta":{"content":"x"}}]}"#;
/// The last event with content.
const LAST: &str = r#"{"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}]}"#;

/// A scenario with a load and the tables of its users.
fn scenario(url: &str, load: &str, users: &str) -> Scenario {
    let text = format!("url = \"{url}\"\napi_key_env = \"KEY\"\n[load]\n{load}\n{users}\n");
    Scenario::parse("test", "test", &text, &|_| Some("sk-secret".to_owned())).unwrap()
}

fn options(workers: usize) -> RunOptions {
    let (seed, workers) = (Seed::new(1), NonZeroUsize::new(workers));
    RunOptions { seed, workers, watch: Watch::default(), request_log: None }
}

/// Runs a load in simulated time.
fn simulate(
    load: &str,
    users: &str,
    workers: usize,
    target: impl Fn(&ReceivedRequest) -> Reply + 'static,
) -> SimulatedRun {
    let scenario = scenario("http://target", load, users);
    simulate_run(&scenario, options(workers), &Control::new(), target, |_| ())
}

/// A target that answers everything with `{}` after `ms` milliseconds.
fn after(ms: u64) -> impl Fn(&ReceivedRequest) -> Reply + Clone + 'static {
    move |_| Reply::json(MS(ms), "{}")
}

impl SimulatedRun {
    /// The starts of all requests, in milliseconds.
    fn starts(&self) -> Vec<u128> {
        self.requests.iter().map(|request| request.at.as_millis()).collect()
    }

    /// The starts of the requests whose line begins with `line`, in milliseconds.
    fn starts_of(&self, line: &str) -> Vec<u128> {
        let requests = self.requests.iter().filter(|request| request.line.starts_with(line));
        requests.map(|request| request.at.as_millis()).collect()
    }

    /// The starts of the requests that were cut, in milliseconds.
    fn cut(&self) -> Vec<u128> {
        let requests = self.requests.iter().filter(|request| request.ended.is_none());
        requests.map(|request| request.at.as_millis()).collect()
    }

    /// The number of users in each second.
    fn users(&self) -> Vec<u64> {
        self.summary.timeline.iter().map(|second| second.users).collect()
    }

    /// The number of requests completed in each second.
    fn completed(&self) -> Vec<u64> {
        self.summary.timeline.iter().map(|second| second.completed).collect()
    }
}

/// Whether all values of a histogram are `ms` milliseconds, within the width of a bucket.
fn is_always(histogram: &Histogram, ms: u64) -> bool {
    is_about(histogram.min(), ms) && is_about(histogram.max(), ms)
}

/// Whether a value of a histogram is `ms` milliseconds, within the width of a bucket.
fn is_about(found: Option<Duration>, ms: u64) -> bool {
    found.is_some_and(|found| found.abs_diff(MS(ms)) <= MS(ms) / 500)
}

/// The figures of a task.
fn of_task<'a>(summary: &'a Summary, name: &str) -> &'a Figures {
    &summary.tasks.iter().find(|task| task.name == name).unwrap().figures
}

/// The only kind of failure, its count, and its example.
fn only_failure(figures: &Figures) -> (&str, u64, &str) {
    let failures: Vec<_> = figures.failures.iter().collect();
    let [(kind, failure)] = failures.as_slice() else { panic!("{failures:?}") };
    (kind, failure.count, &failure.example)
}
