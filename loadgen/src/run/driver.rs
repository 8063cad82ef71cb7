//! Runs a scenario over HTTP, on threads of its own.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime};

use tokio::runtime::Builder;
use weir_pace::{Clock, TimerConfig};
use weir_results::{EndReason, Summary, utc_label};

use crate::health::thread_cpu_time;
use crate::request_log::{Endpoint, RunMetadata};
use crate::scenario::{Scenario, Start};
use crate::watch::Watcher;

use super::collector::Collector;
use super::context::WorkerContext;
use super::control::Control;
use super::ending::EndSignal;
use super::exchange::HttpTransport;
use super::options::{RunError, RunOptions};
use super::plan::Plan;
use super::preflight::preflight;
use super::summary::{Locality, RunContext, RunProgress};
use super::worker::{IntervalReport, work};

/// The time between the decision to start and the start, in which every worker gets ready.
const LEAD_TIME: Duration = Duration::from_millis(50);

/// The number of reports per worker that may wait for the collector.
const REPORTS_WAITING: usize = 8;

/// Runs a scenario to its end on threads of its own, and returns its summary. Calls `on_second` on the calling thread
/// after each complete second.
///
/// A run that is stopped, or whose target dies, has a summary too; it states how the run ended.
///
/// # Errors
/// Fails if the target cannot be reached or a worker cannot be started.
pub fn run(
    scenario: &Scenario,
    options: RunOptions,
    control: &Control,
    mut on_second: impl FnMut(&RunProgress<'_>),
) -> Result<Summary, RunError> {
    let target = scenario.target();
    let target = target.ok_or_else(|| RunError::NoTarget { scenario: scenario.name().to_owned() })?;
    let locality = preflight(target, scenario.client.timeouts.connect)?;
    let workers = worker_count(scenario, options.workers, locality);
    let (epoch, now) = (Instant::now() + LEAD_TIME, SystemTime::now());
    let watcher = Watcher::start(&options.watch, target, &scenario.client, epoch)?;
    let plan = Arc::new(Plan::new(scenario, target, options, workers, epoch, Arc::new(Instant::now))?);
    if let Some(log) = &plan.request_log {
        log.begin(run_metadata(scenario, &plan, now + LEAD_TIME));
    }

    let signal = EndSignal::new(control);
    let _attached = control.attach(plan.controller.clone());
    let (sender, reports) = sync_channel(REPORTS_WAITING * workers.get());
    let threads = start_workers(&plan, &sender, &signal);
    drop(sender);
    let context =
        RunContext { scenario, plan: &plan, started: utc_label(now), locality, watcher, abort: None };
    let mut collector = Collector::new(context, signal);
    // The channel closes when the last worker has ended.
    for report in reports {
        collector.add(&report, &mut on_second);
    }
    join(threads)?;
    Ok(collector.summary())
}

/// What the request log refers to.
fn run_metadata(scenario: &Scenario, plan: &Plan, epoch_wall: SystemTime) -> RunMetadata {
    let named = scenario.task_names().into_iter().zip(scenario.tasks());
    let endpoints =
        named.map(|(name, (_, task))| Endpoint { name, method: task.blueprint.method.to_string() });
    let users = match &plan.load.start {
        Start::Closed(load) => load.shape.highest() as u64,
        Start::Open(_) => 0,
    };
    RunMetadata { endpoints: endpoints.collect(), epoch: plan.epoch, epoch_wall, users }
}

type Worker = JoinHandle<Result<(), RunError>>;

fn start_workers(
    plan: &Arc<Plan>,
    reports: &SyncSender<IntervalReport>,
    signal: &EndSignal,
) -> Result<Vec<Worker>, RunError> {
    let start = |index: usize| {
        let (plan, reports, signal) = (Arc::clone(plan), reports.clone(), signal.clone());
        thread::Builder::new()
            .name(format!("weir-load-{index}"))
            .spawn(move || run_worker(plan, index, &reports, &signal))
            .map_err(RunError::Worker)
    };
    let started: Result<Vec<Worker>, RunError> = (0..plan.workers.get()).map(start).collect();
    if started.is_err() {
        // Those that did start must not run in vain.
        signal.end(EndReason::TargetDead);
    }
    started
}

/// Runs one worker on the calling thread.
fn run_worker(
    plan: Arc<Plan>,
    index: usize,
    reports: &SyncSender<IntervalReport>,
    signal: &EndSignal,
) -> Result<(), RunError> {
    let runtime = Builder::new_current_thread().enable_io().build().map_err(RunError::Worker)?;
    runtime.block_on(async {
        let clock = Clock::start(TimerConfig { shards: NonZeroUsize::MIN, ..TimerConfig::default() })?;
        let transport = HttpTransport::new(&plan.target, &plan.client, &clock)?;
        let worker = WorkerContext::new(plan, index, clock, transport);
        let with_cpu = |report| IntervalReport { cpu: thread_cpu_time(), ..report };
        let last = work(&worker, signal, |report| match reports.try_send(with_cpu(report)) {
            Err(TrySendError::Full(report)) => Some(report),
            // Without a collector nobody needs the report.
            Ok(()) | Err(TrySendError::Disconnected(_)) => None,
        });
        let last = with_cpu(last.await?);
        let _ = reports.send(last);
        Ok(())
    })
}

fn join(threads: Result<Vec<Worker>, RunError>) -> Result<(), RunError> {
    let outcomes = threads?.into_iter().map(|thread| thread.join().unwrap_or(Err(RunError::Panicked)));
    outcomes.collect()
}

fn worker_count(scenario: &Scenario, requested: Option<NonZeroUsize>, locality: Locality) -> NonZeroUsize {
    let cores = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let default = match locality {
        Locality::Remote => cores,
        Locality::Local => NonZeroUsize::new(cores.get() / 2).unwrap_or(NonZeroUsize::MIN),
    };
    let count = requested.unwrap_or(default);
    match &scenario.load.start {
        Start::Closed(load) => {
            let users = NonZeroUsize::new(load.shape.highest().ceil() as usize);
            count.min(users.unwrap_or(NonZeroUsize::MIN))
        }
        Start::Open(_) => count,
    }
}
