//! Runs of one chain, one after the other, until the process is asked to end.

use std::{sync::Arc, time::Duration};

use futures_util::StreamExt as _;
use serde_json::Value;
use weir_chains::{
    Catalog, DisabledHttp, Effects, ExecutionMode, Llm, Plan, RunEvent, RunOptions, RunOutcome, TimeScale,
    TokenEvents,
};
use weir_pace::{Clock, Seed};

use super::{step_timeline::StepTimeline, watch::Watch};
use crate::system::EndRequests;

/// Time between two looks at a run that is shown.
const REFRESH: Duration = Duration::from_millis(50);

/// What all runs have in common.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) plan: Arc<Plan>,
    /// Those that its `chain` steps run.
    pub(super) chains: Arc<Catalog>,
    pub(super) input: Value,
    pub(super) time_scale: TimeScale,
    pub(super) clock: Clock,
    pub(super) watch: Watch,
    pub(super) end_requests: EndRequests,
}

/// The parameters of one run.
#[derive(Debug)]
pub(super) struct RunRequest {
    pub(super) title: String,
    pub(super) mode: ExecutionMode,
    pub(super) seed: Seed,
    /// The expected duration, including the time scale.
    pub(super) expected: Duration,
}

/// A finished run.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) mode: ExecutionMode,
    pub(super) timeline: StepTimeline,
    pub(super) end: RunEnd,
}

/// How a run ended.
#[derive(Debug)]
pub(super) enum RunEnd {
    /// The run ended by itself, successfully or not.
    Ended(Arc<RunOutcome>),
    /// The process was interrupted at this offset from the start of the run.
    Interrupted(Duration),
}

impl Session {
    /// Runs the chain; dropping the future cancels the run.
    pub(super) async fn run(&mut self, order: RunRequest, llm: Arc<dyn Llm>) -> Finished {
        let options = RunOptions {
            mode: order.mode,
            timeout: None,
            time_scale: self.time_scale,
            seed: order.seed,
            tokens: TokenEvents::Disabled,
        };
        let view = self.watch.begin(order.title, order.expected);
        let mut timeline = StepTimeline::default();
        let start = self.clock.now();
        let effects = Effects { llm, http: Arc::new(DisabledHttp), chains: Arc::clone(&self.chains) };
        let (plan, input) = (Arc::clone(&self.plan), self.input.clone());
        let mut run = weir_chains::run(plan, input, options, effects, self.clock.clone());
        let end = loop {
            tokio::select! {
                event = run.next() => {
                    let Some(event) = event else { break RunEnd::Interrupted(self.clock.now() - start) };
                    timeline.record(&event);
                    view.print_event(&event);
                    if let RunEvent::RunFinished(outcome) = event {
                        break RunEnd::Ended(outcome);
                    }
                }
                () = self.end_requests.next() => break RunEnd::Interrupted(self.clock.now() - start),
                () = self.clock.sleep(REFRESH) => view.refresh(&timeline, self.clock.now() - start),
            }
        };
        Finished { mode: order.mode, timeline, end }
    }
}
