//! Stages of a load.

use std::str::FromStr;
use std::time::Duration;

use weir_pace::{DurationError, RateError, SettingProblem, parse_cli_duration};

use crate::scenario::error::{Invalid, ScenarioProblem};
use crate::scenario::limits::{STAGES_MAX, USERS_MAX};
use crate::scenario::raw::{RawStage, StageRate};
use weir_results::{LoadKind, StageWay};

use super::shape::Stage;

/// The stages of a load: all of users, or all of rates.
///
/// The text on the command line has the form `30s:50,1m:100,10s:0` for users, `30s:50/s,1m:0/s` for rates.
#[derive(Clone, Debug, PartialEq)]
pub struct Stages {
    pub(in crate::scenario) kind: LoadKind,
    pub(in crate::scenario) list: Vec<Stage>,
}

/// Why a text is not a list of stages.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum StagesError {
    /// A stage without a colon.
    #[error(
        "\"{part}\" is not a stage; write a duration, a colon and users or a rate, as in \"30s:50\" or \"30s:50/s\""
    )]
    Form {
        /// The text of the stage.
        part: String,
    },
    /// The duration before the colon is not valid.
    #[error(transparent)]
    Duration(#[from] DurationError),
    /// The rate is not valid.
    #[error(transparent)]
    Rate(#[from] RateError),
    /// The number of users is not valid.
    #[error(
        "\"{users}\" is not a number of users; expected a number from 0 to {USERS_MAX}, or a rate such as \"50/s\""
    )]
    Users {
        /// The given text.
        users: String,
    },
    /// Users and rates in one list.
    #[error("\"{part}\" is of the other kind; all stages must be of users, or all of rates")]
    Mixed {
        /// The first stage of the other kind.
        part: String,
    },
    /// Too many stages.
    #[error("{count} stages are too many; expected at most {STAGES_MAX}")]
    TooMany {
        /// The number of stages.
        count: usize,
    },
    /// The sum of the stages is 0 s.
    #[error("the sum of the stages is 0s; it must be longer")]
    NoTime,
}

impl FromStr for Stages {
    type Err = StagesError;

    fn from_str(text: &str) -> Result<Self, StagesError> {
        let parts: Vec<&str> = text.split(',').map(str::trim).collect();
        let mut list = Vec::new();
        let mut kind = None;
        for part in &parts {
            let (other, stage) = parse_stage(part)?;
            if *kind.get_or_insert(other) != other {
                return Err(StagesError::Mixed { part: (*part).to_owned() });
            }
            list.push(stage);
        }
        Self { kind: kind.unwrap_or(LoadKind::Closed), list }.bounded()
    }
}

fn parse_stage(part: &str) -> Result<(LoadKind, Stage), StagesError> {
    let (lasts, level) = part.split_once(':').ok_or_else(|| StagesError::Form { part: part.to_owned() })?;
    let (lasts, level) = (parse_cli_duration(lasts.trim())?, level.trim());
    let (kind, to) = if level.contains('/') {
        (LoadKind::Open, level.parse::<StageRate>()?.0)
    } else {
        let users = level.parse::<u64>().ok().filter(|users| *users <= USERS_MAX);
        (LoadKind::Closed, users.ok_or_else(|| StagesError::Users { users: level.to_owned() })? as f64)
    };
    Ok((kind, Stage { lasts, to, way: StageWay::Ramp }))
}

