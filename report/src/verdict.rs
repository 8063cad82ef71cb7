//! The verdict on a report, in one line.

use std::collections::BTreeMap;

use weir_results::{
    EndReason, FailureCount, Measured, NoSuccess, Recommendation, Report, RunVerdict, SearchSummary, Section,
    Summary, ThresholdResult, Validity, recommendations, units, visible,
};

/// Kinds of failures that a verdict lists.
const FAILURES_MAX: usize = 4;

/// The longest message of a failure in a verdict or table, in characters.
const MESSAGE_CHARS_MAX: usize = 120;

/// Returns why the figures do not describe the target: the generator was the bottleneck, the target could not be reached,
/// or the run was cut short by something other than a threshold.
pub(super) fn invalid_reasons(section: &Section) -> Vec<String> {
    let mut doubts = match &section.measured {
        Measured::Load(summary) => {
            let mut problems = generator_problems(summary);
            if summary.no_success() == Some(NoSuccess::Unreachable) {
                problems.extend(no_success(summary));
            }
            problems
        }
        Measured::Speedup(_) => Vec::new(),
        Measured::Search(search) => search_problems(search),
    };
    let cut_short = match section.ended() {
        Some(ended @ (EndReason::Interrupted | EndReason::TargetDead | EndReason::CutShort)) => {
            Some(ended.to_string())
        }
        Some(
            EndReason::RunTime | EndReason::Requests | EndReason::Threshold | EndReason::NothingSucceeded,
        )
        | None => None,
    };
    doubts.extend(cut_short);
    doubts
}

/// Returns why no request of a load succeeded, with the first message of each kind of failure; `None` if one did.
pub(super) fn no_success(summary: &Summary) -> Option<String> {
    let what = match summary.no_success()? {
        NoSuccess::Unreachable => "the target could not be reached",
        NoSuccess::Failed => "no request succeeded",
    };
    let failures = failures_by_count(summary.decisive_failures());
    let mut details: Vec<String> = failures
        .iter()
        .take(FAILURES_MAX)
        .map(|(kind, failure)| format!("{} × {kind}: {}", units::count(failure.count), message(failure)))
        .collect();
    if failures.len() > FAILURES_MAX {
        details.push("…".to_owned());
    }
    let others = [(summary.all.rate_limited, "rate limited"), (summary.window.unfinished, "not finished")];
    for (count, how) in others.into_iter().filter(|(count, _)| *count > 0) {
        details.push(format!("{} × {how}", units::count(count)));
    }
    if details.is_empty() {
        details.push("none was sent in the measured window".to_owned());
    }
    Some(format!("{what}: {}", details.join("; ")))
}

/// Returns the kinds of failures, the most frequent first.
pub(super) fn failures_by_count(failures: &BTreeMap<String, FailureCount>) -> Vec<(&str, &FailureCount)> {
    let mut kinds: Vec<_> = failures.iter().map(|(kind, failure)| (kind.as_str(), failure)).collect();
    kinds.sort_by_key(|(_, failure)| std::cmp::Reverse(failure.count));
    kinds
}

/// Returns the message of the first failure of a kind, shortened, with hidden characters escaped.
pub(super) fn message(failure: &FailureCount) -> String {
    let visible = visible(&failure.example);
    if visible.chars().count() <= MESSAGE_CHARS_MAX {
        return visible.into_owned();
    }
    let start: String = visible.chars().take(MESSAGE_CHARS_MAX - 1).collect();
    format!("{start}…")
}

/// Returns the thresholds of a section, failed ones first.
pub(super) fn thresholds(section: &Section) -> Vec<&ThresholdResult> {
    match &section.measured {
        Measured::Load(summary) => failed_first(summary),
        Measured::Speedup(_) | Measured::Search(_) => Vec::new(),
    }
}

fn search_problems(search: &SearchSummary) -> Vec<String> {
    match search.verdict() {
        RunVerdict::Passed | RunVerdict::Failed => Vec::new(),
        RunVerdict::Invalid | RunVerdict::Interrupted => vec![search.ended.to_string()],
    }
}

fn generator_problems(summary: &Summary) -> Vec<String> {
    match &summary.generator.validity {
        Validity::Valid => Vec::new(),
        Validity::Invalid { reasons } => {
            let of_reason = |reason: &String| format!("the generator was the bottleneck: {reason}");
            reasons.iter().map(of_reason).collect()
        }
    }
}

