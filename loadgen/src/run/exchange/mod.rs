//! One request and its answer, from the request to its sample.
//!
//! A run is generic over its [`Transport`]: [`HttpTransport`] sends real requests. Tests simulate them, so that hours of
//! a run pass in milliseconds and have exact results.

mod body_budget;
mod http;
mod read;
mod transport;

use std::time::Instant;

use weir_pace::Clock;
use weir_wire::Request;

use crate::record::{Answer, Problem, Sample, Sending, StreamGaps, Verdict};
use crate::task::{Captured, Reply};

use super::plan::TaskPlan;

use self::read::{Outcome, read};

pub(crate) use body_budget::BodyBudget;
pub(crate) use http::HttpTransport;
pub(crate) use transport::{Connection, Response, Transport};

/// A request to send.
pub(crate) struct Call<'a> {
    pub(crate) task: &'a TaskPlan,
    pub(crate) request: &'a Request,
    /// The instant at which it should start.
    pub(crate) intended: Instant,
    /// Receives the text and the tool calls of the answer, if they are needed.
    pub(crate) reply: Option<&'a mut Reply>,
}

/// Sends a request and reads its answer to the end. Adds the intervals between the content events of a stream to `gaps`.
pub(crate) async fn exchange(
    connection: &mut impl Connection,
    call: Call<'_>,
    clock: &Clock,
    budget: &BodyBudget,
    gaps: &mut StreamGaps,
) -> (Sample, Vec<Captured>) {
    let Call { task, request, intended, reply } = call;
    let mut status = None;
    // By reference: a value that moves from one wait to the next occupies memory twice in the future of every user.
    let outcome = match &mut connection.send(request).await {
        Ok(response) => {
            status = Some(response.status());
            read(budget, task, response, reply, gaps).await
        }
        Err(failure) => Outcome::new(Answer::default(), Err(failure.clone())),
    };
    let progress = connection.progress();
    let sample = Sample {
        intended,
        sent: progress.and_then(|progress| progress.sent),
        first_byte: progress.and_then(|progress| progress.first_byte),
        ended: outcome.ended.or(progress.and_then(|progress| progress.end)).unwrap_or_else(|| clock.now()),
        bytes_sent: request.body.len() as u64,
        sending: Sending {
            last_sent: progress.and_then(|progress| progress.last_sent),
            resends: u32::from(progress.is_some_and(|progress| progress.resent)),
            retries: 0,
        },
        answer: Answer { status, ..outcome.answer },
        verdict: outcome.verdict.into(),
    };
    (sample, outcome.captured)
}

/// The sample of a request that could not be made.
pub(crate) fn unsent(intended: Instant, now: Instant, problem: Problem) -> Sample {
    Sample {
        intended,
        sent: None,
        first_byte: None,
        ended: now,
        bytes_sent: 0,
        sending: Sending::default(),
        answer: Answer::default(),
        verdict: Verdict::Failed(problem),
    }
}
