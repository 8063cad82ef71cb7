//! The range of a search on the command line.

use std::str::FromStr;

use weir_pace::{Rate, RateError};

use weir_results::SearchOver;

/// The levels of a search: `10..2000` users, or `10/s..2000/s` arrivals.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct SearchRange {
    /// The level that is raised.
    pub over: SearchOver,
    /// The first level.
    pub from: f64,
    /// The highest level.
    pub to: f64,
}

/// Why a text is not a range of a search.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SearchRangeError {
    /// Not two levels.
    #[error(
        "\"{text}\" is not a range; write two levels, as in \"10..2000\" for users or \"10/s..2000/s\" for a rate"
    )]
    Form {
        /// The given text.
        text: String,
    },
    /// An invalid rate.
    #[error(transparent)]
    Rate(#[from] RateError),
}

impl FromStr for SearchRange {
    type Err = SearchRangeError;

    fn from_str(text: &str) -> Result<Self, SearchRangeError> {
        let wrong = || SearchRangeError::Form { text: text.to_owned() };
        let (from, to) = text.split_once("..").ok_or_else(wrong)?;
        let (from, to) = (from.trim(), to.trim());
        if from.contains('/') || to.contains('/') {
            let rate = |text: &str| Ok::<_, RateError>(text.parse::<Rate>()?.per_second());
            return Ok(Self { over: SearchOver::Rate, from: rate(from)?, to: rate(to)? });
        }
        let users = |text: &str| text.parse::<u32>().map(f64::from).map_err(|_| wrong());
        Ok(Self { over: SearchOver::Users, from: users(from)?, to: users(to)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_str_users_and_rates_are_read() {
        let users = SearchRange { over: SearchOver::Users, from: 10.0, to: 2000.0 };
        assert_eq!("10..2000".parse(), Ok(users));
        let rates = SearchRange { over: SearchOver::Rate, from: 10.0, to: 2000.0 };
        assert_eq!("600/min .. 2k/s".parse(), Ok(rates));
        let errors = ["10", "10-20", "a..b", "10/s..20", "1.5..3"]
            .map(|text| text.parse::<SearchRange>().unwrap_err().to_string());
        insta::assert_snapshot!(errors.join("\n"), @r#"
        "10" is not a range; write two levels, as in "10..2000" for users or "10/s..2000/s" for a rate
        "10-20" is not a range; write two levels, as in "10..2000" for users or "10/s..2000/s" for a rate
        "a..b" is not a range; write two levels, as in "10..2000" for users or "10/s..2000/s" for a rate
        "20" has no period; write "20/s" or "20/min" if that is what is meant
        "1.5..3" is not a range; write two levels, as in "10..2000" for users or "10/s..2000/s" for a rate
        "#);
    }
}
