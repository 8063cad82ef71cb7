//! The grammar as a whole: what it reads, what it refuses and where, and what summaries make of it.

use proptest::prelude::*;

use super::*;
use crate::report::fixture;
use crate::summary::{Figures, Outcome, Summary};

fn parse(text: &str) -> Threshold {
    Threshold::parse(text).unwrap_or_else(|error| panic!("{error}\n{}", error.excerpt()))
}

/// The text, marks under the place, and the message.
fn refusal(text: &str) -> String {
    let error = Threshold::parse(text).unwrap_err();
    format!("{}\n{}", error.excerpt(), error.problem())
}

#[test]
fn reads_what_people_write() {
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

#[test]
fn a_wrong_figure_is_pointed_at() {
    let shown = [
        "",
        "tttf.p95 < 500ms",
        "< 500ms",
        "task.p95 < 1s",
        "task(chat).e2e.p95 < 1s",
        "task(\"chat).e2e.p95 < 1s",
        "task(\"chat\") < 1s",
        "class(\"chat\").ttfz.p95 < 1s",
        "task(\"chat\").lateness.p99 < 1ms",
        "p95(ttft) < 1s",
    ]
    .map(refusal);
    insta::assert_snapshot!(shown.join("\n\n"), @r#"

    ^
    nothing is there; a threshold reads like ttft.p95 < 500ms

    tttf.p95 < 500ms
    ^^^^
    unknown figure `tttf` (did you mean `ttft`?); known are ttfb, ttft, ttfo, ttft_scheduled, itl, tpot, e2e, response_time, lateness, loop_lag, errors, availability, rate_limited, failures, requests, rps, tokens_per_second, goodput

    < 500ms
    ^
    a figure, such as ttft.p95 is needed here; `<` was found
    "#);
}
