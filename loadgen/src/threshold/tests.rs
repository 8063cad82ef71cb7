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
        "p95(ttft) < 1s",
        "error < 1%",
        "itl",
        "task.p95 < 1s",
        "task(chat).e2e.p95 < 1s",
        "task(\"chat).e2e.p95 < 1s",
        "task(\"chat\" e2e.p95 < 1s",
        "task(\"chat\") < 1s",
        "class(\"chat\").ttfz.p95 < 1s",
        "task(\"chat\").lateness.p99 < 1ms",
    ]
    .map(refusal);
    insta::assert_snapshot!(shown.join("\n\n"), @r#"
    ^
    nothing is there; a threshold reads like ttft.p95 < 500ms

    tttf.p95 < 500ms
    ^^^^
    unknown figure `tttf` (did you mean `ttft`?)

    < 500ms
    ^
    a figure, such as ttft.p95, is needed here; `<` was found

    p95(ttft) < 1s
    ^^^
    unknown figure `p95`; known are ttfb, ttft, ttfo, ttft_scheduled, itl, tpot, e2e, response_time, lateness, loop_lag, errors, availability, rate_limited, failures, requests, rps, tokens_per_second, goodput

    error < 1%
    ^^^^^
    unknown figure `error` (did you mean `errors`?)

    itl
    ^^^
    `itl` is a distribution; say which value of it, such as itl.p95 or itl.mean

    task.p95 < 1s
        ^
    a name in brackets, task("…"), is needed here; `.` was found

    task(chat).e2e.p95 < 1s
         ^
    a name in quotes is needed here; `c` was found

    task("chat).e2e.p95 < 1s
                            ^
    the quote `"` that ends the name is needed here; the end was found

    task("chat" e2e.p95 < 1s
                ^
    `)` is needed here; `e` was found

    task("chat") < 1s
                 ^
    `.` before the figure is needed here; `<` was found

    class("chat").ttfz.p95 < 1s
                  ^^^^
    unknown figure `ttfz` (did you mean `ttfo`?)

    task("chat").lateness.p99 < 1ms
                 ^^^^^^^^
    `lateness` is the generator's own, of no task or class; write it alone
    "#);
}

#[test]
fn a_wrong_statistic_is_pointed_at() {
    let shown = [
        "ttft < 500ms",
        "ttft. < 500ms",
        "ttft.95 < 500ms",
        "ttft.p9x < 500ms",
        "ttft.p100 < 500ms",
        "ttft.medain < 500ms",
        "ttft.p99.9999 < 1s",
        "errors.p95 < 1%",
        "rps.mean > 5",
        "e2e.p95.max < 1s",
    ]
    .map(refusal);
    insta::assert_snapshot!(shown.join("\n\n"), @r"
    ttft < 500ms
    ^^^^
    `ttft` is a distribution; say which value of it, such as ttft.p95 or ttft.mean

    ttft. < 500ms
          ^
    a statistic, such as p95 or mean, is needed here; `<` was found

    ttft.95 < 500ms
         ^^
    unknown statistic `95`; known are p50, p75, p90, p95, p99, p99.9, p99.99, med, mean, avg, min, max

    ttft.p9x < 500ms
         ^^^
    unknown statistic `p9x` (did you mean `p99`?)

    ttft.p100 < 500ms
         ^^^^
    `p100` is out of range; p1 to p99.999 are percentiles, min and max the ends

    ttft.medain < 500ms
         ^^^^^^
    unknown statistic `medain` (did you mean `mean`?)

    ttft.p99.9999 < 1s
         ^^^^^^^^
    unknown statistic `p99.9999` (did you mean `p99.99`?)

    errors.p95 < 1%
          ^
    `errors` is one number and has no statistics; compare it itself: errors < 5%

    rps.mean > 5
       ^
    `rps` is one number and has no statistics; compare it itself: rps > 100

    e2e.p95.max < 1s
        ^^^^^^^
    unknown statistic `p95.max` (did you mean `p95`?)
    ");
}

#[test]
fn a_wrong_comparison_or_value_is_pointed_at() {
    let shown = [
        "ttft.p95",
        "ttft.p95 500ms",
        "ttft.p95 = 500ms",
        "ttft.p95 =< 500ms",
        "ttft.p95 <",
        "ttft.p95 < 500",
        "ttft.p95 < 5 %",
        "ttft.p95 < 500 parsecs",
        "errors < 20",
        "errors < 1s",
        "availability > 101%",
        "rps > 60%",
        "rps > -5",
        "failures < 10/s",
        "grün < 1",
        "errors < 1% and rps > 5",
        "errors < 1%, rps > 5",
    ]
    .map(refusal);
    insta::assert_snapshot!(shown.join("\n\n"), @r"
    ttft.p95
            ^
    a comparison, `<`, `<=`, `>` or `>=`, is needed here; the end was found

    ttft.p95 500ms
             ^
    a comparison, `<`, `<=`, `>` or `>=`, is needed here; `5` was found

    ttft.p95 = 500ms
             ^
    a comparison, `<`, `<=`, `>` or `>=`, is needed here; `=` was found

    ttft.p95 =< 500ms
             ^
    a comparison, `<`, `<=`, `>` or `>=`, is needed here; `=` was found

    ttft.p95 <
              ^
    a duration with its unit, such as 500ms, is needed here; the end was found

    ttft.p95 < 500
               ^^^
    `500` cannot be compared with `ttft.p95`; give a duration with its unit, such as 500ms

    ttft.p95 < 5 %
               ^^^
    `5 %` cannot be compared with `ttft.p95`; give a duration with its unit, such as 500ms

    ttft.p95 < 500 parsecs
               ^^^^^^^^^^^
    `500 parsecs` cannot be compared with `ttft.p95`; give a duration with its unit, such as 500ms

    errors < 20
             ^^
    `20` cannot be compared with `errors`; give a share, such as 5% or 0.05

    errors < 1s
             ^^
    `1s` cannot be compared with `errors`; give a share, such as 5% or 0.05

    availability > 101%
                   ^^^^
    `101%` cannot be compared with `availability`; give a share, such as 5% or 0.05

    rps > 60%
          ^^^
    `60%` cannot be compared with `rps`; give a rate, such as 100/s or 100

    rps > -5
          ^^
    `-5` cannot be compared with `rps`; give a rate, such as 100/s or 100

    failures < 10/s
               ^^^^
    `10/s` cannot be compared with `failures`; give a number, such as 100

    grün < 1
    ^^^^
    unknown figure `grün`; known are ttfb, ttft, ttfo, ttft_scheduled, itl, tpot, e2e, response_time, lateness, loop_lag, errors, availability, rate_limited, failures, requests, rps, tokens_per_second, goodput

    errors < 1% and rps > 5
             ^^^^^^^^^^
    `1% and rps` cannot be compared with `errors`; give a share, such as 5% or 0.05

    errors < 1%, rps > 5
               ^
    the end of the threshold is needed here; `,` was found
    ");
}

#[test]
fn a_wrong_goodput_is_pointed_at() {
    let shown = [
        "goodput > 0.95",
        "goodput() > 0.95",
        "goodput(ttft) > 0.95",
        "goodput(ttft < 500ms > 0.95",
        "goodput(ttft.p95 < 500ms) > 0.95",
        "goodput(ttft < 500ms,) > 0.95",
        "goodput(ttft < 5%) > 0.95",
        "goodput(itl < 5ms) > 0.95",
        "goodput(ttfy < 5ms) > 0.95",
        "goodput(ttft < 500ms) > 40",
        "goodput(ttft < 500ms).p95 > 95%",
    ]
    .map(refusal);
    insta::assert_snapshot!(shown.join("\n\n"), @r"
    goodput > 0.95
            ^
    `(` and limits, such as goodput(ttft < 500ms), is needed here; `>` was found

    goodput() > 0.95
            ^
    a limit, such as ttft < 500ms, is needed here; `)` was found

    goodput(ttft) > 0.95
                ^
    a comparison, `<`, `<=`, `>` or `>=`, is needed here; `)` was found

    goodput(ttft < 500ms > 0.95
                         ^
    `,` and a limit, or `)`, is needed here; `>` was found

    goodput(ttft.p95 < 500ms) > 0.95
                ^
    a comparison, `<`, `<=`, `>` or `>=`, is needed here; `.` was found

    goodput(ttft < 500ms,) > 0.95
                         ^
    a limit, such as ttft < 500ms, is needed here; `)` was found

    goodput(ttft < 5%) > 0.95
                   ^^
    `5%` cannot be compared with `ttft`; give a duration with its unit, such as 500ms

    goodput(itl < 5ms) > 0.95
            ^^^
    `itl` is no duration of a single request; known are ttfb, ttft, ttfo, ttft_scheduled, tpot, e2e, response_time

    goodput(ttfy < 5ms) > 0.95
            ^^^^
    `ttfy` is no duration of a single request (did you mean `ttfo`?)

    goodput(ttft < 500ms) > 40
                            ^^
    `40` cannot be compared with `goodput(ttft < 500ms)`; give a share, such as 95% or 0.95, or a rate, such as 40/s

    goodput(ttft < 500ms).p95 > 95%
                         ^
    a comparison, `<`, `<=`, `>` or `>=`, is needed here; `.` was found
    ");
    let nine = format!("goodput({}) > 95%", ["e2e < 1s"; 9].join(", "));
    assert!(refusal(&nine).ends_with("a request is given at most 8 limits"), "{}", refusal(&nine));
}

#[test]
fn one_line_names_the_character_and_an_endless_text_is_cut() {
    let error = Threshold::parse("é\u{301}rps.p95\t> 5").unwrap_err();
    assert!(error.to_string().contains("character 1:"), "{error}");
    let error = Threshold::parse("task(\"grün\").rps.p95\t> 5").unwrap_err();
    insta::assert_snapshot!(error.to_string().replace('\t', "TAB"), @r#"`task("grün").rps.p95TAB> 5`, character 17: `rps` is one number and has no statistics; compare it itself: rps > 100"#);
    insta::assert_snapshot!(error.excerpt(), @r#"
    task("grün").rps.p95 > 5
                    ^
    "#);
    let endless = Threshold::parse(&"x".repeat(10_000)).unwrap_err();
    assert!(endless.to_string().len() < 1_000, "{endless}");
    assert!(endless.to_string().contains("character 501: goes on here"), "{endless}");
}

/// What is measured, and the outcome.
fn outcome(text: &str, summary: &Summary) -> String {
    let result = parse(text).judge(summary);
    format!("{:?}: {text}: {} ({:?} {:?})", result.outcome, result.measured, result.value, result.unit)
}

#[test]
fn summaries_are_judged() {
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
    NotMeasured: task("gone").rps > 1: not measured: the run had nobody of that name (None PerSecond)
    NotMeasured: goodput(e2e < 500ms) > 50%: not measured: the run did not count these limits (None Share)
    "#);
}

#[test]
fn what_cannot_be_measured_does_not_pass() {
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
fn goodput_is_a_share_or_a_rate() {
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
fn the_gates_of_the_reference_systems_can_be_said() {
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
    fn what_is_written_is_read_back(scope in scopes(), measure in measures()) {
        let text = format!("{scope}{measure}");
        prop_assert_eq!(parse(&text).to_string(), text);
    }

    #[test]
    fn any_text_is_answered(text in "(task|goodput|ttft|rps|[ -~é]){0,6}([.()<>=,\"' ]|p95|5%|1s){0,6}") {
        match Threshold::parse(&text) {
            Ok(threshold) => prop_assert_eq!(Threshold::parse(&threshold.to_string()), Ok(threshold)),
            Err(error) => {
                let marks = error.excerpt();
                let (shown, marks) = marks.split_once('\n').unwrap();
                prop_assert!(marks.chars().count() <= shown.chars().count() + 1, "{shown}\n{marks}");
            }
        }
    }
}
