//! Properties of runs of arbitrary graphs, in simulated time.

use std::{collections::BTreeMap, fmt::Write as _};

use proptest::prelude::*;
use serde_json::json;
use weir_pace::simulate;

use super::*;
use crate::{
    ExecutionMode,
    testing::{FakeLlm, PARALLEL, at_once, effects, options, plan},
};

/// A graph: for each step, its duration in ms, its behavior, and its needs among the steps before it.
#[derive(Clone, Debug)]
struct Graph(Vec<(u64, StepBehavior, Vec<usize>)>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StepBehavior {
    Tool,
    Llm,
    FailingLlm,
}

impl Graph {
    fn plan(&self) -> Arc<Plan> {
        let mut source = String::new();
        for (index, (took, kind, needs)) in self.0.iter().enumerate() {
            let needs: Vec<String> = needs.iter().map(|need| format!("'s{need}'")).collect();
            let work = match kind {
                StepBehavior::Tool => format!("tool = {{ takes = '{took}ms' }}"),
                StepBehavior::Llm => {
                    format!("llm = {{ model = 'm', prompt = 'some words', total = '{took}ms' }}")
                }
                StepBehavior::FailingLlm => {
                    format!("llm = {{ model = 'm', prompt = 'FAIL', total = '{took}ms' }}")
                }
            };
            writeln!(source, "[chain.c.step.s{index}]\nneeds = [{}]\n{work}", needs.join(", ")).unwrap();
        }
        plan(&source)
    }

    /// The outcome, and how many calls are open when it is event_log.
    fn run(&self, mode: ExecutionMode, timeout: Option<Duration>) -> (Arc<RunOutcome>, usize) {
        let plan = self.plan();
        simulate(async |clock| {
            let llm = FakeLlm::new(&clock);
            let options = RunOptions { timeout, ..options(mode) };
            let mut run = run(plan, json!({}), options, effects(llm.clone()), clock);
            while run.next().await.is_some() {}
            let open = llm.open_calls();
            (run.outcome().await, open)
        })
    }

    /// Returns the sum of steps and the longest path, computed from the graph alone.
    fn lengths(&self) -> (Duration, Duration) {
        let mut ends: Vec<u64> = Vec::new();
        for (took, _, needs) in &self.0 {
            ends.push(took + needs.iter().map(|need| ends[*need]).max().unwrap_or(0));
        }
        let sum = self.0.iter().map(|(took, ..)| took).sum();
        (Duration::from_millis(sum), Duration::from_millis(ends.into_iter().max().unwrap_or(0)))
    }
}

fn graphs(kinds: impl Strategy<Value = StepBehavior> + Clone + 'static) -> impl Strategy<Value = Graph> {
    let step = (0_u64..200, kinds, prop::collection::vec(any::<prop::sample::Index>(), 0..4));
    prop::collection::vec(step, 1..24).prop_map(|steps| {
        let steps = steps.into_iter().enumerate().map(|(index, (took, kind, needs))| {
            let mut needs: Vec<usize> =
                needs.iter().filter(|_| index > 0).map(|need| need.index(index.max(1))).collect();
            needs.sort_unstable();
            needs.dedup();
            (took, kind, needs)
        });
        Graph(steps.collect())
    })
}

fn successful_graphs() -> impl Strategy<Value = Graph> {
    graphs(prop_oneof![Just(StepBehavior::Tool), Just(StepBehavior::Llm)])
}

fn modes() -> impl Strategy<Value = ExecutionMode> {
    prop_oneof![Just(ExecutionMode::Sequential), Just(PARALLEL), (1_usize..6).prop_map(at_once)]
}

fn cap(mode: ExecutionMode) -> usize {
    match mode {
        ExecutionMode::Sequential => 1,
        ExecutionMode::Parallel { at_once } => at_once.map_or(usize::MAX, std::num::NonZeroUsize::get),
    }
}

/// Returns the largest number of steps that ran at the same time; a step that ends frees its slot at once.
fn most_at_once(trace: &Trace) -> usize {
    let mut changes: BTreeMap<Duration, i64> = BTreeMap::new();
    for step in trace.steps.iter().filter(|step| !step.elapsed().is_zero()) {
        *changes.entry(step.started).or_default() += 1;
        *changes.entry(step.ended).or_default() -= 1;
    }
    let mut now = 0;
    changes
        .values()
        .map(|change| {
            now += change;
            now
        })
        .max()
        .unwrap_or(0)
        .try_into()
        .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn run_respects_order_and_cap(graph in successful_graphs(), mode in modes()) {
        let (outcome, open) = graph.run(mode, None);
        prop_assert!(matches!(outcome.status, RunStatus::Completed));
        prop_assert_eq!((outcome.trace.steps.len(), open), (graph.0.len(), 0));
        for step in &outcome.trace.steps {
            for need in step.step.needs() {
                prop_assert!(outcome.trace.steps[*need].ended <= step.started);
            }
        }
        prop_assert!(most_at_once(&outcome.trace) <= cap(mode));
    }

    #[test]
    fn run_duration_matches_graham_bound(graph in successful_graphs(), places in 1_u32..6) {
        let (sum, longest) = graph.lengths();
        let wall = |mode| graph.run(mode, None).0.trace.wall;
        prop_assert_eq!(wall(PARALLEL), longest);
        prop_assert_eq!(wall(ExecutionMode::Sequential), sum);
        // Graham's bound (1966): Σ/m + (1 − 1/m) × critical path.
        let bound = sum / places + longest * (places - 1) / places;
        let capped = wall(at_once(places as usize));
        prop_assert!(longest <= capped && capped <= bound + Duration::from_nanos(1), "{capped:?} of {bound:?}");
    }

    #[test]
    fn forecast_equals_run_duration(graph in graphs(Just(StepBehavior::Tool)), places in 1_u32..6) {
        let (sum, longest) = graph.lengths();
        let plan = graph.plan();
        let forecast = |mode| crate::forecast(&plan, mode, |step| step.expected().unwrap());
        for mode in [ExecutionMode::Sequential, PARALLEL, at_once(places as usize)] {
            prop_assert_eq!(forecast(mode), graph.run(mode, None).0.trace.wall);
        }
        let bound = sum / places + longest * (places - 1) / places;
        prop_assert!(forecast(at_once(places as usize)) <= bound + Duration::from_nanos(1));
    }

    #[test]
    fn trace_sum_and_critical_path_match_graph(graph in successful_graphs(), mode in modes()) {
        let (sum, longest) = graph.lengths();
        let (outcome, _) = graph.run(mode, None);
        let path = outcome.trace.critical_path();
        prop_assert_eq!((outcome.trace.sum_of_steps(), path.duration), (sum, longest));
        let of = |name: &Arc<str>| outcome.trace.steps.iter().find(|step| step.step.name() == name).unwrap();
        prop_assert_eq!(path.steps.iter().map(|name| of(name).elapsed()).sum::<Duration>(), longest);
        for pair in path.steps.windows(2) {
            prop_assert!(of(&pair[1]).step.need_names().contains(&pair[0]));
        }
    }

    #[test]
    fn failed_run_closes_calls(
        graph in graphs(prop_oneof![3 => Just(StepBehavior::Tool), 3 => Just(StepBehavior::Llm), 1 => Just(StepBehavior::FailingLlm)]),
        mode in modes(),
    ) {
        let (outcome, open) = graph.run(mode, None);
        let fails = graph.0.iter().any(|(_, kind, _)| *kind == StepBehavior::FailingLlm);
        prop_assert_eq!(matches!(outcome.status, RunStatus::Failed(_)), fails);
        prop_assert_eq!(open, 0);
        let failed = outcome.trace.steps.iter().filter(|step| matches!(step.status, StepStatus::Failed(_)));
        prop_assert_eq!(failed.count(), usize::from(fails));
        prop_assert!(outcome.trace.steps.iter().all(|step| step.ended <= outcome.trace.wall));
    }

    #[test]
    fn timed_out_run_keeps_completed_steps(graph in successful_graphs(), mode in modes(), after in 1_u64..400) {
        let after = Duration::from_millis(after);
        let whole = graph.run(mode, None).0;
        let (cut, open) = graph.run(mode, Some(after));
        prop_assert_eq!(open, 0);
        let completed = |trace: &Trace| -> Vec<Arc<str>> {
            let completed = trace.steps.iter().filter(|step| matches!(step.status, StepStatus::Completed));
            completed.filter(|step| step.ended < after).map(|step| Arc::clone(step.step.name())).collect()
        };
        prop_assert_eq!(completed(&cut.trace), completed(&whole.trace));
        prop_assert!(cut.trace.wall <= after);
        let (completes, times_out) = (whole.trace.wall < after, whole.trace.wall > after);
        prop_assert!(!completes || matches!(cut.status, RunStatus::Completed));
        prop_assert_eq!(times_out, matches!(cut.status, RunStatus::TimedOut { .. }));
    }
}
