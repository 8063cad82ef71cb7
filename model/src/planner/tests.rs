use std::{borrow::Cow, sync::LazyLock};

use proptest::prelude::*;

use super::*;
use crate::{
    content::{Choice, Finish, Kind, Text},
    profile::Catalog,
    tokenizer::TokenCounter,
};

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| Catalog::embedded().unwrap());

fn reply(model: &str, ask: &GenerationRequest<'_>) -> Result<Content, Refusal> {
    ResponsePlanner::new(Seed::new(1)).reply(CATALOG.get(model).unwrap(), ask).map(|reply| reply.content)
}

fn first(model: &str, ask: &GenerationRequest<'_>) -> Choice {
    reply(model, ask).unwrap().choices()[0].clone()
}

fn tool(name: &str) -> Tool<'_> {
    Tool { name: name.into(), parameters: None, input: ToolInput::Json }
}

fn called(choice: &Choice) -> Vec<&str> {
    let names = choice.segments.iter().map(|segment| match &segment.kind {
        Kind::ToolCall { name } => Some(&**name),
        Kind::Text | Kind::Reasoning | Kind::Refusal => None,
    });
    names.flatten().collect()
}

#[test]
fn the_limit_is_the_length_and_without_one_the_profile_decides() {
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
fn the_same_request_is_answered_with_the_same_words() {
    let ask = |body| GenerationRequest { body, max_tokens: Some(9), ..GenerationRequest::default() };
    assert_eq!(reply("steady", &ask(1)), reply("steady", &ask(1)));
    assert_ne!(reply("steady", &ask(1)), reply("steady", &ask(2)));
}

#[test]
fn what_does_not_fit_the_context_is_refused_with_the_figures() {
    let large =
        GenerationRequest { prompt_tokens: 32_760, max_tokens: Some(20), ..GenerationRequest::default() };
    insta::assert_snapshot!(reply("fast", &large).unwrap_err(), @"this model's maximum context length is 32768 tokens, but 32760 are in the prompt and 20 were asked for: 12 too many");
}

#[test]
fn choices_differ_and_the_first_is_that_of_a_request_for_one() {
    let ask = |more_choices| GenerationRequest {
        more_choices,
        max_tokens: Some(9),
        ..GenerationRequest::default()
    };
    let three = reply("steady", &ask(2)).unwrap();
    let texts: Vec<_> = three.choices().iter().map(Choice::text).collect();
    assert_eq!(texts[0], reply("steady", &ask(0)).unwrap().text());
    assert!(texts[0] != texts[1] && texts[1] != texts[2]);
}

#[test]
fn an_answer_ends_before_the_first_stop_sequence() {
    let whole =
        first("steady", &GenerationRequest { max_tokens: Some(30), ..GenerationRequest::default() }).text();
    let words: Vec<&str> = whole.split(' ').collect();
    let stop = vec![Cow::Borrowed("never said"), Cow::Borrowed(words[6]), Cow::Borrowed(words[4])];
    let cut =
        first("steady", &GenerationRequest { max_tokens: Some(30), stop, ..GenerationRequest::default() });
    assert_eq!((cut.text(), cut.finish), (format!("{} ", words[..4].join(" ")), Finish::StopSequence(2)));
}

#[test]
fn an_echo_says_what_the_user_said_within_the_limit() {
    let transcript = Transcript { last_user: "Say it again, please".into(), ..Transcript::default() };
    let ask =
        GenerationRequest { says: Some(ResponseMode::Echo), transcript, ..GenerationRequest::default() };
    let echo = first("steady", &ask);
    assert_eq!((&*echo.text(), echo.finish), ("Say it again, please", Finish::Stop));
    let cut = first("steady", &GenerationRequest { max_tokens: Some(2), ..ask.clone() });
    assert_eq!((&*cut.text(), cut.finish), ("Say it", Finish::Length));
    let whole = first("steady", &GenerationRequest { max_tokens: Some(echo.token_count()), ..ask });
    assert_eq!(whole, echo);
    let fixed = first(
        "steady",
        &GenerationRequest {
            says: Some(ResponseMode::Fixed("Always.".into())),
            ..GenerationRequest::default()
        },
    );
    assert_eq!(fixed.text(), "Always.");
}

#[test]
fn what_was_said_before_is_not_tokenised_again() {
    let (steady, planner) = (CATALOG.get("steady").unwrap(), ResponsePlanner::new(Seed::new(1)));
    let transcript = Transcript { last_user: "Say it again, please".into(), ..Transcript::default() };
    let ask = |max_tokens| {
        let ask = GenerationRequest {
            says: Some(ResponseMode::Echo),
            transcript: transcript.clone(),
            max_tokens,
            ..GenerationRequest::default()
        };
        planner.reply(steady, &ask).unwrap().content.choices()[0].segments[0].text.clone()
    };
    let (Text::Given(first), Text::Given(again), Text::Given(cut)) = (ask(None), ask(None), ask(Some(2)))
    else {
        panic!("an echo is a text of somebody's own")
    };
    assert!(std::sync::Arc::ptr_eq(&first, &again));
    assert_ne!(first, cut);
}

#[test]
fn tools_are_called_until_one_has_answered() {
    let tools = vec![tool("find"), tool("read")];
    let ask =
        |tool_choice| GenerationRequest { tools: tools.clone(), tool_choice, ..GenerationRequest::default() };
    let auto = first("steady", &ask(ToolChoice::Auto));
    assert_eq!(auto.finish, Finish::ToolCalls);
    assert_eq!(called(&first("steady", &ask(ToolChoice::Named("read".into())))), ["read"]);
    assert!(called(&first("steady", &ask(ToolChoice::None))).is_empty());
    let last = Transcript { last: Last::ToolResult, ..Transcript::default() };
    let after = GenerationRequest { transcript: last.clone(), ..ask(ToolChoice::Auto) };
    assert!(called(&first("steady", &after)).is_empty());
    assert_eq!(
        called(&first("steady", &GenerationRequest { transcript: last, ..ask(ToolChoice::Required) })).len(),
        1
    );
}

#[test]
fn some_answers_call_two_tools_unless_one_is_all_that_is_wanted() {
    let tools = vec![tool("find"), tool("read"), tool("write")];
    let counts = |tool_calls| -> Vec<usize> {
        let ask = |body| GenerationRequest {
            body,
            tools: tools.clone(),
            tool_calls,
            ..GenerationRequest::default()
        };
        (0..100).map(|body| called(&first("steady", &ask(body))).len()).collect()
    };
    let several = counts(ToolCalls::Several);
    assert!((10..40).contains(&several.iter().filter(|count| **count == 2).count()));
    assert!(several.iter().all(|count| (1..=2).contains(count)));
    assert!(counts(ToolCalls::One).iter().all(|count| *count == 1));
}

#[test]
fn thought_comes_first_and_leaves_half_of_the_limit() {
    let ask = GenerationRequest {
        max_tokens: Some(30),
        reasoning: Reasoning::Tokens(100),
        ..GenerationRequest::default()
    };
    let content = reply("steady", &ask).unwrap();
    assert_eq!((content.reasoning_count(), content.token_count()), (15, 30));
    assert_eq!(content.choices()[0].segments[0].kind, Kind::Reasoning);
}

proptest! {
    #[test]
    fn usage_is_what_a_tokenizer_counts(body: u64, limit in 0_u32..80, stop in prop::option::of("[a-z ]{1,3}")) {
        let stop: Vec<_> = stop.iter().map(|stop| Cow::Borrowed(&**stop)).collect();
        let ask = GenerationRequest { body, max_tokens: Some(limit), stop: stop.clone(), ..GenerationRequest::default() };
        let choice = first("steady", &ask);
        let text = choice.text();
        prop_assert_eq!(TokenCounter::new().count(&text), choice.token_count());
        prop_assert!(stop.iter().all(|stop| !text.contains(&**stop)));
    }
}
