//! The verdict on a report, in one line.

use weir_results::{
    EndReason, Measured, Recommendation, Report, RunVerdict, SearchSummary, Section, Summary,
    ThresholdResult, Validity, recommendations, units,
};

/// Returns why the figures do not describe the target: the generator was the bottleneck, or the run was cut short
/// by something other than a threshold.
pub(super) fn invalid_reasons(section: &Section) -> Vec<String> {
    let mut doubts = match &section.measured {
        Measured::Load(summary) => generator_problems(summary),
        Measured::Speedup(_) => Vec::new(),
        Measured::Search(search) => search_problems(search),
    };
    let cut_short = match section.ended() {
        Some(ended @ (EndReason::Interrupted | EndReason::TargetDead | EndReason::CutShort)) => {
            Some(ended.to_string())
        }
        Some(EndReason::RunTime | EndReason::Requests | EndReason::Threshold) | None => None,
    };
    doubts.extend(cut_short);
    doubts
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
        RunVerdict::Passed | RunVerdict::Failed => held,
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
