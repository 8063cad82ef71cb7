//! The whole of a run.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime};

use crate::control::Control;
use crate::request_log::{Cast, Endpoint};
use crate::scenario::{Scenario, Start};
use crate::summary::{Summary, utc_label};

use super::aggregate::Aggregate;
use super::closing::Stops;
use super::delivery::Delivery;
use super::finish::{Circumstances, summarise};
use super::options::{RunError, RunOptions};
use super::plan::Plan;
use super::preflight::{Whereabouts, preflight};
use super::so_far::SoFar;
use super::worker;

/// Between the decision to start and the start: time for every worker to get ready.
const RUN_UP: Duration = Duration::from_millis(50);

/// Deliveries that a worker may be ahead of the thread that adds them up.
const DELIVERIES_WAITING: usize = 8;

/// Runs a scenario to its end on threads of its own, and reports what was measured. The calling thread adds the
/// figures up, and calls `on_second` with the run so far when one more second of it is complete.
///
/// A run that is stopped, or whose target dies, is no error: its summary says how it ended.
///
/// # Errors
///
/// There is nothing to report: the target cannot be reached, or a worker cannot be started.
pub fn run(
    scenario: &Scenario,
    options: RunOptions,
    control: &Control,
    mut on_second: impl FnMut(&SoFar<'_>),
) -> Result<Summary, RunError> {
    let target = scenario.target();
    let target = target.ok_or_else(|| RunError::NoTarget { scenario: scenario.name().to_owned() })?;
    let whereabouts = preflight(target, scenario.client.timeouts.connect)?;
    let workers = workers(scenario, options.workers, whereabouts);
    let now = SystemTime::now();
    let started = utc_label(now);
    let plan = Arc::new(Plan::new(scenario, target, options, workers, Instant::now() + RUN_UP)?);
    if let Some(log) = &plan.request_log {
        log.begin(cast(scenario, &plan, now + RUN_UP));
    }

    let stops = Stops { control: control.clone(), dead: Control::new() };
    let tasks = plan.tasks.len();
    let mut aggregate = Aggregate::new(workers.get(), tasks, plan.load.warm_up, stops.dead.clone());
    let (outbox, inbox) = sync_channel(DELIVERIES_WAITING * workers.get());
    let threads = start_workers(&plan, &outbox, &stops);
    drop(outbox);
    let mut circumstances = Circumstances { scenario, plan: &plan, started, whereabouts, at: Instant::now() };
    // It ends when the last worker has dropped its end.
    for delivery in inbox {
        let complete = aggregate.add(&delivery);
        circumstances.at = Instant::now();
        for second in aggregate.seconds.iter().rev().take(complete).rev() {
            on_second(&SoFar::new(second, &|| summarise(&circumstances, &aggregate)));
        }
    }
    join(threads)?;
    Ok(summarise(&circumstances, &aggregate))
}

/// What the log of requests speaks of.
fn cast(scenario: &Scenario, plan: &Plan, epoch_wall: SystemTime) -> Cast {
    let named = scenario.task_names().into_iter().zip(scenario.tasks());
    let endpoints =
        named.map(|(name, (_, task))| Endpoint { name, method: task.blueprint.method.to_string() });
    let users = match &plan.load.start {
        Start::Closed(load) => load.users.get(),
        Start::Open(_) => 0,
    };
    Cast { endpoints: endpoints.collect(), epoch: plan.epoch, epoch_wall, users }
}

type Worker = JoinHandle<Result<(), RunError>>;

fn start_workers(
    plan: &Arc<Plan>,
    outbox: &SyncSender<Delivery>,
    stops: &Stops,
) -> Result<Vec<Worker>, RunError> {
    let start = |index: usize| {
        let (plan, outbox, stops) = (Arc::clone(plan), outbox.clone(), stops.clone());
        thread::Builder::new()
            .name(format!("weir-load-{index}"))
            .spawn(move || worker::work(plan, index, &outbox, &stops))
            .map_err(RunError::Worker)
    };
    let started: Result<Vec<Worker>, RunError> = (0..plan.workers.get()).map(start).collect();
    if started.is_err() {
        // Those that did start must not run for nothing.
        stops.dead.stop();
    }
    started
}

fn join(threads: Result<Vec<Worker>, RunError>) -> Result<(), RunError> {
    let outcomes = threads?.into_iter().map(|thread| thread.join().unwrap_or(Err(RunError::Panicked)));
    outcomes.collect()
}

fn workers(scenario: &Scenario, asked: Option<NonZeroUsize>, whereabouts: Whereabouts) -> NonZeroUsize {
    let cores = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let by_default = match whereabouts {
        Whereabouts::Elsewhere => cores,
        Whereabouts::Here => NonZeroUsize::new(cores.get() / 2).unwrap_or(NonZeroUsize::MIN),
    };
    let wanted = asked.unwrap_or(by_default);
    match &scenario.load.start {
        Start::Closed(load) => wanted.min(NonZeroUsize::try_from(load.users).unwrap_or(NonZeroUsize::MAX)),
        Start::Open(_) => wanted,
    }
}
