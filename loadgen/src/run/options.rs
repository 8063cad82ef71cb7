//! Options of a run, and why it may fail.

use std::io;
use std::num::NonZeroUsize;

use weir_pace::{ArrivalsError, Seed, TimerError};
use weir_wire::{ParseTargetError, SetupError};

use crate::request_log::RequestSink;
use crate::watch::{Watch, WatchError};

/// Options of a run beside its scenario.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// The seed of every random choice.
    pub seed: Seed,
    /// The number of threads that generate the load, at most the number of users. By default the number of cores, or half
    /// of it if the target runs on this machine.
    pub workers: Option<NonZeroUsize>,
    /// What to watch of the target while it is loaded.
    pub watch: Watch,
    /// The log of requests, if one is written.
    pub request_log: Option<RequestSink>,
}

/// Why a run has no summary.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The scenario has no target.
    #[error("the scenario `{scenario}` has no url: expected `url = \"http://127.0.0.1:8000\"` or --url")]
    NoTarget {
        /// Its name.
        scenario: String,
    },
    /// The target accepts no connection.
    #[error("cannot reach {target}: {source}")]
    Unreachable {
        /// Its URL.
        target: String,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The path of a task does not fit the target's URL.
    #[error("task `{task}`: {source}")]
    Path {
        /// The task's name.
        task: String,
        /// Why.
        source: ParseTargetError,
    },
    /// The target cannot be watched.
    #[error(transparent)]
    Watch(#[from] WatchError),
    /// The client cannot be set up.
    #[error("cannot set up the client: {0}")]
    Client(#[from] SetupError),
    /// The arrival process is invalid.
    #[error("load.{0}")]
    Arrivals(#[from] ArrivalsError),
    /// The clock cannot be started.
    #[error("cannot start the clock: {0}")]
    Timer(#[from] TimerError),
    /// A thread or its runtime cannot be started.
    #[error("cannot start a worker: {0}")]
    Worker(#[source] io::Error),
    /// A worker panicked: a bug.
    #[error("a worker panicked; this is a bug in weir")]
    Panicked,
}
