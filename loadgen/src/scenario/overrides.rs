//! What the command line changes.

use std::time::Duration;

use weir_pace::Rate;

use super::criteria::MoreCriteria;
use super::error::{Invalid, ScenarioError, ScenarioProblem};
use super::limits::{at_least_one, users};
use super::load::{ClosedLoop, Pauses, Spacing, refuse_beside_search};
use super::search::{SearchOptions, SearchRange};
use super::{Load, OpenLoop, Scenario, Shape, Stages, Start, feed};
use weir_results::LoadKind;

/// Changes to a scenario; each is named like its flag.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overrides {
    /// Where requests go.
    pub url: Option<String>,
    /// A closed loop of so many users, whatever the scenario had.
    pub users: Option<u64>,
    /// Users started per second; of a closed loop.
    pub spawn_rate: Option<Rate>,
    /// A closed loop of so many users who do not think, whatever the scenario had.
    pub concurrency: Option<u64>,
    /// An open loop at this rate, whatever the scenario had. Its think times are left out then, and the summary says so.
    pub rate: Option<Rate>,
    /// Users or a rate that change, whatever the scenario had; they say how long the run is.
    pub stages: Option<Stages>,
    /// A search for the highest load that keeps every threshold, whatever the scenario had.
    pub search: Option<SearchRange>,
    /// How arrivals are spread; of an open loop.
    pub arrivals: Option<String>,
    /// The shape of the gamma law of arrivals.
    pub burstiness: Option<f64>,
    /// How long new requests are started.
    pub run_time: Option<Duration>,
    /// So many requests, all of them measured: the scenario's own run time, warm-up and cool-down do not hold then.
    pub requests: Option<u64>,
    /// What starts earlier is left out of the figures.
    pub warm_up: Option<Duration>,
    /// What starts in the last part of the run time is left out, too.
    pub cool_down: Option<Duration>,
    /// Think times and pauses are multiplied by this, and the summary says so: for a server whose delays are, too.
    pub time_scale: Option<f64>,
    /// Thresholds beside those of the scenario: `ttft.p95 < 500ms`.
    pub thresholds: Vec<String>,
    /// The same, and failing one ends the run, from the tenth second of the measured window on.
    pub abort_on: Vec<String>,
    /// Sets of limits beside those of the scenario; the requests that keep all of a set are counted.
    pub goodput: Vec<String>,
}

impl Overrides {
    /// Whether they say how much load there is, or how long: a search of the scenario does not hold then.
    fn change_load(&self) -> bool {
        let counts = [self.users, self.concurrency, self.requests].iter().any(Option::is_some);
        counts || self.rate.is_some() || self.stages.is_some() || self.run_time.is_some()
    }

    fn refuse_beside_search(&self) -> Result<(), Invalid> {
        refuse_beside_search([
            ("users", self.users.is_some()),
            ("concurrency", self.concurrency.is_some()),
            ("spawn_rate", self.spawn_rate.is_some()),
            ("rate", self.rate.is_some()),
            ("stages", self.stages.is_some()),
            ("requests", self.requests.is_some()),
            ("run_time", self.run_time.is_some()),
            ("warm_up", self.warm_up.is_some()),
            ("cool_down", self.cool_down.is_some()),
        ])
    }
}

impl Scenario {
    /// The scenario with these changes.
    ///
    /// # Errors
    ///
    /// A change is out of range, or contradicts another one.
    pub fn with(self, overrides: &Overrides) -> Result<Self, ScenarioError> {
        self.changed(overrides).map_err(|invalid| invalid.of("command line", None))
    }

    fn changed(mut self, overrides: &Overrides) -> Result<Self, Invalid> {
        if let Some(url) = &overrides.url {
            let target = url.parse();
            self.target =
                Some(target.map_err(|error| Invalid::new("--url", ScenarioProblem::Target(error)))?);
        }
        self.change_search(overrides).map_err(flag)?;
        self.load.start = changed_start(self.load.start, overrides).map_err(flag)?;
        feed::check_users(self.templates.feeds(), &self.load)?;
        self.change_times(overrides).map_err(flag)?;
        if let Some(scale) = overrides.time_scale {
            if !(scale.is_finite() && scale > 0.0) {
                return Err(Invalid::range("--time-scale", &scale, "a factor of more than zero"));
            }
            self.time_scale = scale;
            for class in &mut self.users {
                class.scale_times(scale);
            }
        }
        let more = MoreCriteria {
            thresholds: &overrides.thresholds,
            abort_on: &overrides.abort_on,
            goodput: &overrides.goodput,
        };
        self.criteria = std::mem::take(&mut self.criteria).with(&more, &self.users)?;
        self.check_search("--threshold")?;
        Ok(self)
    }

    fn change_search(&mut self, overrides: &Overrides) -> Result<(), Invalid> {
        let range = match (overrides.search, &self.load.search) {
            (None, None) => return Ok(()),
            (None, Some(_)) if overrides.change_load() => {
                self.load.search = None;
                return Ok(());
            }
            (range, _) => range,
        };
        overrides.refuse_beside_search()?;
        if let Some(SearchRange { over, from, to }) = range {
            let search = SearchOptions { over, from, to, ..self.load.search.clone().unwrap_or_default() };
            search.check().map_err(|error| Invalid { key: "search".to_owned(), ..error.into() })?;
            self.load = Load { search: Some(search.clone()), ..self.load.at_level(&search, from) };
        }
        Ok(())
    }

