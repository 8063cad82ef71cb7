//! Changes to a scenario by the command line.

use std::path::PathBuf;
use std::time::Duration;

use weir_pace::Rate;
use weir_wire::{Scheme, TlsRoots};

use super::criteria::AddedCriteria;
use super::error::{Invalid, ScenarioError, ScenarioProblem};
use super::limits::{at_least_one, users};
use super::load::{ClosedLoop, Pauses, RawArrivals, refuse_with_search};
use super::search::{SearchOptions, SearchRange};
use super::{Load, OpenLoop, Scenario, Shape, Stages, Start, feed};
use weir_results::LoadKind;

/// Changes to a scenario; each field has the name of its flag.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overrides {
    /// The URL of the target.
    pub url: Option<String>,
    /// A closed loop with this number of users replaces the load.
    pub users: Option<u64>,
    /// Users started per second, of a closed loop.
    pub spawn_rate: Option<Rate>,
    /// A closed loop with this number of users without think times replaces the load.
    pub concurrency: Option<u64>,
    /// An open loop at this rate replaces the load. Think times are left out; the summary notes it.
    pub rate: Option<Rate>,
    /// Users or a rate that change over time replace the load. The sum of the stages is the run time.
    pub stages: Option<Stages>,
    /// A search for the highest load that meets every threshold replaces the load.
    pub search: Option<SearchRange>,
    /// The arrival process, of an open loop.
    pub arrivals: Option<String>,
    /// The shape parameter of gamma arrivals.
    pub burstiness: Option<f64>,
    /// The time in which requests are started.
    pub run_time: Option<Duration>,
    /// The number of requests, all of them measured: replaces run time, warm-up and cool-down of the scenario.
    pub requests: Option<u64>,
    /// The time at the beginning whose requests are not measured.
    pub warm_up: Option<Duration>,
    /// The time at the end whose requests are not measured.
    pub cool_down: Option<Duration>,
    /// A factor of think times and pauses, for a server whose delays have the same factor; the summary notes it.
    pub time_scale: Option<f64>,
    /// Whether any certificate of the target is accepted; the summary notes it.
    pub insecure: bool,
    /// A file of certificate authorities to trust instead of those of the scenario.
    pub ca_file: Option<PathBuf>,
    /// A file of certificate authorities to trust instead of the built-in ones, unless the scenario has its own.
    pub default_ca_file: Option<PathBuf>,
    /// Thresholds in addition to those of the scenario: `ttft.p95 < 500ms`.
    pub thresholds: Vec<String>,
    /// Thresholds that end the run if they fail after the first ten seconds of the measured window.
    pub abort_on: Vec<String>,
    /// Sets of limits in addition to those of the scenario; the requests that meet all limits of a set are counted.
    pub goodput: Vec<String>,
}

impl Overrides {
    /// Whether they change the level or the length of the load, which replaces a search of the scenario.
    fn replace_load(&self) -> bool {
        let counts = [self.users, self.concurrency, self.requests].iter().any(Option::is_some);
        counts || self.rate.is_some() || self.stages.is_some() || self.run_time.is_some()
    }

