//! The whole of a run.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime};

use crate::control::Control;
use crate::request_log::{Cast, Endpoint};
use crate::scenario::{Scenario, Start};
use crate::watch::Watcher;
use weir_results::{Abort, EndReason, Rule, Summary, utc_label};

use super::aggregate::Aggregate;
use super::closing::Stops;
use super::delivery::Delivery;
use super::finish::{Circumstances, summarise};
use super::options::{RunError, RunOptions};
use super::plan::Plan;
use super::preflight::{Whereabouts, preflight};
use super::so_far::SoFar;
use super::timeline::Phases;
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
    let epoch = Instant::now() + RUN_UP;
    let now = SystemTime::now();
    let started = utc_label(now);
    let watcher = Watcher::start(&options.watch, target, &scenario.client, epoch)?;
    let plan = Arc::new(Plan::new(scenario, target, options, workers, epoch)?);
    if let Some(log) = &plan.request_log {
        log.begin(cast(scenario, &plan, now + RUN_UP));
    }

    let stops = Stops::new(control);
    let _under_way = control.take(plan.helm.clone());
    let mut aggregate =
        Aggregate::new(workers.get(), plan.tasks.len(), Phases::of(&plan.load), stops.clone());
    let (outbox, inbox) = sync_channel(DELIVERIES_WAITING * workers.get());
    let threads = start_workers(&plan, &outbox, &stops);
    drop(outbox);
    let mut circumstances = Circumstances {
        scenario,
        plan: &plan,
        started,
        whereabouts,
        watcher,
        at: Instant::now(),
        abort: None,
    };
    // It ends when the last worker has dropped its end.
    for delivery in inbox {
        let complete = aggregate.add(&delivery);
        circumstances.at = Instant::now();
        if complete > 0 && circumstances.abort.is_none() {
            circumstances.abort = broken_rule(&circumstances, &aggregate);
            if circumstances.abort.is_some() {
                stops.end(EndReason::Threshold);
            }
        }
        for second in aggregate.seconds.iter().rev().take(complete).rev() {
            on_second(&SoFar::new(second, &|| summarise(&circumstances, &aggregate)));
        }
    }
    join(threads)?;
    Ok(summarise(&circumstances, &aggregate))
}

/// The rule that ends the run with the last second that is complete, if one does.
fn broken_rule(so_far: &Circumstances<'_>, aggregate: &Aggregate) -> Option<Abort> {
    let at_s = aggregate.seconds.last()?.at_s + 1;
    let measured = Duration::from_secs(at_s).saturating_sub(so_far.plan.load.warm_up);
    let rules = &so_far.scenario.criteria.rules;
    let rule = Rule::broken(rules, measured, || summarise(so_far, aggregate))?;
    Some(Abort { rule, at_s })
}

/// What the log of requests speaks of.
fn cast(scenario: &Scenario, plan: &Plan, epoch_wall: SystemTime) -> Cast {
    let named = scenario.task_names().into_iter().zip(scenario.tasks());
    let endpoints =
        named.map(|(name, (_, task))| Endpoint { name, method: task.blueprint.method.to_string() });
    let users = match &plan.load.start {
        Start::Closed(load) => load.shape.highest() as u64,
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
        stops.end(EndReason::TargetDead);
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
        Start::Closed(load) => {
            let users = NonZeroUsize::new(load.shape.highest().ceil() as usize);
            wanted.min(users.unwrap_or(NonZeroUsize::MIN))
        }
        Start::Open(_) => wanted,
    }
}
