//! A complete response.

use bytes::Bytes;
use http::HeaderMap;
use serde_json::Value;
use weir_wire::{Response, Timer, sse};

/// Bodies in these tests are far smaller.
const BODY_BYTES: usize = 16 << 20;

/// A complete response.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) trailers: Option<HeaderMap>,
    pub(crate) body: Bytes,
}

impl Reply {
    /// Reads `response` to its end.
    pub(crate) async fn read<T: Timer>(mut response: Response<'_, T>) -> Self {
        let body = response.collect(BODY_BYTES).await.unwrap();
        Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            trailers: response.trailers().cloned(),
            body,
        }
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.header("content-type"), Some("application/json"), "{}", self.text());
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The events of the body, a complete stream.
    pub(crate) fn events(&self) -> Vec<Value> {
        assert!(self.header("content-type").unwrap().starts_with("text/event-stream"), "{}", self.text());
        let body = self.text().strip_suffix("data: [DONE]\n\n").expect("[DONE] is the last event");
        events(body.as_bytes())
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Status and body.
    pub(crate) fn status_and_body(&self) -> String {
        format!("{} {}", self.status, self.text())
    }

    /// The text of a plain chat response.
    pub(crate) fn words(&self) -> String {
        self.json()["choices"][0]["message"]["content"].as_str().unwrap().to_owned()
    }

    /// A duration of `Server-Timing` in milliseconds, from the trailers if there are any, else
    /// from the headers.
    pub(crate) fn server_timing_ms(&self, name: &str) -> Option<f64> {
        let timing = self.trailers.as_ref().unwrap_or(&self.headers).get("server-timing")?.to_str().unwrap();
        timing.split(", ").find_map(|entry| entry.strip_prefix(name)?.strip_prefix(";dur=")?.parse().ok())
    }

    /// The waits for limits in `Server-Timing`: the setting of each limit, and milliseconds.
    pub(crate) fn limit_waits(&self) -> Vec<(String, f64)> {
        let timing = self.trailers.as_ref().unwrap_or(&self.headers).get("server-timing");
        let entries = timing.map_or("", |timing| timing.to_str().unwrap()).split(", ");
        let waits = entries.filter_map(|entry| entry.strip_prefix("wait;desc=\"")?.split_once("\";dur="));
        waits.map(|(limit, ms)| (limit.to_owned(), ms.parse().unwrap())).collect()
    }
}

/// The events in a piece of a stream, each of them JSON.
pub(crate) fn events(bytes: &[u8]) -> Vec<Value> {
    let mut decoder = sse::Decoder::new();
    decoder.feed(bytes);
    let mut events = Vec::new();
    while let Some(event) = decoder.next_event() {
        events.push(serde_json::from_slice(event.unwrap().data).unwrap());
    }
    events
}
