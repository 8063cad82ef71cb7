//! Thresholds, bands and goodput.

use super::*;

fn with_criteria(criteria: &str) -> String {
    let task = |class: &str, name: &str| {
        format!("{}name = \"{name}\"\n", TASK.replace(".u.", &format!(".{class}.")))
    };
    format!(
        "{LOAD}{}{}{}{criteria}\n",
        task("readers", "chat"),
        task("readers", "list"),
        task("writers", "post")
    )
}

fn rules(scenario: &Scenario) -> Vec<String> {
    let rules = scenario.criteria.rules.iter();
    rules.map(|rule| format!("{} {:?}", rule.threshold, rule.watch)).collect()
}

#[test]
fn parse_thresholds_have_task_class_or_all_as_scope() {
    let scenario = parse(&with_criteria(
        r#"
        [thresholds]
        all = ["rps > 60", { limit = "errors < 20%", abort = true }, "task('list').errors < 1%", "lateness.p99 < 5ms"]
        chat = { limit = "goodput(ttft < 500ms) > 0.9", abort = true, after = "3s" }
        writers = "e2e.p95 < 1s"
        "#,
    ))
    .unwrap();
    insta::assert_snapshot!(rules(&scenario).join("\n"), @r#"
    rps > 60 AtEnd
    errors < 20% Throughout { after: 10s }
    task("list").errors < 1% AtEnd
    lateness.p99 < 5ms AtEnd
    task("chat").goodput(ttft < 500ms) > 90% Throughout { after: 3s }
    class("writers").e2e.p95 < 1s AtEnd
    "#);
    let added = Overrides {
        thresholds: vec!["task(\"post\").rps > 1".into()],
        abort_on: vec!["failures < 100".into()],
        goodput: vec!["e2e < 1s".into(), "ttft < 500ms".into()],
        ..Overrides::default()
    };
    let scenario = scenario.with(&added).unwrap();
    insta::assert_snapshot!(rules(&scenario)[6..].join("\n"), @r#"
    task("post").rps > 1 AtEnd
    failures < 100 Throughout { after: 10s }
    "#);
    let goals: Vec<String> = scenario.criteria.goals.iter().map(ToString::to_string).collect();
    assert_eq!(goals, ["ttft < 500ms", "e2e < 1s"], "each is counted once");
}

#[test]
fn parse_bands_are_those_of_the_scenario_only() {
    assert_eq!(parse(&with_criteria("")).unwrap().criteria.bands, []);
    let own = "bands = { rps = [200, 100.5], \"goodput(ttft < 1s)\" = [\"99%\"] }\n";
    let scenario = parse(&format!("{own}{}", with_criteria(""))).unwrap();
    let shown: Vec<String> =
        scenario.criteria.bands.iter().map(|band| serde_json::to_string(band).unwrap()).collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    {"figure":"goodput(ttft < 1s)","bounds":["99%"]}
    {"figure":"rps","bounds":["200","100.5"]}
    "#);
    assert_eq!(scenario.criteria.goals.len(), 1, "a band's goodput is counted too");
}

#[test]
fn parse_invalid_criteria_are_an_error() {
    let threshold = |text: &str| error_of(&with_criteria(&format!("[thresholds]\n{text}")));
    insta::assert_snapshot!(threshold("all = \"tttf.p95 < 1s\""), @"mine.toml:14: thresholds.all: `tttf.p95 < 1s`, character 1: unknown figure `tttf` (did you mean `ttft`?)");
    insta::assert_snapshot!(threshold("chatt = \"rps > 1\""), @"mine.toml:14: thresholds.chatt: unknown task or class `chatt` (did you mean `chat`?)");
    insta::assert_snapshot!(threshold("chat = [\"rps > 1\", \"errors < 5\"]"), @"mine.toml:14: thresholds.chat[1]: `errors < 5`, character 10: `5` cannot be compared with `errors`; give a share, such as 5% or 0.05");
    insta::assert_snapshot!(threshold("all = \"task('reders').rps > 1\""), @"mine.toml:14: thresholds.all: unknown task `reders`; expected one of `chat`, `list`, `post`");
    insta::assert_snapshot!(threshold("all = \"class('reders').rps > 1\""), @"mine.toml:14: thresholds.all: unknown class `reders` (did you mean `readers`?)");
    insta::assert_snapshot!(threshold("chat = \"task('list').rps > 1\""), @"mine.toml:14: thresholds.chat: conflicts with `task(…) or class(…)`: the key is already a task or class; write it under `all`");
    insta::assert_snapshot!(threshold("chat = \"lateness.p99 < 1ms\""), @"mine.toml:14: thresholds.chat: conflicts with `a task or class`: the figure is that of the load generator; write it under `all`");
    insta::assert_snapshot!(threshold("all = { limit = \"rps > 1\", after = \"5s\" }"), @"mine.toml:14: thresholds.all.after: missing: `abort = true`, without which `after` has no effect");
    insta::assert_snapshot!(threshold("all = { limit = \"rps > 1\", abbort = true }"), @"mine.toml:14: thresholds.all.abbort: unknown key (did you mean `abort`?)");
    insta::assert_snapshot!(threshold("all = { abort = true }"), @"mine.toml:14: thresholds.all.limit: this key is required");
    insta::assert_snapshot!(threshold("all = 5"), @r#"mine.toml:14: thresholds.all: expected a threshold such as "ttft.p95 < 500ms", or a list of them, found 5"#);
    insta::assert_snapshot!(threshold("all = [5]"), @r#"mine.toml:14: thresholds.all[0]: expected a threshold such as "ttft.p95 < 500ms", or { limit = "…", abort = true }, found 5"#);
    let bands = |text: &str| error_of(&with_criteria(&format!("[bands]\n{text}")));
    insta::assert_snapshot!(bands("e2e.p95 = [\"1s\"]"), @r#"mine.toml:14: bands.e2e: expected a list of bounds (quote a figure that contains a point: "e2e.p95" = ["1s"]), found a table"#);
    insta::assert_snapshot!(bands("\"e2e.p95\" = [\"1s\", \"100ms\"]"), @r#"mine.toml:14: bands."e2e.p95": bound `100ms` must be worse than `1s`, the bound before it; the best comes first"#);
    insta::assert_snapshot!(bands("rps = [true]"), @r#"mine.toml:14: bands.rps[0]: expected a bound such as "500ms", "1%" or 100, found true"#);
    insta::assert_snapshot!(bands("\"task('x').rps\" = [1]"), @r#"mine.toml:14: bands."task('x').rps": unknown task `x`; expected one of `chat`, `list`, `post`"#);
    let goodput = |sets: &str| error_of(&format!("goodput = {sets}\n{}", with_criteria("")));
    insta::assert_snapshot!(goodput("[\"ttft < 1\"]"), @"mine.toml:1: goodput[0]: `ttft < 1`, character 8: `1` cannot be compared with `ttft`; give a duration with its unit, such as 500ms");
    let many: Vec<String> = (1..=17).map(|ms| format!("\"e2e < {ms}ms\"")).collect();
    insta::assert_snapshot!(goodput(&format!("[{}]", many.join(","))), @"mine.toml:1: goodput: 17 is out of range; expected at most 16 sets of limits, including those of thresholds");
    let many: Vec<String> = (1..=257).map(|_| "\"rps > 1\"".to_owned()).collect();
    insta::assert_snapshot!(threshold(&format!("all = [{}]", many.join(","))), @"mine.toml:13: thresholds: 257 is out of range; expected at most 256 thresholds");
}

#[test]
fn excerpt_invalid_threshold_marks_mistake() {
    let scenario = parse(&with_criteria("")).unwrap();
    let wrong = Overrides { thresholds: vec!["errors < 20".into()], ..Overrides::default() };
    let error = scenario.with(&wrong).unwrap_err();
    insta::assert_snapshot!(error, @"command line: --threshold: `errors < 20`, character 10: `20` cannot be compared with `errors`; give a share, such as 5% or 0.05");
    let wrong_part = |error: &ScenarioError| {
        let excerpt = error.diagnostic().unwrap().excerpt().unwrap();
        (excerpt.text.clone(), excerpt.text[excerpt.span.clone()].to_owned())
    };
    assert_eq!(wrong_part(&error), ("errors < 20".to_owned(), "20".to_owned()));
    let error = parse(&with_criteria("[thresholds]\nall = ['rps > 1', 'errors < 20']")).unwrap_err();
    assert_eq!(wrong_part(&error), ("all = ['rps > 1', 'errors < 20']".to_owned(), "20".to_owned()));
}
