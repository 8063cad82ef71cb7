//! Chat completions, plain and streamed.

use std::{collections::HashSet, time::Duration};

use http::Method;
use serde_json::{Value, json};
use weir_wire::Request;

use crate::support::{Api, Setup, Weir, chat, events, post, shared};

/// The text of a streamed response, from its events.
fn streamed_words(events: &[Value]) -> String {
    let deltas = events.iter().filter_map(|event| event["choices"][0]["delta"]["content"].as_str());
    deltas.collect()
}

#[tokio::test]
async fn chat_plain_response_has_provider_format() {
    let reply = shared().send(&chat("instant", &json!({"max_tokens": 5}))).await;
    assert_eq!(reply.status, 200);
    let mut answer = reply.json();
    assert!(answer["id"].as_str().unwrap().starts_with("chatcmpl-"));
    assert!(answer["created"].as_u64().unwrap() > 1_700_000_000);
    assert!(!reply.words().is_empty());
    answer["id"] = json!("ID");
    answer["created"] = json!(0);
    answer["choices"][0]["message"]["content"] = json!("WORDS");
    insta::assert_snapshot!(answer, @r#"{"choices":[{"finish_reason":"length","index":0,"logprobs":null,"message":{"content":"WORDS","refusal":null,"role":"assistant"}}],"created":0,"id":"ID","model":"instant","object":"chat.completion","service_tier":"default","system_fingerprint":"fp_weir","usage":{"completion_tokens":5,"completion_tokens_details":{"accepted_prediction_tokens":0,"audio_tokens":0,"reasoning_tokens":0,"rejected_prediction_tokens":0},"prompt_tokens":9,"prompt_tokens_details":{"audio_tokens":0,"cached_tokens":0},"total_tokens":14}}"#);
    for header in ["x-request-id", "openai-processing-ms", "openai-version", "openai-organization"] {
        assert!(reply.header(header).is_some(), "{header}");
    }
}

#[tokio::test]
async fn chat_stream_chunks_have_provider_format() {
    let streamed = shared().send(&chat("instant", &json!({"max_tokens": 12, "stream": true}))).await;
    assert_eq!(streamed.header("cache-control"), Some("no-cache"));
    let events = streamed.events();
    assert_eq!(events.len(), 1 + 12 + 1);
    assert_eq!(events.first().unwrap()["choices"][0]["delta"]["role"], "assistant");
    assert_eq!(events.last().unwrap()["choices"][0]["finish_reason"], "length");
    assert!(streamed_words(&events).contains(' '));
    let ids: HashSet<_> = events.iter().map(|event| event["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 1);
    assert!(events.iter().all(|event| event["object"] == "chat.completion.chunk"));
}

#[tokio::test]
async fn chat_stream_role_is_sent_with_first_token() {
    // `steady` plans its first token for 200 ms, here 20 ms.
    let api = shared();
    let mut connection = api.connection();
    let mut response = connection.send(&chat("steady", &json!({"stream": true}))).await.unwrap();
    let first = response.chunk().await.unwrap().unwrap();
    let first_events = events(&first.bytes);
    assert_eq!(first_events[0]["choices"][0]["delta"]["role"], "assistant");
    assert!(!first_events[1]["choices"][0]["delta"]["content"].as_str().unwrap().is_empty());
    assert!(first.at - response.timestamps().started > Duration::from_millis(15));
}

#[tokio::test]
async fn chat_stream_usage_is_sent_only_on_request() {
    let api = shared();
    let options = json!({"stream": true, "max_tokens": 3, "stream_options": {"include_usage": true}});
    let with = api.send(&chat("instant", &options)).await.events();
    let (last, others) = with.split_last().unwrap();
    assert_eq!(last["choices"], json!([]));
    assert_eq!(last["usage"]["completion_tokens"], 3);
    assert!(others.iter().all(|event| event.get("usage") == Some(&Value::Null)));

    let without = api.send(&chat("instant", &json!({"stream": true, "max_tokens": 3}))).await.events();
    assert!(without.iter().all(|event| event.get("usage").is_none()));
    let declined = json!({"stream": true, "max_tokens": 3, "stream_options": {"include_usage": false}});
    assert_eq!(api.send(&chat("instant", &declined)).await.events().len(), without.len());
}

#[tokio::test]
async fn chat_content_accepts_text_and_parts() {
    let api = shared();
    let prompt_tokens = async |content: Value| {
        let body = json!({"model": "instant", "messages": [{"role": "user", "content": content}]});
        let reply = api.post("/v1/chat/completions", &body).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()["usage"]["prompt_tokens"].as_u64().unwrap()
    };
    let picture = json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}});
    let text = prompt_tokens(json!("How deep is the river?")).await;
    let parts = json!([{"type": "text", "text": "How deep is the river?"}, picture]);
    // An image has the provider's 765 tokens.
    assert_eq!(prompt_tokens(parts).await, text + 765);
    assert!(prompt_tokens(json!("How deep is the river, and how wide?")).await > text);
}

