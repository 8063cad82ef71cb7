//! Checks a load.

use std::time::Duration;

use weir_pace::duration_text;

use crate::scenario::error::{Invalid, ScenarioProblem};
use crate::scenario::limits;
use crate::scenario::raw::{RawLoad, RawSearch};
use weir_results::{LoadKind, SearchOver};

use super::arrivals::RawArrivals;
use super::search;
use super::shape::Shape;
use super::spec::{ClosedLoop, Load, OpenLoop, Pauses, Start};
use super::stages::Stages;

/// The default `grace`.
const GRACE: Duration = Duration::from_secs(10);

impl Load {
    pub(in crate::scenario) fn check(raw: &RawLoad) -> Result<Self, Invalid> {
        Self::check_keys(raw).map_err(|invalid| invalid.within("load"))
    }

    fn check_keys(raw: &RawLoad) -> Result<Self, Invalid> {
        if let Some(search) = &raw.search {
            return Self::of_search(search, raw);
        }
        let start = check_start(raw)?;
        let length = start.shape().length();
        if length.is_some() && raw.run_time.is_some() {
            let because = "the run time is the sum of the stages";
            return Err(Invalid::new("run_time", ScenarioProblem::Conflict { other: "stages", because }));
        }
        let requests = raw.requests.map(|count| limits::at_least_one(count, "requests")).transpose()?;
        let load = Self {
            start,
            search: None,
            run_time: raw.run_time.map(|span| span.0).or(length),
            requests,
            warm_up: raw.warm_up.map_or(Duration::ZERO, |span| span.0),
            cool_down: raw.cool_down.map_or(Duration::ZERO, |span| span.0),
            grace: raw.grace.map_or(GRACE, |span| span.0),
        };
        load.check_times()?;
        Ok(load)
    }

    fn of_search(search: &RawSearch, raw: &RawLoad) -> Result<Self, Invalid> {
        search::refuse_others(raw)?;
        let search = search::check(search).map_err(|invalid| invalid.within("search"))?;
        let shape = Shape::Level { level: search.from, spawn_rate: None };
        let start = match search.over {
            SearchOver::Users => {
                refuse_open_keys(raw, "search")?;
                Start::Closed(ClosedLoop { shape, pauses: Pauses::Think })
            }
            SearchOver::Rate => Start::Open(check_open(raw, shape)?),
        };
        let load = Self {
            start,
            search: None,
            run_time: None,
            requests: None,
            warm_up: Duration::ZERO,
            cool_down: Duration::ZERO,
            grace: raw.grace.map_or(GRACE, |span| span.0),
        };
        Ok(Self { search: Some(search.clone()), ..load.at_level(&search, search.from) })
    }

    /// Checks the times, which the command line may change.
    pub(in crate::scenario) fn check_times(&self) -> Result<(), Invalid> {
        let text = duration_text::format;
        match self.run_time {
            None if self.requests.is_none() => {
                let needed = "`run_time` (run_time = \"60s\") or `requests` (requests = 1000)";
                Err(Invalid::new("run_time", ScenarioProblem::Missing { needed }))
            }
            None if !self.cool_down.is_zero() => {
                let because = "only a load with a `run_time` has a cool-down";
                Err(Invalid::new("cool_down", ScenarioProblem::Conflict { other: "requests", because }))
            }
            Some(run_time) if run_time <= self.warm_up.saturating_add(self.cool_down) => {
                let mut expected = format!("more than the warm-up of {}", text(self.warm_up));
                if !self.cool_down.is_zero() {
                    expected.push_str(&format!(" and the cool-down of {} together", text(self.cool_down)));
                }
                let key = if self.start.shape().length().is_some() { "stages" } else { "run_time" };
                Err(Invalid::range(key, &text(run_time), expected))
            }
            _ => Ok(()),
        }
    }
}

fn check_start(raw: &RawLoad) -> Result<Start, Invalid> {
    let shapes = [
        ("users", raw.users.is_some()),
        ("concurrency", raw.concurrency.is_some()),
        ("rate", raw.rate.is_some()),
        ("stages", raw.stages.is_some()),
    ];
    let mut given = shapes.into_iter().filter(|(_, is_given)| *is_given).map(|(key, _)| key);
    if let (Some(key), Some(other)) = (given.next(), given.next()) {
        let because = "a load has only one of `users`, `concurrency`, `rate`, `stages` and `search`";
        return Err(Invalid::new(key, ScenarioProblem::Conflict { other, because }));
    }
    if let Some(count) = raw.users {
        refuse_open_keys(raw, "users")?;
        let users = limits::users(count, "users")?;
        return Ok(Start::Closed(ClosedLoop::of(users, raw.spawn_rate, Pauses::Think)));
    }
    if let Some(count) = raw.concurrency {
        refuse_open_keys(raw, "concurrency")?;
        let users = limits::users(count, "concurrency")?;
        return Ok(Start::Closed(ClosedLoop::of(users, raw.spawn_rate, Pauses::None)));
    }
    if let Some(rate) = raw.rate {
        refuse_spawn_rate(raw, "rate")?;
        let shape = Shape::Level { level: rate.per_second(), spawn_rate: None };
        return Ok(Start::Open(check_open(raw, shape)?));
    }
    let Some(stages) = &raw.stages else {
        let needed = "`users` for a closed loop (users = 100), `rate` for an open one (rate = \"50/s\"), \
                      `concurrency` for users without pauses, `stages` for a load that changes, or `search` for the highest one";
        return Err(Invalid::new("users", ScenarioProblem::Missing { needed }));
    };
    refuse_spawn_rate(raw, "stages")?;
    let Stages { kind, list } = Stages::check(stages)?;
    let shape = Shape::Stages(list);
    match kind {
        LoadKind::Closed => {
            refuse_open_keys(raw, "stages")?;
            Ok(Start::Closed(ClosedLoop { shape, pauses: Pauses::Think }))
        }
        LoadKind::Open => Ok(Start::Open(check_open(raw, shape)?)),
    }
}

fn check_open(raw: &RawLoad, shape: Shape) -> Result<OpenLoop, Invalid> {
    let mut open = OpenLoop::of(shape);
    open.kind = arrivals(raw).check()?.unwrap_or(open.kind);
    if let Some(count) = raw.max_in_flight {
        open.max_in_flight = limits::in_flight(count, "max_in_flight")?;
    }
    Ok(open)
}

fn arrivals(raw: &RawLoad) -> RawArrivals<'_> {
    RawArrivals { arrivals: raw.arrivals.as_deref(), burstiness: raw.burstiness, cv: raw.cv }
}

/// Fails if a key of open loops is given.
fn refuse_open_keys(raw: &RawLoad, other: &'static str) -> Result<(), Invalid> {
    let max_in_flight = raw.max_in_flight.map(|_| "max_in_flight");
    match arrivals(raw).first_given().or(max_in_flight) {
        None => Ok(()),
        Some(key) => {
            let because = "only arrivals at a `rate` have an arrival process";
            Err(Invalid::new(key, ScenarioProblem::Conflict { other, because }))
        }
    }
}

fn refuse_spawn_rate(raw: &RawLoad, other: &'static str) -> Result<(), Invalid> {
    if raw.spawn_rate.is_none() {
        return Ok(());
    }
    let because = "only `users` and `concurrency` have a spawn rate";
    Err(Invalid::new("spawn_rate", ScenarioProblem::Conflict { other, because }))
}
