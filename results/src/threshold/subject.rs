//! A figure of somebody.

use std::fmt;

use super::bound::Bound;
use super::measure::Measure;
use super::request::RequestLimits;
use super::scope::Scope;
use crate::units::Unit;

/// A figure of somebody: `task("chat").ttft.p95`.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    /// Of whom.
    pub scope: Scope,
    pub(crate) measure: Measure,
}

impl Subject {
    /// The bound that a text means for this figure.
    pub fn bound(&self, text: &str) -> Option<Bound> {
        Bound::parse(text.trim(), self.measure.kind())
    }

    /// What a text has to be for that.
    pub fn needed(&self) -> &'static str {
        self.measure.kind().needed()
    }

    /// Whether it measures the generator, which tasks and classes do not have apart.
    #[must_use]
    pub fn measures_generator(&self) -> bool {
        self.measure.is_generator()
    }

    /// The unit in which it is compared with this bound.
    pub fn unit(&self, bound: Bound) -> Unit {
        bound.unit(self.measure.kind())
    }

    /// The limits that have to be counted for it while the run goes on.
    pub fn goal(&self) -> Option<&RequestLimits> {
        match &self.measure {
            Measure::Goodput(limits) => Some(limits),
            Measure::Timing(..) | Measure::Plain(_) => None,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.scope, self.measure)
    }
}
