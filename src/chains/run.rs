//! `weir chains run`: runs a chain without a server.

use std::{num::NonZeroUsize, ops::RangeInclusive, sync::Arc, time::Duration};

use anyhow::{Context as _, ensure};
use weir_chains::{ExecutionMode, Plan, TimeScale};
use weir_model::Catalog;
use weir_pace::{Clock, Seed, TimerConfig};
use weir_server::SimulatedLlm;

use super::{
    compare::Comparison,
    expectation::Expectation,
    input, named,
    report::order_of_steps,
    session::{RunRequest, Session},
    watch::{Detail, Watch},
};
use crate::{
    catalogs::Sources,
    exit::{Exit, Failure, Outcome},
    output,
    system::EndRequests,
};

/// Run a chain locally, without a server, with the simulated models.
///
/// Exit codes: 0 completed; 1 failed or timed out; 2 usage; 130 interrupted. The steps so far are always printed.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Name of the chain.
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    sources: Sources,
    /// Input as a JSON object.
    #[arg(long, value_name = "JSON", conflicts_with = "text")]
    input: Option<String>,
    /// Input {"text": TEXT}.
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
    /// Start each step as soon as its inputs are ready.
    #[arg(long)]
    parallel: bool,
    /// Run at most N steps in parallel.
    #[arg(long, value_name = "N", conflicts_with = "parallel")]
    at_once: Option<NonZeroUsize>,
    /// Run the chain sequentially and in parallel, alternately, and compare.
    #[arg(long)]
    compare: bool,
    /// Number of runs per mode with --compare.
    #[arg(long, value_name = "N", requires = "compare", default_value_t = 3,
          value_parser = clap::value_parser!(u32).range(1..=PAIRS_MAX))]
    pairs: u32,
    /// Multiply all simulated delays by X, 0 to 100: 0.1 makes them ten times shorter.
    #[arg(long, value_name = "X", default_value_t = 1.0, allow_negative_numbers = true)]
    time_scale: f64,
    /// Random seed: the same seed repeats texts and delays.
    #[arg(long, value_name = "N", default_value_t = 42)]
    seed: u64,
}

/// The bounds of `weir serve`: beyond them, figures are meaningless or a run never ends.
const TIME_SCALE: RangeInclusive<f64> = 0.0..=100.0;
/// More pairs than this are a load, which `weir load` measures.
const PAIRS_MAX: i64 = 1_000;

pub(super) fn run(args: &Args) -> Outcome {
    let setup = Setup::build(args).map_err(Failure::usage)?;
    // All timers of a clock need; no thread of its own disturbs the measurement.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.context("cannot start").map_err(Failure::usage)?;
    runtime.block_on(async {
        let (mut session, llm) = setup.session(args).map_err(Failure::usage)?;
        if args.compare {
            setup.compare(&mut session, &llm, args.pairs).await
        } else {
            setup.once(&mut session, llm).await
        }
    })
}

fn check_time_scale(scale: f64) -> anyhow::Result<TimeScale> {
    let (low, high) = (TIME_SCALE.start(), TIME_SCALE.end());
    ensure!(
        TIME_SCALE.contains(&scale),
        "--time-scale: expected a factor from {low} to {high}, found {scale}"
    );
    Ok(TimeScale::try_from(scale)?)
}

/// The checked arguments.
struct Setup {
    plan: Arc<Plan>,
    chains: Arc<weir_chains::Catalog>,
    models: Catalog,
    input: serde_json::Value,
    mode: ExecutionMode,
    time_scale: TimeScale,
    seed: Seed,
    /// The expected durations: sequentially, and in the requested mode.
    expected: [Duration; 2],
}

impl Setup {
    fn build(args: &Args) -> anyhow::Result<Self> {
        let input = input::read(args.input.as_deref(), args.text.as_deref())?;
        let time_scale = check_time_scale(args.time_scale)?;
        let chains = args.sources.chains()?;
        let models = args.sources.models()?;
        let plan = named::chain(&chains, &args.name)?;
        let mode = match (args.parallel || args.compare, args.at_once) {
            (_, Some(at_once)) => ExecutionMode::Parallel { at_once: Some(at_once) },
            (true, None) => ExecutionMode::Parallel { at_once: None },
            (false, None) => ExecutionMode::Sequential,
        };
        let expectation = Expectation::new(&plan, &models)?;
        let scaled = |mode| expectation.wall(mode).as_secs_f64() * time_scale.factor();
        let expected = [ExecutionMode::Sequential, mode]
            .map(|mode| Duration::try_from_secs_f64(scaled(mode)).unwrap_or(Duration::MAX));
        let (chains, seed) = (Arc::new(chains), Seed::new(args.seed));
        Ok(Self { plan, chains, models, input, mode, time_scale, seed, expected })
    }

    /// On the current runtime.
    fn session(&self, args: &Args) -> anyhow::Result<(Session, SimulatedLlm)> {
        let clock = Clock::start(TimerConfig::default())?;
        let llm = SimulatedLlm::new(self.models.clone(), self.seed, self.time_scale, clock.clone());
        let detail = if args.compare { Detail::Runs } else { Detail::Steps };
        let session = Session {
            plan: Arc::clone(&self.plan),
            chains: Arc::clone(&self.chains),
            input: self.input.clone(),
            time_scale: self.time_scale,
            clock,
            watch: Watch::new(detail),
            end_requests: EndRequests::listen(),
        };
        Ok((session, llm))
    }

    async fn once(&self, session: &mut Session, llm: SimulatedLlm) -> Outcome {
        let [_, expected] = self.expected;
        let title = format!("{}, {}", self.plan.name(), order_of_steps(self.mode));
        let order = RunRequest { title, mode: self.mode, seed: self.seed, expected };
        let finished = session.run(order, Arc::new(llm)).await;
        output::print(&finished.text(&self.plan))?;
        Ok(finished.exit())
    }

    /// Pairs of runs, each pair with the same delays in both; whatever does not complete ends the comparison.
    async fn compare(&self, session: &mut Session, llm: &SimulatedLlm, pairs: u32) -> Outcome {
        let mut comparison = Comparison::new(&self.plan, self.mode);
        for pair in 0..pairs {
            let seed = self.seed.derive(pair.into());
            for mode in comparison.turns(pair) {
                let [sequential, parallel] = self.expected;
                let expected = if mode == ExecutionMode::Sequential { sequential } else { parallel };
                let title =
                    format!("pair {} of {pairs}, {}: {}", pair + 1, self.plan.name(), order_of_steps(mode));
                let order = RunRequest { title, mode, seed, expected };
                let finished = session.run(order, Arc::new(llm.with_seed(seed))).await;
                let exit = finished.exit();
                if exit != Exit::Passed {
                    output::print(&format!(
                        "{}\n{}",
                        finished.chart(&self.plan, finished.wall()),
                        comparison.text()
                    ))?;
                    return Ok(exit);
                }
                comparison.add(finished);
            }
        }
        output::print(&comparison.text())?;
        Ok(Exit::Passed)
    }
}
