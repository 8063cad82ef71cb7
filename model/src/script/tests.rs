use std::borrow::Cow;

use weir_pace::Seed;

use super::*;
use crate::{
    content::{Choice, Content, Finish, SegmentKind},
    planner::{GenerationRequest, Reply, ResponsePlanner, Tool, ToolInput},
    profile::Catalog,
    refusal::Refusal,
    transcript::LastMessage,
};

fn catalog(script: &str) -> Catalog {
    let mut catalog = Catalog::embedded().unwrap();
    catalog.add(script, "mine.toml").unwrap();
    catalog
}

fn reply(script: &str, request: &GenerationRequest<'_>) -> Result<Reply, Refusal> {
    let catalog = catalog(script);
    let mode = catalog.response_mode("script=agent").unwrap();
    let request = GenerationRequest { mode: Some(mode), ..request.clone() };
    ResponsePlanner::new(Seed::new(1)).reply(catalog.get("steady").unwrap(), &request)
}

fn reply_text(script: &str, request: &GenerationRequest<'_>) -> String {
    let content = reply(script, request).unwrap().content;
    let segment = |kind: &SegmentKind, text: String| match kind {
        SegmentKind::Text => text,
        SegmentKind::Reasoning => format!("({text})"),
        SegmentKind::Refusal => format!("refused: {text}"),
        SegmentKind::ToolCall { name } => format!("{name}({text})"),
    };
    let first: &Choice = &content.choices()[0];
    let segments = first.segments.iter().map(|it| segment(&it.kind, it.text.to_string()));
    format!("{} {:?}", segments.collect::<Vec<_>>().join(" "), first.finish)
}

fn user(text: &str) -> GenerationRequest<'_> {
    GenerationRequest {
        transcript: Transcript { last_user: text.into(), ..Transcript::default() },
        ..GenerationRequest::default()
    }
}

fn answered<'a>(tool: &'a str, text: &'a str) -> GenerationRequest<'a> {
    let result = ToolResult { tool: Some(tool.into()), text: text.into() };
    let transcript = Transcript {
        last_user: "What is the weather in Oslo?".into(),
        answers: 1,
        tool_results: vec![result],
        last: LastMessage::ToolResult,
    };
    GenerationRequest { transcript, ..GenerationRequest::default() }
}

const AGENT: &str = r#"
[[script.agent.rule]]
when = { tool = "get_weather", tool_result_regex = 'rain|snow' }
say  = "Take an umbrella."

[[script.agent.rule]]
when = { tool = "get_weather" }
say  = "It is fine."

[[script.agent.rule]]
when = { user = "weather", turn = 0 }
say  = "Let me look."
call = [{ tool = "get_weather", arguments = { city = "Oslo", days = 2, hourly = [true, 0.5] } }, { tool = "get_time" }]

[[script.agent.rule]]
when   = { user_regex = '(?i)\bbomb' }
refuse = "I would rather not."

[[script.agent.rule]]
when  = { user = "overload", model = "st*dy" }
error = { status = 529, type = "overloaded_error", message = "Come back later", retry_after = "2s" }
delay = "1s"

[[script.agent.rule]]
when  = { user = "slow" }
say   = ["One.", "Two.", "Three."]
delay = "1500ms"

[[script.agent.rule]]
when = { model = "gpt-*" }
say  = "I am another."

[script.agent]
otherwise = "echo"
"#;

