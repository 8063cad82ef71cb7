//! Reads an answer as its task says.

use std::time::Duration;

use http::{StatusCode, header};

use crate::record::{Answer, FailureKind, Problem, Tokens, Verdict};
use crate::run::plan::TaskPlan;
use crate::task::read::{EventReader, Usage};
use crate::task::{Captured, RateLimiting, Reading, StreamReader, server_timing};

use super::body_budget::BodyBudget;
use super::transport::Response;

/// The bytes of the body of an unexpected status that a failure's example shows.
const EXCERPT_BYTES: usize = 160;

/// A larger plain answer is a failure.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// An answer that was read, or the failure that ended it.
pub(super) struct Outcome {
    pub(super) answer: Answer,
    pub(super) verdict: Result<Passed, Problem>,
    pub(super) captured: Vec<Captured>,
}

impl Outcome {
    pub(super) fn new(answer: Answer, verdict: Result<Passed, Problem>) -> Self {
        Self { answer, verdict, captured: Vec::new() }
    }

    /// Adds captured values; a capture that fails is a failure of the request.
    fn keep(&mut self, taken: Result<Vec<Captured>, Problem>) {
        match taken {
            Ok(captured) => self.captured.extend(captured),
            Err(problem) if self.verdict.is_ok() => self.verdict = Err(problem),
            Err(_) => {}
        }
    }
}

/// An answer that is not a failure so far.
pub(super) enum Passed {
    Completed,
    RateLimited,
}

impl From<Result<Passed, Problem>> for Verdict {
    fn from(verdict: Result<Passed, Problem>) -> Self {
        match verdict {
            Ok(Passed::Completed) => Self::Completed,
            Ok(Passed::RateLimited) => Self::RateLimited,
            Err(problem) => Self::Failed(problem),
        }
    }
}

/// Reads an answer, and its text into `text` if that is needed.
pub(super) async fn read(
    budget: &BodyBudget,
    task: &TaskPlan,
    response: &mut impl Response,
    text: Option<&mut String>,
    on_gap: impl FnMut(Duration),
) -> Outcome {
    let status = response.status();
    let limited = status == StatusCode::TOO_MANY_REQUESTS && task.rate_limiting == RateLimiting::Expected;
    if limited || !task.check.statuses.pass(status) {
        return read_unexpected(task, response, status, limited).await;
    }
    if let Err(problem) = check_content_type(&task.reading, response) {
        return Outcome::new(Answer::default(), Err(problem));
    }
    // Reading a stream takes its headers.
    let captured = task.captures.of_headers(response.headers());
    let mut outcome = match &task.reading {
        Reading::Stream { events, .. } => read_stream(events.as_ref(), response, text, on_gap).await,
        Reading::Opaque if !task.needs_body() => drain(response).await,
        Reading::Opaque | Reading::Plain(_) => read_whole(budget, task, response, text).await,
    };
    outcome.keep(captured);
    outcome
}

/// Reads an answer with an unexpected status to its end, so that its connection can be reused.
async fn read_unexpected(
    task: &TaskPlan,
    response: &mut impl Response,
    status: StatusCode,
    limited: bool,
) -> Outcome {
    let (mut bytes, mut head) = (0, Vec::new());
    let rest = loop {
        match response.chunk().await {
            Ok(Some(chunk)) => {
                bytes += chunk.bytes.len() as u64;
                head.extend(chunk.bytes.iter().take(EXCERPT_BYTES - head.len()));
            }
            Ok(None) => break String::new(),
            Err(failure) => break format!(" (its body could not be read: {})", failure.detail),
        }
    };
    let excerpt = format!("{}{rest}", String::from_utf8_lossy(&head).trim());
    let answer = Answer { bytes, ..Answer::default() };
    if limited {
        return Outcome::new(answer, Ok(Passed::RateLimited));
    }
    let detail = format!("{}: {status}: {excerpt}", task.prepared.title());
    Outcome::new(answer, Err(Problem::new(FailureKind::Http(status.as_u16()), detail)))
}

