//! The summary of a run.

mod cost;
mod progress;
mod streams;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::health::{Delays, Health, Judged, health};
use crate::record::{FailureCounts, Interval, Series, WindowCounts};
use crate::scenario::{Pauses, Scenario, Shape, Stage, Start, UserClass};
use crate::watch::Watcher;
use weir_results::{
    Abort, ClassFigures, FailureCount, Figures, Generator, LoadKind, LoadSummary, RequestLimits, Rule,
    SCHEMA, StageSummary, Summary, TaskFigures, Window,
};

use super::aggregate::Aggregate;
use super::plan::Plan;

pub use self::progress::RunProgress;

/// What the summary needs beside the figures.
pub(super) struct RunContext<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) plan: &'a Plan,
    pub(super) started: String,
    pub(super) locality: Locality,
    pub(super) watcher: Option<Watcher>,
    /// The threshold that ended the run, if one did.
    pub(super) abort: Option<Abort>,
}

/// Where the target runs.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Locality {
    /// On this machine: it competes with the load generator for cores.
    Local,
    Remote,
}

/// Returns the summary of a run, with its figures so far.
pub(super) fn summarise(context: &RunContext<'_>, run: &Aggregate) -> Summary {
    let RunContext { scenario, plan, .. } = context;
    let in_window_of_tasks = run.in_window();
    let mut in_window = WindowCounts::default();
    in_window_of_tasks.iter().for_each(|of_task| in_window.merge(of_task));
    let measured_s = measured_s(plan, &in_window, run.window_end());

    let window = Window {
        run_s: seconds(run.at.unwrap_or(plan.epoch).saturating_duration_since(plan.epoch)),
        warm_up_s: seconds(plan.load.warm_up),
        cool_down_s: seconds(plan.load.cool_down),
        measured_s,
        ended: run.end_reason(),
        unfinished: run.unfinished(),
    };
    let (cpu, load) = (run.cpu(), load_summary(scenario, plan));
    let Interval { lateness, loop_lag, measured, arrivals, .. } = &run.sums;
    let parts: Vec<Part<'_>> = measured.iter().zip(&in_window_of_tasks).collect();
    let frame = Frame { measured_s, epoch: plan.epoch, goals: &plan.goals };
    let mut all = frame.add_up(&parts);
    let mut classes = classes(scenario, &parts, &frame);
    let mut tasks = tasks(scenario, &parts, &frame);
    cost::add(scenario, &mut all, &mut classes, &mut tasks);
    let mut notes = scenario.notes();
    notes.extend(cost::notes(scenario, measured, &tasks));
    notes.extend(streams::notes(scenario, measured));
    if run.sums.shortened > 0 {
        let what = "conversations that grew so long that their oldest turns were left out";
        notes.push(format!("{what}: {}", run.sums.shortened));
    }
    let delays = Delays { lateness, loop_lag, worst: &run.worst_seconds };
    let Health { validity, notes: of_delays } = health(delays, &all, Judged::by(&scenario.criteria.rules));
    notes.extend(of_delays);
    let generator = Generator {
        workers: plan.workers.get() as u64,
        validity,
        lateness: lateness.clone(),
        loop_lag: loop_lag.clone(),
        cpu_share: cpu.map(|cpu| seconds(cpu) / window.run_s.max(f64::MIN_POSITIVE)),
        arrivals: (load.kind == LoadKind::Open).then_some(*arrivals),
        shares_cores_with_target: context.locality == Locality::Local,
    };
    let mut summary = Summary {
        schema: SCHEMA,
        weir: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: scenario.name().to_owned(),
        target: plan.target.to_string(),
        started: context.started.clone(),
        seed: plan.seed.get(),
        time_scale: scenario.time_scale,
        load,
        window,
        all,
        failures_outside: frame.failures(&run.sums.outside),
        classes,
        tasks,
        timeline: run.seconds.clone(),
        watched: context.watcher.as_ref().map(Watcher::seen).unwrap_or_default(),
        generator,
        thresholds: Vec::new(),
        bands: scenario.criteria.bands.clone(),
        notes,
    };
    summary.thresholds = Rule::results(&scenario.criteria.judged_rules(), &summary, context.abort);
    summary.thresholds.extend(streams::failed(scenario, measured, &summary));
    summary
}

/// The figures of a task, and the part of them inside the window.
type Part<'a> = (&'a Series, &'a WindowCounts);

/// Converts sums to figures.
struct Frame<'a> {
    measured_s: f64,
    epoch: Instant,
    /// The sets of limits whose requests were counted.
    goals: &'a [RequestLimits],
}