#[tokio::test]
async fn chat_unknown_fields_are_ignored() {
    let fields = json!({"max_tokens": 2, "reasoning": {"depth": [1, 2]}, "x": null, "logit_bias": {"foo": 0},
                        "frequency_penalty": -2, "seed": -5, "stream": false, "stream_options": {}});
    let reply = shared().send(&chat("instant", &fields)).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
}

#[tokio::test]
async fn chat_max_tokens_zero_is_rejected_unless_both_limits_are() {
    let api = shared();
    for field in ["max_tokens", "max_completion_tokens"] {
        let reply = api.send(&chat("steady", &json!({field: 0}))).await;
        let message = format!(
            "Invalid '{field}': integer below minimum value. Expected a value >= 1, but got 0 instead."
        );
        assert_eq!((reply.status, &reply.json()["error"]["message"]), (400, &json!(message)));
    }
    // As the provider's SDK sends them in its own tests.
    let both = |stream: bool| json!({"max_tokens": 0, "max_completion_tokens": 0, "stream": stream});
    let reply = api.send(&chat("steady", &both(false))).await;
    assert_eq!((reply.status, reply.words()), (200, String::new()));
    assert_eq!(reply.json()["usage"]["completion_tokens"], 0);
    let streamed = api.send(&chat("steady", &both(true))).await.events();
    assert_eq!(streamed_words(&streamed), "");
    assert_eq!(streamed.last().unwrap()["choices"][0]["finish_reason"], "length");
}

#[tokio::test]
async fn chat_text_does_not_depend_on_delivery() {
    let api = shared();
    let plain = api.send(&chat("instant", &json!({"max_tokens": 12}))).await.words();
    for fields in [
        json!({"max_tokens": 12, "stream": true}),
        json!({"stream": true, "stream_options": {"include_usage": true}, "max_tokens": 12}),
        json!({"max_tokens": 12, "user": "ada", "metadata": {"a": "b"}, "store": true, "stream": true}),
    ] {
        let streamed = api.send(&chat("instant", &fields)).await.events();
        assert_eq!(streamed_words(&streamed), plain, "{fields}");
    }
}

#[tokio::test]
async fn chat_reasoning_beyond_the_limit_leaves_no_text() {
    let api = shared();
    let fields = json!({"max_completion_tokens": 16, "reasoning_effort": "high"});
    let answer = api.send(&chat("instant", &fields)).await.json();
    let choice = &answer["choices"][0];
    assert_eq!((&choice["message"]["content"], &choice["finish_reason"]), (&json!(""), &json!("length")));
    assert_eq!(answer["usage"]["completion_tokens_details"]["reasoning_tokens"], 16);
}

#[tokio::test]
async fn chat_lenient_tools_are_called_with_what_can_be_honoured() {
    let api = shared();
    let schema = json!({
        "type": "object", "if": {"required": ["x"]}, "dependentRequired": {"a": ["c"]},
        "properties": {"a": {"type": "string", "pattern": "^(?!x)y$"}, "b": {"type": "integer", "not": {"const": 3}}, "never": {"not": {}}},
        "required": ["a", "b"],
    });
    let chat_tool =
        json!({"tools": [{"type": "function", "function": {"name": "find", "parameters": schema}}]});
    let called = api.send(&chat("instant", &chat_tool)).await.json();
    let of_chat = called["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"].clone();
    let body = json!({"model": "instant", "input": "Hi", "tools": [{"type": "function", "name": "find", "parameters": schema}]});
    let of_responses = api.post("/v1/responses", &body).await.json()["output"][0]["arguments"].clone();
    let body = json!({"model": "instant", "max_tokens": 99, "messages": [{"role": "user", "content": "Hi"}],
                      "tools": [{"name": "find", "input_schema": schema}]});
    let message = post("/v1/messages", &body)
        .with_header("anthropic-version".parse().unwrap(), "2023-06-01".parse().unwrap());
    let of_messages = api.send(&message).await.json()["content"][0]["input"].clone();
    for text in [of_chat, of_responses] {
        let input: Value = serde_json::from_str(text.as_str().unwrap()).unwrap();
        assert!(input["a"].is_string() && input["b"].is_i64() && input.get("never").is_none(), "{input}");
    }
    assert!(of_messages["a"].is_string() && of_messages["b"].is_i64(), "{of_messages}");
}

