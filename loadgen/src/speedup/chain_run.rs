//! One run of a chain.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use weir_wire::Request;

use super::trace::Answer;
use crate::record::{FailureKind, Problem};
use crate::run::{BodyBudget, Connection, Response as _};
use crate::task::server_timing;
use weir_results::{Arm, Lengths};

/// Chooses sequential or parallel execution for one request.
const ENABLE_PARALLEL: HeaderName = HeaderName::from_static("x-enable-parallel");

/// A larger answer is a failure.
const ANSWER_BYTES_MAX: usize = 16 << 20;

/// A run that succeeded.
#[derive(Clone, Copy, Debug)]
pub(super) struct ChainRun {
    /// From the first byte sent to the end of the answer.
    pub(super) wall: Duration,
    /// The duration that the server reports.
    pub(super) delivered: Option<Duration>,
    pub(super) lengths: Option<Lengths>,
}

/// Returns the request for a run in an arm.
pub(super) fn chain_request(arm: Arm, path: PathAndQuery, headers: &HeaderMap, body: Bytes) -> Request {
    let mut request = Request::new(Method::POST, path).with_body(body);
    request.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    request.headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    request.headers.extend(headers.clone());
    let parallel = match arm {
        Arm::Sequential => "false",
        Arm::Parallel => "true",
    };
    request.headers.insert(ENABLE_PARALLEL, HeaderValue::from_static(parallel));
    request
}

/// Sends the request and reads the answer.
///
/// # Errors
/// Fails if the request or the chain failed.
pub(super) async fn run_chain(
    connection: &mut impl Connection,
    request: &Request,
    budget: &BodyBudget,
) -> Result<ChainRun, Problem> {
    let (status, delivered, body) = {
        let mut response = connection.send(request).await?;
        let delivered = server_timing(response.headers()).delivered_total;
        (response.status(), delivered, budget.collect(&mut response, ANSWER_BYTES_MAX).await?)
    };
    if status != StatusCode::OK {
        return Err(Problem::new(FailureKind::Http(status.as_u16()), format!("answered {status}")));
    }
    let answer: Answer = serde_json::from_slice(&body).map_err(|error| {
        Problem::new(FailureKind::Protocol, format!("the answer is not that of a chain: {error}"))
    })?;
    if answer.status != "ok" {
        let error = answer.error.unwrap_or_else(|| "no error given".to_owned());
        return Err(Problem::new(
            FailureKind::Check,
            format!("the run ended with {}: {error}", answer.status),
        ));
    }
    let progress = connection.progress();
    let ends = progress.and_then(|progress| progress.sent.zip(progress.end));
    #[expect(clippy::expect_used, reason = "a run without its duration must not count as one of zero")]
    let (sent, ended) = ends.expect("a request whose answer was read has been sent and has ended");
    Ok(ChainRun { wall: ended - sent, delivered, lengths: answer.lengths() })
}
