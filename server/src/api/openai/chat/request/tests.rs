use weir_model::{Format, LastMessage, Reasoning, ToolChoice, ToolInput};

use super::*;

use crate::api::openai::sampling::UsageChunks;

fn counter() -> TokenCounter {
    TokenCounter::new()
}

fn read(body: &str) -> Result<ChatRequest<'_>, Problem> {
    ChatRequest::read(body.as_bytes(), &counter(), &Schemas::new(), Strictness::Lenient)
}

/// A request with one message, and more.
fn with(fields: &str) -> String {
    format!(r#"{{"messages": [{{"role": "user", "content": "Hi"}}], {fields}}}"#)
}

fn fault(body: &str) -> String {
    let Problem { message, param, code, .. } = read(body).unwrap_err();
    format!("{} {} {message}", param.as_deref().unwrap_or("-"), code.unwrap_or("-"))
}

fn messages(messages: &str) -> String {
    format!(r#"{{"messages": {messages}}}"#)
}

const CALL: &str = r#"{"role": "assistant", "tool_calls": [
    {"id": "c1", "type": "function", "function": {"name": "find", "arguments": "{}"}},
    {"id": "c2", "type": "custom", "custom": {"name": "run", "input": "ls"}}]}"#;

#[test]
fn read_conversation_names_the_tools_of_results() {
    let body = messages(&format!(
        r#"[{{"role": "system", "content": "Be kind"}}, {{"role": "user", "content": "First"}},
            {CALL},
            {{"role": "tool", "tool_call_id": "c2", "content": "two"}},
            {{"role": "tool", "tool_call_id": "c1", "content": [{{"type": "text", "text": "on"}}, {{"type": "text", "text": "e"}}]}}]"#
    ));
    let request = read(&body).unwrap();
    let transcript = request.generation_request.transcript;
    assert_eq!(
        (&*transcript.last_user, transcript.answers, transcript.last),
        ("First", 1, LastMessage::ToolResult)
    );
    let results: Vec<_> = transcript
        .tool_results
        .iter()
        .map(|result| (result.tool.as_deref().unwrap(), &*result.text))
        .collect();
    assert_eq!(results, [("run", "two"), ("find", "one")]);
    let after = body.replace("}]}]}", r#"}]}, {"role": "user", "content": "Next"}]}"#);
    let transcript = read(&after).unwrap().generation_request.transcript;
    assert_eq!((&*transcript.last_user, transcript.last), ("Next", LastMessage::User));
    assert!(transcript.tool_results.is_empty());
}

