//! The ceiling: a bare axum server, written in the usual way, with responses of the same size as those of `weir serve`.

use std::{convert::Infallible, io::Read as _};

use anyhow::{Context as _, Result};
use axum::{
    Json, Router,
    response::{IntoResponse as _, Response, Sse, sse::Event},
    routing::post,
    serve::ListenerExt as _,
};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

/// The number of tokens that the rows request from `weir serve`, each with the mean length of its words.
const WORDS: [&str; 64] = [" season"; 64];
const ID: &str = "chatcmpl-0123456789abcdef01234567";
const CREATED: u64 = 1_700_000_000;

#[derive(Deserialize)]
struct Request {
    model: String,
    messages: Vec<Message>,
    stream: Option<bool>,
}

#[derive(Deserialize, Serialize)]
struct Message {
    role: String,
    content: String,
}

/// A complete response or a chunk; they differ in their choices.
#[derive(Serialize)]
struct Answer<'a, C> {
    id: &'a str,
    object: &'a str,
    created: u64,
    model: &'a str,
    service_tier: &'a str,
    system_fingerprint: &'a str,
    choices: [C; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Usage>,
}

#[derive(Serialize)]
struct Choice {
    index: u32,
    message: Message,
    logprobs: Option<u32>,
    finish_reason: &'static str,
}

#[derive(Serialize)]
struct ChunkChoice {
    index: u32,
    delta: Delta,
    logprobs: Option<u32>,
    finish_reason: Option<&'static str>,
}

#[derive(Serialize)]
struct Delta {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'static str>,
}

#[derive(Serialize)]
struct Usage {
    prompt_tokens: usize,
    completion_tokens: usize,
    total_tokens: usize,
    prompt_tokens_details: PromptDetails,
    completion_tokens_details: CompletionDetails,
}

#[derive(Default, Serialize)]
struct PromptDetails {
    cached_tokens: usize,
    audio_tokens: usize,
}

#[derive(Default, Serialize)]
struct CompletionDetails {
    reasoning_tokens: usize,
    audio_tokens: usize,
    accepted_prediction_tokens: usize,
    rejected_prediction_tokens: usize,
}

/// Serves until stdin is closed, on the same kind of runtime as `weir serve`.
pub(crate) fn serve() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_io().build().context("no runtime")?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.context("no port")?;
        println!("listening on http://{}", listener.local_addr()?);
        // Without it, a streamed response stalls for 40 ms.
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        let app = Router::new().route("/v1/chat/completions", post(chat));
        tokio::select! {
            served = axum::serve(listener, app) => served.context("cannot serve"),
            _ = tokio::task::spawn_blocking(|| std::io::stdin().lock().read(&mut [0])) => Ok(()),
        }
    })
}

async fn chat(Json(request): Json<Request>) -> Response {
    if request.stream == Some(true) { streamed(request.model) } else { Json(whole(&request)).into_response() }
}

fn whole(request: &Request) -> Answer<'_, Choice> {
    let prompt_tokens = request.messages.iter().map(|message| message.content.len()).sum::<usize>() / 4;
    let message = Message { role: "assistant".to_owned(), content: WORDS.concat() };
    Answer {
        id: ID,
        object: "chat.completion",
        created: CREATED,
        model: &request.model,
        service_tier: "default",
        system_fingerprint: "fp_ceiling",
        choices: [Choice { index: 0, message, logprobs: None, finish_reason: "length" }],
        usage: Some(Usage {
            prompt_tokens,
            completion_tokens: WORDS.len(),
            total_tokens: prompt_tokens + WORDS.len(),
            prompt_tokens_details: PromptDetails::default(),
            completion_tokens_details: CompletionDetails::default(),
        }),
    }
}

fn streamed(model: String) -> Response {
    let events = async_stream::stream! {
        yield chunk(&model, Delta { role: Some("assistant"), content: Some("") }, None);
        for word in WORDS {
            yield chunk(&model, Delta { role: None, content: Some(word) }, None);
        }
        yield chunk(&model, Delta { role: None, content: None }, Some("length"));
        yield Ok(Event::default().data("[DONE]"));
    };
    Sse::new(events).into_response()
}

fn chunk(model: &str, delta: Delta, finish_reason: Option<&'static str>) -> Result<Event, Infallible> {
    let chunk = Answer {
        id: ID,
        object: "chat.completion.chunk",
        created: CREATED,
        model,
        service_tier: "default",
        system_fingerprint: "fp_ceiling",
        choices: [ChunkChoice { index: 0, delta, logprobs: None, finish_reason }],
        usage: None,
    };
    let text = serde_json::to_string(&chunk).unwrap_or_default();
    Ok(Event::default().data(text))
}
