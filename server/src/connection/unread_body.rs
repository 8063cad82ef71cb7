//! What a handler leaves unread of the body of a request.

use std::time::Duration;

use http_body::Body as _;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use weir_pace::Clock;

/// Maximum bytes of an unread body that are read after the answer, so that the connection can be used again.
const DRAIN_BYTES: u64 = 256 << 10;
/// How long to wait for them.
const DRAIN_TIME: Duration = Duration::from_millis(250);

/// A body that was not read to its end when its request was answered.
#[derive(Debug)]
pub(crate) struct UnreadBody {
    body: Incoming,
    /// Whether the client waits for `100 Continue`, which reading the body would send.
    expects_continue: bool,
}

impl UnreadBody {
    pub(super) const fn new(body: Incoming, expects_continue: bool) -> Self {
        Self { body, expects_continue }
    }

    /// Reads the rest, within limits. Returns whether that succeeded: if not, the connection has to be closed.
    pub(crate) async fn drain(mut self, clock: &Clock) -> bool {
        if self.expects_continue || self.body.size_hint().lower() > DRAIN_BYTES {
            return false;
        }
        let rest = async {
            let mut bytes = 0_u64;
            while let Some(frame) = self.body.frame().await {
                let Ok(frame) = frame else { return false };
                bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
                if bytes > DRAIN_BYTES {
                    return false;
                }
            }
            true
        };
        clock.timeout(DRAIN_TIME, rest).await.unwrap_or(false)
    }
}
