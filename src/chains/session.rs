//! Runs of one chain, one after the other, until the process is asked to end.

use std::{sync::Arc, time::Duration};

use futures_util::StreamExt as _;
use serde_json::Value;
use weir_chains::{
    Catalog, DisabledHttp, Effects, ExecutionMode, Llm, Plan, RunEvent, RunOptions, RunOutcome, TimeScale,
    TokenEvents,
};
use weir_pace::{Clock, Seed};

use super::{board::Board, watch::Watch};
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

/// What one run is.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) title: String,
    pub(super) mode: ExecutionMode,
    pub(super) seed: Seed,
    /// How long it should take, the time scale considered.
    pub(super) expected: Duration,
}

/// What is known of a run that is over.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) mode: ExecutionMode,
    pub(super) board: Board,
    pub(super) end: RunEnd,
}

/// Why a run is over.
#[derive(Debug)]
pub(super) enum RunEnd {
    /// It ended by itself, well or not.
    Ended(Arc<RunOutcome>),
    /// The process was asked to end, so long after the start of the run.
    Interrupted(Duration),
}

impl Session {
    /// Runs the chain; dropped with the run is whatever it was doing.
    pub(super) async fn run(&mut self, order: Order, llm: Arc<dyn Llm>) -> Finished {
        let options = RunOptions {
            mode: order.mode,
            timeout: None,
            time_scale: self.time_scale,
            seed: order.seed,
            tokens: TokenEvents::Disabled,
        };
        let view = self.watch.begin(order.title, order.expected);
        let mut board = Board::default();
        let start = self.clock.now();
        let effects = Effects { llm, http: Arc::new(DisabledHttp), chains: Arc::clone(&self.chains) };
        let (plan, input) = (Arc::clone(&self.plan), self.input.clone());
        let mut run = weir_chains::run(plan, input, options, effects, self.clock.clone());
        let end = loop {
            tokio::select! {
                event = run.next() => {
                    let Some(event) = event else { break RunEnd::Interrupted(self.clock.now() - start) };
                    board.note(&event);
                    view.tell(&event);
                    if let RunEvent::RunFinished(outcome) = event {
                        break RunEnd::Ended(outcome);
                    }
                }
                () = self.end_requests.next() => break RunEnd::Interrupted(self.clock.now() - start),
                () = self.clock.sleep(REFRESH) => view.refresh(&board, self.clock.now() - start),
            }
        };
        Finished { mode: order.mode, board, end }
    }
}
