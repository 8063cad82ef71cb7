//! `weir load`: loads any target.

mod network;
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
    SeriesName, Stages, Starter, Watch,
};
use weir_pace::{Rate, Seed};

use crate::{
    catalogs, diagnostics,
    exit::{Exit, Failure, Outcome},
    live::{self, Live, Reported, Run, TerminalView, Watcher},
    output::{Copies, Folder, OlderReport, cut_short, new_report},
    progress::Progress,
    request_flags::RequestFlags,
    system,
};

const EXAMPLES: &str = "Examples:
  weir load chat --url http://127.0.0.1:8000 --users 20 --run-time 30s
  weir load http://127.0.0.1:9000/ask --body '{\"question\": \"Why?\"}' --content /delta
  weir load scenario.toml --threshold \"e2e.p95 < 2s\"";

/// Load a target, and measure throughput, latency and time to first token.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true, after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    about: Option<scenarios::Command>,
    /// Scenario file, name of a built-in scenario (`weir load list`) or URL; `:NAME` selects a variant of a scenario.
    #[arg(value_name = "SCENARIO", required = true)]
    scenario: Option<String>,
    /// URL of the target, with an optional path prefix; a trailing /v1 is accepted.
    #[arg(long, short = 'H', visible_alias = "host", value_name = "URL")]
    url: Option<String>,
    /// Concurrent users; each waits for its response before its next request (closed loop).
    #[arg(long, short, value_name = "N")]
    users: Option<u64>,
    /// Users started per second.
    #[arg(long, short = 'r', value_name = "R", value_parser = per_second)]
    spawn_rate: Option<Rate>,
    /// Concurrent users without think time: each sends its next request at once.
    #[arg(long, value_name = "N")]
    concurrency: Option<u64>,
    /// Requests started per second, however slow the target is (open loop): "100", "100/s", "6000/min".
    #[arg(long, value_name = "R", value_parser = per_second)]
    rate: Option<Rate>,
    /// Timing of the requests of --rate: constant, poisson, gamma [default: constant].
    #[arg(long, value_name = "KIND")]
    arrivals: Option<String>,
    /// Burstiness of gamma arrivals: 1 is Poisson; lower is burstier.
    #[arg(long, value_name = "B")]
    burstiness: Option<f64>,
    /// Ramps of users or rate, one per stage: "30s:50,1m:100,10s:0", "30s:50/s,1m:100/s".
    #[arg(long, value_name = "STAGES")]
    stages: Option<Stages>,
    /// Search for the highest load that meets every threshold: "10..2000" users, "10/s..2000/s" arrivals.
    #[arg(long, value_name = "RANGE")]
    search: Option<SearchRange>,
    /// Run time, in which requests are started: 60, 60s, 5m.
    #[arg(long, short = 't', value_name = "D", value_parser = weir_pace::parse_cli_duration)]
    run_time: Option<Duration>,
    /// Stop after N requests; all of them are measured.
    #[arg(long, value_name = "N")]
    requests: Option<u64>,
    /// Warm-up: time at the beginning, excluded from the results.
    #[arg(long, value_name = "D", value_parser = weir_pace::parse_cli_duration)]
    warm_up: Option<Duration>,
    /// Cool-down: time at the end, excluded from the results.
    #[arg(long, value_name = "D", value_parser = weir_pace::parse_cli_duration)]
    cool_down: Option<Duration>,
    /// Pass/fail condition; exit 1 if it fails: "ttft.p95 < 500ms", "task('chat').errors < 1%",
    /// "goodput(ttft < 500ms, tpot < 30ms) > 0.95". Repeatable.
    #[arg(long = "threshold", value_name = "TEXT")]
    thresholds: Vec<String>,
    /// Pass/fail condition that also ends the run if it fails, checked from the tenth measured second on. Repeatable.
    #[arg(long, value_name = "TEXT")]
    abort_on: Vec<String>,
    /// Count the requests that meet these limits: "ttft < 500ms, tpot < 30ms". Repeatable.
    #[arg(long, value_name = "LIMITS")]
    goodput: Vec<String>,
    /// Folder of the report [default: weir-out/load-TIME].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace an older report in the directory of --out.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    copies: Copies,
    /// Random seed: the same seed repeats the same prompts and delays [default: another one for each run].
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Worker threads [default: the number of cores, or half of it if the target is on this machine].
    #[arg(long, value_name = "N")]
    workers: Option<NonZeroUsize>,
    /// Also record CPU time and memory of this process, such as the target.
    #[arg(long, value_name = "PID")]
    watch_pid: Option<u32>,
    /// Also record a series of the target's /metrics: NAME or NAME{label="value"}. Repeatable.
    #[arg(long, value_name = "SERIES")]
    watch_metric: Vec<SeriesName>,
    /// Write one row per request to performance_report_TIME.json, at most N [default: 100000].
    #[arg(long, value_name = "N", num_args = 0..=1, require_equals = true, default_missing_value = "100000")]
    request_log: Option<NonZeroU64>,
    /// Accept any certificate of the target; the report notes it.
    #[arg(long)]
    insecure: bool,
    /// Certificate authorities to trust instead of the built-in ones: a PEM file or a folder [env: SSL_CERT_FILE, SSL_CERT_DIR].
    #[arg(long, value_name = "PATH", conflicts_with = "insecure")]
    ca: Option<PathBuf>,
    #[command(flatten)]
    request: RequestFlags,
    #[command(flatten)]
    watching: live::Flags,
}

