//! What the session and the page share.

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

use super::state::{Phase, Prefill, State};
use crate::live::{Watcher, view::View};

/// What the session is to do.
#[derive(Debug)]
pub(super) enum Order {
    Start(Box<Scenario>, Control),
    Quit,
}

/// Why an order was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    #[error("a run is under way; stop it first")]
    Busy,
    #[error("nothing runs")]
    Idle,
    #[error("{0}")]
    Unfit(String),
}

/// The state of things, and where orders go. Clones are the same desk.
#[derive(Clone, Debug)]
pub(super) struct Desk(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// As the program was told to run it; the page changes a copy.
    scenario: Scenario,
    prefill: Prefill,
    things: Mutex<Things>,
    orders: Sender<Order>,
    /// The state as JSON, made once for all who look.
    published: watch::Sender<Bytes>,
}

#[derive(Debug)]
struct Things {
    phase: Phase,
    runs: u64,
    control: Control,
    /// The program is to end when the run has.
    quitting: bool,
    problem: Option<String>,
    view: Option<View>,
    /// Where the last report is, and which of its files are there.
    folder: Option<PathBuf>,
    files: Vec<&'static str>,
}

impl Desk {
    pub(super) fn new(scenario: &Scenario) -> (Self, Receiver<Order>) {
        let (orders, inbox) = channel();
        let things = Things {
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
            prefill: Prefill::of(scenario),
            things: Mutex::new(things),
            orders,
            published: watch::Sender::new(Bytes::new()),
        };
        let desk = Self(Arc::new(shared));
        desk.publish(&desk.things());
        (desk, inbox)
    }

    /// The state, now and whenever it changes.
    pub(super) fn subscribe(&self) -> watch::Receiver<Bytes> {
        self.0.published.subscribe()
    }

    /// Where a file of the last report is, if it is one.
    pub(super) fn file(&self, name: &str) -> Option<PathBuf> {
        let things = self.things();
        let known = things.files.iter().find(|known| **known == name)?;
        Some(things.folder.as_ref()?.join(known))
    }

    // ---- orders from the page ---------------------------------------------------------------

    /// Starts a run of the scenario with these changes.
    pub(super) fn start(&self, changes: &Overrides) -> Result<(), Refusal> {
        let mut things = self.things();
        if things.phase.is_busy() {
            return Err(Refusal::Busy);
        }
        let scenario = self.0.scenario.clone().with(changes);
        let scenario = scenario.map_err(|error| Refusal::Unfit(fault(error)))?;
        things.control = Control::new();
        things.phase = Phase::Starting;
        things.runs += 1;
        things.problem = None;
        things.view = None;
        things.files.clear();
        self.publish(&things);
        // The session listens as long as there is a page.
        let _ = self.0.orders.send(Order::Start(Box::new(scenario), things.control.clone()));
        Ok(())
    }

    /// Ends the run; told again, at once.
    pub(super) fn stop(&self) -> Result<(), Refusal> {
        let mut things = self.things();
        match things.phase {
            Phase::Ready | Phase::Ended => return Err(Refusal::Idle),
            Phase::Starting | Phase::Running => things.control.stop(),
            Phase::Stopping => things.control.stop_now(),
        }
        things.phase = Phase::Stopping;
        self.publish(&things);
        Ok(())
    }

    /// Moves to so many users.
    pub(super) fn set_users(&self, users: u64, spawn_rate: Option<Rate>) -> Result<(), Refusal> {
        let things = self.things();
        if things.phase != Phase::Running {
            return Err(Refusal::Idle);
        }
        things.control.set_users(users, spawn_rate).map_err(|error| Refusal::Unfit(error.to_string()))?;
        self.publish(&things);
        Ok(())
    }

    // ---- from the terminal ------------------------------------------------------------------

    /// Ends the program, after the run if there is one; told again, the run ends at once.
    pub(super) fn quit(&self) {
        let mut things = self.things();
        if things.quitting {
            things.control.stop_now();
            return;
        }
        things.quitting = true;
        if things.phase.is_busy() {
            things.control.stop();
            things.phase = Phase::Stopping;
            self.publish(&things);
        } else {
            let _ = self.0.orders.send(Order::Quit);
        }
    }

    // ---- from the session -------------------------------------------------------------------

    pub(super) fn is_quitting(&self) -> bool {
        self.things().quitting
    }

    /// The run has ended: its report is in `folder`, or there is a problem.
    pub(super) fn close(&self, folder: Option<PathBuf>, problem: Option<String>) {
        let mut things = self.things();
        things.phase = Phase::Ended;
        things.problem = problem;
        if let Some(folder) = &folder {
            things.files = file_names().filter(|name| folder.join(name).is_file()).collect();
        }
        things.folder = folder;
        self.publish(&things);
    }

    fn show(&self, view: View) {
        let mut things = self.things();
        if things.phase == Phase::Starting {
            things.phase = Phase::Running;
        }
        things.view = Some(view);
        self.publish(&things);
    }

    fn things(&self) -> MutexGuard<'_, Things> {
        // What a panic elsewhere left behind is still whole: every change is a plain assignment.
        self.0.things.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn publish(&self, things: &Things) {
        let state = State {
            weir: env!("CARGO_PKG_VERSION"),
            phase: things.phase,
            runs: things.runs,
            scenario: &self.0.prefill,
            users_wanted: if things.phase.is_busy() { things.control.users() } else { None },
            problem: things.problem.as_deref(),
            files: &things.files,
            view: things.view.as_ref(),
        };
        match serde_json::to_vec(&state) {
            Ok(json) => drop(self.0.published.send_replace(json.into())),
            Err(error) => tracing::error!(%error, "the state of the run is no JSON"),
        }
    }
}

/// What is wrong, by the names that the page has for it and not by those of flags.
fn fault(error: ScenarioError) -> String {
    match error {
        ScenarioError::Invalid { diagnostic, problem } => {
            format!("{}: {problem}", diagnostic.key().trim_start_matches('-').replace('-', "_"))
        }
        ScenarioError::Read { .. } | ScenarioError::Unknown { .. } => error.to_string(),
    }
}

impl Watcher for Desk {
    fn second(&mut self, so_far: &RunProgress<'_>) {
        self.show(View::of(&so_far.summary()));
    }

    fn ended(&mut self, summary: &Summary) {
        self.show(View::of(summary));
    }
}
