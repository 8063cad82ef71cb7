//! What the page is told: JSON, at `/api/state` and once a second at `/api/events`.

use serde::Serialize;
use weir_loadgen::Scenario;

use crate::live::view::{Kind, View};

/// How things are.
#[derive(Debug, Serialize)]
pub(super) struct State<'a> {
    pub(super) weir: &'static str,
    pub(super) phase: Phase,
    /// Runs that were started so far.
    pub(super) runs: u64,
    pub(super) scenario: &'a Prefill,
    /// How many users there are to be, while they run.
    pub(super) users_wanted: Option<u64>,
    /// Why the last run came to nothing.
    pub(super) problem: Option<&'a str>,
    /// The files of the last run, at `/report/NAME`.
    pub(super) files: &'a [&'static str],
    /// The run so far, or the last one.
    pub(super) view: Option<&'a View>,
}

/// What the session is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Phase {
    /// Nothing has run yet.
    Ready,
    Starting,
    Running,
    /// The run was told to end.
    Stopping,
    Ended,
}

impl Phase {
    pub(super) fn is_busy(self) -> bool {
        match self {
            Self::Starting | Self::Running | Self::Stopping => true,
            Self::Ready | Self::Ended => false,
        }
    }
}

/// What the form of the page begins with.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Prefill {
    name: String,
    about: String,
    url: Option<String>,
    kind: Kind,
    users: Option<u64>,
    spawn_rate_per_s: Option<f64>,
    rate_per_s: Option<f64>,
    /// As it is written: `60s`.
    run_time: Option<String>,
}

impl Prefill {
    pub(super) fn of(scenario: &Scenario) -> Self {
        Self {
            name: scenario.name().to_owned(),
            about: scenario.about().to_owned(),
            url: scenario.target().map(ToString::to_string),
            kind: scenario.kind().into(),
            users: scenario.users(),
            spawn_rate_per_s: scenario.spawn_rate().map(weir_pace::Rate::per_second),
            rate_per_s: scenario.rate_per_s(),
            run_time: scenario.run_time().map(weir_pace::duration_text::format),
        }
    }
}
