//! A month of a calendar.

use std::fmt;

use serde::Deserialize;

/// A month of a calendar, as in `"2025-08"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Month {
    year: u16,
    month: u8,
}

impl TryFrom<String> for Month {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let is_digits =
            |part: &str, count| part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit());
        let parts = text.split_once('-').filter(|(year, month)| is_digits(year, 4) && is_digits(month, 2));
        let parsed = parts.and_then(|(year, month)| Some((year.parse().ok()?, month.parse().ok()?)));
        match parsed {
            Some((year, month @ 1..=12)) => Ok(Self { year, month }),
            _ => Err(format!("expected a month such as \"2025-08\", found {text:?}")),
        }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn try_from_text_accepts_months_only() {
        let month = |text: &str| Month::try_from(text.to_owned());
        assert_eq!(month("2025-08").unwrap().to_string(), "2025-08");
        for text in ["", "2025", "2025-13", "2025-00", "25-08", "2025-8", "2025-08-01", "+025-08", "2025-+8"]
        {
            assert!(month(text).is_err(), "{text}");
        }
    }
}
