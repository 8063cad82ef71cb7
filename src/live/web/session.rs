//! Consecutive runs, started from the page.

use std::{
    net::TcpListener,
    path::PathBuf,
    sync::mpsc::{Receiver, RecvTimeoutError},
    time::Duration,
};

use anyhow::Context as _;
use weir_loadgen::{Control, Overrides, RunProgress, Scenario};
use weir_results::Summary;

use super::{
    Settings, StartMode,
    session_handle::{SessionCommand, SessionHandle},
    site,
};
use crate::{
    diagnostics,
    exit::{Exit, Failure, Outcome},
    live::Watcher,
    progress::Progress,
    system,
};

/// One requested run.
pub(crate) struct Run<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) control: &'a Control,
    /// The number of the run in this session, from 1.
    pub(crate) number: u64,
    pub(crate) watcher: Box<dyn Watcher>,
}

/// The result of a finished run: the folder of its report.
pub(crate) struct Reported {
    pub(crate) folder: PathBuf,
    pub(crate) exit: Exit,
}

/// Serves the page and executes its runs until the program ends. The exit is that of the last
/// run.
pub(crate) fn run_session(
    settings: Settings,
    scenario: &Scenario,
    mut make: impl FnMut(Run<'_>) -> Result<Reported, Failure>,
) -> Outcome {
    let Settings { address, token, beginning, quit_after } = settings;
    let listen = || format!("--web: cannot listen on {address}");
    let listener = TcpListener::bind(address).with_context(listen).map_err(Failure::usage)?;
    let (handle, commands) = SessionHandle::new(scenario);
    let url = site::open(listener, token, handle.clone()).with_context(listen).map_err(Failure::invalid)?;
    progress_line!("page: {url}");
    let handle_to_quit = handle.clone();
    system::on_end_request(move |_| handle_to_quit.quit());
    if beginning == StartMode::AtOnce {
        handle.start(&Overrides::default()).map_err(Failure::usage)?;
    }

    let (mut exit, mut number) = (Exit::Passed, 0);
    while let Some((scenario, control)) = next(&commands, quit_after.filter(|_| number > 0)) {
        number += 1;
        let progress = Progress::of_time("load", scenario.run_time());
        let watcher = Box::new(LineAndPage { progress, handle: handle.clone() });
        exit = match make(Run { scenario: &scenario, control: &control, number, watcher }) {
            Ok(Reported { folder, exit }) => {
                handle.close(Some(folder), None);
                exit
            }
            Err(failure) => {
                diagnostics::print(&failure);
                handle.close(None, Some(failure.to_string()));
                failure.exit
            }
        };
        if handle.is_quitting() {
            break;
        }
    }
    Ok(exit)
}

/// Returns the next run; `None` at the end of the session.
fn next(commands: &Receiver<SessionCommand>, patience: Option<Duration>) -> Option<(Box<Scenario>, Control)> {
    let order = match patience {
        Some(patience) => commands.recv_timeout(patience),
        None => commands.recv().map_err(RecvTimeoutError::from),
    };
    match order {
        Ok(SessionCommand::Start(scenario, control)) => Some((scenario, control)),
        Ok(SessionCommand::Quit) | Err(_) => None,
    }
}

/// Shows progress on the terminal as well as on the page.
struct LineAndPage {
    progress: Progress,
    handle: SessionHandle,
}

impl Watcher for LineAndPage {
    fn second(&mut self, so_far: &RunProgress<'_>) {
        self.progress.second(so_far.second());
        self.handle.second(so_far);
    }

    fn ended(&mut self, summary: &Summary) {
        Watcher::ended(&mut self.handle, summary);
    }
}
