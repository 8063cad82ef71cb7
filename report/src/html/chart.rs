//! The input of `chart.js`.

use serde::{Serialize, Serializer};

/// One chart. The script's head documents the fields.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Chart {
    Lines(Lines),
    Bars(Bars),
}

/// Lines that share their x values.
#[derive(Debug, Serialize)]
pub(super) struct Lines {
    pub(super) title: String,
    pub(super) x: Axis,
    pub(super) y: Axis,
    pub(super) at: Vec<Number>,
    pub(super) series: Vec<Series>,
    pub(super) shades: Vec<Shade>,
    pub(super) rules: Vec<Rule>,
    /// Charts of one group share their crosshair.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) group: Option<usize>,
}

/// One line; `None` is a gap.
#[derive(Debug, Serialize)]
pub(super) struct Series {
    pub(super) name: &'static str,
    pub(super) tone: Tone,
    pub(super) fill: bool,
    pub(super) values: Vec<Option<Number>>,
}

/// Horizontal bars from zero.
#[derive(Debug, Serialize)]
pub(super) struct Bars {
    pub(super) title: &'static str,
    pub(super) x: Axis,
    pub(super) rows: Vec<Bar>,
    pub(super) rules: Vec<Rule>,
}

/// One bar, with its interval and its single values.
#[derive(Debug, Serialize)]
pub(super) struct Bar {
    pub(super) name: &'static str,
    pub(super) tone: Tone,
    pub(super) value: Number,
    pub(super) low: Option<Number>,
    pub(super) high: Option<Number>,
    pub(super) dots: Vec<Number>,
}

/// A value to compare with; `row` limits it to one bar.
#[derive(Debug, Serialize)]
pub(super) struct Rule {
    pub(super) value: Number,
    pub(super) name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) row: Option<usize>,
}

/// A shaded range of the x axis.
#[derive(Debug, Serialize)]
pub(super) struct Shade {
    pub(super) from: Number,
    pub(super) to: Number,
    pub(super) name: &'static str,
}

#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Axis {
    pub(super) unit: Unit,
    pub(super) scale: Scale,
}

#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Scale {
    Linear,
    Log,
    /// Shares of 1, with increasing resolution towards 1.
    Tail,
}

/// The script's units.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Unit {
    Ms,
    S,
    PerSecond,
    Count,
    Percent,
    Ratio,
    Percentile,
}

/// The stylesheet's colours of data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Tone {
    Blue,
    Amber,
    Rose,
    Green,
    Grey,
    Red,
}

/// A number with at most six significant digits: a chart needs no more, and the page stays small.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Number(pub(super) f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(value) = *self;
        if value == 0.0 || !value.is_finite() {
            return serializer.serialize_i64(0);
        }
        let digits = 5 - value.abs().log10().floor() as i32;
        let rounded = if digits >= 0 {
            (value * 10_f64.powi(digits)).round() / 10_f64.powi(digits)
        } else {
            value.round()
        };
        if rounded.fract() == 0.0 && rounded.abs() < 9e15 {
            serializer.serialize_i64(rounded as i64)
        } else {
            serializer.serialize_f64(rounded)
        }
    }
}

impl Axis {
    pub(super) fn linear(unit: Unit) -> Self {
        Self { unit, scale: Scale::Linear }
    }

    pub(super) fn tail() -> Self {
        Self { unit: Unit::Percentile, scale: Scale::Tail }
    }

    pub(super) fn log(unit: Unit) -> Self {
        Self { unit, scale: Scale::Log }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serialize_number_keeps_six_digits() {
        let numbers = [0.0, 1.0, 1_234.567_891, 0.001_234_567_89, 12_345_678.9, -0.5, f64::NAN].map(Number);
        assert_eq!(serde_json::to_string(&numbers).unwrap(), "[0,1,1234.57,0.00123457,12345679,-0.5,0]");
    }
}
