//! OpenAI's endpoints.

use super::{Shape, Table, hold};

pub(super) const TABLES: [&Table; 4] = [&CHAT, &COMPLETIONS, &RESPONSES, &EMBEDDINGS];

const CHAT: Table = Table {
    path: "/v1/chat/completions",
    sound: r#"{
        "model": "instant", "max_tokens": 5, "temperature": 1, "stop": ["x"], "stream_options": {},
        "messages": [{"role": "user", "content": "How deep?"}],
        "tools": [{"type": "function", "function": {"name": "find", "parameters": {"type": "object"}}}],
        "tool_choice": "none", "response_format": {"type": "text"}
    }"#,
    headers: &[],
    shape: Shape::OpenAi,
    rows: &[
        ("/model", ""),
        ("/model", "7"),
        ("/model", "null"),
        ("/messages", ""),
        ("/messages", "[]"),
        ("/messages", "null"),
        ("/messages", "\"hello\""),
        ("/messages", "{}"),
        ("/messages/0", "\"hello\""),
        ("/messages/0", "[]"),
        ("/messages/0", "[\"user\", \"hello\"]"),
        ("/messages/0/role", ""),
        ("/messages/0/role", "\"king\""),
        ("/messages/0/role", "7"),
        ("/messages/0/role", "\"tool\""),
        ("/messages/0/content", ""),
        ("/messages/0/content", "7"),
        ("/messages/0/content", "{}"),
        ("/messages/0/content", "null"),
        ("/messages/0/content", "[]"),
        ("/messages/0/content", "[7]"),
        ("/messages/0/content", "[{}]"),
        ("/messages/0/content", r#"[{"type": "text"}]"#),
        ("/messages/0/content", r#"[{"type": "text", "text": 7}]"#),
        ("/messages/0/content", r#"[{"type": "smell", "smell": "rose"}]"#),
        ("/messages/0/content", r#"[{"type": "image_url"}]"#),
        ("/messages/0/content", r#"[{"type": "image_url", "image_url": "x"}]"#),
        ("/messages/0/name", "7"),
        ("/max_tokens", "-1"),
        ("/max_tokens", "1.5"),
        ("/max_tokens", "\"5\""),
        ("/max_completion_tokens", "-1"),
        ("/max_completion_tokens", "[]"),
        ("/temperature", "5"),
        ("/temperature", "-0.1"),
        ("/temperature", "\"hot\""),
        ("/top_p", "1.1"),
        ("/top_p", "-1"),
        ("/top_p", "{}"),
        ("/frequency_penalty", "2.5"),
        ("/presence_penalty", "-2.5"),
        ("/presence_penalty", "\"a\""),
        ("/n", "0"),
        ("/n", "129"),
        ("/n", "-1"),
        ("/n", "\"two\""),
        ("/stop", "7"),
        ("/stop", "[7]"),
        ("/stop", r#"["1", "2", "3", "4", "5"]"#),
        ("/stream", "\"yes\""),
        ("/stream", "1"),
        ("/stream_options", "true"),
        ("/stream_options/include_usage", "\"yes\""),
        ("/logprobs", "5"),
        ("/top_logprobs", "21"),
        ("/top_logprobs", "-1"),
        ("/top_logprobs", "3"),
        ("/seed", "\"seed\""),
        ("/logit_bias", "[]"),
        ("/metadata", "[]"),
        ("/metadata", r#"{"a": 7}"#),
        ("/reasoning_effort", "\"enormous\""),
        ("/tools", "{}"),
        ("/tools/0", "\"find\""),
        ("/tools/0/type", "\"hammer\""),
        ("/tools/0/function", ""),
        ("/tools/0/function/name", ""),
        ("/tools/0/function/name", "\"two words\""),
        ("/tools/0/function/name", "7"),
        ("/tools/0/function/parameters", "\"none\""),
        ("/tools/0/function/parameters/type", "\"strnig\""),
        ("/tool_choice", "\"perhaps\""),
        ("/tool_choice", "7"),
        ("/tool_choice", r#"{"type": "function", "function": {"name": "lose"}}"#),
        ("/tool_choice", r#"{"type": "function"}"#),
        ("/parallel_tool_calls", "\"yes\""),
        ("/response_format", "\"json\""),
        ("/response_format/type", "\"xml\""),
        ("/response_format", r#"{"type": "json_schema"}"#),
        ("/response_format", r#"{"type": "json_schema", "json_schema": {"schema": {}}}"#),
        (
            "/response_format",
            r#"{"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "strnig"}}}"#,
        ),
        (
            "/response_format",
            r#"{"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object", "not": {}}}}"#,
        ),
    ],
};

const COMPLETIONS: Table = Table {
    path: "/v1/completions",
    sound: r#"{"model": "instant", "prompt": "How deep", "max_tokens": 5}"#,
    headers: &[],
    shape: Shape::OpenAi,
    rows: &[
        ("/model", ""),
        ("/model", "[]"),
        ("/prompt", "{}"),
        ("/prompt", "7"),
        ("/prompt", r#"["a", 7]"#),
        ("/prompt", "[[1], \"a\"]"),
        ("/prompt", "[-1]"),
        ("/max_tokens", "-1"),
        ("/max_tokens", "\"five\""),
        ("/temperature", "3"),
        ("/top_p", "2"),
        ("/n", "0"),
        ("/n", "1000"),
        ("/best_of", "-1"),
        ("/best_of", "21"),
        ("/logprobs", "6"),
        ("/logprobs", "-1"),
        ("/echo", "\"no\""),
        ("/stop", "[1]"),
        ("/stream", "\"no\""),
        ("/suffix", "7"),
        ("/presence_penalty", "9"),
        ("/frequency_penalty", "-9"),
    ],
};

const RESPONSES: Table = Table {
    path: "/v1/responses",
    sound: r#"{
        "model": "instant", "input": [{"role": "user", "content": "How deep?"}],
        "tools": [{"type": "function", "name": "find", "parameters": {"type": "object"}, "strict": true}],
        "tool_choice": "none", "text": {"format": {"type": "text"}}, "reasoning": {"effort": "low"}
    }"#,
    headers: &[],
    shape: Shape::OpenAi,
    rows: &[
        ("/model", "7"),
        ("/input", "7"),
        ("/input", "{}"),
        ("/input/0", "\"hello\""),
        ("/input/0/role", "\"king\""),
        ("/input/0/content", "7"),
        ("/input/0/content", r#"[{"type": "input_smell"}]"#),
        ("/input/0/content", r#"[{"type": "input_text"}]"#),
        ("/input", r#"[{"type": "function_call_output", "output": "x"}]"#),
        ("/input", r#"[{"type": "function_call", "name": "x"}]"#),
        ("/input", r#"[{"type": "unheard_of"}]"#),
        ("/instructions", "7"),
        ("/max_output_tokens", "-1"),
        ("/max_output_tokens", "\"5\""),
        ("/temperature", "5"),
        ("/top_p", "7"),
        ("/stream", "\"yes\""),
        ("/store", "\"yes\""),
        ("/background", "7"),
        ("/previous_response_id", "7"),
        ("/metadata", r#"{"a": []}"#),
        ("/tools", "{}"),
        ("/tools/0/type", "\"hammer\""),
        ("/tools/0/name", ""),
        ("/tools/0/name", "\"two words\""),
        ("/tools/0/parameters/type", "\"strnig\""),
        ("/tool_choice", "\"perhaps\""),
        ("/tool_choice", r#"{"type": "function", "name": "lose"}"#),
        ("/text", "7"),
        ("/text/format/type", "\"xml\""),
        ("/text/format", r#"{"type": "json_schema", "name": "n", "schema": {"type": "strnig"}}"#),
        ("/text/format", r#"{"type": "json_schema", "schema": {"type": "object"}}"#),
        ("/reasoning", "\"deep\""),
        ("/reasoning/effort", "\"enormous\""),
        ("/top_logprobs", "21"),
        ("/truncation", "\"maybe\""),
        ("/parallel_tool_calls", "7"),
    ],
};

const EMBEDDINGS: Table = Table {
    path: "/v1/embeddings",
    sound: r#"{"model": "instant", "input": "How deep"}"#,
    headers: &[],
    shape: Shape::OpenAi,
    rows: &[
        ("/model", ""),
        ("/model", "{}"),
        ("/input", ""),
        ("/input", "\"\""),
        ("/input", "[]"),
        ("/input", "[\"\"]"),
        ("/input", "[[]]"),
        ("/input", "7"),
        ("/input", "null"),
        ("/input", "{}"),
        ("/input", "[true]"),
        ("/input", "[1.5]"),
        ("/input", "[\"a\", 7]"),
        ("/encoding_format", "\"hex\""),
        ("/encoding_format", "7"),
        ("/dimensions", "0"),
        ("/dimensions", "-5"),
        ("/dimensions", "5000"),
        ("/dimensions", "\"many\""),
    ],
};

#[tokio::test]
async fn of_chat() {
    hold(&CHAT).await;
}

#[tokio::test]
async fn of_completions() {
    hold(&COMPLETIONS).await;
}

#[tokio::test]
async fn of_responses() {
    hold(&RESPONSES).await;
}

#[tokio::test]
async fn of_embeddings() {
    hold(&EMBEDDINGS).await;
}