#[tokio::test]
async fn chat_identical_bodies_have_unique_ids_and_same_text() {
    let api = shared();
    let other = Weir::start(Setup::new().time_scale("0"));
    let request = chat("instant", &json!({}));
    let (mut ids, mut words) = (HashSet::new(), HashSet::new());
    for api in [&api, &other.api] {
        for _ in 0..10 {
            let reply = api.send(&request).await;
            ids.insert(reply.json()["id"].as_str().unwrap().to_owned());
            words.insert(reply.words());
        }
    }
    assert_eq!((ids.len(), words.len()), (20, 1));
    words.insert(api.send(&chat("instant", &json!({"temperature": 0.5}))).await.words());
    assert_eq!(words.len(), 2);
}

#[tokio::test]
async fn chat_other_seed_changes_text() {
    let other = Weir::start(Setup::new().flag("--seed", "7"));
    let request = chat("instant", &json!({}));
    assert_ne!(other.api.send(&request).await.words(), shared().send(&request).await.words());
}

#[tokio::test]
async fn chat_plain_response_has_server_timing_header() {
    let reply = shared().send(&chat("steady", &json!({"max_tokens": 4}))).await;
    let timing_ms = |name| reply.server_timing_ms(name).unwrap();
    // A tenth of 200 ms plus three times 20 ms.
    assert_eq!((timing_ms("planned_ttft"), timing_ms("planned_total")), (20.0, 26.0));
    assert!(timing_ms("delivered_total") >= timing_ms("planned_total") - 0.1);
    assert_eq!(timing_ms("queue"), 0.0);
}

#[tokio::test]
async fn chat_stream_with_te_trailers_sends_server_timing() {
    let api = shared();
    let request = chat("steady", &json!({"max_tokens": 200, "stream": true}));
    let reply = api.send(&request.clone().accept_trailers()).await;
    assert_eq!(reply.header("trailer"), Some("server-timing"));
    let timing_ms = |name| reply.server_timing_ms(name).unwrap();
    // A tenth of 200 ms plus 199 times 20 ms.
    assert_eq!((timing_ms("planned_ttft"), timing_ms("planned_total")), (20.0, 418.0));
    assert!(timing_ms("delivered_ttft") >= timing_ms("planned_ttft") - 0.1);
    assert!(timing_ms("delivered_total") >= timing_ms("planned_total") - 0.1);
    assert!(timing_ms("delivered_total") > timing_ms("delivered_ttft"));

    let without = api.send(&request).await;
    assert_eq!((without.header("trailer"), without.trailers.clone()), (None, None));
    assert_eq!(without.events().len(), reply.events().len());
}

/// Sends `count` requests, `at_once` concurrently: most bodies differ, one is repeated ten times. Returns the sorted
/// planned times to first token.
async fn planned(api: &Api, count: usize, at_once: usize) -> Vec<String> {
    let mut planned = Vec::new();
    let numbers: Vec<_> = (0..count).collect();
    for numbers in numbers.chunks(at_once) {
        let mut requests = tokio::task::JoinSet::new();
        for number in numbers {
            let (api, user) = (api.clone(), number.saturating_sub(10));
            let body = json!({"model": "fast", "max_tokens": 3, "user": user.to_string(),
                              "messages": [{"role": "user", "content": "Hello"}]});
            requests.spawn(async move { api.send(&post("/v1/chat/completions", &body)).await });
        }
        for reply in requests.join_all().await {
            planned.push(format!("{:.3}", reply.server_timing_ms("planned_ttft").unwrap()));
        }
    }
    planned.sort();
    planned
}

#[tokio::test]
async fn chat_planned_delays_are_independent_of_concurrency() {
    let start = || Weir::start(Setup::new().time_scale("0.1"));
    let (one, other) = (start(), start());
    let alone = planned(&one.api, 50, 1).await;
    let together = planned(&other.api, 50, 50).await;
    assert_eq!(alone, together);
    assert!(alone.iter().collect::<HashSet<_>>().len() > 40, "delays vary: {alone:?}");
}

