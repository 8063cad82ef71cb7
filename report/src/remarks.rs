//! Warnings and notes about the figures.

mod answers;

use super::verdict;
use weir_results::{
    EndReason, Generator, LoadKind, LoadSummary, Measured, Report, SearchEnd, SearchSummary, Section,
    SpeedupSummary, SpeedupVerdict, Summary, Validity, units,
};

/// The level of a remark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// For information.
    Note,
    /// The figures are valid with this reservation.
    Warning,
    /// The figures are not valid.
    Invalid,
}

const SHARED_CORES: &str = "generator and target shared this machine's cores: each slowed the other down";

/// One remark, a sentence without its full stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Remark {
    pub(super) level: Level,
    pub(super) text: String,
}

/// Returns all remarks of a report, the most severe last. A remark that applies to every section of its kind appears
/// once; any other names its section.
pub(super) fn of_report(report: &Report) -> Vec<Remark> {
    let mut gathered: Vec<(Remark, Vec<&Section>)> = Vec::new();
    for section in &report.sections {
        for remark in of_section(section) {
            match gathered.iter_mut().find(|(known, _)| *known == remark) {
                Some((_, sections)) => sections.push(section),
                None => gathered.push((remark, vec![section])),
            }
        }
    }
    let mut remarks: Vec<Remark> = gathered
        .into_iter()
        .map(|(remark, sections)| {
            if holds_everywhere(report, &sections) {
                return remark;
            }
            let titles: Vec<String> = sections.iter().map(|section| section.title.to_lowercase()).collect();
            Remark { text: format!("{}: {}", titles.join(", "), remark.text), ..remark }
        })
        .collect();
    remarks.sort_by_key(|remark| remark.level);
    remarks
}

/// Whether every section of the same kind has the remark.
fn holds_everywhere(report: &Report, with_remark: &[&Section]) -> bool {
    let kind = |section: &Section| std::mem::discriminant(&section.measured);
    let of_that_kind = |section: &&Section| with_remark.iter().any(|other| kind(other) == kind(section));
    with_remark.len() == report.sections.iter().filter(of_that_kind).count()
}

/// Returns the remarks of one section.
pub(super) fn of_section(section: &Section) -> Vec<Remark> {
    let mut remarks = Remarks(Vec::new());
    if (section.time_scale() - 1.0).abs() > f64::EPSILON {
        remarks.add(Level::Note, format!("simulated delays were multiplied by {}", section.time_scale()));
    }
    match &section.measured {
        Measured::Load(summary) => of_load(&mut remarks, summary),
        Measured::Speedup(speedup) => of_speedup(&mut remarks, speedup),
        Measured::Search(search) => of_search(&mut remarks, search),
    }
    remarks.0
}

struct Remarks(Vec<Remark>);

impl Remarks {
    fn add(&mut self, level: Level, text: impl Into<String>) {
        self.0.push(Remark { level, text: text.into() });
    }

    fn add_end(&mut self, ended: EndReason) {
        match ended {
            EndReason::RunTime | EndReason::Requests => {}
            EndReason::Interrupted => {
                self.add(Level::Warning, "interrupted: the figures cover the time until then");
            }
            EndReason::CutShort => {
                self.add(
                    Level::Warning,
                    "cut short, because the generator was killed: the figures cover the time until then",
                );
            }
            EndReason::Threshold => {
                self.add(Level::Warning, "a threshold ended the run: the figures cover the time until then");
            }
            EndReason::NothingSucceeded => {
                self.add(Level::Warning, "the run was stopped early, because its first requests all failed");
            }
            EndReason::TargetDead => self.add(
                Level::Warning,
                "the target stopped accepting connections: the figures cover the time until then",
            ),
        }
    }
}

fn of_load(remarks: &mut Remarks, summary: &Summary) {
    for note in &summary.notes {
        remarks.add(Level::Note, note.trim_end_matches('.'));
    }
    answers::of_answers(remarks, &summary.all);
    of_changes(remarks, &summary.load);
    of_generator(remarks, &summary.generator);
    let unfinished = summary.window.unfinished;
    if unfinished > 0 {
        let requests = if unfinished == 1 { "request was" } else { "requests were" };
        let text =
            format!("{} {requests} cut at the end of the grace after the run", units::count(unfinished));
        remarks.add(Level::Warning, text);
    }
    summary.window.ended.into_iter().for_each(|ended| remarks.add_end(ended));
    if let Some(reason) = verdict::no_success(summary) {
        remarks.add(Level::Invalid, format!("FAILED, {reason}"));
    }
}

/// Above this number of changes, only their number is reported.
const CHANGES_MAX: usize = 5;

