//! One request, from its making to its sample.

use std::time::{Duration, Instant};

use http::{StatusCode, header};
use weir_pace::Rng;
use weir_wire::{Connection, Request, Response};

use crate::record::{Answer, FailureKind, Problem, Sample, Verdict};
use crate::task::{RateLimiting, Reading, StreamKind, StreamReader, read_plain, server_timing};

use super::floor::Floor;
use super::plan::TaskPlan;
use super::timer::ClockTimer;

/// A plain answer larger than this is a failure.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// So much of the body of an unwanted status goes into the failure's example.
const EXCERPT_BYTES: usize = 160;

/// A place for a connection, and what is asked over it.
pub(crate) struct Slot {
    connection: Connection<ClockTimer>,
}

/// What a user should know of how its request went.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sought {
    /// Something came back, or could have.
    Answer,
    /// No connection came about: asking again at once would be spinning.
    Unreachable,
}

/// What came of a request whose head was answered.
struct Outcome {
    answer: Answer,
    verdict: Result<Passed, Problem>,
}

/// An answer that is no failure so far.
enum Passed {
    Completed,
    RateLimited,
}

impl Slot {
    pub(super) fn new(connection: Connection<ClockTimer>) -> Self {
        Self { connection }
    }

    /// Sends the request of a task, reads its answer and records it.
    pub(crate) async fn ask(
        &mut self,
        floor: &Floor,
        task: usize,
        intended: Instant,
        rng: &mut Rng,
    ) -> Sought {
        let Some(plan) = floor.plan.tasks.get(task) else { return Sought::Answer };
        floor.began(intended);
        let number = floor.take_number();
        let sample = match plan.prepared.request(&floor.plan.templates, number, rng) {
            Ok(request) => {
                let on_gap = |gap| floor.recorder.borrow_mut().record_gap(task, intended, gap);
                self.exchange(plan, &request, intended, on_gap).await
            }
            Err(problem) => unsent(intended, problem),
        };
        floor.ended(intended);

        let (sought, sample) = match sample.verdict {
            Verdict::Failed(problem) => {
                let unreachable = problem.kind.is_unreachable();
                let verdict = Verdict::Failed(floor.plan.redact(problem));
                (if unreachable { Sought::Unreachable } else { Sought::Answer }, Sample { verdict, ..sample })
            }
            Verdict::Completed | Verdict::RateLimited => (Sought::Answer, sample),
        };
        floor.record(task, &sample);
        sought
    }

    async fn exchange(
        &mut self,
        plan: &TaskPlan,
        request: &Request,
        intended: Instant,
        on_gap: impl FnMut(Duration),
    ) -> Sample {
        let bytes_sent = request.body.len() as u64;
        let mut status = None;
        // By reference: what is moved from one wait to the next takes its place twice in the memory of every user.
        let outcome = match &mut self.connection.send(request).await {
            Ok(response) => {
                status = Some(response.status());
                read(plan, response, on_gap).await
            }
            Err(failure) => Outcome { answer: Answer::default(), verdict: Err((&*failure).into()) },
        };
        let progress = self.connection.progress();
        let sent = progress.and_then(|progress| progress.sent);
        let ended = progress.and_then(|progress| progress.end).unwrap_or_else(Instant::now);
        let checked = outcome.verdict.and_then(|passed| match passed {
            Passed::RateLimited => Ok(Verdict::RateLimited),
            Passed::Completed => {
                plan.check.e2e(ended - sent.unwrap_or(intended)).map(|()| Verdict::Completed)
            }
        });
        Sample {
            intended,
            sent,
            first_byte: progress.and_then(|progress| progress.first_byte),
            ended,
            bytes_sent,
            answer: Answer { status, ..outcome.answer },
            verdict: checked.unwrap_or_else(Verdict::Failed),
        }
    }
}

/// A request that could not even be made.
fn unsent(intended: Instant, problem: Problem) -> Sample {
    Sample {
        intended,
        sent: None,
        first_byte: None,
        ended: Instant::now(),
        bytes_sent: 0,
        answer: Answer::default(),
        verdict: Verdict::Failed(problem),
    }
}

