//! A running run, for tests.

use std::{collections::BTreeMap, time::Duration};

use weir_results::{
    ClassFigures, FailureCount, Figures, Generator, Histogram, LoadKind, LoadSummary, Phase, SCHEMA, Second,
    Summary, TaskFigures, TokenSource, Validity, Window,
};

/// Twelve seconds of fifty users with two tasks, one of which streams; failures from the sixth second on.
pub(crate) fn summary() -> Summary {
    let stream = TaskFigures {
        name: "chat stream".to_owned(),
        class: "reader".to_owned(),
        method: "POST".to_owned(),
        figures: streamed(270),
    };
    let plain = TaskFigures {
        name: "chat".to_owned(),
        class: "writer".to_owned(),
        method: "POST".to_owned(),
        figures: answered(90),
    };
    let all = Figures {
        completed: 360,
        failed: 12,
        rps: 40.0,
        tokens_per_second: 2_560.0,
        ..stream.figures.clone()
    };
    let classes = [("reader", &stream), ("writer", &plain)]
        .map(|(name, task)| ClassFigures { name: name.to_owned(), figures: task.figures.clone() });
    Summary {
        schema: SCHEMA,
        weir: "0.1.0".to_owned(),
        scenario: "chat-streaming".to_owned(),
        target: "http://127.0.0.1:8000".to_owned(),
        started: "2026-11-21T09:30:00Z".to_owned(),
        seed: 1,
        time_scale: 1.0,
        load: load(),
        window: Window {
            run_s: 12.0,
            warm_up_s: 3.0,
            cool_down_s: 0.0,
            measured_s: 9.0,
            ended: None,
            unfinished: 0,
        },
        all,
        failures_outside: BTreeMap::new(),
        classes: classes.into(),
        tasks: vec![stream, plain],
        timeline: (0..12).map(second).collect(),
        watched: Vec::new(),
        thresholds: Vec::new(),
        bands: Vec::new(),
        generator: generator(),
        notes: Vec::new(),
    }
}

fn load() -> LoadSummary {
    LoadSummary {
        kind: LoadKind::Closed,
        users: Some(50),
        spawn_rate_per_s: None,
        think_mean_s: None,
        rate_per_s: None,
        arrivals: None,
        run_time_s: Some(30.0),
        requests: None,
        burstiness: None,
        stages: Vec::new(),
        changes: Vec::new(),
        warm_up_s: 3.0,
        cool_down_s: 0.0,
        workers: 1,
    }
}

fn generator() -> Generator {
    Generator {
        workers: 1,
        lateness: flat(400, 80),
        loop_lag: flat(900, 120),
        cpu_share: Some(0.21),
        arrivals: None,
        shares_cores_with_target: true,
        validity: Validity::Valid,
    }
}

fn answered(count: u64) -> Figures {
    Figures {
        completed: count,
        rps: count as f64 / 9.0,
        e2e: flat(count, 812_000),
        failures: BTreeMap::from([("timeout_headers".to_owned(), failure(3, 9.5))]),
        failed: 3,
        ..Figures::default()
    }
}

fn streamed(count: u64) -> Figures {
    Figures {
        output_tokens: count * 64,
        tokens_per_second: count as f64 * 64.0 / 9.0,
        token_source: TokenSource::Usage,
        ttft: flat(count, 645_000),
        itl: flat(count, 9_600),
        failures: BTreeMap::from([
            ("http_503".to_owned(), failure(7, 11.5)),
            ("reset".to_owned(), failure(2, 7.25)),
        ]),
        failed: 9,
        ..answered(count)
    }
}

fn failure(count: u64, last_s: f64) -> FailureCount {
    FailureCount { count, first_s: 6.0, last_s, example: "503: overloaded, try again".to_owned() }
}

fn flat(count: u64, us: u64) -> Histogram {
    let mut histogram = Histogram::default();
    (0..count).for_each(|place| histogram.record(Duration::from_micros(us + us * place / (2 * count))));
    histogram
}

fn second(at_s: u64) -> Second {
    let wave = (at_s as f64 * 0.9).sin();
    let streams = |ms: f64| Some(ms * (1.0 + 0.1 * wave));
    Second {
        at_s,
        phase: if at_s < 3 { Phase::WarmUp } else { Phase::Measured },
        users: 50,
        started: 45,
        completed: 40,
        failed: if at_s >= 6 { 2 } else { 0 },
        tokens: 2_560,
        e2e_p50_ms: streams(1_210.0),
        e2e_p95_ms: streams(1_900.0),
        ttft_p50_ms: streams(645.0),
        ttft_p95_ms: streams(1_090.0),
        itl_p50_ms: streams(9.6),
        ..Second::default()
    }
}
