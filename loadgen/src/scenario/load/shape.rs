//! The level of a load over time.

use std::time::Duration;

use weir_pace::{Curve, Rate};

use weir_results::StageWay;

/// The level of a load over time: users of a closed loop, arrivals per second of an open one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    /// A constant level, from the beginning or reached at a spawn rate.
    Level {
        level: f64,
        /// Users per second; `None` if all start at once.
        spawn_rate: Option<Rate>,
    },
    /// Stages in sequence, from level 0.
    Stages(Vec<Stage>),
}

/// A stage of a load.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(crate) struct Stage {
    pub(crate) lasts: Duration,
    /// The level at its end.
    pub(crate) to: f64,
    pub(crate) way: StageWay,
}

impl Shape {
    pub(crate) fn curve(&self) -> Curve {
        match self {
            Self::Level { level, spawn_rate: None } => Curve::constant(*level),
            Self::Level { level, spawn_rate: Some(_) } => {
                Curve::constant(0.0).ramp(*level, self.spawn_time())
            }
            Self::Stages(stages) => {
                stages.iter().fold(Curve::constant(0.0), |curve, stage| match stage.way {
                    StageWay::Ramp => curve.ramp(stage.to, stage.lasts),
                    StageWay::Jump => curve.jump(stage.to).hold(stage.lasts),
                })
            }
        }
    }

    /// Returns the time in which a constant level is reached at its spawn rate.
    pub(in crate::scenario) fn spawn_time(&self) -> Duration {
        match self {
            Self::Level { level, spawn_rate: Some(rate) } => {
                Duration::try_from_secs_f64(level / rate.per_second()).unwrap_or(Duration::MAX)
            }
            Self::Level { spawn_rate: None, .. } | Self::Stages(_) => Duration::ZERO,
        }
    }

    /// Returns the sum of the stages; `None` for a constant level.
    pub(in crate::scenario) fn length(&self) -> Option<Duration> {
        match self {
            Self::Level { .. } => None,
            Self::Stages(stages) => {
                Some(stages.iter().fold(Duration::ZERO, |sum, stage| sum.saturating_add(stage.lasts)))
            }
        }
    }

    /// Returns the highest level.
    pub(crate) fn highest(&self) -> f64 {
        self.curve().max_level()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curve_spawn_rate_ramps_to_level() {
        let shape = Shape::Level { level: 10.0, spawn_rate: "2/s".parse().ok() };
        let levels = [0, 1, 5, 60].map(|s| shape.curve().level_at(Duration::from_secs(s)));
        assert_eq!(levels, [0.0, 2.0, 10.0, 10.0]);
        assert_eq!(shape.length(), None);
    }

    #[test]
    fn curve_stages_follow_in_sequence() {
        let stage = |s, to, way| Stage { lasts: Duration::from_secs(s), to, way };
        let shape = Shape::Stages(vec![
            stage(10, 50.0, StageWay::Ramp),
            stage(10, 50.0, StageWay::Ramp),
            stage(5, 200.0, StageWay::Jump),
            stage(0, 20.0, StageWay::Ramp),
            stage(5, 0.0, StageWay::Ramp),
        ]);
        let levels = [0, 5, 10, 20, 24, 25, 30].map(|s| shape.curve().level_at(Duration::from_secs(s)));
        assert_eq!(levels, [0.0, 25.0, 50.0, 200.0, 200.0, 20.0, 0.0]);
        assert_eq!((shape.length(), shape.highest()), (Some(Duration::from_secs(30)), 200.0));
    }
}
