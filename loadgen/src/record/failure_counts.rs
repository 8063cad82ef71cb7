//! Failures by kind.

use std::collections::BTreeMap;
use std::time::Instant;

use weir_results::{FAILURE_KINDS_MAX, FailureCount};

use super::failure::FailureKind;
use crate::redact::RedactedText;

/// The failures of each kind. Where there are too many kinds, the rest is counted as one.
#[derive(Clone, Debug, Default)]
pub(crate) struct FailureCounts(BTreeMap<FailureKind, Failures>);

/// The failures of one kind.
#[derive(Clone, Debug)]
struct Failures {
    count: u64,
    /// The detail of the first one.
    example: RedactedText,
    first: Instant,
    last: Instant,
}

impl FailureCounts {
    /// Counts a failure; `example` is called only for the first of its kind.
    pub(super) fn count(&mut self, kind: FailureKind, at: Instant, example: impl FnOnce() -> RedactedText) {
        let kind = self.counted_as(kind);
        let entry = self.0.entry(kind).or_insert_with(|| Failures {
            count: 0,
            example: example(),
            first: at,
            last: at,
        });
        entry.count += 1;
        entry.last = entry.last.max(at);
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (kind, failure) in &other.0 {
            let kind = self.counted_as(*kind);
            let entry = self.0.entry(kind).or_insert_with(|| Failures { count: 0, ..failure.clone() });
            entry.count += failure.count;
            entry.first = entry.first.min(failure.first);
            entry.last = entry.last.max(failure.last);
        }
    }

    fn counted_as(&self, kind: FailureKind) -> FailureKind {
        let is_known = self.0.contains_key(&kind) || self.0.len() < FAILURE_KINDS_MAX - 1;
        if is_known { kind } else { FailureKind::Other }
    }

    /// Returns the number of failures to open a connection.
    pub(super) fn unreachable(&self) -> u64 {
        self.0.iter().filter(|(kind, _)| kind.is_unreachable()).map(|(_, failure)| failure.count).sum()
    }

    /// Returns the published counts. Instants become seconds since `epoch`.
    pub(crate) fn finish(self, epoch: Instant) -> BTreeMap<String, FailureCount> {
        let since = |at: Instant| at.saturating_duration_since(epoch).as_secs_f64();
        let counted = self.0.into_iter().map(|(kind, of_kind)| {
            let Failures { count, example, first, last } = of_kind;
            let counted =
                FailureCount { count, example: example.into(), first_s: since(first), last_s: since(last) };
            (kind.to_string(), counted)
        });
        counted.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::{Redaction, Redactor};

    #[test]
    fn count_makes_an_example_of_the_first_failure_of_a_kind_only() {
        let secrets = Redactor::new(["sk-secret-key".to_owned()]);
        let (mut counts, mut redacted) = (FailureCounts::default(), Vec::new());
        for (kind, detail) in [(429, "sk-secret-key is new"), (429, "sk-secret-key is old"), (500, "broken")]
        {
            let example = || {
                redacted.push(detail);
                Redaction::new(&secrets, None).redact(&detail.into())
            };
            counts.count(FailureKind::Http(kind), Instant::now(), example);
        }
        assert_eq!(redacted, ["sk-secret-key is new", "broken"]);
        let published = counts.finish(Instant::now());
        assert_eq!((published["http_429"].count, published["http_429"].example.as_str()), (2, "*** is new"));
    }
}