/// Returns the thresholds of a run, failed ones first.
pub(super) fn failed_first(summary: &Summary) -> Vec<&ThresholdResult> {
    let mut results: Vec<&ThresholdResult> = summary.thresholds.iter().collect();
    results.sort_by_key(|result| result.passed());
    results
}

/// Returns the number of thresholds that held: `2 of 3 held`.
pub(super) fn held_of_all(results: &[&ThresholdResult]) -> String {
    let held = results.iter().filter(|result| result.passed()).count();
    format!("{held} of {} held", results.len())
}

/// Returns the measured value of a threshold, and whether it ended the run.
pub(super) fn measured(result: &ThresholdResult) -> String {
    match result.ended_run_at_s {
        Some(at_s) => format!("{}, ended the run after {}", result.measured, units::seconds(at_s)),
        None => result.measured.clone(),
    }
}

/// Returns the verdict on the whole report, which is the most severe of its sections, and the reason.
pub(super) fn of_report(report: &Report) -> (RunVerdict, String) {
    let verdict = report.sections.iter().map(Section::verdict).max().unwrap_or(RunVerdict::Passed);
    let results: Vec<&ThresholdResult> = report.sections.iter().flat_map(thresholds).collect();
    let kept = results.iter().filter(|result| result.passed()).count();
    let held = match results.len() {
        0 => String::new(),
        all => format!("{kept} of {all} thresholds held"),
    };
    let doubts: Vec<String> = report.sections.iter().flat_map(invalid_reasons).collect();
    let because = match verdict {
        RunVerdict::Passed => held,
        RunVerdict::Failed => {
            let reasons = report.sections.iter().filter_map(|section| match &section.measured {
                Measured::Load(summary) => no_success(summary),
                Measured::Speedup(_) | Measured::Search(_) => None,
            });
            reasons.chain((!held.is_empty()).then_some(held)).collect::<Vec<_>>().join("; ")
        }
        RunVerdict::Invalid | RunVerdict::Interrupted => doubts.join("; "),
    };
    (verdict, because)
}

/// Returns the recommendations of all sections, the most severe first.
pub(super) fn advice(report: &Report) -> Vec<Recommendation> {
    let loads: Vec<(&Section, &Summary)> = report
        .sections
        .iter()
        .filter_map(|section| match &section.measured {
            Measured::Load(summary) => Some((section, summary.as_ref())),
            Measured::Speedup(_) | Measured::Search(_) => None,
        })
        .collect();
    let mut advice: Vec<Recommendation> = Vec::new();
    for (section, summary) in &loads {
        for mut recommendation in recommendations(summary) {
            if loads.len() > 1 {
                recommendation.text = format!("{}: {}", section.name, recommendation.text);
            }
            advice.push(recommendation);
        }
    }
    advice.sort_by_key(|recommendation| std::cmp::Reverse(recommendation.severity));
    advice
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_results::fixture;

    fn failing(failures: &[(&str, u64, &str)]) -> Summary {
        let mut summary = fixture::mix();
        summary.all.completed = 0;
        let failure = |(kind, count, example): &(&str, u64, &str)| {
            let example = (*example).to_owned();
            ((*kind).to_owned(), FailureCount { count: *count, example, ..FailureCount::default() })
        };
        summary.all.failures = failures.iter().map(failure).collect();
        summary
    }

    fn verdict_of(summary: Summary) -> String {
        let (verdict, because) = of_report(&Report::new("test").with_load("mix", "Mix", summary));
        format!("{verdict:?}: {because}")
    }

    #[test]
    fn of_report_without_success_gives_the_first_message_of_each_kind() {
        let summary =
            failing(&[("http_404", 3, "no such\u{1b}[2J model"), ("tls", 40, "certificate expired")]);
        insta::assert_snapshot!(verdict_of(summary), @r"Failed: no request succeeded: 40 × tls: certificate expired; 3 × http_404: no such\u{1b}[2J model");
        insta::assert_snapshot!(verdict_of(failing(&[("connect", 12, "refused")])), @"Invalid: the target could not be reached: 12 × connect: refused");
        insta::assert_snapshot!(verdict_of(failing(&[])), @"Failed: no request succeeded: none was sent in the measured window");
    }

    #[test]
    fn message_of_long_text_is_shortened() {
        let failure = FailureCount { example: "x".repeat(500), ..FailureCount::default() };
        assert_eq!(message(&failure).chars().count(), MESSAGE_CHARS_MAX);
        assert!(message(&failure).ends_with("x…"));
    }
}
