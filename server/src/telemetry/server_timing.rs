//! The planned and the delivered times of one request, for the header `Server-Timing`.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::BytesMut;
use http::{HeaderMap, HeaderName, HeaderValue};
use weir_model::Schedule;

use super::LimitWaits;

/// The header or trailer.
pub(crate) const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// Planned and delivered times, relative to the instant at which the service was first
/// polled for the request.
#[derive(Clone, Debug)]
pub struct ServerTiming {
    start: Instant,
    /// Time spent waiting for a permit, and in the engine's queue.
    pub queue: Duration,
    /// Time from the engine's queue to the first token, if the engine has a queue.
    pub prefill: Option<Duration>,
    /// When the first token was due.
    pub planned_ttft: Option<Instant>,
    /// When the end of the answer was due.
    pub planned_total: Option<Instant>,
    /// When the write of the first token returned.
    pub delivered_ttft: Option<Instant>,
    /// When the last write returned, or the whole answer was passed on.
    pub delivered_total: Option<Instant>,
    /// The waits for limits, which may go on until they are written.
    waits: Arc<LimitWaits>,
}

impl ServerTiming {
    /// Returns a record without any times but `waits`; they count from `start`.
    pub(crate) const fn new(start: Instant, waits: Arc<LimitWaits>) -> Self {
        Self {
            start,
            queue: Duration::ZERO,
            prefill: None,
            planned_ttft: None,
            planned_total: None,
            delivered_ttft: None,
            delivered_total: None,
            waits,
        }
    }

    /// Adds the times of a schedule whose answer has been delivered.
    pub fn add_schedule(&mut self, schedule: &Schedule) {
        self.planned_ttft = schedule.first().or(self.planned_ttft);
        self.planned_total = schedule.end().or(self.planned_total);
        if let Some((queued, prefill)) = schedule.queue_and_prefill() {
            self.queue = self.queue.saturating_add(queued);
            self.prefill = prefill;
        }
    }

    /// Writes the known times to the header `Server-Timing`: milliseconds, to the microsecond. Each limit for which the
    /// request waited is a metric `wait`, described by its setting.
    pub fn write_to(&self, headers: &mut HeaderMap) {
        let mut text = BytesMut::with_capacity(160);
        let since = |instant: Option<Instant>| instant.map(|at| at.saturating_duration_since(self.start));
        for (name, value) in [
            ("planned_ttft", since(self.planned_ttft)),
            ("delivered_ttft", since(self.delivered_ttft)),
            ("planned_total", since(self.planned_total)),
            ("delivered_total", since(self.delivered_total)),
            ("queue", Some(self.queue)),
            ("prefill", self.prefill),
        ] {
            if let Some(value) = value {
                begin_metric(&mut text, name);
                write_duration(&mut text, value);
            }
        }
        write_limits(&mut text, &self.waits);
        insert(text, headers);
    }
}

/// Writes the header `Server-Timing` of a response without other times, if its request waited for a limit.
pub(crate) fn write_waits(waits: &LimitWaits, headers: &mut HeaderMap) {
    let mut text = BytesMut::new();
    write_limits(&mut text, waits);
    if !text.is_empty() {
        insert(text, headers);
    }
}

fn write_limits(text: &mut BytesMut, waits: &LimitWaits) {
    for (limit, wait) in waits.waited() {
        begin_metric(text, "wait");
        text.extend_from_slice(b";desc=\"");
        text.extend_from_slice(limit.setting().as_bytes());
        text.extend_from_slice(b"\"");
        write_duration(text, wait);
    }
}

/// Writes the name of a metric, after the separator if it is not the first.
fn begin_metric(text: &mut BytesMut, name: &str) {
    if !text.is_empty() {
        text.extend_from_slice(b", ");
    }
    text.extend_from_slice(name.as_bytes());
}

fn write_duration(text: &mut BytesMut, duration: Duration) {
    text.extend_from_slice(b";dur=");
    write_ms(text, duration);
}

fn insert(text: BytesMut, headers: &mut HeaderMap) {
    if let Ok(value) = HeaderValue::from_maybe_shared(text.freeze()) {
        headers.insert(SERVER_TIMING, value);
    }
}

/// Writes milliseconds with three decimals, without the cost of the formatting machinery.
fn write_ms(out: &mut BytesMut, duration: Duration) {
    let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
    out.extend_from_slice(itoa::Buffer::new().format(micros / 1_000).as_bytes());
    let digit = |place: u64| b'0' + (micros / place % 10) as u8;
    out.extend_from_slice(&[b'.', digit(100), digit(10), digit(1)]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::Limit;

    #[test]
    fn write_to_known_times_yields_milliseconds() {
        let start = Instant::now();
        let waits = Arc::new(LimitWaits::default());
        let mut timing = ServerTiming::new(start, Arc::clone(&waits));
        timing.planned_ttft = Some(start + Duration::from_micros(12_345));
        timing.delivered_total = Some(start + Duration::from_millis(20));
        let mut headers = HeaderMap::new();
        timing.write_to(&mut headers);
        assert_eq!(
            headers[SERVER_TIMING],
            "planned_ttft;dur=12.345, delivered_total;dur=20.000, queue;dur=0.000"
        );
    }

    #[test]
    fn write_waits_names_the_settings_of_the_limits() {
        let waits = Arc::new(LimitWaits::default());
        let mut headers = HeaderMap::new();
        write_waits(&waits, &mut headers);
        assert!(headers.is_empty());
        waits.sync_scope(|| {
            LimitWaits::record(Limit::LlmCalls, Duration::from_micros(2_500));
            LimitWaits::record(Limit::Workers, Duration::from_millis(40));
        });
        write_waits(&waits, &mut headers);
        let expected = "wait;desc=\"server.workers\";dur=40.000, \
                        wait;desc=\"chains.max_concurrent_llm_calls\";dur=2.500";
        assert_eq!(headers[SERVER_TIMING], expected);
        ServerTiming::new(Instant::now(), waits).write_to(&mut headers);
        assert_eq!(headers[SERVER_TIMING], format!("queue;dur=0.000, {expected}"));
    }
}
