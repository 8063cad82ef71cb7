//! What a load generator reads.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Mutex;
use std::{fs, thread};

use serde_json::Value;
use weir_loadgen::{Control, RunOptions, Scenario, Watch, run};
use weir_pace::Seed;
use weir_stub::Stub;

use super::case::{Case, Table};

/// Cases that run at the same time; most of their time is waiting.
const THREADS: usize = 8;

/// Latencies are real: a busy machine may delay a run. A case is right if one of these runs has the right latencies; its
/// counts must be right in each.
const ATTEMPTS: usize = 6;

fn tables() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/real-inputs/load");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: &Path| {
        let table = toml::from_str::<Table>(&fs::read_to_string(path).unwrap());
        table.unwrap_or_else(|error| panic!("{}: {error}", path.display())).case
    };
    paths.iter().flat_map(|path| read(path)).collect()
}

/// The figures of a run of the load generator against the server of a case, as they are saved.
fn figures(case: &Case) -> Value {
    let served = case.clone();
    let stub = Stub::start(move |_| served.reply()).unwrap();
    let scenario = format!(
        "url = \"{}\"\napi_key_env = \"KEY\"\n[load]\nusers = 1\nrequests = {}\n[timeouts]\nidle = \"1s\"\n\
         [[user.u.task]]\nrequest = {{ {} }}\n",
        stub.url(),
        case.requests,
        case.request()
    );
    let scenario = Scenario::parse("case", "case", &scenario, &|_| Some("sk-secret-0123456789".to_owned()))
        .unwrap_or_else(|error| panic!("{}: {error}", case.name));
    let options = RunOptions {
        seed: Seed::new(1),
        workers: NonZeroUsize::new(1),
        watch: Watch::default(),
        request_log: None,
    };
    let summary = run(&scenario, options, &Control::new(), |_| ()).unwrap();
    serde_json::to_value(&summary.all).unwrap()
}

/// The first difference between the figures of a run and the right ones, except for latencies.
fn wrong_count(case: &Case, all: &Value) -> Option<String> {
    let failures = all["failures"].as_object().unwrap();
    let kinds: Vec<(&str, u64)> =
        failures.iter().map(|(kind, failure)| (kind.as_str(), failure["count"].as_u64().unwrap())).collect();
    let right: Vec<(&str, u64)> =
        case.right.failure.iter().map(|kind| (kind.as_str(), case.requests)).collect();
    if kinds != right {
        return Some(format!("failures: expected {right:?}, found {failures:?}"));
    }
    let example = failures.values().next().map_or("", |failure| failure["example"].as_str().unwrap());
    let unsaid = case.right.says.iter().find(|words| !example.contains(words.as_str()));
    let shown = case.right.hides.iter().find(|words| example.contains(words.as_str()));
    if let Some(words) = unsaid.or(shown) {
        return Some(format!("the words {words:?}: found {example:?}"));
    }
    let counts = case.right.counts.iter();
    counts
        .filter(|(name, right)| all[name.as_str()].as_u64() != Some(**right))
        .map(|(name, right)| format!("{name}: expected {right}, found {}", all[name.as_str()]))
        .next()
}

/// The first latency that is not the right one.
fn wrong_latency(case: &Case, all: &Value) -> Option<String> {
    let ms = |name: &str| all[name]["p50_us"].as_f64().unwrap_or(0.0) / 1e3;
    let latencies = case.right.ms.iter();
    latencies
        .filter(|(name, right)| {
            let found = ms(name);
            if **right == 0.0 {
                found > 0.0
            } else {
                found < **right * 0.93 - 1.0 || found > **right * 1.1 + 4.0
            }
        })
        .map(|(name, right)| format!("{name}: expected {right} ms, found {} ms", ms(name)))
        .next()
}

fn outcome(case: &Case) -> Result<(), String> {
    let mut wrong = None;
    for _ in 0..ATTEMPTS {
        let all = figures(case);
        if let Some(wrong) = wrong_count(case, &all) {
            return Err(wrong);
        }
        wrong = wrong_latency(case, &all);
        if wrong.is_none() {
            break;
        }
    }
    wrong.map_or(Ok(()), Err)
}

#[test]
fn load_answers_from_the_field_have_the_right_figures() {
    let cases = tables();
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
