//! The thread that reads all series once a second.

use std::io;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use http::Method;
use http::uri::PathAndQuery;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use weir_pace::{Clock, TimerConfig, TimerError};
use weir_wire::{Client, ClientConfig, ParseTargetError, Request, SetupError, Target, Timeouts};

use crate::clock_timer::ClockTimer;
use weir_results::Watched;

use super::Watch;
use super::probe::{self, Probe};
use super::process;

/// The time between two readings.
const PERIOD: Duration = Duration::from_secs(1);

/// The time limit of `/metrics`; a slower response is ignored.
const METRICS_TIMEOUT: Duration = Duration::from_secs(2);

/// Why a target cannot be observed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WatchError {
    /// The process cannot be read.
    #[error("cannot watch the process {pid}: {source}")]
    Process {
        /// The process ID.
        pid: u32,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The target has no metrics.
    #[error("cannot watch series of {url}: it does not answer with metrics")]
    Metrics {
        /// The URL of the metrics.
        url: String,
    },
    /// The URL of the metrics is not valid.
    #[error("cannot watch the target: {0}")]
    Path(#[from] ParseTargetError),
    /// The client cannot be set up.
    #[error("cannot watch the target: {0}")]
    Client(#[from] SetupError),
    /// The clock cannot be started.
    #[error("cannot watch the target: {0}")]
    Clock(#[from] TimerError),
    /// The thread cannot be started.
    #[error("cannot watch the target: {0}")]
    Thread(io::Error),
}

/// Observes the target until it is dropped.
#[derive(Debug)]
pub(crate) struct Watcher {
    seen: Arc<Mutex<Vec<Watched>>>,
    /// Ends the thread when it is dropped.
    end: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watcher {
    /// Starts the thread, or returns `None` if nothing is to be observed.
    ///
    /// # Errors
    /// Fails if the process does not exist, the target has no metrics, or the thread cannot be started.
    pub(crate) fn start(
        watch: &Watch,
        target: &Target,
        client: &ClientConfig,
        epoch: Instant,
    ) -> Result<Option<Self>, WatchError> {
        if watch.is_empty() {
            return Ok(None);
        }
        if let Some(pid) = watch.pid {
            process::usage(pid).map_err(|source| WatchError::Process { pid, source })?;
        }
        let runtime = Builder::new_current_thread().enable_io().build().map_err(WatchError::Thread)?;
        let observer = runtime.block_on(Observer::new(watch, target, client, epoch))?;
        let seen = Arc::new(Mutex::new(observer.probe.empty_series()));
        let (end, ended) = oneshot::channel();
        let thread = {
            let seen = Arc::clone(&seen);
            let run = move || observer.run(&runtime, &seen, ended);
            thread::Builder::new().name("weir-watch".into()).spawn(run).map_err(WatchError::Thread)?
        };
        Ok(Some(Self { seen, end: Some(end), thread: Some(thread) }))
    }

    /// Returns the readings so far.
    pub(crate) fn seen(&self) -> Vec<Watched> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.end = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was already printed.
            let _ = thread.join();
        }
    }
}

/// Returns the path of the metrics. It does not contain the `/v1` at the end of base URLs of OpenAI clients.
fn metrics_path(target: &Target) -> Result<PathAndQuery, ParseTargetError> {
    match target.path_prefix().strip_suffix("/v1") {
        Some(before) => target.clone().with_path_prefix(before)?.join("/metrics"),
        None => target.join("/metrics"),
    }
}

/// The state of the thread.
struct Observer {
    clock: Clock,
    client: Client<ClockTimer>,
    request: Request,
    probe: Probe,
}

impl Observer {
    async fn new(
        watch: &Watch,
        target: &Target,
        client: &ClientConfig,
        epoch: Instant,
    ) -> Result<Self, WatchError> {
        let clock = Clock::start(TimerConfig { shards: NonZeroUsize::MIN, ..TimerConfig::default() })?;
        let timeouts = Timeouts {
            connect: METRICS_TIMEOUT,
            tls: METRICS_TIMEOUT,
            total: Some(METRICS_TIMEOUT),
            ..client.timeouts
        };
        let client = ClientConfig { timeouts, ..client.clone() };
        let client = Client::new(target.clone(), client, ClockTimer(clock.clone()))?;
        let request = Request::new(Method::GET, metrics_path(target)?);
        let has_metrics =
            watch.series.is_empty() || probe::fetch(&mut client.connection(), &request).await.is_some();
        if !has_metrics {
            return Err(WatchError::Metrics { url: format!("{target}/metrics") });
        }
        let probe = Probe::new(watch, clock.clone(), epoch);
        Ok(Self { clock, client, request, probe })
    }

    fn run(mut self, runtime: &Runtime, seen: &Mutex<Vec<Watched>>, mut ended: oneshot::Receiver<()>) {
        runtime.block_on(async {
            let mut metrics = self.client.connection();
            let mut due = self.clock.now();
            loop {
                tokio::select! {
                    biased;
                    _ = &mut ended => return,
                    () = self.clock.sleep_until(due) => {}
                }
                let readings = self.probe.read(&mut metrics, &self.request).await;
                probe::append(&mut seen.lock().unwrap_or_else(PoisonError::into_inner), readings);
                // After a slow reading, the next one follows at once and missed ones are skipped.
                due = (due + PERIOD).max(self.clock.now());
            }
        });
    }
}
