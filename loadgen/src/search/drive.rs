//! A search over real runs.

use std::time::SystemTime;

use crate::control::Control;
use crate::engine::{RunError, RunOptions, SoFar, run};
use crate::scenario::Scenario;
use weir_results::units::to_ms;
use weir_results::{
    EndReason, Histogram, ProbeOutcome, ProbeSummary, SCHEMA, SearchEnd, SearchOver, SearchSummary, Summary,
    Validity, utc_label,
};

use super::machine::{Outcome, Probe, Search, Step, Verdict};
use super::options::{SearchError, SearchOptions};

/// How far a search is.
#[derive(Debug)]
pub enum SearchProgress<'a> {
    /// A probe begins.
    Begins {
        /// Its number, from 1.
        number: usize,
        /// Its users, or arrivals per second.
        level: f64,
    },
    /// One more second of it is complete.
    Second(&'a SoFar<'a>),
    /// It has ended.
    Ended(&'a ProbeSummary),
}

/// Searches for the highest load that a target bears. Each level is a run of its own, with connections of its own;
/// `holds` says of its figures whether every limit does.
///
/// A search that is stopped, or that finds nothing, is no error: its summary says so.
///
/// # Errors
///
/// An option is out of range, or the first run cannot come about.
pub fn run_search(
    scenario: &Scenario,
    search: &SearchOptions,
    options: &RunOptions,
    control: &Control,
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
        // A level that is tried again is tried with other choices.
        let seed = options.seed.derive(found.probes.len() as u64);
        let options = RunOptions { seed, ..options.clone() };
        let ran = run(&level, options, control, |so_far| on_progress(SearchProgress::Second(so_far)));
        let summary = match ran {
            Ok(summary) => summary,
            // It was there for the probe before.
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
    Ok(summarise(scenario, search, options, started, ended, &machine, found))
}

/// What was found so far.
#[derive(Default)]
struct Findings {
    probes: Vec<ProbeSummary>,
    /// Of the probe that held last.
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

/// How a probe came out, or why there are no more.
fn judge(summary: &Summary, holds: &impl Fn(&Summary) -> bool) -> Result<Outcome, SearchEnd> {
    match (summary.window.ended, &summary.generator.validity) {
        (Some(EndReason::Interrupted), _) => Err(SearchEnd::Interrupted),
        (Some(EndReason::TargetDead), _) => Err(SearchEnd::TargetDead),
        (_, Validity::Invalid { .. }) => Err(SearchEnd::Generator),
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

fn summarise(
    scenario: &Scenario,
    search: &SearchOptions,
    options: &RunOptions,
    started: String,
    ended: SearchEnd,
    machine: &Search,
    found: Findings,
) -> SearchSummary {
    let held = machine.held();
    SearchSummary {
        schema: SCHEMA,
        weir: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: scenario.name().to_owned(),
        target: scenario.target().map(ToString::to_string).unwrap_or_default(),
        started,
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
        probes: found.probes,
        // Each level that held is higher than those before; if it then failed, there is none.
        best: held.and(found.best),
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
