//! `weir load`: a load against any target.

mod scenarios;
mod search;

use std::{
    num::{NonZeroU64, NonZeroUsize},
    path::PathBuf,
    time::Duration,
};

use anyhow::anyhow;
use weir_loadgen::{
    Control, Logged, ModelPrice, Overrides, RequestLog, RunOptions, Scenario, SearchOptions, SearchRange,
    SeriesName, Stages, Watch,
};
use weir_pace::{Rate, Seed};
use weir_results::Report;

use crate::{
    catalogs, diagnostics,
    exit::{Exit, Failure, Outcome},
    live::{self, Live, Reported, Run, TerminalView, Watcher},
    output::Folder,
    progress::Progress,
    system,
};

/// Load a target, and measure throughput, latency, and the time to the first token.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    about: Option<scenarios::Command>,
    /// Scenario file, or name of a built-in scenario (see `weir load list`); append `:NAME` for a variant.
    #[arg(value_name = "SCENARIO", required = true)]
    scenario: Option<String>,
    /// URL of the target; may have a path prefix, and a trailing /v1 is accepted.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Concurrent virtual users: a closed loop.
    #[arg(long, value_name = "N")]
    users: Option<u64>,
    /// Users started per second.
    #[arg(long, value_name = "R", value_parser = per_second)]
    spawn_rate: Option<Rate>,
    /// Concurrent users without think times: a closed loop at the speed of the target.
    #[arg(long, value_name = "N")]
    concurrency: Option<u64>,
    /// Requests started per second, independent of responses: an open loop without think times. "100", "100/s",
    /// "6000/min".
    #[arg(long, value_name = "R", value_parser = per_second)]
    rate: Option<Rate>,
    /// Arrival process of a rate: constant, poisson, gamma.
    #[arg(long, value_name = "KIND")]
    arrivals: Option<String>,
    /// Burstiness of gamma arrivals: 1 is Poisson, less is more bursty.
    #[arg(long, value_name = "B")]
    burstiness: Option<f64>,
    /// Users or a rate that change, each stage a ramp from the one before: "30s:50,1m:100,10s:0", "30s:50/s,1m:100/s".
    #[arg(long, value_name = "STAGES")]
    stages: Option<Stages>,
    /// Search for the highest load that keeps every threshold: "10..2000" users, "10/s..2000/s" arrivals.
    #[arg(long, value_name = "RANGE")]
    search: Option<SearchRange>,
    /// How long requests are started: 60, 60s, 5m.
    #[arg(long, value_name = "D", value_parser = weir_pace::parse_cli_duration)]
    run_time: Option<Duration>,
    /// So many requests, all of them measured, instead of the scenario's run time.
    #[arg(long, value_name = "N")]
    requests: Option<u64>,
    /// How long the beginning is that is left out of the figures.
    #[arg(long, value_name = "D", value_parser = weir_pace::parse_cli_duration)]
    warm_up: Option<Duration>,
    /// How long the end of the run time is that is left out of the figures.
    #[arg(long, value_name = "D", value_parser = weir_pace::parse_cli_duration)]
    cool_down: Option<Duration>,
    /// What has to hold, or the exit code is 1: "ttft.p95 < 500ms", "task('chat').errors < 1%",
    /// "goodput(ttft < 500ms, tpot < 30ms) > 0.95". May be given again.
    #[arg(long = "threshold", value_name = "TEXT")]
    thresholds: Vec<String>,
    /// The same, and the run ends when it no longer holds, from its tenth measured second on. May be given again.
    #[arg(long, value_name = "TEXT")]
    abort_on: Vec<String>,
    /// Count the requests that keep these limits: "ttft < 500ms, tpot < 30ms". May be given again.
    #[arg(long, value_name = "LIMITS")]
    goodput: Vec<String>,
    /// Where the report goes [default: weir-out/load-TIME].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Seed of all random values.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Threads that make the load [default: the cores, half of them when the target is on this machine].
    #[arg(long, value_name = "N")]
    workers: Option<NonZeroUsize>,
    /// A process of this machine whose processor time and memory are shown beside the load: the target's.
    #[arg(long, value_name = "PID")]
    watch_pid: Option<u32>,
    /// A series of the target's /metrics to show beside the load, repeatable: NAME or NAME{label="value"}.
    #[arg(long, value_name = "SERIES")]
    watch_metric: Vec<SeriesName>,
    /// Write a row for each request, up to N of them, to performance_report_TIME.json.
    #[arg(long, value_name = "N", num_args = 0..=1, require_equals = true, default_missing_value = "100000")]
    request_log: Option<NonZeroU64>,
    #[command(flatten)]
    watching: live::Flags,
}

