//! Tests of the whole grammar, and of judging summaries.

use proptest::prelude::*;

use super::*;
use crate::fixture;
use crate::summary::{Figures, Outcome, Summary};

fn parse(text: &str) -> Threshold {
    Threshold::parse(text).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn parse_accepts_any_spacing_and_quotes() {
    for (text, canonical) in [
        ("ttft.p95 < 500ms", "ttft.p95 < 500ms"),
        ("  ttft . p95<=1500ms ", "ttft.p95 <= 1.5s"),
        ("e2e.p99.90 < 2s", "e2e.p99.9 < 2s"),
        ("itl.med < 30ms", "itl.p50 < 30ms"),
        ("tpot.avg < 30 ms", "tpot.mean < 30ms"),
        ("ttfo.min > 1us", "ttfo.min > 1us"),
        ("response_time.max < 1m30s", "response_time.max < 1m30s"),
        ("ttft_scheduled.p99.99 < 5s", "ttft_scheduled.p99.99 < 5s"),
        ("errors < 1%", "errors < 1%"),
        ("errors<=0.05", "errors <= 5%"),
        ("rate_limited < 12.5 %", "rate_limited < 12.5%"),
        ("availability >= 99.9%", "availability >= 99.9%"),
        ("failures <= 0", "failures <= 0"),
        ("requests > 1000", "requests > 1000"),
        ("rps > 400", "rps > 400"),
        ("rps > 6k/min", "rps > 100"),
        ("tokens_per_second >= 1500.5", "tokens_per_second >= 1500.5"),
        ("cost_usd <= 0.250", "cost_usd <= 0.25"),
        ("lateness.p99 < 10ms", "lateness.p99 < 10ms"),
        ("loop_lag.p99 < 10ms", "loop_lag.p99 < 10ms"),
        ("task(\"chat\").e2e.p99 < 2s", "task(\"chat\").e2e.p99 < 2s"),
        ("task( 'say \"hi\"' ) .errors < 1%", "task(\"say \\\"hi\\\"\").errors < 1%"),
        ("class(\"a\\\\b\").rps > 1", "class(\"a\\\\b\").rps > 1"),
        ("goodput(ttft < 500ms, tpot < 30ms) > 0.95", "goodput(ttft < 500ms, tpot < 30ms) > 95%"),
        ("goodput( e2e<=1s )>=40/s", "goodput(e2e <= 1s) >= 40/s"),
    ] {
        assert_eq!(parse(text).to_string(), canonical, "{text}");
        assert_eq!(parse(canonical), parse(text), "{text}");
    }
}

/// Returns the measured value and the outcome.
fn outcome(text: &str, summary: &Summary) -> String {
    let result = parse(text).judge(summary);
    format!("{:?}: {text}: {} ({:?} {:?})", result.outcome, result.measured, result.value, result.unit)
}

#[test]
fn judge_of_a_summary_compares_each_figure() {
    let mix = fixture::mix();
    let shown = [
        "e2e.p95 < 700ms",
        "e2e.p95 < 600ms",
        "task(\"health\").e2e.max < 1ms",
        "task(\"chain\").ttft.p95 < 1s",
        "class(\"default\").errors < 0.5%",
        "errors < 0.4%",
        "availability > 99.9%",
        "failures <= 5",
        "requests >= 1211",
        "rps > 60",
        "rps > 100",
        "tokens_per_second > 600",
        "rate_limited <= 0%",
        "lateness.p99 < 10ms",
        "loop_lag.p99.9 < 10ms",
        "task(\"gone\").rps > 1",
        "goodput(e2e < 500ms) > 50%",
    ]
    .map(|text| outcome(text, &mix));
    insta::assert_snapshot!(shown.join("\n"), @r#"
    Passed: e2e.p95 < 700ms: 664 ms (Some(663.551) Ms)
    Failed: e2e.p95 < 600ms: 664 ms (Some(663.551) Ms)
    Passed: task("health").e2e.max < 1ms: 883 µs (Some(0.883) Ms)
    NotMeasured: task("chain").ttft.p95 < 1s: not measured: no samples (None Ms)
    Passed: class("default").errors < 0.5%: 0.41 % (Some(0.004128819157720892) Share)
    Failed: errors < 0.4%: 0.41 % (Some(0.004128819157720892) Share)
    Failed: availability > 99.9%: 99.6 % (Some(0.9958711808422791) Share)
    Passed: failures <= 5: 5 (Some(5.0) Count)
    Passed: requests >= 1211: 1 211 (Some(1211.0) Count)
    Passed: rps > 60: 60.3/s (Some(60.3) PerSecond)
    Failed: rps > 100: 60.3/s (Some(60.3) PerSecond)
    Passed: tokens_per_second > 600: 657/s (Some(657.0) PerSecond)
    Passed: rate_limited <= 0%: 0.00 % (Some(0.0) Share)
    Passed: lateness.p99 < 10ms: 152 µs (Some(0.152) Ms)
    Passed: loop_lag.p99.9 < 10ms: 528 µs (Some(0.528) Ms)
    NotMeasured: task("gone").rps > 1: not measured: the run had no task or class of that name (None PerSecond)
    NotMeasured: goodput(e2e < 500ms) > 50%: not measured: the run did not count these limits (None Share)
    "#);
}

#[test]
fn judge_of_unmeasured_figures_does_not_pass() {
    let mut few = fixture::mix();
    few.all = Figures { e2e: fixture::spread(40, 10.0, 0.1), ..Figures::default() };
    for (text, why) in [
        ("e2e.p99 < 1h", "not measured: 40 samples, 100 are needed"),
        ("e2e.p99.9 < 1h", "not measured: 40 samples, 1000 are needed"),
        ("ttft.mean < 1h", "not measured: no samples"),
        ("errors < 100%", "not measured: no request ended"),
    ] {
        let result = parse(text).judge(&few);
        assert_eq!((result.outcome, result.measured.as_str()), (Outcome::NotMeasured, why), "{text}");
    }
    assert_eq!(parse("e2e.p95 < 1h").check(&few), Outcome::Passed);
}

#[test]
fn judge_goodput_as_share_or_rate() {
    let mut summary = fixture::mix();
    summary.all.goodput = vec![summary.all.goodput_of("e2e < 500ms".to_owned(), 603)];
    let shown = [
        "goodput(e2e < 500ms) > 0.5",
        "goodput(e2e < 500ms) >= 45%",
        "goodput(e2e < 500ms) > 30/s",
        "goodput(e2e < 500ms) > 31/s",
        "goodput(e2e <= 500ms) > 1%",
    ]
    .map(|text| outcome(text, &summary));
    insta::assert_snapshot!(shown.join("\n"), @r"
    Failed: goodput(e2e < 500ms) > 0.5: 49.8 % (Some(0.49793559042113955) Share)
    Passed: goodput(e2e < 500ms) >= 45%: 49.8 % (Some(0.49793559042113955) Share)
    Passed: goodput(e2e < 500ms) > 30/s: 30.1/s (Some(30.15) PerSecond)
    Failed: goodput(e2e < 500ms) > 31/s: 30.1/s (Some(30.15) PerSecond)
    NotMeasured: goodput(e2e <= 500ms) > 1%: not measured: the run did not count these limits (None Share)
    ");
}

#[test]
fn judge_cost_without_price_is_not_measured() {
    let mut summary = fixture::mix();
    let shown = [None, Some(0.0297)].map(|cost_usd| {
        summary.all.cost_usd = cost_usd;
        ["cost_usd < 5", "cost_usd < 0.01"].map(|text| outcome(text, &summary)).join("\n")
    });
    insta::assert_snapshot!(shown.join("\n"), @r"
    NotMeasured: cost_usd < 5: not measured: none of its models has a price (None Usd)
    NotMeasured: cost_usd < 0.01: not measured: none of its models has a price (None Usd)
    Passed: cost_usd < 5: $0.0297 (Some(0.0297) Usd)
    Failed: cost_usd < 0.01: $0.0297 (Some(0.0297) Usd)
    ");
}

#[test]
fn judge_accepts_the_gates_of_the_reference_systems() {
    for text in ["rps >= 1000", "e2e.p50 < 200ms", "e2e.p95 < 500ms", "e2e.p99 < 1s", "availability > 99.9%"]
    {
        parse(text);
    }
    // The chain backend's, which its own suite reads from Locust's stats CSV.
    let mut summary = fixture::mix();
    let gate = |summary: &Summary| {
        ["rps >= 100", "e2e.p50 <= 3s", "e2e.p95 <= 8s", "e2e.p99 <= 15s", "errors <= 5%"]
            .map(|text| parse(text).check(summary))
    };
    let passed = Outcome::Passed;
    assert_eq!(gate(&summary), [Outcome::Failed, passed, passed, passed, passed]);
    summary.all.rps = 100.0;
    assert_eq!(gate(&summary), [passed; 5]);
    summary.all.failed = 100;
    assert_eq!(gate(&summary), [passed, passed, passed, passed, Outcome::Failed]);
}

fn durations() -> impl Strategy<Value = String> {
    any::<u64>().prop_map(|ns| weir_pace::duration_text::format(std::time::Duration::from_nanos(ns >> 8)))
}

fn comparisons() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["<", "<=", ">", ">="])
}

fn scopes() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        ".{0,12}".prop_map(|name| Scope::Task(name).to_string()),
        "[a-z\\\\\"']{0,8}".prop_map(|name| Scope::Class(name).to_string()),
    ]
}

