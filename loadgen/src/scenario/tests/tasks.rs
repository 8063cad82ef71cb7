//! Tasks, their requests, checks and conversations.

use super::*;

#[test]
fn parse_incomplete_request_is_an_error() {
    insta::assert_snapshot!(error_of(&with_request("path = \"/\"")), @r#"mine.toml:5: user.u.task[0].request.kind: missing: one of "openai.chat", "openai.completions", "openai.responses", "openai.embeddings", "anthropic.messages", "chain", "chain_stream", "http""#);
    insta::assert_snapshot!(error_of(&with_request("kind = \"http\"")), @"mine.toml:5: user.u.task[0].request.path: this key is required");
    insta::assert_snapshot!(error_of(&with_request("kind = \"http\", path = \"health\"")), @"mine.toml:5: user.u.task[0].request.path: `health` is not valid in a request: a path begins with a slash");
    insta::assert_snapshot!(error_of(&with_request("kind = \"http\", path = \"/a b\"")), @"mine.toml:5: user.u.task[0].request.path: `/a b` is not valid in a request: spaces and such are written with a percent sign");
    insta::assert_snapshot!(error_of(&with_request("kind = \"chain\", chain = \"a b\"")), @"mine.toml:5: user.u.task[0].request.chain: `/api/chains/a b` is not valid in a request: spaces and such are written with a percent sign");
    insta::assert_snapshot!(error_of(&with_request("kind = \"http\", path = \"/\", method = \"G T\"")), @"mine.toml:5: user.u.task[0].request.method: `G T` is not valid in a request: invalid HTTP method");
    insta::assert_snapshot!(error_of(&with_request("kind = \"http\", path = \"/{{ nn }}\"")), @"mine.toml:5: user.u.task[0].request.path: invalid template: unknown name `nn` (did you mean `n`?)");
    insta::assert_snapshot!(error_of(&with_request("kind = \"http\", path = \"/\", body = [1, nan]")), @"mine.toml:5: user.u.task[0].request.body[1]: NaN is out of range; expected a finite number");
    insta::assert_snapshot!(error_of(&with_request("kind = \"openai.chat\", model = \"m\"")), @"mine.toml:5: user.u.task[0].request.prompt: missing: `prompt` (text), `prompt_tokens` (how many) or `messages` (a list of { role, content })");
    insta::assert_snapshot!(error_of(&with_request("kind = \"openai.chat\", prompt = \"p\"")), @"mine.toml:5: user.u.task[0].request.model: this key is required");
    insta::assert_snapshot!(error_of(&with_request("kind = \"chain\", chain = \"\"")), @"mine.toml:5: user.u.task[0].request.chain: missing: the chain's name");
}

#[test]
fn parse_invalid_tasks_and_checks_are_an_error() {
    let task = |rest: &str| format!("{LOAD}{TASK}{rest}");
    insta::assert_snapshot!(error_of(LOAD), @"mine.toml: user: missing: at least one user class with a task ([[user.NAME.task]])");
    insta::assert_snapshot!(error_of(&format!("{LOAD}[user.u]\nthink = \"1s\"")), @"mine.toml:4: user.u.task: missing: at least one task ([[user.NAME.task]])");
    insta::assert_snapshot!(error_of(&task("weight = 0")), @"mine.toml:6: user.u.task[0].weight: 0 is out of range; expected a number of 1 or more");
    insta::assert_snapshot!(error_of(&task("check = { status = [200, 99] }")), @"mine.toml:6: user.u.task[0].check.status: 99 is out of range; expected a final HTTP status (200 to 599)");
    insta::assert_snapshot!(error_of(&task(TASK)), @"mine.toml:6: user.u.task[1].name: duplicate name `GET /health`; names must be unique");
    let stream = "kind = \"openai.chat\", model = \"m\", prompt = \"p\", stream = true";
    let contains = format!("{}check = {{ body_contains = \"x\" }}", with_request(stream));
    insta::assert_snapshot!(error_of(&contains), @"mine.toml:6: user.u.task[0].check.body_contains: conflicts with `request.stream`: the body of a stream is not kept");
    let many: String = (0..257).map(|index| format!("{TASK}name = \"t{index}\"\n")).collect();
    insta::assert_snapshot!(error_of(&format!("{LOAD}{many}")), @"mine.toml:4: user.*.task: 257 is out of range; expected at most 256 tasks of all classes");
}

#[test]
fn parse_conversation_needs_turns_and_prompt() {
    let chat = |keys: &str, rest: &str| {
        format!("{}{rest}\n", with_request(&format!("kind = \"openai.chat\", model = \"m\", {keys}")))
    };
    let scenario = parse(&chat("prompt = \"p\"", "turns = { between = [2, 5] }\npause = \"1s\"")).unwrap();
    let session = scenario.users[0].tasks[0].session.clone().unwrap();
    assert!((session.turns.mean() - 3.5).abs() < 1e-9);
    assert_eq!(session.pause.mean(), Duration::from_secs(1));
    let overrides = Overrides { time_scale: Some(0.1), ..Overrides::default() };
    let scaled = scenario.with(&overrides).unwrap().users[0].tasks[0].session.clone().unwrap();
    assert_eq!(scaled.pause.mean(), Duration::from_millis(100));
    insta::assert_snapshot!(error_of(&chat("prompt = \"p\"", "turns = 0")), @"mine.toml:6: user.u.task[0].turns: 0 is out of range; expected a number of 1 or more");
    insta::assert_snapshot!(error_of(&chat("messages = []", "turns = 3")), @"mine.toml:6: user.u.task[0].turns: conflicts with `request`: a conversation needs a `prompt` or `prompt_tokens`, and openai.chat, openai.responses or anthropic.messages");
    insta::assert_snapshot!(error_of(&format!("{LOAD}{TASK}turns = 3")), @"mine.toml:6: user.u.task[0].turns: conflicts with `request`: a conversation needs a `prompt` or `prompt_tokens`, and openai.chat, openai.responses or anthropic.messages");
    insta::assert_snapshot!(error_of(&chat("prompt = \"p\"", "pause = \"1s\"")), @"mine.toml:4: user.u.task[0].turns: missing: `turns` (turns = 5), without which `pause` has no effect");
}

#[test]
fn task_names_hooks_follow_tasks_of_their_class() {
    let hook = |list: &str, name: &str| TASK.replace("task", list) + &format!("name = \"{name}\"\n");
    let other = TASK.replace(".u.", ".v.");
    let text = [LOAD, &hook("on_stop", "out"), &hook("on_start", "in"), TASK, &other].concat();
    assert_eq!(parse(&text).unwrap().task_names(), ["u.GET /health", "in", "out", "v.GET /health"]);
}

#[test]
fn task_names_duplicate_has_class() {
    let two = format!(
        "{LOAD}{TASK}name = \"a\"\n{}name = \"a\"\n{}name = \"b\"\n",
        TASK.replace(".u.", ".v."),
        TASK.replace(".u.", ".v.")
    );
    assert_eq!(parse(&two).unwrap().task_names(), ["u.a", "v.a", "b"]);
}

#[test]
fn parse_prices_by_model_or_pattern() {
    let priced = |price: &str| format!("{LOAD}{TASK}[price.\"gpt-4o*\"]\n{price}\n");
    let scenario = parse(&priced("input_per_million = 0.15\noutput_per_million = 1")).unwrap();
    let price = ModelPrice { input_per_million: 0.15, output_per_million: 1.0 };
    assert_eq!((scenario.prices.of("gpt-4o-mini"), scenario.prices.of("x")), (Some(price), None));
    let known = ModelPrice { input_per_million: 3.0, output_per_million: 15.0 };
    let scenario = scenario.with_prices([("x".to_owned(), known)]);
    assert_eq!((scenario.prices.of("gpt-4o"), scenario.prices.of("x")), (Some(price), Some(known)));
    insta::assert_snapshot!(error_of(&priced("input_per_million = -1\noutput_per_million = 1")), @r#"mine.toml:7: price."gpt-4o*".input_per_million: -1 is out of range; expected a price of 0 dollars or more"#);
    insta::assert_snapshot!(error_of(&priced("input_per_milion = 1")), @r#"mine.toml:7: price."gpt-4o*".input_per_milion: unknown key (did you mean `input_per_million`?)"#);
}
