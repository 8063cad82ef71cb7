//! Anthropic's endpoints.

use super::{Shape, Table, assert_all_rejected};

pub(super) const TABLES: [&Table; 3] = [&MESSAGES, &NEWER_MESSAGES, &COUNT_TOKENS];

const MESSAGES: Table = Table {
    path: "/v1/messages",
    sound: r#"{
        "model": "instant", "max_tokens": 5, "system": "Be brief.",
        "messages": [{"role": "user", "content": "How deep?"}],
        "tools": [{"name": "find", "input_schema": {"type": "object"}}], "tool_choice": {"type": "none"}
    }"#,
    headers: &[("anthropic-version", "2023-06-01")],
    shape: Shape::Anthropic,
    rows: &[
        ("/model", ""),
        ("/model", "7"),
        ("/max_tokens", ""),
        ("/max_tokens", "-1"),
        ("/max_tokens", "\"five\""),
        ("/max_tokens", "null"),
        ("/messages", ""),
        ("/messages", "[]"),
        ("/messages", "\"hello\""),
        ("/messages/0", "\"hello\""),
        ("/messages/0", "[]"),
        ("/messages/0/role", ""),
        ("/messages/0", r#"["user", "hello"]"#),
        ("/messages/0/role", "\"king\""),
        ("/messages/0/role", "\"tool\""),
        ("/messages/0/role", "7"),
        ("/messages/0/content", ""),
        ("/messages/0/content", "7"),
        ("/messages/0/content", "\"\""),
        ("/messages/0/content", "[7]"),
        ("/messages/0/content", "[{}]"),
        ("/messages/0/content", r#"[["text", "hello"]]"#),
        ("/messages/0/content", r#"[{"type": "text"}]"#),
        ("/messages/0/content", r#"[{"type": "smell"}]"#),
        ("/messages/0/content", r#"[{"type": "image"}]"#),
        ("/messages/0/content", r#"[{"type": "tool_result"}]"#),
        ("/messages/0/content", r#"[{"type": "tool_result", "tool_use_id": "none", "content": "x"}]"#),
        ("/messages/0/content", "\" \\n\""),
        ("/messages/0/content", r#"[{"type": "text", "text": " "}]"#),
        (
            "/messages",
            r#"[{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "The answer is "}]"#,
        ),
        (
            "/messages",
            r#"[{"role": "user", "content": "Hi"}, {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "find", "input": {}}]},
                {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t"}, {"type": "tool_result", "tool_use_id": "t"}]}]"#,
        ),
        ("/thread", r#"{"type": "create"}"#),
        ("/thread", r#"{"type": "continue", "previous_message_id": "msg_1"}"#),
        (
            "/tools/0",
            r#"{"name": "find", "strict": true, "input_schema": {"type": "object", "if": {"required": ["a"]}}}"#,
        ),
        ("/system", r#"[{"type": "text", "text": " "}]"#),
        ("/system", "7"),
        ("/system", r#"[{"type": "image"}]"#),
        ("/temperature", "1.5"),
        ("/temperature", "-1"),
        ("/temperature", "\"hot\""),
        ("/top_p", "2"),
        ("/top_k", "-1"),
        ("/stop_sequences", "\"x\""),
        ("/stop_sequences", "[7]"),
        ("/stream", "\"yes\""),
        ("/metadata", "7"),
        ("/metadata", r#"["a user"]"#),
        ("/output_config", r#"["low"]"#),
        ("/cache_control", r#"["ephemeral"]"#),
        ("/thinking", "true"),
        ("/thinking", r#"["disabled"]"#),
        ("/thinking", r#"{"type": "deep"}"#),
        ("/thinking", r#"{"type": "enabled"}"#),
        ("/thinking", r#"{"type": "enabled", "budget_tokens": 5}"#),
        ("/thinking", r#"{"type": "enabled", "budget_tokens": 2000}"#),
        ("/tools", "{}"),
        ("/tools/0", "7"),
        ("/tools/0", r#"["custom", "find", "Finds.", {"type": "object"}, null]"#),
        ("/tools/0/name", ""),
        ("/tools/0/name", "\"two words\""),
        ("/tools/0/input_schema", ""),
        ("/tools/0/input_schema", "7"),
        ("/tools/0/input_schema/type", "\"strnig\""),
        ("/tool_choice", "\"auto\""),
        ("/tool_choice", r#"["auto"]"#),
        ("/tool_choice", r#"{"type": "perhaps"}"#),
        ("/tool_choice", r#"{"type": "tool"}"#),
        ("/tool_choice", r#"{"type": "tool", "name": "lose"}"#),
    ],
};

/// Requests that the newer version rejects.
const NEWER_MESSAGES: Table = Table {
    path: "/v1/messages",
    sound: r#"{"model": "instant", "max_tokens": 5, "messages": [{"role": "user", "content": "How deep?"}]}"#,
    headers: &[("anthropic-version", "2026-10-21")],
    shape: Shape::Anthropic,
    rows: &[("/temperature", "0.5"), ("/top_p", "0.5"), ("/top_k", "5")],
};

const COUNT_TOKENS: Table = Table {
    path: "/v1/messages/count_tokens",
    sound: r#"{"model": "instant", "messages": [{"role": "user", "content": "How deep?"}]}"#,
    headers: &[("anthropic-version", "2023-06-01")],
    shape: Shape::Anthropic,
    rows: &[
        ("/model", ""),
        ("/messages", ""),
        ("/messages", "[]"),
        ("/messages/0/role", "\"king\""),
        ("/messages/0/content", "7"),
        ("/system", "7"),
        ("/tools", "7"),
    ],
};

#[tokio::test]
async fn messages_invalid_requests_are_rejected() {
    assert_all_rejected(&MESSAGES).await;
}

#[tokio::test]
async fn messages_newer_version_invalid_requests_are_rejected() {
    assert_all_rejected(&NEWER_MESSAGES).await;
}

#[tokio::test]
async fn count_tokens_invalid_requests_are_rejected() {
    assert_all_rejected(&COUNT_TOKENS).await;
}