/// Fails if the body has another content type than the reader needs, or is encoded.
fn check_content_type(reading: &Reading, response: &impl Response) -> Result<(), Problem> {
    let Some(needed) = reading.content_type() else { return Ok(()) };
    if let Some(encoding) = response.content_encoding() {
        let detail = format!("content-encoding is {encoding:?} although `identity` was asked for");
        return Err(Problem::new(FailureKind::Protocol, detail));
    }
    let given = response.headers().get(header::CONTENT_TYPE).map_or(&b""[..], |value| value.as_bytes());
    let is_needed =
        given.get(..needed.len()).is_some_and(|start| start.eq_ignore_ascii_case(needed.as_bytes()));
    if is_needed {
        return Ok(());
    }
    let detail = format!("content-type is \"{}\": expected \"{needed}\"", String::from_utf8_lossy(given));
    Err(Problem::new(FailureKind::Protocol, detail))
}

async fn drain(response: &mut impl Response) -> Outcome {
    let mut answer = Answer { truth: server_timing(response.headers()), ..Answer::default() };
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => answer.bytes += chunk.bytes.len() as u64,
            Ok(None) => return Outcome::new(answer, Ok(Passed::Completed)),
            Err(failure) => return Outcome::new(answer, Err(failure)),
        }
    }
}

async fn read_whole(
    budget: &BodyBudget,
    task: &TaskPlan,
    response: &mut impl Response,
    text: Option<&mut String>,
) -> Outcome {
    let mut answer = Answer { truth: server_timing(response.headers()), ..Answer::default() };
    let body = match budget.collect(response, ANSWER_BYTES_MAX).await {
        Ok(body) => body,
        Err(problem) => return Outcome::new(answer, Err(problem)),
    };
    answer.bytes = body.len() as u64;
    let read = read_body(&task.reading, &body, text).and_then(|usage| Ok((usage, task.check_body(&body)?)));
    match read {
        Ok((usage, captured)) => {
            answer.tokens = usage.output.map_or(Tokens::Unknown, Tokens::Usage);
            answer.input_tokens = usage.input;
            answer.cached_tokens = usage.cached.unwrap_or(0);
            Outcome { answer, verdict: Ok(Passed::Completed), captured }
        }
        Err(problem) => Outcome::new(answer, Err(problem)),
    }
}

/// Reads a whole body, and its text into `text` if that is needed.
fn read_body(reading: &Reading, body: &[u8], text: Option<&mut String>) -> Result<Usage, Problem> {
    let Reading::Plain(reader) = reading else { return Ok(Usage::default()) };
    let usage = reader.read_body(body)?;
    if let Some(text) = text
        && let Ok(answer) = serde_json::from_slice(body)
    {
        *text = reader.body_text(&answer);
    }
    Ok(usage)
}

async fn read_stream(
    events: &dyn EventReader,
    response: &mut impl Response,
    text: Option<&mut String>,
    mut on_gap: impl FnMut(Duration),
) -> Outcome {
    let (mut reader, mut bytes) = (StreamReader::new(events, text), 0);
    let in_head = server_timing(&response.take_headers());
    let read = loop {
        match response.chunk().await {
            Ok(Some(chunk)) => {
                bytes += chunk.bytes.len() as u64;
                if let Err(problem) = reader.feed(&chunk.bytes, chunk.at, &mut on_gap) {
                    break Err(problem);
                }
            }
            Ok(None) => break reader.finish(),
            Err(failure) => break Err(failure),
        }
    };
    // The trailers hold what the server knows only at the end; one that sends none may have put some of it into the head.
    let in_trailers = response.trailers().map(server_timing).filter(|timing| !timing.is_empty());
    let answer = Answer { bytes, truth: in_trailers.unwrap_or(in_head), ..reader.answer() };
    Outcome::new(answer, read.map(|()| Passed::Completed))
}
