//! Responses: streaming behaviour, and stored responses.

use std::time::{Duration, Instant};

use http::Method;
use serde_json::{Value, json};
use weir_wire::Request;

use crate::support::{Api, Setup, Weir, events, get, post, shared};

async fn create(api: &Api, body: &Value) -> Value {
    let reply = api.post("/v1/responses", body).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

fn path(answer: &Value, rest: &str) -> String {
    format!("/v1/responses/{}{rest}", answer["id"].as_str().unwrap())
}

#[tokio::test]
async fn responses_stream_opens_before_first_token() {
    // `steady` plans its first token for 200 ms, here twenty times that: time enough for the opening to come by itself.
    let weir = Weir::start(Setup::new().time_scale("20"));
    let mut connection = weir.api.connection();
    let ask = json!({"model": "steady", "stream": true, "max_output_tokens": 16, "input": "Hello"});
    let mut response = connection.send(&post("/v1/responses", &ask).accept_trailers()).await.unwrap();
    let started = response.timestamps().started;
    let opening = response.chunk().await.unwrap().unwrap();
    let types: Vec<_> = events(&opening.bytes).iter().map(|event| event["type"].clone()).collect();
    assert_eq!(types, ["response.created", "response.in_progress"]);
    let first = response.chunk().await.unwrap().unwrap();
    assert_eq!(events(&first.bytes)[0]["type"], "response.output_item.added");
    assert!(first.at - started > Duration::from_millis(3_990));
    assert!((opening.at - started) * 2 < first.at - started);
    while response.chunk().await.unwrap().is_some() {}
    let timing = response.trailers().unwrap()["server-timing"].to_str().unwrap().to_owned();
    let (_, ttft) = timing.split_once("delivered_ttft;dur=").unwrap();
    let (ttft_ms, _) = ttft.split_once(',').unwrap();
    assert!(ttft_ms.parse::<f64>().unwrap() > 3_999.0, "the opening is no token: {timing}");
}

#[tokio::test]
async fn responses_background_completes_after_its_delay() {
    let weir = Weir::start(Setup::new().time_scale("1"));
    let api = &weir.api;
    let ask = json!({"model": "steady", "background": true, "input": "Hello"});
    // Its delay starts with the arrival of the request.
    let start = Instant::now();
    let queued = create(api, &ask).await;
    assert_eq!((&queued["status"], &queued["usage"]), (&json!("queued"), &Value::Null));
    let done = loop {
        let now = api.get(&path(&queued, "")).await.json();
        if now["status"] != "in_progress" {
            break now;
        }
        assert!(start.elapsed() < Duration::from_secs(20));
        api.clock.sleep(Duration::from_millis(50)).await;
    };
    assert!(start.elapsed() > Duration::from_millis(1_450), "it takes 1.46 s");
    assert_eq!((&done["status"], &done["usage"]["output_tokens"]), (&json!("completed"), &json!(64)));

    // Long enough to be cancelled before its end.
    let long = json!({"model": "steady", "background": true, "max_output_tokens": 4_000, "input": "Hello"});
    let left = create(api, &long).await;
    let cancelled = api.send(&post(&path(&left, "/cancel"), &json!({}))).await.json();
    assert_eq!((&cancelled["status"], &cancelled["output"]), (&json!("cancelled"), &json!([])));
    assert_eq!(api.get(&path(&left, "")).await.json()["status"], "cancelled");
    let too_late = api.send(&post(&path(&done, "/cancel"), &json!({}))).await.json();
    assert_eq!(too_late["status"], "completed");
}

#[tokio::test]
async fn responses_stored_response_is_retrievable_until_deleted() {
    let api = shared();
    let answer = create(&api, &json!({"model": "instant", "input": "Hello", "metadata": {"a": "b"}})).await;
    assert_eq!(api.get(&path(&answer, "")).await.json(), answer);
    let streamed = api.get(&path(&answer, "?stream=true&starting_after=3")).await;
    let events = events(&streamed.body);
    assert_eq!(events.first().unwrap()["sequence_number"], 4);
    assert_eq!(events.last().unwrap()["response"], answer);
    let items = api.get(&path(&answer, "/input_items")).await.json();
    assert_eq!(items["data"][0]["content"][0]["text"], "Hello");

    let delete = Request::new(Method::DELETE, path(&answer, "").parse().unwrap());
    assert_eq!(api.send(&delete).await.json()["deleted"], true);
    let gone = api.get(&path(&answer, "")).await;
    assert_eq!((gone.status, &gone.json()["error"]["type"]), (404, &json!("invalid_request_error")));
    let unkept = create(&api, &json!({"model": "instant", "store": false, "input": "Hello"})).await;
    assert_eq!(api.send(&get(&path(&unkept, ""))).await.status, 404);
}

#[tokio::test]
async fn responses_previous_response_is_part_of_prompt() {
    let api = shared();
    let first = create(&api, &json!({"model": "instant", "input": "Hello", "max_output_tokens": 16})).await;
    assert_eq!(first["status"], "incomplete");
    let second = json!({"model": "instant", "input": "And then?", "previous_response_id": first["id"]});
    let usage = create(&api, &second).await["usage"].clone();
    let alone = create(&api, &json!({"model": "instant", "input": "And then?"})).await["usage"].clone();
    let tokens = |usage: &Value| usage["input_tokens"].as_u64().unwrap();
    // The first prompt has 3 tokens that are not repeated; each message has 4 around its text.
    assert_eq!(tokens(&usage) - tokens(&alone), tokens(&first["usage"]) - 3 + 4 + 16);

    let unknown = json!({"model": "instant", "previous_response_id": "resp_x"});
    let refused = api.post("/v1/responses", &unknown).await;
    insta::assert_snapshot!(refused.status_and_body(), @r#"400 {"error":{"code":"previous_response_not_found","message":"Previous response with id 'resp_x' not found.","param":"previous_response_id","type":"invalid_request_error"}}"#);
}
