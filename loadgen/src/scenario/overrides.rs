//! What the command line changes.

use std::time::Duration;

use weir_pace::Rate;

use super::criteria::MoreCriteria;
use super::error::{Invalid, ScenarioError, ScenarioProblem};
use super::load::{ClosedLoop, OpenLoop};
use super::{Scenario, Start};

/// Changes to a scenario; each is named like its flag.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overrides {
    /// Where requests go.
    pub url: Option<String>,
    /// A closed loop of so many users, whatever the scenario had.
    pub users: Option<u64>,
    /// Users started per second; of a closed loop.
    pub spawn_rate: Option<Rate>,
    /// An open loop at this rate, whatever the scenario had. Its think times have no meaning then.
    pub rate: Option<Rate>,
    /// How long new requests are started.
    pub run_time: Option<Duration>,
    /// What starts earlier is left out of the figures.
    pub warm_up: Option<Duration>,
    /// Think times are multiplied by this, and the summary says so: for a server whose delays are, too.
    pub time_scale: Option<f64>,
    /// Thresholds beside those of the scenario: `ttft.p95 < 500ms`.
    pub thresholds: Vec<String>,
    /// The same, and failing one ends the run, from the tenth second of the measured window on.
    pub abort_on: Vec<String>,
    /// Sets of limits beside those of the scenario; the requests that keep all of a set are counted.
    pub goodput: Vec<String>,
}

impl Scenario {
    /// The scenario with these changes.
    ///
    /// # Errors
    ///
    /// A change is out of range, or contradicts another one.
    pub fn with(self, overrides: &Overrides) -> Result<Self, ScenarioError> {
        self.changed(overrides).map_err(|invalid| invalid.of("command line"))
    }

    fn changed(mut self, overrides: &Overrides) -> Result<Self, Invalid> {
        if let Some(url) = &overrides.url {
            let target = url.parse();
            self.target =
                Some(target.map_err(|error| Invalid::new("--url", ScenarioProblem::Target(error)))?);
        }
        self.load.start = changed_start(self.load.start, overrides)?;
        self.load.run_time = overrides.run_time.or(self.load.run_time);
        self.load.warm_up = overrides.warm_up.unwrap_or(self.load.warm_up);
        self.load.check_times().map_err(|invalid| Invalid { key: "--run-time".to_owned(), ..invalid })?;
        if let Some(scale) = overrides.time_scale {
            if !(scale.is_finite() && scale > 0.0) {
                return Err(Invalid::range("--time-scale", &scale, "a factor of more than zero"));
            }
            self.time_scale = scale;
            for class in &mut self.users {
                class.think = class.think.scaled(scale);
            }
        }
        let more = MoreCriteria {
            thresholds: &overrides.thresholds,
            abort_on: &overrides.abort_on,
            goodput: &overrides.goodput,
        };
        self.criteria = std::mem::take(&mut self.criteria).with(&more, &self)?;
        Ok(self)
    }
}

fn changed_start(start: Start, overrides: &Overrides) -> Result<Start, Invalid> {
    let conflict = |key, other, because| Err(Invalid::new(key, ScenarioProblem::Conflict { other, because }));
    let start = match (overrides.users, overrides.rate, start) {
        (Some(_), Some(_), _) => {
            return conflict("--users", "--rate", "give users for a closed loop, or a rate for an open one");
        }
        (Some(users), None, Start::Closed(closed)) => {
            Start::Closed(ClosedLoop::of(users, closed.spawn_rate, "--users")?)
        }
        (Some(users), None, Start::Open(_)) => Start::Closed(ClosedLoop::of(users, None, "--users")?),
        (None, Some(rate), Start::Open(open)) => Start::Open(OpenLoop { rate, ..open }),
        (None, Some(rate), Start::Closed(_)) => Start::Open(OpenLoop::at(rate)),
        (None, None, start) => start,
    };
    match (overrides.spawn_rate, start) {
        (None, start) => Ok(start),
        (spawn_rate, Start::Closed(closed)) => Ok(Start::Closed(ClosedLoop { spawn_rate, ..closed })),
        (Some(_), Start::Open(_)) => conflict("--spawn-rate", "rate", "only users are spawned"),
    }
}
