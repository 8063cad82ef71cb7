//! Failures and measurement errors over all blocks.

use std::collections::BTreeMap;

use super::chain_run::ChainRun;
use crate::record::Problem;
use crate::redact::Redaction;
use weir_results::{Block, FailureCount, SignedHistogram};

/// Failures and measurement errors so far.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) failures: BTreeMap<String, FailureCount>,
    pub(super) wall_error: SignedHistogram,
}

impl Tally {
    /// Adds the outcomes of a block's runs to the block and the tally.
    pub(super) fn add(
        &mut self,
        block: &mut Block,
        outcomes: Vec<Result<ChainRun, Problem>>,
        redaction: Redaction<'_>,
    ) {
        for outcome in outcomes {
            match outcome {
                Ok(run) => {
                    block.walls.push(run.wall);
                    block.traces.extend(run.lengths);
                    if let Some(delivered) = run.delivered {
                        self.wall_error.record(run.wall, delivered);
                    }
                }
                Err(problem) => self.add_failure(&problem, redaction),
            }
        }
    }

    fn add_failure(&mut self, problem: &Problem, redaction: Redaction<'_>) {
        let failure = self.failures.entry(problem.kind.to_string()).or_default();
        if failure.count == 0 {
            failure.example = problem.example(redaction).into();
        }
        failure.count += 1;
    }
}