fn of_changes(remarks: &mut Remarks, load: &LoadSummary) {
    let what = match load.kind {
        LoadKind::Closed => "users",
        LoadKind::Open => "rate",
    };
    if load.changes.len() > CHANGES_MAX {
        remarks.add(Level::Note, format!("{what} changed {} times", load.changes.len()));
        return;
    }
    for change in &load.changes {
        let to = match load.kind {
            LoadKind::Closed => units::count(change.to as u64),
            LoadKind::Open => format!("{}/s", units::figure(change.to)),
        };
        remarks.add(Level::Note, format!("{what} changed to {to} at {}", units::seconds(change.at_s)));
    }
}

fn of_generator(remarks: &mut Remarks, generator: &Generator) {
    if generator.shares_cores_with_target {
        remarks.add(Level::Warning, SHARED_CORES);
    }
    if let Some(arrivals) = generator.arrivals.filter(|arrivals| arrivals.late + arrivals.shed > 0) {
        let text = format!(
            "of {} arrivals, {} started late, {} had to queue (at most {} at once), {} were never started",
            units::count(arrivals.planned),
            units::count(arrivals.late),
            units::count(arrivals.queued),
            units::count(arrivals.queue_max),
            units::count(arrivals.shed),
        );
        remarks.add(Level::Warning, text);
    }
    if let Validity::Invalid { reasons } = &generator.validity {
        for reason in reasons {
            let text = format!("INVALID, the generator was the bottleneck: {}", reason.trim_end_matches('.'));
            remarks.add(Level::Invalid, text);
        }
    }
}

fn of_speedup(remarks: &mut Remarks, speedup: &SpeedupSummary) {
    if speedup.failed() > 0 {
        let kinds: Vec<&str> = speedup.failures.keys().map(String::as_str).collect();
        let text =
            format!("{} runs failed and are left out: {}", units::count(speedup.failed()), kinds.join(", "));
        remarks.add(Level::Warning, text);
    }
    if speedup.verdict == SpeedupVerdict::Undecided {
        let needed = speedup.pairs_needed.map_or_else(
            || "more pairs are needed".to_owned(),
            |pairs| format!("{pairs} pairs would show a change of 5 % in four runs of five"),
        );
        remarks.add(Level::Warning, format!("no difference shown (which does not prove equality); {needed}"));
    }
    remarks.add_end(speedup.ended);
}

