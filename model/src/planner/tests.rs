use std::{borrow::Cow, sync::LazyLock};

use proptest::prelude::*;

use super::*;
use crate::{
    content::{Choice, Finish, SegmentKind, Text},
    profile::{Catalog, Effort},
    tokenizer::TokenCounter,
    transcript::{LastMessage, Transcript},
};

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| Catalog::embedded().unwrap());

fn reply(model: &str, request: &GenerationRequest<'_>) -> Result<Content, Refusal> {
    ResponsePlanner::new(Seed::new(1)).reply(CATALOG.get(model).unwrap(), request).map(|reply| reply.content)
}

fn first(model: &str, request: &GenerationRequest<'_>) -> Choice {
    reply(model, request).unwrap().choices()[0].clone()
}

fn tool(name: &str) -> Tool<'_> {
    Tool { name: name.into(), parameters: None, input: ToolInput::Json }
}

fn called(choice: &Choice) -> Vec<&str> {
    let names = choice.segments.iter().map(|segment| match &segment.kind {
        SegmentKind::ToolCall { name } => Some(&**name),
        SegmentKind::Text | SegmentKind::Reasoning | SegmentKind::Refusal => None,
    });
    names.flatten().collect()
}

#[test]
fn reply_length_is_the_limit_or_that_of_the_profile() {
    let limited =
        reply("steady", &GenerationRequest { max_tokens: Some(20), ..GenerationRequest::default() }).unwrap();
    assert_eq!((limited.token_count(), limited.finish()), (20, Finish::Length));
    let natural = reply("steady", &GenerationRequest::default()).unwrap();
    assert_eq!((natural.token_count(), natural.finish()), (64, Finish::Stop));
    let long =
        reply("steady", &GenerationRequest { min_tokens: 80, ..GenerationRequest::default() }).unwrap();
    assert_eq!((long.token_count(), long.finish()), (80, Finish::Stop));
    let endless = reply(
        "fast",
        &GenerationRequest { eos: Eos::Ignored, prompt_tokens: 768, ..GenerationRequest::default() },
    )
    .unwrap();
    assert_eq!((endless.token_count(), endless.finish()), (32_000, Finish::Length));
}

#[test]
fn reply_to_the_same_request_is_the_same() {
    let request = |body| GenerationRequest { body, max_tokens: Some(9), ..GenerationRequest::default() };
    assert_eq!(reply("steady", &request(1)), reply("steady", &request(1)));
    assert_ne!(reply("steady", &request(1)), reply("steady", &request(2)));
}

#[test]
fn reply_beyond_the_context_is_refused() {
    let large =
        GenerationRequest { prompt_tokens: 32_760, max_tokens: Some(20), ..GenerationRequest::default() };
    insta::assert_snapshot!(reply("fast", &large).unwrap_err(), @"this model's maximum context length is 32768 tokens, but 32760 are in the prompt and 20 were asked for: 12 too many");
}

#[test]
fn reply_with_choices_keeps_the_first_choice() {
    let request = |more_choices| GenerationRequest {
        more_choices,
        max_tokens: Some(9),
        ..GenerationRequest::default()
    };
    let three = reply("steady", &request(2)).unwrap();
    let texts: Vec<_> = three.choices().iter().map(Choice::text).collect();
    assert_eq!(texts[0], reply("steady", &request(0)).unwrap().text());
    assert!(texts[0] != texts[1] && texts[1] != texts[2]);
}

#[test]
fn reply_ends_before_the_first_stop_sequence() {
    let whole =
        first("steady", &GenerationRequest { max_tokens: Some(30), ..GenerationRequest::default() }).text();
    let words: Vec<&str> = whole.split(' ').collect();
    let stop = vec![Cow::Borrowed("never said"), Cow::Borrowed(words[6]), Cow::Borrowed(words[4])];
    let cut =
        first("steady", &GenerationRequest { max_tokens: Some(30), stop, ..GenerationRequest::default() });
    assert_eq!((cut.text(), cut.finish), (format!("{} ", words[..4].join(" ")), Finish::StopSequence(2)));
}

