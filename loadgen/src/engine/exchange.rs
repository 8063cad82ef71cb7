//! One request, from its making to its sample.

use std::time::{Duration, Instant};

use http::{StatusCode, header};
use weir_pace::Rng;
use weir_wire::{Connection, Request, Response};

use crate::record::{Answer, FailureKind, Problem, Sample, Tokens, Verdict};
use crate::task::{
    Captured, Conversation, RateLimiting, Reading, Scene, StreamKind, StreamReader, read_plain,
    server_timing, text_of_answer,
};

use super::floor::Floor;
use super::held::Held;
use super::persona::Persona;
use super::plan::TaskPlan;
use super::timer::ClockTimer;

/// So much of the body of an unwanted status goes into the failure's example.
const EXCERPT_BYTES: usize = 160;

/// A place for a connection, and what is asked over it.
pub(crate) struct Slot {
    connection: Connection<ClockTimer>,
}

/// What a user should know of how its request went.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sought {
    /// What the task wants.
    Completed,
    /// Something else: a failure, or the limit of a rate.
    Refused,
    /// No connection came about: asking again at once would be spinning.
    Unreachable,
}

/// What came of a request whose head was answered.
struct Outcome {
    answer: Answer,
    verdict: Result<Passed, Problem>,
    captured: Vec<Captured>,
}

impl Outcome {
    fn new(answer: Answer, verdict: Result<Passed, Problem>) -> Self {
        Self { answer, verdict, captured: Vec::new() }
    }

    /// With values taken from the answer, or without a pass where they could not be.
    fn keep(&mut self, taken: Result<Vec<Captured>, Problem>) {
        match taken {
            Ok(captured) => self.captured.extend(captured),
            Err(problem) if self.verdict.is_ok() => self.verdict = Err(problem),
            Err(_) => {}
        }
    }
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

    /// Sends the request of a task, which may be the next turn of a conversation, reads its answer and records it.
    pub(crate) async fn ask(
        &mut self,
        floor: &Floor,
        task: usize,
        intended: Instant,
        who: &Persona,
        rng: &mut Rng,
        mut conversation: Option<&mut Conversation>,
    ) -> Sought {
        #[expect(clippy::expect_used, reason = "a request that is not sent must not count as completed")]
        let plan = floor.plan.tasks.get(task).expect("the plan numbers its tasks");
        floor.began(intended);
        let (sample, captured) = match make(floor, plan, who, rng, conversation.as_deref_mut()) {
            Ok(request) => {
                let on_gap = |gap| floor.recorder.borrow_mut().record_gap(task, intended, gap);
                self.exchange(&floor.held, plan, &request, intended, conversation, on_gap).await
            }
            Err(problem) => (unsent(intended, problem), Vec::new()),
        };
        floor.ended(intended);

        let (sought, sample) = match sample.verdict {
            Verdict::Failed(problem) => {
                let unreachable = problem.kind.is_unreachable();
                let verdict = Verdict::Failed(floor.plan.redact(problem));
                (
                    if unreachable { Sought::Unreachable } else { Sought::Refused },
                    Sample { verdict, ..sample },
                )
            }
            Verdict::Completed => {
                who.variables.borrow_mut().keep(captured);
                (Sought::Completed, sample)
            }
            Verdict::RateLimited => (Sought::Refused, sample),
        };
        floor.record(task, &sample);
        sought
    }

    async fn exchange(
        &mut self,
        held: &Held,
        plan: &TaskPlan,
        request: &Request,
        intended: Instant,
        conversation: Option<&mut Conversation>,
        on_gap: impl FnMut(Duration),
    ) -> (Sample, Vec<Captured>) {
        let bytes_sent = request.body.len() as u64;
        let mut status = None;
        // By reference: what is moved from one wait to the next takes its place twice in the memory of every user.
        let mut said = conversation.is_some().then(String::new);
        let outcome = match &mut self.connection.send(request).await {
            Ok(response) => {
                status = Some(response.status());
                read(held, plan, response, said.as_mut(), on_gap).await
            }
            Err(failure) => Outcome::new(Answer::default(), Err((&*failure).into())),
        };
        let progress = self.connection.progress();
        let sent = progress.and_then(|progress| progress.sent);
        let ended = progress.and_then(|progress| progress.end).unwrap_or_else(Instant::now);
        let mut sample = Sample {
            intended,
            sent,
            first_byte: progress.and_then(|progress| progress.first_byte),
            ended,
            bytes_sent,
            answer: Answer { status, ..outcome.answer },
            verdict: match outcome.verdict {
                Ok(Passed::Completed) => Verdict::Completed,
                Ok(Passed::RateLimited) => Verdict::RateLimited,
                Err(problem) => Verdict::Failed(problem),
            },
        };
        if sample.verdict == Verdict::Completed {
            match (plan.check.durations(&sample), conversation) {
                (Err(problem), _) => sample.verdict = Verdict::Failed(problem),
                (Ok(()), Some(conversation)) => conversation.answer(&said.unwrap_or_default()),
                (Ok(()), None) => {}
            }
        }
        (sample, outcome.captured)
    }
}

