//! The options of a search.

use std::time::Duration;

use weir_pace::duration_text;
use weir_results::SearchOver;

use crate::scenario::limits::USERS_MAX;

/// The largest number of confirmations.
const CONFIRMATIONS_MAX: u32 = 20;

/// A search for the highest load that meets its limits.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchOptions {
    /// The level that is raised.
    pub over: SearchOver,
    /// The first level: users, or arrivals per second.
    pub from: f64,
    /// The highest level that is tried.
    pub to: f64,
    /// The factor from one level to the next until a limit fails, from 1.1 to 10.
    pub step: f64,
    /// How long each level is measured.
    pub step_time: Duration,
    /// How long each level is kept before it is measured.
    pub settle: Duration,
    /// The largest gap between the highest level that holds and the lowest that fails, as a share of it, from 0.005 to 1.
    pub precision: f64,
    /// How often the highest level must hold again, at most 20 times.
    pub confirm: u32,
    /// The limits as the user wrote them, for reports.
    pub limits: Vec<String>,
}

/// An option of a search is out of range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {value} is out of range; expected {expected}")]
pub struct SearchOptionsError {
    /// The option.
    pub key: &'static str,
    /// Its value.
    pub value: String,
    /// What is valid.
    pub expected: String,
}

impl Default for SearchOptions {
    fn default() -> Self {
        Self {
            over: SearchOver::Users,
            from: 10.0,
            to: 1_000.0,
            step: 2.0,
            step_time: Duration::from_secs(20),
            settle: Duration::from_secs(5),
            precision: 0.05,
            confirm: 2,
            limits: Vec::new(),
        }
    }
}

impl SearchOptions {
    /// Checks the ranges of all options.
    ///
    /// # Errors
    /// Returns the first option that is out of range.
    pub fn check(&self) -> Result<(), SearchOptionsError> {
        let lowest = match self.over {
            SearchOver::Users => 1.0,
            SearchOver::Rate => f64::MIN_POSITIVE,
        };
        let highest = match self.over {
            SearchOver::Users => USERS_MAX as f64,
            SearchOver::Rate => f64::MAX,
        };
        within("from", self.from, lowest, highest, "a level of more than zero")?;
        within("to", self.to, self.from, highest, "a level from `from` to the largest level of a load")?;
        within("step", self.step, 1.1, 10.0, "a factor from 1.1 to 10")?;
        within("precision", self.precision, 0.005, 1.0, "a share from 0.005 to 1")?;
        within(
            "confirm",
            f64::from(self.confirm),
            0.0,
            f64::from(CONFIRMATIONS_MAX),
            "a number from 0 to 20",
        )?;
        if self.step_time.is_zero() {
            let value = duration_text::format(self.step_time);
            let expected = "a duration of more than zero".to_owned();
            return Err(SearchOptionsError { key: "step_time", value, expected });
        }
        Ok(())
    }
}

fn within(
    key: &'static str,
    value: f64,
    low: f64,
    high: f64,
    expected: &str,
) -> Result<(), SearchOptionsError> {
    if (low..=high).contains(&value) {
        return Ok(());
    }
    Err(SearchOptionsError { key, value: value.to_string(), expected: expected.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_option_out_of_range_names_it() {
        let good = SearchOptions::default;
        let bad = [
            SearchOptions { from: 0.0, ..good() },
            SearchOptions { from: f64::NAN, ..good() },
            SearchOptions { to: 5.0, ..good() },
            SearchOptions { to: 200_000.0, ..good() },
            SearchOptions { step: 1.0, ..good() },
            SearchOptions { precision: 0.0, ..good() },
            SearchOptions { confirm: 21, ..good() },
            SearchOptions { step_time: Duration::ZERO, ..good() },
        ];
        let errors = bad.map(|options| options.check().unwrap_err().to_string());
        insta::assert_snapshot!(errors.join("\n"), @r"
        from: 0 is out of range; expected a level of more than zero
        from: NaN is out of range; expected a level of more than zero
        to: 5 is out of range; expected a level from `from` to the largest level of a load
        to: 200000 is out of range; expected a level from `from` to the largest level of a load
        step: 1 is out of range; expected a factor from 1.1 to 10
        precision: 0 is out of range; expected a share from 0.005 to 1
        confirm: 21 is out of range; expected a number from 0 to 20
        step_time: 0s is out of range; expected a duration of more than zero
        ");
        assert!(good().check().is_ok());
    }

    #[test]
    fn rounded_users_are_whole_and_rates_have_four_digits() {
        assert_eq!((SearchOver::Users.rounded(14.4), SearchOver::Rate.rounded(1234.56)), (14.0, 1235.0));
        assert!((SearchOver::Rate.rounded(0.123456) - 0.1235).abs() < 1e-12);
    }
}
