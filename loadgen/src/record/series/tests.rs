use std::time::Duration;

use proptest::prelude::*;
use weir_results::{FAILURE_KINDS_MAX, FailureCount, Measured, Report, SavedReport, Summary, fixture, merge};

use super::*;
use crate::record::ChunkTokens;
use crate::record::FailureKind;
use crate::redact::Redaction;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// Returns a stream scheduled at `t0`, sent 5 ms later, with its first byte after 10 ms, the first token after 100 ms and
/// its end after 500 ms.
fn stream(t0: Instant, tokens: Tokens) -> Sample {
    let sent = t0 + ms(5);
    Sample {
        intended: t0,
        sent: Some(sent),
        first_byte: Some(sent + ms(10)),
        ended: sent + ms(500),
        bytes_sent: 40,
        sending: crate::record::Sending::default(),
        answer: Answer {
            status: Some(http::StatusCode::OK),
            bytes: 900,
            first_content: Some(sent + ms(100)),
            first_output: Some(sent + ms(200)),
            tokens,
            input_tokens: Some(30),
            cached_tokens: 20,
            events: 5,
            coalesced: 1,
            ..Answer::default()
        },
        verdict: Verdict::Completed,
    }
}

fn failed(kind: FailureKind, detail: &str) -> Sample {
    let t0 = Instant::now();
    let verdict = Verdict::Failed(Problem::new(kind, detail));
    Sample { sent: None, verdict, answer: Answer::default(), ..stream(t0, Tokens::Unknown) }
}

fn median_ms(histogram: &Histogram) -> u64 {
    let exact = histogram.quantile(0.5).expect("there is a sample");
    (exact.as_secs_f64() * 1e3).round() as u64
}

#[test]
fn record_stream_yields_documented_figures() {
    let mut series = Series::default();
    series.record(&stream(Instant::now(), Tokens::Usage(5)), Redaction::without_secrets());
    let figures = &series;
    assert_eq!(median_ms(&figures.e2e), 500);
    assert_eq!(median_ms(&figures.response_time), 505);
    assert_eq!(median_ms(&figures.ttfb), 10);
    assert_eq!(median_ms(&figures.ttft), 100);
    assert_eq!(median_ms(&figures.ttft_scheduled), 105);
    assert_eq!(median_ms(&figures.ttfo), 200);
    // (500 − 100) / (5 − 1)
    assert_eq!(median_ms(&figures.tpot), 100);
    assert_eq!((figures.output_tokens, figures.events, figures.coalesced), (5, 5, 1));
    assert_eq!((figures.input_tokens, figures.cached_tokens, series.without_input_tokens()), (30, 20, 0));
    assert_eq!((figures.bytes_sent, figures.bytes_received), (40, 900));
}

#[test]
fn record_stream_with_tokens_of_events_divides_by_those_after_the_first() {
    let t0 = Instant::now();
    let mut sample = stream(t0, Tokens::Usage(52));
    let last_at = t0 + ms(5 + 480);
    sample.answer.chunk_tokens = Some(ChunkTokens { first: 32, last: 51, last_at });
    let mut series = Series::default();
    series.record(&sample, Redaction::without_secrets());
    // (480 − 100) / (51 − 32)
    assert_eq!(median_ms(&series.tpot), 20);
    assert_eq!((series.usage_events, series.usage_tokens), (5, 52));
}

#[test]
fn record_fewer_than_two_tokens_has_no_tpot() {
    let mut series = Series::default();
    series.record(&stream(Instant::now(), Tokens::Usage(1)), Redaction::without_secrets());
    series.record(&stream(Instant::now(), Tokens::Unknown), Redaction::without_secrets());
    assert!(series.tpot.is_empty());
}

#[test]
fn record_answer_without_input_tokens_is_counted() {
    let mut series = Series::default();
    let mut unreported = stream(Instant::now(), Tokens::Usage(u64::MAX));
    unreported.answer.input_tokens = None;
    series.record(&unreported, Redaction::without_secrets());
    series.record(&stream(Instant::now(), Tokens::Usage(5)), Redaction::without_secrets());
    assert_eq!((series.input_tokens, series.without_input_tokens()), (30, 1));
    assert_eq!(series.output_tokens, u64::MAX, "a server may report any number");
}

