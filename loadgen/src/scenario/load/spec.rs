//! A checked load.

use std::num::NonZeroU64;
use std::time::Duration;

use weir_pace::{ArrivalKind, Rate};

use crate::scenario::search::SearchOptions;
use weir_results::{LoadKind, SearchOver};

use super::shape::Shape;

/// The default limit of requests in flight on a worker.
const IN_FLIGHT: u64 = 10_000;

/// The load of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Load {
    pub(crate) start: Start,
    /// A search for the highest load that meets its limits; the other fields are the load of its first probe.
    pub(crate) search: Option<SearchOptions>,
    /// The time in which requests are started.
    pub(crate) run_time: Option<Duration>,
    /// The number of requests that are started.
    pub(crate) requests: Option<NonZeroU64>,
    /// The time at the beginning whose requests are not measured.
    pub(crate) warm_up: Duration,
    /// The time at the end whose requests are not measured.
    pub(crate) cool_down: Duration,
    /// How long requests may continue after the last one was started.
    pub(crate) grace: Duration,
}

/// What decides when a request starts.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Start {
    /// Users who wait for their responses.
    Closed(ClosedLoop),
    /// Arrivals independent of responses.
    Open(OpenLoop),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ClosedLoop {
    /// The number of users over time.
    pub(crate) shape: Shape,
    pub(crate) pauses: Pauses,
}

/// The pauses between a response and the next request of a user.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Pauses {
    /// They pause for their think time.
    Think,
    /// They do not pause.
    None,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OpenLoop {
    /// The rate over time.
    pub(crate) shape: Shape,
    pub(crate) kind: ArrivalKind,
    /// The limit on each worker. As many again may queue; further arrivals are shed.
    pub(crate) max_in_flight: NonZeroU64,
}

impl Load {
    /// Returns the start of the cool-down since the start of the run; `None` without a cool-down.
    pub(crate) fn cool_from(&self) -> Option<Duration> {
        let run_time = self.run_time.filter(|_| !self.cool_down.is_zero())?;
        Some(run_time.saturating_sub(self.cool_down))
    }

    /// Returns the highest level, including that of a search.
    pub(in crate::scenario) fn highest(&self) -> f64 {
        self.search.as_ref().map_or_else(|| self.start.shape().highest(), |search| search.to)
    }

    /// Returns the load of one probe of a search.
    pub(in crate::scenario) fn at_level(&self, search: &SearchOptions, level: f64) -> Self {
        let shape = Shape::Level { level, spawn_rate: None };
        let start = match (search.over, &self.start) {
            (SearchOver::Users, Start::Closed(closed)) => {
                Start::Closed(ClosedLoop { shape, pauses: closed.pauses })
            }
            (SearchOver::Users, Start::Open(_)) => Start::Closed(ClosedLoop { shape, pauses: Pauses::Think }),
            (SearchOver::Rate, Start::Open(open)) => Start::Open(OpenLoop { shape, ..open.clone() }),
            (SearchOver::Rate, Start::Closed(_)) => Start::Open(OpenLoop::of(shape)),
        };
        Self {
            start,
            search: None,
            run_time: Some(search.settle.saturating_add(search.step_time)),
            requests: None,
            warm_up: search.settle,
            cool_down: Duration::ZERO,
            grace: self.grace,
        }
    }
}

impl Start {
    pub(crate) fn kind(&self) -> LoadKind {
        match self {
            Self::Closed(_) => LoadKind::Closed,
            Self::Open(_) => LoadKind::Open,
        }
    }

    /// Returns the pauses between a response and the next request of a user; arrivals have none.
    pub(crate) fn pauses(&self) -> Pauses {
        match self {
            Self::Closed(closed) => closed.pauses,
            Self::Open(_) => Pauses::None,
        }
    }

    pub(crate) fn shape(&self) -> &Shape {
        match self {
            Self::Closed(closed) => &closed.shape,
            Self::Open(open) => &open.shape,
        }
    }
}

impl ClosedLoop {
    pub(in crate::scenario) fn of(users: NonZeroU64, spawn_rate: Option<Rate>, pauses: Pauses) -> Self {
        Self { shape: Shape::Level { level: users.get() as f64, spawn_rate }, pauses }
    }
}

impl OpenLoop {
    /// Returns arrivals of this shape with default options.
    pub(in crate::scenario) fn of(shape: Shape) -> Self {
        let max_in_flight = NonZeroU64::new(IN_FLIGHT).unwrap_or(NonZeroU64::MIN);
        Self { shape, kind: ArrivalKind::Constant, max_in_flight }
    }

    /// Returns the name of the arrival process in scenarios.
    pub(crate) fn kind_name(&self) -> &'static str {
        match self.kind {
            ArrivalKind::Constant => "constant",
            ArrivalKind::Poisson => "poisson",
            ArrivalKind::Gamma { .. } => "gamma",
        }
    }

    /// Returns the shape parameter of gamma arrivals.
    pub(crate) fn burstiness(&self) -> Option<f64> {
        match self.kind {
            ArrivalKind::Gamma { cv } => Some(1.0 / (cv * cv)),
            ArrivalKind::Constant | ArrivalKind::Poisson => None,
        }
    }
}
