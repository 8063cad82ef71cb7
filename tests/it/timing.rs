//! Delays have the planned durations, and scale. Only ratios are tested, because test machines are busy.

use serde_json::json;

use crate::support::{Setup, Weir, chat, shared};

/// `steady`: 200 ms to the first of 64 tokens, 20 ms between tokens.
const UNSCALED_TOTAL_MS: f64 = 200.0 + 63.0 * 20.0;

#[tokio::test]
async fn time_scale_one_tenth_shortens_delays_tenfold() {
    let api = shared();
    for stream in [false, true] {
        let request = chat("steady", &json!({"max_tokens": 64, "stream": stream})).accept_trailers();
        let mut connection = api.connection();
        let mut response = connection.send(&request).await.unwrap();
        let started = response.timestamps().started;
        while response.chunk().await.unwrap().is_some() {}
        let taken = response.timestamps().end.unwrap() - started;
        let share = taken.as_secs_f64() * 1_000.0 / UNSCALED_TOTAL_MS;
        assert!((0.099..0.5).contains(&share), "{share} of the unscaled time");
    }
}

#[tokio::test]
async fn tokens_are_never_delivered_early() {
    let api = shared();
    for number in 0..5 {
        let fields = json!({"max_tokens": 20, "stream": true, "user": number.to_string()});
        for model in ["fast", "gpt-4o-mini", "llama-3.3-70b"] {
            let reply = api.send(&chat(model, &fields).accept_trailers()).await;
            let timing_ms = |name| reply.server_timing_ms(name).unwrap();
            // A wait may end 30 µs early, so that one wake-up serves several waits.
            assert!(timing_ms("delivered_ttft") >= timing_ms("planned_ttft") - 0.05, "{model}");
            assert!(timing_ms("delivered_total") >= timing_ms("planned_total") - 0.05, "{model}");
            assert!(timing_ms("planned_total") > timing_ms("planned_ttft"), "{model}");
        }
    }
}

#[tokio::test]
async fn time_scale_zero_plans_no_delay() {
    let weir = Weir::start(Setup::new().time_scale("0"));
    let reply = weir.api.send(&chat("gpt-4o-mini", &json!({"max_tokens": 50}))).await;
    assert_eq!(
        (reply.server_timing_ms("planned_ttft"), reply.server_timing_ms("planned_total")),
        (Some(0.0), Some(0.0))
    );
    assert_eq!(reply.json()["usage"]["completion_tokens"], 50);
    assert_eq!(weir.api.get("/health").await.json()["time_scale"], 0.0);
}

#[tokio::test]
async fn concurrent_streams_keep_their_pace() {
    const STREAMS: usize = 50;
    let api = shared();
    let mut requests = tokio::task::JoinSet::new();
    for number in 0..STREAMS {
        let fields = json!({"max_tokens": 64, "stream": true, "user": number.to_string()});
        let (api, request) = (api.clone(), chat("steady", &fields).accept_trailers());
        requests.spawn(async move { api.send(&request).await });
    }
    let replies = requests.join_all().await;
    let total: f64 = replies.iter().map(|reply| reply.server_timing_ms("delivered_total").unwrap()).sum();
    let mean_share = total / STREAMS as f64 / UNSCALED_TOTAL_MS;
    assert!((0.099..0.5).contains(&mean_share), "{mean_share} of the unscaled time");
    assert!(replies.iter().all(|reply| reply.events().len() == 66));
}
