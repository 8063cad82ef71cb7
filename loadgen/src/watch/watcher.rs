//! The thread that looks once a second.

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

/// How often is looked.
const PERIOD: Duration = Duration::from_secs(1);

/// `/metrics` that takes longer than this is left out of the second.
const PATIENCE: Duration = Duration::from_secs(2);

/// Why something cannot be watched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WatchError {
    /// The process cannot be read.
    #[error("cannot watch the process {pid}: {source}")]
    Process {
        /// Its id.
        pid: u32,
        /// What the operating system said.
        source: io::Error,
    },
    /// The target has no metrics.
    #[error("cannot watch series of {url}: it does not answer with metrics")]
    Metrics {
        /// Where they should have been.
        url: String,
    },
    /// The path of the metrics cannot stand behind the target's URL.
    #[error("cannot watch the target: {0}")]
    Path(#[from] ParseTargetError),
    /// The client cannot be set up.
    #[error("cannot watch the target: {0}")]
    Client(#[from] SetupError),
    /// There is no clock.
    #[error("cannot watch the target: {0}")]
    Clock(#[from] TimerError),
    /// There is no thread for it.
    #[error("cannot watch the target: {0}")]
    Thread(io::Error),
}

/// Watches until it is dropped.
#[derive(Debug)]
pub(crate) struct Watcher {
    seen: Arc<Mutex<Vec<Watched>>>,
    /// Dropped to end the thread.
    end: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watcher {
    /// Begins to watch; nothing is started where nothing is to be watched.
    ///
    /// # Errors
    ///
    /// The process or the metrics are not there now.
    pub(crate) fn start(
        watch: &Watch,
        target: &Target,
        client: &ClientConfig,
        epoch: Instant,
    ) -> Result<Option<Self>, WatchError> {
        if watch.is_nothing() {
            return Ok(None);
        }
        if let Some(pid) = watch.pid {
            process::usage(pid).map_err(|source| WatchError::Process { pid, source })?;
        }
        let runtime = Builder::new_current_thread().enable_io().build().map_err(WatchError::Thread)?;
        let look_out = runtime.block_on(LookOut::new(watch, target, client, epoch))?;
        let seen = Arc::new(Mutex::new(look_out.probe.empty()));
        let (end, ended) = oneshot::channel();
        let thread = {
            let seen = Arc::clone(&seen);
            let watch = move || look_out.watch(&runtime, &seen, ended);
            thread::Builder::new().name("weir-watch".into()).spawn(watch).map_err(WatchError::Thread)?
        };
        Ok(Some(Self { seen, end: Some(end), thread: Some(thread) }))
    }

    /// What was seen so far.
    pub(crate) fn seen(&self) -> Vec<Watched> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.end = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been told; there is nothing to add.
            let _ = thread.join();
        }
    }
}

/// Beside the API: a base URL that ends in `/v1`, as OpenAI's clients take it, has its metrics before that.
fn metrics_path(target: &Target) -> Result<PathAndQuery, ParseTargetError> {
    match target.path_prefix().strip_suffix("/v1") {
        Some(before) => target.clone().with_path_prefix(before)?.join("/metrics"),
        None => target.join("/metrics"),
    }
}

/// What the thread works with.
struct LookOut {
    clock: Clock,
    client: Client<ClockTimer>,
    request: Request,
    probe: Probe,
}

impl LookOut {
    async fn new(
        watch: &Watch,
        target: &Target,
        client: &ClientConfig,
        epoch: Instant,
    ) -> Result<Self, WatchError> {
        let clock = Clock::start(TimerConfig { shards: NonZeroUsize::MIN, ..TimerConfig::default() })?;
        let timeouts =
            Timeouts { connect: PATIENCE, tls: PATIENCE, total: Some(PATIENCE), ..client.timeouts };
        let client = ClientConfig { timeouts, ..client.clone() };
        let client = Client::new(target.clone(), client, ClockTimer(clock.clone()))?;
        let request = Request::new(Method::GET, metrics_path(target)?);
        let has_metrics =
            watch.series.is_empty() || probe::fetch(&mut client.connection(), &request).await.is_some();
        if !has_metrics {
            return Err(WatchError::Metrics { url: format!("{target}/metrics") });
        }
        Ok(Self { clock, client, request, probe: Probe::new(watch, epoch) })
    }

    fn watch(mut self, runtime: &Runtime, seen: &Mutex<Vec<Watched>>, mut ended: oneshot::Receiver<()>) {
        runtime.block_on(async {
            let mut metrics = self.client.connection();
            let mut due = Instant::now();
            loop {
                tokio::select! {
                    biased;
                    _ = &mut ended => return,
                    () = self.clock.sleep_until(due) => {}
                }
                let look = self.probe.look(&mut metrics, &self.request).await;
                probe::keep(&mut seen.lock().unwrap_or_else(PoisonError::into_inner), look);
                // A look that took long is followed by the next one in time, not by several at once.
                due = (due + PERIOD).max(Instant::now());
            }
        });
    }
}