/// Runs the load and writes its report.
pub(crate) fn run(args: &Args) -> Outcome {
    if let Some(about) = &args.about {
        return about.run();
    }
    let scenario = args.scenario()?.with(&args.overrides())?.with_prices(known_prices()?);
    let proxy = network::proxy_note(&scenario, &environment);
    let scenario = scenario.with_notes(proxy);
    if let Some(search) = scenario.search() {
        return args.search(&scenario, &search);
    }
    let watching = args.watching.wanted()?;
    if let Live::Page(settings) = watching {
        return live::run_session(settings, &scenario, |run| {
            let folder = Folder::make(args.folder(run.number).as_deref(), "load", args.older_report())?;
            let exit = args.make(&folder, run)?;
            Ok(Reported { folder: folder.path().to_owned(), exit })
        });
    }
    let folder = Folder::make(args.out.as_deref(), "load", args.older_report())?;
    let control = Control::new();
    let screen = match watching {
        // If the terminal cannot be set up, a line of progress is shown.
        Live::Screen => TerminalView::start(&title(&scenario), &control).ok(),
        Live::Line | Live::Page(_) => None,
    };
    let watcher: Box<dyn Watcher> = if let Some(screen) = screen {
        let stop = control.clone();
        system::on_end_request(move |count| system::stop(&stop, count));
        Box::new(screen)
    } else {
        system::stop_on_end_request(&control);
        Box::new(Progress::of_time("load", scenario.run_time()))
    };
    args.make(&folder, Run { scenario: &scenario, control: &control, number: 1, watcher })
}

fn title(scenario: &Scenario) -> String {
    format!("weir load {}", scenario.name())
}

fn print_log_path(logged: &Logged) {
    let Logged { path, rows, left_out } = logged;
    let of_others = if *left_out == 0 { String::new() } else { format!(", {left_out} left out") };
    progress_line!("requests: {} ({rows} rows{of_others})", path.display());
}

impl Args {
    /// Returns the scenario: a file, a built-in one, or a request to a URL.
    fn scenario(&self) -> Result<Scenario, Failure> {
        let name = self.scenario.as_deref().unwrap_or_default();
        if !Starter::is_url(name) {
            if let Some(flag) = self.request.first_given() {
                let error = anyhow!(
                    "{flag} describes the request to a URL, which replaces SCENARIO; `{name}` is not a URL"
                );
                return Err(Failure::usage(error));
            }
            return Ok(Scenario::load(name, &environment)?);
        }
        if self.url.is_some() {
            return Err(Failure::usage(anyhow!(
                "--url changes the target of a scenario; `{name}` already is a URL"
            )));
        }
        Ok(self.request.request_to(name)?.scenario(&environment)?)
    }