impl Frame<'_> {
    fn add_up(&self, parts: &[Part<'_>]) -> Figures {
        let (mut sum, mut all_in_window) = (Series::default(), WindowCounts::default());
        for (series, in_window) in parts {
            sum.merge(series);
            all_in_window.merge(in_window);
        }
        self.finish(sum, &all_in_window)
    }

    /// The failures of all tasks.
    fn failures(&self, of_tasks: &[Series]) -> BTreeMap<String, FailureCount> {
        let mut sum = FailureCounts::default();
        of_tasks.iter().for_each(|series| sum.merge(series.failures()));
        sum.finish(self.epoch)
    }

    fn finish(&self, series: Series, in_window: &WindowCounts) -> Figures {
        let good: Vec<u64> = (0..self.goals.len()).map(|place| series.good(place)).collect();
        let mut figures = series.finish(in_window, self.measured_s, self.epoch);
        let goodput =
            self.goals.iter().zip(good).map(|(limits, good)| figures.goodput_of(limits.to_string(), good));
        figures.goodput = goodput.collect();
        figures
    }
}

fn classes(scenario: &Scenario, parts: &[Part<'_>], frame: &Frame<'_>) -> Vec<ClassFigures> {
    let mut rest = parts;
    let of_class = |class: &UserClass| {
        let (own, others) = rest.split_at_checked(class.all_tasks().count()).unwrap_or((rest, &[]));
        rest = others;
        ClassFigures { name: class.name.clone(), figures: frame.add_up(own) }
    };
    scenario.users.iter().map(of_class).collect()
}

fn tasks(scenario: &Scenario, parts: &[Part<'_>], frame: &Frame<'_>) -> Vec<TaskFigures> {
    let named = scenario.task_names().into_iter().zip(scenario.tasks());
    named
        .zip(parts)
        .map(|((name, (class, task)), (series, in_window))| TaskFigures {
            name,
            class: class.name.clone(),
            method: task.blueprint.method.to_string(),
            figures: frame.finish((*series).clone(), in_window),
        })
        .collect()
}

/// The length of the measured window: from the end of the warm-up, or the first request without one, to the start of the
/// cool-down, the end of the load or the end of the last request, whichever is first.
fn measured_s(plan: &Plan, in_window: &WindowCounts, window_end: Option<Instant>) -> f64 {
    let begin = if plan.load.warm_up.is_zero() { in_window.first_start } else { Some(plan.warm_until()) };
    // While the run goes on, the window ends with the last request.
    let end = window_end
        .or(in_window.last_end.map(|end| plan.cool_from().map_or(end, |cool_from| end.min(cool_from))));
    let span = begin.zip(end).map(|(begin, end)| end.saturating_duration_since(begin));
    seconds(span.unwrap_or_default())
}

fn load_summary(scenario: &Scenario, plan: &Plan) -> LoadSummary {
    let load = &plan.load;
    let mut summary = LoadSummary {
        kind: load.start.kind(),
        users: None,
        spawn_rate_per_s: None,
        think_mean_s: None,
        rate_per_s: None,
        arrivals: None,
        burstiness: None,
        run_time_s: load.run_time.map(seconds),
        requests: load.requests.map(std::num::NonZeroU64::get),
        stages: Vec::new(),
        changes: plan.controller.changes(),
        warm_up_s: seconds(load.warm_up),
        cool_down_s: seconds(load.cool_down),
        workers: plan.workers.get() as u64,
    };
    match load.start.shape() {
        Shape::Level { level, spawn_rate } => match &load.start {
            Start::Closed(_) => {
                summary.users = Some(*level as u64);
                summary.spawn_rate_per_s = spawn_rate.map(weir_pace::Rate::per_second);
            }
            Start::Open(_) => summary.rate_per_s = Some(*level),
        },
        Shape::Stages(stages) => summary.stages = stages.iter().map(stage_summary).collect(),
    }
    match &load.start {
        Start::Closed(closed) => {
            summary.think_mean_s = Some(match closed.pauses {
                Pauses::Think => think_mean_s(scenario),
                Pauses::None => 0.0,
            });
        }
        Start::Open(open) => {
            summary.arrivals = Some(open.kind_name().to_owned());
            summary.burstiness = open.burstiness();
        }
    }
    summary
}

fn stage_summary(stage: &Stage) -> StageSummary {
    StageSummary { lasts_s: seconds(stage.lasts), to: stage.to, way: stage.way }
}

/// The mean think time over all users.
fn think_mean_s(scenario: &Scenario) -> f64 {
    let total: f64 = scenario.users.iter().map(|class| f64::from(class.weight)).sum();
    let weighted = scenario.users.iter().map(|class| f64::from(class.weight) * class.think_mean_s());
    weighted.sum::<f64>() / total.max(1.0)
}

fn seconds(duration: Duration) -> f64 {
    duration.as_secs_f64()
}