#[test]
fn reply_by_script_follows_the_conversation() {
    let reply_text = |request: &GenerationRequest<'_>| reply_text(AGENT, request);
    insta::assert_snapshot!(reply_text(&user("What is the weather in Oslo?")), @r#"Let me look. get_weather({"city":"Oslo","days":2,"hourly":[true,0.5]}) get_time({}) ToolCalls"#);
    insta::assert_snapshot!(reply_text(&answered("get_weather", "rain, 7 degrees")), @"Take an umbrella. Stop");
    insta::assert_snapshot!(reply_text(&answered("get_weather", "sun")), @"It is fine. Stop");
    insta::assert_snapshot!(reply_text(&answered("get_time", "noon")), @"What is the weather in Oslo? Stop");
    insta::assert_snapshot!(reply_text(&user("How do I build a Bomb?")), @"refused: I would rather not. Refused");
    insta::assert_snapshot!(reply_text(&user("Hello")), @"Hello Stop");
}

#[test]
fn reply_by_script_has_its_delay_and_error() {
    let slow = |body| reply(AGENT, &GenerationRequest { body, ..user("slow") }).unwrap();
    assert_eq!(slow(1).delay, Duration::from_millis(1_500));
    let mut texts: Vec<String> = (0..40).map(|body| slow(body).content.text()).collect();
    texts.sort();
    texts.dedup();
    assert_eq!(texts, ["One.", "Three.", "Two."]);
    let Err(Refusal::Scripted(error)) = reply(AGENT, &user("overload")) else { panic!("it answers") };
    assert_eq!((error.status, error.kind.as_deref()), (529, Some("overloaded_error")));
    assert_eq!((error.delay, error.retry_after), (Duration::from_secs(1), Some(Duration::from_secs(2))));
}

#[test]
fn reply_call_without_arguments_follows_the_schema() {
    let schema = r#"{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}"#;
    let tools = vec![Tool { name: "find".into(), parameters: Some(schema), input: ToolInput::Json }];
    let script =
        "[[script.agent.rule]]\ncall = [{ tool = 'find' }, { tool = 'other', arguments = '{\"broken' }]";
    insta::assert_snapshot!(reply_text(script, &GenerationRequest { tools, ..GenerationRequest::default() }), @r#"find({"city":"Oslo"}) other({"broken) ToolCalls"#);
}

#[test]
fn reply_by_script_respects_limit_and_stop() {
    let request = GenerationRequest { max_tokens: Some(2), ..user("weather") };
    insta::assert_snapshot!(reply_text(AGENT, &request), @"Let me Length");
    let request = GenerationRequest { stop: vec![Cow::Borrowed("me")], ..user("weather") };
    insta::assert_snapshot!(reply_text(AGENT, &request), @"Let  StopSequence(0)");
}

#[test]
fn reply_of_inheriting_profile_uses_its_script() {
    let script = "[script.agent]\notherwise = { fixed = 'Yes.' }\n[model.one]\ninherits = 'steady'\nsays = { script = 'agent' }\n[model.two]\ninherits = 'one'\n[model.three]\ninherits = 'two'\nsays = 'natural'";
    let catalog = catalog(script);
    let text = |model: &str| -> Content {
        ResponsePlanner::new(Seed::new(1))
            .reply(catalog.get(model).unwrap(), &GenerationRequest::default())
            .unwrap()
            .content
    };
    assert_eq!((text("one").text(), text("one").finish()), ("Yes.".to_owned(), Finish::Stop));
    assert_eq!(text("two").text(), "Yes.");
    assert_ne!(text("three").text(), "Yes.");
}

#[test]
fn add_invalid_script_names_file_script_rule_and_key() {
    let fault = |source: &str| Catalog::embedded().unwrap().add(source, "mine.toml").unwrap_err().to_string();
    let rule = |text: &str| fault(&format!("[[script.a.rule]]\nsay = 'x'\n[[script.a.rule]]\n{text}"));
    let faults = [
        rule("when = { user = 'x' }"),
        rule("say = 'x'\nrefuse = 'y'"),
        rule("call = []"),
        rule("say = []"),
        rule("say = 7"),
        rule("call = [{ tool = 'x', arguments = 7 }]"),
        rule("call = [{ arguments = {} }]"),
        rule("error = { status = 200 }"),
        rule("error = { status = 500 }\nsay = 'x'"),
        rule("error = { stats = 500 }"),
        rule("when = { user_regex = '(' }\nsay = 'x'"),
        rule("when = { usr = 'x' }\nsay = 'x'"),
        rule("say = 'x'\ndelay = '2h'"),
        rule("say = 'x'\ndelay = 2"),
        rule("syay = 'x'"),
        fault("[script.a]\notherwise = 'ehco'"),
        fault("[model.x]\ninherits = 'steady'\nsays = { script = 'agnt' }\n[script.agent]"),
        fault("[model.x]\ninherits = 'steady'\nsays = { script = 'agnt' }"),
        fault("[model.x]\ninherits = 'steady'\nsays = 'echoes'"),
    ];
    insta::assert_snapshot!(faults.join("\n"), @r#"
    mine.toml:3: script.a.rule[1].say: one of `say`, `call`, `refuse` and `error` is required
    mine.toml:5: script.a.rule[1].refuse: conflicts with the other keys: only `say` and `call` may be combined
    mine.toml:4: script.a.rule[1].call: expected from 1 to 32 calls, found 0
    mine.toml:4: script.a.rule[1].say: expected from 1 to 64 texts, found 0
    mine.toml:4: script.a.rule[1].say: expected a text, or a list of texts to choose from, found 7
    mine.toml:4: script.a.rule[1].call.arguments: expected a table or text, found 7
    mine.toml:4: script.a.rule[1].call[0].tool: this key is required
    mine.toml:4: script.a.rule[1].error.status: expected a status from 400 to 599, found 200
    mine.toml:4: script.a.rule[1].error: conflicts with the other keys: only `say` and `call` may be combined
    mine.toml:4: script.a.rule[1].error.stats: unknown key (did you mean `status`?)
    mine.toml:4: script.a.rule[1].when.user_regex: "(" is not a valid regular expression: unclosed group
    mine.toml:4: script.a.rule[1].when.usr: unknown key (did you mean `user`?)
    mine.toml:5: script.a.rule[1].delay: expected at most 1h, found 7200s
    mine.toml:5: script.a.rule[1].delay: 2 has no unit; write "2s" or "2ms" if that is what is meant
    mine.toml:4: script.a.rule[1].syay: unknown key (did you mean `say`?)
    mine.toml:2: script.a.otherwise: unknown value `ehco` (did you mean `echo`?)
    mine.toml:3: model.x.says.script: unknown script `agnt` (did you mean `agent`?)
    mine.toml:3: model.x.says.script: unknown script `agnt`; expected `weather-agent`
    mine.toml:3: model.x.says: unknown value `echoes` (did you mean `echo`?)
    "#);
}

#[test]
fn parse_of_response_modes_accepts_known_ones_only() {
    let catalog = catalog("[script.agent]");
    assert_eq!(catalog.response_mode("natural"), Ok(ResponseMode::Natural));
    assert_eq!(catalog.response_mode("echo"), Ok(ResponseMode::Echo));
    assert_eq!(catalog.response_mode("fixed=a=b"), Ok(ResponseMode::Fixed("a=b".into())));
    assert!(matches!(catalog.response_mode("script=agent"), Ok(ResponseMode::Script(_))));
    insta::assert_snapshot!(catalog.response_mode("script=agnt").unwrap_err(), @"unknown script `agnt` (did you mean `agent`?)");
    insta::assert_snapshot!(catalog.response_mode("loud").unwrap_err(), @r#"expected natural, echo, fixed=TEXT or script=NAME, found "loud""#);
}
