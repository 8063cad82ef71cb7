//! What a load generator reads.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Mutex;
use std::thread;

use serde_json::Value;
use weir_loadgen::{Control, RunOptions, Watch, run};
use weir_pace::Seed;
use weir_stub::{Received, Stub};

use super::case::{Case, Table};

/// Cases that run at the same time; most of their time is waiting.
const THREADS: usize = 8;

/// The figures of a run of the load generator against the server of a case, as they are saved, and what it received.
fn figures(case: &Case) -> (Value, Vec<Received>) {
    let served = case.clone();
    let stub = Stub::start(move |received| served.reply(received.number)).unwrap();
    let scenario = case.scenario(&stub.url());
    let options = RunOptions {
        seed: Seed::new(1),
        workers: NonZeroUsize::new(1),
        watch: Watch::default(),
        request_log: None,
    };
    let summary = run(&scenario, options, &Control::new(), |_| ()).unwrap();
    (serde_json::to_value(&summary.all).unwrap(), stub.received())
}

/// The first difference between the requests that the server received and the right ones.
fn wrong_request(case: &Case, received: &[Received]) -> Option<String> {
    if let Some(right) = case.right.received.filter(|right| *right != received.len()) {
        return Some(format!("requests: expected {right}, found {}", received.len()));
    }
    let last = received.last().map_or("", |request| request.body.as_str());
    let missing = case.right.last_body_contains.iter().find(|words| !last.contains(words.as_str()));
    missing.map(|words| format!("the words {words:?} of the last request: found {last}"))
}

/// The first difference between the figures of a run and the right ones, except for latencies.
fn wrong_count(case: &Case, all: &Value) -> Option<String> {
    let failures = all["failures"].as_object().unwrap();
    let kinds: Vec<(&str, u64)> =
        failures.iter().map(|(kind, failure)| (kind.as_str(), failure["count"].as_u64().unwrap())).collect();
    let right: Vec<(&str, u64)> = case
        .right
        .failure
        .iter()
        .map(|kind| (kind.as_str(), case.right.failed.unwrap_or(case.requests)))
        .collect();
    if kinds != right {
        return Some(format!("failures: expected {right:?}, found {failures:?}"));
    }
    let example = failures.values().next().map_or("", |failure| failure["example"].as_str().unwrap());
    let missing = case.right.contains.iter().find(|words| !example.contains(words.as_str()));
    let leaked = case.right.lacks.iter().find(|words| example.contains(words.as_str()));
    if let Some(words) = missing.or(leaked) {
        return Some(format!("the words {words:?}: found {example:?}"));
    }
    let counts = case.right.counts.iter();
    counts
        .filter(|(name, right)| all[name.as_str()].as_u64() != Some(**right))
        .map(|(name, right)| format!("{name}: expected {right}, found {}", all[name.as_str()]))
        .next()
}

/// Latencies that no delay of the machine can make shorter.
const FROM_THE_START: [&str; 4] = ["ttfb", "ttft", "ttfo", "e2e"];

/// The first latency that is there and should not be, or is shorter than the server makes it.
fn wrong_latency(case: &Case, all: &Value) -> Option<String> {
    case.right.ms.iter().find_map(|(name, right)| {
        let ms = all[name]["p50_us"].as_f64().unwrap_or(0.0) / 1e3;
        let is_wrong = if *right == 0.0 {
            ms > 0.0
        } else {
            ms == 0.0 || FROM_THE_START.contains(&name.as_str()) && ms < right * 0.99
        };
        is_wrong.then(|| format!("{name}: expected {right} ms, found {ms} ms"))
    })
}

fn outcome(case: &Case) -> Result<(), String> {
    let (all, received) = figures(case);
    let wrong = wrong_count(case, &all).or_else(|| wrong_latency(case, &all));
    wrong.or_else(|| wrong_request(case, &received)).map_or(Ok(()), Err)
}

#[test]
fn load_answers_from_the_field_have_the_right_figures() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/real-inputs/load");
    let cases = Table::read_all(&folder);
    assert!(cases.iter().all(|case| !case.source.is_empty()), "every case has a source");
    let (waiting, wrong) = (Mutex::new(cases.iter()), Mutex::new(Vec::new()));
    let work = || {
        loop {
            let Some(case) = waiting.lock().unwrap().next() else { return };
            match outcome(case) {
                Ok(()) => println!("ok      {}", case.name),
                Err(found) => {
                    println!("WRONG   {}: {found}", case.name);
                    wrong.lock().unwrap().push(format!("{}: {found}", case.name));
                }
            }
        }
    };
    thread::scope(|scope| (0..THREADS).for_each(|_| drop(scope.spawn(work))));
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} of {} cases are wrong:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
