//! Fixed results for tests of reports: every figure is computed, none is drawn.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Report;
use crate::rating::default_bands;
use crate::record::{Histogram, PackedHistogram, SignedHistogram};
use crate::search::{ProbeOutcome, ProbeSummary, Purpose, SearchEnd, SearchOver, SearchSummary};
use crate::speedup::{Arm, ArmFigures, Pair, RatioInterval, SpeedupSummary, SpeedupVerdict};
use crate::summary::{
    ArrivalCounts, ClassFigures, EndReason, FailureCount, Figures, Generator, GroundTruth, LoadKind,
    LoadSummary, Outcome, Phase, SCHEMA, Second, Summary, TaskFigures, ThresholdResult, TokenSource, Unit,
    Validity, Window,
};

const TARGET: &str = "http://127.0.0.1:41873";

/// A bench: mix, streaming, speedup.
pub(crate) fn bench() -> Report {
    Report {
        weir: "0.1.0".into(),
        ..Report::new("weir bench")
            .with_load("mix", "Mixed load", mix())
            .with_load("streaming", "Streaming", streaming())
            .with_speedup("speedup", "Parallel speedup", speedup())
    }
}

/// A load with thresholds that held, failed and could not be judged, one of which ended the run.
pub(crate) fn judged() -> Report {
    let mut summary = mix();
    let mut ended = threshold("errors < 0.4%", Outcome::Failed);
    ended.ended_run_at_s = Some(12.0);
    summary.thresholds = vec![
        ThresholdResult { measured: "664 ms".into(), ..threshold("e2e.p95 < 5s", Outcome::Passed) },
        ended,
        ThresholdResult {
            measured: "not measured: 40 samples, 100 are needed".into(),
            value: None,
            ..threshold("task(\"chain\").ttft.p99 < 500ms", Outcome::NotMeasured)
        },
    ];
    summary.window.ended = Some(EndReason::Threshold);
    summary.bands = default_bands();
    Report {
        weir: "0.1.0".into(),
        ..Report::new("weir load chain-backend").with_load("load", "The mix", summary)
    }
}

pub(crate) fn threshold(text: &str, outcome: Outcome) -> ThresholdResult {
    ThresholdResult {
        scope: "all".into(),
        text: text.into(),
        measured: "0.41 %".into(),
        value: Some(0.0041),
        bound: 0.004,
        unit: Unit::Share,
        outcome,
        ended_run_at_s: None,
    }
}

/// 100 users who think 1.25 s, four tasks, some failures.
pub(crate) fn mix() -> Summary {
    let tasks =
        [("chain", 548, 450.0), ("llm", 329, 380.0), ("chain stream", 219, 460.0), ("health", 110, 0.4)];
    let mut tasks: Vec<TaskFigures> =
        tasks.into_iter().map(|(name, count, median_ms)| task(name, plain(count, median_ms))).collect();
    for task in tasks.iter_mut().filter(|task| task.name == "chain stream") {
        task.figures.ttft = spread(219, 210.0, 0.3);
        task.figures.output_tokens = 13_140;
        task.figures.tokens_per_second = 657.0;
        task.figures.token_source = TokenSource::Events;
    }
    for task in tasks.iter_mut().filter(|task| task.name == "llm") {
        task.figures.failed = 5;
        task.figures.failures = BTreeMap::from([
            ("http_503".into(), failure(4, "503 from POST /api/llm/claude: <overloaded>")),
            ("reset".into(), failure(1, "the peer reset the connection")),
        ]);
        task.figures.failures_per_second = 0.25;
    }
    let mut all = plain(0, 1.0);
    for task in &tasks {
        add(&mut all, &task.figures);
    }
    let classes = vec![class(all.clone())];
    let timeline = timeline(23, 3, (60.4, 412.0), false);
    Summary { all, classes, tasks, timeline, ..base("chain-backend", 100) }
}

/// 50 users who stream without a pause.
pub(crate) fn streaming() -> Summary {
    let all = streamed(738);
    let mut load = closed(50);
    load.think_mean_s = None;
    let tasks = vec![task("chat", all.clone())];
    Summary {
        classes: vec![class(all.clone())],
        all,
        tasks,
        load,
        timeline: timeline(23, 3, (37.1, 1_290.0), true),
        ..base("chat-streaming", 50)
    }
}

