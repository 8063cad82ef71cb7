use serde_json::{Value, json};
use weir_model::{LastMessage, ToolChoice};

use super::*;
use crate::api::openai::responses::{echo::echo, input::add_input};

/// Reads a request and passes its generation request to `look`.
fn inspect<T>(body: &Value, look: impl FnOnce(&GenerationRequest<'_>) -> T) -> Result<T, Problem> {
    let body = body.to_string();
    let (schemas, counter) = (Schemas::new(), TokenCounter::new());
    let request = RawRequest::read(body.as_bytes())?;
    request.check()?;
    let mut conversation = Conversation::default();
    if let Some(input) = request.input {
        add_input(&mut conversation, input, &counter)?;
    }
    let generation_request = request.generation_request(&conversation, &schemas, &counter)?;
    echo(&request, "m")?;
    Ok(look(&generation_request))
}

fn fault(body: &Value) -> String {
    let Problem { message, param, code, .. } = inspect(body, |_| ()).unwrap_err();
    format!("{} {} {message}", param.as_deref().unwrap_or("-"), code.unwrap_or("-"))
}

#[test]
fn read_text_equals_a_message() {
    let tokens = |input: Value| {
        inspect(&json!({"input": input}), |generation_request| generation_request.prompt_tokens).unwrap()
    };
    let text = tokens(json!("How deep is it?"));
    assert_eq!(text, 3 + 4 + 5);
    assert_eq!(tokens(json!([{"role": "user", "content": "How deep is it?"}])), text);
    let parts =
        json!([{"type": "input_text", "text": "How deep is it?"}, {"type": "input_image", "file_id": "f"}]);
    assert_eq!(tokens(json!([{"type": "message", "role": "user", "content": parts}])), text);
    assert_eq!(inspect(&json!({}), |generation_request| generation_request.prompt_tokens).unwrap(), 3);
}

#[test]
fn generation_request_names_the_tools_of_results() {
    let input = json!([
        {"role": "user", "content": "Look"},
        {"type": "function_call", "call_id": "c1", "name": "find", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c1", "output": [{"type": "input_text", "text": "5"}]},
        {"type": "custom_tool_call", "call_id": "c2", "name": "write", "input": "x"},
        {"type": "custom_tool_call_output", "call_id": "c2", "output": "done"},
    ]);
    let transcript = inspect(&json!({"input": input}), |generation_request| {
        let results = generation_request.transcript.tool_results.iter();
        let results: Vec<_> = results.map(|one| format!("{:?} {}", one.tool, one.text)).collect();
        (
            generation_request.transcript.last_user.to_string(),
            generation_request.transcript.last,
            results.join(", "),
        )
    });
    let expected = "Some(\"find\") 5, Some(\"write\") done".to_owned();
    assert_eq!(transcript.unwrap(), ("Look".to_owned(), LastMessage::ToolResult, expected));
}

#[test]
fn generation_request_excludes_hosted_tools() {
    let function = json!({"type": "function", "name": "find", "parameters": null});
    let custom = json!({"type": "custom", "name": "write"});
    let tools = json!([function, custom, {"type": "web_search"}, {"type": "mcp", "server_label": "s"}]);
    let tools_and_choice = |choice: Value| {
        let look = |generation_request: &GenerationRequest<'_>| {
            let names: Vec<_> = generation_request.tools.iter().map(|tool| tool.name.to_string()).collect();
            (names.join(" "), format!("{:?}", generation_request.tool_choice))
        };
        inspect(&json!({"tools": tools, "tool_choice": choice}), look).unwrap()
    };
    let both = || "find write".to_owned();
    assert_eq!(tools_and_choice(Value::Null), (both(), format!("{:?}", ToolChoice::Auto)));
    assert_eq!(
        tools_and_choice(json!({"type": "web_search_preview"})),
        (both(), format!("{:?}", ToolChoice::None))
    );
    assert_eq!(tools_and_choice(json!({"type": "custom", "name": "write"})).1, "Named(\"write\")");
    let allowed =
        json!({"type": "allowed_tools", "mode": "required", "tools": [{"type": "function", "name": "find"}]});
    assert_eq!(tools_and_choice(allowed), ("find".to_owned(), format!("{:?}", ToolChoice::Required)));
}

#[test]
fn read_invalid_body_names_param_and_code() {
    let faults = [
        json!({"input": 5}),
        json!({"input": [{"role": "king", "content": "x"}]}),
        json!({"input": [{"role": "user", "content": [{"type": "input_text"}]}]}),
        json!({"input": [{"type": "function_call", "call_id": "c", "name": "f"}]}),
        json!({"input": [["message"]]}),
        json!({"input": [{"type": "soup"}]}),
        json!({"temperature": 2.5}),
        json!({"top_logprobs": 21}),
        json!({"metadata": {"k": "v".repeat(513)}}),
        json!({"background": true, "store": false}),
        json!({"tools": [{"type": "function"}]}),
        json!({"tools": [{"type": "function", "name": "a b"}]}),
        json!({"tool_choice": {"type": "function", "name": "f"}}),
        json!({"text": {"format": {"type": "json_schema", "schema": {}}}}),
        json!({"conversation": 7}),
    ];
    insta::assert_snapshot!(faults.map(|body| fault(&body)).join("\n"), @"
    input invalid_type Invalid type for 'input': expected one of a string or array of input items, but got an integer instead.
    input[0].role invalid_value Invalid value: 'king'. Supported values are: 'user', 'assistant', 'system', and 'developer'.
    input[0].content[0].text missing_required_parameter Missing required parameter: 'input[0].content[0].text'.
    input[0].arguments missing_required_parameter Missing required parameter: 'input[0].arguments'.
    input[0] invalid_type Invalid type for 'input[0]': expected an object, but got an array instead.
    input[0].type invalid_value Invalid value: 'soup'. Supported values are: 'message', 'function_call', 'function_call_output', 'custom_tool_call', 'custom_tool_call_output', 'reasoning', 'item_reference', 'compaction', 'compaction_trigger', 'compaction_summary', 'configuration_update', 'file_search_call', 'web_search_call', 'computer_call', 'computer_call_output', 'code_interpreter_call', 'image_generation_call', 'local_shell_call', 'local_shell_call_output', 'shell_call', 'shell_call_output', 'apply_patch_call', 'apply_patch_call_output', 'mcp_list_tools', 'mcp_approval_request', 'mcp_approval_response', 'mcp_call', 'tool_search_call', 'tool_search_output', 'additional_tools', 'program', and 'program_output'.
    temperature decimal_above_max_value Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 2.5 instead.
    top_logprobs integer_above_max_value Invalid 'top_logprobs': integer above maximum value. Expected a value <= 20, but got 21 instead.
    metadata.k string_above_max_length Invalid 'metadata.k': string too long. Expected a string with maximum length 512, but got a string with length 513 instead.
    background invalid_value Background mode requires 'store' to be true.
    tools[0].name missing_required_parameter Missing required parameter: 'tools[0].name'.
    tools[0].name invalid_value Invalid 'tools[0].name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.
    tool_choice invalid_value Tool choice 'f' not found in 'tools' parameter.
    text.format.name missing_required_parameter Missing required parameter: 'text.format.name'.
    conversation invalid_type Invalid type for 'conversation': expected an object, but got an integer instead.
    ");
}

#[test]
fn write_echo_repeats_the_request() {
    let body = r#"{"input": "x", "model": "m", "instructions": "Be \"brief\"", "max_output_tokens": 16,
        "metadata": {"a": "b"}, "conversation": "conv_1", "reasoning": {"effort": "low", "summary": "auto"},
        "text": {"format": {"type": "json_schema", "name": "n", "schema": { "type": "object" }}, "verbosity": "low"},
        "tools": [{"type": "function", "name": "f"}, {"type": "web_search",
                   "filters": null}], "tool_choice": {"type": "web_search"}, "temperature": 0.5, "service_tier": "fast"}"#;
    let request = RawRequest::read(body.as_bytes()).unwrap();
    let encoded = echo(&request, "m").unwrap();
    insta::assert_snapshot!(std::str::from_utf8(&encoded).unwrap(), @r#","model":"m","background":false,"conversation":{"id":"conv_1"},"instructions":"Be \"brief\"","max_output_tokens":16,"max_tool_calls":null,"metadata":{"a":"b"},"parallel_tool_calls":true,"previous_response_id":null,"prompt":null,"prompt_cache_key":null,"prompt_cache_retention":null,"reasoning":{"effort":"low","summary":"auto"},"safety_identifier":null,"service_tier":"priority","store":true,"temperature":0.5,"text":{"format":{"type":"json_schema","name":"n","description":null,"schema":{"type":"object"},"strict":false},"verbosity":"low"},"tool_choice":{"type":"web_search"},"tools":[{"type":"function","name":"f","description":null,"parameters":null,"strict":true},{"type":"web_search","filters":null}],"top_logprobs":0,"top_p":1.0,"truncation":"disabled","user":null}"#);
    let encoded = echo(&RawRequest::read(b"{}").unwrap(), "m").unwrap();
    insta::assert_snapshot!(std::str::from_utf8(&encoded).unwrap(), @r#","model":"m","background":false,"conversation":null,"instructions":null,"max_output_tokens":null,"max_tool_calls":null,"metadata":{},"parallel_tool_calls":true,"previous_response_id":null,"prompt":null,"prompt_cache_key":null,"prompt_cache_retention":null,"reasoning":{"effort":null,"summary":null},"safety_identifier":null,"service_tier":"default","store":true,"temperature":1.0,"text":{"format":{"type":"text"},"verbosity":"medium"},"tool_choice":"auto","tools":[],"top_logprobs":0,"top_p":1.0,"truncation":"disabled","user":null}"#);
}
