use super::*;
use crate::fixture;
use crate::report::{Measured, Report};
use crate::summary::{StageSummary, StageWay, Summary, ThresholdResult, Validity};
use crate::threshold::Threshold;

fn saved(name: &str, summary: Summary) -> SavedReport {
    let report = Report::new("weir load").with_load("load", "Mix", summary);
    SavedReport::read(name, &serde_json::to_vec_pretty(&report).unwrap()).unwrap()
}

fn mix_at(started: &str) -> Summary {
    Summary { started: started.into(), ..fixture::mix() }
}

fn merged(parts: &[SavedReport]) -> Summary {
    match merge(parts).unwrap().sections.remove(0).measured {
        Measured::Load(summary) => *summary,
        other => panic!("{other:?}"),
    }
}

fn is_near(found: f64, expected: f64) -> bool {
    (found - expected).abs() <= 1e-9 * expected.abs().max(1.0)
}

#[test]
fn merge_simultaneous_runs_adds_up_load_and_rates() {
    let one = mix_at("2026-11-21T02:46:09Z");
    let other = mix_at("2026-11-21T02:46:10Z");
    let both = merged(&[saved("b", other.clone()), saved("a", one.clone())]);
    assert_eq!(both.started, one.started);
    assert_eq!(both.target, one.target);
    assert_eq!((both.load.users, both.load.workers, both.load.run_time_s), (Some(200), 2, Some(23.0)));
    assert_eq!((both.window.measured_s, both.window.run_s), (20.0, 24.4));
    assert_eq!((both.all.completed, both.all.failed), (2 * one.all.completed, 10));
    assert_eq!(both.all.e2e.count(), 2 * one.all.e2e.count());
    assert!(is_near(both.all.rps, 2.0 * one.all.rps), "{}", both.all.rps);
    assert_eq!(both.tasks[2].figures.ttft.count(), 2 * one.tasks[2].figures.ttft.count());
    let failure = &both.all.failures["http_503"];
    assert_eq!((failure.count, failure.first_s, failure.last_s), (8, 4.2, 18.9));
    // The first second of the second generator is second 1 of the merged timeline.
    assert_eq!(both.timeline.len(), 24);
    let (first, second) = (&both.timeline[0], &both.timeline[1]);
    assert_eq!((first.users, second.users), (33, one.timeline[1].users + 33));
    assert_eq!(first.e2e_p50_ms, one.timeline[0].e2e_p50_ms);
    let (low, high) = (one.timeline[0].e2e_p50_ms.unwrap(), one.timeline[1].e2e_p50_ms.unwrap());
    let found = second.e2e_p50_ms.unwrap();
    assert!((low.min(high) * 0.98..high.max(low) * 1.02).contains(&found), "{found} of {low} and {high}");
    let note = "merged from 2 runs that ran at the same time: their rates and users are added up (b, a)";
    assert_eq!(both.notes, [note]);
}

#[test]
fn merge_consecutive_runs_makes_one_longer_run() {
    let one = mix_at("2026-11-21T02:46:09Z");
    let mut other = mix_at("2026-11-21T03:46:09Z");
    other.window.measured_s = 60.0;
    other.all.rps = 20.0;
    let both = merged(&[saved("a", one.clone()), saved("b", other)]);
    assert_eq!((both.load.users, both.load.run_time_s), (Some(100), Some(46.0)));
    assert_eq!(both.window.measured_s, 80.0);
    assert!(is_near(both.all.rps, one.all.rps * 0.25 + 20.0 * 0.75), "{}", both.all.rps);
    assert_eq!(both.all.failures["reset"].last_s, 23.0 + 17.9);
    assert_eq!(both.timeline.len(), 46);
    assert_eq!(both.timeline[23].users, 33);
}

#[test]
fn merge_simultaneous_stages_adds_up_equal_timings_only() {
    let staged = |levels: &[(f64, f64)]| {
        let mut run = fixture::mix();
        let stage = |&(lasts_s, to)| StageSummary { lasts_s, to, way: StageWay::Ramp };
        run.load.stages = levels.iter().map(stage).collect();
        saved("run", run)
    };
    let levels = |runs: &[SavedReport]| {
        merged(runs).load.stages.iter().map(|stage| (stage.lasts_s, stage.to)).collect::<Vec<_>>()
    };
    let up_and_down = [(10.0, 50.0), (13.0, 0.0)];
    let both = levels(&[staged(&up_and_down), staged(&[(10.0, 30.0), (13.0, 10.0)])]);
    assert_eq!(both, [(10.0, 80.0), (13.0, 10.0)]);
    assert!(levels(&[staged(&up_and_down), staged(&[(11.0, 50.0), (12.0, 0.0)])]).is_empty());
}