#[tokio::test]
async fn models_list_returns_all_profiles() {
    let models = shared().get("/v1/models").await.json();
    assert_eq!(models["object"], "list");
    let names: Vec<_> =
        models["data"].as_array().unwrap().iter().map(|model| model["id"].as_str().unwrap()).collect();
    insta::assert_snapshot!(names.join(" "), @"claude-3-5-haiku claude-3-5-sonnet claude-3-7-sonnet claude-haiku-4-5 claude-opus-4-1 claude-opus-4-5 claude-opus-4-6 claude-sonnet-4 claude-sonnet-4-5 claude-sonnet-4-6 codestral deepseek-chat deepseek-r1 deepseek-reasoner deepseek-v3 fast gemini-2.0-flash gemini-2.0-flash-lite gemini-2.5-flash gemini-2.5-flash-lite gemini-2.5-pro gemma-3-27b glm-4.5 gpt-3.5-turbo gpt-4-turbo gpt-4.1 gpt-4.1-mini gpt-4.1-nano gpt-4o gpt-4o-mini gpt-5 gpt-5-mini gpt-5-nano gpt-5.4 gpt-oss-120b gpt-oss-20b grok-3 grok-3-mini grok-4 instant kimi-k2 llama-3.1-405b llama-3.1-70b llama-3.1-8b llama-3.1-8b-h100 llama-3.2-3b llama-3.3-70b llama-3.3-70b-hosted llama-3.3-70b-speculative llama-3.3-70b-tp4 llama-3.3-70b-tp4-pp2 llama-4-maverick llama-4-scout mistral-7b mistral-large mistral-medium mistral-small mixtral-8x7b o1 o3 o3-mini o4-mini phi-4 qwen2.5-72b qwen2.5-7b qwen2.5-coder-32b qwen3-235b-a22b qwen3-32b qwen3-8b scripted-agent steady text-embedding-3-large text-embedding-3-small");
    assert!(models["data"].as_array().unwrap().iter().all(|model| model["object"] == "model"));
}

#[tokio::test]
async fn stored_completion_is_listed_updated_and_deleted() {
    let Weir { api, program: _program } = Weir::start(Setup::new().time_scale("0"));
    let fields = |user: &str| json!({"max_tokens": 2, "store": true, "stream": user == "b", "metadata": {"user": user}});
    for user in ["a", "b", "c"] {
        assert_eq!(api.send(&chat("instant", &fields(user))).await.status, 200);
    }
    let path = "/v1/chat/completions";
    let page = api.get(&format!("{path}?limit=2&order=desc")).await.json();
    assert_eq!((page["data"].as_array().unwrap().len(), &page["has_more"]), (2, &json!(true)));
    let found = api.get(&format!("{path}?metadata%5Buser%5D=b&model=instant")).await.json();
    assert_eq!(found["data"][0]["metadata"], json!({"user": "b"}));
    let id = found["data"][0]["id"].as_str().unwrap();
    let one = format!("{path}/{id}");
    assert_eq!(api.get(&one).await.json()["choices"][0]["finish_reason"], "length");
    let changed = api.post(&one, &json!({"metadata": {"user": "d"}})).await.json();
    assert_eq!((&changed["id"], &changed["metadata"]), (&json!(id), &json!({"user": "d"})));
    let messages = api.get(&format!("{one}/messages")).await.json();
    assert_eq!(messages["data"][0]["content"], "Hello there");
    let delete = Request::new(Method::DELETE, one.parse().unwrap());
    assert_eq!(api.send(&delete).await.json()["deleted"], true);
    let gone = api.send(&delete).await;
    assert!(gone.header("x-request-id").unwrap().starts_with("req_"));
    assert_eq!((gone.status, gone.json()["error"]["code"].clone()), (404, json!("not_found")));
}

#[tokio::test]
async fn completions_several_prompts_return_several_choices() {
    let body = json!({"model": "instant", "prompt": ["One", "Two"], "n": 2, "max_tokens": 3, "echo": true,
                      "stream": true, "stream_options": {"include_usage": true}});
    let events = shared().post("/v1/completions", &body).await.events();
    let text = |choice: u64| -> String {
        let of_choice = events.iter().filter(|event| event["choices"][0]["index"] == choice);
        of_choice.filter_map(|event| event["choices"][0]["text"].as_str()).collect()
    };
    assert!(text(1).starts_with("One") && text(2).starts_with("Two") && text(2) != text(3));
    assert_eq!(
        events.last().unwrap()["usage"],
        json!({"prompt_tokens": 2, "completion_tokens": 12, "total_tokens": 14})
    );
}
