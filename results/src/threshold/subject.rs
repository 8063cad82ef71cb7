//! A figure with its scope.

use std::fmt;

use super::bound::Bound;
use super::measure::Measure;
use super::request::RequestLimits;
use super::scope::Scope;
use crate::units::Unit;

/// A figure with its scope: `task("chat").ttft.p95`.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    /// The scope.
    pub scope: Scope,
    pub(crate) measure: Measure,
}

impl Subject {
    /// Parses a bound of this figure.
    pub fn bound(&self, text: &str) -> Option<Bound> {
        Bound::parse(text.trim(), self.measure.kind())
    }

    /// Describes a valid bound.
    pub fn needed(&self) -> &'static str {
        self.measure.kind().needed()
    }

    /// Whether the figure measures the generator, which has no figures per task or class.
    #[must_use]
    pub fn measures_generator(&self) -> bool {
        self.measure.is_generator()
    }

    /// The unit of the comparison with this bound.
    pub fn unit(&self, bound: Bound) -> Unit {
        bound.unit(self.measure.kind())
    }

    /// The limits whose goodput must be counted during the run.
    pub fn goal(&self) -> Option<&RequestLimits> {
        match &self.measure {
            Measure::Goodput(limits) => Some(limits),
            Measure::Timing(..) | Measure::Scalar(_) => None,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.scope, self.measure)
    }
}
