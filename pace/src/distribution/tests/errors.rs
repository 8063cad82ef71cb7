//! Tests of the errors of invalid distributions.

use super::read;
use crate::distribution::{Amount, Latency};

/// Returns each text with its error.
fn refused<const N: usize>(texts: [&str; N]) -> String {
    texts.map(|text| format!("{text}\n    {}", read::<Latency>(text).unwrap_err())).join("\n")
}

#[test]
fn parse_invalid_duration_describes_error() {
    let texts = ["250", "true", "\"fast\"", "\"-1ms\"", "\"2000h\"", "[]", "{}"];
    insta::assert_snapshot!(refused(texts), @r#"
    250
        250 has no unit; write "250s" or "250ms" if that is what is meant
    true
        expected a duration such as "250ms", found true
    "fast"
        "fast" is not a valid duration; write a number with a unit, such as "250ms" or "1m30s"
    "-1ms"
        -1ms is negative; a duration must not be negative
    "2000h"
        2000h is out of range: expected 24h or less
    []
        expected a duration such as "250ms", found a list
    {}
        is missing: expected a distribution such as `p50` and `p95`
    "#);
}

#[test]
fn parse_invalid_percentiles_describes_error() {
    let texts = [
        "{ p50 = \"1ms\" }",
        "{ p95 = \"5ms\", p50 = \"10ms\" }",
        "{ p50 = \"0ms\", p95 = \"10ms\" }",
        "{ p50 = \"1us\", p95 = \"1h\" }",
        "{ p50 = \"1ms\", p95 = \"2ms\", p99 = \"3ms\" }",
        "{ p50 = \"1ms\", mean = \"2ms\" }",
        "{ p50 = \"1ms\", values = [\"2ms\"] }",
        "{ p59 = \"1ms\", p95 = \"2ms\" }",
    ];
    insta::assert_snapshot!(refused(texts), @r#"
    { p50 = "1ms" }
        1 of p50, p90, p95 and p99 given: expected exactly two of them
    { p95 = "5ms", p50 = "10ms" }
        p95: 5ms is less than p50, which is 10ms: expected at least as much
    { p50 = "0ms", p95 = "10ms" }
        p50: 0s is out of range: expected a duration of more than zero
    { p50 = "1us", p95 = "1h" }
        p95: 1h is out of range: expected something nearer to p50, which is 1us
    { p50 = "1ms", p95 = "2ms", p99 = "3ms" }
        3 of p50, p90, p95 and p99 given: expected exactly two of them
    { p50 = "1ms", mean = "2ms" }
        `p50` and `mean` are given together: expected exactly one of them
    { p50 = "1ms", values = ["2ms"] }
        `p50` and `values` are given together: expected exactly one of them
    { p59 = "1ms", p95 = "2ms" }
        p59: unknown key (did you mean `p50`?)
    "#);
}

#[test]
fn parse_invalid_moments_describes_error() {
    let texts = [
        "{ mean = \"2ms\" }",
        "{ sd = \"2ms\" }",
        "{ mean = \"2ms\", sd = \"1ms\", cv = 0.5 }",
        "{ mean = \"2ms\", sd = \"1s\" }",
        "{ mean = \"2ms\", cv = nan }",
        "{ mean = \"2ms\", cv = -0.5 }",
        "{ mean = \"2ms\", cv = \"0.5\" }",
        "{ mean = 2, cv = 0.5 }",
        "{ mean = nan, cv = 0.5 }",
    ];
    insta::assert_snapshot!(refused(texts), @r#"
    { mean = "2ms" }
        sd: is missing: expected `sd` or `cv`
    { sd = "2ms" }
        mean: is missing: expected a duration
    { mean = "2ms", sd = "1ms", cv = 0.5 }
        `sd` and `cv` are given together: expected exactly one of them
    { mean = "2ms", sd = "1s" }
        sd: 1s is out of range: expected 100 times the mean or less
    { mean = "2ms", cv = nan }
        cv: NaN is out of range: expected a number from 0 to 100
    { mean = "2ms", cv = -0.5 }
        cv: -0.5 is out of range: expected a number from 0 to 100
    { mean = "2ms", cv = "0.5" }
        cv: expected a number without quotes, found "0.5"
    { mean = 2, cv = 0.5 }
        mean: 2 has no unit; write "2s" or "2ms" if that is what is meant
    { mean = nan, cv = 0.5 }
        mean: "NaN" is not a valid duration; write a number with a unit, such as "250ms" or "1m30s"
    "#);
}

#[test]
fn parse_invalid_parameters_describes_error() {
    let texts = [
        "{ between = [\"1ms\"] }",
        "{ between = [\"2ms\", \"1ms\"] }",
        "{ between = [\"2ms\", 3] }",
        "{ normal = \"9ms\" }",
        "{ normal = { mean = \"9ms\", dev = \"1ms\" } }",
        "{ normal = { mean = \"1ms\", sd = \"1ms\", min = \"5ms\" } }",
        "{ gamma = { mean = \"0ms\", cv = 1 } }",
        "{ exponential = { mean = \"1ms\", min = \"1ms\" } }",
        "{ pareto = { min = \"1ms\", shape = 1 } }",
    ];
    insta::assert_snapshot!(refused(texts), @r#"
    { between = ["1ms"] }
        between: expected a list of two figures, found a list of 1
    { between = ["2ms", "1ms"] }
        between[1]: 1ms is less than the first, which is 2ms: expected at least as much
    { between = ["2ms", 3] }
        between[1]: 3 has no unit; write "3s" or "3ms" if that is what is meant
    { normal = "9ms" }
        normal: expected a table, found "9ms"
    { normal = { mean = "9ms", dev = "1ms" } }
        normal.dev: unknown key; expected one of `mean`, `sd`, `cv`, `min`
    { normal = { mean = "1ms", sd = "1ms", min = "5ms" } }
        normal: less than a tenth of the distribution lies above 5ms: expected a larger mean, a smaller spread or a smaller `min`
    { gamma = { mean = "0ms", cv = 1 } }
        gamma.mean: 0s is out of range: expected a duration of more than zero
    { exponential = { mean = "1ms", min = "1ms" } }
        exponential.min: 1ms is out of range: expected less than the mean, which is 1ms
    { pareto = { min = "1ms", shape = 1 } }
        pareto.shape: 1 is out of range: expected a number above 1 and up to 1000
    "#);
}

#[test]
fn parse_invalid_lists_describes_error() {
    let texts = [
        "{ values = [] }",
        "{ values = [\"1ms\", \"2\"] }",
        "{ mix = [] }",
        "{ mix = \"1ms\" }",
        "{ mix = [\"1ms\"] }",
        "{ mix = [{ constant = \"1ms\" }] }",
        "{ mix = [{ share = 0, constant = \"1ms\" }] }",
        "{ mix = [{ share = 1 }] }",
        "{ mix = [{ share = 1, p50 = \"1ms\", p95 = \"2ms\" }, { share = 1, normal = { mean = \"1ms\", sd = \"-1ms\" } }] }",
    ];
    insta::assert_snapshot!(refused(texts), @r#"
    { values = [] }
        values: is missing: expected at least one entry
    { values = ["1ms", "2"] }
        values[1]: 2 has no unit; write "2s" or "2ms" if that is what is meant
    { mix = [] }
        mix: is missing: expected at least one entry
    { mix = "1ms" }
        mix: expected a list, found "1ms"
    { mix = ["1ms"] }
        mix[0]: expected a table, found "1ms"
    { mix = [{ constant = "1ms" }] }
        mix[0].share: is missing: expected a number
    { mix = [{ share = 0, constant = "1ms" }] }
        mix[0].share: 0 is out of range: expected a number above 0 and up to 1000000000
    { mix = [{ share = 1 }] }
        mix[0]: is missing: expected a distribution such as `p50` and `p95`
    { mix = [{ share = 1, p50 = "1ms", p95 = "2ms" }, { share = 1, normal = { mean = "1ms", sd = "-1ms" } }] }
        mix[1].normal.sd: -1ms is negative; a duration must not be negative
    "#);
}

#[test]
fn parse_invalid_amount_describes_error() {
    let texts = [
        "\"200\"",
        "-1",
        "inf",
        "nan",
        "2e9",
        "{ p50 = 500, p95 = 117 }",
        "{ mean = 0, cv = 1 }",
        "{ mean = 10, sd = -1 }",
        "{ values = [1, \"2ms\"] }",
    ];
    let errors = texts.map(|text| format!("{text}\n    {}", read::<Amount>(text).unwrap_err()));
    insta::assert_snapshot!(errors.join("\n"), @r#"
    "200"
        expected a number without quotes, found "200"
    -1
        -1 is negative: expected a number of at least 0
    inf
        inf is out of range: expected 1000000000 or less
    nan
        NaN is out of range: expected 1000000000 or less
    2e9
        2000000000 is out of range: expected 1000000000 or less
    { p50 = 500, p95 = 117 }
        p95: 117 is less than p50, which is 500: expected at least as much
    { mean = 0, cv = 1 }
        mean: 0 is out of range: expected a number of more than zero
    { mean = 10, sd = -1 }
        sd: -1 is negative: expected a number of at least 0
    { values = [1, "2ms"] }
        values[1]: expected a number without quotes, found "2ms"
    "#);
}

#[test]
fn parse_long_list_or_deep_mixture_fails() {
    let components = "{ share = 1, constant = \"1ms\" },".repeat(65);
    let nested = (0..5).fold("{ share = 1, constant = \"1ms\"".to_owned(), |inner, _| {
        format!("{{ share = 1, mix = [{inner} }}]")
    });
    let values = "\"1ms\",".repeat(100_001);
    let texts = [
        format!("{{ mix = [{components}] }}"),
        format!("{} }}", nested.replacen("share = 1, ", "", 1)),
        format!("{{ values = [{values}] }}"),
    ];
    let errors = texts.map(|text| read::<Latency>(&text).unwrap_err());
    insta::assert_snapshot!(errors.join("\n"), @"
    mix: the list is too long; at most 64 entries are allowed
    mix[0].mix[0].mix[0].mix[0].mix: mixtures are nested too deeply; at most 4 levels are allowed
    values: the list is too long; at most 100000 entries are allowed
    ");
}
