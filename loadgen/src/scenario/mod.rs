//! What the user wrote: raw TOML, checked into a [`Scenario`] before anything runs.

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
mod request;
mod schema;
mod search;
mod source;
mod table;
mod task;
mod user;
mod variant;

use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use weir_pace::Rate;
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
pub use search::{SearchOptions, SearchOptionsError, SearchRange, SearchRangeError};
pub(crate) use task::{Session, TaskSpec};
pub(crate) use user::UserClass;

/// A load to be made, checked: what to send, how it starts, until when.
///
/// Made by [`Scenario::load`], [`Scenario::builtin`] or [`Scenario::parse`]; changed by [`Scenario::with`].
#[derive(Clone, Debug)]
pub struct Scenario {
    name: String,
    about: String,
    /// Names, and what each says of itself.
    variants: Vec<(String, String)>,
    target: Option<Target>,
    pub(crate) load: Load,
    pub(crate) users: Vec<UserClass>,
    headers: HeaderMap,
    api_key: Option<ApiKey>,
    pub(crate) prices: Prices,
    pub(crate) criteria: Criteria,
    /// Values that no report may repeat.
    pub(crate) secrets: Vec<String>,
    pub(crate) client: ClientConfig,
    pub(crate) templates: Arc<Templates>,
    pub(crate) time_scale: f64,
    notes: Vec<String>,
}

impl Scenario {
    /// Its name: that of its file, or of the built-in scenario; with that of its variant, as in `chat:fast`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it says of itself; empty when it says nothing.
    #[must_use]
    pub fn about(&self) -> &str {
        &self.about
    }

    /// Its other runs: their names, and what each says of itself.
    #[must_use]
    pub fn variants(&self) -> &[(String, String)] {
        &self.variants
    }

    /// Where its requests go, when that is said.
    #[must_use]
    pub fn target(&self) -> Option<&Target> {
        self.target.as_ref()
    }

    /// How long new requests are started, when that is said.
    #[must_use]
    pub fn run_time(&self) -> Option<Duration> {
        self.load.run_time
    }

    /// The scenario with the prices of models that it does not price itself.
    #[must_use]
    pub fn with_prices(mut self, known: impl IntoIterator<Item = (String, ModelPrice)>) -> Self {
        self.prices.set_known(known);
        self
    }

    /// The headers of each request that carries the key in this way.
    pub(crate) fn headers_with(&self, auth: Auth) -> HeaderMap {
        let mut headers = self.headers.clone();
        if let Some(key) = &self.api_key {
            key.insert_into(&mut headers, auth);
        }
        headers
    }

    /// The search that is its load, if it is one. Each level that is tried has to keep the scenario's thresholds.
    #[must_use]
    pub fn search(&self) -> Option<SearchOptions> {
        let search = self.load.search.as_ref()?;
        let limits = self.criteria.rules.iter().map(|rule| rule.threshold.to_string()).collect();
        Some(SearchOptions { limits, ..search.clone() })
    }

    /// The scenario with the load of one probe of a search.
    pub(crate) fn at_level(&self, search: &SearchOptions, level: f64) -> Self {
        Self { load: self.load.at_level(search, level), ..self.clone() }
    }

    /// What decides when a request starts.
    #[must_use]
    pub fn kind(&self) -> LoadKind {
        self.load.start.kind()
    }

    /// How many virtual users it has, when it is a closed loop of as many all the time.
    #[must_use]
    pub fn users(&self) -> Option<u64> {
        match (&self.load.start, self.load.start.shape()) {
            (Start::Closed(_), Shape::Level { level, .. }) => Some(*level as u64),
            (Start::Open(_), Shape::Level { .. }) | (_, Shape::Stages(_)) => None,
        }
    }

    /// How many of them are started a second; all at once when that is not said.
    #[must_use]
    pub fn spawn_rate(&self) -> Option<Rate> {
        match self.load.start.shape() {
            Shape::Level { spawn_rate, .. } => *spawn_rate,
            Shape::Stages(_) => None,
        }
    }

    /// How many requests arrive a second, when it is an open loop at one rate all the time.
    #[must_use]
    pub fn rate_per_s(&self) -> Option<f64> {
        match (&self.load.start, self.load.start.shape()) {
            (Start::Open(_), Shape::Level { level, .. }) => Some(*level),
            (Start::Closed(_), Shape::Level { .. }) | (_, Shape::Stages(_)) => None,
        }
    }

    /// The names of its tasks, in the order of [`Summary::tasks`](weir_results::Summary::tasks).
    #[must_use]
    pub fn task_names(&self) -> Vec<String> {
        user::task_names(&self.users)
    }

    /// Every task with its class, in the order that summaries have.
    pub(crate) fn tasks(&self) -> impl Iterator<Item = (&UserClass, &TaskSpec)> {
        user::tasks(&self.users)
    }

    /// What a reader of its figures has to know.
    pub(crate) fn notes(&self) -> Vec<String> {
        let mut notes = self.notes.clone();
        let thinks = self.users.iter().any(|class| class.think_mean_s() > 0.0);
        match &self.load.start {
            Start::Closed(ClosedLoop { pauses: Pauses::None, .. }) if thinks => {
                notes.push("think times were left out: users of a `concurrency` do not pause".to_owned());
            }
            Start::Open(_) if thinks => {
                notes.push("think times were left out: arrivals at a rate wait for nobody".to_owned());
            }
            Start::Closed(_) | Start::Open(_) => {}
        }
        notes
    }
}

#[cfg(test)]
mod tests;
