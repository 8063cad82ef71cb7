//! The grammar of durations: one or more pairs of a number and a unit, the largest unit first.

use std::fmt::Write;
use std::time::Duration;

use thiserror::Error;

/// Units and their nanoseconds, largest first. Both micro signs of Unicode are accepted; `us` is written.
const UNITS: [(&str, u64); 8] = [
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("\u{b5}s", 1_000),
    ("\u{3bc}s", 1_000),
    ("ns", 1),
];

/// Why a text is not a valid duration.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DurationError {
    /// The text is empty.
    #[error("an empty text is not a valid duration; write a number with a unit, such as \"250ms\"")]
    Empty,
    /// A number without a unit.
    #[error("{text} has no unit; write \"{text}s\" or \"{text}ms\" if that is what is meant")]
    NoUnit {
        /// The given text.
        text: String,
    },
    /// An unknown unit.
    #[error("\"{text}\": unknown unit \"{unit}\"; h, m, s, ms, us and ns are known")]
    UnknownUnit {
        /// The given text.
        text: String,
        /// The part where a unit was expected.
        unit: String,
    },
    /// A missing or invalid number.
    #[error("\"{text}\" is not a valid duration; write a number with a unit, such as \"250ms\" or \"1m30s\"")]
    NotANumber {
        /// The given text.
        text: String,
    },
    /// A negative duration.
    #[error("{text} is negative; a duration must not be negative")]
    Negative {
        /// The given text.
        text: String,
    },
    /// A repeated unit, or a smaller unit before a larger one.
    #[error("\"{text}\": units must be in descending order, each at most once, as in \"1m30s\"")]
    Order {
        /// The given text.
        text: String,
    },
    /// A fraction of a nanosecond.
    #[error("\"{text}\" is finer than a nanosecond; write fewer decimals")]
    TooFine {
        /// The given text.
        text: String,
    },
    /// More nanoseconds than 64 bits can represent.
    #[error("\"{text}\" is longer than 584 years; write a shorter duration")]
    TooLong {
        /// The given text.
        text: String,
    },
}

/// Parses a duration with a unit: `"250ms"`, `"1.2s"`, `"1m30s"`.
///
/// # Errors
/// Returns what is wrong with the text, and what would be valid.
pub fn parse(text: &str) -> Result<Duration, DurationError> {
    let text = text.trim();
    let owned = || text.to_owned();
    if text.is_empty() {
        return Err(DurationError::Empty);
    }
    if let Some(positive) = text.strip_prefix('-') {
        return Err(match parse(positive) {
            Ok(_) | Err(DurationError::NoUnit { .. }) => DurationError::Negative { text: owned() },
            Err(_) => DurationError::NotANumber { text: owned() },
        });
    }
    let (mut rest, mut total, mut smaller_than) = (text, 0_u64, u64::MAX);
    while !rest.is_empty() {
        let (number, after) = split_where(rest, |c| !c.is_ascii_digit() && c != '.');
        let (unit, after) = split_where(after, |c| c.is_ascii_digit() || c == '.');
        let unit = unit.trim();
        if unit.is_empty() && rest == text && is_decimal(number) {
            return Err(DurationError::NoUnit { text: owned() });
        }
        if !is_decimal(number) || unit.is_empty() {
            return Err(DurationError::NotANumber { text: owned() });
        }
        let Some(&(_, unit_ns)) = UNITS.iter().find(|(name, _)| *name == unit) else {
            return Err(DurationError::UnknownUnit { text: owned(), unit: unit.to_owned() });
        };
        if unit_ns >= smaller_than {
            return Err(DurationError::Order { text: owned() });
        }
        let part = nanoseconds(number, unit_ns, text)?;
        total = total.checked_add(part).ok_or_else(|| DurationError::TooLong { text: owned() })?;
        (rest, smaller_than) = (after, unit_ns);
    }
    Ok(Duration::from_nanos(total))
}

/// Like [`parse`], for a command line: a bare number means seconds, as in Locust (`--run-time 60`).
///
/// # Errors
/// Returns what is wrong with the text, and what would be valid.
pub fn parse_cli_duration(text: &str) -> Result<Duration, DurationError> {
    match parse(text) {
        Err(DurationError::NoUnit { text }) => parse(&format!("{text}s")),
        other => other,
    }
}

/// Formats a duration so that [`parse`] returns the same value: `"250ms"`, `"1.2s"`, `"1m30s"`, `"0s"`.
pub fn format(duration: Duration) -> String {
    let mut text = String::new();
    let (hours, minutes) = (duration.as_secs() / 3600, duration.as_secs() / 60 % 60);
    let below_minute = Duration::new(duration.as_secs() % 60, duration.subsec_nanos());
    for (count, unit) in [(hours, "h"), (minutes, "m")] {
        if count > 0 {
            push(&mut text, format_args!("{count}{unit}"));
        }
    }
    if below_minute > Duration::ZERO || text.is_empty() {
        push_seconds(&mut text, below_minute);
    }
    text
}

/// Appends a duration below one minute in the largest unit with a non-zero integer part.
fn push_seconds(text: &mut String, duration: Duration) {
    let total_ns = duration.as_secs() * 1_000_000_000 + u64::from(duration.subsec_nanos());
    let (unit, unit_ns, digits) = match total_ns {
        1..1_000 => ("ns", 1, 0),
        1_000..1_000_000 => ("us", 1_000, 3),
        1_000_000..1_000_000_000 => ("ms", 1_000_000, 6),
        _ => ("s", 1_000_000_000, 9),
    };
    push(text, format_args!("{}", total_ns / unit_ns));
    let fraction = total_ns % unit_ns;
    if fraction > 0 {
        let decimals = format!("{fraction:0digits$}");
        push(text, format_args!(".{}", decimals.trim_end_matches('0')));
    }
    text.push_str(unit);
}

