//! Files, built-in scenarios, and invalid texts.

use super::*;

fn with_load(load: &str) -> String {
    format!("[load]\n{load}\n{TASK}")
}

#[test]
fn builtin_all_scenarios_and_variants_are_valid() {
    for name in Scenario::builtin_names() {
        let scenario = Scenario::builtin(name, &env).unwrap();
        assert_eq!(scenario.name(), name);
        assert!(!scenario.about().is_empty() && scenario.target().is_some() && scenario.run_time().is_some());
        for (variant, about) in scenario.variants() {
            let selected = format!("{name}:{variant}");
            let variant = Scenario::builtin(&selected, &env).unwrap();
            assert_eq!((variant.name(), variant.about()), (selected.as_str(), about.as_str()));
            assert!(!about.is_empty(), "{selected}");
        }
    }
    let backend = Scenario::builtin("chain-backend", &env).unwrap();
    assert_eq!(backend.task_names(), ["chain", "llm", "chain stream", "health"]);
    assert_eq!(backend.users[0].tasks.iter().map(|task| task.weight).collect::<Vec<_>>(), [5, 3, 2, 1]);
    assert_eq!(backend.users[0].think.mean(), Duration::from_millis(1250));
}

#[test]
fn load_name_is_file_or_builtin() {
    insta::assert_snapshot!(
        Scenario::load("chatt", &env).unwrap_err(),
        @"`chatt` is neither a file nor a built-in scenario (did you mean `chat`?); the built-in scenarios are `agent-connector`, `agent-workflows`, `chain-backend`, `chat`, `chat-mixed`, `chat-streaming`, `long-context`, `prompt-service`, `workflow-observability`"
    );
    let without_similar_name = Scenario::load("nosuch.toml", &env).unwrap_err().to_string();
    assert!(
        without_similar_name
            .starts_with("`nosuch.toml` is neither a file nor a built-in scenario; the built-in")
    );
    assert_eq!(without_similar_name.matches("`chat`").count(), 1, "{without_similar_name}");
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("mine.toml");
    std::fs::write(&file, format!("{LOAD}{TASK}")).unwrap();
    let scenario = Scenario::load(file.to_str().unwrap(), &env).unwrap();
    assert_eq!((scenario.name(), scenario.task_names()), ("mine", vec!["GET /health".to_owned()]));
    let not_a_file = Scenario::load(dir.path().to_str().unwrap(), &env).unwrap_err();
    assert!(not_a_file.to_string().contains("cannot be read"), "{not_a_file}");
}

#[test]
fn parse_unknown_key_suggests_nearest() {
    insta::assert_snapshot!(
        error_of("abot = 1"),
        @"mine.toml:1: abot: unknown key (did you mean `about`?)"
    );
    insta::assert_snapshot!(
        error_of(&with_load("users = 1\nrun_tim = \"3s\"")),
        @"mine.toml:3: load.run_tim: unknown key (did you mean `run_time`?)"
    );
    insta::assert_snapshot!(
        error_of(&with_request("kind = \"http\", path = \"/\", boddy = 1")),
        @"mine.toml:5: user.u.task[0].request.boddy: unknown key (did you mean `body`?)"
    );
    insta::assert_snapshot!(
        error_of(&with_request("kind = \"chains\", chain = \"x\"")),
        @"mine.toml:5: user.u.task[0].request.kind: unknown value `chains` (did you mean `chain`?)"
    );
}

#[test]
fn parse_invalid_toml_error_has_line() {
    insta::assert_snapshot!(error_of("about = \"x\"\nurl ="), @"mine.toml:2: invalid TOML: string values must be quoted, expected literal string");
    insta::assert_snapshot!(error_of(&with_load("users = 1\nrun_time = 60")), @r#"mine.toml:3: load.run_time: 60 has no unit; write "60s" or "60ms" if that is what is meant"#);
    insta::assert_snapshot!(error_of(&with_load("users = \"ten\"")), @r#"mine.toml:2: load.users: expected a whole number, found the text "ten""#);
}