#[test]
fn record_failure_is_counted_without_duration() {
    let mut series = Series::default();
    let epoch = Instant::now();
    let refused = failed(FailureKind::Connect, "refused");
    series.record(&Sample { ended: epoch + ms(1_500), ..refused }, Redaction::without_secrets());
    series.record(
        &Sample { ended: epoch + ms(2_000), ..failed(FailureKind::Connect, "refused again") },
        Redaction::without_secrets(),
    );
    series.record(&failed(FailureKind::Http(503), &"x".repeat(1000)), Redaction::without_secrets());
    assert_eq!((series.ended(), series.unreachable()), (3, 2));
    let figures = series.finish(&WindowCounts::default(), 1.0, epoch);
    assert!(figures.e2e.is_empty());
    let refusals = FailureCount { count: 2, example: "refused".into(), first_s: 1.5, last_s: 2.0 };
    assert_eq!(figures.failures["connect"], refusals);
    assert_eq!(figures.failures["http_503"].example.len(), 200);
}

#[test]
fn record_rate_limited_is_neither_completed_nor_failed() {
    let mut series = Series::default();
    series.record(
        &Sample { verdict: Verdict::RateLimited, ..stream(Instant::now(), Tokens::Unknown) },
        Redaction::without_secrets(),
    );
    let figures = &series;
    assert_eq!((figures.completed, figures.failed, figures.rate_limited), (0, 0, 1));
    assert!(figures.e2e.is_empty());
    assert_eq!(median_ms(&figures.rate_limited_e2e), 500);
}

#[test]
fn record_many_failure_kinds_are_bounded() {
    let mut series = Series::default();
    for status in 400..500 {
        series.record(&failed(FailureKind::Http(status), "no"), Redaction::without_secrets());
    }
    let mut merged = Series::default();
    merged.merge(&series);
    for series in [series, merged] {
        let figures = series.finish(&WindowCounts::default(), 1.0, Instant::now());
        assert_eq!(figures.failures.len(), FAILURE_KINDS_MAX);
        assert_eq!(figures.failures["other"].count, 100 - (FAILURE_KINDS_MAX as u64 - 1));
    }
}

#[test]
fn record_ground_truth_error_is_client_minus_server() {
    let mut sample = stream(Instant::now(), Tokens::Usage(5));
    sample.answer.truth = ServerTiming {
        planned_ttft: Some(ms(98)),
        delivered_ttft: Some(ms(99)),
        planned_total: None,
        delivered_total: Some(ms(501)),
        queue: None,
    };
    let mut series = Series::default();
    series.record(&sample, Redaction::without_secrets());
    series.record(&stream(Instant::now(), Tokens::Usage(5)), Redaction::without_secrets());
    let truth = series.ground_truth.as_ref().expect("the server reported metrics");
    assert_eq!(truth.samples, 1);
    assert_eq!(truth.ttft_error.quantile_us(0.5), Some(1000.0));
    assert_eq!(truth.e2e_error.quantile_us(0.5), Some(-1000.0));
    assert_eq!(median_ms(&truth.planned_ttft), 98);
    assert!(truth.queue.is_empty());
}

#[test]
fn merge_parts_equals_recording_all() {
    let t0 = Instant::now();
    let samples =
        [stream(t0, Tokens::Usage(5)), stream(t0, Tokens::Events(4)), failed(FailureKind::Reset, "gone")];
    let mut whole = Series::default();
    let mut parts = Series::default();
    for sample in samples {
        whole.in_window.record(&sample, t0, None);
        whole.record(&sample, Redaction::without_secrets());
        let mut part = Series::default();
        part.in_window.record(&sample, t0, None);
        part.record(&sample, Redaction::without_secrets());
        parts.merge(&part);
    }
    let (left, right) = (whole.in_window, parts.in_window);
    assert_eq!(whole.finish(&left, 2.0, t0), parts.finish(&right, 2.0, t0));
}

#[test]
fn finish_rates_use_shares_inside_window() {
    let in_window = WindowCounts { completed: 30.0, failed: 5.0, tokens: 600.0, ..WindowCounts::default() };
    let mut series = Series::default();
    series.record(&stream(Instant::now(), Tokens::Events(4)), Redaction::without_secrets());
    let figures = series.finish(&in_window, 10.0, Instant::now());
    assert_eq!((figures.rps, figures.failures_per_second, figures.tokens_per_second), (3.0, 0.5, 60.0));
    assert_eq!(figures.token_source, TokenSource::Events);
    assert_eq!(Series::default().finish(&in_window, 0.0, Instant::now()).rps, 0.0);
}

