//! Stored conversations, and responses that continue them; moderations; constrained answers.

use http::{HeaderName, HeaderValue, Method};
use serde_json::{Value, json};
use weir_wire::Request;

use crate::support::{Api, Setup, Weir, post, shared};

async fn posted(api: &Api, path: &str, body: &Value) -> Value {
    let reply = api.post(path, body).await;
    assert_eq!(reply.status, 200, "{path}: {}", reply.text());
    reply.json()
}

async fn ids(api: &Api, conversation: &str, query: &str) -> Vec<String> {
    let list = api.get(&format!("{conversation}/items{query}")).await.json();
    assert_eq!(list["object"], "list");
    list["data"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn conversation_is_created_changed_and_deleted() {
    let api = &shared();
    let first = json!({"role": "user", "content": "Hello"});
    let made = posted(api, "/v1/conversations", &json!({"items": [first], "metadata": {"a": "b"}})).await;
    assert_eq!((&made["object"], &made["metadata"]), (&json!("conversation"), &json!({"a": "b"})));
    let path = format!("/v1/conversations/{}", made["id"].as_str().unwrap());
    assert_eq!(api.get(&path).await.json(), made);
    let updated = posted(api, &path, &json!({"metadata": {"c": "d"}})).await;
    assert_eq!(updated["metadata"], json!({"c": "d"}));
    let more = json!({"items": [{"type": "message", "role": "assistant", "content": "Yes?"}]});
    let added = posted(api, &format!("{path}/items"), &more).await;
    let item = &added["data"][0];
    assert_eq!((&item["role"], &item["content"][0]["type"]), (&json!("assistant"), &json!("output_text")));
    let newest_first = ids(api, &path, "").await;
    assert_eq!((newest_first.len(), &newest_first[0]), (2, &item["id"].as_str().unwrap().to_owned()));
    let item_path = format!("{path}/items/{}", newest_first[0]);
    assert_eq!(api.get(&item_path).await.json(), *item);
    let deleted = api.send(&Request::new(Method::DELETE, item_path.parse().unwrap())).await;
    assert_eq!(deleted.json()["object"], "conversation");
    assert_eq!(ids(api, &path, "?order=asc").await, newest_first[1..]);
    assert_eq!(api.get(&item_path).await.status, 404);
    let deleted = api.send(&Request::new(Method::DELETE, path.parse().unwrap())).await.json();
    assert_eq!(deleted["object"], "conversation.deleted");
    let gone = api.get(&path).await;
    assert_eq!(gone.status, 404);
    let bad = api.post("/v1/conversations", &json!({"items": [{"role": "nobody"}]})).await;
    assert_eq!(bad.status, 400, "{}", bad.text());
    let many = vec![json!({"role": "user", "content": "Hi"}); 21];
    assert_eq!(api.post("/v1/conversations", &json!({"items": many})).await.status, 400);
}

#[tokio::test]
async fn response_continues_its_conversation_and_extends_it() {
    let api = &shared();
    let made = posted(api, "/v1/conversations", &json!({})).await;
    let id = made["id"].as_str().unwrap();
    let ask = |text: &str| json!({"model": "instant", "input": text, "conversation": id});
    let first = posted(api, "/v1/responses", &ask("How deep is the river?")).await;
    assert_eq!(first["conversation"]["id"], id);
    let second = posted(api, "/v1/responses", &ask("And how wide?")).await;
    let tokens = |answer: &Value| answer["usage"]["input_tokens"].as_u64().unwrap();
    assert!(tokens(&second) > tokens(&first) + first["usage"]["output_tokens"].as_u64().unwrap());
    let items = ids(api, &format!("/v1/conversations/{id}"), "?order=asc").await;
    assert_eq!(items.len(), 4);
    assert_eq!(items[1], first["output"][0]["id"].as_str().unwrap());
    let unknown = json!({"model": "instant", "input": "Hi", "conversation": {"id": "conv_none"}});
    let unknown = api.post("/v1/responses", &unknown).await;
    insta::assert_snapshot!(unknown.status_and_body(), @r#"404 {"error":{"code":"not_found","message":"Conversation with id 'conv_none' not found.","param":"conversation_id","type":"invalid_request_error"}}"#);
}

#[tokio::test]
async fn moderation_scores_texts() {
    let answer =
        posted(&shared(), "/v1/moderations", &json!({"input": ["A fine day", "I will kill you"]})).await;
    assert_eq!(answer["model"], "omni-moderation-latest");
    let flagged: Vec<_> =
        answer["results"].as_array().unwrap().iter().map(|result| result["flagged"].clone()).collect();
    assert_eq!(flagged, [json!(false), json!(true)]);
    let again = json!({"input": "A fine day", "model": "omni-moderation-2024-09-26"});
    let again = posted(&shared(), "/v1/moderations", &again).await;
    assert_eq!(again["results"][0], answer["results"][0]);
}

#[tokio::test]
async fn constraints_of_vllm_are_honoured_plain_and_streamed() {
    let api = &shared();
    let colours = json!(["red", "green", "dark blue"]);
    for constraint in [json!({"structured_outputs": {"choice": colours}}), json!({"guided_choice": colours})]
    {
        let mut chat =
            json!({"model": "instant", "messages": [{"role": "user", "content": "Which colour?"}]});
        chat.as_object_mut().unwrap().extend(constraint.as_object().unwrap().clone());
        let plain = posted(api, "/v1/chat/completions", &chat).await;
        let text = plain["choices"][0]["message"]["content"].clone();
        assert!(colours.as_array().unwrap().contains(&text), "{text}");
        assert_eq!(plain["choices"][0]["finish_reason"], "stop");
        chat["stream"] = json!(true);
        let streamed = api.post("/v1/chat/completions", &chat).await;
        let events = streamed.events();
        let deltas = events.iter().filter_map(|event| event["choices"][0]["delta"]["content"].as_str());
        assert_eq!(deltas.collect::<String>(), text.as_str().unwrap());
    }
    let regex = json!({"structured_outputs": {"regex": "[A-Z]{3}-\\d{4}"}});
    let mut completion = json!({"model": "instant", "prompt": "A plate:", "max_tokens": 50});
    completion.as_object_mut().unwrap().extend(regex.as_object().unwrap().clone());
    let answer = posted(api, "/v1/completions", &completion).await;
    let text = answer["choices"][0]["text"].as_str().unwrap();
    assert!(text.len() == 8 && text.as_bytes()[3] == b'-', "{text}");
    let schema = json!({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]});
    for constraint in [
        json!({"guided_json": schema}),
        json!({"structured_outputs": {"json": schema.to_string()}}),
        json!({"response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": schema}}}),
    ] {
        let mut completion = json!({"model": "instant", "prompt": "A number:", "max_tokens": 100});
        completion.as_object_mut().unwrap().extend(constraint.as_object().unwrap().clone());
        let answer = posted(api, "/v1/completions", &completion).await;
        let value: Value = serde_json::from_str(answer["choices"][0]["text"].as_str().unwrap()).unwrap();
        assert!(value["n"].is_i64(), "{value}");
    }
    let both = json!({"model": "instant", "prompt": "x", "guided_regex": "a", "guided_choice": ["a"]});
    assert_eq!(api.post("/v1/completions", &both).await.status, 400);
}

#[tokio::test]
async fn other_sites_cannot_change_state() {
    let weir = Weir::start(Setup::new());
    let send = |headers: Vec<(&'static str, &'static str)>| {
        let agent = json!({"agent_id": "a", "agent_credentials": {"api_key": "k", "api_secret": "s"},
            "database": {"type": "postgres"}});
        let mut request = post("/api/agents/register", &agent);
        for (name, value) in headers {
            let (name, value) = (HeaderName::from_static(name), HeaderValue::from_static(value));
            request.headers.insert(name, value);
        }
        let api = weir.api.clone();
        async move { api.send(&request).await.status }
    };
    assert_eq!(send(vec![("content-type", "text/plain")]).await, 415);
    assert_eq!(send(vec![("host", "evil.example")]).await, 403);
    assert_eq!(send(vec![("origin", "https://evil.example")]).await, 403);
    assert_eq!(send(vec![("origin", "http://localhost:3000")]).await, 201);
}