impl Stages {
    pub(super) fn check(raw: &[RawStage]) -> Result<Self, Invalid> {
        let mut stages = Vec::with_capacity(raw.len());
        for (index, stage) in raw.iter().enumerate() {
            let within = |invalid: Invalid| invalid.within(&format!("stages[{index}]"));
            stages.push(check_stage(stage).map_err(within)?);
        }
        let Some(&(kind, _)) = stages.first() else {
            let needed = "at least one stage, such as { for = \"30s\", users = 50 }";
            return Err(Invalid::new("stages", ScenarioProblem::Missing { needed }));
        };
        if let Some(index) = stages.iter().position(|(other, _)| *other != kind) {
            let (key, other) = match kind {
                LoadKind::Closed => ("rate", "users"),
                LoadKind::Open => ("users", "rate"),
            };
            let because = "all stages must be of users, or all of rates";
            let problem = ScenarioProblem::Conflict { other, because };
            return Err(Invalid::new(format!("stages[{index}].{key}"), problem));
        }
        let list = stages.into_iter().map(|(_, stage)| stage).collect();
        Self { kind, list }
            .bounded()
            .map_err(|error| Invalid::new("stages", SettingProblem::Invalid(error.to_string())))
    }

    fn bounded(self) -> Result<Self, StagesError> {
        match self.list.len() {
            count if count > STAGES_MAX => Err(StagesError::TooMany { count }),
            _ if self.list.iter().all(|stage| stage.lasts.is_zero()) => Err(StagesError::NoTime),
            _ => Ok(self),
        }
    }
}

fn check_stage(raw: &RawStage) -> Result<(LoadKind, Stage), Invalid> {
    let (kind, to) = match (raw.users, raw.rate) {
        (Some(users), None) if users <= USERS_MAX => (LoadKind::Closed, users as f64),
        (Some(users), None) => {
            return Err(Invalid::range("users", &users, format!("a number from 0 to {USERS_MAX}")));
        }
        (None, Some(rate)) => (LoadKind::Open, rate.0),
        (Some(_), Some(_)) => {
            let because = "a stage has either users or a rate";
            return Err(Invalid::new("users", ScenarioProblem::Conflict { other: "rate", because }));
        }
        (None, None) => {
            let needed = "`users` (users = 50) or `rate` (rate = \"50/s\")";
            return Err(Invalid::new("users", ScenarioProblem::Missing { needed }));
        }
    };
    let way = if raw.jump { StageWay::Jump } else { StageWay::Ramp };
    Ok((kind, Stage { lasts: raw.length.map_or(Duration::ZERO, |span| span.0), to, way }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_str_users_and_rates_are_read() {
        let stages: Stages = "30s:50, 1m:100 ,0:20,10:0".parse().unwrap();
        let read: Vec<_> = stages.list.iter().map(|stage| (stage.lasts.as_secs(), stage.to)).collect();
        assert_eq!(read, [(30, 50.0), (60, 100.0), (0, 20.0), (10, 0.0)]);
        assert_eq!(stages.kind, LoadKind::Closed);
        let stages: Stages = "30s:600/min,5s:0/s".parse().unwrap();
        assert_eq!((stages.kind, stages.list[0].to, stages.list[1].to), (LoadKind::Open, 10.0, 0.0));
    }

    #[test]
    fn from_str_invalid_text_is_an_error() {
        let errors = ["", "30s", "30x:5", "30s:many", "30s:200000", "30s:-1/s", "30s:5,30s:5/s", "0s:5"]
            .map(|text| text.parse::<Stages>().unwrap_err().to_string());
        insta::assert_snapshot!(errors.join("\n"), @r#"
        "" is not a stage; write a duration, a colon and users or a rate, as in "30s:50" or "30s:50/s"
        "30s" is not a stage; write a duration, a colon and users or a rate, as in "30s:50" or "30s:50/s"
        "30x": unknown unit "x"; h, m, s, ms, us and ns are known
        "many" is not a number of users; expected a number from 0 to 100000, or a rate such as "50/s"
        "200000" is not a number of users; expected a number from 0 to 100000, or a rate such as "50/s"
        "-1/s" is out of range: expected an amount of more than zero
        "30s:5/s" is of the other kind; all stages must be of users, or all of rates
        the sum of the stages is 0s; it must be longer
        "#);
        let many = vec!["1s:1"; 1_001].join(",").parse::<Stages>();
        assert_eq!(many, Err(StagesError::TooMany { count: 1_001 }));
    }
}
