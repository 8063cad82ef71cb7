//! The grammar of a duration: one or more of a number and its unit, the largest unit first.

use std::fmt::Write;
use std::time::Duration;

use thiserror::Error;

/// Units and their nanoseconds, largest first. Both micro signs of Unicode are read; `us` is written.
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

/// Why a text is no duration.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DurationError {
    /// Nothing but spaces.
    #[error("an empty text is no duration; write a number with a unit, such as \"250ms\"")]
    Empty,
    /// A number alone.
    #[error("{text} has no unit; write \"{text}s\" or \"{text}ms\" if that is what is meant")]
    NoUnit {
        /// What was given.
        text: String,
    },
    /// A unit that is none.
    #[error("\"{text}\": unknown unit \"{unit}\"; h, m, s, ms, us and ns are known")]
    UnknownUnit {
        /// What was given.
        text: String,
        /// The part of it that should have been a unit.
        unit: String,
    },
    /// No number where one belongs.
    #[error("\"{text}\" is no duration; write a number with a unit, such as \"250ms\" or \"1m30s\"")]
    NotANumber {
        /// What was given.
        text: String,
    },
    /// Below zero.
    #[error("{text} is negative; a duration of zero or more is needed")]
    Negative {
        /// What was given.
        text: String,
    },
    /// A unit twice, or a small one before a large one.
    #[error("\"{text}\": units go from large to small, each once, as in \"1m30s\"")]
    Order {
        /// What was given.
        text: String,
    },
    /// A fraction of a nanosecond.
    #[error("\"{text}\" is finer than a nanosecond; write fewer decimals")]
    TooFine {
        /// What was given.
        text: String,
    },
    /// More nanoseconds than 64 bits hold.
    #[error("\"{text}\" is longer than 584 years; write a shorter duration")]
    TooLong {
        /// What was given.
        text: String,
    },
}

/// Reads a duration with its unit: `"250ms"`, `"1.2s"`, `"1m30s"`.
///
/// # Errors
/// What is wrong with the text, and what would be right.
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

/// As [`parse`], for a command line: a bare number means seconds, which is Locust's habit (`--run-time 60`).
///
/// # Errors
/// What is wrong with the text, and what would be right.
pub fn parse_cli_duration(text: &str) -> Result<Duration, DurationError> {
    match parse(text) {
        Err(DurationError::NoUnit { text }) => parse(&format!("{text}s")),
        other => other,
    }
}

/// Writes a duration so that [`parse`] reads the same nanosecond: `"250ms"`, `"1.2s"`, `"1m30s"`, `"0s"`.
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

/// Less than a minute, in the largest unit that has a whole part.
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

/// `12`, `1.2` and `.5`, but neither `.` nor `1.2.3`.
fn is_decimal(number: &str) -> bool {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let empty = whole.is_empty() && fraction.is_empty();
    !empty && !fraction.contains('.')
}

/// Exact: a duration that passes through text stays what it was.
fn nanoseconds(number: &str, unit_ns: u64, text: &str) -> Result<u64, DurationError> {
    let too_long = || DurationError::TooLong { text: text.to_owned() };
    let too_fine = || DurationError::TooFine { text: text.to_owned() };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| too_long())? };
    let mut total = whole.checked_mul(unit_ns).ok_or_else(too_long)?;
    let mut digit_ns = unit_ns;
    let mut exact = true;
    for digit in fraction.chars().filter_map(|c| c.to_digit(10)) {
        // 3.6e12 (an hour) divides by ten exactly while it has zeros left; then only zeros may follow.
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
    fn reads_what_people_write() {
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
    fn a_command_line_may_leave_out_the_seconds() {
        assert_eq!(parse_cli_duration("60"), Ok(Duration::from_secs(60)));
        assert_eq!(parse_cli_duration("0.5"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_cli_duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(parse_cli_duration("-3"), Err(DurationError::Negative { text: "-3".to_owned() }));
    }

    #[test]
    fn says_what_is_wrong() {
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
        let said: Vec<_> = texts.iter().map(|text| parse(text).unwrap_err().to_string()).collect();
        insta::assert_snapshot!(said.join("\n"), @r#"
        an empty text is no duration; write a number with a unit, such as "250ms"
        60 has no unit; write "60s" or "60ms" if that is what is meant
        1.5 has no unit; write "1.5s" or "1.5ms" if that is what is meant
        "1.2.3s" is no duration; write a number with a unit, such as "250ms" or "1m30s"
        "." is no duration; write a number with a unit, such as "250ms" or "1m30s"
        "ms" is no duration; write a number with a unit, such as "250ms" or "1m30s"
        "fast" is no duration; write a number with a unit, such as "250ms" or "1m30s"
        1 2s has no unit; write "1 2ss" or "1 2sms" if that is what is meant
        "3 weeks": unknown unit "weeks"; h, m, s, ms, us and ns are known
        "2d": unknown unit "d"; h, m, s, ms, us and ns are known
        -1ms is negative; a duration of zero or more is needed
        -7 is negative; a duration of zero or more is needed
        "--1s" is no duration; write a number with a unit, such as "250ms" or "1m30s"
        "30s1m": units go from large to small, each once, as in "1m30s"
        "1s1s": units go from large to small, each once, as in "1m30s"
        "0.5ns" is finer than a nanosecond; write fewer decimals
        "1e3s": unknown unit "e"; h, m, s, ms, us and ns are known
        "999999999h" is longer than 584 years; write a shorter duration
        "99999999999999999999s" is longer than 584 years; write a shorter duration
        "#);
    }

    #[test]
    fn writes_the_shortest_text() {
        let written = [0, 80, 120_000, 1_500, 250_000_000, 1_200_000_000, 90_000_000_000, 3_600_000_000_000]
            .map(|ns| format(Duration::from_nanos(ns)));
        assert_eq!(written, ["0s", "80ns", "120us", "1.5us", "250ms", "1.2s", "1m30s", "1h"]);
    }

    proptest! {
        #[test]
        fn text_keeps_every_nanosecond(ns: u64, shift in 0_u32..64) {
            let duration = Duration::from_nanos(ns >> shift);
            prop_assert_eq!(parse(&format(duration)), Ok(duration));
        }

        #[test]
        fn any_text_is_answered(text in "[-0-9.hmsnuµ ]{0,12}") {
            // Neither a panic nor a duration that the text does not say.
            if let Ok(duration) = parse(&text) {
                prop_assert_eq!(parse(&format(duration)), Ok(duration));
            }
        }
    }
}
