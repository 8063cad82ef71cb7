//! Numbers.

use serde_json::Number;

use super::{Conjunction, WriteError, Writer};
use crate::schema::{
    json::Json,
    node::{Bound, Edge, Kinds, Step},
    validate::is_valid_number,
};

/// The range of numbers that have no bound on one side.
const SPAN: f64 = 100.0;
/// Candidates that are tried, upwards from a random one.
const ATTEMPTS: u32 = 1_000;
/// Steps between non-integers, the coarsest first that the bounds allow.
const STEPS: [Step; 5] = [
    Step { units: 1, places: 2 },
    Step { units: 1, places: 4 },
    Step { units: 1, places: 6 },
    Step { units: 1, places: 9 },
    Step { units: 1, places: 15 },
];
const WHOLE: Step = Step { units: 1, places: 0 };

impl<'a> Writer<'a> {
    pub(super) fn number(&mut self, conjunction: &Conjunction<'a>) -> Result<Json, WriteError> {
        let (low, high) = (conjunction.low(), conjunction.high());
        let is_whole = !conjunction.kinds().has(Kinds::FRACTION);
        let asked = conjunction.nodes().find_map(|node| node.number.step);
        let steps: Vec<Step> = match (asked, is_whole) {
            (Some(step), _) => vec![step],
            (None, true) => vec![WHOLE],
            (None, false) => STEPS.into(),
        };
        for step in steps {
            let (first, last) = multiples(low, high, step);
            if first > last {
                continue;
            }
            let start = first + (self.unit() * (last - first + 1.0)).floor();
            for offset in 0..ATTEMPTS {
                let count = start + f64::from(offset);
                let count = if count > last { first + (count - last - 1.0) } else { count };
                if count > last {
                    break;
                }
                let value = number(step.of(count));
                let Some(number) = value else { continue };
                let fits = !is_whole || Kinds::of(&Json::Number(number.clone())) == Kinds::INTEGER;
                if fits && conjunction.nodes().all(|node| is_valid_number(&node.number, &number)) {
                    return Ok(Json::Number(number));
                }
            }
        }
        let kind = if is_whole { "integer" } else { "number" };
        Err(conjunction.fault(&format!("no {kind} is {}", demands(low, high, asked))))
    }
}

/// The first and the last multiple of `step` in the range.
fn multiples(low: Option<Bound>, high: Option<Bound>, step: Step) -> (f64, f64) {
    let span = SPAN.max(step.size() * SPAN);
    let (from, to) = match (low, high) {
        (Some(low), Some(high)) => (low.at, high.at),
        (Some(low), None) => (low.at, low.at + span),
        (None, Some(high)) if high.at >= 0.0 => (high.at.min(0.0), high.at.min(span)),
        (None, Some(high)) => (high.at - span, high.at),
        (None, None) => (0.0, span),
    };
    ((from / step.size()).ceil(), (to / step.size()).floor())
}

/// Integers are written without a point.
fn number(value: f64) -> Option<Number> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() <= EXACT {
        return Some(Number::from(value as i64));
    }
    Number::from_f64(value)
}

/// Describes the rules, for errors.
fn demands(low: Option<Bound>, high: Option<Bound>, step: Option<Step>) -> String {
    let low = low.map(|Bound { at, edge }| match edge {
        Edge::Within => format!("at least {at}"),
        Edge::Without => format!("above {at}"),
    });
    let high = high.map(|Bound { at, edge }| match edge {
        Edge::Within => format!("at most {at}"),
        Edge::Without => format!("below {at}"),
    });
    let step = step.map(|step| format!("a multiple of {}", step.size()));
    low.into_iter().chain(high).chain(step).collect::<Vec<_>>().join(" and ")
}