async fn read(
    plan: &TaskPlan,
    response: &mut Response<'_, ClockTimer>,
    on_gap: impl FnMut(Duration),
) -> Outcome {
    let status = response.status();
    let limited = status == StatusCode::TOO_MANY_REQUESTS && plan.rate_limiting == RateLimiting::Expected;
    if limited || !plan.check.statuses.pass(status) {
        return refused(plan, response, status, limited).await;
    }
    if let Err(problem) = check_form(plan.reading, response) {
        return Outcome { answer: Answer::default(), verdict: Err(problem) };
    }
    match plan.reading {
        Reading::Stream(kind) => read_stream(kind, response, on_gap).await,
        Reading::Opaque if plan.check.body_contains.is_none() => drain(response).await,
        Reading::Opaque | Reading::Chat | Reading::Chain => read_whole(plan, response).await,
    }
}

/// Reads an answer with a status that the task does not take, so that its connection can be kept.
async fn refused(
    plan: &TaskPlan,
    response: &mut Response<'_, ClockTimer>,
    status: StatusCode,
    limited: bool,
) -> Outcome {
    let (bytes, excerpt) = match response.collect(ANSWER_BYTES_MAX).await {
        Ok(body) => {
            let head = body.get(..EXCERPT_BYTES).unwrap_or(&body);
            (body.len() as u64, String::from_utf8_lossy(head).trim().to_owned())
        }
        Err(failure) => (0, format!("(its body could not be read: {failure})")),
    };
    let answer = Answer { bytes, ..Answer::default() };
    if limited {
        return Outcome { answer, verdict: Ok(Passed::RateLimited) };
    }
    let detail = format!("{}: {status}: {excerpt}", plan.prepared.title());
    Outcome { answer, verdict: Err(Problem::new(FailureKind::Http(status.as_u16()), detail)) }
}

/// Whether the body is in a form that can be read.
fn check_form(reading: Reading, response: &Response<'_, ClockTimer>) -> Result<(), Problem> {
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
    let detail = format!("content-type is \"{}\"; \"{needed}\" is needed", String::from_utf8_lossy(given));
    Err(Problem::new(FailureKind::Protocol, detail))
}

async fn drain(response: &mut Response<'_, ClockTimer>) -> Outcome {
    let mut answer = Answer { truth: server_timing(response.headers()), ..Answer::default() };
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => answer.bytes += chunk.bytes.len() as u64,
            Ok(None) => return Outcome { answer, verdict: Ok(Passed::Completed) },
            Err(failure) => return Outcome { answer, verdict: Err(failure.into()) },
        }
    }
}

async fn read_whole(plan: &TaskPlan, response: &mut Response<'_, ClockTimer>) -> Outcome {
    let mut answer = Answer { truth: server_timing(response.headers()), ..Answer::default() };
    let body = match response.collect(ANSWER_BYTES_MAX).await {
        Ok(body) => body,
        Err(failure) => return Outcome { answer, verdict: Err(failure.into()) },
    };
    answer.bytes = body.len() as u64;
    let tokens = read_plain(plan.reading, &body).and_then(|tokens| plan.check.body(&body).map(|()| tokens));
    let verdict = tokens.map(|tokens| {
        answer.tokens = tokens;
        Passed::Completed
    });
    Outcome { answer, verdict }
}

async fn read_stream(
    kind: StreamKind,
    response: &mut Response<'_, ClockTimer>,
    mut on_gap: impl FnMut(Duration),
) -> Outcome {
    let (mut reader, mut bytes) = (StreamReader::new(kind), 0);
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
            Err(failure) => break Err(failure.into()),
        }
    };
    // What is known only at the end stands in the trailers; a server without them may have put the rest in the head.
    let in_trailers = response.trailers().map(server_timing).filter(|timing| !timing.is_empty());
    let answer = Answer { bytes, truth: in_trailers.unwrap_or(in_head), ..reader.answer() };
    Outcome { answer, verdict: read.map(|()| Passed::Completed) }
}