fn measures() -> impl Strategy<Value = String> {
    let timing = prop::sample::select(vec!["ttfb", "ttft", "ttfo", "ttft_scheduled", "itl", "tpot", "e2e"]);
    let percentile = (1_u32..100_000).prop_map(|thousandths| format!("p{}", f64::from(thousandths) / 1e3));
    let stat =
        prop_oneof![percentile, prop::sample::select(vec!["mean", "min", "max"]).prop_map(str::to_owned)];
    let limit = (timing.clone(), comparisons(), durations());
    let limits = prop::collection::vec(limit, 1..4).prop_map(|limits| {
        let texts: Vec<String> = limits
            .into_iter()
            .map(|(timing, comparison, bound)| {
                format!("{} {comparison} {bound}", timing.replace("itl", "e2e"))
            })
            .collect();
        texts.join(", ")
    });
    prop_oneof![
        (timing, stat, comparisons(), durations()).prop_map(|(t, s, c, d)| format!("{t}.{s} {c} {d}")),
        (prop::sample::select(vec!["errors", "availability"]), comparisons(), 0.0..=100.0_f64)
            .prop_map(|(figure, c, percent)| format!("{figure} {c} {percent}%")),
        (prop::sample::select(vec!["rps", "failures"]), comparisons(), 0.0..1e9_f64)
            .prop_map(|(figure, c, number)| format!("{figure} {c} {number}")),
        (limits, comparisons(), 1e-3..1e6_f64)
            .prop_map(|(limits, c, rate)| format!("goodput({limits}) {c} {rate}/s")),
    ]
}

proptest! {
    #[test]
    fn display_and_parse_return_the_same_threshold(scope in scopes(), measure in measures()) {
        let text = format!("{scope}{measure}");
        prop_assert_eq!(parse(&text).to_string(), text);
    }

    #[test]
    fn parse_of_any_text_never_panics(text in "(task|goodput|ttft|rps|[ -~é]){0,6}([.()<>=,\"' ]|p95|5%|1s){0,6}") {
        match Threshold::parse(&text) {
            Ok(threshold) => prop_assert_eq!(Threshold::parse(&threshold.to_string()), Ok(threshold)),
            Err(error) => {
                if let Some(excerpt) = error.excerpt() {
                    prop_assert!(excerpt.text.get(excerpt.span.clone()).is_some(), "{excerpt:?}");
                }
            }
        }
    }
}
