//! Applies a fault to one request.

use std::{future::pending, sync::Arc};

use axum::{body::Body, response::Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use http_body_util::BodyExt as _;
use weir_model::{Refusal, ScriptedError};

use super::{
    fault::{Effect, Fault, Severance, StreamEffect, UsageFault},
    report::FaultReport,
    stream::{self, Delivery},
};
use crate::request::{Extras, Problem, RequestContext};

/// The status that is counted for a connection that ends before its answer (nginx's number for it).
const NO_RESPONSE: u16 = 444;

/// A fault of one request.
#[derive(Debug)]
pub(crate) struct Injection {
    fault: Fault,
    report: FaultReport,
}

impl Injection {
    pub(super) fn new(fault: Fault, call: &RequestContext) -> Self {
        let report = FaultReport::new(fault.info.name, Arc::clone(&call.server.metrics), call.log().cloned());
        Self { fault, report }
    }

    /// Applies what happens before the answer. Returns the response if there is no other answer.
    pub(crate) async fn before_answer(
        &mut self,
        call: &mut RequestContext,
    ) -> Result<Option<Response>, Problem> {
        match &self.fault.effect {
            Effect::Status(error) => {
                self.report.took_effect();
                let mut problem = problem(error);
                let mut extras = Extras::default();
                self.report.write_to(&mut extras.headers);
                problem.extras = Some(Box::new(extras));
                Err(problem)
            }
            Effect::Sever(how) => {
                self.report.took_effect();
                let log = &call.arrival.log;
                if *how == Severance::Reset {
                    log.reset_at_end();
                }
                log.end_without_answer();
                let mut response = Response::new(Body::empty());
                *response.status_mut() = StatusCode::from_u16(NO_RESPONSE).unwrap_or(StatusCode::BAD_REQUEST);
                Ok(Some(response))
            }
            Effect::NoAnswer => {
                self.report.took_effect();
                pending().await
            }
            Effect::Delay(time) => {
                self.report.took_effect();
                call.postpone(time.mul_f64(call.server.config.time_scale)).await;
                Ok(None)
            }
            Effect::Refuse
            | Effect::Trickle { .. }
            | Effect::ContentType(_)
            | Effect::Usage(_)
            | Effect::Stream { .. } => Ok(None),
        }
    }

    /// Applies what happens to the answer.
    pub(crate) async fn change_answer(self, call: &mut RequestContext, response: Response) -> Response {
        let Self { fault, mut report } = self;
        let is_stream = is_stream(response.headers());
        let delivery = || Delivery {
            clock: call.server.clock.clone(),
            log: Arc::clone(&call.arrival.log),
            trailers: call.trailers(),
            time_scale: call.server.config.time_scale,
        };
        let (mut head, body) = response.into_parts();
        let body = match fault.effect {
            Effect::Stream { after, effect } if is_stream => {
                let error = match &effect {
                    StreamEffect::Error(error) => error_body(call, error),
                    StreamEffect::Stall(_)
                    | StreamEffect::Truncate
                    | StreamEffect::Sever(_)
                    | StreamEffect::Malformed
                    | StreamEffect::Duplicate
                    | StreamEffect::Reorder => serde_json::Value::Null,
                };
                stream::with_effect(
                    body,
                    (after.events(call.answer_events()), effect),
                    error,
                    delivery(),
                    report,
                )
            }
            Effect::Usage(usage) if is_stream => stream::with_usage(body, usage, delivery(), report),
            Effect::Usage(usage) => {
                let body = change_usage(body, usage, &mut report).await;
                report.write_to(&mut head.headers);
                body
            }
            Effect::Trickle { bytes, every } => {
                report.took_effect();
                report.write_to(&mut head.headers);
                stream::trickled(body, bytes, every, delivery())
            }
            Effect::ContentType(media_type) => {
                report.took_effect();
                report.write_to(&mut head.headers);
                head.headers.insert(header::CONTENT_TYPE, media_type);
                body
            }
            Effect::Delay(_) => {
                report.write_to(&mut head.headers);
                body
            }
            // An error answers a request for a stream in one piece.
            Effect::Stream { .. }
            | Effect::Status(_)
            | Effect::Sever(_)
            | Effect::NoAnswer
            | Effect::Refuse => body,
        };
        Response::from_parts(head, body)
    }
}

/// The problem of an error.
fn problem(error: &Arc<ScriptedError>) -> Problem {
    Problem::from(Refusal::Scripted(Arc::clone(error)))
}

/// The error in the dialect of the endpoint.
fn error_body(call: &RequestContext, error: &Arc<ScriptedError>) -> serde_json::Value {
    call.dialect().error_body(&problem(error), &call.server.ids.next())
}

fn is_stream(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    content_type.is_some_and(|value| value.starts_with(b"text/event-stream"))
}

/// Returns the body of an answer in one piece, with changed usage.
async fn change_usage(body: Body, fault: UsageFault, report: &mut FaultReport) -> Body {
    // The bodies of answers in one piece are in memory.
    let Ok(whole) = body.collect().await else { return Body::empty() };
    let whole = whole.to_bytes();
    match stream::change_usage(&whole, fault) {
        Some(changed) => {
            report.took_effect();
            Body::from(changed)
        }
        None => Body::from(whole),
    }
}
