//! One worker: generates its part of the load and reports its figures once a second.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use weir_pace::ArrivalsError;
use weir_results::EndReason;

use crate::health::LagProbe;
use crate::record::Interval;

use super::context::WorkerContext;
use super::ending::{EndSignal, run_to_end};
use super::exchange::Transport;
use super::load;

/// The period of interval reports.
const PERIOD: Duration = Duration::from_secs(1);

/// The figures of one worker since its last report.
#[derive(Debug)]
pub(crate) struct IntervalReport {
    pub(super) worker: usize,
    /// The second of the run that it belongs to, from 0.
    pub(super) second: u64,
    /// The instant at which it was made.
    pub(super) at: Instant,
    pub(super) interval: Interval,
    /// Users running, or arrivals in flight.
    pub(super) users: u64,
    /// Requests of the first second of the run that have not ended.
    pub(super) open_first_requests: u64,
    /// Processor time of the worker's thread so far, if it has one of its own.
    pub(super) cpu: Option<Duration>,
    /// With the last report.
    pub(super) exit: Option<WorkerExit>,
}

/// How a worker ended.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) struct WorkerExit {
    pub(super) reason: EndReason,
    /// The end of the measured window, if it is not the end of the last request.
    pub(super) window_end: Option<Instant>,
    pub(super) unfinished: u64,
}

/// Generates one worker's part of the load until it is over, and returns its last report. Passes the others to `send`; the
/// figures of a report that `send` returns are part of the next one.
///
/// # Errors
/// Fails if the arrival process is invalid.
pub(crate) async fn work<T: Transport>(
    worker: &WorkerContext<T>,
    signal: &EndSignal,
    send: impl Fn(IntervalReport) -> Option<IntervalReport>,
) -> Result<IntervalReport, ArrivalsError> {
    worker.clock.sleep_until(worker.plan.epoch).await;
    let probe = LagProbe::start(worker.clock.clone());
    let reason = tokio::select! {
        biased;
        never = report_each_second(worker, &probe, send) => match never {},
        reason = run_to_end(worker, load::generate(worker)?, signal) => reason,
    };
    let window_end = worker.recorder.borrow().window_end();
    let exit = WorkerExit { reason, window_end, unfinished: worker.unfinished() };
    record_lag(worker, &probe);
    Ok(IntervalReport { exit: Some(exit), ..report(worker, worker.clock.now()) })
}

async fn report_each_second<T>(
    worker: &WorkerContext<T>,
    probe: &LagProbe,
    send: impl Fn(IntervalReport) -> Option<IntervalReport>,
) -> Infallible {
    let mut due = worker.plan.epoch;
    loop {
        due += PERIOD;
        worker.clock.sleep_until(due).await;
        record_lag(worker, probe);
        // It belongs to the second that has just ended.
        if let Some(unsent) = send(report(worker, due - PERIOD)) {
            worker.recorder.borrow_mut().take_back(unsent.interval);
        }
    }
}

fn record_lag<T>(worker: &WorkerContext<T>, probe: &LagProbe) {
    worker.recorder.borrow_mut().record_loop_lag(worker.clock.now(), &probe.take());
}

/// Takes the figures since the last report, for the second that contains `instant`.
fn report<T>(worker: &WorkerContext<T>, instant: Instant) -> IntervalReport {
    let second = instant.saturating_duration_since(worker.plan.epoch).as_secs();
    let interval = worker.recorder.borrow_mut().take();
    IntervalReport {
        worker: worker.index(),
        second,
        at: worker.clock.now(),
        interval,
        users: worker.users.get(),
        open_first_requests: worker.open_first_requests(),
        cpu: None,
        exit: None,
    }
}
