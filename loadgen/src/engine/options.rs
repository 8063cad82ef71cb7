//! What a run can be told beside its scenario, and why it may not come about.

use std::io;
use std::num::NonZeroUsize;

use weir_pace::{ArrivalsError, Seed, TimerError};
use weir_wire::{ParseTargetError, SetupError};

use crate::request_log::RequestSink;
use crate::watch::{Watch, WatchError};

/// What a run is told beside its scenario.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// Of every random choice.
    pub seed: Seed,
    /// Threads that make the load. By default as many as there are cores, half of them when the target runs on this
    /// machine; never more than there are users.
    pub workers: Option<NonZeroUsize>,
    /// What to watch of the target beside its answers.
    pub watch: Watch,
    /// Where each request is to be handed over when it has ended, if anywhere.
    pub request_log: Option<RequestSink>,
}

/// Why there is nothing to report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The scenario does not say where its requests go.
    #[error("the scenario `{scenario}` has no url; `url = \"http://127.0.0.1:8000\"` or --url is needed")]
    NoTarget {
        /// Its name.
        scenario: String,
    },
    /// No connection to the target.
    #[error("cannot reach {target}: {source}")]
    Unreachable {
        /// Its URL.
        target: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// The path of a task cannot stand behind the target's URL.
    #[error("task `{task}`: {source}")]
    Path {
        /// The task's name.
        task: String,
        /// What is wrong.
        source: ParseTargetError,
    },
    /// What was to be watched is not there.
    #[error(transparent)]
    Watch(#[from] WatchError),
    /// The client cannot be set up.
    #[error("cannot set up the client: {0}")]
    Client(#[from] SetupError),
    /// The arrivals cannot be had.
    #[error("load.{0}")]
    Arrivals(#[from] ArrivalsError),
    /// The clock cannot be started.
    #[error("cannot start the clock: {0}")]
    Timer(#[from] TimerError),
    /// A thread or its runtime cannot be started.
    #[error("cannot start a worker: {0}")]
    Worker(#[source] io::Error),
    /// A worker broke down: a bug.
    #[error("a worker panicked; this is a bug in weir")]
    Panicked,
}