/// Returns a request of one task.
fn request(epoch: Instant, (start_ms, took_us, kind, tokens): (u64, u64, u8, u64)) -> Sample {
    let began = epoch + Duration::from_millis(start_ms);
    let verdict = match kind {
        0 => Verdict::Failed(Problem::new(FailureKind::Http(500), "500")),
        1 => Verdict::Failed(Problem::new(FailureKind::Reset, "reset")),
        2 => Verdict::RateLimited,
        _ => Verdict::Completed,
    };
    Sample {
        intended: began,
        sent: Some(began),
        first_byte: Some(began),
        ended: began + Duration::from_micros(took_us),
        bytes_sent: 10,
        sending: crate::record::Sending::default(),
        answer: Answer {
            bytes: 20,
            first_content: Some(began + Duration::from_micros(took_us / 2)),
            tokens: if tokens % 2 == 0 { Tokens::Usage(tokens) } else { Tokens::Events(tokens) },
            ..Answer::default()
        },
        verdict,
    }
}

fn figures(samples: &[Sample], epoch: Instant) -> Figures {
    let mut series = Series::default();
    for sample in samples {
        series.in_window.record(sample, epoch, None);
        series.record(sample, Redaction::without_secrets());
    }
    let in_window = series.in_window;
    series.finish(&in_window, 10.0, epoch)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn merge_two_reports_equals_one_of_all_requests(
        requests in proptest::collection::vec((0..10_000_u64, 0..5_000_000_u64, 0..9_u8, 0..50_u64), 0..60),
        place in proptest::collection::vec(any::<bool>(), 60),
    ) {
        let epoch = Instant::now();
        let mut samples: Vec<Sample> = requests.into_iter().map(|spec| request(epoch, spec)).collect();
        // In the order of their ends.
        samples.sort_by_key(|sample| sample.ended);
        let half = |wanted: bool| {
            let kept = samples.iter().zip(&place).filter(|(_, place)| **place == wanted);
            kept.map(|(sample, _)| sample.clone()).collect::<Vec<Sample>>()
        };
        let run = |kept: bool| {
            let summary = Summary { all: figures(&half(kept), epoch), ..fixture::mix() };
            SavedReport { name: "run".into(), report: Report::new("weir load").with_load("load", "Mix", summary) }
        };
        let Measured::Load(merged) = merge(&[run(true), run(false)]).unwrap().sections.remove(0).measured else {
            panic!("a load stays a load");
        };
        let mut sum = merged.all;
        let whole = figures(&samples, epoch);
        let rates = |figures: &Figures| [figures.rps, figures.failures_per_second, figures.tokens_per_second];
        for (found, expected) in rates(&sum).into_iter().zip(rates(&whole)) {
            let is_near = (found - expected).abs() <= 1e-9 * expected.abs().max(1.0);
            prop_assert!(is_near, "{found} is not {expected}");
        }
        [sum.rps, sum.failures_per_second, sum.tokens_per_second] = rates(&whole);
        // Not `prop_assert_eq`: histograms are long.
        prop_assert!(sum == whole);
    }
}

#[test]
fn record_measured_and_planned_times_are_of_the_same_requests() {
    let planned =
        ServerTiming { planned_ttft: Some(ms(90)), planned_total: Some(ms(480)), ..ServerTiming::default() };
    let timed = |planned_total| {
        let mut sample = stream(Instant::now(), Tokens::Usage(5));
        sample.answer.truth = ServerTiming { planned_total, ..planned };
        sample
    };
    let mut series = Series::default();
    series.record(&timed(planned.planned_total), Redaction::without_secrets());
    // Its server planned the first token only.
    series.record(&timed(None), Redaction::without_secrets());
    // A plain answer has no TTFT to compare.
    let mut plain = timed(planned.planned_total);
    plain.answer.first_content = None;
    series.record(&plain, Redaction::without_secrets());
    series.record(&stream(Instant::now(), Tokens::Usage(5)), Redaction::without_secrets());
    let truth = series.ground_truth.unwrap();
    let (measured, of_server) = truth.total_as_planned().unwrap();
    assert_eq!((measured.count(), median_ms(measured), median_ms(of_server)), (2, 500, 480));
    let (measured, of_server) = truth.ttft_as_planned().unwrap();
    assert_eq!((measured.count(), median_ms(measured), median_ms(of_server)), (2, 100, 90));
}
