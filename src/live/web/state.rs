//! The state for the page: JSON, at `/api/state` and once a second at `/api/events`.

use serde::Serialize;
use weir_loadgen::Scenario;
use weir_results::visible;

use crate::live::view::{LoopKind, View};

/// The state for the page.
#[derive(Debug, Serialize)]
pub(super) struct PageState<'a> {
    pub(super) weir: &'static str,
    pub(super) phase: Phase,
    /// The number of started runs.
    pub(super) runs: u64,
    pub(super) scenario: &'a FormDefaults,
    /// The target number of users during a run.
    pub(super) users_wanted: Option<u64>,
    /// Why the last run failed.
    pub(super) problem: Option<&'a str>,
    /// The files of the last run, at `/report/NAME`.
    pub(super) files: &'a [&'static str],
    /// The run so far, or the last one.
    pub(super) view: Option<&'a View>,
}

/// The phase of the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Phase {
    /// No run has started yet.
    Ready,
    Starting,
    Running,
    /// The run is ending.
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

/// The initial values of the page's form.
#[derive(Clone, Debug, Serialize)]
pub(super) struct FormDefaults {
    name: String,
    about: String,
    url: Option<String>,
    kind: LoopKind,
    users: Option<u64>,
    spawn_rate_per_s: Option<f64>,
    rate_per_s: Option<f64>,
    /// With its unit: `60s`.
    run_time: Option<String>,
}

impl FormDefaults {
    pub(super) fn of(scenario: &Scenario) -> Self {
        Self {
            name: visible(scenario.name()).into_owned(),
            about: visible(scenario.about()).into_owned(),
            url: scenario.target().map(ToString::to_string),
            kind: scenario.kind().into(),
            users: scenario.users(),
            spawn_rate_per_s: scenario.spawn_rate().map(weir_pace::Rate::per_second),
            rate_per_s: scenario.rate_per_s(),
            run_time: scenario.run_time().map(weir_pace::duration_text::format),
        }
    }
}