    /// Executes one run, and writes its report.
    fn make(&self, folder: &Folder, run: Run<'_>) -> Outcome {
        let Run { scenario, control, mut watcher, .. } = run;
        let log =
            self.request_log.map(|rows_max| folder.request_log(scenario.name(), rows_max)).transpose()?;
        let options = RunOptions { request_log: log.as_ref().map(RequestLog::sink), ..self.options() };
        let mut partial = folder.partial();
        let report_of = |summary| new_report(title(scenario)).with_load("load", scenario.about(), summary);
        let summary = weir_loadgen::run(scenario, options, control, |so_far| {
            watcher.second(so_far);
            partial.save(|| report_of(cut_short(so_far.summary())));
        })?;
        watcher.ended(&summary);
        drop(watcher);
        let exit = Exit::of_run(&summary);
        let logged = log.map(|log| log.finish(&summary));
        let report = report_of(summary);
        let delivered = folder.deliver(&report, exit).and_then(|exit| {
            self.copies.write(folder)?;
            Ok(exit)
        });
        match logged.transpose() {
            Ok(logged) => {
                logged.iter().for_each(print_log_path);
                delivered
            }
            Err(failed) => {
                let failure = Failure::invalid(failed);
                // If the report cannot be written either, both errors are reported.
                delivered.inspect_err(|_| diagnostics::print(&failure))?;
                Err(failure)
            }
        }
    }

    /// Searches for the highest load that holds.
    fn search(&self, scenario: &Scenario, search: &SearchOptions) -> Outcome {
        if self.request_log.is_some() {
            return Err(Failure::usage(anyhow!(
                "--request-log: a search is many runs, and logs none of them"
            )));
        }
        if self.copies.are_wanted() {
            return Err(Failure::usage(anyhow!(
                "--csv and --html: a search is many runs; its report is in the folder of --out"
            )));
        }
        if matches!(self.watching.wanted()?, Live::Page(_)) {
            return Err(Failure::usage(anyhow!("--web: a search is many runs, and has no page")));
        }
        let folder = Folder::make(self.out.as_deref(), "load", self.older_report())?;
        let control = Control::new();
        system::stop_on_end_request(&control);
        search::run(scenario, search, &self.options(), &control, &folder)
    }

    const fn older_report(&self) -> OlderReport {
        OlderReport::with_force(self.force)
    }

    fn options(&self) -> RunOptions {
        let watch = Watch { pid: self.watch_pid, series: self.watch_metric.clone() };
        RunOptions {
            seed: Seed::new(self.seed.unwrap_or_else(system::fresh_seed)),
            workers: self.workers,
            watch,
            request_log: None,
        }
    }

    /// Returns the report folder of a session's run: no run overwrites another's.
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
            insecure: self.insecure,
            ca_file: self.ca.clone(),
            default_ca_file: network::ca_file(&environment),
            thresholds: self.thresholds.clone(),
            abort_on: self.abort_on.clone(),
            goodput: self.goodput.clone(),
        }
    }
}

/// Returns the prices of the built-in models.
fn known_prices() -> Result<Vec<(String, ModelPrice)>, Failure> {
    let models = catalogs::models(None).map_err(Failure::usage)?;
    let priced = models.names().filter_map(|name| Some((name.to_owned(), models.get(name)?.price?)));
    let prices = priced.map(|(name, price)| {
        let weir_model::Price { input_per_million, output_per_million, as_of: _ } = price;
        (name, ModelPrice { input_per_million, output_per_million })
    });
    Ok(prices.collect())
}

/// Returns the value of an environment variable.
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// A rate; a bare number is one per second, as in Locust.
pub(crate) fn per_second(text: &str) -> Result<Rate, weir_pace::RateError> {
    if text.parse::<f64>().is_ok() { format!("{text}/s").parse() } else { text.parse() }
}
