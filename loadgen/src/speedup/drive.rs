//! The driver: block after block, on one thread.

use std::fmt;
use std::num::NonZeroUsize;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_util::future::join_all;
use tokio::runtime::Builder;
use weir_pace::{Clock, TimerConfig};
use weir_wire::{Request, Target};

use super::chain_run::{ChainRun, chain_request, run_chain};
use super::options::{SpeedupError, SpeedupOptions};
use super::order::abba;
use super::tally::Tally;
use crate::record::Problem;
use crate::redact::{Redaction, Redactor, secrets_of_headers};
use crate::run::{BodyBudget, Control, HttpTransport, Transport};
use weir_results::{Arm, Block, EndReason, SpeedupRun, SpeedupSummary, utc_label};

/// The progress of a measurement.
#[derive(Clone, Copy)]
pub struct SpeedupProgress<'a> {
    /// Blocks that have ended.
    pub blocks_done: u32,
    /// Blocks in all.
    pub blocks: u32,
    so_far: &'a dyn Fn() -> SpeedupSummary,
}

impl SpeedupProgress<'_> {
    /// Returns the summary of the pairs before the current one, as of a measurement that was cut short.
    #[must_use]
    pub fn summary(&self) -> SpeedupSummary {
        (self.so_far)()
    }
}

impl fmt::Debug for SpeedupProgress<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SpeedupProgress({} of {})", self.blocks_done, self.blocks)
    }
}

/// Runs a chain sequentially and in parallel, in interleaved blocks, and compares.
///
/// `input` is the JSON body of each run. An unmeasured parallel block comes first: it opens the connections and shows
/// that the target runs the chain. `on_block` is called after each of the others. A stop or a target that dies ends the
/// measurement early, with the results so far.
///
/// # Errors
/// Fails if an option is out of range, or if no run of the first block succeeds.
pub fn run_speedup(
    target: &Target,
    chain: &str,
    input: &serde_json::Value,
    options: &SpeedupOptions,
    stop: &Control,
    on_block: impl FnMut(SpeedupProgress<'_>),
) -> Result<SpeedupSummary, SpeedupError> {
    options.check()?;
    let runtime = Builder::new_current_thread().enable_all().build().map_err(SpeedupError::Runtime)?;
    let started = utc_label(SystemTime::now());
    runtime.block_on(async {
        let clock = Clock::start(TimerConfig { shards: NonZeroUsize::MIN, ..TimerConfig::default() })?;
        let transport = HttpTransport::new(target, &options.client, &clock)?;
        let arms = Arms::new(&transport, target, chain, input, options)?;
        compare(arms, &clock, started, options, stop, on_block).await
    })
}

/// What it takes to run a block of either arm.
pub(super) struct Arms<T: Transport> {
    target: String,
    chain: String,
    connections: Vec<T::Connection>,
    budget: BodyBudget,
    redactor: Redactor,
    sequential: Request,
    parallel: Request,
}

/// The outcome of a block.
enum BlockOutcome {
    Ended(Vec<Result<ChainRun, Problem>>),
    Interrupted,
}

impl<T: Transport> Arms<T> {
    /// # Errors
    /// Fails if the name is not that of a chain.
    pub(super) fn new(
        transport: &T,
        target: &Target,
        chain: &str,
        input: &serde_json::Value,
        options: &SpeedupOptions,
    ) -> Result<Self, SpeedupError> {
        let invalid = || SpeedupError::ChainName { name: chain.to_owned() };
        let is_name = |character: char| character.is_ascii_alphanumeric() || "_-.".contains(character);
        if chain.is_empty() || !chain.chars().all(is_name) {
            return Err(invalid());
        }
        let path = target.join(&format!("/api/chains/{chain}")).map_err(|_| invalid())?;
        let body = Bytes::from(input.to_string());
        let request = |arm| chain_request(arm, path.clone(), &options.headers, body.clone());
        Ok(Self {
            target: target.to_string(),
            chain: chain.to_owned(),
            connections: (0..options.at_once).map(|_| transport.connection()).collect(),
            budget: BodyBudget::default(),
            redactor: Redactor::new(secrets_of_headers(&options.headers)),
            sequential: request(Arm::Sequential),
            parallel: request(Arm::Parallel),
        })
    }

    /// Returns what removes the secrets of the requests from the texts of failures.
    fn redaction(&self) -> Redaction<'_> {
        Redaction::new(&self.redactor, None)
    }

    /// Runs the chain once on each connection, all started together.
    async fn block(&mut self, arm: Arm, stop: &Control) -> BlockOutcome {
        let request = match arm {
            Arm::Sequential => &self.sequential,
            Arm::Parallel => &self.parallel,
        };
        let budget = &self.budget;
        let runs = self.connections.iter_mut().map(|connection| run_chain(connection, request, budget));
        tokio::select! {
            biased;
            () = stop.stopped() => BlockOutcome::Interrupted,
            outcomes = join_all(runs) => BlockOutcome::Ended(outcomes),
        }
    }

    /// Returns what the summary of these arms needs in addition to the pairs of blocks.
    fn run(
        &self,
        options: &SpeedupOptions,
        started: &str,
        run_time: Duration,
        ended: EndReason,
        tally: &Tally,
    ) -> SpeedupRun {
        SpeedupRun {
            chain: self.chain.clone(),
            target: self.target.clone(),
            started: started.to_owned(),
            seed: options.seed.get(),
            time_scale: options.time_scale,
            at_once: options.at_once,
            pairs_planned: options.pairs,
            run_s: run_time.as_secs_f64(),
            ended,
            failures: tally.failures.clone(),
            wall_error: tally.wall_error.clone(),
        }
    }

    /// Fails unless at least one of the first runs succeeded.
    fn check_first(&self, outcomes: Vec<Result<ChainRun, Problem>>) -> Result<(), SpeedupError> {
        if outcomes.iter().any(Result::is_ok) {
            return Ok(());
        }
        let Some(problem) = outcomes.into_iter().find_map(Result::err) else { return Ok(()) };
        let (target, reason) = (self.target.clone(), problem.example(self.redaction()).into());
        if problem.kind.is_unreachable() {
            return Err(SpeedupError::Unreachable { target, reason });
        }
        Err(SpeedupError::Refused { target, chain: self.chain.clone(), reason })
    }
}

