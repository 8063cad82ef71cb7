//! The other APIs without simulated delay, compared with chat of the same length; and embeddings.

use anyhow::Result;
use serde_json::{Value, json};

use super::BenchContext;
use crate::{
    client,
    comparison::{Side, compare},
    server::Server,
    table::{Row, Verdict},
};

const TOKENS: u32 = 64;
const PROMPT: &str =
    "Say something about the rivers that feed this valley, and about the weirs that hold them.";
const ANTHROPIC: &str = "anthropic-version: 2023-06-01\r\n";
/// Embeddings per second and core.
const EMBEDDINGS_NEEDED: f64 = 20_000.0;

/// An API, and the share of chat's speed that it must reach.
struct Dialect {
    name: &'static str,
    path: &'static str,
    headers: &'static str,
    body: fn() -> Value,
    plain: f64,
    streamed: f64,
}

const DIALECTS: [Dialect; 3] = [
    Dialect {
        name: "completions",
        path: "/v1/completions",
        headers: "",
        body: || json!({"model": "instant", "prompt": PROMPT, "max_tokens": TOKENS}),
        plain: 0.85,
        streamed: 0.85,
    },
    Dialect {
        name: "messages",
        path: "/v1/messages",
        headers: ANTHROPIC,
        body: || {
            let messages = json!([{"role": "user", "content": PROMPT}]);
            json!({"model": "instant", "messages": messages, "max_tokens": TOKENS})
        },
        plain: 0.85,
        streamed: 0.85,
    },
    Dialect {
        name: "responses",
        path: "/v1/responses",
        headers: "",
        body: || json!({"model": "instant", "input": PROMPT, "max_output_tokens": TOKENS, "store": false}),
        plain: 0.85,
        // It sends more data per token.
        streamed: 0.6,
    },
];

/// Each API, plain and streamed.
pub(super) fn rows(context: &BenchContext<'_>) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for dialect in &DIALECTS {
        rows.push(row(context, dialect, false, dialect.plain)?);
        rows.push(row(context, dialect, true, dialect.streamed)?);
    }
    Ok(rows)
}

/// Compares CPU time, which determines the requests per second of a saturated core.
fn row(context: &BenchContext<'_>, dialect: &Dialect, stream: bool, needed: f64) -> Result<Row> {
    let mut body = (dialect.body)();
    if let Some(fields) = body.as_object_mut() {
        fields.insert("stream".to_owned(), stream.into());
    }
    let request = client::post(dialect.path, dialect.headers, &body.to_string());
    let mut ours = Side::new(Server::weir(context.machine, &[])?, request);
    let mut chat = Side::new(Server::weir(context.machine, &[])?, client::chat("instant", TOKENS, stream));
    compare(context, &mut ours, &mut chat)?;
    let ratio = chat.cpu_us() / ours.cpu_us();
    let form = if stream { "streamed" } else { "plain" };
    Ok(Row {
        name: format!("{} {}, no delay, by processor time", form, dialect.name),
        measured: format!("{:.1} µs an answer", ours.cpu_us()),
        beside: format!("chat {:.1} µs", chat.cpu_us()),
        ratio: Some(ratio),
        needed: format!("≥ {needed}"),
        verdict: Verdict::of(ratio >= needed),
        note: Some(format!("{:.0} req/s; {}", ours.per_second(), ours.note())),
    })
}

/// Embeddings of 1536 dimensions in base64.
pub(super) fn embeddings(context: &BenchContext<'_>) -> Result<Vec<Row>> {
    let body = json!({"model": "instant", "input": PROMPT, "encoding_format": "base64"}).to_string();
    let mut ours = Side::new(Server::weir(context.machine, &[])?, client::post("/v1/embeddings", "", &body));
    let mut ceiling = Side::new(Server::ceiling(context.machine)?, client::chat("instant", TOKENS, false));
    compare(context, &mut ours, &mut ceiling)?;
    let per_core = 1e6 / ours.cpu_us();
    Ok(vec![Row {
        name: "embeddings of 1536 dimensions in base64".to_owned(),
        measured: format!("{per_core:.0} a second and core"),
        beside: format!("plain axum chat {:.0}", 1e6 / ceiling.cpu_us()),
        ratio: Some(ceiling.cpu_us() / ours.cpu_us()),
        needed: format!("≥ {EMBEDDINGS_NEEDED:.0}"),
        verdict: Verdict::of(per_core >= EMBEDDINGS_NEEDED),
        note: Some(format!("{:.0} req/s; {}", ours.per_second(), ours.note())),
    }])
}