/// Arrivals at a rate that the generator could not keep.
pub(crate) fn open_loop() -> Summary {
    let mut summary = base("chat", 0);
    summary.load = LoadSummary {
        kind: LoadKind::Open,
        users: None,
        spawn_rate_per_s: None,
        think_mean_s: None,
        rate_per_s: Some(200.0),
        arrivals: Some("poisson".into()),
        ..closed(0)
    };
    summary.all = plain(4_000, 18.0);
    summary.generator.arrivals = Some(ArrivalCounts {
        planned: 4_021,
        started: 4_000,
        late: 310,
        queued: 45,
        shed: 21,
        queue_max: 12,
    });
    summary.generator.validity = Validity::Invalid {
        reasons: vec!["p99 of schedule lateness was 31 ms; at most 10 ms is allowed".into()],
    };
    summary.timeline = timeline(23, 3, (199.0, 18.0), false);
    summary
}

/// Eight pairs of blocks, two runs each.
pub(crate) fn speedup() -> SpeedupSummary {
    let pairs: Vec<Pair> = (0..8)
        .map(|place| {
            let wobble = f64::from((place * 37) % 11) - 5.0;
            let first = if place % 4 < 2 { Arm::Sequential } else { Arm::Parallel };
            Pair { first, sequential_ms: 2_461.0 + wobble * 6.0, parallel_ms: 862.0 - wobble * 2.5 }
        })
        .collect();
    SpeedupSummary {
        schema: SCHEMA,
        weir: "0.1.0".into(),
        chain: "parallel_processing".into(),
        target: TARGET.into(),
        started: "2026-11-21T02:46:52Z".into(),
        seed: 42,
        time_scale: 1.0,
        at_once: 2,
        pairs_planned: 8,
        run_s: 27.4,
        ended: EndReason::Requests,
        pairs,
        ratio: Some(2.855),
        interval: Some(RatioInterval { low: 2.812, high: 2.899 }),
        verdict: SpeedupVerdict::Faster,
        pairs_needed: None,
        ideal: Some(2.884),
        efficiency: Some(0.99),
        sequential: ArmFigures { wall: spread(16, 2_461.0, 0.02), bound_ms: Some(2_452.0) },
        parallel: ArmFigures { wall: spread(16, 862.0, 0.02), bound_ms: Some(850.2) },
        failures: BTreeMap::new(),
        wall_error: errors(32, 180),
    }
}

/// From 10 users up to 1 000: 36 hold.
pub(crate) fn search() -> SearchSummary {
    let probe = |level: f64, purpose, outcome, p95| ProbeSummary {
        level,
        purpose,
        outcome,
        rps: level * 0.9,
        tokens_per_second: 0.0,
        latency_p50_ms: Some(p95 / 2.0),
        latency_p95_ms: Some(p95),
        ttft_p95_ms: None,
        error_share: if p95 > 2_000.0 { 0.012 } else { 0.0 },
    };
    let (held, failed) = (ProbeOutcome::Held, ProbeOutcome::Failed);
    SearchSummary {
        schema: SCHEMA,
        weir: "0.1.0".into(),
        scenario: "chat".into(),
        target: TARGET.into(),
        started: "2026-11-21T02:46:52Z".into(),
        seed: 42,
        time_scale: 1.0,
        over: SearchOver::Users,
        from: 10.0,
        to: 1_000.0,
        step: 2.0,
        precision: 0.05,
        confirm: 1,
        step_time_s: 20.0,
        settle_s: 5.0,
        limits: vec!["e2e.p95 < 2s".into(), "errors < 1%".into()],
        ended: SearchEnd::Found,
        held: Some(36.0),
        failed: Some(38.0),
        probes: vec![
            probe(10.0, Purpose::Raise, held, 610.0),
            probe(20.0, Purpose::Raise, held, 980.0),
            probe(40.0, Purpose::Raise, failed, 4_210.0),
            probe(28.0, Purpose::Narrow, held, 1_320.0),
            probe(33.0, Purpose::Narrow, held, 1_610.0),
            probe(36.0, Purpose::Narrow, held, 1_870.0),
            probe(38.0, Purpose::Narrow, failed, 2_760.0),
            probe(36.0, Purpose::Confirm, held, 1_840.0),
        ],
        best: Some(Box::new(Summary { all: plain(740, 900.0), ..base("chat", 36) })),
    }
}