    fn refuse_with_search(&self) -> Result<(), Invalid> {
        refuse_with_search([
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
    /// Returns this scenario with changes.
    ///
    /// # Errors
    /// Fails if a change is out of range or conflicts with another one.
    pub fn with(self, overrides: &Overrides) -> Result<Self, ScenarioError> {
        self.apply(overrides).map_err(|invalid| invalid.of("command line"))
    }

    fn apply(mut self, overrides: &Overrides) -> Result<Self, Invalid> {
        if let Some(url) = &overrides.url {
            let target = url.parse();
            self.target =
                Some(target.map_err(|error| Invalid::new("--url", ScenarioProblem::Target(error)))?);
        }
        self.override_tls(overrides);
        self.override_search(overrides).map_err(as_flag)?;
        self.load.start = override_start(self.load.start, overrides).map_err(as_flag)?;
        feed::check_users(self.templates.feeds(), &self.load)?;
        self.override_times(overrides).map_err(as_flag)?;
        if let Some(scale) = overrides.time_scale {
            if !(scale.is_finite() && scale > 0.0) {
                return Err(Invalid::range("--time-scale", &scale, "a factor of more than zero"));
            }
            self.time_scale = scale;
            for class in &mut self.users {
                class.scale_times(scale);
            }
        }
        let added = AddedCriteria {
            thresholds: &overrides.thresholds,
            abort_on: &overrides.abort_on,
            goodput: &overrides.goodput,
        };
        self.criteria = std::mem::take(&mut self.criteria).with(&added, &self.users)?;
        self.check_search("--threshold")?;
        Ok(self)
    }

    fn override_tls(&mut self, overrides: &Overrides) {
        let tls = &mut self.client.tls;
        match (&overrides.ca_file, &overrides.default_ca_file) {
            (Some(path), _) => *tls = TlsRoots::CaFile(path.clone()),
            (None, Some(path)) if *tls == TlsRoots::Webpki => *tls = TlsRoots::CaFile(path.clone()),
            (None, _) => {}
        }
        if overrides.insecure {
            *tls = TlsRoots::AcceptAny;
            if self.target.as_ref().is_some_and(|target| target.scheme() == Scheme::Https) {
                self.notes.push("the certificate of the target was not checked (--insecure)".to_owned());
            }
        }
    }

    fn override_search(&mut self, overrides: &Overrides) -> Result<(), Invalid> {
        let range = match (overrides.search, &self.load.search) {
            (None, None) => return Ok(()),
            (None, Some(_)) if overrides.replace_load() => {
                self.load.search = None;
                return Ok(());
            }
            (range, _) => range,
        };
        overrides.refuse_with_search()?;
        if let Some(SearchRange { over, from, to }) = range {
            let search = SearchOptions { over, from, to, ..self.load.search.clone().unwrap_or_default() };
            search.check().map_err(|error| Invalid { key: "search".to_owned(), ..error.into() })?;
            self.load = Load { search: Some(search.clone()), ..self.load.at_level(&search, from) };
        }
        Ok(())
    }

    /// Fails at `key` if a search has no thresholds.
    pub(super) fn check_search(&self, key: &str) -> Result<(), Invalid> {
        if self.load.search.is_some() && self.criteria.rules.is_empty() {
            let needed = "a limit of the search, such as \"e2e.p95 < 2s\" or \"errors < 1%\"";
            return Err(Invalid::new(key, ScenarioProblem::Missing { needed }));
        }
        Ok(())
    }

    fn override_times(&mut self, overrides: &Overrides) -> Result<(), Invalid> {
        let load = &mut self.load;
        let length = load.start.shape().length();
        if length.is_some() && overrides.run_time.is_some() {
            let because = "the run time is the sum of the stages";
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

/// Replaces a key of the load by its flag.
fn as_flag(invalid: Invalid) -> Invalid {
    Invalid { key: format!("--{}", invalid.key.replace('_', "-")), ..invalid }
}

fn override_start(start: Start, overrides: &Overrides) -> Result<Start, Invalid> {
    let start = override_shape(start, overrides)?;
    let start = match (overrides.spawn_rate, start) {
        (None, start) => start,
        (spawn_rate, Start::Closed(ClosedLoop { shape: Shape::Level { level, .. }, pauses })) => {
            Start::Closed(ClosedLoop { shape: Shape::Level { level, spawn_rate }, pauses })
        }
        (Some(_), start) => {
            let other = match &start {
                Start::Open(OpenLoop { shape: Shape::Level { .. }, .. }) => "rate",
                Start::Closed(_) | Start::Open(_) => "stages",
            };
            return conflict("spawn_rate", other, "only `users` and `concurrency` have a spawn rate");
        }
    };
    let arrivals =
        RawArrivals { arrivals: overrides.arrivals.as_deref(), burstiness: overrides.burstiness, cv: None };
    match (arrivals.check()?, start) {
        (None, start) => Ok(start),
        (Some(kind), Start::Open(open)) => Ok(Start::Open(OpenLoop { kind, ..open })),
        (Some(_), Start::Closed(_)) => conflict(
            arrivals.first_given().unwrap_or("arrivals"),
            "users",
            "only arrivals at a `rate` have an arrival process",
        ),
    }
}

/// Returns the start with the shape of the overrides, if they have one.
fn override_shape(start: Start, overrides: &Overrides) -> Result<Start, Invalid> {
    let shapes = [
        ("users", "--users", overrides.users.is_some()),
        ("concurrency", "--concurrency", overrides.concurrency.is_some()),
        ("rate", "--rate", overrides.rate.is_some()),
        ("stages", "--stages", overrides.stages.is_some()),
    ];
    let mut given = shapes.into_iter().filter(|(.., is_given)| *is_given);
    if let (Some((key, ..)), Some((_, other, _))) = (given.next(), given.next()) {
        return conflict(key, other, "a load has only one of --users, --concurrency, --rate and --stages");
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