/// Runs all blocks; `started` labels the summary.
pub(super) async fn compare<T: Transport>(
    mut arms: Arms<T>,
    clock: &Clock,
    started: String,
    options: &SpeedupOptions,
    stop: &Control,
    mut on_block: impl FnMut(SpeedupProgress<'_>),
) -> Result<SpeedupSummary, SpeedupError> {
    let epoch = clock.now();
    let (mut tally, mut pairs) = (Tally::default(), Vec::new());
    let mut ended = EndReason::Requests;
    let mut blocks_done = 0;
    match arms.block(Arm::Parallel, stop).await {
        BlockOutcome::Ended(outcomes) => arms.check_first(outcomes)?,
        BlockOutcome::Interrupted => ended = EndReason::Interrupted,
    }
    for order in abba(options.pairs, options.seed) {
        if ended != EndReason::Requests {
            break;
        }
        let mut pair = order.map(Block::new);
        let mut unreachable = true;
        for block in &mut pair {
            let BlockOutcome::Ended(outcomes) = arms.block(block.arm, stop).await else {
                ended = EndReason::Interrupted;
                break;
            };
            unreachable &= outcomes.iter().all(is_unreachable);
            tally.add(block, outcomes, arms.redaction());
            blocks_done += 1;
            let so_far = || {
                let run = arms.run(options, &started, clock.now() - epoch, EndReason::CutShort, &tally);
                SpeedupSummary::of(&pairs, run)
            };
            on_block(SpeedupProgress { blocks_done, blocks: options.pairs * 2, so_far: &so_far });
        }
        // Without a connection in a whole pair, the target is dead.
        if unreachable && ended == EndReason::Requests {
            ended = EndReason::TargetDead;
        }
        pairs.push(pair);
    }
    Ok(SpeedupSummary::of(&pairs, arms.run(options, &started, clock.now() - epoch, ended, &tally)))
}

fn is_unreachable(outcome: &Result<ChainRun, Problem>) -> bool {
    outcome.as_ref().is_err_and(|problem| problem.kind.is_unreachable())
}