#[test]
fn reply_echo_repeats_the_user_within_the_limit() {
    let transcript = Transcript { last_user: "Say it again, please".into(), ..Transcript::default() };
    let request =
        GenerationRequest { mode: Some(ResponseMode::Echo), transcript, ..GenerationRequest::default() };
    let echo = first("steady", &request);
    assert_eq!((&*echo.text(), echo.finish), ("Say it again, please", Finish::Stop));
    let cut = first("steady", &GenerationRequest { max_tokens: Some(2), ..request.clone() });
    assert_eq!((&*cut.text(), cut.finish), ("Say it", Finish::Length));
    let whole = first("steady", &GenerationRequest { max_tokens: Some(echo.token_count()), ..request });
    assert_eq!(whole, echo);
    let fixed = first(
        "steady",
        &GenerationRequest {
            mode: Some(ResponseMode::Fixed("Always.".into())),
            ..GenerationRequest::default()
        },
    );
    assert_eq!(fixed.text(), "Always.");
}

#[test]
fn reply_to_a_repeated_request_is_cached() {
    let (steady, planner) = (CATALOG.get("steady").unwrap(), ResponsePlanner::new(Seed::new(1)));
    let transcript = Transcript { last_user: "Say it again, please".into(), ..Transcript::default() };
    let request = |max_tokens| {
        let request = GenerationRequest {
            mode: Some(ResponseMode::Echo),
            transcript: transcript.clone(),
            max_tokens,
            ..GenerationRequest::default()
        };
        planner.reply(steady, &request).unwrap().content.choices()[0].segments[0].text.clone()
    };
    let (Text::Tokenized(first), Text::Tokenized(again), Text::Tokenized(cut)) =
        (request(None), request(None), request(Some(2)))
    else {
        panic!("an echo is a text of somebody's own")
    };
    assert!(std::sync::Arc::ptr_eq(&first, &again));
    assert_ne!(first, cut);
}

#[test]
fn reply_calls_tools_until_a_result_arrives() {
    let tools = vec![tool("find"), tool("read")];
    let request =
        |tool_choice| GenerationRequest { tools: tools.clone(), tool_choice, ..GenerationRequest::default() };
    let auto = first("steady", &request(ToolChoice::Auto));
    assert_eq!(auto.finish, Finish::ToolCalls);
    assert_eq!(called(&first("steady", &request(ToolChoice::Named("read".into())))), ["read"]);
    assert!(called(&first("steady", &request(ToolChoice::None))).is_empty());
    let last = Transcript { last: LastMessage::ToolResult, ..Transcript::default() };
    let after = GenerationRequest { transcript: last.clone(), ..request(ToolChoice::Auto) };
    assert!(called(&first("steady", &after)).is_empty());
    assert_eq!(
        called(&first("steady", &GenerationRequest { transcript: last, ..request(ToolChoice::Required) }))
            .len(),
        1
    );
}

#[test]
fn reply_calls_two_tools_unless_limited_to_one() {
    let tools = vec![tool("find"), tool("read"), tool("write")];
    let counts = |tool_calls| -> Vec<usize> {
        let request = |body| GenerationRequest {
            body,
            tools: tools.clone(),
            tool_calls,
            ..GenerationRequest::default()
        };
        (0..100).map(|body| called(&first("steady", &request(body))).len()).collect()
    };
    let several = counts(ToolCalls::Several);
    assert!((10..40).contains(&several.iter().filter(|count| **count == 2).count()));
    assert!(several.iter().all(|count| (1..=2).contains(count)));
    assert!(counts(ToolCalls::One).iter().all(|count| *count == 1));
}

