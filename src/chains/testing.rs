//! Runs in simulated time with known figures.

use std::sync::Arc;

use futures_util::StreamExt as _;
use serde_json::json;
use weir_chains::{
    Catalog, DisabledHttp, Effects, ExecutionMode, Plan, RunEvent, RunOptions, TimeScale, TokenEvents,
};
use weir_pace::Seed;
use weir_server::SimulatedLlm;

use super::{
    session::{Finished, RunEnd},
    step_timeline::StepTimeline,
};

pub(super) const PARALLEL: ExecutionMode = ExecutionMode::Parallel { at_once: None };

/// Returns the only chain of a TOML text.
pub(super) fn plan(source: &str) -> Arc<Plan> {
    Arc::clone(Catalog::parse(source, "mine.toml").unwrap().iter().next().unwrap())
}

/// Runs `plan` to its end, or to the end of the step `until`.
pub(super) fn run(plan: &Arc<Plan>, mode: ExecutionMode, until: Option<&str>) -> Finished {
    weir_pace::simulate(async |clock| {
        let (time_scale, seed) = (TimeScale::REAL, Seed::new(1));
        let options = RunOptions { mode, timeout: None, time_scale, seed, tokens: TokenEvents::Disabled };
        let models = weir_model::Catalog::default();
        let llm = Arc::new(SimulatedLlm::new(models, seed, time_scale, clock.clone()));
        let start = clock.now();
        let effects = Effects { llm, http: Arc::new(DisabledHttp), chains: Arc::default() };
        let mut run = weir_chains::run(Arc::clone(plan), json!({}), options, effects, clock.clone());
        let mut timeline = StepTimeline::default();
        loop {
            let event = run.next().await.unwrap();
            timeline.record(&event);
            let end = match event {
                RunEvent::RunFinished(outcome) => RunEnd::Ended(outcome),
                RunEvent::StepFinished(trace) if until == Some(trace.step.name()) => {
                    RunEnd::Interrupted(clock.now() - start)
                }
                _ => continue,
            };
            return Finished { mode, timeline, end };
        }
    })
}
