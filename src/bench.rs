//! `weir bench`: the standard suite against a child server.

mod child;

use std::{path::PathBuf, time::Duration};

use anyhow::Context as _;
use weir_loadgen::{
    Control, Overrides, RunOptions, RunProgress, Scenario, SpeedupOptions, SpeedupProgress, Watch,
    run_speedup,
};
use weir_pace::Seed;
use weir_results::{Report, Summary};

use self::child::ServerChild;
use crate::{
    diagnostics,
    exit::{Exit, Failure, Outcome},
    output::{Folder, OlderReport, cut_short, new_report},
    progress::Progress,
    system,
};

/// Measure mixed load, streaming, and parallel versus sequential chain steps, in under a minute.
///
/// Starts a server on a free loopback port. Needs no setup.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Finish within 20 seconds: divide all simulated delays by four.
    #[arg(long)]
    quick: bool,
    /// Folder of the report [default: weir-out/bench-TIME].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace an older report in the folder of --out.
    #[arg(long)]
    force: bool,
    /// Random seed: the same seed repeats prompts and delays.
    #[arg(long, value_name = "N", default_value_t = 42)]
    seed: u64,
}

/// The durations of the parts of the suite.
#[derive(Clone, Copy, Debug)]
struct Plan {
    time_scale: f64,
    mix: Part,
    streams: Part,
    /// Pairs of sequential and parallel blocks.
    pairs: u32,
}

#[derive(Clone, Copy, Debug)]
struct Part {
    users: u64,
    run_time: Duration,
    warm_up: Duration,
}

const FULL: Plan = Plan {
    time_scale: 1.0,
    mix: Part { users: 100, run_time: Duration::from_secs(15), warm_up: Duration::from_secs(5) },
    streams: Part { users: 50, run_time: Duration::from_secs(9), warm_up: Duration::from_secs(2) },
    pairs: 8,
};
const QUICK: Plan = Plan {
    time_scale: 0.25,
    mix: Part { users: 100, run_time: Duration::from_secs(5), warm_up: Duration::from_millis(2_500) },
    streams: Part { users: 50, run_time: Duration::from_secs(3), warm_up: Duration::from_secs(1) },
    pairs: 8,
};

/// The chain whose parallel execution is measured: three equal steps and a join.
const SPEEDUP_CHAIN: &str = "parallel_processing";

/// Runs the suite and writes its report.
pub(crate) fn run(args: &Args) -> Outcome {
    let plan = if args.quick { QUICK } else { FULL };
    let folder = Folder::make(args.out.as_deref(), "bench", OlderReport::with_force(args.force))?;
    let stop = Control::new();
    system::stop_on_end_request(&stop);
    let server = ServerChild::start(plan.time_scale, args.seed).map_err(Failure::invalid)?;
    let suite = Suite { plan, url: server.url().to_owned(), seed: Seed::new(args.seed), stop };
    let (report, exit) = suite.run(&folder)?;
    drop(server);
    folder.deliver(&report, exit)
}

/// The child server accepts any key, so the user's key is not sent to it.
fn own_key(_: &str) -> Option<String> {
    Some("weir-bench".to_owned())
}

struct Suite {
    plan: Plan,
    url: String,
    seed: Seed,
    stop: Control,
}

impl Suite {
    /// Runs all parts, until an interrupt or a dead server; reports what was measured.
    fn run(&self, folder: &Folder) -> Result<(Report, Exit), Failure> {
        let mut partial = folder.partial();
        let with_mix =
            |mix| new_report("weir bench").with_load("mix", "Mixed load: chains, LLM calls, streams", mix);
        let mix = self.load("chain-backend", "mixed load", self.plan.mix, |so_far| {
            partial.save(|| with_mix(cut_short(so_far.summary())));
        })?;
        let mut exit = Exit::of_run(&mix);
        let mut report = with_mix(mix);
        let with_streams = |report: &Report, streams| {
            report.clone().with_load("streaming", "Concurrent streams: time to first token", streams)
        };
        match self.next(|| {
            self.load("chat-streaming", "streaming", self.plan.streams, |so_far| {
                partial.save(|| with_streams(&report, cut_short(so_far.summary())));
            })
        }) {
            Ok(streams) => {
                exit = exit.max(Exit::of_run(&streams));
                report = with_streams(&report, streams);
                partial.save(|| report.clone());
            }
            Err(why) => exit = exit.max(why),
        }
        let with_speedup = |report: &Report, speedup| {
            report.clone().with_speedup("speedup", "Parallel against sequential steps", speedup)
        };
        let speedup =
            self.next(|| self.speedup(|so_far| partial.save(|| with_speedup(&report, so_far.summary()))));
        match speedup {
            Ok(speedup) => {
                exit = exit.max(Exit::from(speedup.run_verdict()));
                report = with_speedup(&report, speedup);
            }
            Err(why) => exit = exit.max(why),
        }
        Ok((report, exit))
    }

    /// Runs the next part; returns the suite's exit if it was interrupted, the server died, or the part failed.
    fn next<T>(&self, part: impl FnOnce() -> Result<T, Failure>) -> Result<T, Exit> {
        if self.stop.is_stopped() {
            return Err(Exit::Interrupted);
        }
        let alive = ServerChild::check(&self.url).map_err(Failure::invalid);
        alive.and_then(|()| part()).map_err(|failure| {
            diagnostics::print_with_note(&failure, "the report holds what was measured before");
            failure.exit
        })
    }

    fn load(
        &self,
        scenario: &str,
        name: &'static str,
        part: Part,
        mut on_second: impl FnMut(&RunProgress<'_>),
    ) -> Result<Summary, Failure> {
        let overrides = Overrides {
            url: Some(self.url.clone()),
            users: Some(part.users),
            run_time: Some(part.run_time),
            warm_up: Some(part.warm_up),
            time_scale: Some(self.plan.time_scale),
            ..Overrides::default()
        };
        let scenario = Scenario::builtin(scenario, &own_key)?.with(&overrides)?;
        let progress = Progress::of_time(name, Some(part.run_time));
        let options =
            RunOptions { seed: self.seed, workers: None, watch: Watch::default(), request_log: None };
        Ok(weir_loadgen::run(&scenario, options, &self.stop, |so_far| {
            progress.second(so_far.second());
            on_second(so_far);
        })?)
    }

    fn speedup(
        &self,
        mut on_block: impl FnMut(&SpeedupProgress<'_>),
    ) -> Result<weir_results::SpeedupSummary, Failure> {
        let target = self.url.parse().context("the server's own URL").map_err(Failure::invalid)?;
        let options = SpeedupOptions {
            pairs: self.plan.pairs,
            seed: self.seed,
            time_scale: self.plan.time_scale,
            ..SpeedupOptions::default()
        };
        let input = serde_json::json!({"text": "The river rose by two metres overnight, and the weir held."});
        let progress = Progress::of_blocks("parallel or sequential", 2 * self.plan.pairs);
        let measured = run_speedup(&target, SPEEDUP_CHAIN, &input, &options, &self.stop, |so_far| {
            progress.block(&so_far);
            on_block(&so_far);
        });
        Ok(measured?)
    }
}