fn push(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a `String` cannot fail.
    let _ = text.write_fmt(arguments);
}

fn split_where(text: &str, stop: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(stop).unwrap_or(text.len()))
}

/// Whether the text is a decimal such as `12`, `1.2` or `.5`.
fn is_decimal(number: &str) -> bool {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let empty = whole.is_empty() && fraction.is_empty();
    !empty && !fraction.contains('.')
}

/// Computes exactly, so that a formatted duration is parsed back to the same value.
fn nanoseconds(number: &str, unit_ns: u64, text: &str) -> Result<u64, DurationError> {
    let too_long = || DurationError::TooLong { text: text.to_owned() };
    let too_fine = || DurationError::TooFine { text: text.to_owned() };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| too_long())? };
    let mut total = whole.checked_mul(unit_ns).ok_or_else(too_long)?;
    let mut digit_ns = unit_ns;
    let mut exact = true;
    for digit in fraction.chars().filter_map(|c| c.to_digit(10)) {
        // 3.6e12 (an hour) is divisible by ten while it has trailing zeros; after that only zeros may follow.
        exact &= digit_ns.is_multiple_of(10);
        digit_ns /= 10;
        if digit > 0 && !exact {
            return Err(too_fine());
        }
        total = total.checked_add(u64::from(digit) * digit_ns).ok_or_else(too_long)?;
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn parse_accepts_valid_text() {
        for (text, ns) in [
            ("80ns", 80),
            ("120us", 120_000),
            ("120µs", 120_000),
            ("250ms", 250_000_000),
            ("1.2s", 1_200_000_000),
            (".5s", 500_000_000),
            (" 5 m ", 300_000_000_000),
            ("1m30s", 90_000_000_000),
            ("1m 30s", 90_000_000_000),
            ("2h", 7_200_000_000_000),
            ("1h0.5m", 3_630_000_000_000),
            ("0s", 0),
            ("0.0000000010s", 1),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_nanos(ns)), "{text}");
        }
    }

    #[test]
    fn parse_cli_duration_plain_number_means_seconds() {
        assert_eq!(parse_cli_duration("60"), Ok(Duration::from_secs(60)));
        assert_eq!(parse_cli_duration("0.5"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_cli_duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(parse_cli_duration("-3"), Err(DurationError::Negative { text: "-3".to_owned() }));
    }

    #[test]
    fn parse_invalid_text_describes_error() {
        let texts = [
            "",
            "60",
            "1.5",
            "1.2.3s",
            ".",
            "ms",
            "fast",
            "1 2s",
            "3 weeks",
            "2d",
            "-1ms",
            "-7",
            "--1s",
            "30s1m",
            "1s1s",
            "0.5ns",
            "1e3s",
            "999999999h",
            "99999999999999999999s",
        ];
        let errors: Vec<_> = texts.iter().map(|text| parse(text).unwrap_err().to_string()).collect();
        insta::assert_snapshot!(errors.join("\n"), @r#"
        an empty text is not a valid duration; write a number with a unit, such as "250ms"
        60 has no unit; write "60s" or "60ms" if that is what is meant
        1.5 has no unit; write "1.5s" or "1.5ms" if that is what is meant
        "1.2.3s" is not a valid duration; write a number with a unit, such as "250ms" or "1m30s"
        "." is not a valid duration; write a number with a unit, such as "250ms" or "1m30s"
        "ms" is not a valid duration; write a number with a unit, such as "250ms" or "1m30s"
        "fast" is not a valid duration; write a number with a unit, such as "250ms" or "1m30s"
        1 2s has no unit; write "1 2ss" or "1 2sms" if that is what is meant
        "3 weeks": unknown unit "weeks"; h, m, s, ms, us and ns are known
        "2d": unknown unit "d"; h, m, s, ms, us and ns are known
        -1ms is negative; a duration must not be negative
        -7 is negative; a duration must not be negative
        "--1s" is not a valid duration; write a number with a unit, such as "250ms" or "1m30s"
        "30s1m": units must be in descending order, each at most once, as in "1m30s"
        "1s1s": units must be in descending order, each at most once, as in "1m30s"
        "0.5ns" is finer than a nanosecond; write fewer decimals
        "1e3s": unknown unit "e"; h, m, s, ms, us and ns are known
        "999999999h" is longer than 584 years; write a shorter duration
        "99999999999999999999s" is longer than 584 years; write a shorter duration
        "#);
    }

    #[test]
    fn format_writes_shortest_text() {
        let written = [0, 80, 120_000, 1_500, 250_000_000, 1_200_000_000, 90_000_000_000, 3_600_000_000_000]
            .map(|ns| format(Duration::from_nanos(ns)));
        assert_eq!(written, ["0s", "80ns", "120us", "1.5us", "250ms", "1.2s", "1m30s", "1h"]);
    }

    proptest! {
        #[test]
        fn format_and_parse_round_trip(ns: u64, shift in 0_u32..64) {
            let duration = Duration::from_nanos(ns >> shift);
            prop_assert_eq!(parse(&format(duration)), Ok(duration));
        }

        #[test]
        fn parse_arbitrary_text_never_panics(text in "[-0-9.hmsnuµ ]{0,12}") {
            // Neither a panic nor a wrong duration.
            if let Ok(duration) = parse(&text) {
                prop_assert_eq!(parse(&format(duration)), Ok(duration));
            }
        }
    }
}