/// The request of a task for its user.
fn make(
    floor: &Floor,
    plan: &TaskPlan,
    who: &Persona,
    rng: &mut Rng,
    conversation: Option<&mut Conversation>,
) -> Result<Request, Problem> {
    let (number, user, variables) = (floor.take_number(), who.number, &who.variables.borrow());
    let turn = conversation.as_deref().map_or(1, Conversation::turn);
    let mut scene = Scene { number, user, turn, variables, cursors: &floor.cursors, rng };
    plan.prepared.request(&floor.plan.templates, &mut scene, conversation)
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

/// Reads an answer; what it says is kept in `said` where somebody wants to know.
async fn read(
    held: &Held,
    plan: &TaskPlan,
    response: &mut Response<'_, ClockTimer>,
    said: Option<&mut String>,
    on_gap: impl FnMut(Duration),
) -> Outcome {
    let status = response.status();
    let limited = status == StatusCode::TOO_MANY_REQUESTS && plan.rate_limiting == RateLimiting::Expected;
    if limited || !plan.check.statuses.pass(status) {
        return refused(plan, response, status, limited).await;
    }
    if let Err(problem) = check_form(&plan.reading, response) {
        return Outcome::new(Answer::default(), Err(problem));
    }
    // A stream gives its headers away.
    let taken = plan.captures.of_headers(response.headers());
    let mut outcome = match &plan.reading {
        Reading::Stream(kind) => read_stream(kind, response, said, on_gap).await,
        Reading::Opaque if !plan.looks_at_body() => drain(response).await,
        Reading::Opaque | Reading::Plain(_) => read_whole(held, plan, response, said).await,
    };
    outcome.keep(taken);
    outcome
}

/// Reads an answer with a status that the task does not take, so that its connection can be kept.
async fn refused(
    plan: &TaskPlan,
    response: &mut Response<'_, ClockTimer>,
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
            Err(failure) => break format!(" (its body could not be read: {failure})"),
        }
    };
    let excerpt = format!("{}{rest}", String::from_utf8_lossy(&head).trim());
    let answer = Answer { bytes, ..Answer::default() };
    if limited {
        return Outcome::new(answer, Ok(Passed::RateLimited));
    }
    let detail = format!("{}: {status}: {excerpt}", plan.prepared.title());
    Outcome::new(answer, Err(Problem::new(FailureKind::Http(status.as_u16()), detail)))
}

/// Whether the body is in a form that can be read.
fn check_form(reading: &Reading, response: &Response<'_, ClockTimer>) -> Result<(), Problem> {
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
            Ok(None) => return Outcome::new(answer, Ok(Passed::Completed)),
            Err(failure) => return Outcome::new(answer, Err(failure.into())),
        }
    }
}

async fn read_whole(
    held: &Held,
    plan: &TaskPlan,
    response: &mut Response<'_, ClockTimer>,
    said: Option<&mut String>,
) -> Outcome {
    let mut answer = Answer { truth: server_timing(response.headers()), ..Answer::default() };
    let body = match held.collect(response).await {
        Ok(body) => body,
        Err(problem) => return Outcome::new(answer, Err(problem)),
    };
    answer.bytes = body.len() as u64;
    if let Some(said) = said {
        *said = text_of_answer(&plan.reading, &body);
    }
    let read = read_plain(&plan.reading, &body).and_then(|usage| Ok((usage, plan.look_at(&body)?)));
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

async fn read_stream(
    kind: &StreamKind,
    response: &mut Response<'_, ClockTimer>,
    said: Option<&mut String>,
    mut on_gap: impl FnMut(Duration),
) -> Outcome {
    let (mut reader, mut bytes) = (StreamReader::new(kind, said), 0);
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
    Outcome::new(answer, read.map(|()| Passed::Completed))
}
