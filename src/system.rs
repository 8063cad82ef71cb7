//! What the process asks of the system.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use weir_loadgen::StopHandle;

use crate::exit::Exit;

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

/// Ready when the process is asked to end: ctrl-C, or SIGTERM where there is one.
pub(crate) async fn asked_to_end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) {
            (Ok(mut interrupt), Ok(mut terminate)) => tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            },
            // Without handlers the system's own end the process.
            _ => std::future::pending().await,
        }
    }
    #[cfg(not(unix))]
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}

/// Ends a run when the process is asked to end; asked twice, the process ends at once.
pub(crate) fn stop_when_asked(stop: &StopHandle) {
    let stop = stop.clone();
    let listen = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
        // Without it the system's own handling of signals ends the process.
        let Ok(runtime) = runtime else { return };
        runtime.block_on(async {
            asked_to_end().await;
            eprintln!("ending the run; once more ends at once, without a report");
            stop.stop();
            asked_to_end().await;
        });
        std::process::exit(i32::from(Exit::Interrupted.code()));
    };
    std::thread::spawn(listen);
}

/// Whether colour is welcome, terminal or not: see no-color.org.
pub(crate) fn colour_wanted() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
