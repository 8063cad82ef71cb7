//! Tasks, their requests, checks and conversations.

use super::*;

#[test]
fn a_request_says_what_it_needs() {
    insta::assert_snapshot!(refusal(&with_request("path = \"/\"")), @r#"mine.toml:5: user.u.task[0].request.kind: missing: one of "openai.chat", "openai.completions", "openai.responses", "openai.embeddings", "anthropic.messages", "chain", "chain_stream", "http""#);
    insta::assert_snapshot!(refusal(&with_request("kind = \"http\"")), @"mine.toml:5: user.u.task[0].request.path: this key is required");
    insta::assert_snapshot!(refusal(&with_request("kind = \"http\", path = \"health\"")), @"mine.toml:5: user.u.task[0].request.path: `health` cannot stand in a request: a path begins with a slash");
    insta::assert_snapshot!(refusal(&with_request("kind = \"http\", path = \"/a b\"")), @"mine.toml:5: user.u.task[0].request.path: `/a b` cannot stand in a request: spaces and such are written with a percent sign");
    insta::assert_snapshot!(refusal(&with_request("kind = \"chain\", chain = \"a b\"")), @"mine.toml:5: user.u.task[0].request.chain: `/api/chains/a b` cannot stand in a request: spaces and such are written with a percent sign");
    insta::assert_snapshot!(refusal(&with_request("kind = \"http\", path = \"/\", method = \"G T\"")), @"mine.toml:5: user.u.task[0].request.method: `G T` cannot stand in a request: invalid HTTP method");
    insta::assert_snapshot!(refusal(&with_request("kind = \"http\", path = \"/{{ nn }}\"")), @"mine.toml:5: user.u.task[0].request.path: bad template: `nn` is unknown (did you mean `n`?)");
    insta::assert_snapshot!(refusal(&with_request("kind = \"http\", path = \"/\", body = [1, nan]")), @"mine.toml:5: user.u.task[0].request.body[1]: NaN is out of range; a finite number, as JSON has it, is needed");
    insta::assert_snapshot!(refusal(&with_request("kind = \"openai.chat\", model = \"m\"")), @"mine.toml:5: user.u.task[0].request.prompt: missing: `prompt` (text), `prompt_tokens` (how many) or `messages` (a list of { role, content })");
    insta::assert_snapshot!(refusal(&with_request("kind = \"openai.chat\", prompt = \"p\"")), @"mine.toml:5: user.u.task[0].request.model: this key is required");
    insta::assert_snapshot!(refusal(&with_request("kind = \"chain\", chain = \"\"")), @"mine.toml:5: user.u.task[0].request.chain: missing: the chain's name");
}

#[test]
fn tasks_and_their_checks_are_checked() {
    let task = |rest: &str| format!("{LOAD}{TASK}{rest}");
    insta::assert_snapshot!(refusal(LOAD), @"mine.toml: user: missing: at least one user class with a task ([[user.NAME.task]])");
    insta::assert_snapshot!(refusal(&format!("{LOAD}[user.u]\nthink = \"1s\"")), @"mine.toml:4: user.u.task: missing: a class needs a task ([[user.NAME.task]])");
    insta::assert_snapshot!(refusal(&task("weight = 0")), @"mine.toml:6: user.u.task[0].weight: 0 is out of range; a number of 1 or more is needed");
    insta::assert_snapshot!(refusal(&task("check = { status = [200, 99] }")), @"mine.toml:6: user.u.task[0].check.status: 99 is out of range; a final HTTP status (200 to 599) is needed");
    insta::assert_snapshot!(refusal(&task(TASK)), @"mine.toml:6: user.u.task[1].name: `GET /health` is there twice; each needs a name of its own");
    let stream = "kind = \"openai.chat\", model = \"m\", prompt = \"p\", stream = true";
    let contains = format!("{}check = {{ body_contains = \"x\" }}", with_request(stream));
    insta::assert_snapshot!(refusal(&contains), @"mine.toml:6: user.u.task[0].check.body_contains: cannot stand beside `request.stream`: a stream is read as it comes and not kept");
    let many: String = (0..257).map(|index| format!("{TASK}name = \"t{index}\"\n")).collect();
    insta::assert_snapshot!(refusal(&format!("{LOAD}{many}")), @"mine.toml:4: user.*.task: 257 is out of range; a number of at most 256 over all classes is needed");
}

#[test]
fn a_conversation_needs_something_to_say() {
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
    insta::assert_snapshot!(refusal(&chat("prompt = \"p\"", "turns = 0")), @"mine.toml:6: user.u.task[0].turns: 0 is out of range; a number of 1 or more is needed");
    insta::assert_snapshot!(refusal(&chat("messages = []", "turns = 3")), @"mine.toml:6: user.u.task[0].turns: cannot stand beside `request`: a conversation is made of a `prompt` or `prompt_tokens`, by openai.chat, openai.responses or anthropic.messages");
    insta::assert_snapshot!(refusal(&format!("{LOAD}{TASK}turns = 3")), @"mine.toml:6: user.u.task[0].turns: cannot stand beside `request`: a conversation is made of a `prompt` or `prompt_tokens`, by openai.chat, openai.responses or anthropic.messages");
    insta::assert_snapshot!(refusal(&chat("prompt = \"p\"", "pause = \"1s\"")), @"mine.toml:4: user.u.task[0].turns: missing: `turns` (turns = 5): a pause stands between the turns of a conversation");
}

#[test]
fn errands_are_listed_after_the_tasks_of_their_class() {
    let errand = |list: &str, name: &str| TASK.replace("task", list) + &format!("name = \"{name}\"\n");
    let other = TASK.replace(".u.", ".v.");
    let text = [LOAD, &errand("on_stop", "out"), &errand("on_start", "in"), TASK, &other].concat();
    assert_eq!(parse(&text).unwrap().task_names(), ["u.GET /health", "in", "out", "v.GET /health"]);
}

#[test]
fn tasks_of_one_name_are_told_apart_by_their_class() {
    let two = format!(
        "{LOAD}{TASK}name = \"a\"\n{}name = \"a\"\n{}name = \"b\"\n",
        TASK.replace(".u.", ".v."),
        TASK.replace(".u.", ".v.")
    );
    assert_eq!(parse(&two).unwrap().task_names(), ["u.a", "v.a", "b"]);
}

#[test]
fn prices_are_of_models() {
    let priced = |price: &str| format!("{LOAD}{TASK}[price.\"gpt-4o*\"]\n{price}\n");
    let scenario = parse(&priced("input_per_million = 0.15\noutput_per_million = 1")).unwrap();
    let price = ModelPrice { input_per_million: 0.15, output_per_million: 1.0 };
    assert_eq!((scenario.prices.of("gpt-4o-mini"), scenario.prices.of("x")), (Some(price), None));
    let known = ModelPrice { input_per_million: 3.0, output_per_million: 15.0 };
    let scenario = scenario.with_prices([("x".to_owned(), known)]);
    assert_eq!((scenario.prices.of("gpt-4o"), scenario.prices.of("x")), (Some(price), Some(known)));
    insta::assert_snapshot!(refusal(&priced("input_per_million = -1\noutput_per_million = 1")), @r#"mine.toml:7: price."gpt-4o*".input_per_million: -1 is out of range; a number of dollars of 0 or more is needed"#);
    insta::assert_snapshot!(refusal(&priced("input_per_milion = 1")), @r#"mine.toml:7: price."gpt-4o*".input_per_milion: unknown key (did you mean `input_per_million`?)"#);
}