/// Runs the load and writes its report.
pub(crate) fn run(args: &Args) -> Outcome {
    if let Some(about) = &args.about {
        return about.run();
    }
    let name = args.scenario.as_deref().unwrap_or_default();
    let scenario = Scenario::load(name, &environment)?.with(&args.overrides())?.with_prices(known_prices()?);
    if let Some(search) = scenario.search() {
        return args.search(&scenario, &search);
    }
    let watching = args.watching.wanted()?;
    if let Live::Page(settings) = watching {
        return live::hold(settings, &scenario, |run| {
            let folder = Folder::make(args.folder(run.number).as_deref(), "load")?;
            let exit = args.make(&folder, run)?;
            Ok(Reported { folder: folder.path().to_owned(), exit })
        });
    }
    let folder = Folder::make(args.out.as_deref(), "load")?;
    let control = Control::new();
    let screen = match watching {
        // A terminal that cannot be had after all does with a line.
        Live::Screen => TerminalView::start(&title(&scenario), &control).ok(),
        Live::Line | Live::Page(_) => None,
    };
    let watcher: Box<dyn Watcher> = if let Some(screen) = screen {
        let stop = control.clone();
        system::when_asked_to_end(move |asked| system::stop(&stop, asked));
        Box::new(screen)
    } else {
        system::stop_when_asked(&control);
        Box::new(Progress::of_time("load", scenario.run_time()))
    };
    args.make(&folder, Run { scenario: &scenario, control: &control, number: 1, watcher })
}

fn title(scenario: &Scenario) -> String {
    format!("weir load {}", scenario.name())
}

fn tell_of_log(logged: &Logged) {
    let Logged { path, rows, left_out } = logged;
    let of_others = if *left_out == 0 { String::new() } else { format!(", {left_out} left out") };
    eprintln!("requests: {} ({rows} rows{of_others})", path.display());
}

impl Args {
    /// Makes one run, and delivers its report.
    fn make(&self, folder: &Folder, run: Run<'_>) -> Outcome {
        let Run { scenario, control, mut watcher, .. } = run;
        let log =
            self.request_log.map(|rows_max| folder.request_log(scenario.name(), rows_max)).transpose()?;
        let options = RunOptions { request_log: log.as_ref().map(RequestLog::sink), ..self.options() };
        let summary = weir_loadgen::run(scenario, options, control, |so_far| watcher.second(so_far))?;
        watcher.ended(&summary);
        drop(watcher);
        let exit = Exit::of_run(&summary);
        let logged = log.map(|log| log.finish(&summary));
        let report = Report::new(title(scenario)).with_load("load", scenario.about(), summary);
        let delivered = folder.deliver(&report, exit);
        match logged.transpose() {
            Ok(logged) => {
                logged.iter().for_each(tell_of_log);
                delivered
            }
            Err(failed) => {
                let failure = Failure::invalid(failed);
                // Where the report is lost, too, neither is kept quiet.
                delivered.inspect_err(|_| diagnostics::print(&failure))?;
                Err(failure)
            }
        }
    }

    /// Makes run after run, until the highest load that holds is known.
    fn search(&self, scenario: &Scenario, search: &SearchOptions) -> Outcome {
        if self.request_log.is_some() {
            return Err(Failure::usage(anyhow!(
                "--request-log: a search is many runs, and logs none of them"
            )));
        }
        if matches!(self.watching.wanted()?, Live::Page(_)) {
            return Err(Failure::usage(anyhow!("--web: a search is many runs, and has no page")));
        }
        let folder = Folder::make(self.out.as_deref(), "load")?;
        let control = Control::new();
        system::stop_when_asked(&control);
        search::run(scenario, search, &self.options(), &control, &folder)
    }

    fn options(&self) -> RunOptions {
        let watch = Watch { pid: self.watch_pid, series: self.watch_metric.clone() };
        RunOptions { seed: Seed::new(self.seed), workers: self.workers, watch, request_log: None }
    }

    /// Where the report of a session's run goes: no run writes over another one.
    fn folder(&self, number: u64) -> Option<PathBuf> {
        let out = self.out.as_ref()?;
        if number == 1 {
            return Some(out.clone());
        }
        let mut name = out.clone().into_os_string();
        name.push(format!("-{number}"));
        Some(name.into())
    }

    fn overrides(&self) -> Overrides {
        Overrides {
            url: self.url.clone(),
            users: self.users,
            spawn_rate: self.spawn_rate,
            concurrency: self.concurrency,
            rate: self.rate,
            arrivals: self.arrivals.clone(),
            burstiness: self.burstiness,
            stages: self.stages.clone(),
            search: self.search,
            run_time: self.run_time,
            requests: self.requests,
            warm_up: self.warm_up,
            cool_down: self.cool_down,
            time_scale: None,
            thresholds: self.thresholds.clone(),
            abort_on: self.abort_on.clone(),
            goodput: self.goodput.clone(),
        }
    }
}

/// The prices of the models that come with the program.
fn known_prices() -> Result<Vec<(String, ModelPrice)>, Failure> {
    let models = catalogs::models(None).map_err(Failure::usage)?;
    let priced = models.iter().filter_map(|profile| Some((profile.name.to_string(), profile.price?)));
    let prices = priced.map(|(name, price)| {
        let weir_model::Price { input_per_million, output_per_million } = price;
        (name, ModelPrice { input_per_million, output_per_million })
    });
    Ok(prices.collect())
}

/// The value of an environment variable.
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// A rate; a bare number is one per second, as in Locust.
pub(crate) fn per_second(text: &str) -> Result<Rate, weir_pace::RateError> {
    if text.parse::<f64>().is_ok() { format!("{text}/s").parse() } else { text.parse() }
}
