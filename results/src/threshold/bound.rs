//! Bounds of figures.

use std::fmt;
use std::time::Duration;

use weir_pace::{Rate, duration_text};

use crate::units::Unit;
use crate::units::to_ms;

/// On which side of its bound a figure has to be.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Less,
    AtMost,
    More,
    AtLeast,
}

/// The value with which a figure is compared.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum Bound {
    Time(Duration),
    /// In percent, as written: 7 % equals 7 / 100, and 0.07 × 100 is not 7.
    Percent(f64),
    /// A count, an amount in US dollars, or a rate per second of a figure that is always a rate.
    Number(f64),
    /// A rate of a figure that can be a share as well.
    PerSecond(f64),
}

impl Comparison {
    pub(crate) fn holds(self, value: f64, bound: f64) -> bool {
        match self {
            Self::Less => value < bound,
            Self::AtMost => value <= bound,
            Self::More => value > bound,
            Self::AtLeast => value >= bound,
        }
    }
}

impl Bound {
    /// Parses the bound of a figure of this kind.
    pub(super) fn parse(text: &str, kind: Kind) -> Option<Self> {
        match kind {
            Kind::Time => duration_text::parse(text).ok().map(Self::Time),
            Kind::Share => percent(text),
            Kind::Count | Kind::Mean | Kind::Cost => number(text).map(Self::Number),
            Kind::PerSecond => number(text).or_else(|| per_second(text)).map(Self::Number),
            Kind::Goodput => percent(text).or_else(|| per_second(text).map(Self::PerSecond)),
        }
    }

    /// Its value in its [`unit`](Self::unit).
    pub fn value(self) -> f64 {
        match self {
            Self::Time(duration) => to_ms(duration),
            Self::Percent(percent) => percent / 100.0,
            Self::Number(number) | Self::PerSecond(number) => number,
        }
    }

    /// The unit of the bound for a figure of this kind.
    pub(super) fn unit(self, kind: Kind) -> Unit {
        match (self, kind) {
            (Self::Time(_), _) => Unit::Ms,
            (Self::Percent(_), _) => Unit::Share,
            (Self::Number(_), Kind::Count) => Unit::Count,
            (Self::Number(_), Kind::Mean) => Unit::Mean,
            (Self::Number(_), Kind::Cost) => Unit::Usd,
            (Self::Number(_) | Self::PerSecond(_), _) => Unit::PerSecond,
        }
    }
}

/// The kind of values with which a figure can be compared.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Time,
    Share,
    Count,
    /// A mean of counts.
    Mean,
    PerSecond,
    /// US dollars.
    Cost,
    /// A share, or a rate.
    Goodput,
}

impl Kind {
    /// The value that is needed after the comparison.
    pub(super) fn needed(self) -> &'static str {
        match self {
            Self::Time => "a duration with its unit, such as 500ms",
            Self::Share => "a share, such as 5% or 0.05",
            Self::Count => "a number, such as 100",
            Self::Mean => "a number, such as 1.5",
            Self::Cost => "US dollars, such as 5 or 0.25",
            Self::PerSecond => "a rate, such as 100/s or 100",
            Self::Goodput => "a share, such as 95% or 0.95, or a rate, such as 40/s",
        }
    }
}

/// A percentage, or a share of at most the whole.
fn percent(text: &str) -> Option<Bound> {
    let percent = match text.strip_suffix('%') {
        Some(percent) => number(percent.trim_end())?,
        // Rounded to what people write: 0.29 × 100 is slightly below 29.
        None => (number(text)? * 1e11).round() / 1e9,
    };
    (percent <= 100.0).then_some(Bound::Percent(percent))
}

/// Digits with at most one point: neither `1e3` nor `inf`, which `f64` would read.
fn number(text: &str) -> Option<f64> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    text.parse().ok().filter(|number: &f64| is_plain && number.is_finite())
}

fn per_second(text: &str) -> Option<f64> {
    text.parse().ok().map(Rate::per_second)
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
        })
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time(duration) => f.write_str(&duration_text::format(*duration)),
            Self::Percent(percent) => write!(f, "{percent}%"),
            Self::Number(number) => write!(f, "{number}"),
            Self::PerSecond(number) => write!(f, "{number}/s"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_of_each_kind_accepts_only_its_units() {
        let read = |text, kind| Bound::parse(text, kind).map(|bound| bound.to_string());
        let time = |text| read(text, Kind::Time);
        assert_eq!((time("1500ms").as_deref(), time("5"), time("5%")), (Some("1.5s"), None, None));
        let share = |text| read(text, Kind::Share);
        assert_eq!((share("5 %").as_deref(), share("0.29").as_deref()), (Some("5%"), Some("29%")));
        assert_eq!((share("20"), share("101%"), share("5ms"), share("-1%")), (None, None, None, None));
        let rate = |text| read(text, Kind::PerSecond);
        assert_eq!((rate("60").as_deref(), rate("600/min").as_deref()), (Some("60"), Some("10")));
        assert_eq!((rate("1e3"), rate("inf"), rate("60%")), (None, None, None));
        let count = |text| read(text, Kind::Count);
        assert_eq!((count("1000").as_deref(), count("10/s"), count("")), (Some("1000"), None, None));
        let cost = |text| read(text, Kind::Cost);
        assert_eq!((cost("0.25").as_deref(), cost("5%"), cost("-1")), (Some("0.25"), None, None));
        let goodput = |text| read(text, Kind::Goodput);
        assert_eq!((goodput("40/s").as_deref(), goodput("1").as_deref()), (Some("40/s"), Some("100%")));
        assert_eq!(goodput("40"), None);
    }

    #[test]
    fn parse_of_percentage_equals_the_share() {
        for (part, whole, percent) in [(7.0, 100.0, "7%"), (29.0, 100.0, "0.29"), (1.0, 1000.0, "0.1%")] {
            let bound = Bound::parse(percent, Kind::Share).unwrap().value();
            assert!(Comparison::AtMost.holds(part / whole, bound), "{percent}");
            assert!(!Comparison::Less.holds(part / whole, bound), "{percent}");
        }
    }
}
