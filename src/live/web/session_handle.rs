//! The handle that the session and the page share.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
};

use bytes::Bytes;
use tokio::sync::watch;
use weir_loadgen::{Control, Overrides, RunProgress, Scenario, ScenarioError};
use weir_pace::Rate;
use weir_report::file_names;
use weir_results::Summary;

use super::state::{FormDefaults, PageState, Phase};
use crate::live::{Watcher, view::View};

/// A command to the session.
#[derive(Debug)]
pub(super) enum SessionCommand {
    Start(Box<Scenario>, Control),
    Quit,
}

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum CommandError {
    #[error("a run is in progress; stop it first")]
    Busy,
    #[error("no run is in progress")]
    Idle,
    #[error("{0}")]
    Invalid(String),
}

/// The state of state, and where orders go. Clones are the same handle.
#[derive(Clone, Debug)]
pub(super) struct SessionHandle(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// The scenario of the command line; the page changes a copy.
    scenario: Scenario,
    prefill: FormDefaults,
    state: Mutex<SessionState>,
    commands: Sender<SessionCommand>,
    /// The state as JSON, encoded once for all clients.
    published: watch::Sender<Bytes>,
}

#[derive(Debug)]
struct SessionState {
    phase: Phase,
    runs: u64,
    control: Control,
    /// Whether the program ends after the run.
    quitting: bool,
    problem: Option<String>,
    view: Option<View>,
    /// The folder of the last report, and its files.
    folder: Option<PathBuf>,
    files: Vec<&'static str>,
}

impl SessionHandle {
    pub(super) fn new(scenario: &Scenario) -> (Self, Receiver<SessionCommand>) {
        let (commands, inbox) = channel();
        let state = SessionState {
            phase: Phase::Ready,
            runs: 0,
            control: Control::new(),
            quitting: false,
            problem: None,
            view: None,
            folder: None,
            files: Vec::new(),
        };
        let shared = Shared {
            scenario: scenario.clone(),
            prefill: FormDefaults::of(scenario),
            state: Mutex::new(state),
            commands,
            published: watch::Sender::new(Bytes::new()),
        };
        let handle = Self(Arc::new(shared));
        handle.publish(&handle.state());
        (handle, inbox)
    }

    /// Returns a receiver of the state.
    pub(super) fn subscribe(&self) -> watch::Receiver<Bytes> {
        self.0.published.subscribe()
    }

    /// Returns the path of a file of the last report.
    pub(super) fn file(&self, name: &str) -> Option<PathBuf> {
        let state = self.state();
        let known = state.files.iter().find(|known| **known == name)?;
        Some(state.folder.as_ref()?.join(known))
    }

    // ---- orders from the page ---------------------------------------------------------------

    /// Starts a run of the scenario with these changes.
    pub(super) fn start(&self, changes: &Overrides) -> Result<(), CommandError> {
        let mut state = self.state();
        if state.phase.is_busy() {
            return Err(CommandError::Busy);
        }
        let scenario = self.0.scenario.clone().with(changes);
        let scenario = scenario.map_err(|error| CommandError::Invalid(fault(error)))?;
        state.control = Control::new();
        state.phase = Phase::Starting;
        state.runs += 1;
        state.problem = None;
        state.view = None;
        state.files.clear();
        self.publish(&state);
        // The session receives commands as long as there is a page.
        let _ = self.0.commands.send(SessionCommand::Start(Box::new(scenario), state.control.clone()));
        Ok(())
    }

    /// Ends the run; the second time, at once.
    pub(super) fn stop(&self) -> Result<(), CommandError> {
        let mut state = self.state();
        match state.phase {
            Phase::Ready | Phase::Ended => return Err(CommandError::Idle),
            Phase::Starting | Phase::Running => state.control.stop(),
            Phase::Stopping => state.control.stop_now(),
        }
        state.phase = Phase::Stopping;
        self.publish(&state);
        Ok(())
    }

    /// Changes the number of users.
    pub(super) fn set_users(&self, users: u64, spawn_rate: Option<Rate>) -> Result<(), CommandError> {
        let state = self.state();
        if state.phase != Phase::Running {
            return Err(CommandError::Idle);
        }
        state
            .control
            .set_users(users, spawn_rate)
            .map_err(|error| CommandError::Invalid(error.to_string()))?;
        self.publish(&state);
        Ok(())
    }

    // ---- from the terminal ------------------------------------------------------------------

    /// Ends the program, after the run if there is one; the second time, ends the run at once.
    pub(super) fn quit(&self) {
        let mut state = self.state();
        if state.quitting {
            state.control.stop_now();
            return;
        }
        state.quitting = true;
        if state.phase.is_busy() {
            state.control.stop();
            state.phase = Phase::Stopping;
            self.publish(&state);
        } else {
            let _ = self.0.commands.send(SessionCommand::Quit);
        }
    }

    // ---- from the session -------------------------------------------------------------------

    pub(super) fn is_quitting(&self) -> bool {
        self.state().quitting
    }

    /// Records the end of a run: its report is in `folder`, or there is a problem.
    pub(super) fn close(&self, folder: Option<PathBuf>, problem: Option<String>) {
        let mut state = self.state();
        state.phase = Phase::Ended;
        state.problem = problem;
        if let Some(folder) = &folder {
            state.files = file_names().filter(|name| folder.join(name).is_file()).collect();
        }
        state.folder = folder;
        self.publish(&state);
    }

    fn show(&self, view: View) {
        let mut state = self.state();
        if state.phase == Phase::Starting {
            state.phase = Phase::Running;
        }
        state.view = Some(view);
        self.publish(&state);
    }

    fn state(&self) -> MutexGuard<'_, SessionState> {
        // The state is consistent even after a panic elsewhere: every change is a plain assignment.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn publish(&self, state: &SessionState) {
        let page_state = PageState {
            weir: env!("CARGO_PKG_VERSION"),
            phase: state.phase,
            runs: state.runs,
            scenario: &self.0.prefill,
            users_wanted: if state.phase.is_busy() { state.control.users() } else { None },
            problem: state.problem.as_deref(),
            files: &state.files,
            view: state.view.as_ref(),
        };
        match serde_json::to_vec(&page_state) {
            Ok(json) => drop(self.0.published.send_replace(json.into())),
            Err(error) => tracing::error!(%error, "the state of the run cannot be encoded"),
        }
    }
}

/// Returns the error message with the page's names of settings instead of the flags'.
fn fault(error: ScenarioError) -> String {
    match error {
        ScenarioError::Invalid { diagnostic, problem } => {
            format!("{}: {problem}", diagnostic.key().trim_start_matches('-').replace('-', "_"))
        }
        ScenarioError::Read { .. } | ScenarioError::Unknown { .. } => error.to_string(),
    }
}

impl Watcher for SessionHandle {
    fn second(&mut self, so_far: &RunProgress<'_>) {
        self.show(View::of(&so_far.summary()));
    }

    fn ended(&mut self, summary: &Summary) {
        self.show(View::of(summary));
    }
}
