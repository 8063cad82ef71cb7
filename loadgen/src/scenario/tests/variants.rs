//! Variants of scenarios.

use super::*;

const VARIED: &str = r#"
about = "as usual"
classes = ["a"]
[load]
users = 1
run_time = "1s"
[[user.a.task]]
request = { kind = "http", path = "/a" }
[[user.b.task]]
request = { kind = "http", path = "/b" }
[variant.fast]
about = "at a rate"
classes = ["b", "a"]
load = { rate = "5/s", run_time = "2s" }
[variant.b]
classes = ["b"]
"#;

#[test]
fn parse_variant_replaces_its_keys() {
    let chosen = |name: &str| {
        let scenario = Scenario::parse(name, "mine.toml", VARIED, &|_| None).unwrap();
        let classes: Vec<String> = scenario.users.iter().map(|class| class.name.clone()).collect();
        (scenario.about().to_owned(), classes.join(" "), scenario.run_time().unwrap().as_secs())
    };
    let of = |about: &str, classes: &str, seconds| (about.to_owned(), classes.to_owned(), seconds);
    assert_eq!(chosen("mine"), of("as usual", "a", 1));
    assert_eq!(chosen("mine:fast"), of("at a rate", "a b", 2));
    assert_eq!(chosen("mine:b"), of("as usual", "b", 1));
    let scenario = Scenario::parse("mine:b", "mine.toml", VARIED, &|_| None).unwrap();
    assert_eq!(scenario.name(), "mine:b");
    let variants: Vec<&str> = scenario.variants().iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(variants, ["b", "fast"]);
}

#[test]
fn parse_unselected_variant_is_checked() {
    let error_of =
        |name: &str, text: &str| Scenario::parse(name, "mine.toml", text, &|_| None).unwrap_err().to_string();
    insta::assert_snapshot!(error_of("mine:fats", VARIED), @"mine.toml:11: variant: unknown value `fats` (did you mean `fast`?)");
    let no_class = VARIED.replace("[\"b\", \"a\"]", "[\"b\", \"aa\"]");
    insta::assert_snapshot!(error_of("mine", &no_class), @"mine.toml:13: variant.fast.classes[1]: unknown value `aa` (did you mean `a`?)");
    let no_classes = VARIED.replace("[\"b\", \"a\"]", "[]");
    insta::assert_snapshot!(error_of("mine", &no_classes), @"mine.toml:13: variant.fast.classes: missing: at least one class; without `classes`, all of them take part");
    let error_with = |text: &str| error_of("mine", &format!("{VARIED}{text}\n"));
    insta::assert_snapshot!(error_with("thresholds = { all = \"rpss > 1\" }"), @"mine.toml:17: variant.b.thresholds.all: `rpss > 1`, character 1: unknown figure `rpss` (did you mean `rps`?)");
    insta::assert_snapshot!(error_with("thresholds = { a = \"rps > 1\" }"), @"mine.toml:17: variant.b.thresholds.a: unknown task or class `a`; expected one of `GET /b`, `b`, `all`");
    insta::assert_snapshot!(error_with("[thresholds]\na = \"rps > 1\""), @"mine.toml:15: variant.b.thresholds.a: unknown task or class `a`; expected one of `GET /b`, `b`, `all`");
    let no_rate = VARIED.replace("rate = \"5/s\", ", "");
    insta::assert_snapshot!(error_of("mine", &no_rate), @r#"mine.toml:14: variant.fast.load.users: missing: `users` for a closed loop (users = 100), `rate` for an open one (rate = "50/s"), `concurrency` for users without pauses, `stages` for a load that changes, or `search` for the highest one"#);
}

#[test]
fn load_suffix_of_file_selects_variant() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml");
    std::fs::write(&path, VARIED).unwrap();
    let scenario = Scenario::load(&format!("{}:fast", path.display()), &|_| None).unwrap();
    assert_eq!((scenario.name(), scenario.about()), ("mine:fast", "at a rate"));
}
