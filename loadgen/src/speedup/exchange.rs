//! One run of the chain over HTTP.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use weir_wire::{Connection, Request, Timer};

use super::trace::Answer;
use crate::record::{FailureKind, Problem};
use crate::task::server_timing;
use weir_results::{Arm, Lengths};

/// Overrides the server's default for one request.
const ENABLE_PARALLEL: HeaderName = HeaderName::from_static("x-enable-parallel");
/// A larger answer is a failure: it is read whole.
const ANSWER_BYTES_MAX: usize = 16 << 20;

/// A run that succeeded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    /// First byte sent to the end of the answer.
    pub(super) wall: Duration,
    /// The total that the server says it delivered.
    pub(super) delivered: Option<Duration>,
    pub(super) lengths: Option<Lengths>,
}

/// The request for a run in the given arm.
pub(super) fn request(arm: Arm, path: PathAndQuery, headers: &HeaderMap, body: Bytes) -> Request {
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

pub(super) async fn exchange<T: Timer>(
    connection: &mut Connection<T>,
    request: Request,
) -> Result<Run, Problem> {
    let mut response = connection.send(request).await?;
    let status = response.status();
    let delivered = server_timing(response.headers()).delivered_total;
    let body = response.collect(ANSWER_BYTES_MAX).await?;
    let stamps = response.timestamps();
    if status != StatusCode::OK {
        return Err(Problem::new(FailureKind::Http(status.as_u16()), format!("answered {status}")));
    }
    let answer: Answer = serde_json::from_slice(&body).map_err(|error| {
        Problem::new(FailureKind::Protocol, format!("the answer is not that of a chain: {error}"))
    })?;
    if answer.status != "ok" {
        let error = answer.error.unwrap_or_else(|| "no error said".to_owned());
        return Err(Problem::new(
            FailureKind::Check,
            format!("the run ended with {}: {error}", answer.status),
        ));
    }
    let ended = stamps.end.unwrap_or(stamps.headers);
    let wall = ended.saturating_duration_since(stamps.sent);
    Ok(Run { wall, delivered, lengths: answer.lengths() })
}
