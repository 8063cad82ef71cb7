//! Rates: an amount, a slash and a period.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, de};
use thiserror::Error;

/// The periods and their seconds; of equal periods, `Display` writes the first.
const PERIODS: [(&str, u64); 5] = [("s", 1), ("min", 60), ("m", 60), ("h", 3_600), ("day", 86_400)];
const SUFFIXES: [(char, f64); 3] = [('k', 1e3), ('K', 1e3), ('M', 1e6)];

/// A rate: an amount per period, such as `"10/s"`, `"500/min"`, `"200k/min"`, `"1000/h"` or `"1M/day"`; always positive.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Rate {
    amount: f64,
    period: Duration,
}

/// Why a text is not a valid rate.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RateError {
    /// An amount without a period.
    #[error("\"{text}\" has no period; write \"{text}/s\" or \"{text}/min\" if that is what is meant")]
    NoPeriod {
        /// The given text.
        text: String,
    },
    /// An unknown period.
    #[error("\"{text}\": unknown period \"{period}\"; s, min, h and day are known")]
    UnknownPeriod {
        /// The given text.
        text: String,
        /// The part where a period was expected.
        period: String,
    },
    /// A missing or invalid number.
    #[error(
        "\"{text}\": \"{amount}\" is not a valid amount; write a number, such as \"10/s\" or \"200k/min\""
    )]
    NotANumber {
        /// The given text.
        text: String,
        /// The part where a number was expected.
        amount: String,
    },
    /// Zero, negative or infinite.
    #[error("\"{text}\" is out of range: expected an amount of more than zero")]
    OutOfRange {
        /// The given text.
        text: String,
    },
}

impl Rate {
    /// The amount per [`period`](Self::period).
    pub const fn amount(self) -> f64 {
        self.amount
    }

    /// The period of the [`amount`](Self::amount).
    pub const fn period(self) -> Duration {
        self.period
    }

    /// The amount per second.
    pub fn per_second(self) -> f64 {
        self.amount / self.period.as_secs_f64()
    }
}

impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, RateError> {
        let text = text.trim();
        let owned = || text.to_owned();
        let (amount, period) = text.split_once('/').map_or((text, None), |(a, p)| (a.trim(), Some(p.trim())));
        let parsed = parse_amount(amount)
            .ok_or_else(|| RateError::NotANumber { text: owned(), amount: amount.to_owned() })?;
        let period = period.ok_or_else(|| RateError::NoPeriod { text: owned() })?;
        let Some(&(_, seconds)) = PERIODS.iter().find(|(name, _)| *name == period) else {
            return Err(RateError::UnknownPeriod { text: owned(), period: period.to_owned() });
        };
        if !(parsed.is_finite() && parsed > 0.0) {
            return Err(RateError::OutOfRange { text: owned() });
        }
        Ok(Self { amount: parsed, period: Duration::from_secs(seconds) })
    }
}

fn parse_amount(text: &str) -> Option<f64> {
    let suffix = SUFFIXES.iter().find_map(|(suffix, factor)| Some((text.strip_suffix(*suffix)?, factor)));
    let (digits, factor) = suffix.unwrap_or((text, &1.0));
    // `f64` also parses "inf", "nan" and "1e3", which are not valid amounts.
    let plain = digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-'));
    Some(digits.parse::<f64>().ok().filter(|_| plain)? * factor)
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.period.as_secs();
        let period = PERIODS.iter().find(|(_, of)| *of == seconds).map_or("s", |(name, _)| name);
        match self.amount {
            amount if amount >= 1e6 && amount % 1e5 == 0.0 => write!(f, "{}M/{period}", amount / 1e6),
            amount if amount >= 1e4 && amount % 1e3 == 0.0 => write!(f, "{}k/{period}", amount / 1e3),
            amount => write!(f, "{amount}/{period}"),
        }
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RateVisitor)
    }
}

struct RateVisitor;

impl de::Visitor<'_> for RateVisitor {
    type Value = Rate;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a rate with its period, such as \"10/s\" or \"500/min\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Rate, E> {
        text.parse().map_err(E::custom)
    }

    // A number yields the same error as the same digits in quotes: the period is missing.
    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Rate, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Rate, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Rate, E> {
        self.visit_str(&number.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_accepts_valid_text() {
        for (text, per_second, written) in [
            ("10/s", 10.0, "10/s"),
            ("0.5/s", 0.5, "0.5/s"),
            ("500/min", 500.0 / 60.0, "500/min"),
            ("90/m", 1.5, "90/min"),
            (" 200k / min ", 200_000.0 / 60.0, "200k/min"),
            ("7200/h", 2.0, "7200/h"),
            ("1.5M/day", 1_500_000.0 / 86_400.0, "1.5M/day"),
            ("12345678/s", 12_345_678.0, "12345678/s"),
        ] {
            let rate: Rate = text.parse().unwrap();
            assert_eq!(rate.per_second(), per_second, "{text}");
            assert_eq!(rate.to_string(), written);
            assert_eq!(written.parse(), Ok(rate));
        }
    }

    #[test]
    fn parse_invalid_text_describes_error() {
        let texts = [
            "",
            "10",
            "/s",
            "ten/s",
            "10/fortnight",
            "0/s",
            "-1/s",
            "inf/s",
            "1e3/s",
            "10/s/s",
            "1.2.3/s",
            "k/s",
        ];
        let errors: Vec<_> = texts.iter().map(|text| text.parse::<Rate>().unwrap_err().to_string()).collect();
        insta::assert_snapshot!(errors.join("\n"), @r#"
        "": "" is not a valid amount; write a number, such as "10/s" or "200k/min"
        "10" has no period; write "10/s" or "10/min" if that is what is meant
        "/s": "" is not a valid amount; write a number, such as "10/s" or "200k/min"
        "ten/s": "ten" is not a valid amount; write a number, such as "10/s" or "200k/min"
        "10/fortnight": unknown period "fortnight"; s, min, h and day are known
        "0/s" is out of range: expected an amount of more than zero
        "-1/s" is out of range: expected an amount of more than zero
        "inf/s": "inf" is not a valid amount; write a number, such as "10/s" or "200k/min"
        "1e3/s": "1e3" is not a valid amount; write a number, such as "10/s" or "200k/min"
        "10/s/s": unknown period "s/s"; s, min, h and day are known
        "1.2.3/s": "1.2.3" is not a valid amount; write a number, such as "10/s" or "200k/min"
        "k/s": "k" is not a valid amount; write a number, such as "10/s" or "200k/min"
        "#);
    }

    #[test]
    fn deserialize_requires_period() {
        #[derive(Debug, Deserialize)]
        struct Key {
            requests: Rate,
        }
        assert_eq!(toml::from_str::<Key>("requests = \"500/min\"").unwrap().requests.amount(), 500.0);
        insta::assert_snapshot!(toml::from_str::<Key>("requests = 500").unwrap_err(), @r#"
        TOML parse error at line 1, column 12
          |
        1 | requests = 500
          |            ^^^
        "500" has no period; write "500/s" or "500/min" if that is what is meant
        "#);
    }
}
