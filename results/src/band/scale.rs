//! The bounds between grades.

use serde::{Deserialize, Serialize};

use super::grade::BOUNDS_MAX;
use crate::threshold::{Better, Bound, Subject, ThresholdError};

/// A figure and the bounds between its grades, the best first: `"e2e.p95" = ["100ms", "500ms", "1s"]`.
///
/// Three bounds part excellent, good, acceptable and needs work; two part pass, warn and fail; one pass and fail. A
/// figure on a bound is on its better side.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(try_from = "BandText", into = "BandText")]
pub struct Band {
    subject: Subject,
    pub(crate) bounds: Vec<Bound>,
}

/// Why a band is invalid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BandError {
    /// The figure cannot be read.
    #[error(transparent)]
    Figure(#[from] ThresholdError),
    /// No bounds, or more than three.
    #[error("expected 3 bounds (excellent, good, acceptable), 2 (pass, warn) or 1 (pass), found {found}")]
    Number {
        /// How many there are.
        found: usize,
    },
    /// A bound that the figure cannot be compared with.
    #[error("bound `{value}` cannot be compared with `{figure}`; give {needed}")]
    Value {
        /// The bound.
        value: String,
        /// The figure.
        figure: String,
        /// What is needed instead.
        needed: &'static str,
    },
    /// Bounds in another order.
    #[error("bound `{value}` must be worse than `{before}`, the bound before it; the best comes first")]
    Order {
        /// The bound.
        value: String,
        /// The one before it.
        before: String,
    },
    /// Bounds of different units.
    #[error("bounds `{before}` and `{value}` have different units")]
    Units {
        /// The bound.
        value: String,
        /// The one before it.
        before: String,
    },
}

impl Band {
    /// Reads a figure and its bounds.
    ///
    /// # Errors
    ///
    /// Fails if the figure or a bound is invalid, or the bounds are not ordered from best to worst.
    pub fn parse(figure: &str, bounds: &[String]) -> Result<Self, BandError> {
        let subject = Subject::parse(figure)?;
        if !(1..=BOUNDS_MAX).contains(&bounds.len()) {
            return Err(BandError::Number { found: bounds.len() });
        }
        let read = |text: &String| {
            subject.bound(text).ok_or_else(|| BandError::Value {
                value: text.clone(),
                figure: figure.to_owned(),
                needed: subject.needed(),
            })
        };
        let bounds = bounds.iter().map(read).collect::<Result<Vec<Bound>, _>>()?;
        let band = Self { subject, bounds };
        band.check_order()?;
        Ok(band)
    }

    fn check_order(&self) -> Result<(), BandError> {
        for (before, bound) in self.bounds.iter().zip(self.bounds.iter().skip(1)) {
            let texts = || (bound.to_string(), before.to_string());
            if self.subject.unit(*before) != self.subject.unit(*bound) {
                let (value, before) = texts();
                return Err(BandError::Units { value, before });
            }
            if self.is_within(bound.value(), *before) {
                let (value, before) = texts();
                return Err(BandError::Order { value, before });
            }
        }
        Ok(())
    }

    /// What is rated.
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    pub(crate) fn is_within(&self, value: f64, bound: Bound) -> bool {
        match self.subject.measure.better() {
            Better::Lower => value <= bound.value(),
            Better::Higher => value >= bound.value(),
        }
    }
}

/// A band in its text form.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct BandText {
    figure: String,
    bounds: Vec<String>,
}

impl From<Band> for BandText {
    fn from(band: Band) -> Self {
        let bounds = band.bounds.iter().map(ToString::to_string).collect();
        Self { figure: band.subject.to_string(), bounds }
    }
}

impl TryFrom<BandText> for Band {
    type Error = BandError;

    fn try_from(text: BandText) -> Result<Self, BandError> {
        Self::parse(&text.figure, &text.bounds)
    }
}

#[cfg(test)]
mod tests {
    use super::super::grade::Grade;
    use super::*;
    use crate::fixture;
    use crate::rating::rating;

    fn band(figure: &str, bounds: &[&str]) -> Result<Band, BandError> {
        Band::parse(figure, &bounds.iter().map(|&bound| bound.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn parse_invalid_bounds_names_the_problem() {
        let refusal = |figure, bounds: &[&str]| band(figure, bounds).unwrap_err().to_string();
        insta::assert_snapshot!(refusal("e2e.p9x", &["1s"]), @"`e2e.p9x`, character 5: unknown statistic `p9x` (did you mean `p99`?)");
        insta::assert_snapshot!(refusal("errors", &[]), @"expected 3 bounds (excellent, good, acceptable), 2 (pass, warn) or 1 (pass), found 0");
        insta::assert_snapshot!(refusal("errors", &["1%", "5ms"]), @"bound `5ms` cannot be compared with `errors`; give a share, such as 5% or 0.05");
        insta::assert_snapshot!(refusal("rps", &["100", "500"]), @"bound `500` must be worse than `100`, the bound before it; the best comes first");
        insta::assert_snapshot!(refusal("e2e.p95", &["1s", "1s"]), @"bound `1s` must be worse than `1s`, the bound before it; the best comes first");
        insta::assert_snapshot!(refusal("goodput(e2e < 1s)", &["95%", "40/s"]), @"bounds `95%` and `40/s` have different units");
    }

    #[test]
    fn rating_with_two_bounds_is_pass_warn_or_fail() {
        // prompt-service: failures 0 / 1 to 5 / above 5 %; p95 up to 10 s / 30 s / above.
        let bands = [band("errors", &["0%", "5%"]).unwrap(), band("e2e.p95", &["10s", "30s"]).unwrap()];
        let grades = |failed, median_ms| {
            let mut summary = fixture::mix();
            summary.bands = bands.to_vec();
            summary.all.failed = failed;
            summary.all.e2e = fixture::spread(1_000, median_ms, 0.1);
            rating(&summary).unwrap().figures.iter().map(|figure| figure.grade).collect::<Vec<_>>()
        };
        assert_eq!(grades(0, 400.0), [Grade::Pass, Grade::Pass]);
        assert_eq!(grades(20, 12_000.0), [Grade::Warn, Grade::Warn]);
        assert_eq!(grades(200, 40_000.0), [Grade::Fail, Grade::Fail]);
    }

    #[test]
    fn serialize_and_parse_returns_the_same_band() {
        let band = band("class(\"a b\").goodput(ttft < 500ms)", &["99%", "95%"]).unwrap();
        let text = serde_json::to_string(&band).unwrap();
        assert_eq!(serde_json::from_str::<Band>(&text).unwrap(), band);
        assert!(serde_json::from_str::<Band>(r#"{"figure":"rps","bounds":[]}"#).is_err());
    }
}
