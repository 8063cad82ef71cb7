//! From sums to the summary.

use std::time::{Duration, Instant};

use crate::health::validity;
use crate::record::{Inside, Interval, Series};
use crate::scenario::{Scenario, Start, UserClass};
use crate::summary::{
    ClassFigures, Figures, Generator, LoadKind, LoadSummary, SCHEMA, Summary, TaskFigures, Window,
};

use crate::threshold::{Abort, RequestLimits, Rule};

use super::aggregate::Aggregate;
use super::plan::Plan;
use super::preflight::Whereabouts;

/// What a run was, beside its figures.
pub(super) struct Circumstances<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) plan: &'a Plan,
    pub(super) started: String,
    pub(super) whereabouts: Whereabouts,
    /// The end, or now.
    pub(super) at: Instant,
    /// What ended it, if a threshold did.
    pub(super) abort: Option<Abort>,
}

/// The summary of a run that has ended, or of one that goes on: then its figures are those so far.
pub(super) fn summarise(of: &Circumstances<'_>, run: &Aggregate) -> Summary {
    let Circumstances { scenario, plan, .. } = of;
    let inside_of_tasks = run.inside();
    let mut inside = Inside::default();
    inside_of_tasks.iter().for_each(|of_task| inside.merge(of_task));
    let measured_s = measured_s(plan, &inside, run.closed_at());

    let window = Window {
        run_s: seconds(of.at.saturating_duration_since(plan.epoch)),
        warm_up_s: seconds(plan.load.warm_up),
        measured_s,
        ended: run.ended(),
        unfinished: run.unfinished(),
    };
    let (cpu, load) = (run.cpu(), load_summary(scenario, plan));
    let Interval { lateness, loop_lag, measured, arrivals, .. } = &run.sums;
    let parts: Vec<Part<'_>> = measured.iter().zip(&inside_of_tasks).collect();
    let frame = Frame { measured_s, epoch: plan.epoch, goals: &plan.goals };
    let all = frame.add_up(&parts);
    let generator = Generator {
        workers: plan.workers.get() as u64,
        validity: validity(lateness, loop_lag, &all),
        lateness: lateness.clone(),
        loop_lag: loop_lag.clone(),
        cpu_share: cpu.map(|cpu| seconds(cpu) / window.run_s.max(f64::MIN_POSITIVE)),
        arrivals: (load.kind == LoadKind::Open).then_some(*arrivals),
        shares_cores_with_target: of.whereabouts == Whereabouts::Here,
    };
    let mut summary = Summary {
        schema: SCHEMA,
        weir: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: scenario.name().to_owned(),
        target: plan.target.to_string(),
        started: of.started.clone(),
        seed: plan.seed.get(),
        time_scale: scenario.time_scale,
        load,
        window,
        all,
        classes: classes(scenario, &parts, &frame),
        tasks: tasks(scenario, &parts, &frame),
        timeline: run.seconds.clone(),
        generator,
        thresholds: Vec::new(),
        bands: scenario.criteria.bands.clone(),
        notes: scenario.notes.clone(),
    };
    summary.thresholds = Rule::results(&scenario.criteria.rules, &summary, of.abort);
    summary
}

/// What was measured of a task, and what of it fell inside the window.
type Part<'a> = (&'a Series, &'a Inside);

/// What makes figures of sums.
struct Frame<'a> {
    measured_s: f64,
    epoch: Instant,
    /// The sets of limits that were counted.
    goals: &'a [RequestLimits],
}

impl Frame<'_> {
    fn add_up(&self, parts: &[Part<'_>]) -> Figures {
        let (mut sum, mut all_inside) = (Series::default(), Inside::default());
        for (series, inside) in parts {
            sum.merge(series);
            all_inside.merge(inside);
        }
        self.finish(sum, &all_inside)
    }

    fn finish(&self, series: Series, inside: &Inside) -> Figures {
        let good: Vec<u64> = (0..self.goals.len()).map(|place| series.good(place)).collect();
        let mut figures = series.finish(inside, self.measured_s, self.epoch);
        let goodput =
            self.goals.iter().zip(good).map(|(limits, good)| figures.goodput_of(limits.to_string(), good));
        figures.goodput = goodput.collect();
        figures
    }
}

fn classes(scenario: &Scenario, parts: &[Part<'_>], frame: &Frame<'_>) -> Vec<ClassFigures> {
    let mut rest = parts;
    let of_class = |class: &UserClass| {
        let (own, others) = rest.split_at_checked(class.tasks.len()).unwrap_or((rest, &[]));
        rest = others;
        ClassFigures { name: class.name.clone(), figures: frame.add_up(own) }
    };
    scenario.users.iter().map(of_class).collect()
}

fn tasks(scenario: &Scenario, parts: &[Part<'_>], frame: &Frame<'_>) -> Vec<TaskFigures> {
    let named = scenario.task_names().into_iter().zip(scenario.tasks());
    named
        .zip(parts)
        .map(|((name, (class, task)), (series, inside))| TaskFigures {
            name,
            class: class.name.clone(),
            method: task.blueprint.method.to_string(),
            figures: frame.finish((*series).clone(), inside),
        })
        .collect()
}

/// From the warm-up's end, or the first start where there is none, to the instant at which nothing more was started, or
/// the last end where that came before.
fn measured_s(plan: &Plan, inside: &Inside, closed_at: Option<Instant>) -> f64 {
    let begin = if plan.load.warm_up.is_zero() { inside.first_start } else { Some(plan.warm_until()) };
    let span =
        begin.zip(closed_at.or(inside.last_end)).map(|(begin, end)| end.saturating_duration_since(begin));
    seconds(span.unwrap_or_default())
}

fn load_summary(scenario: &Scenario, plan: &Plan) -> LoadSummary {
    let load = &plan.load;
    let mut summary = LoadSummary {
        kind: LoadKind::Closed,
        users: None,
        spawn_rate_per_s: None,
        think_mean_s: None,
        rate_per_s: None,
        arrivals: None,
        run_time_s: load.run_time.map(seconds),
        requests: load.requests.map(std::num::NonZeroU64::get),
        warm_up_s: seconds(load.warm_up),
        workers: plan.workers.get() as u64,
    };
    match &load.start {
        Start::Closed(closed) => {
            summary.users = Some(closed.users.get());
            summary.spawn_rate_per_s = closed.spawn_rate.map(weir_pace::Rate::per_second);
            summary.think_mean_s = Some(think_mean_s(scenario));
        }
        Start::Open(open) => {
            summary.kind = LoadKind::Open;
            summary.rate_per_s = Some(open.rate.per_second());
            summary.arrivals = Some(open.kind_name().to_owned());
        }
    }
    summary
}

/// The mean think time over the classes, as their users are spread.
fn think_mean_s(scenario: &Scenario) -> f64 {
    let total: f64 = scenario.users.iter().map(|class| f64::from(class.weight)).sum();
    let weighted = scenario.users.iter().map(|class| f64::from(class.weight) * seconds(class.think.mean()));
    weighted.sum::<f64>() / total.max(1.0)
}

fn seconds(duration: Duration) -> f64 {
    duration.as_secs_f64()
}
