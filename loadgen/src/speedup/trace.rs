//! What the trace of one run says: the sum of its steps and its critical path.
//!
//! Computed here from the answer alone, so that this instrument shares no mistake with its target.

use std::collections::HashMap;

use serde::Deserialize;
use weir_results::Lengths;

/// More steps than this in one answer are not looked at.
const STEPS_MAX: usize = 1_000;

/// An answer of `POST /api/chains/{chain}`, as far as it is of interest. Other fields are ignored.
#[derive(Debug, Deserialize)]
pub(super) struct Answer {
    pub(super) status: String,
    #[serde(default)]
    pub(super) error: Option<String>,
    #[serde(default)]
    steps: Vec<Step>,
}

/// One step of the answer's trace; anything may be missing from a backend that is not Weir's.
#[derive(Debug, Deserialize)]
struct Step {
    #[serde(default)]
    name: String,
    elapsed_ms: Option<f64>,
    /// Of a step that is done for each entry of a list: all entries together, and the longest of them.
    busy_ms: Option<f64>,
    longest_ms: Option<f64>,
    needs: Option<Vec<String>>,
}

impl Step {
    /// What it would take without anything beside it, in milliseconds.
    fn alone_ms(&self) -> Option<f64> {
        sound(self.busy_ms.or(self.elapsed_ms))
    }

    /// What it takes at least, whatever is beside it, in milliseconds.
    fn least_ms(&self) -> Option<f64> {
        sound(self.longest_ms.or(self.elapsed_ms))
    }
}

fn sound(ms: Option<f64>) -> Option<f64> {
    ms.filter(|ms| ms.is_finite() && *ms >= 0.0)
}

impl Answer {
    /// `None` when the trace does not tell: a step without duration or needs, a need that is no step,
    /// a cycle, no steps at all, or nothing that took time.
    pub(super) fn lengths(&self) -> Option<Lengths> {
        if self.steps.is_empty() || self.steps.len() > STEPS_MAX {
            return None;
        }
        let ends = path_ends(&self.steps)?;
        let critical_path_ms = ends.into_iter().fold(0.0, f64::max);
        let sum_ms = self.steps.iter().filter_map(Step::alone_ms).sum();
        (critical_path_ms > 0.0).then_some(Lengths { sum_ms, critical_path_ms })
    }
}

/// For each step the length of the longest path that ends with it.
fn path_ends(steps: &[Step]) -> Option<Vec<f64>> {
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (place, step) in steps.iter().enumerate() {
        if places.insert(&step.name, place).is_some() {
            return None;
        }
    }
    let mut ends: Vec<Option<f64>> = vec![None; steps.len()];
    let mut settled = 0;
    while settled < steps.len() {
        let before = settled;
        for (place, step) in steps.iter().enumerate() {
            if ends.get(place)?.is_some() {
                continue;
            }
            let took = step.least_ms()?;
            let mut start = Some(0.0_f64);
            for need in step.needs.as_ref()? {
                let end = *ends.get(*places.get(need.as_str())?)?;
                start = start.zip(end).map(|(start, end)| start.max(end));
            }
            if let Some(start) = start {
                *ends.get_mut(place)? = Some(start + took);
                settled += 1;
            }
        }
        if settled == before {
            return None;
        }
    }
    ends.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn lengths(steps: &serde_json::Value) -> Option<Lengths> {
        let answer: Answer = serde_json::from_value(json!({ "status": "ok", "steps": steps })).unwrap();
        answer.lengths()
    }

    #[test]
    fn three_steps_and_a_join() {
        let found = lengths(&json!([
            { "name": "a", "elapsed_ms": 800.0, "needs": [] },
            { "name": "b", "elapsed_ms": 700.0, "needs": [] },
            { "name": "c", "elapsed_ms": 750.0, "needs": [] },
            { "name": "join", "elapsed_ms": 50.0, "needs": ["a", "b", "c"], "start_ms": 801.0 },
        ]))
        .unwrap();
        assert_eq!(found, Lengths { sum_ms: 2_300.0, critical_path_ms: 850.0 });
        assert!((found.ideal() - 2.7059).abs() < 1e-4);
    }

    #[test]
    fn a_step_done_for_a_list_counts_its_entries() {
        let found = lengths(&json!([
            { "name": "each", "elapsed_ms": 20, "busy_ms": 50, "longest_ms": 10, "needs": [] },
            { "name": "join", "elapsed_ms": 5, "needs": ["each"] },
        ]));
        assert_eq!(found, Some(Lengths { sum_ms: 55.0, critical_path_ms: 15.0 }));
    }

    #[test]
    fn the_order_of_steps_does_not_matter() {
        let found = lengths(&json!([
            { "name": "last", "elapsed_ms": 1, "needs": ["middle"] },
            { "name": "middle", "elapsed_ms": 2, "needs": ["first"] },
            { "name": "first", "elapsed_ms": 3, "needs": [] },
        ]));
        assert_eq!(found, Some(Lengths { sum_ms: 6.0, critical_path_ms: 6.0 }));
    }

    #[test]
    fn a_trace_that_does_not_tell_gives_nothing() {
        let none = [
            json!([]),
            json!([{ "name": "a", "elapsed_ms": 1.0 }]),
            json!([{ "name": "a", "needs": [] }]),
            json!([{ "name": "a", "elapsed_ms": 0.0, "needs": [] }]),
            json!([{ "name": "a", "elapsed_ms": -1.0, "needs": [] }]),
            json!([{ "name": "a", "elapsed_ms": 1.0, "needs": ["nobody"] }]),
            json!([{ "name": "a", "elapsed_ms": 1.0, "needs": ["a"] }]),
            json!([{ "name": "a", "elapsed_ms": 1.0, "needs": [] }, { "name": "a", "elapsed_ms": 2.0, "needs": [] }]),
        ];
        for steps in none {
            assert_eq!(lengths(&steps), None, "{steps}");
        }
    }

    #[test]
    fn reads_an_error_and_ignores_what_it_does_not_know() {
        let text =
            r#"{"status":"error","error":"step web failed","result":null,"metadata":{"elapsed_ms":3}}"#;
        let answer: Answer = serde_json::from_str(text).unwrap();
        assert_eq!((answer.status.as_str(), answer.error.as_deref()), ("error", Some("step web failed")));
    }

    proptest! {
        /// Whatever the graph, the path is no longer than the sum and no shorter than the longest step.
        #[test]
        fn the_critical_path_lies_between_longest_step_and_sum(
            steps in prop::collection::vec((1_u32..1_000, prop::collection::vec(any::<prop::sample::Index>(), 0..3)), 1..12)
        ) {
            let rows: Vec<_> = steps.iter().enumerate().map(|(place, (took, needs))| {
                let needs: Vec<String> =
                    needs.iter().filter(|_| place > 0).map(|need| format!("s{}", need.index(place.max(1)))).collect();
                json!({ "name": format!("s{place}"), "elapsed_ms": took, "needs": needs })
            }).collect();
            let found = lengths(&json!(rows)).unwrap();
            let longest = steps.iter().map(|(took, _)| f64::from(*took)).fold(0.0, f64::max);
            prop_assert!(longest <= found.critical_path_ms && found.critical_path_ms <= found.sum_ms);
            prop_assert!(found.ideal() >= 1.0);
        }
    }
}
