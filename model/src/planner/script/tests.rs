use std::borrow::Cow;

use weir_pace::Seed;

use super::*;
use crate::{
    content::{Choice, Content, Finish, Kind},
    engine::Refusal,
    planner::{Last, Reply, ResponseMode, ResponsePlanner, Tool, ToolInput, Transcript},
    profile::Catalog,
};

fn catalog(script: &str) -> Catalog {
    let mut catalog = Catalog::embedded().unwrap();
    catalog.add(script, "mine.toml").unwrap();
    catalog
}

fn reply(script: &str, ask: &GenerationRequest<'_>) -> Result<Reply, Refusal> {
    let catalog = catalog(script);
    let says = ResponseMode::parse("script=agent", &catalog).unwrap();
    let ask = GenerationRequest { says: Some(says), ..ask.clone() };
    ResponsePlanner::new(Seed::new(1)).reply(catalog.get("steady").unwrap(), &ask)
}

fn said(script: &str, ask: &GenerationRequest<'_>) -> String {
    let content = reply(script, ask).unwrap().content;
    let segment = |kind: &Kind, text: String| match kind {
        Kind::Text => text,
        Kind::Reasoning => format!("({text})"),
        Kind::Refusal => format!("refused: {text}"),
        Kind::ToolCall { name } => format!("{name}({text})"),
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
        last: Last::ToolResult,
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
fn an_agent_goes_its_rounds() {
    let said = |ask: &GenerationRequest<'_>| said(AGENT, ask);
    insta::assert_snapshot!(said(&user("What is the weather in Oslo?")), @r#"Let me look. get_weather({"city":"Oslo","days":2,"hourly":[true,0.5]}) get_time({}) ToolCalls"#);
    insta::assert_snapshot!(said(&answered("get_weather", "rain, 7 degrees")), @"Take an umbrella. Stop");
    insta::assert_snapshot!(said(&answered("get_weather", "sun")), @"It is fine. Stop");
    insta::assert_snapshot!(said(&answered("get_time", "noon")), @"What is the weather in Oslo? Stop");
    insta::assert_snapshot!(said(&user("How do I build a Bomb?")), @"refused: I would rather not. Refused");
    insta::assert_snapshot!(said(&user("Hello")), @"Hello Stop");
}

#[test]
fn a_script_can_be_slow_and_can_fail() {
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
fn what_is_left_out_of_a_call_its_schema_says() {
    let schema = r#"{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}"#;
    let tools = vec![Tool { name: "find".into(), parameters: Some(schema), input: ToolInput::Json }];
    let script =
        "[[script.agent.rule]]\ncall = [{ tool = 'find' }, { tool = 'other', arguments = '{\"broken' }]";
    insta::assert_snapshot!(said(script, &GenerationRequest { tools, ..GenerationRequest::default() }), @r#"find({"city":"Oslo"}) other({"broken) ToolCalls"#);
}

#[test]
fn limits_and_stop_sequences_hold_for_scripts_too() {
    let ask = GenerationRequest { max_tokens: Some(2), ..user("weather") };
    insta::assert_snapshot!(said(AGENT, &ask), @"Let me Length");
    let ask = GenerationRequest { stop: vec![Cow::Borrowed("me")], ..user("weather") };
    insta::assert_snapshot!(said(AGENT, &ask), @"Let  StopSequence(0)");
}

#[test]
fn a_profile_can_have_a_script_and_hands_it_down() {
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
fn names_are_matched_with_stars() {
    for (name, pattern, is) in [
        ("gpt-4o", "gpt-4o", true),
        ("gpt-4o", "gpt-*", true),
        ("gpt-4o", "*", true),
        ("gpt-4o", "*4*", true),
        ("gpt-4o", "*-*o", true),
        ("gpt-4o", "gpt", false),
        ("gpt-4o", "*5*", false),
        ("gpt", "gpt*gpt", false),
        ("aba", "ab*ba", false),
    ] {
        assert_eq!(is_like(name, pattern), is, "{name} {pattern}");
    }
}

#[test]
fn faults_name_file_script_rule_and_key() {
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
    mine.toml:4: script.a.rule[1].say: expected a text, or a list of texts of which one is said, found 7
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
fn what_is_said_is_parsed_from_one_line() {
    let catalog = catalog("[script.agent]");
    assert_eq!(ResponseMode::parse("natural", &catalog), Ok(ResponseMode::Natural));
    assert_eq!(ResponseMode::parse("echo", &catalog), Ok(ResponseMode::Echo));
    assert_eq!(ResponseMode::parse("fixed=a=b", &catalog), Ok(ResponseMode::Fixed("a=b".into())));
    assert!(matches!(ResponseMode::parse("script=agent", &catalog), Ok(ResponseMode::Script(_))));
    insta::assert_snapshot!(ResponseMode::parse("script=agnt", &catalog).unwrap_err(), @"unknown script `agnt` (did you mean `agent`?)");
    insta::assert_snapshot!(ResponseMode::parse("loud", &catalog).unwrap_err(), @r#"expected natural, echo, fixed=TEXT or script=NAME, found "loud""#);
}