fn base(scenario: &str, users: u64) -> Summary {
    Summary {
        schema: SCHEMA,
        weir: "0.1.0".into(),
        scenario: scenario.into(),
        target: TARGET.into(),
        started: "2026-11-21T02:46:09Z".into(),
        seed: 42,
        time_scale: 1.0,
        load: closed(users),
        window: Window {
            run_s: 23.4,
            warm_up_s: 3.0,
            cool_down_s: 0.0,
            measured_s: 20.0,
            ended: Some(EndReason::RunTime),
            unfinished: 0,
        },
        all: Figures::default(),
        classes: Vec::new(),
        tasks: Vec::new(),
        timeline: Vec::new(),
        watched: Vec::new(),
        generator: Generator {
            workers: 1,
            lateness: spread(1_300, 0.04, 0.5),
            loop_lag: spread(2_000, 0.05, 0.6),
            cpu_share: Some(0.07),
            arrivals: None,
            shares_cores_with_target: true,
            validity: Validity::Valid,
        },
        thresholds: Vec::new(),
        bands: Vec::new(),
        notes: Vec::new(),
    }
}

fn closed(users: u64) -> LoadSummary {
    LoadSummary {
        kind: LoadKind::Closed,
        users: Some(users),
        spawn_rate_per_s: None,
        think_mean_s: Some(1.25),
        rate_per_s: None,
        arrivals: None,
        burstiness: None,
        stages: Vec::new(),
        changes: Vec::new(),
        run_time_s: Some(23.0),
        requests: None,
        warm_up_s: 3.0,
        cool_down_s: 0.0,
        workers: 1,
    }
}

fn plain(count: u64, median_ms: f64) -> Figures {
    let e2e = spread(count, median_ms, 0.25);
    Figures {
        completed: count,
        rps: count as f64 / 20.0,
        bytes_sent: count * 210,
        bytes_received: count * 640,
        response_time: e2e.clone(),
        ttfb: e2e.clone(),
        e2e,
        ground_truth: Some(GroundTruth {
            samples: count,
            e2e_error: errors(count, 95),
            queue: spread(count, 0.01, 0.3),
            planned_total: spread(count, median_ms, 0.25),
            delivered_total: spread(count, median_ms, 0.25),
            ..GroundTruth::default()
        }),
        ..Figures::default()
    }
}

fn streamed(count: u64) -> Figures {
    let mut figures = plain(count, 1_290.0);
    figures.input_tokens = count * 12;
    figures.cached_tokens = count * 3;
    figures.output_tokens = count * 64;
    figures.cost_usd = Some(count as f64 * (12.0 * 0.15 + 64.0 * 0.60) / 1e6);
    figures.token_source = TokenSource::Usage;
    figures.tokens_per_second = count as f64 * 64.0 / 20.0;
    figures.events = count * 64;
    figures.coalesced = 41;
    figures.ttft = spread(count, 646.0, 0.32);
    figures.ttft_scheduled = figures.ttft.clone();
    figures.ttfo = figures.ttft.clone();
    figures.itl = spread(count * 63, 9.6, 0.17);
    figures.tpot = spread(count, 10.4, 0.05);
    if let Some(truth) = &mut figures.ground_truth {
        truth.ttft_error = errors(count, 80);
        truth.planned_ttft = spread(count, 645.8, 0.32);
        truth.delivered_ttft = spread(count, 645.9, 0.32);
    }
    figures
}

fn task(name: &str, figures: Figures) -> TaskFigures {
    TaskFigures { name: name.into(), class: "default".into(), method: "POST".into(), figures }
}

fn class(figures: Figures) -> ClassFigures {
    ClassFigures { name: "default".into(), figures }
}

