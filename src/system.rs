//! File limits and signals.

use std::hash::{BuildHasher as _, RandomState};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use weir_loadgen::Control;

use crate::{exit::Exit, live};

/// Raises the soft limit of open files to the hard one: each connection is a file.
pub(crate) fn raise_file_limit() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    if limit.current != limit.maximum
        && let Err(error) = setrlimit(Resource::Nofile, raised)
    {
        tracing::warn!(%error, "cannot raise the limit of open files from {:?}", limit.current);
    }
}

/// Makes a write beyond the limit of file sizes (`ulimit -f`) an error, where SIGXFSZ would end the process without a message.
pub(crate) fn report_file_size_limit_as_error() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
        // Without a runtime, the default signal handling ends the process.
        let Ok(runtime) = runtime else { return };
        let _entered = runtime.enter();
        // The handler outlives the runtime.
        let kind = SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw());
        if let Err(error) = signal(kind) {
            tracing::warn!(%error, "cannot handle SIGXFSZ");
        }
    }
}

/// Requests to end this process: ctrl-C, or SIGTERM, SIGHUP (its terminal was closed) and SIGQUIT where they exist. They are received from the moment at which
/// this is created.
#[derive(Debug)]
pub(crate) struct EndRequests {
    #[cfg(unix)]
    signals: Option<[tokio::signal::unix::Signal; 4]>,
}

impl EndRequests {
    /// Starts to listen, on the current runtime. If that is impossible, the default signal handling ends the process.
    pub(crate) fn listen() -> Self {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let listen = || {
                Ok::<_, std::io::Error>([
                    signal(SignalKind::interrupt())?,
                    signal(SignalKind::terminate())?,
                    signal(SignalKind::hangup())?,
                    signal(SignalKind::quit())?,
                ])
            };
            Self { signals: listen().ok() }
        }
        #[cfg(not(unix))]
        Self {}
    }

    /// Waits for the next request.
    pub(crate) async fn next(&mut self) {
        #[cfg(unix)]
        if let Some([interrupt, terminate, hangup, quit]) = &mut self.signals {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
                _ = quit.recv() => {}
            }
        } else {
            std::future::pending::<()>().await;
        }
        #[cfg(not(unix))]
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// A request to end the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EndRequest {
    First,
    Repeated,
}

/// Ends a run at the first request; at once but with its report at the second; without a report at the third.
pub(crate) fn stop_on_end_request(control: &Control) {
    let control = control.clone();
    on_end_request(move |request| {
        if request == EndRequest::First {
            progress_line!("ending the run; interrupt again to end it at once");
        }
        stop(&control, request);
    });
}

/// Ends a run at the first or second request.
pub(crate) fn stop(control: &Control, request: EndRequest) {
    match request {
        EndRequest::First => control.stop(),
        EndRequest::Repeated => control.stop_now(),
    }
}

/// Calls `what` at the first two requests to end the process. The third ends it without cleanup.
pub(crate) fn on_end_request(what: impl Fn(EndRequest) + Send + 'static) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
    // Without a runtime, the default signal handling ends the process.
    let Ok(runtime) = runtime else { return };
    let listening = runtime.enter();
    let mut requests = EndRequests::listen();
    drop(listening);
    std::thread::spawn(move || {
        runtime.block_on(async {
            requests.next().await;
            what(EndRequest::First);
            requests.next().await;
            what(EndRequest::Repeated);
            requests.next().await;
        });
        live::restore();
        std::process::exit(i32::from(Exit::Interrupted.code()));
    });
}

/// A seed that differs from run to run, short enough to be typed again.
pub(crate) fn fresh_seed() -> u64 {
    // A `RandomState` has keys of its own in each process.
    u64::from(RandomState::new().hash_one(std::time::SystemTime::now()) as u32)
}

/// Whether the user wants colours (see no-color.org) and the terminal has them.
pub(crate) fn colour_wanted() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && std::env::var_os("TERM").is_none_or(|terminal| terminal != "dumb")
}
