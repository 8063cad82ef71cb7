//! The sum of the steps of a run, and its critical path, from its trace.
//!
//! Both are computed from the answer alone, so the load generator shares no mistake with its target.

use std::collections::HashMap;

use serde::Deserialize;
use weir_results::Lengths;

/// The largest number of steps; the trace of a longer answer is ignored.
const STEPS_MAX: usize = 1_000;

/// The answer of `POST /api/chains/{chain}`. Other fields are ignored.
#[derive(Debug, Deserialize)]
pub(super) struct Answer {
    pub(super) status: String,
    #[serde(default)]
    pub(super) error: Option<String>,
    #[serde(default)]
    steps: Vec<Step>,
}

/// A step of the trace. Another backend than Weir may leave out any field.
#[derive(Debug, Deserialize)]
struct Step {
    #[serde(default)]
    name: String,
    elapsed_ms: Option<f64>,
    /// The sum over all entries of a step that runs for each entry of a list.
    busy_ms: Option<f64>,
    /// The longest of these entries.
    longest_ms: Option<f64>,
    needs: Option<Vec<String>>,
}

impl Step {
    /// Returns the duration in a sequential run, in milliseconds.
    fn sequential_ms(&self) -> Option<f64> {
        valid(self.busy_ms.or(self.elapsed_ms))
    }

    /// Returns the shortest duration in a parallel run, in milliseconds.
    fn parallel_ms(&self) -> Option<f64> {
        valid(self.longest_ms.or(self.elapsed_ms))
    }
}

fn valid(ms: Option<f64>) -> Option<f64> {
    ms.filter(|ms| ms.is_finite() && *ms >= 0.0)
}

impl Answer {
    /// Returns `None` if the trace is incomplete or not valid: no steps, a step without duration or needs, an unknown
    /// need, a cycle, or no step that took time.
    pub(super) fn lengths(&self) -> Option<Lengths> {
        if self.steps.is_empty() || self.steps.len() > STEPS_MAX {
            return None;
        }
        let ends = path_ends(&self.steps)?;
        let critical_path_ms = ends.into_iter().fold(0.0, f64::max);
        let sum_ms = self.steps.iter().filter_map(Step::sequential_ms).sum();
        (critical_path_ms > 0.0).then_some(Lengths { sum_ms, critical_path_ms })
    }
}

/// Returns for each step the length of the longest path that ends with it.
fn path_ends(steps: &[Step]) -> Option<Vec<f64>> {
    let mut indices: HashMap<&str, usize> = HashMap::new();
    for (index, step) in steps.iter().enumerate() {
        if indices.insert(&step.name, index).is_some() {
            return None;
        }
    }
    let mut ends: Vec<Option<f64>> = vec![None; steps.len()];
    let mut settled = 0;
    while settled < steps.len() {
        let before = settled;
        for (index, step) in steps.iter().enumerate() {
            if ends.get(index)?.is_some() {
                continue;
            }
            let duration = step.parallel_ms()?;
            let mut start = Some(0.0_f64);
            for need in step.needs.as_ref()? {
                let end = *ends.get(*indices.get(need.as_str())?)?;
                start = start.zip(end).map(|(start, end)| start.max(end));
            }
            if let Some(start) = start {
                *ends.get_mut(index)? = Some(start + duration);
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
    fn lengths_three_steps_and_join_gives_sum_and_critical_path() {
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
    fn lengths_step_over_list_counts_its_entries() {
        let found = lengths(&json!([
            { "name": "each", "elapsed_ms": 20, "busy_ms": 50, "longest_ms": 10, "needs": [] },
            { "name": "join", "elapsed_ms": 5, "needs": ["each"] },
        ]));
        assert_eq!(found, Some(Lengths { sum_ms: 55.0, critical_path_ms: 15.0 }));
    }

    #[test]
    fn lengths_steps_in_any_order_are_equal() {
        let found = lengths(&json!([
            { "name": "last", "elapsed_ms": 1, "needs": ["middle"] },
            { "name": "middle", "elapsed_ms": 2, "needs": ["first"] },
            { "name": "first", "elapsed_ms": 3, "needs": [] },
        ]));
        assert_eq!(found, Some(Lengths { sum_ms: 6.0, critical_path_ms: 6.0 }));
    }

    #[test]
    fn lengths_invalid_trace_is_none() {
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
    fn deserialize_error_answer_ignores_unknown_fields() {
        let text =
            r#"{"status":"error","error":"step web failed","result":null,"metadata":{"elapsed_ms":3}}"#;
        let answer: Answer = serde_json::from_str(text).unwrap();
        assert_eq!((answer.status.as_str(), answer.error.as_deref()), ("error", Some("step web failed")));
    }

    proptest! {
        /// In every graph, the critical path is at most the sum and at least the longest step.
        #[test]
        fn lengths_critical_path_lies_between_longest_step_and_sum(
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
