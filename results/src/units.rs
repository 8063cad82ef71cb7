//! Formats figures for all reports: three significant digits, then the unit.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The text for a figure that is missing or has too few samples.
pub const NOT_AVAILABLE: &str = "n/a";

/// The unit of a figure.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Milliseconds.
    Ms,
    /// A part of 1.
    Share,
    /// Per second.
    PerSecond,
    /// A count.
    Count,
    /// A mean of counts.
    Mean,
    /// US dollars.
    Usd,
}

/// Three significant digits; thousands apart from 1 000 on.
pub fn figure(value: f64) -> String {
    let size = value.abs();
    if size >= 999.5 {
        return grouped(value);
    }
    let decimals = if size >= 99.95 {
        0
    } else if size >= 9.995 {
        1
    } else {
        2
    };
    format!("{value:.decimals$}")
}

/// `1 user`, `1 250 users`.
pub fn users(users: u64) -> String {
    if users == 1 { "1 user".to_owned() } else { format!("{} users", count(users)) }
}

/// `1 234 567`.
pub fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// Milliseconds as `84 µs`, `12.3 ms` or `1.20 s`.
pub fn ms(ms: f64) -> String {
    let size = ms.abs();
    if size < 0.9995 {
        format!("{:.0} µs", ms * 1e3)
    } else if size < 999.5 {
        format!("{} ms", figure(ms))
    } else {
        format!("{} s", figure(ms / 1e3))
    }
}

/// Formats milliseconds; `n/a` if there is no value.
pub fn ms_or_none(value: Option<f64>) -> String {
    value.map_or_else(|| NOT_AVAILABLE.to_owned(), ms)
}

/// Formats a duration like milliseconds; `n/a` if there is no value.
pub fn time(value: Option<Duration>) -> String {
    ms_or_none(value.map(to_ms))
}

/// A figure in its unit: `612 ms`, `4.2 %`, `60.3/s`, `1 206`.
pub fn with_unit(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Ms => ms(value),
        Unit::Share => percent(value),
        Unit::PerSecond => format!("{}/s", figure(value)),
        Unit::Count => grouped(value),
        Unit::Mean => figure(value),
        Unit::Usd => dollars(value),
    }
}

/// Seconds as `20 s`, `2.5 s` or `250 ms`: no more digits than it has.
pub fn seconds(seconds: f64) -> String {
    if seconds > 0.0 && seconds < 1.0 {
        return ms(seconds * 1e3);
    }
    let text = format!("{seconds:.1}");
    format!("{} s", text.strip_suffix(".0").unwrap_or(&text))
}

/// A share as `99.4 %`.
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent.abs() >= 99.95 { format!("{percent:.0} %") } else { format!("{} %", figure(percent)) }
}

/// US dollars as `$12.30`, `$0.0297`: below a dollar three significant digits.
pub fn dollars(usd: f64) -> String {
    /// Smaller amounts are written as zero.
    const DECIMALS_MAX: f64 = 8.0;
    if usd.abs() >= 999.5 {
        return format!("${}", grouped(usd));
    }
    let leading_zeros = -usd.abs().log10().floor();
    let decimals =
        if leading_zeros.is_finite() { (leading_zeros + 2.0).clamp(2.0, DECIMALS_MAX) } else { 2.0 };
    format!("${usd:.0$}", decimals as usize)
}

/// A ratio as `2.86 ×`.
pub fn ratio(value: f64) -> String {
    format!("{} ×", figure(value))
}

/// A duration as `84 µs`, `12.3 ms` or `1.20 s`.
pub fn duration(value: Duration) -> String {
    ms(to_ms(value))
}

/// A duration in milliseconds.
pub fn to_ms(value: Duration) -> f64 {
    value.as_secs_f64() * 1e3
}

fn grouped(value: f64) -> String {
    let text = count(value.abs().round() as u64);
    if value < 0.0 { format!("-{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figure_of_any_size_has_three_digits() {
        let shown =
            [0.0, 0.456, 9.994, 9.995, 12.34, 99.95, 123.4, 999.4, 999.5, 1234.4, 1_234_567.0, -45.67];
        assert_eq!(
            shown.map(figure),
            [
                "0.00",
                "0.46",
                "9.99",
                "10.0",
                "12.3",
                "100",
                "123",
                "999",
                "1 000",
                "1 234",
                "1 234 567",
                "-45.7"
            ]
        );
    }

    #[test]
    fn ms_of_any_size_chooses_the_unit() {
        let shown = [0.0, 0.084, 0.9994, 0.9996, 12.34, 999.4, 999.6, 1234.0, -0.05];
        assert_eq!(
            shown.map(ms),
            ["0 µs", "84 µs", "999 µs", "1.00 ms", "12.3 ms", "999 ms", "1.00 s", "1.23 s", "-50 µs"]
        );
        assert_eq!([0.0, 0.25, 2.5, 20.0, 3.0].map(seconds), ["0 s", "250 ms", "2.5 s", "20 s", "3 s"]);
    }

    #[test]
    fn dollars_below_one_have_three_digits() {
        let shown = [0.0, 1234.5, 12.3, 1.0, 0.5, 0.0297, 0.000_001_234, 1e-12];
        let expected =
            ["$0.00", "$1 235", "$12.30", "$1.00", "$0.500", "$0.0297", "$0.00000123", "$0.00000000"];
        assert_eq!(shown.map(dollars), expected);
    }

    #[test]
    fn percent_and_count_group_digits() {
        assert_eq!(
            [0.0, 0.0052, 0.994, 0.9996, 1.02].map(percent),
            ["0.00 %", "0.52 %", "99.4 %", "100 %", "102 %"]
        );
        assert_eq!([0, 999, 1_000, 1_234_567].map(count), ["0", "999", "1 000", "1 234 567"]);
    }
}
