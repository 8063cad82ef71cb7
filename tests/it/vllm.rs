//! vLLM's endpoints besides chat.

use serde_json::json;

use crate::support::{Setup, Weir, shared};

#[tokio::test]
async fn tokenize_conversation_matches_chat_usage() {
    let messages = json!([
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "How deep is the river?"}]},
    ]);
    let chat = json!({"model": "instant", "messages": messages, "max_tokens": 1});
    let chat = shared().post("/v1/chat/completions", &chat).await.json();
    let body = json!({"model": "instant", "messages": messages, "return_token_strs": true});
    let tokens = shared().post("/tokenize", &body).await.json();
    assert_eq!(tokens["count"], chat["usage"]["prompt_tokens"]);
    assert_eq!(tokens["count"], tokens["tokens"].as_array().unwrap().len());
    assert_eq!(tokens["max_model_len"], 131_072);
    let texts: String =
        tokens["token_strs"].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
    let whole = shared().post("/detokenize", &json!({"tokens": tokens["tokens"]})).await.json();
    assert_eq!(whole["prompt"], texts);
    insta::assert_snapshot!(texts, @"<|start|>system<|message|>Be brief.<|end|><|start|>user<|message|>How deep is the river?<|end|><|start|>assistant<|message|>");
}

#[tokio::test]
async fn min_tokens_sets_minimum_length() {
    let messages = json!([{"role": "user", "content": "How deep is the river?"}]);
    let body = json!({"model": "fast", "messages": messages, "min_tokens": 300, "ignore_eos": false});
    let answer = shared().post("/v1/chat/completions", &body).await.json();
    assert!(answer["usage"]["completion_tokens"].as_u64().unwrap() >= 300);
    let text = json!({"prompt": answer["choices"][0]["message"]["content"]});
    let counted = shared().post("/tokenize", &text).await.json();
    assert_eq!(counted["count"], answer["usage"]["completion_tokens"]);
}

#[tokio::test]
async fn model_card_has_vllm_fields() {
    let card = shared().get("/v1/models/fast").await.json();
    assert_eq!((card["root"].as_str(), card["max_model_len"].as_u64()), (Some("fast"), Some(32_768)));
    assert!(shared().get("/version").await.json()["version"].is_string());
}

#[tokio::test]
async fn metrics_have_the_names_and_types_of_vllm() {
    let Weir { api, program: _program } = Weir::start(Setup::new().time_scale("0"));
    for stream in [false, true] {
        let body = json!({"model": "instant", "messages": [{"role": "user", "content": "Hi"}],
                          "max_tokens": 5, "stream": stream});
        assert_eq!(api.post("/v1/chat/completions", &body).await.status, 200);
    }
    let reply = api.get("/metrics").await;
    assert_eq!(reply.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    let text = reply.text();
    for expected in [
        "# TYPE vllm:num_requests_running gauge\n",
        "# TYPE vllm:time_to_first_token_seconds histogram\n",
        "# TYPE vllm:generation_tokens_total counter\n",
        "vllm:generation_tokens_total{model_name=\"instant\",engine=\"0\"} 10\n",
        "vllm:request_success_total{model_name=\"instant\",engine=\"0\",finished_reason=\"length\"} 2\n",
        "vllm:time_to_first_token_seconds_bucket{le=\"+Inf\",model_name=\"instant\",engine=\"0\"} 2\n",
        "vllm:inter_token_latency_seconds_count{model_name=\"instant\",engine=\"0\"} 8\n",
        "vllm:num_requests_running{model_name=\"instant\",engine=\"0\"} 0",
    ] {
        assert!(text.contains(expected), "{expected} is not in\n{text}");
    }
}
