//! The streams of `tests/real-inputs/load/` in simulated time: their latencies, exactly.

use std::path::Path;

use super::*;

#[path = "../../../../tests/real-inputs/case.rs"]
#[expect(dead_code, reason = "the counts are checked over sockets")]
mod case;

use case::{Case, Ending, StreamBody, Table};

/// A body that never ends.
const NEVER: Duration = Duration::from_secs(3_600);

fn reply(case: &Case) -> Reply {
    let StreamBody { parts, end_ms, ending } = case.stream_body();
    let end = if ending == Ending::Body { MS(end_ms) } else { NEVER };
    Reply::stream_body(parts.into_iter().map(|(ms, text)| (MS(ms), text.into())).collect(), end)
}

#[test]
fn streams_from_the_field_have_the_right_latencies() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/real-inputs/load");
    let cases: Vec<Case> = Table::read_all(&folder);
    let timed = |case: &&Case| {
        !case.right.ms.is_empty() && !case.stream_body().parts.is_empty() && case.earlier.is_empty()
    };
    let (mut checked, mut wrong) = (0, Vec::new());
    for case in cases.iter().filter(timed) {
        let served = case.clone();
        let target = move |_: &ReceivedRequest| reply(&served);
        let run = simulate_run(&case.scenario("http://target"), options(1), &Control::new(), target, |_| ());
        let figures = serde_json::to_value(&run.summary.all).unwrap();
        for (name, right) in &case.right.ms {
            let found = figures[name]["p50_us"].as_f64().unwrap_or(0.0) / 1e3;
            checked += 1;
            // Within the width of a bucket.
            if (found - right).abs() > right / 500.0 {
                wrong.push(format!("{}: {name}: expected {right} ms, found {found} ms", case.name));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
    assert!(checked > 20, "only {checked} latencies");
}