fn of_search(remarks: &mut Remarks, search: &SearchSummary) {
    let level = |level| search.over.level_text(level);
    let last = search.probes.last().map_or_else(String::new, |probe| level(probe.level));
    match search.ended {
        SearchEnd::Found => {}
        SearchEnd::Ceiling => {
            let text = format!(
                "the search ended at its highest level, {}: the target may sustain more",
                level(search.to)
            );
            remarks.add(Level::Warning, text);
        }
        SearchEnd::Nothing => {
            let text = format!("no level meets the limits, not even the lowest of {}", level(search.from));
            remarks.add(Level::Warning, text);
        }
        SearchEnd::Unsteady => {
            remarks.add(Level::Warning, "levels held once and then failed repeatedly: the target is not stable enough for a highest level");
        }
        SearchEnd::Generator => {
            remarks.add(Level::Invalid, format!("the generator reached its limit first, at {last}"));
        }
        SearchEnd::TargetDead => remarks.add_end(EndReason::TargetDead),
        SearchEnd::Interrupted => remarks.add_end(EndReason::Interrupted),
        SearchEnd::CutShort => remarks.add_end(EndReason::CutShort),
    }
    if search.best.as_ref().is_some_and(|best| best.generator.shares_cores_with_target) {
        remarks.add(Level::Warning, SHARED_CORES);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_results::LoadChange;
    use weir_results::fixture;

    fn texts(report: &Report) -> Vec<String> {
        of_report(report).into_iter().map(|remark| remark.text).collect()
    }

    #[test]
    fn of_report_merges_common_remarks_and_names_the_section_of_others() {
        let mut summary = fixture::mix();
        let mut stream = fixture::streaming();
        summary.window.unfinished = 3;
        summary.time_scale = 0.1;
        stream.time_scale = 0.1;
        let report =
            Report::new("test").with_load("mix", "Mixed load", summary).with_load("s", "Streaming", stream);
        assert_eq!(
            texts(&report),
            [
                "simulated delays were multiplied by 0.1",
                "streaming: a prompt cache served this run: 25.0 % of the input tokens came from it",
                "generator and target shared this machine's cores: each slowed the other down",
                "mixed load: 3 requests were cut at the end of the grace after the run",
            ]
        );
    }

    #[test]
    fn of_report_with_one_cut_request_is_in_the_singular() {
        let mut mix = fixture::mix();
        mix.window.unfinished = 1;
        let texts = texts(&Report::new("test").with_load("mix", "Mixed load", mix));
        let cut = "1 request was cut at the end of the grace after the run";
        assert!(texts.iter().any(|text| text == cut), "{texts:?}");
    }

    #[test]
    fn of_report_with_invalid_run_puts_it_last() {
        let report = Report::new("test").with_load("open", "Open loop", fixture::open_loop());
        insta::assert_snapshot!(texts(&report).join("\n"), @"
        generator and target shared this machine's cores: each slowed the other down
        of 4 021 arrivals, 310 started late, 45 had to queue (at most 12 at once), 21 were never started
        INVALID, the generator was the bottleneck: p99 of schedule lateness was 31 ms; at most 10 ms is allowed
        ");
    }

    #[test]
    fn of_report_with_unusual_answers_counts_them() {
        let mut mix = fixture::mix();
        (mix.all.input_tokens, mix.all.cached_tokens) = (1_000, 990);
        (mix.all.empty, mix.all.unmarked, mix.all.bodies_cut, mix.all.odd_usage) = (12, 3, 2, 1);
        let report = Report::new("test").with_load("mix", "Mixed load", mix);
        insta::assert_snapshot!(texts(&report).join("\n"), @"
        a prompt cache served this run: 99.0 % of the input tokens came from it
        3 of 1 206 completed answers (0.25 %) were streams that ended without their end mark
        2 of 1 206 completed answers (0.17 %) were streams whose body went on after the end mark, so that the connection was closed
        1 of 1 206 completed answers (0.08 %) had token counts that are not whole numbers: what could not be read was left out, and events were counted
        12 of 1 206 completed answers (1.00 %) were empty: they had no content, reasoning or tool call
        generator and target shared this machine's cores: each slowed the other down
        ");
    }

    #[test]
    fn of_report_with_repeated_requests_counts_them() {
        let mut mix = fixture::mix();
        (mix.all.resends, mix.all.retried, mix.all.retries) = (2, 12, 30);
        mix.all.failed_attempts = mix.all.failures.clone();
        let report = Report::new("test").with_load("mix", "Mixed load", mix);
        insta::assert_snapshot!(texts(&report).join("\n"), @"
        2 of 1 211 requests (0.17 %) were sent again, because their reused connection was closed as they were sent
        12 of 1 211 requests (0.99 %) were retried, with 30 more attempts after 4 × http_503, 1 × reset; their latencies count from the first attempt
        generator and target shared this machine's cores: each slowed the other down
        ");
    }

    #[test]
    fn of_report_with_load_changes_lists_them() {
        let mut mix = fixture::mix();
        let change = |at_s, to| LoadChange { at_s, to, per_second: None };
        mix.load.changes = vec![change(12.0, 150.0), change(14.5, 1_000.0)];
        let remarks = texts(&Report::new("test").with_load("mix", "Mixed load", mix.clone()));
        assert_eq!(remarks[..2], ["users changed to 150 at 12 s", "users changed to 1 000 at 14.5 s"]);
        mix.load.changes = vec![change(1.0, 1.0); 6];
        let remarks = texts(&Report::new("test").with_load("mix", "Mixed load", mix));
        assert_eq!(remarks[0], "users changed 6 times");
    }

    #[test]
    fn of_report_with_failed_search_gives_the_reason() {
        let remark_of = |ended| {
            let search = SearchSummary { ended, best: None, ..fixture::search() };
            texts(&Report::new("test").with_search("search", "Search", search)).join("\n")
        };
        let ends = [
            SearchEnd::Found,
            SearchEnd::Ceiling,
            SearchEnd::Nothing,
            SearchEnd::Unsteady,
            SearchEnd::Generator,
            SearchEnd::TargetDead,
        ];
        insta::assert_snapshot!(ends.map(remark_of).join("\n"), @"

        the search ended at its highest level, 1 000 users: the target may sustain more
        no level meets the limits, not even the lowest of 10 users
        levels held once and then failed repeatedly: the target is not stable enough for a highest level
        the generator reached its limit first, at 36 users
        the target stopped accepting connections: the figures cover the time until then
        ");
    }

    #[test]
    fn of_report_with_undecided_speedup_names_the_pairs_needed() {
        let mut speedup = fixture::speedup();
        speedup.verdict = SpeedupVerdict::Undecided;
        speedup.pairs_needed = Some(37);
        speedup.ended = EndReason::Interrupted;
        let report = Report::new("test").with_speedup("speedup", "Speedup", speedup);
        assert_eq!(
            texts(&report),
            [
                "no difference shown (which does not prove equality); 37 pairs would show a change of 5 % in four runs of five",
                "interrupted: the figures cover the time until then",
            ]
        );
    }
}
