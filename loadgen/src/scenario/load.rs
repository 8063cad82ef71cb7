//! When requests start, and until when.

use std::num::NonZeroU64;
use std::time::Duration;

use weir_pace::{ArrivalKind, Rate};

use super::error::{Invalid, ScenarioProblem};
use super::nearest::Suggestion;
use super::raw::RawLoad;

/// More virtual users than this are a mistake: each holds a connection.
const USERS_MAX: u64 = 100_000;

/// More requests in flight at once than this are a mistake.
const IN_FLIGHT_MAX: u64 = 100_000;

/// Requests in flight at once on one worker, unless the scenario says otherwise.
const IN_FLIGHT: u64 = 10_000;

/// How long requests may go on after the last was started, unless the scenario says otherwise.
const GRACE: Duration = Duration::from_secs(10);

/// The load of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Load {
    pub(crate) start: Start,
    /// New requests are started for this long.
    pub(crate) run_time: Option<Duration>,
    /// So many requests are started.
    pub(crate) requests: Option<NonZeroU64>,
    /// What starts earlier is left out of the figures.
    pub(crate) warm_up: Duration,
    /// How long requests may go on after that.
    pub(crate) grace: Duration,
}

/// What decides when a request starts.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Start {
    /// Users who wait for their answers.
    Closed(ClosedLoop),
    /// Arrivals that wait for nobody.
    Open(OpenLoop),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ClosedLoop {
    pub(crate) users: NonZeroU64,
    /// All at once when `None`.
    pub(crate) spawn_rate: Option<Rate>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OpenLoop {
    pub(crate) rate: Rate,
    pub(crate) kind: ArrivalKind,
    /// On each worker. As many again may wait for their turn; beyond that, arrivals are shed.
    pub(crate) max_in_flight: NonZeroU64,
}

impl Load {
    pub(super) fn check(raw: &RawLoad) -> Result<Self, Invalid> {
        Self::check_keys(raw).map_err(|invalid| invalid.within("load"))
    }

    fn check_keys(raw: &RawLoad) -> Result<Self, Invalid> {
        let start = match (raw.users, raw.rate) {
            (Some(users), None) => Start::Closed(ClosedLoop::check(users, raw)?),
            (None, Some(rate)) => Start::Open(OpenLoop::check(rate, raw)?),
            (Some(_), Some(_)) => {
                let because = "give users for a closed loop, or a rate for an open one";
                return Err(Invalid::new("users", ScenarioProblem::Conflict { other: "rate", because }));
            }
            (None, None) => {
                let needed =
                    "`users` for a closed loop (users = 100), or `rate` for an open one (rate = \"50/s\")";
                return Err(Invalid::new("users", ScenarioProblem::Missing { needed }));
            }
        };
        let requests = raw.requests.map(|count| at_least_one(count, "requests")).transpose()?;
        let load = Self {
            start,
            run_time: raw.run_time.map(|span| span.0),
            requests,
            warm_up: raw.warm_up.map_or(Duration::ZERO, |span| span.0),
            grace: raw.grace.map_or(GRACE, |span| span.0),
        };
        load.check_times()?;
        Ok(load)
    }

    /// Checks what the command line may change, too.
    pub(super) fn check_times(&self) -> Result<(), Invalid> {
        let text = weir_pace::duration_text::format;
        match self.run_time {
            None if self.requests.is_none() => {
                let needed =
                    "`run_time` (run_time = \"60s\") or `requests` (requests = 1000) says when to stop";
                Err(Invalid::new("run_time", ScenarioProblem::Missing { needed }))
            }
            Some(run_time) if run_time <= self.warm_up => {
                let needed = format!("more than the warm-up of {}", text(self.warm_up));
                Err(Invalid::range("run_time", &text(run_time), needed))
            }
            _ => Ok(()),
        }
    }
}

impl ClosedLoop {
    fn check(users: u64, raw: &RawLoad) -> Result<Self, Invalid> {
        let because = "only arrivals at a `rate` have it";
        let conflict = |key| Err(Invalid::new(key, ScenarioProblem::Conflict { other: "users", because }));
        if raw.arrivals.is_some() {
            return conflict("arrivals");
        }
        if raw.max_in_flight.is_some() {
            return conflict("max_in_flight");
        }
        Self::of(users, raw.spawn_rate, "users")
    }

    pub(super) fn of(users: u64, spawn_rate: Option<Rate>, key: &str) -> Result<Self, Invalid> {
        let users = at_least_one(users, key)?;
        if users.get() > USERS_MAX {
            return Err(Invalid::range(key, &users, format!("a number from 1 to {USERS_MAX}")));
        }
        Ok(Self { users, spawn_rate })
    }
}

impl OpenLoop {
    /// Arrivals at a rate, with everything else as it is by default.
    pub(super) fn at(rate: Rate) -> Self {
        let max_in_flight = NonZeroU64::new(IN_FLIGHT).unwrap_or(NonZeroU64::MIN);
        Self { rate, kind: ArrivalKind::Constant, max_in_flight }
    }

    fn check(rate: Rate, raw: &RawLoad) -> Result<Self, Invalid> {
        if raw.spawn_rate.is_some() {
            let because = "only `users` are spawned";
            return Err(Invalid::new("spawn_rate", ScenarioProblem::Conflict { other: "rate", because }));
        }
        let mut open = Self::at(rate);
        if let Some(kind) = &raw.arrivals {
            open.kind = arrival_kind(kind)?;
        }
        if let Some(count) = raw.max_in_flight {
            open.max_in_flight = at_least_one(count, "max_in_flight")?;
            if count > IN_FLIGHT_MAX {
                return Err(Invalid::range(
                    "max_in_flight",
                    &count,
                    format!("a number from 1 to {IN_FLIGHT_MAX}"),
                ));
            }
        }
        Ok(open)
    }

    /// The arrival process as the scenario names it.
    pub(crate) fn kind_name(&self) -> &'static str {
        match self.kind {
            ArrivalKind::Constant => "constant",
            ArrivalKind::Poisson => "poisson",
            ArrivalKind::Gamma { .. } => "gamma",
        }
    }
}

fn arrival_kind(name: &str) -> Result<ArrivalKind, Invalid> {
    match name {
        "constant" => Ok(ArrivalKind::Constant),
        "poisson" => Ok(ArrivalKind::Poisson),
        _ => {
            let suggestion = Suggestion::of(name, ["constant", "poisson"]);
            let problem = ScenarioProblem::UnknownValue { value: name.to_owned(), suggestion };
            Err(Invalid::new("arrivals", problem))
        }
    }
}

fn at_least_one(count: u64, key: &str) -> Result<NonZeroU64, Invalid> {
    NonZeroU64::new(count).ok_or_else(|| Invalid::range(key, &0, "a number of 1 or more"))
}
