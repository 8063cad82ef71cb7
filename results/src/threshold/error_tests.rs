//! Tests of errors: position and message.

use super::{Threshold, ThresholdError};

/// The text, and marks under the place.
fn marked(error: &ThresholdError) -> String {
    let Some(excerpt) = error.excerpt() else { return "\n^".to_owned() };
    let before = excerpt.text[..excerpt.span.start].chars().count();
    let length = excerpt.text[excerpt.span].chars().count().max(1);
    format!("{}\n{}{}", excerpt.text, " ".repeat(before), "^".repeat(length))
}

/// Returns the text, the marks under it, and the message.
fn refusal(text: &str) -> String {
    let error = Threshold::parse(text).unwrap_err();
    format!("{}\n{}", marked(&error), error.problem())
}

#[test]
fn parse_unknown_figure_marks_it() {
    let shown = [
        "tttf.p95 < 500ms",
        "< 500ms",
        "p95(ttft) < 1s",
        "error < 1%",
        "grün < 1",
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
    tttf.p95 < 500ms
    ^^^^
    unknown figure `tttf` (did you mean `ttft`?)

    < 500ms
    ^
    expected a figure, such as ttft.p95, found `<`

    p95(ttft) < 1s
    ^^^
    unknown figure `p95`; expected one of `ttfb`, `ttft`, `ttfo`, `ttft_scheduled`, `itl`, `itl_per_token`, `tpot`, `e2e`, `response_time`, `turn_time`, `lateness`, `loop_lag`, `errors`, `availability`, `rate_limited`, `failures`, `requests`, `rps`, `tokens_per_second`, `cost_usd`, `empty`, `unmarked`, `resends`, `retried`, `retries`, `requests_per_turn`, `tokens_per_event`, `goodput`

    error < 1%
    ^^^^^
    unknown figure `error` (did you mean `errors`?)

    grün < 1
    ^^^^
    unknown figure `grün`; expected one of `ttfb`, `ttft`, `ttfo`, `ttft_scheduled`, `itl`, `itl_per_token`, `tpot`, `e2e`, `response_time`, `turn_time`, `lateness`, `loop_lag`, `errors`, `availability`, `rate_limited`, `failures`, `requests`, `rps`, `tokens_per_second`, `cost_usd`, `empty`, `unmarked`, `resends`, `retried`, `retries`, `requests_per_turn`, `tokens_per_event`, `goodput`

    itl
    ^^^
    `itl` is a distribution; add a statistic, such as itl.p95 or itl.mean

    task.p95 < 1s
        ^
    expected a name in brackets, task("…"), found `.`

    task(chat).e2e.p95 < 1s
         ^
    expected a name in quotes, found `c`

    task("chat).e2e.p95 < 1s
                            ^
    expected the quote `"` that ends the name, found the end

    task("chat" e2e.p95 < 1s
                ^
    expected `)`, found `e`

    task("chat") < 1s
                 ^
    expected `.` before the figure, found `<`

    class("chat").ttfz.p95 < 1s
                  ^^^^
    unknown figure `ttfz` (did you mean `ttfo`?)

    task("chat").lateness.p99 < 1ms
                 ^^^^^^^^
    `lateness` belongs to the generator, not to a task or class; write it without scope
    "#);
}

#[test]
fn parse_empty_text_marks_its_beginning() {
    for nothing in ["", " \t"] {
        let message = refusal(nothing);
        assert_eq!(message.trim(), "^\nthe text is empty; write a threshold such as ttft.p95 < 500ms");
    }
}

#[test]
fn parse_unknown_statistic_marks_it() {
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
    insta::assert_snapshot!(shown.join("\n\n"), @"
    ttft < 500ms
    ^^^^
    `ttft` is a distribution; add a statistic, such as ttft.p95 or ttft.mean

    ttft. < 500ms
          ^
    expected a statistic, such as p95 or mean, found `<`

    ttft.95 < 500ms
         ^^
    unknown statistic `95`; expected one of `p50`, `p75`, `p90`, `p95`, `p99`, `p99.9`, `p99.99`, `med`, `mean`, `avg`, `min`, `max`

    ttft.p9x < 500ms
         ^^^
    unknown statistic `p9x` (did you mean `p99`?)

    ttft.p100 < 500ms
         ^^^^
    `p100` is out of range; use p1 to p99.999, min or max

    ttft.medain < 500ms
         ^^^^^^
    unknown statistic `medain` (did you mean `mean`?)

    ttft.p99.9999 < 1s
         ^^^^^^^^
    unknown statistic `p99.9999` (did you mean `p99.99`?)

    errors.p95 < 1%
          ^
    `errors` is a single number without statistics; compare it directly: errors < 5%

    rps.mean > 5
       ^
    `rps` is a single number without statistics; compare it directly: rps > 100

    e2e.p95.max < 1s
        ^^^^^^^
    unknown statistic `p95.max`; expected one of `p50`, `p75`, `p90`, `p95`, `p99`, `p99.9`, `p99.99`, `med`, `mean`, `avg`, `min`, `max`
    ");
}

#[test]
fn parse_unknown_comparison_marks_it() {
    let shown =
        ["ttft.p95", "ttft.p95 500ms", "ttft.p95 = 500ms", "ttft.p95 =< 500ms", "errors < 1%, rps > 5"]
            .map(refusal);
    insta::assert_snapshot!(shown.join("\n\n"), @r"
    ttft.p95
            ^
    expected a comparison, `<`, `<=`, `>` or `>=`, found the end

    ttft.p95 500ms
             ^
    expected a comparison, `<`, `<=`, `>` or `>=`, found `5`

    ttft.p95 = 500ms
             ^
    expected a comparison, `<`, `<=`, `>` or `>=`, found `=`

    ttft.p95 =< 500ms
             ^
    expected a comparison, `<`, `<=`, `>` or `>=`, found `=`

    errors < 1%, rps > 5
               ^
    expected the end of the threshold, found `,`
    ");
}

#[test]
fn parse_wrong_value_marks_it() {
    let shown = [
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
        "cost_usd < 5%",
        "errors < 1% and rps > 5",
    ]
    .map(refusal);
    insta::assert_snapshot!(shown.join("\n\n"), @r"
    ttft.p95 <
              ^
    expected a duration with its unit, such as 500ms, found the end

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

    cost_usd < 5%
               ^^
    `5%` cannot be compared with `cost_usd`; give US dollars, such as 5 or 0.25

    errors < 1% and rps > 5
             ^^^^^^^^^^
    `1% and rps` cannot be compared with `errors`; give a share, such as 5% or 0.05
    ");
}

#[test]
fn parse_wrong_goodput_marks_it() {
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
    insta::assert_snapshot!(shown.join("\n\n"), @"
    goodput > 0.95
            ^
    expected `(` and limits, such as goodput(ttft < 500ms), found `>`

    goodput() > 0.95
            ^
    expected a limit, such as ttft < 500ms, found `)`

    goodput(ttft) > 0.95
                ^
    expected a comparison, `<`, `<=`, `>` or `>=`, found `)`

    goodput(ttft < 500ms > 0.95
                         ^
    expected `,` and a limit, or `)`, found `>`

    goodput(ttft.p95 < 500ms) > 0.95
                ^
    expected a comparison, `<`, `<=`, `>` or `>=`, found `.`

    goodput(ttft < 500ms,) > 0.95
                         ^
    expected a limit, such as ttft < 500ms, found `)`

    goodput(ttft < 5%) > 0.95
                   ^^
    `5%` cannot be compared with `ttft`; give a duration with its unit, such as 500ms

    goodput(itl < 5ms) > 0.95
            ^^^
    `itl` is not a duration of a single request; expected one of `ttfb`, `ttft`, `ttfo`, `ttft_scheduled`, `tpot`, `e2e`, `response_time`

    goodput(ttfy < 5ms) > 0.95
            ^^^^
    `ttfy` is not a duration of a single request (did you mean `ttfo`?)

    goodput(ttft < 500ms) > 40
                            ^^
    `40` cannot be compared with `goodput(ttft < 500ms)`; give a share, such as 95% or 0.95, or a rate, such as 40/s

    goodput(ttft < 500ms).p95 > 95%
                         ^
    expected a comparison, `<`, `<=`, `>` or `>=`, found `.`
    ");
    let nine = format!("goodput({}) > 95%", ["e2e < 1s"; 9].join(", "));
    assert!(refusal(&nine).ends_with("too many limits; at most 8 are allowed"), "{}", refusal(&nine));
}

#[test]
fn display_names_the_character_and_cuts_long_texts() {
    let error = Threshold::parse("é\u{301}rps.p95\t> 5").unwrap_err();
    assert!(error.to_string().contains("character 1:"), "{error}");
    let error = Threshold::parse("task(\"grün\").rps.p95\t> 5").unwrap_err();
    insta::assert_snapshot!(error.to_string().replace('\t', "TAB"), @r#"`task("grün").rps.p95TAB> 5`, character 17: `rps` is a single number without statistics; compare it directly: rps > 100"#);
    insta::assert_snapshot!(marked(&error), @r#"
    task("grün").rps.p95 > 5
                    ^
    "#);
    let too_long = Threshold::parse(&"x".repeat(10_000)).unwrap_err();
    assert!(too_long.to_string().len() < 1_000, "{too_long}");
    assert!(too_long.to_string().contains("character 501: longer than 500"), "{too_long}");
}
