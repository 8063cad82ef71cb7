//! `weir load`: a load against any target.

use std::{
    num::{NonZeroU64, NonZeroUsize},
    path::PathBuf,
    time::Duration,
};

use weir_loadgen::{Control, Logged, Overrides, Report, RequestLog, RunOptions, Scenario};
use weir_pace::{Rate, Seed};

use crate::{
    exit::{Exit, Failure, Outcome},
    output::Folder,
    progress::Progress,
    system,
};

/// Load a target, and measure throughput, latency, and the time to the first token.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A scenario file, or the name of a built-in scenario: chat, chat-streaming, chain-backend.
    #[arg(value_name = "SCENARIO")]
    scenario: String,
    /// The target; it may carry a path prefix, and a trailing /v1 is understood.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Virtual users at once: a closed loop.
    #[arg(long, value_name = "N", conflicts_with = "rate")]
    users: Option<u64>,
    /// Users started per second.
    #[arg(long, value_name = "R", value_parser = per_second)]
    spawn_rate: Option<Rate>,
    /// Requests started per second, whatever the target does: an open loop. "100", "100/s", "6000/min".
    #[arg(long, value_name = "R", value_parser = per_second)]
    rate: Option<Rate>,
    /// How long requests are started: 60, 60s, 5m.
    #[arg(long, value_name = "D", value_parser = weir_pace::parse_cli_duration)]
    run_time: Option<Duration>,
    /// How long the beginning is that is left out of the figures.
    #[arg(long, value_name = "D", value_parser = weir_pace::parse_cli_duration)]
    warm_up: Option<Duration>,
    /// Where the report goes [default: weir-out/load-TIME].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Where all randomness comes from.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Threads that make the load [default: the cores, half of them when the target is on this machine].
    #[arg(long, value_name = "N")]
    workers: Option<NonZeroUsize>,
    /// Write a row for each request, up to N of them, to performance_report_TIME.json.
    #[arg(long, value_name = "N", num_args = 0..=1, require_equals = true, default_missing_value = "100000")]
    request_log: Option<NonZeroU64>,
}

/// Runs the load and writes its report.
pub(crate) fn run(args: &Args) -> Outcome {
    let scenario = Scenario::load(&args.scenario, &environment).map_err(Failure::usage)?;
    let scenario = scenario.with(&args.overrides()).map_err(Failure::usage)?;
    let folder = Folder::make(args.out.as_deref(), "load")?;
    let stop = Control::new();
    system::stop_when_asked(&stop);
    let progress = Progress::of_time("load", scenario.run_time());
    let log = args.request_log.map(|rows_max| folder.request_log(scenario.name(), rows_max)).transpose()?;
    let options = RunOptions {
        seed: Seed::new(args.seed),
        workers: args.workers,
        request_log: log.as_ref().map(RequestLog::sink),
    };
    let summary = weir_loadgen::run(&scenario, options, &stop, |so_far| progress.second(so_far.second()))?;
    drop(progress);
    let exit = Exit::of_run(&summary);
    let logged = log.map(|log| log.finish(&summary));
    let report =
        Report::new(format!("weir load {}", scenario.name())).with_load("load", scenario.about(), summary);
    let exit = folder.deliver(&report, exit)?;
    if let Some(logged) = logged {
        tell_of_log(&logged.map_err(Failure::invalid)?);
    }
    Ok(exit)
}

fn tell_of_log(logged: &Logged) {
    let Logged { path, rows, left_out } = logged;
    let of_others = if *left_out == 0 { String::new() } else { format!(", {left_out} left out") };
    eprintln!("requests: {} ({rows} rows{of_others})", path.display());
}

impl Args {
    fn overrides(&self) -> Overrides {
        Overrides {
            url: self.url.clone(),
            users: self.users,
            spawn_rate: self.spawn_rate,
            rate: self.rate,
            run_time: self.run_time,
            warm_up: self.warm_up,
            time_scale: None,
        }
    }
}

/// The value of an environment variable.
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// A rate; a bare number is one per second, as in Locust.
fn per_second(text: &str) -> Result<Rate, weir_pace::RateError> {
    if text.parse::<f64>().is_ok() { format!("{text}/s").parse() } else { text.parse() }
}
