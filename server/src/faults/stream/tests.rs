use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::body::Body;
use bytes::Bytes;
use http_body_util::{BodyExt as _, StreamBody, combinators::UnsyncBoxBody};
use serde_json::json;
use weir_pace::{Clock, simulate};

use super::*;
use crate::telemetry::Exposition;
use crate::{connection::WriteLog, faults::fault::Severance, request::Trailers, telemetry::Metrics};

const MS: Duration = Duration::from_millis(1);

/// A stream with a token each 10 ms.
fn stream(clock: Clock, tokens: u32) -> Body {
    let events = async_stream::stream! {
        for index in 0..tokens {
            clock.sleep(10 * MS).await;
            let event = format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{index}\"}}}}]}}\n\n");
            yield Ok::<_, std::convert::Infallible>(http_body::Frame::data(Bytes::from(event)));
        }
        yield Ok(http_body::Frame::data(Bytes::from_static(b"data: [DONE]\n\n")));
    };
    Body::new(UnsyncBoxBody::new(StreamBody::new(events)))
}

fn report(metrics: &Arc<Metrics>) -> FaultReport {
    FaultReport::new("test", Arc::clone(metrics), None)
}

fn delivery(clock: &Clock, time_scale: f64) -> Delivery {
    Delivery {
        clock: clock.clone(),
        log: Arc::new(WriteLog::default()),
        trailers: Trailers::NotWanted,
        time_scale,
    }
}

/// The instants at which each frame arrived, in milliseconds, with its length; and whether the body ended well.
async fn arrivals(mut body: Body, clock: &Clock, start: Instant) -> (Vec<(u128, usize)>, bool) {
    let mut frames = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return (frames, false) };
        if let Ok(data) = frame.into_data() {
            frames.push(((clock.now() - start).as_millis(), data.len()));
        }
    }
    (frames, true)
}

fn times(frames: &[(u128, usize)]) -> Vec<u128> {
    frames.iter().map(|(at, _)| *at).collect()
}

fn with(effect: StreamEffect, after: u32, time_scale: f64) -> (Vec<u128>, bool, String) {
    simulate(|clock| async move {
        let (start, metrics) = (clock.now(), Arc::new(Metrics::new()));
        let body = with_effect(
            stream(clock.clone(), 4),
            (after, effect),
            json!({"error": "e"}),
            delivery(&clock, time_scale),
            report(&metrics),
        );
        let (frames, is_complete) = arrivals(body, &clock, start).await;
        (times(&frames), is_complete, metrics.render(Exposition::OpenMetrics).unwrap())
    })
}

#[test]
fn stall_delays_the_rest_and_counts_once() {
    let (at, is_complete, metrics) = with(StreamEffect::Stall(100 * MS), 2, 1.0);
    // The third token is due at 30 ms; the fourth, at 40 ms, is not read meanwhile.
    assert_eq!(at[..3], [10, 20, 130]);
    assert!(is_complete && metrics.contains("faults_total{fault=\"test\"} 1"), "{metrics}");
    let (at, ..) = with(StreamEffect::Stall(100 * MS), 2, 0.5);
    assert_eq!(at[..3], [10, 20, 80]);
}

#[test]
fn truncate_ends_well_and_severance_with_an_error() {
    let (at, is_complete, _) = with(StreamEffect::Truncate, 2, 1.0);
    assert_eq!((at, is_complete), (vec![10, 20], true));
    for how in [Severance::Reset, Severance::Close] {
        let (at, is_complete, _) = with(StreamEffect::Sever(how), 2, 1.0);
        assert_eq!((at, is_complete), (vec![10, 20], false));
    }
}

#[test]
fn effect_after_the_end_is_not_counted() {
    let (at, is_complete, metrics) = with(StreamEffect::Truncate, 9, 1.0);
    assert_eq!((at.len(), is_complete), (5, true));
    assert!(!metrics.contains("faults_total{"), "{metrics}");
}

#[test]
fn trickle_keeps_bytes_and_rate() {
    simulate(|clock| async move {
        let start = clock.now();
        let body = trickled(Body::from("0123456789"), 4, 20 * MS, delivery(&clock, 1.0));
        assert_eq!(http_body::Body::size_hint(&body).exact(), Some(10));
        let (frames, is_complete) = arrivals(body, &clock, start).await;
        assert_eq!((frames, is_complete), (vec![(0, 4), (20, 4), (40, 2)], true));
    });
}

#[test]
fn stall_is_part_of_the_delivered_times() {
    simulate(|clock| async move {
        let (metrics, delivery) = (Arc::new(Metrics::new()), delivery(&clock, 1.0));
        let log = Arc::clone(&delivery.log);
        let effect = StreamEffect::Stall(100 * MS);
        let mut body =
            with_effect(stream(clock.clone(), 3), (1, effect), json!({}), delivery, report(&metrics));
        let pending =
            || log.poll_written(&std::task::Context::from_waker(std::task::Waker::noop())).is_pending();
        body.frame().await.unwrap().unwrap();
        assert!(!pending());
        body.frame().await.unwrap().unwrap();
        assert!(pending(), "what follows the stall is not written yet");
    });
}

#[test]
fn usage_of_a_stream_is_removed() {
    simulate(|clock| async move {
        let events =
            "data: {\"id\":1}\n\ndata: {\"id\":1,\"usage\":{\"total_tokens\":2}}\n\ndata: [DONE]\n\n";
        let metrics = Arc::new(Metrics::new());
        let body =
            with_usage(Body::from(events), UsageFault::Missing, delivery(&clock, 1.0), report(&metrics));
        let whole = body.collect().await.unwrap().to_bytes();
        assert_eq!(whole, "data: {\"id\":1}\n\ndata: {\"id\":1}\n\ndata: [DONE]\n\n");
        assert!(metrics.render(Exposition::OpenMetrics).unwrap().contains("faults_total{fault=\"test\"} 1"));
    });
}