#[test]
fn read_counts_prompt_tokens_as_the_cookbook() {
    let tokens = |body: &str| read(body).unwrap().generation_request.prompt_tokens;
    // 3 for the reply, 3 for the message, 1 for the role, 2 for the words.
    assert_eq!(tokens(&messages(r#"[{"role": "user", "content": "Hello there"}]"#)), 9);
    assert_eq!(tokens(&messages(r#"[{"role": "user", "name": "Ada", "content": "Hello there"}]"#)), 11);
    let image = |detail: &str| {
        messages(&format!(
            r#"[{{"role": "user", "content": [{{"type": "image_url", "image_url": {{"url": "data:"{detail}}}}}]}}]"#
        ))
    };
    assert_eq!((tokens(&image("")), tokens(&image(r#", "detail": "low""#))), (7 + 765, 7 + 85));
    let sound = messages(r#"[{"role": "user", "content": [{"type": "input_audio", "input_audio": {}}]}]"#);
    let request = read(&sound).unwrap();
    assert_eq!((request.generation_request.prompt_tokens, request.audio_tokens), (107, 100));
    let tool =
        with(r#""tools": [{"type": "function", "function": {"name": "find", "description": "The river"}}]"#);
    assert_eq!(tokens(&tool), tokens(&with(r#""n": 1"#)) + 12 + 7 + 1 + 2);
}

#[test]
fn read_tools_and_tool_choice() {
    let tools = r#""tools": [{"type": "function", "function": {"name": "find", "parameters": {"type": "object"}}},
                             {"type": "custom", "custom": {"name": "run"}}]"#;
    let choice = |choice: &str| {
        let body = with(&format!(r#"{tools}, "tool_choice": {choice}"#));
        read(&body).map(|request| {
            (request.generation_request.tool_choice.clone_owned(), request.generation_request.tools.len())
        })
    };
    let body = with(tools);
    let request = read(&body).unwrap();
    assert_eq!(request.calls, CallForm::Tools { custom: ["run".into()].into() });
    assert_eq!(
        (request.generation_request.tools[0].parameters, request.generation_request.tools[1].input),
        (Some(r#"{"type": "object"}"#), ToolInput::Text)
    );
    assert_eq!(choice(r#""required""#).unwrap(), ("required".to_owned(), 2));
    assert_eq!(
        choice(r#"{"type": "function", "function": {"name": "find"}}"#).unwrap(),
        ("named find".to_owned(), 2)
    );
    assert_eq!(
        choice(r#"{"type": "custom", "custom": {"name": "run"}}"#).unwrap(),
        ("named run".to_owned(), 2)
    );
    let allowed = r#"{"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [{"type": "custom", "custom": {"name": "run"}}]}}"#;
    assert_eq!(choice(allowed).unwrap(), ("auto".to_owned(), 1));
    assert!(choice(r#"{"type": "function", "function": {"name": "lost"}}"#).is_err());
    let old = with(r#""functions": [{"name": "find"}], "function_call": {"name": "find"}"#);
    let request = read(&old).unwrap();
    assert_eq!(
        (request.calls, request.generation_request.tool_choice),
        (CallForm::Function, ToolChoice::Named("find".into()))
    );
}

/// A choice in words, for comparison.
trait InWords {
    fn clone_owned(&self) -> String;
}

impl InWords for ToolChoice<'_> {
    fn clone_owned(&self) -> String {
        match self {
            ToolChoice::Auto => "auto".to_owned(),
            ToolChoice::None => "none".to_owned(),
            ToolChoice::Required => "required".to_owned(),
            ToolChoice::Named(name) => format!("named {name}"),
        }
    }
}

#[test]
fn read_options_reach_the_generation_request() {
    let body = with(
        r#""n": 3, "stop": ["a", ""], "max_completion_tokens": 9, "min_tokens": 2, "ignore_eos": true, "logprobs": true,
           "top_logprobs": 2, "reasoning_effort": "low", "service_tier": "fast", "store": true, "metadata": {"a": "b"},
           "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {}}},
           "stream": true, "stream_options": {"include_usage": true, "continuous_usage_stats": true}"#,
    );
    let ChatRequest { generation_request, logprobs, service_tier, delivery, keep, .. } = read(&body).unwrap();
    assert_eq!(
        (generation_request.more_choices, &generation_request.stop[..], generation_request.max_tokens),
        (2, &["a".into()][..], Some(9))
    );
    assert_eq!(
        (generation_request.min_tokens, generation_request.eos, generation_request.reasoning),
        (2, Eos::Ignored, Reasoning::Tokens(128))
    );
    assert_eq!(
        (generation_request.format, logprobs, service_tier),
        (Format::Schema("{}".into()), Some(2), "priority")
    );
    assert_eq!(delivery, Delivery::Stream(UsageChunks::Every));
    assert_eq!(keep, Storage::With([("a".to_owned(), "b".to_owned())].into()));
}

#[test]
fn read_invalid_body_names_the_path() {
    let faults = [
        messages("[]"),
        messages("[[]]"),
        messages(r#"[{"role": "king", "content": ""}]"#),
        messages(r#"[{"role": 5, "content": ""}]"#),
        messages(r#"[{"role": "user"}]"#),
        messages(r#"[{"role": "user", "content": 5}]"#),
        messages(r#"[{"role": "user", "content": [{"type": "text"}]}]"#),
        messages(r#"[{"role": "user", "content": [{"type": "smell"}]}]"#),
        messages(r#"[{"role": "tool", "content": "x"}]"#),
        messages(r#"[{"role": "tool", "content": "x", "tool_call_id": "c"}]"#),
        messages(&format!(r#"[{CALL}, {{"role": "tool", "content": "x", "tool_call_id": "c"}}]"#)),
        messages(&format!(r#"[{CALL}, {{"role": "tool", "content": "x", "tool_call_id": "c1"}}]"#)),
        with(r#""top_p": -0.5"#),
        with(r#""reasoning_effort": "immense""#),
        with(r#""tools": [{"type": "function", "function": {"name": "f", "parameters": 5}}]"#),
        with(r#""tools": [["function"]]"#),
        with(r#""metadata": {"a": 5}"#),
        with(r#""max_tokens": 1, "min_tokens": 2"#),
        with(r#""logit_bias": []"#),
    ];
    insta::assert_snapshot!(faults.map(|body| fault(&body)).join("\n"), @"
    messages empty_array Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.
    messages[0] invalid_type Invalid type for 'messages[0]': expected an object, but got an array instead.
    messages[0].role invalid_value Invalid value: 'king'. Supported values are: 'system', 'developer', 'user', 'assistant', 'tool', and 'function'.
    messages[0].role invalid_type Invalid type for 'messages[0].role': expected a string, but got an integer instead.
    messages[0].content missing_required_parameter Missing required parameter: 'messages[0].content'.
    messages[0].content invalid_type Invalid type for 'messages[0].content': expected one of a string or array of objects, but got an integer instead.
    messages[0].content[0].text missing_required_parameter Missing required parameter: 'messages[0].content[0].text'.
    messages[0].content[0].type invalid_value Invalid value: 'smell'. Supported values are: 'text', 'image_url', 'input_audio', 'refusal', and 'file'.
    messages[0].tool_call_id missing_required_parameter Missing required parameter: 'messages[0].tool_call_id'.
    messages[0].role - Invalid parameter: messages with role 'tool' must be a response to a preceding message with 'tool_calls'.
    messages[1].tool_call_id - Invalid parameter: 'tool_call_id' of 'c' not found in 'tool_calls' of previous message.
    messages - An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. There is no response to: c2
    top_p decimal_below_min_value Invalid 'top_p': decimal below minimum value. Expected a value >= 0, but got -0.5 instead.
    reasoning_effort invalid_value Invalid value: 'immense'. Supported values are: 'none', 'minimal', 'low', 'medium', 'high', 'xhigh', and 'max'.
    tools[0].function.parameters invalid_type Invalid type for 'tools[0].function.parameters': expected an object, but got an integer instead.
    tools[0] invalid_type Invalid type for 'tools[0]': expected an object, but got an array instead.
    metadata.a invalid_type Invalid type for 'metadata.a': expected a string, but got an integer instead.
    min_tokens invalid_value Invalid 'min_tokens': 2 is more than the limit of 1 tokens.
    logit_bias invalid_type Invalid type for 'logit_bias': expected an object, but got an array instead.
    ");
}
