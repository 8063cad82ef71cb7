//! A search over runs.

use std::time::SystemTime;

use crate::run::{Control, RunError, RunOptions, RunProgress, run};
use crate::scenario::{Scenario, SearchOptions, SearchOptionsError};
use weir_results::units::to_ms;
use weir_results::{
    EndReason, Histogram, NoSuccess, ProbeOutcome, ProbeSummary, SCHEMA, SearchEnd, SearchOver,
    SearchSummary, Second, Summary, Validity, utc_label,
};

use super::machine::{Outcome, Probe, Search, Step, Verdict};

/// Why a search fails.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// An option is out of range.
    #[error(transparent)]
    Options(#[from] SearchOptionsError),
    /// The first run fails.
    #[error(transparent)]
    Run(#[from] RunError),
}

/// The progress of a search.
#[derive(Debug)]
pub enum SearchProgress<'a> {
    /// A probe starts.
    Begins {
        /// Its number, from 1.
        number: usize,
        /// Its users, or arrivals per second.
        level: f64,
    },
    /// One more second of the probe is complete.
    Second(SearchSoFar<'a>),
    /// The probe has ended.
    Ended(&'a ProbeSummary),
}

/// Searches for the highest load at which every limit holds. Each level is a separate run with new connections; `holds`
/// returns whether the limits hold in its summary.
///
/// A search that is stopped, or that finds nothing, has a summary too; it states how the search ended.
///
/// # Errors
/// Fails if an option is out of range, or the first run fails.
pub fn run_search(
    scenario: &Scenario,
    search: &SearchOptions,
    options: &RunOptions,
    control: &Control,
    holds: impl Fn(&Summary) -> bool,
    on_progress: impl FnMut(SearchProgress<'_>),
) -> Result<SearchSummary, SearchError> {
    let run = |level: &Scenario, options: RunOptions, on_second: &mut OnSecond<'_>| {
        run(level, options, control, on_second)
    };
    search_over(run, scenario, search, options, holds, on_progress)
}

pub(crate) type OnSecond<'a> = dyn FnMut(&RunProgress<'_>) + 'a;

/// Searches over the runs that `run` makes.
pub(crate) fn search_over(
    mut run: impl FnMut(&Scenario, RunOptions, &mut OnSecond<'_>) -> Result<Summary, RunError>,
    scenario: &Scenario,
    search: &SearchOptions,
    options: &RunOptions,
    holds: impl Fn(&Summary) -> bool,
    mut on_progress: impl FnMut(SearchProgress<'_>),
) -> Result<SearchSummary, SearchError> {
    search.check()?;
    let started = utc_label(SystemTime::now());
    let mut machine = Search::new(search);
    let mut found = Findings::default();
    let ended = loop {
        let probe = machine.probe();
        on_progress(SearchProgress::Begins { number: found.probes.len() + 1, level: probe.level });
        let level = scenario.at_level(search, probe.level);
        // Each probe makes other random choices, also at the same level.
        let seed = options.seed.derive(found.probes.len() as u64);
        let of_probe = RunOptions { seed, ..options.clone() };
        let state = State { scenario, search, options, started: &started, machine: &machine, found: &found };
        let on_second =
            &mut |probe: &RunProgress<'_>| on_progress(SearchProgress::Second(SearchSoFar { probe, state }));
        let summary = match run(&level, of_probe, on_second) {
            Ok(summary) => summary,
            // The target was reachable in the previous probe.
            Err(RunError::Unreachable { .. }) if !found.probes.is_empty() => break SearchEnd::TargetDead,
            Err(error) => return Err(error.into()),
        };
        let judged = judge(&summary, &holds);
        found.add(search.over, probe, summary, judged);
        found.probes.last().into_iter().for_each(|probe| on_progress(SearchProgress::Ended(probe)));
        let outcome = match judged {
            Ok(outcome) => outcome,
            Err(end) => break end,
        };
        if let Step::Done(verdict) = machine.next(outcome) {
            break verdict.into();
        }
    };
    let state = State { scenario, search, options, started: &started, machine: &machine, found: &found };
    Ok(state.summary(ended))
}

/// A search in one of its probes.
#[derive(Clone, Copy, Debug)]
pub struct SearchSoFar<'a> {
    probe: &'a RunProgress<'a>,
    state: State<'a>,
}

impl SearchSoFar<'_> {
    /// Returns the last second of the current probe.
    #[must_use]
    pub fn second(&self) -> &Second {
        self.probe.second()
    }

    /// Returns the summary of the search, without the current probe, as of a search that was cut short.
    #[must_use]
    pub fn summary(&self) -> SearchSummary {
        self.state.summary(SearchEnd::CutShort)
    }
}

/// The results so far.
#[derive(Debug, Default)]
struct Findings {
    probes: Vec<ProbeSummary>,
    /// The summary of the last probe that held.
    best: Option<Box<Summary>>,
}

impl Findings {
    fn add(&mut self, over: SearchOver, probe: Probe, summary: Summary, judged: Result<Outcome, SearchEnd>) {
        let outcome = match judged {
            Ok(Outcome::Held) => ProbeOutcome::Held,
            Ok(Outcome::Failed) => ProbeOutcome::Failed,
            Err(SearchEnd::Generator) => ProbeOutcome::Invalid,
            Err(_) => ProbeOutcome::Cut,
        };
        self.probes.push(probe_summary(over, probe, outcome, &summary));
        if outcome == ProbeOutcome::Held {
            self.best = Some(Box::new(summary));
        }
    }
}

/// Returns the outcome of a probe, or the reason to end the search.
fn judge(summary: &Summary, holds: &impl Fn(&Summary) -> bool) -> Result<Outcome, SearchEnd> {
    match (summary.window.ended, &summary.generator.validity) {
        (Some(EndReason::Interrupted), _) => Err(SearchEnd::Interrupted),
        (Some(EndReason::TargetDead), _) => Err(SearchEnd::TargetDead),
        (_, Validity::Invalid { .. }) => Err(SearchEnd::Generator),
        _ if summary.no_success() == Some(NoSuccess::Unreachable) => Err(SearchEnd::TargetDead),
        _ if summary.no_success().is_some() => Ok(Outcome::Failed),
        (_, Validity::Valid) if holds(summary) => Ok(Outcome::Held),
        (_, Validity::Valid) => Ok(Outcome::Failed),
    }
}

fn probe_summary(over: SearchOver, probe: Probe, outcome: ProbeOutcome, summary: &Summary) -> ProbeSummary {
    let all = &summary.all;
    let latency = match over {
        SearchOver::Users => &all.e2e,
        SearchOver::Rate => &all.response_time,
    };
    let ms = |histogram: &Histogram, q| histogram.quantile(q).map(to_ms);
    ProbeSummary {
        level: probe.level,
        purpose: probe.purpose,
        outcome,
        rps: all.rps,
        tokens_per_second: all.tokens_per_second,
        latency_p50_ms: ms(latency, 0.5),
        latency_p95_ms: ms(latency, 0.95),
        ttft_p95_ms: ms(&all.ttft, 0.95),
        error_share: all.share(all.failed).unwrap_or_default(),
    }
}

/// What a search has found so far.
#[derive(Clone, Copy, Debug)]
struct State<'a> {
    scenario: &'a Scenario,
    search: &'a SearchOptions,
    options: &'a RunOptions,
    started: &'a str,
    machine: &'a Search,
    found: &'a Findings,
}