#[test]
fn merge_threshold_that_ended_one_run_stays_failed() {
    let judged = |started: &str, texts: &[&str]| {
        let mut run = mix_at(started);
        run.thresholds = texts.iter().map(|text| Threshold::parse(text).unwrap().judge(&run)).collect();
        run
    };
    let sound = judged("2026-11-21T02:46:09Z", &["errors < 20%", "rps > 100"]);
    let mut ended = judged("2026-11-21T02:46:11Z", &["errors < 20%", "failures < 7"]);
    ended.thresholds[0].end_run(4.0);
    let shown = |parts: &[SavedReport]| {
        let both = merged(parts);
        let line = |result: &ThresholdResult| {
            format!("{}: {:?} {} {:?}", result.text, result.outcome, result.measured, result.ended_run_at_s)
        };
        both.thresholds.iter().map(line).collect::<Vec<_>>().join("\n")
    };
    let (sound, ended) = (saved("a", sound), saved("b", ended));
    let both = shown(&[sound.clone(), ended.clone()]);
    insta::assert_snapshot!(both, @r"
    errors < 20%: Failed 0.41 % Some(6.0)
    rps > 100: Passed 121/s None
    failures < 7: Failed 10 None
    ");
    assert_eq!(shown(&[ended, sound]), both);
}

#[test]
fn merge_with_an_invalid_run_is_invalid() {
    let mut invalid = mix_at("2026-11-21T02:46:09Z");
    invalid.generator.validity = Validity::Invalid { reasons: vec!["it was late".into()] };
    let both = merged(&[saved("a", fixture::mix()), saved("b", invalid)]);
    assert_eq!(both.generator.validity, Validity::Invalid { reasons: vec!["b: it was late".into()] });
    assert_eq!(both.generator.lateness.count(), 2 * fixture::mix().generator.lateness.count());
}

#[test]
fn merge_of_one_report_returns_it_unchanged() {
    let text = |report: &Report| serde_json::to_string_pretty(report).unwrap();
    let report = fixture::bench();
    let read = SavedReport::read("a", text(&report).as_bytes()).unwrap();
    assert_eq!(text(&merge(&[read]).unwrap()), text(&report));
}

#[test]
fn merge_of_different_runs_fails() {
    let refused = |change: &dyn Fn(&mut Summary)| {
        let mut other = fixture::mix();
        change(&mut other);
        merge(&[saved("a/summary.json", fixture::mix()), saved("b/summary.json", other)])
            .unwrap_err()
            .to_string()
    };
    insta::assert_snapshot!(refused(&|other| other.scenario = "chat".into()), @"a/summary.json and b/summary.json cannot be merged: the scenario is `chain-backend` in the first, `chat` in the second; `weir compare` compares runs");
    insta::assert_snapshot!(refused(&|other| other.time_scale = 0.5), @"a/summary.json and b/summary.json cannot be merged: the time scale is `1` in the first, `0.5` in the second; `weir compare` compares runs");
    insta::assert_snapshot!(refused(&|other| drop(other.tasks.pop())), @"a/summary.json and b/summary.json cannot be merged: the list of tasks is `default: POST chain, default: POST llm, default: POST chain stream, default: POST health` in the first, `default: POST chain, default: POST llm, default: POST chain stream` in the second; `weir compare` compares runs");
    insta::assert_snapshot!(refused(&|other| other.started = "now".into()), @r#"b/summary.json: `started` is "now": expected an instant like "2026-11-21T02:46:09Z""#);
    let bench = |name: &str| SavedReport { name: name.into(), report: fixture::bench() };
    insta::assert_snapshot!(merge(&[bench("a"), bench("b")]).unwrap_err(), @"a and b cannot be merged: the section `speedup` is a speedup; measure it once, with more pairs");
    insta::assert_snapshot!(merge(&[bench("a"), saved("b", fixture::mix())]).unwrap_err(), @"a and b cannot be merged: the list of sections is `mix, streaming, speedup (a speedup)` in the first, `load` in the second; `weir compare` compares runs");
    let search = |name: &str| SavedReport {
        name: name.into(),
        report: Report::new("weir load").with_search("search", "Mix", fixture::search()),
    };
    insta::assert_snapshot!(merge(&[search("a"), search("b")]).unwrap_err(), @"a and b cannot be merged: the section `search` is a search; report each by itself");
    assert_eq!(merge(&[]), Err(MergeError::None));
}

#[test]
fn read_of_anything_but_a_report_fails() {
    let read = |text: &str| SavedReport::read("x.json", text.as_bytes()).unwrap_err().to_string();
    insta::assert_snapshot!(read("{\n  \"schema\": "), @"x.json: not valid JSON: EOF while parsing a value at line 2 column 12");
    insta::assert_snapshot!(read("[1, 2]"), @"x.json: not a summary.json of weir: `schema` is missing or not a number");
    insta::assert_snapshot!(read(r#"{"schema": 99, "weir": "9.0.0", "runs": []}"#), @"x.json: has schema 99, of weir 9.0.0; this is weir 0.1.0, which reads schema 2");
    insta::assert_snapshot!(read(r#"{"schema": 2, "weir": "0.1.0", "title": "t"}"#), @"x.json: not a valid summary.json: missing field `sections` at line 1 column 44");
    let broken = serde_json::to_string_pretty(&fixture::bench()).unwrap();
    let broken = broken.replacen("\"hdr\": \"", "\"hdr\": \"!", 1);
    let message = read(&broken);
    assert!(message.starts_with("x.json: not a valid summary.json: hdr: not base64: "), "{message}");
}

#[test]
fn read_of_too_many_parts_fails_before_they_are_read() {
    let refused = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut value = serde_json::to_value(fixture::bench()).unwrap();
        change(&mut value);
        SavedReport::read("x", value.to_string().as_bytes()).unwrap_err().to_string()
    };
    let repeated = |value: &serde_json::Value, count: usize| vec![value[0].clone(); count].into();
    let sections = refused(&|report| report["sections"] = repeated(&report["sections"], 65));
    insta::assert_snapshot!(sections, @"x: sections: expected at most 64 items, found 65");
    let tasks = refused(&|report| {
        let load = &mut report["sections"][0]["measured"]["load"];
        load["tasks"] = repeated(&load["tasks"], 257);
    });
    insta::assert_snapshot!(tasks, @"x: tasks: expected at most 256 items, found 257");
    // The rows need not be valid: they are counted, not read.
    let rows = refused(&|report| {
        report["sections"][0]["measured"]["load"]["timeline"] =
            vec![serde_json::Value::from(1); 1_000_000].into();
    });
    insta::assert_snapshot!(rows, @"x: timeline: expected at most 604800 items, found 1000000");
}
