//! How a search goes about it.

use std::time::Duration;

use weir_pace::duration_text;
use weir_results::SearchOver;

use crate::engine::RunError;
use crate::scenario::USERS_MAX;

/// More confirmations than this prove no more.
const CONFIRMATIONS_MAX: u32 = 20;

/// A search for the highest load that keeps its limits.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchOptions {
    /// What is raised.
    pub over: SearchOver,
    /// The first level: users, or arrivals per second.
    pub from: f64,
    /// The highest level that is tried.
    pub to: f64,
    /// Each level is so many times the one before, from 1.1 to 10, until a limit fails.
    pub step: f64,
    /// How long each level is measured.
    pub step_time: Duration,
    /// How long each level is kept before it is measured.
    pub settle: Duration,
    /// How near the highest level that holds comes to the lowest that fails, as a share of it, from 0.005 to 1.
    pub precision: f64,
    /// How often the highest level has to hold once more, up to 20 times.
    pub confirm: u32,
    /// What has to hold at a level, as the user wrote it: for reports.
    pub limits: Vec<String>,
}

/// Why there is no search.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// An option is out of range.
    #[error("{key}: {value} is out of range; {needed} is needed")]
    OutOfRange {
        /// Which one.
        key: &'static str,
        /// Its value.
        value: String,
        /// What would be right.
        needed: String,
    },
    /// The first probe came to nothing.
    #[error(transparent)]
    Run(#[from] RunError),
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
    /// Whether a search can go about it like this.
    ///
    /// # Errors
    ///
    /// The first option that is out of range.
    pub fn check(&self) -> Result<(), SearchError> {
        let lowest = match self.over {
            SearchOver::Users => 1.0,
            SearchOver::Rate => f64::MIN_POSITIVE,
        };
        let highest = match self.over {
            SearchOver::Users => USERS_MAX as f64,
            SearchOver::Rate => f64::MAX,
        };
        within("from", self.from, lowest, highest, "a level of more than zero")?;
        within("to", self.to, self.from, highest, "a level from `from` up to what a load may have")?;
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
            let needed = "a duration of more than zero".to_owned();
            return Err(SearchError::OutOfRange { key: "step_time", value, needed });
        }
        Ok(())
    }
}

fn within(key: &'static str, value: f64, low: f64, high: f64, needed: &str) -> Result<(), SearchError> {
    if (low..=high).contains(&value) {
        return Ok(());
    }
    Err(SearchError::OutOfRange { key, value: value.to_string(), needed: needed.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_out_of_range_are_named() {
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
        let said = bad.map(|options| options.check().unwrap_err().to_string());
        insta::assert_snapshot!(said.join("\n"), @r"
        from: 0 is out of range; a level of more than zero is needed
        from: NaN is out of range; a level of more than zero is needed
        to: 5 is out of range; a level from `from` up to what a load may have is needed
        to: 200000 is out of range; a level from `from` up to what a load may have is needed
        step: 1 is out of range; a factor from 1.1 to 10 is needed
        precision: 0 is out of range; a share from 0.005 to 1 is needed
        confirm: 21 is out of range; a number from 0 to 20 is needed
        step_time: 0s is out of range; a duration of more than zero is needed
        ");
        assert!(good().check().is_ok());
    }

    #[test]
    fn levels_are_what_can_be_had() {
        assert_eq!((SearchOver::Users.rounded(14.4), SearchOver::Rate.rounded(1234.56)), (14.0, 1235.0));
        assert!((SearchOver::Rate.rounded(0.123456) - 0.1235).abs() < 1e-12);
    }
}