impl State<'_> {
    fn summary(&self, ended: SearchEnd) -> SearchSummary {
        let &Self { scenario, search, options, started, machine, found } = self;
        let held = machine.held();
        SearchSummary {
            schema: SCHEMA,
            weir: env!("CARGO_PKG_VERSION").to_owned(),
            scenario: scenario.name().to_owned(),
            target: scenario.target().map(ToString::to_string).unwrap_or_default(),
            started: started.to_owned(),
            seed: options.seed.get(),
            time_scale: scenario.time_scale,
            over: search.over,
            from: search.from,
            to: search.to,
            step: search.step,
            precision: search.precision,
            confirm: search.confirm,
            step_time_s: search.step_time.as_secs_f64(),
            settle_s: search.settle.as_secs_f64(),
            limits: search.limits.clone(),
            ended,
            held,
            failed: machine.failed(),
            probes: found.probes.clone(),
            // Each level that held is higher than the one before. If the last later failed, there is no best.
            best: held.and(found.best.clone()),
        }
    }
}

impl From<Verdict> for SearchEnd {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Found(_) => Self::Found,
            Verdict::Ceiling(_) => Self::Ceiling,
            Verdict::Nothing => Self::Nothing,
            Verdict::Unsteady => Self::Unsteady,
        }
    }
}
