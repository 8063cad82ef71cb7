use serde_json::{Value, json};
use weir_model::{LastMessage, Reasoning, Schemas, ToolCalls, ToolChoice};

use super::*;
use crate::api::anthropic::cache::PrefixTable;

fn body(changes: Value) -> Vec<u8> {
    let mut body =
        json!({"model": "instant", "max_tokens": 9, "messages": [{"role": "user", "content": "How deep?"}]});
    if let (Some(body), Value::Object(changes)) = (body.as_object_mut(), changes) {
        body.extend(changes);
    }
    body.to_string().into_bytes()
}

fn fault_of(version: Version, body: &[u8]) -> String {
    Request::read(version, body).map(|_| ()).unwrap_err().message
}

fn fault(changes: Value) -> String {
    fault_of(Version::V2023, &body(changes))
}

fn message_fault(messages: &Value) -> String {
    fault(json!({"messages": messages}))
}

fn block_fault(block: &Value) -> String {
    message_fault(&json!([{"role": "user", "content": [block]}]))
}

/// Reads a request and passes its generation request to `see`.
fn inspect<T>(changes: Value, see: impl FnOnce(&GenerationRequest<'_>) -> T) -> T {
    let body = body(changes);
    let request = Request::read(Version::V2023, &body).unwrap();
    let measured = request.measure(&TokenCounter::new());
    see(&request.generation_request(measured.tokens, &Schemas::new()))
}

fn called(results: &Value) -> Value {
    json!({"messages": [
        {"role": "user", "content": "How deep?"},
        {"role": "assistant", "content": [
            {"type": "text", "text": "I shall look."},
            {"type": "tool_use", "id": "toolu_1", "name": "find", "input": {}},
            {"type": "tool_use", "id": "toolu_2", "name": "read", "input": {"page": 1}},
        ]},
        {"role": "user", "content": results},
    ]})
}

fn result(id: &str, content: &Value) -> Value {
    json!({"type": "tool_result", "tool_use_id": id, "content": content})
}

#[test]
fn read_invalid_body_names_the_path() {
    let read = |body: &str| fault_of(Version::V2023, body.as_bytes());
    insta::assert_snapshot!(read("{}"), @"model: Field required");
    insta::assert_snapshot!(read(r#"{"model": "m"}"#), @"messages: Field required");
    insta::assert_snapshot!(read("[]"), @"Input should be a valid dictionary");
    insta::assert_snapshot!(read(r#"{"model": "m", "model": "n"}"#), @"duplicate field `model`");
    insta::assert_snapshot!(read(r#"{"metadata": {"user_id": "a", "user_id": "b"}}"#), @"metadata: duplicate field `user_id`");
    insta::assert_snapshot!(fault(json!({"max_tokens": 5_000_000_000_u64})), @"max_tokens: Input should be a valid integer");
    insta::assert_snapshot!(read("{"), @"The request body is not valid JSON: EOF while parsing an object at line 1 column 1");
    insta::assert_snapshot!(fault(json!({"max_tokens": "5"})), @"max_tokens: Input should be a valid integer");
    insta::assert_snapshot!(fault(json!({"max_tokens": -1})), @"max_tokens: Input should be greater than or equal to 0");
    insta::assert_snapshot!(fault(json!({"max_token": 1})), @"max_token: Extra inputs are not permitted");
    insta::assert_snapshot!(fault(json!({"stream": "yes"})), @"stream: Input should be a valid boolean");
    insta::assert_snapshot!(fault(json!({"system": 5})), @"system: Input should be a valid string or a valid list of content blocks");
    insta::assert_snapshot!(fault(json!({"system": [{"type": "thinking", "thinking": "", "signature": ""}]})), @"system.0.type: Input should be 'text'");
    insta::assert_snapshot!(fault(json!({"service_tier": "best"})), @"service_tier: Input should be 'auto' or 'standard_only'");
    insta::assert_snapshot!(fault(json!({"metadata": {"user_id": 5}})), @"metadata.user_id: Input should be a valid string");
    insta::assert_snapshot!(message_fault(&json!([{"role": "king", "content": ""}])), @"messages.0.role: Input should be 'user', 'assistant' or 'system'");
    insta::assert_snapshot!(message_fault(&json!([{"role": "user"}])), @"messages.0.content: Field required");
    insta::assert_snapshot!(message_fault(&json!([{"role": "user", "content": 7}])), @"messages.0.content: Input should be a valid string or a valid list of content blocks");
    insta::assert_snapshot!(block_fault(&json!({"type": "text", "text": 5})), @"messages.0.content.0.text: Input should be a valid string");
    insta::assert_snapshot!(block_fault(&json!({"text": "hello"})), @"messages.0.content.0.type: Field required");
}

#[test]
fn read_block_without_required_fields_fails() {
    insta::assert_snapshot!(block_fault(&json!({"type": "text"})), @"messages.0.content.0.text.text: Field required");
    insta::assert_snapshot!(block_fault(&json!({"type": "image"})), @"messages.0.content.0.image.source: Field required");
    insta::assert_snapshot!(block_fault(&json!({"type": "image", "source": {"type": "smell"}})), @"messages.0.content.0.image.source.type: Input should be 'base64', 'url', 'file', 'text' or 'content'");
    insta::assert_snapshot!(block_fault(&json!({"type": "image", "source": {"type": "base64", "media_type": "image/png"}})), @"messages.0.content.0.image.source.base64.data: Field required");
    insta::assert_snapshot!(block_fault(&json!({"type": "tool_result", "content": "x"})), @"messages.0.content.0.tool_result.tool_use_id: Field required");
    insta::assert_snapshot!(block_fault(&json!({"type": "tool_use", "id": "a", "name": "b", "input": []})), @"messages.0.content.0.tool_use.input: Input should be a valid dictionary");
    insta::assert_snapshot!(block_fault(&json!({"type": "tool_use", "id": "a", "name": "b", "input": {}})), @"messages.0.content.0: blocks of this type can only be in `assistant` messages");
    insta::assert_snapshot!(block_fault(&result("a", &json!([{"type": "text"}]))), @"messages.0.content.0.tool_result.content.0.text.text: Field required");
    insta::assert_snapshot!(block_fault(&result("a", &json!([{"type": "text", "text": 7}]))), @"messages.0.content.0.tool_result.content.0.text: Input should be a valid string");
    insta::assert_snapshot!(block_fault(&result("a", &json!([{"type": "tool_result", "tool_use_id": "b"}]))), @"messages.0.content.0.tool_result.content.0: Input should be a block of the type 'text', 'image', 'search_result', 'document', 'tool_reference' or 'browser_state'");
    insta::assert_snapshot!(block_fault(&json!({"type": "text", "text": "a", "cache_control": {"type": "eternal"}})), @"messages.0.content.0.cache_control.type: Input should be 'ephemeral'");
}

#[test]
fn read_messages_in_wrong_order_fails() {
    insta::assert_snapshot!(message_fault(&json!([])), @"messages: at least one message is required");
    insta::assert_snapshot!(message_fault(&json!([{"role": "assistant", "content": "Hello"}])), @r#"messages: first message must use the "user" role"#);
    insta::assert_snapshot!(message_fault(&json!([{"role": "user", "content": ""}])), @"messages.0: all messages must have non-empty content except for the optional final assistant message");
    insta::assert_snapshot!(message_fault(&json!([{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": ""}]}])), @"messages: text content blocks must be non-empty");
    insta::assert_snapshot!(fault(called(&json!("Well?"))), @"messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_1, toolu_2. Each `tool_use` block must have a corresponding `tool_result` block in the next message.");
    insta::assert_snapshot!(fault(called(&json!([result("toolu_1", &json!("x")), result("toolu_9", &json!("x"))]))), @"messages.2.content.1: unexpected `tool_use_id` found in `tool_result` blocks: toolu_9. Each `tool_result` block must have a corresponding `tool_use` block in the previous message.");
    insta::assert_snapshot!(block_fault(&result("toolu_1", &json!("x"))), @"messages.0.content.0: unexpected `tool_use_id` found in `tool_result` blocks: toolu_1. Each `tool_result` block must have a corresponding `tool_use` block in the previous message.");
}

#[test]
fn read_options_outside_limits_fails() {
    insta::assert_snapshot!(fault(json!({"temperature": 1.5})), @"temperature: Input should be less than or equal to 1");
    insta::assert_snapshot!(fault(json!({"top_p": -0.5})), @"top_p: Input should be greater than or equal to 0");
    insta::assert_snapshot!(fault(json!({"top_k": -1})), @"top_k: Input should be greater than or equal to 0");
    insta::assert_snapshot!(fault_of(Version::V2026, &body(json!({"top_k": 5}))), @"top_k: Extra inputs are not permitted");
    insta::assert_snapshot!(fault(json!({"stop_sequences": [" "]})), @"stop_sequences: each stop sequence must contain non-whitespace");
    insta::assert_snapshot!(fault(json!({"thinking": {"type": "enabled"}})), @"thinking.enabled.budget_tokens: Field required");
    insta::assert_snapshot!(fault(json!({"thinking": {"type": "enabled", "budget_tokens": 9}})), @"thinking.enabled.budget_tokens: Input should be greater than or equal to 1024");
    insta::assert_snapshot!(fault(json!({"thinking": {"type": "enabled", "budget_tokens": 2000}})), @"`max_tokens` must be greater than `thinking.budget_tokens`");
    insta::assert_snapshot!(fault(json!({"thinking": {"type": "adaptive"}, "temperature": 0.5})), @"temperature: may only be set to 1 when thinking is enabled");
    insta::assert_snapshot!(fault(json!({"output_config": {"effort": "some"}})), @"output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'");
    insta::assert_snapshot!(fault(json!({"output_config": {"format": {"type": "json_schema", "schema": 5}}})), @"output_config.format.schema: Input should be a valid dictionary");
    insta::assert_snapshot!(fault(json!({"output_config": {"format": {"type": "xml", "schema": {}}}})), @"output_config.format.type: Input should be 'json_schema'");
}

#[test]
fn read_tools_without_name_or_object_schema_fails() {
    let tool = |tool: Value| fault(json!({"tools": [tool]}));
    insta::assert_snapshot!(tool(json!({"name": "find"})), @"tools.0.custom.input_schema: Field required");
    insta::assert_snapshot!(tool(json!({"input_schema": {"type": "object"}})), @"tools.0.custom.name: Field required");
    insta::assert_snapshot!(tool(json!({"name": "two words", "input_schema": {}})), @"tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'");
    insta::assert_snapshot!(tool(json!({"name": "find", "input_schema": []})), @"tools.0.custom.input_schema: Input should be a valid dictionary");
    insta::assert_snapshot!(tool(json!({"name": "find", "input_schema": {}})), @"tools.0.custom.input_schema.type: Field required");
    insta::assert_snapshot!(tool(json!({"name": "find", "input_schema": {"type": "string"}})), @"tools.0.custom.input_schema.type: Input should be 'object'");
    insta::assert_snapshot!(tool(json!({"name": "find", "type": "magic"})), @r#"tools.0.type: "magic" is not a tool type: expected 'custom', or one of the provider's with its date, like 'web_search_20250305'"#);
    let find = json!({"name": "find", "input_schema": {"type": "object"}});
    insta::assert_snapshot!(fault(json!({"tools": [find, find]})), @"tools: Tool names must be unique.");
    insta::assert_snapshot!(fault(json!({"tools": [find], "tool_choice": {"type": "tool"}})), @"tool_choice.tool.name: Field required");
    insta::assert_snapshot!(fault(json!({"tools": [find], "tool_choice": {"type": "tool", "name": "lose"}})), @"tool_choice.tool.name: Tool 'lose' not found in provided tools");
    insta::assert_snapshot!(fault(json!({"tool_choice": {"type": "any"}})), @"tool_choice: may only be specified while providing tools");
    insta::assert_snapshot!(fault(json!({"tools": [find], "tool_choice": {"type": "any"}, "thinking": {"type": "adaptive"}})), @"thinking: Thinking may not be enabled when tool_choice forces tool use.");
}

#[test]
fn read_cache_breakpoints_checks_number_and_order() {
    let block =
        |ttl: &str| json!({"type": "text", "text": "a", "cache_control": {"type": "ephemeral", "ttl": ttl}});
    insta::assert_snapshot!(fault(json!({"system": vec![block("5m"); 5]})), @"A maximum of 4 blocks with cache_control may be provided. Found 5.");
    insta::assert_snapshot!(fault(json!({"system": [block("5m"), block("1h")]})), @"cache_control.ttl: a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block");
    assert!(Request::read(Version::V2023, &body(json!({"system": [block("1h"), block("5m")]}))).is_ok());
}

#[test]
fn generation_request_has_all_options() {
    let tools = json!([
        {"name": "find", "input_schema": {"type": "object"}, "description": "Finds."},
        {"type": "web_search_20250305", "name": "web_search", "max_uses": 5},
    ]);
    let changes = json!({
        "tools": tools, "tool_choice": {"type": "any", "disable_parallel_tool_use": true},
        "stop_sequences": ["END"], "max_tokens": 50,
    });
    inspect(changes, |generation_request| {
        assert_eq!((generation_request.tools.len(), &*generation_request.tools[0].name), (1, "find"));
        assert_eq!(
            (&generation_request.tool_choice, generation_request.tool_calls),
            (&ToolChoice::Required, ToolCalls::One)
        );
        assert_eq!((&*generation_request.stop[0], generation_request.max_tokens), ("END", Some(50)));
        assert_eq!(
            (generation_request.format.clone(), generation_request.reasoning),
            (Format::Text, Reasoning::None)
        );
        assert_eq!(
            (&*generation_request.transcript.last_user, generation_request.transcript.answers),
            ("How deep?", 0)
        );
    });
    let thinking = json!({"thinking": {"type": "enabled", "budget_tokens": 2000}, "max_tokens": 3000});
    assert_eq!(inspect(thinking, |generation_request| generation_request.reasoning), Reasoning::Tokens(2000));
    let low = json!({"thinking": {"type": "adaptive"}, "output_config": {"effort": "low"}});
    assert_eq!(inspect(low, |generation_request| generation_request.reasoning), Reasoning::Tokens(128));
    let schema = json!({"output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}}});
    assert!(inspect(schema, |generation_request| generation_request.format
        == Format::Schema(r#"{"type":"object"}"#.into())));
}

#[test]
fn generation_request_names_the_tools_of_results() {
    let results = json!([
        result("toolu_2", &json!([{"type": "text", "text": "Nine"}, {"type": "text", "text": "feet."}])),
        result("toolu_1", &json!("Here.")),
    ]);
    inspect(called(&results), |generation_request| {
        let transcript = &generation_request.transcript;
        let results = transcript.tool_results.iter();
        let results: Vec<_> = results.map(|result| (result.tool.as_deref(), &*result.text)).collect();
        assert_eq!(results, [(Some("read"), "Nine\nfeet."), (Some("find"), "Here.")]);
        assert_eq!((&*transcript.last_user, transcript.answers), ("How deep?", 1));
        assert_eq!(transcript.last, LastMessage::ToolResult);
    });
}

#[test]
fn prompt_tokens_count_all_texts() {
    let tokens = |changes| inspect(changes, |generation_request| generation_request.prompt_tokens);
    let plain = tokens(json!({}));
    // "How deep?" has three, the message four around it, the answer's beginning three.
    assert_eq!(plain, 10);
    assert_eq!(tokens(json!({"system": "How deep?"})), plain + 3);
    assert_eq!(tokens(json!({"system": [{"type": "text", "text": "How deep?"}]})), plain + 3);
    let document = json!({"type": "document", "title": "How", "source": {"type": "text", "media_type": "text/plain", "data": "How deep?"}});
    let text = json!({"type": "text", "text": "How deep?"});
    let picture = json!({"type": "image", "source": {"type": "url", "url": "http://x/"}});
    assert_eq!(
        tokens(json!({"messages": [{"role": "user", "content": [document, text, picture]}]})),
        plain + 4
    );
}

#[test]
fn prompt_tokens_of_a_repeated_request_are_cached() {
    let long = "deep ".repeat(2_000);
    let changes = json!({"system": [
        {"type": "text", "text": long, "cache_control": {"type": "ephemeral", "ttl": "1h"}},
        {"type": "text", "text": "Be brief."},
    ], "cache_control": {"type": "ephemeral"}});
    let body = body(changes);
    let request = Request::read(Version::V2023, &body).unwrap();
    let measured = request.measure(&TokenCounter::new());
    let (table, now) = (PrefixTable::default(), std::time::Instant::now());
    let first = table.pass(&measured.block_ends, now);
    assert_eq!((first.read, first.created_5m), (0, measured.tokens - 3 - first.created_1h));
    assert!((2_000..2_010).contains(&first.created_1h), "{first:?}");
    let second = table.pass(&measured.block_ends, now);
    assert_eq!((second.read, second.created()), (measured.tokens - 3, 0));
}
