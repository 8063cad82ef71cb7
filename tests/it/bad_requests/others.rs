//! vLLM's endpoints.

use super::{Shape, Table, assert_all_rejected};

pub(super) const TABLES: [&Table; 2] = [&TOKENIZE, &DETOKENIZE];

const TOKENIZE: Table = Table {
    path: "/tokenize",
    sound: r#"{"prompt": "How deep?"}"#,
    headers: &[],
    shape: Shape::OpenAi,
    rows: &[
        ("/prompt", ""),
        ("/prompt", "7"),
        ("/prompt", "[]"),
        ("/model", "7"),
        ("/return_token_strs", "7"),
    ],
};

const DETOKENIZE: Table = Table {
    path: "/detokenize",
    sound: r#"{"tokens": [1, 2]}"#,
    headers: &[],
    shape: Shape::OpenAi,
    rows: &[
        ("/tokens", ""),
        ("/tokens", "7"),
        ("/tokens", "[-1]"),
        ("/tokens", "[\"a\"]"),
        ("/tokens", "[1.5]"),
    ],
};

#[tokio::test]
async fn tokenize_invalid_requests_are_rejected() {
    assert_all_rejected(&TOKENIZE).await;
}

#[tokio::test]
async fn detokenize_invalid_requests_are_rejected() {
    assert_all_rejected(&DETOKENIZE).await;
}
