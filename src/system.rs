//! What the process asks of the system.

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

/// The wish that this process ends: ctrl-C, or SIGTERM where there is one. Each is noticed from the moment at which
/// this is made.
#[derive(Debug)]
pub(crate) struct EndRequests {
    #[cfg(unix)]
    signals: Option<[tokio::signal::unix::Signal; 2]>,
}

impl EndRequests {
    /// Begins to listen, on the current runtime. Where that is impossible the system's own handling ends the process.
    pub(crate) fn listen() -> Self {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let listen = || {
                Ok::<_, std::io::Error>([signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?])
            };
            Self { signals: listen().ok() }
        }
        #[cfg(not(unix))]
        Self {}
    }

    /// Ready at the next wish.
    pub(crate) async fn next(&mut self) {
        #[cfg(unix)]
        if let Some([interrupt, terminate]) = &mut self.signals {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
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

/// How often the process was asked to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Once,
    Again,
}

/// Ends a run when the process is asked to end: asked twice, at once but with its report; a third time, without.
pub(crate) fn stop_when_asked(control: &Control) {
    let control = control.clone();
    when_asked_to_end(move |asked| {
        if asked == Asked::Once {
            eprintln!("ending the run; once more ends it at once");
        }
        stop(&control, asked);
    });
}

/// Ends a run that was asked to end once or twice.
pub(crate) fn stop(control: &Control, asked: Asked) {
    match asked {
        Asked::Once => control.stop(),
        Asked::Again => control.stop_now(),
    }
}

/// Does `what` when the process is asked to end, once and twice. A third time it ends as it is.
pub(crate) fn when_asked_to_end(what: impl Fn(Asked) + Send + 'static) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
    // Without it the system's own handling of signals ends the process.
    let Ok(runtime) = runtime else { return };
    let listening = runtime.enter();
    let mut requests = EndRequests::listen();
    drop(listening);
    std::thread::spawn(move || {
        runtime.block_on(async {
            requests.next().await;
            what(Asked::Once);
            requests.next().await;
            what(Asked::Again);
            requests.next().await;
        });
        live::give_back();
        std::process::exit(i32::from(Exit::Interrupted.code()));
    });
}

/// Whether colour is welcome, terminal or not: see no-color.org.
pub(crate) fn colour_wanted() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