#[test]
fn reply_with_reasoning_beyond_the_limit_has_nothing_else() {
    let request = GenerationRequest {
        max_tokens: Some(30),
        reasoning: Reasoning::Tokens(100),
        ..GenerationRequest::default()
    };
    let content = reply("steady", &request).unwrap();
    assert_eq!((content.reasoning_count(), content.token_count()), (30, 30));
    let [Choice { segments, finish: Finish::Length }] = content.choices() else { panic!("{content:?}") };
    assert!(matches!(&**segments, [only] if only.kind == SegmentKind::Reasoning));
    let longer = GenerationRequest { max_tokens: Some(130), ..request };
    let content = reply("steady", &longer).unwrap();
    assert_eq!((content.reasoning_count(), content.token_count()), (100, 130));
}

#[test]
fn reply_with_a_limit_above_the_longest_requested_length_has_a_natural_length() {
    let request =
        |limit, eos| GenerationRequest { max_tokens: Some(limit), eos, ..GenerationRequest::default() };
    let length = |limit, eos| {
        let choice = first("steady", &request(limit, eos));
        (choice.token_count(), choice.finish)
    };
    assert_eq!(length(4_096, Eos::Heeded), (4_096, Finish::Length));
    assert_eq!(length(4_097, Eos::Heeded), (64, Finish::Stop));
    assert_eq!(length(4_097, Eos::Ignored), (4_097, Finish::Length));
}

proptest! {
    #[test]
    fn reply_usage_equals_the_tokenizer_count(body: u64, limit in 0_u32..80, stop in prop::option::of("[a-z ]{1,3}")) {
        let stop: Vec<_> = stop.iter().map(|stop| Cow::Borrowed(&**stop)).collect();
        let request = GenerationRequest { body, max_tokens: Some(limit), stop: stop.clone(), ..GenerationRequest::default() };
        let choice = first("steady", &request);
        let text = choice.text();
        prop_assert_eq!(TokenCounter::new().count(&text), choice.token_count());
        prop_assert!(stop.iter().all(|stop| !text.contains(&**stop)));
    }
}

#[test]
fn reply_with_many_expensive_choices_repeats_the_first() {
    // The stop sequence does not occur, so that the whole text is searched.
    let request = GenerationRequest {
        max_tokens: Some(100_000),
        eos: Eos::Ignored,
        stop: vec!["@@".into()],
        more_choices: 127,
        ..GenerationRequest::default()
    };
    let planner = ResponsePlanner::new(Seed::new(1));
    let profile = CATALOG.get("instant").unwrap();
    let cost = planner.cost(profile, &request, planner.schemas()).unwrap();
    assert_eq!((cost.work, cost.tokens), (cost::WORK_MAX + 100_000, 12_800_000));
    let content = planner.reply(profile, &request).unwrap().content;
    let choices = content.choices();
    assert_eq!(choices.len(), 128);
    assert!(choices[1] != choices[0] && choices[127] == choices[0]);
}

#[test]
fn cost_counts_what_is_written_in_advance() {
    let planner = ResponsePlanner::new(Seed::new(1));
    let profile = CATALOG.get("instant").unwrap();
    let prose =
        GenerationRequest { max_tokens: Some(50_000), eos: Eos::Ignored, ..GenerationRequest::default() };
    let cost = planner.cost(profile, &prose, planner.schemas()).unwrap();
    assert_eq!(cost, Cost { work: 0, bytes: 0, tokens: 50_000 });
    let schema = r#"{"type":"array","items":{"type":"integer"},"minItems":500,"maxItems":500}"#;
    let json = GenerationRequest { format: Format::Schema(schema.into()), ..GenerationRequest::default() };
    assert_eq!(planner.cost(profile, &json, &planner.schemas().without_compilation()), None);
    assert!(planner.cost(profile, &json, planner.schemas()).unwrap().work > 500);
    assert!(planner.cost(profile, &json, &planner.schemas().without_compilation()).is_some());
}