fn failure(count: u64, example: &str) -> FailureCount {
    FailureCount { count, example: example.into(), first_s: 4.2, last_s: 17.9 }
}

fn add(all: &mut Figures, task: &Figures) {
    all.completed += task.completed;
    all.failed += task.failed;
    all.failures.extend(task.failures.clone());
    all.rps += task.rps;
    all.failures_per_second += task.failures_per_second;
    all.bytes_sent += task.bytes_sent;
    all.bytes_received += task.bytes_received;
    all.e2e.merge(&task.e2e);
    all.output_tokens += task.output_tokens;
    all.tokens_per_second += task.tokens_per_second;
    if task.output_tokens > 0 {
        all.token_source = task.token_source;
    }
    all.ttft.merge(&task.ttft);
    all.response_time.merge(&task.response_time);
    all.ttfb.merge(&task.ttfb);
    if let (Some(sum), Some(part)) = (&mut all.ground_truth, &task.ground_truth) {
        sum.samples += part.samples;
        sum.e2e_error.merge(&part.e2e_error);
        sum.planned_total.merge(&part.planned_total);
        sum.delivered_total.merge(&part.delivered_total);
    }
}

/// The quantiles of a log-logistic distribution: a right-skewed shape with a closed form.
pub(crate) fn spread(count: u64, median_ms: f64, width: f64) -> Histogram {
    let mut histogram = Histogram::default();
    for place in 0..count {
        let share = (place as f64 + 0.5) / count as f64;
        let ms = median_ms * (share / (1.0 - share)).powf(width / 1.7);
        histogram.record(Duration::from_secs_f64(ms / 1e3));
    }
    histogram
}

fn errors(count: u64, median_us: u64) -> SignedHistogram {
    let mut errors = SignedHistogram::default();
    spread(count, median_us as f64 / 1e3, 0.5).buckets().for_each(|(error, times)| {
        (0..times).for_each(|_| errors.record(Duration::from_secs(1) + error, Duration::from_secs(1)));
    });
    errors
}

fn timeline(seconds: u64, warm_up: u64, (rps, e2e_ms): (f64, f64), streams: bool) -> Vec<Second> {
    (0..seconds)
        .map(|at_s| {
            let wave = (at_s as f64 * 0.9).sin() * 0.05 + (at_s as f64 * 2.3).cos() * 0.03;
            let ramp = ((at_s + 1) as f64 / (warm_up as f64)).min(1.0);
            let completed = (rps * ramp * (1.0 + wave)).round() as u64;
            let streamed = if streams { completed } else { 0 };
            Second {
                at_s,
                phase: if at_s < warm_up { Phase::WarmUp } else { Phase::Measured },
                users: (100.0 * ramp).round() as u64,
                started: completed,
                completed,
                failed: u64::from(at_s == 11 && !streams) * 5,
                rate_limited: 0,
                tokens: if streams { completed * 64 } else { 0 },
                bytes_received: completed * 640,
                e2e_p50_ms: Some(rounded(e2e_ms * (1.0 + wave))),
                e2e_p95_ms: Some(rounded(e2e_ms * (1.7 + wave * 2.0))),
                e2e_p99_ms: (at_s % 7 != 5).then_some(rounded(e2e_ms * (2.4 + wave * 4.0))),
                ttft_p50_ms: streams.then_some(rounded(646.0 * (1.0 + wave))),
                ttft_p95_ms: streams.then_some(rounded(1_090.0 * (1.0 + wave * 2.0))),
                itl_p50_ms: streams.then_some(rounded(9.6 * (1.0 + wave * 0.3))),
                e2e: PackedHistogram::of(&spread(completed, e2e_ms * (1.0 + wave), 0.25)),
                ttft: PackedHistogram::of(&spread(streamed, 646.0 * (1.0 + wave), 0.32)),
                itl: PackedHistogram::of(&spread(streamed * 63, 9.6 * (1.0 + wave * 0.3), 0.17)),
            }
        })
        .collect()
}

/// To microseconds, as a histogram would say it.
fn rounded(ms: f64) -> f64 {
    (ms * 1e3).round() / 1e3
}
