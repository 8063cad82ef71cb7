//! Reads the answer to a request of a task.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};

use crate::record::{Answer, FailureKind, Problem, StreamEnding, StreamGaps, Tokens, Verdict};
use crate::redact::UnredactedText;
use crate::run::plan::TaskPlan;
use crate::task::read::{BodyContent, EventReader, error_of_document, mended};
use crate::task::{
    Captured, EVENT_STREAM, RateLimiting, Reading, Reply, StreamReader, retry_after, server_timing,
};

use super::body_budget::BodyBudget;
use super::transport::Response;

/// The bytes of the body of an unexpected answer that are kept for its failure. Reports show fewer.
const EXCERPT_BYTES: usize = 4096;

/// How long a body may go on after the end mark of its stream before its connection is closed.
const BODY_END_GRACE: Duration = Duration::from_millis(100);

/// A larger plain answer is a failure.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// An answer that was read, or the failure that ended it.
pub(super) struct Outcome {
    pub(super) answer: Answer,
    pub(super) verdict: Result<Passed, Problem>,
    pub(super) captured: Vec<Captured>,
    /// The end mark of a stream arrived; otherwise an answer ends with its body.
    pub(super) ended: Option<Instant>,
}

impl Outcome {
    pub(super) fn new(answer: Answer, verdict: Result<Passed, Problem>) -> Self {
        Self { answer, verdict, captured: Vec::new(), ended: None }
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

/// Reads an answer, and its text and tool calls into `reply` if they are needed.
pub(super) async fn read(
    budget: &BodyBudget,
    task: &TaskPlan,
    response: &mut impl Response,
    reply: Option<&mut Reply>,
    gaps: &mut StreamGaps,
) -> Outcome {
    let status = response.status();
    let limited = status == StatusCode::TOO_MANY_REQUESTS && task.rate_limiting == RateLimiting::Expected;
    if limited || !task.check.statuses.pass(status) {
        return read_unexpected(task, response, status, limited).await;
    }
    if let Err(problem) = check_content_type(&task.reading, response) {
        return read_other_type(response, problem).await;
    }
    // Reading a stream takes its headers.
    let captured = task.captures.of_headers(response.headers());
    let is_stream = response.headers().get(header::CONTENT_TYPE).is_some_and(is_event_stream);
    let mut outcome = match &task.reading {
        Reading::Stream { events, .. } => read_stream(budget, events.as_ref(), response, reply, gaps).await,
        Reading::ByContentType(events) if is_stream => {
            read_stream(budget, events.as_ref(), response, reply, gaps).await
        }
        Reading::Opaque | Reading::ByContentType(_) if !task.needs_body() => drain(response).await,
        Reading::Opaque | Reading::ByContentType(_) | Reading::Plain(_) => {
            read_whole(budget, task, response, reply).await
        }
    };
    outcome.answer.is_unread_stream = is_stream && matches!(task.reading, Reading::Opaque);
    outcome.keep(captured);
    outcome
}

/// The start of a body that is not the expected answer.
struct Excerpt {
    head: Vec<u8>,
    /// The size of the whole body.
    bytes: u64,
    /// Why the rest could not be read.
    failure: Option<Problem>,
}

impl Excerpt {
    /// Reads a body to its end, so that its connection can be reused.
    async fn read(response: &mut impl Response) -> Self {
        let mut excerpt = Self { head: Vec::new(), bytes: 0, failure: None };
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) => {
                    excerpt.bytes += chunk.bytes.len() as u64;
                    let left = EXCERPT_BYTES - excerpt.head.len();
                    excerpt.head.extend_from_slice(chunk.bytes.get(..left).unwrap_or(&chunk.bytes));
                }
                Ok(None) => return excerpt,
                Err(failure) => return Self { failure: Some(failure), ..excerpt },
            }
        }
    }

    fn in_words(&self) -> UnredactedText {
        let head = String::from_utf8_lossy(&self.head);
        let head = head.trim();
        match &self.failure {
            None => head.into(),
            Some(failure) => {
                failure.detail.map(|failure| format!("{head} (its body could not be read: {failure})"))
            }
        }
    }
}

/// Reads an answer with an unexpected status.
async fn read_unexpected(
    task: &TaskPlan,
    response: &mut impl Response,
    status: StatusCode,
    limited: bool,
) -> Outcome {
    let retry_after = retry_after(response.headers());
    let advice = status.is_redirection().then(|| redirection(response)).flatten();
    let excerpt = Excerpt::read(response).await;
    let answer = Answer { bytes: excerpt.bytes, retry_after, ..Answer::default() };
    if limited {
        return Outcome::new(answer, Ok(Passed::RateLimited));
    }
    let words = advice.map_or_else(|| excerpt.in_words(), UnredactedText::from);
    let detail = words.map(|words| format!("{}: {status}: {words}", task.prepared.title()));
    Outcome::new(answer, Err(Problem::new(FailureKind::Http(status.as_u16()), detail)))
}

/// Describes where a redirection leads, without its query, which may hold secrets, and what to do about it.
fn redirection(response: &impl Response) -> Option<String> {
    let location = response.headers().get(header::LOCATION)?;
    let location = String::from_utf8_lossy(location.as_bytes()).into_owned();
    let location = location.split(['?', '#']).next().unwrap_or_default();
    let (scheme, rest) = location.split_once("//").unwrap_or(("", location));
    let is_absolute = rest.len() < location.len();
    let host_and_path = if is_absolute { rest.rsplit_once('@').map_or(rest, |(_, host)| host) } else { rest };
    let (location, change) = match is_absolute {
        true => (format!("{scheme}//{host_and_path}"), "the target's URL (`url`, or --url)"),
        false => (host_and_path.to_owned(), "the path of the request or of the target's URL"),
    };
    Some(format!(
        "redirected to {location}, which is not followed: change {change} so that it leads there directly"
    ))
}

