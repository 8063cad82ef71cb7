//! A load, checked.

use std::num::NonZeroU64;
use std::time::Duration;

use weir_pace::{ArrivalKind, Rate};

use crate::scenario::search::SearchOptions;
use weir_results::{LoadKind, SearchOver};

use super::shape::Shape;

/// Requests in flight at once on one worker, unless the scenario says otherwise.
const IN_FLIGHT: u64 = 10_000;

/// The load of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Load {
    pub(crate) start: Start,
    /// The highest load that keeps its limits is searched for; what is beside it here is the first probe.
    pub(crate) search: Option<SearchOptions>,
    /// New requests are started for this long.
    pub(crate) run_time: Option<Duration>,
    /// So many requests are started.
    pub(crate) requests: Option<NonZeroU64>,
    /// What starts earlier is left out of the figures.
    pub(crate) warm_up: Duration,
    /// What starts in the last part of the run time likewise.
    pub(crate) cool_down: Duration,
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
    /// Of the number of users.
    pub(crate) shape: Shape,
    pub(crate) pauses: Pauses,
}

/// What users do between an answer and their next request.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Pauses {
    /// They think, if the scenario says so.
    Think,
    /// Nothing.
    None,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OpenLoop {
    /// Of the rate.
    pub(crate) shape: Shape,
    pub(crate) kind: ArrivalKind,
    /// On each worker. As many again may wait for their turn; beyond that, arrivals are shed.
    pub(crate) max_in_flight: NonZeroU64,
}

impl Load {
    /// When the cool-down begins, after the beginning of the run; `None` when there is none.
    pub(crate) fn cool_from(&self) -> Option<Duration> {
        let run_time = self.run_time.filter(|_| !self.cool_down.is_zero())?;
        Some(run_time.saturating_sub(self.cool_down))
    }

    /// The highest level that it may come to.
    pub(in crate::scenario) fn highest(&self) -> f64 {
        self.search.as_ref().map_or_else(|| self.start.shape().highest(), |search| search.to)
    }

    /// The load of one probe of a search: all else is as it is here.
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

    /// What users do between an answer and their next request; arrivals have none.
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
    /// Arrivals of this shape, with everything else as it is by default.
    pub(in crate::scenario) fn of(shape: Shape) -> Self {
        let max_in_flight = NonZeroU64::new(IN_FLIGHT).unwrap_or(NonZeroU64::MIN);
        Self { shape, kind: ArrivalKind::Constant, max_in_flight }
    }

    /// The arrival process as the scenario names it.
    pub(crate) fn kind_name(&self) -> &'static str {
        match self.kind {
            ArrivalKind::Constant => "constant",
            ArrivalKind::Poisson => "poisson",
            ArrivalKind::Gamma { .. } => "gamma",
        }
    }

    /// The shape of the gamma law, where it is one.
    pub(crate) fn burstiness(&self) -> Option<f64> {
        match self.kind {
            ArrivalKind::Gamma { cv } => Some(1.0 / (cv * cv)),
            ArrivalKind::Constant | ArrivalKind::Poisson => None,
        }
    }
}
