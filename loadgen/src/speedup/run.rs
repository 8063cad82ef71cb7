//! The driver: block after block, on one thread.

use std::num::NonZeroUsize;
use std::time::{Instant, SystemTime};

use bytes::Bytes;
use futures_util::future::join_all;
use tokio::runtime::Builder;
use weir_pace::{Clock, TimerConfig};
use weir_wire::{Client, Connection, Request, Target, Timer};

use super::exchange::{self, Run};
use super::options::{SpeedupError, SpeedupOptions};
use super::order::abba;
use super::tally::Tally;
use crate::record::Problem;
use crate::run::Control;
use weir_results::{Arm, Block, EndReason, SpeedupRun, SpeedupSummary, utc_label};

/// How far a measurement has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpeedupProgress {
    /// Blocks that have ended.
    pub blocks_done: u32,
    /// Blocks that there will be.
    pub blocks: u32,
}

/// Runs a chain sequentially and in parallel, in interleaved blocks, and compares.
///
/// `input` is the JSON body of each run. One block in parallel goes before the others, unmeasured: it opens the
/// connections and shows that the target runs the chain at all. `on_block` is called after each
/// of the others. Returns when all is measured; a stop or a target that dies ends it early, with what was measured.
///
/// # Errors
/// When the options are out of range, or none of the first block's runs succeeds.
pub fn run_speedup(
    target: &Target,
    chain: &str,
    input: &serde_json::Value,
    options: &SpeedupOptions,
    stop: &Control,
    on_block: impl FnMut(SpeedupProgress),
) -> Result<SpeedupSummary, SpeedupError> {
    options.check()?;
    let runtime = Builder::new_current_thread().enable_all().build().map_err(SpeedupError::Runtime)?;
    runtime.block_on(async {
        let clock = Clock::start(TimerConfig { shards: NonZeroUsize::MIN, ..TimerConfig::default() })?;
        let timer = move |at: Instant| clock.sleep_until(at);
        let client = Client::new(target.clone(), options.client.clone(), timer)?;
        let mut arms = Arms::new(&client, chain, input, options)?;
        compare(&mut arms, options, stop, on_block).await
    })
}

/// What is needed to run a block of either arm.
struct Arms<T: Timer> {
    target: String,
    chain: String,
    connections: Vec<Connection<T>>,
    sequential: Request,
    parallel: Request,
}

/// How a block came out.
enum Outcome {
    Ended(Vec<Result<Run, Problem>>),
    Interrupted,
}

impl<T: Timer> Arms<T> {
    fn new(
        client: &Client<T>,
        chain: &str,
        input: &serde_json::Value,
        options: &SpeedupOptions,
    ) -> Result<Self, SpeedupError> {
        let invalid = || SpeedupError::ChainName { name: chain.to_owned() };
        let is_name = |character: char| character.is_ascii_alphanumeric() || "_-.".contains(character);
        if chain.is_empty() || !chain.chars().all(is_name) {
            return Err(invalid());
        }
        let path = client.target().join(&format!("/api/chains/{chain}")).map_err(|_| invalid())?;
        let body = Bytes::from(input.to_string());
        let request = |arm| exchange::request(arm, path.clone(), &options.headers, body.clone());
        Ok(Self {
            target: client.target().to_string(),
            chain: chain.to_owned(),
            connections: (0..options.at_once).map(|_| client.connection()).collect(),
            sequential: request(Arm::Sequential),
            parallel: request(Arm::Parallel),
        })
    }

    /// One run on each connection, all started together.
    async fn block(&mut self, arm: Arm, stop: &Control) -> Outcome {
        let request = match arm {
            Arm::Sequential => &self.sequential,
            Arm::Parallel => &self.parallel,
        };
        let runs =
            self.connections.iter_mut().map(|connection| exchange::exchange(connection, request.clone()));
        tokio::select! {
            biased;
            () = stop.stopped() => Outcome::Interrupted,
            outcomes = join_all(runs) => Outcome::Ended(outcomes),
        }
    }

    /// `Err` unless at least one of the first runs succeeded.
    fn check_first(&self, outcomes: Vec<Result<Run, Problem>>) -> Result<(), SpeedupError> {
        if outcomes.iter().any(Result::is_ok) {
            return Ok(());
        }
        let Some(problem) = outcomes.into_iter().find_map(Result::err) else { return Ok(()) };
        let (target, reason) = (self.target.clone(), problem.detail);
        if problem.kind.is_unreachable() {
            return Err(SpeedupError::Unreachable { target, reason });
        }
        Err(SpeedupError::Refused { target, chain: self.chain.clone(), reason })
    }
}

async fn compare<T: Timer>(
    arms: &mut Arms<T>,
    options: &SpeedupOptions,
    stop: &Control,
    mut on_block: impl FnMut(SpeedupProgress),
) -> Result<SpeedupSummary, SpeedupError> {
    let (began, label) = (Instant::now(), utc_label(SystemTime::now()));
    let mut tally = Tally::default();
    let mut pairs = Vec::new();
    let mut ended = EndReason::Requests;
    let mut progress = SpeedupProgress { blocks_done: 0, blocks: options.pairs * 2 };
    match arms.block(Arm::Parallel, stop).await {
        Outcome::Ended(outcomes) => arms.check_first(outcomes)?,
        Outcome::Interrupted => ended = EndReason::Interrupted,
    }
    for order in abba(options.pairs, options.seed) {
        if ended != EndReason::Requests {
            break;
        }
        let mut pair = order.map(Block::new);
        let mut unreachable = true;
        for block in &mut pair {
            let Outcome::Ended(outcomes) = arms.block(block.arm, stop).await else {
                ended = EndReason::Interrupted;
                break;
            };
            unreachable &= outcomes.iter().all(is_unreachable);
            tally.add(block, outcomes);
            progress.blocks_done += 1;
            on_block(progress);
        }
        // A whole pair without one connection: the rest would be no different.
        if unreachable && ended == EndReason::Requests {
            ended = EndReason::TargetDead;
        }
        pairs.push(pair);
    }
    let circumstances = SpeedupRun {
        chain: arms.chain.clone(),
        target: arms.target.clone(),
        started: label,
        seed: options.seed.get(),
        time_scale: options.time_scale,
        at_once: options.at_once,
        pairs_planned: options.pairs,
        run_s: began.elapsed().as_secs_f64(),
        ended,
        failures: tally.failures,
        wall_error: tally.wall_error,
    };
    Ok(SpeedupSummary::of(&pairs, circumstances))
}

fn is_unreachable(outcome: &Result<Run, Problem>) -> bool {
    outcome.as_ref().is_err_and(|problem| problem.kind.is_unreachable())
}

#[cfg(test)]
mod tests;