/// Reads an answer of another content type than the task needs. Servers report errors like this.
async fn read_other_type(response: &mut impl Response, problem: Problem) -> Outcome {
    let excerpt = Excerpt::read(response).await;
    let answer = Answer { bytes: excerpt.bytes, ..Answer::default() };
    let problem = error_of_document(&excerpt.head).unwrap_or_else(|| Problem {
        detail: problem
            .detail
            .combine(&excerpt.in_words(), |problem, excerpt| format!("{problem}; it begins with: {excerpt}")),
        ..problem
    });
    Outcome::new(answer, Err(problem))
}

/// Fails if the body has another content type than the reader needs, or is encoded.
fn check_content_type(reading: &Reading, response: &impl Response) -> Result<(), Problem> {
    let Some(needed) = reading.content_type() else { return Ok(()) };
    if let Some(encoding) = response.content_encoding() {
        let detail = format!("content-encoding is {encoding:?} although `identity` was asked for");
        return Err(Problem::new(FailureKind::Protocol, detail));
    }
    let given = response.headers().get(header::CONTENT_TYPE).map_or(&b""[..], |value| value.as_bytes());
    if begins_with(given, needed) {
        return Ok(());
    }
    let detail = format!("content-type is \"{}\": expected \"{needed}\"", String::from_utf8_lossy(given));
    Err(Problem::new(FailureKind::Protocol, detail))
}

/// Whether a content type is that of streams.
fn is_event_stream(content_type: &HeaderValue) -> bool {
    begins_with(content_type.as_bytes(), EVENT_STREAM)
}

fn begins_with(content_type: &[u8], media_type: &str) -> bool {
    content_type
        .get(..media_type.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(media_type.as_bytes()))
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
    reply: Option<&mut Reply>,
) -> Outcome {
    let mut answer = Answer { truth: server_timing(response.headers()), ..Answer::default() };
    let body = match budget.collect(response, ANSWER_BYTES_MAX).await {
        Ok(body) => body,
        Err(problem) => return Outcome::new(answer, Err(problem)),
    };
    answer.bytes = body.len() as u64;
    let read = read_body(&task.reading, &body, reply).and_then(|read| Ok((read, task.check_body(&body)?)));
    match read {
        Ok((BodyContent { usage, is_empty }, captured)) => {
            answer.tokens = usage.output.map_or(Tokens::Unknown, Tokens::Usage);
            answer.input_tokens = usage.input;
            answer.cached_tokens = usage.cached.unwrap_or(0);
            answer.has_odd_usage = usage.is_odd;
            answer.is_empty = is_empty;
            Outcome { captured, ..Outcome::new(answer, Ok(Passed::Completed)) }
        }
        Err(problem) => Outcome::new(answer, Err(problem)),
    }
}

/// Reads a whole body, and its text and tool calls into `reply` if they are needed.
fn read_body(reading: &Reading, body: &Bytes, reply: Option<&mut Reply>) -> Result<BodyContent, Problem> {
    let Reading::Plain(reader) = reading else { return Ok(BodyContent::default()) };
    let (content, body) = match reader.read_body(body) {
        Err(problem) if problem.kind == FailureKind::Protocol => {
            let error = error_of_document(body.get(..EXCERPT_BYTES).unwrap_or(body));
            let mended = mended(body).ok_or_else(|| error.unwrap_or(problem))?;
            (reader.read_body(&mended)?, mended.into())
        }
        read => (read?, body.clone()),
    };
    if let Some(reply) = reply
        && let Ok(answer) = serde_json::from_slice(&body)
    {
        *reply = reader.body_reply(&answer);
    }
    Ok(content)
}

async fn read_stream(
    budget: &BodyBudget,
    events: &dyn EventReader,
    response: &mut impl Response,
    reply: Option<&mut Reply>,
    gaps: &mut StreamGaps,
) -> Outcome {
    let (mut reader, mut bytes) = (StreamReader::new(events, reply), 0);
    let (mut buffered, mut head) = (budget.share(), Vec::new());
    let in_head = server_timing(&response.take_headers());
    let mut read = loop {
        match response.chunk().await {
            Ok(Some(chunk)) => {
                bytes += chunk.bytes.len() as u64;
                let fed = reader.feed(&chunk.bytes, chunk.at, gaps);
                if let Err(problem) = fed.and_then(|()| buffered.set(reader.buffered_bytes())) {
                    break Err(problem);
                }
                if reader.ended_at().is_some() {
                    break reader.finish(gaps);
                }
                if reader.is_silent() && head.len() < EXCERPT_BYTES {
                    head.extend(chunk.bytes.iter().take(EXCERPT_BYTES - head.len()));
                }
            }
            Ok(None) => break reader.finish(gaps),
            Err(failure) => break Err(failure),
        }
    };
    if read.is_err() && reader.is_silent() {
        read = error_of_document(&head).map_or(read, Err);
    }
    let ended = reader.ended_at();
    let mut answer = reader.answer();
    if ended.is_some() && response.drain(BODY_END_GRACE).await.is_err() {
        answer.ending = StreamEnding::BodyCut;
    }
    // The trailers hold what the server knows only at the end; one that sends none may have put some of it into the head.
    let in_trailers = response.trailers().map(server_timing).filter(|timing| !timing.is_empty());
    let answer = Answer { bytes, truth: in_trailers.unwrap_or(in_head), ..answer };
    Outcome { ended, ..Outcome::new(answer, read.map(|()| Passed::Completed)) }
}
