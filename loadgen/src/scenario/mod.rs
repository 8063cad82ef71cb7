//! Scenarios: raw TOML, checked into a [`Scenario`] before a run.
//!
//! The modules, lowest first: `error`; `table`, `schema`, `limits` and `price`, used by the raw types; `headers` and
//! `request`; `raw`, a scenario as written; `search`, `load`, `feed`, `task`, `user` and `criteria`, which check its
//! parts; `variant`; `builtin`, `source`, `starter`, `overrides`, `json_schema` and
//! `reference`, which extend [`Scenario`].

mod builtin;
mod criteria;
mod error;
mod feed;
mod headers;
mod json_schema;
mod limits;
mod load;
mod overrides;
mod price;
mod raw;
mod reference;
mod request;
mod retry;
mod schema;
mod search;
mod source;
mod starter;
mod table;
mod task;
mod user;
mod variant;

use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use weir_pace::{Rate, duration_text};
use weir_wire::{ClientConfig, Target};

use self::headers::ApiKey;
use self::load::ClosedLoop;
use self::price::Prices;
use crate::task::{Auth, Templates};
use weir_results::LoadKind;

pub(crate) use criteria::Criteria;
pub use error::{ScenarioError, ScenarioProblem};
pub(crate) use limits::USERS_MAX;
pub(crate) use load::{Load, OpenLoop, Pauses, Shape, Stage, Start};
pub use load::{Stages, StagesError};
pub use overrides::Overrides;
pub use price::ModelPrice;
#[cfg(test)]
pub(crate) use request::events_of;
pub use search::{SearchOptions, SearchOptionsError, SearchRange, SearchRangeError};
pub use starter::Starter;
pub(crate) use task::{Session, TaskSpec};
pub(crate) use user::UserClass;

/// A checked scenario: the users and their requests, the load, and the criteria.
///
/// Created by [`Scenario::load`], [`Scenario::builtin`] or [`Scenario::parse`]; changed by [`Scenario::with`].
#[derive(Clone, Debug)]
pub struct Scenario {
    name: String,
    about: String,
    /// The name and the description of each variant.
    variants: Vec<(String, String)>,
    target: Option<Target>,
    pub(crate) load: Load,
    pub(crate) users: Vec<UserClass>,
    headers: HeaderMap,
    api_key: Option<ApiKey>,
    pub(crate) prices: Prices,
    pub(crate) criteria: Criteria,
    /// Values that must not appear in reports.
    pub(crate) secrets: Vec<String>,
    pub(crate) client: ClientConfig,
    pub(crate) templates: Arc<Templates>,
    pub(crate) time_scale: f64,
    notes: Vec<String>,
}

impl Scenario {
    /// Returns the name of the file or of the built-in scenario, with the variant, as in `chat:fast`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the description; may be empty.
    #[must_use]
    pub fn about(&self) -> &str {
        &self.about
    }

    /// Returns the name and the description of each variant.
    #[must_use]
    pub fn variants(&self) -> &[(String, String)] {
        &self.variants
    }

    /// Returns the target, if it is set.
    #[must_use]
    pub fn target(&self) -> Option<&Target> {
        self.target.as_ref()
    }

    /// Returns the time in which requests are started, if it is set.
    #[must_use]
    pub fn run_time(&self) -> Option<Duration> {
        self.load.run_time
    }

    /// Returns this scenario with default prices, for models without a price in the scenario.
    #[must_use]
    pub fn with_prices(mut self, known: impl IntoIterator<Item = (String, ModelPrice)>) -> Self {
        self.prices.set_known(known);
        self
    }

    /// Returns this scenario with further notes for the readers of its figures.
    #[must_use]
    pub fn with_notes(mut self, notes: impl IntoIterator<Item = String>) -> Self {
        self.notes.extend(notes);
        self
    }

    /// Returns the headers of each request that sends its API key in this way.
    pub(crate) fn headers_with(&self, auth: Auth) -> HeaderMap {
        let mut headers = self.headers.clone();
        if let Some(key) = &self.api_key {
            key.insert_into(&mut headers, auth);
        }
        headers
    }

    /// Returns the options of the search, if the load is one. Its limits are the thresholds of the scenario.
    #[must_use]
    pub fn search(&self) -> Option<SearchOptions> {
        let search = self.load.search.as_ref()?;
        let limits = self.criteria.rules.iter().map(|rule| rule.threshold.to_string()).collect();
        Some(SearchOptions { limits, ..search.clone() })
    }

    /// Returns this scenario with the load of one probe of a search.
    pub(crate) fn at_level(&self, search: &SearchOptions, level: f64) -> Self {
        Self { load: self.load.at_level(search, level), ..self.clone() }
    }

    /// Returns whether the load is open or closed.
    #[must_use]
    pub fn kind(&self) -> LoadKind {
        self.load.start.kind()
    }

    /// Returns the number of virtual users, if the load is a closed loop with a constant number.
    #[must_use]
    pub fn users(&self) -> Option<u64> {
        match (&self.load.start, self.load.start.shape()) {
            (Start::Closed(_), Shape::Level { level, .. }) => Some(*level as u64),
            (Start::Open(_), Shape::Level { .. }) | (_, Shape::Stages(_)) => None,
        }
    }

    /// Returns the number of users started per second; `None` if all start at once.
    #[must_use]
    pub fn spawn_rate(&self) -> Option<Rate> {
        match self.load.start.shape() {
            Shape::Level { spawn_rate, .. } => *spawn_rate,
            Shape::Stages(_) => None,
        }
    }

    /// Returns the arrivals per second, if the load is an open loop with a constant rate.
    #[must_use]
    pub fn rate_per_s(&self) -> Option<f64> {
        match (&self.load.start, self.load.start.shape()) {
            (Start::Open(_), Shape::Level { level, .. }) => Some(*level),
            (Start::Closed(_), Shape::Level { .. }) | (_, Shape::Stages(_)) => None,
        }
    }

    /// Returns the names of the tasks, in the order of [`Summary::tasks`](weir_results::Summary::tasks).
    #[must_use]
    pub fn task_names(&self) -> Vec<String> {
        user::task_names(&self.users)
    }

    /// Returns every task with its class, in the order of summaries.
    pub(crate) fn tasks(&self) -> impl Iterator<Item = (&UserClass, &TaskSpec)> {
        user::tasks(&self.users)
    }

    /// Returns the notes for readers of its figures.
    pub(crate) fn notes(&self) -> Vec<String> {
        let mut notes = self.notes.clone();
        let has_think_times = self.users.iter().any(|class| class.think_mean_s() > 0.0);
        match &self.load.start {
            Start::Closed(ClosedLoop { pauses: Pauses::None, .. }) if has_think_times => {
                notes.push("think times are left out: users of a `concurrency` do not pause".to_owned());
            }
            Start::Open(_) if has_think_times => {
                notes.push("think times are left out: arrivals at a rate do not wait for users".to_owned());
            }
            Start::Closed(_) | Start::Open(_) => {}
        }
        let started = self.load.start.shape().spawn_time();
        if started > self.load.warm_up {
            notes.push(format!(
                "users were still being started in the measured window, until {} after the start of the run: a longer \
                 warm_up excludes that time",
                duration_text::format(started)
            ));
        }
        notes
    }
}

#[cfg(test)]
mod tests;