#[test]
fn reply_of_constrained_text_is_that_text() {
    let text = |schema: &str| {
        let format = Format::StringOf(schema.into());
        first("steady", &GenerationRequest { format, ..GenerationRequest::default() }).text()
    };
    assert_eq!(text(r#"{"enum":["a \"quoted\" choice"]}"#), "a \"quoted\" choice");
    let email = text(r#"{"type":"string","pattern":"^(?:[a-z]+@[a-z]+\\.com)$"}"#);
    assert!(email.ends_with(".com") && email.contains('@') && !email.contains('"'), "{email}");
}

/// The content of a model with these keys, which otherwise is `instant`.
fn content_of(keys: &str, request: &GenerationRequest<'_>) -> Content {
    let mut catalog = CATALOG.clone();
    catalog.add(&format!("[model.mine]\ninherits = 'instant'\n{keys}"), "mine.toml").unwrap();
    ResponsePlanner::new(Seed::new(1)).reply(catalog.get("mine").unwrap(), request).unwrap().content
}

#[test]
fn reply_of_reasoning_model_has_the_tokens_of_the_effort() {
    const KEYS: &str = "reasoning = { tokens = 100, default_effort = 'low' }";
    let count = |keys: &str, effort, reasoning| {
        let request = GenerationRequest { reasoning, effort, ..GenerationRequest::default() };
        let content = content_of(keys, &request);
        assert_eq!(content.token_count() - content.reasoning_count(), 64);
        content.reasoning_count()
    };
    for (effort, expected) in [
        (None, 25),
        (Some(Effort::None), 0),
        (Some(Effort::High), 400),
        (Some(Effort::Budget(60)), 60),
        (Some(Effort::Budget(1_000)), 100),
    ] {
        assert_eq!(count(KEYS, effort, Reasoning::Tokens(7)), expected, "{effort:?}");
        assert_eq!(count("", effort, Reasoning::Tokens(7)), 7, "without figures, {effort:?}");
    }
}

#[test]
fn reply_of_reasoning_model_within_a_small_limit_is_reasoning_alone() {
    let request = GenerationRequest { max_tokens: Some(30), ..GenerationRequest::default() };
    let content = content_of("reasoning = { tokens = 100 }", &request);
    assert_eq!(
        (content.token_count(), content.reasoning_count(), content.finish()),
        (30, 30, Finish::Length)
    );
}

#[test]
fn reply_of_hidden_reasoning_hides_its_steps() {
    let hidden = |keys: &str| content_of(keys, &GenerationRequest::default()).hidden_step_count();
    assert_eq!(hidden("reasoning = { tokens = 100, shown = false }"), 100);
    assert_eq!(hidden("reasoning = { tokens = 100, shown = true }"), 0);
    assert_eq!(hidden("reasoning = { tokens = 101, shown = false }\ntokens_per_event = 4"), 25);
    assert_eq!(hidden("reasoning = { tokens = 0, shown = false }"), 0);
}

#[test]
fn reply_with_several_tokens_per_event_has_the_same_text_in_fewer_steps() {
    let request = GenerationRequest { max_tokens: Some(1_000), body: 5, ..GenerationRequest::default() };
    let single = content_of("", &request);
    for (keys, steps) in [
        ("tokens_per_event = 1", 1_000..=1_000),
        ("tokens_per_event = 3", 334..=334),
        ("tokens_per_event = { between = [1, 3] }", 470..=530),
        ("tokens_per_event = { speculative = { draft = 4, acceptance = 0.7 } }", 335..=390),
    ] {
        let content = content_of(keys, &request);
        assert_eq!((content.text(), content.token_count()), (single.text(), 1_000), "{keys}");
        assert!(steps.contains(&content.step_count()), "{keys}: {}", content.step_count());
        assert_eq!(content, content_of(keys, &request), "{keys}: the same request");
    }
}

#[test]
fn cost_of_drawn_steps_is_their_number() {
    let mut catalog = CATALOG.clone();
    catalog
        .add("[model.mine]\ninherits = 'instant'\ntokens_per_event = { between = [1, 3] }", "mine.toml")
        .unwrap();
    let planner = ResponsePlanner::new(Seed::new(1));
    let request =
        GenerationRequest { max_tokens: Some(50), eos: Eos::Ignored, ..GenerationRequest::default() };
    let work = |model| planner.cost(catalog.get(model).unwrap(), &request, planner.schemas()).unwrap().work;
    assert_eq!((work("instant"), work("mine")), (0, 50));
}
