//! Collects the reports of the workers while the run goes on.

use std::time::Duration;

use weir_results::{Abort, EndReason, Rule, Summary};

use super::aggregate::Aggregate;
use super::ending::EndSignal;
use super::summary::{RunContext, RunProgress, summarise};
use super::worker::IntervalReport;

/// Adds up reports, ends the run when a threshold that aborts has failed, and gives the summary so far or at the end.
pub(super) struct Collector<'a> {
    context: RunContext<'a>,
    aggregate: Aggregate,
    signal: EndSignal,
}

impl<'a> Collector<'a> {
    pub(super) fn new(context: RunContext<'a>, signal: EndSignal) -> Self {
        Self { aggregate: Aggregate::new(context.plan, signal.clone()), context, signal }
    }

    /// Adds a report, and calls `on_second` for each second that it completes.
    pub(super) fn add(&mut self, report: &IntervalReport, on_second: &mut impl FnMut(&RunProgress<'_>)) {
        let complete = self.aggregate.add(report);
        if complete > 0 && self.context.abort.is_none() {
            self.context.abort = self.broken_rule();
            if self.context.abort.is_some() {
                self.signal.end(EndReason::Threshold);
            }
        }
        let first = self.aggregate.seconds.len() - complete;
        for second in self.aggregate.seconds.iter().skip(first) {
            on_second(&RunProgress::new(second, &|| self.summary()));
        }
    }

    pub(super) fn summary(&self) -> Summary {
        summarise(&self.context, &self.aggregate)
    }

    /// The rule that ends the run with the last complete second, if one does.
    fn broken_rule(&self) -> Option<Abort> {
        let at_s = self.aggregate.seconds.last()?.at_s + 1;
        let measured = Duration::from_secs(at_s).saturating_sub(self.context.plan.load.warm_up);
        let rules = &self.context.scenario.criteria.rules;
        let rule = Rule::broken(rules, measured, || self.summary())?;
        Some(Abort { rule, at_s })
    }
}