    /// A search goes by thresholds: `key` is where the first of them could be said.
    pub(super) fn check_search(&self, key: &str) -> Result<(), Invalid> {
        if self.load.search.is_some() && self.criteria.rules.is_empty() {
            let needed = "what has to hold of the highest load, such as \"e2e.p95 < 2s\" or \"errors < 1%\"";
            return Err(Invalid::new(key, ScenarioProblem::Missing { needed }));
        }
        Ok(())
    }

    fn change_times(&mut self, overrides: &Overrides) -> Result<(), Invalid> {
        let load = &mut self.load;
        let length = load.start.shape().length();
        if length.is_some() && overrides.run_time.is_some() {
            let because = "the stages say how long they last";
            return Err(Invalid::new("run_time", ScenarioProblem::Conflict { other: "stages", because }));
        }
        if let Some(count) = overrides.requests {
            load.requests = Some(at_least_one(count, "requests")?);
            (load.run_time, load.warm_up, load.cool_down) = (None, Duration::ZERO, Duration::ZERO);
        }
        load.run_time = overrides.run_time.or(length).or(load.run_time);
        load.warm_up = overrides.warm_up.unwrap_or(load.warm_up);
        load.cool_down = overrides.cool_down.unwrap_or(load.cool_down);
        load.check_times()
    }
}

/// A problem with a key of the load, told of the flag.
fn flag(invalid: Invalid) -> Invalid {
    Invalid { key: format!("--{}", invalid.key.replace('_', "-")), ..invalid }
}

fn changed_start(start: Start, overrides: &Overrides) -> Result<Start, Invalid> {
    let start = new_shape(start, overrides)?;
    let start = match (overrides.spawn_rate, start) {
        (None, start) => start,
        (
            spawn_rate,
            Start::Closed(ClosedLoop { shape: Shape::Level { level, .. }, pauses: pauses @ Pauses::Think }),
        ) => Start::Closed(ClosedLoop { shape: Shape::Level { level, spawn_rate }, pauses }),
        (Some(_), start) => {
            let other = match &start {
                Start::Closed(ClosedLoop { shape: Shape::Level { .. }, .. }) => "concurrency",
                Start::Open(OpenLoop { shape: Shape::Level { .. }, .. }) => "rate",
                Start::Closed(_) | Start::Open(_) => "stages",
            };
            return conflict("spawn_rate", other, "only `users` are spawned");
        }
    };
    let spacing =
        Spacing { arrivals: overrides.arrivals.as_deref(), burstiness: overrides.burstiness, cv: None };
    match (spacing.check()?, start) {
        (None, start) => Ok(start),
        (Some(kind), Start::Open(open)) => Ok(Start::Open(OpenLoop { kind, ..open })),
        (Some(_), Start::Closed(_)) => {
            conflict(spacing.given().unwrap_or("arrivals"), "users", "only arrivals at a `rate` have it")
        }
    }
}

/// The start with another shape, if there is one.
fn new_shape(start: Start, overrides: &Overrides) -> Result<Start, Invalid> {
    let shapes = [
        ("users", "--users", overrides.users.is_some()),
        ("concurrency", "--concurrency", overrides.concurrency.is_some()),
        ("rate", "--rate", overrides.rate.is_some()),
        ("stages", "--stages", overrides.stages.is_some()),
    ];
    let mut given = shapes.into_iter().filter(|(.., is_given)| *is_given);
    if let (Some((key, ..)), Some((_, other, _))) = (given.next(), given.next()) {
        return conflict(key, other, "a load has one of --users, --concurrency, --rate and --stages");
    }
    if let Some(count) = overrides.users {
        let spawn_rate = match &start {
            Start::Closed(ClosedLoop { shape: Shape::Level { spawn_rate, .. }, .. }) => *spawn_rate,
            _ => None,
        };
        return Ok(Start::Closed(ClosedLoop::of(users(count, "users")?, spawn_rate, Pauses::Think)));
    }
    if let Some(count) = overrides.concurrency {
        return Ok(Start::Closed(ClosedLoop::of(users(count, "concurrency")?, None, Pauses::None)));
    }
    let shape = match (overrides.rate, &overrides.stages) {
        (Some(rate), _) => Shape::Level { level: rate.per_second(), spawn_rate: None },
        (None, Some(Stages { kind: LoadKind::Open, list })) => Shape::Stages(list.clone()),
        (None, Some(Stages { kind: LoadKind::Closed, list })) => {
            return Ok(Start::Closed(ClosedLoop {
                shape: Shape::Stages(list.clone()),
                pauses: Pauses::Think,
            }));
        }
        (None, None) => return Ok(start),
    };
    Ok(Start::Open(match start {
        Start::Open(open) => OpenLoop { shape, ..open },
        Start::Closed(_) => OpenLoop::of(shape),
    }))
}

fn conflict<T>(key: &str, other: &'static str, because: &'static str) -> Result<T, Invalid> {
    Err(Invalid::new(key, ScenarioProblem::Conflict { other, because }))
}
