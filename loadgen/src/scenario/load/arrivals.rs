//! The arrival process.

use weir_pace::{ArrivalKind, Arrivals, Seed, SettingProblem, Suggestion};

use crate::scenario::error::{Invalid, ScenarioProblem};

/// The names of arrival processes.
const KINDS: [&str; 3] = ["constant", "poisson", "gamma"];

/// The keys of the arrival process as written.
#[derive(Copy, Clone, Debug, Default)]
pub(in crate::scenario) struct RawArrivals<'a> {
    pub(in crate::scenario) arrivals: Option<&'a str>,
    /// The shape parameter of gamma arrivals.
    pub(in crate::scenario) burstiness: Option<f64>,
    /// Their coefficient of variation, instead of the shape parameter.
    pub(in crate::scenario) cv: Option<f64>,
}

impl RawArrivals<'_> {
    /// Returns the first key that is given.
    pub(in crate::scenario) fn first_given(&self) -> Option<&'static str> {
        let given = [
            ("arrivals", self.arrivals.is_some()),
            ("burstiness", self.burstiness.is_some()),
            ("cv", self.cv.is_some()),
        ];
        given.into_iter().find(|(_, is_given)| *is_given).map(|(key, _)| key)
    }

    /// Returns the arrival process, if one is given.
    pub(in crate::scenario) fn check(&self) -> Result<Option<ArrivalKind>, Invalid> {
        let conflict =
            |key, other, because| Err(Invalid::new(key, ScenarioProblem::Conflict { other, because }));
        match (self.arrivals, self.burstiness, self.cv) {
            (_, Some(_), Some(_)) => {
                conflict("burstiness", "cv", "both set the burstiness of arrivals: cv = 1 / sqrt(burstiness)")
            }
            (None | Some("gamma"), Some(burstiness), None) => {
                gamma("burstiness", burstiness, 1.0 / burstiness.sqrt())
            }
            (None | Some("gamma"), None, Some(cv)) => gamma("cv", cv, cv),
            (Some("gamma"), None, None) => {
                let needed =
                    "the burstiness of gamma arrivals (burstiness = 0.5; 1 is Poisson, less is more bursty)";
                Err(Invalid::new("burstiness", ScenarioProblem::Missing { needed }))
            }
            (Some("constant" | "poisson"), Some(_), None) => {
                conflict("burstiness", "arrivals", "only arrivals = \"gamma\" have a burstiness")
            }
            (Some("constant" | "poisson"), None, Some(_)) => {
                conflict("cv", "arrivals", "only arrivals = \"gamma\" have a burstiness")
            }
            (Some("constant"), None, None) => Ok(Some(ArrivalKind::Constant)),
            (Some("poisson"), None, None) => Ok(Some(ArrivalKind::Poisson)),
            (None, None, None) => Ok(None),
            (Some(name), ..) => {
                let suggestion = Suggestion::new(name, KINDS);
                let problem = SettingProblem::UnknownValue { value: name.to_owned(), suggestion };
                Err(Invalid::new("arrivals", problem))
            }
        }
    }
}

fn gamma(key: &str, given: f64, cv: f64) -> Result<Option<ArrivalKind>, Invalid> {
    let kind = ArrivalKind::Gamma { cv };
    // The valid range is that of the generator of arrivals.
    match Arrivals::new(kind, Seed::new(0)) {
        Ok(_) => Ok(Some(kind)),
        Err(_) => Err(Invalid::range(key, &given, range_of(key))),
    }
}

fn range_of(key: &str) -> &'static str {
    if key == "cv" { "a number from 0.01 to 100" } else { "a number from 0.0001 to 10000" }
}
