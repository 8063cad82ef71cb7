//! Profiles of models: tokens per event and reasoning in all APIs, `weir models`, and the examples of docs/models.md.

use std::path::Path;

use http::{HeaderName, HeaderValue};
use serde_json::{Value, json};
use weir_model::Catalog;

use crate::{
    cli::weir,
    support::{Api, Reply, Setup, Weir, events, post},
};

const MODELS: &str = "
[model.single]
inherits = 'instant'
[model.fours]
inherits = 'single'
tokens_per_event = 4
[model.drafted]
inherits = 'single'
tokens_per_event = { speculative = { draft = 4, acceptance = 0.7 } }
[model.hidden]
inherits = 'fours'
reasoning = { tokens = 40, shown = false }
[model.shown]
inherits = 'fours'
reasoning = { tokens = 40, default_effort = 'none', factor = { high = 2.5 } }
";

fn server() -> Weir {
    Weir::start(Setup::new().models(MODELS))
}

/// An API that streams, with the names of its parts.
struct StreamingApi {
    path: &'static str,
    prompt: (&'static str, &'static str),
    limit: &'static str,
    /// Where an event has text.
    text: &'static str,
    /// Where the last event has the number of output tokens.
    tokens: &'static str,
}

const APIS: [StreamingApi; 4] = [
    StreamingApi {
        path: "/v1/chat/completions",
        prompt: ("messages", r#"[{"role": "user", "content": "Hello"}]"#),
        limit: "max_tokens",
        text: "/choices/0/delta/content",
        tokens: "/usage/completion_tokens",
    },
    StreamingApi {
        path: "/v1/completions",
        prompt: ("prompt", r#""Hello""#),
        limit: "max_tokens",
        text: "/choices/0/text",
        tokens: "/usage/completion_tokens",
    },
    StreamingApi {
        path: "/v1/responses",
        prompt: ("input", r#""Hello""#),
        limit: "max_output_tokens",
        text: "/delta",
        tokens: "/response/usage/output_tokens",
    },
    StreamingApi {
        path: "/v1/messages",
        prompt: ("messages", r#"[{"role": "user", "content": "Hello"}]"#),
        limit: "max_tokens",
        text: "/delta/text",
        tokens: "/usage/output_tokens",
    },
];

impl StreamingApi {
    /// The texts of the events of an answer of `tokens` tokens, and the tokens that its usage reports.
    async fn texts(&self, api: &Api, model: &str, tokens: u32) -> (Vec<String>, u64) {
        let (key, prompt) = self.prompt;
        let prompt: Value = serde_json::from_str(prompt).unwrap();
        let mut body = json!({"model": model, "stream": true, self.limit: tokens, key: prompt});
        if self.tokens.starts_with("/usage/completion") {
            body["stream_options"] = json!({"include_usage": true});
        }
        let reply = posted(api, self.path, &body).await;
        let body = reply.text();
        let events = events(body.strip_suffix("data: [DONE]\n\n").unwrap_or(body).as_bytes());
        let texts = events.iter().filter_map(|event| event.pointer(self.text)?.as_str());
        let texts = texts.filter(|text| !text.is_empty()).map(str::to_owned).collect();
        let tokens = events.iter().rev().find_map(|event| event.pointer(self.tokens)?.as_u64());
        (texts, tokens.unwrap())
    }
}

#[tokio::test]
async fn streams_of_all_apis_carry_the_tokens_of_a_step_in_one_event() {
    let weir = server();
    for streaming in APIS {
        let path = streaming.path;
        let (fours, tokens) = streaming.texts(&weir.api, "fours", 30).await;
        assert_eq!((fours.len(), tokens), (8, 30), "{path}");
        let (single, tokens) = streaming.texts(&weir.api, "single", 30).await;
        assert_eq!((single.len(), tokens), (30, 30), "{path}");
        let (drafted, tokens) = streaming.texts(&weir.api, "drafted", 3_000).await;
        assert_eq!(tokens, 3_000, "{path}");
        assert!((1_000..1_170).contains(&drafted.len()), "{path}: {} events", drafted.len());
        assert_eq!(streaming.texts(&weir.api, "drafted", 3_000).await.0, drafted, "{path}: the same request");
    }
}

async fn posted(api: &Api, path: &str, body: &Value) -> Reply {
    let version = (HeaderName::from_static("anthropic-version"), HeaderValue::from_static("2023-06-01"));
    let reply = api.send(&post(path, body).with_header(version.0, version.1)).await;
    assert_eq!(reply.status, 200, "{path}: {}", reply.text());
    reply
}

async fn answered(api: &Api, path: &str, body: &Value) -> Value {
    posted(api, path, body).await.json()
}

async fn chat(api: &Api, model: &str, fields: Value) -> Value {
    let mut body = json!({"model": model, "messages": [{"role": "user", "content": "Hello"}]});
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    answered(api, "/v1/chat/completions", &body).await
}

#[tokio::test]
async fn chat_reasoning_has_the_length_of_the_effort() {
    let weir = server();
    for (model, fields, expected) in [
        ("hidden", json!({}), 40),
        ("hidden", json!({"reasoning_effort": "low"}), 10),
        ("hidden", json!({"reasoning_effort": "none"}), 0),
        ("shown", json!({}), 0),
        ("shown", json!({"reasoning_effort": "medium"}), 40),
        ("shown", json!({"reasoning_effort": "high"}), 100),
        ("shown", json!({"reasoning_effort": "high", "max_completion_tokens": 25}), 25),
        ("single", json!({}), 0),
        ("single", json!({"reasoning_effort": "low"}), 128),
    ] {
        let answer = chat(&weir.api, model, fields.clone()).await;
        let usage = &answer["usage"];
        let reasoning = usage["completion_tokens_details"]["reasoning_tokens"].as_u64();
        assert_eq!(reasoning, Some(expected), "{model} {fields}");
        let is_shown = answer["choices"][0]["message"]["reasoning_content"].is_string();
        assert_eq!(is_shown, model != "hidden" && expected > 0, "{model} {fields}");
        if fields.get("max_completion_tokens").is_none() {
            assert_eq!(usage["completion_tokens"], expected + 64, "{model} {fields}");
        }
    }
}

#[tokio::test]
async fn responses_messages_and_completions_have_the_reasoning_of_the_profile() {
    let Weir { api, program: _program } = server();
    let responses = async |fields: Value| {
        let mut body = json!({"model": "hidden", "input": "Hello"});
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let answer = answered(&api, "/v1/responses", &body).await;
        answer["usage"]["output_tokens_details"]["reasoning_tokens"].as_u64()
    };
    assert_eq!(responses(json!({})).await, Some(40));
    assert_eq!(responses(json!({"reasoning": {"effort": "low", "summary": "auto"}})).await, Some(10));
    assert_eq!(responses(json!({"reasoning": {"effort": "none"}})).await, Some(0));
    let messages = async |model: &str, thinking: Value| {
        let body = json!({
            "model": model, "max_tokens": 8_000, "thinking": thinking,
            "messages": [{"role": "user", "content": "Hello"}],
        });
        let answer = answered(&api, "/v1/messages", &body).await;
        answer["usage"]["output_tokens_details"]["thinking_tokens"].as_u64()
    };
    assert_eq!(messages("shown", json!({"type": "disabled"})).await, Some(0));
    assert_eq!(messages("shown", json!({"type": "enabled", "budget_tokens": 1_024})).await, Some(40));
    assert_eq!(messages("shown", json!({"type": "adaptive"})).await, Some(100));
    assert_eq!(messages("hidden", json!({"type": "disabled"})).await, Some(0));
    let body = json!({"model": "hidden", "prompt": "Hello", "max_tokens": 20});
    assert_eq!(answered(&api, "/v1/completions", &body).await["usage"]["completion_tokens"], 20);
}

#[tokio::test]
async fn streamed_hidden_reasoning_is_not_sent() {
    let weir = server();
    let body = json!({
        "model": "hidden", "stream": true, "stream_options": {"include_usage": true},
        "messages": [{"role": "user", "content": "Hello"}],
    });
    let events = weir.api.post("/v1/chat/completions", &body).await.events();
    let delta = |event: &Value, key: &str| event.pointer(&format!("/choices/0/delta/{key}")).cloned();
    assert!(events.iter().all(|event| delta(event, "reasoning_content").is_none()));
    assert_eq!(delta(&events[0], "role"), Some("assistant".into()));
    let texts = events.iter().filter_map(|event| delta(event, "content")?.as_str().map(str::to_owned));
    assert_eq!(texts.filter(|text| !text.is_empty()).count(), 64 / 4);
    let usage = &events.last().unwrap()["usage"];
    assert_eq!(
        (&usage["completion_tokens"], &usage["completion_tokens_details"]["reasoning_tokens"]),
        (&104.into(), &40.into())
    );
}

#[test]
fn models_command_lists_and_shows_profiles() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mine.toml"), MODELS).unwrap();
    let run = |arguments: &[&str]| weir(arguments, folder.path(), &[]);
    let all = run(&["models"]);
    assert_eq!(all.code, Some(0), "{}", all.stderr);
    assert!(all.stdout.lines().count() > 60, "{}", all.stdout);
    let listed: Value = serde_json::from_str(&run(&["models", "--format", "json"]).stdout).unwrap();
    let names: Vec<_> =
        listed.as_array().unwrap().iter().map(|record| record["name"].as_str().unwrap()).collect();
    assert!(names.is_sorted() && names.contains(&"gpt-4o") && !names.contains(&"hidden"), "{names:?}");
    let one = |name: &str| -> Value {
        let shown = run(&["models", name, "--models", "mine.toml", "--format", "json"]);
        serde_json::from_str(&shown.stdout).unwrap_or_else(|error| panic!("{error}: {}", shown.stderr))
    };
    let matched = |name: &str| {
        let record = one(name);
        [&record["name"], &record["matched_by"], &record["matched"]]
            .map(|value| value.as_str().map(str::to_owned))
    };
    let expected = |values: [Option<&str>; 3]| values.map(|value| value.map(str::to_owned));
    assert_eq!(matched("hidden"), expected([Some("hidden"), Some("name"), None]));
    assert_eq!(
        matched("openai/gpt-4o-2024-08-06"),
        expected([Some("gpt-4o"), Some("alias"), Some("gpt-4o-2024-08-06")])
    );
    assert_eq!(matched("gpt-4o-2031-01-01"), expected([Some("gpt-4o"), Some("family"), Some("gpt-4o-20*")]));
    assert_eq!(one("fours")["tokens_per_event"], 4.0);
    assert_eq!(one("hidden")["inherits"], json!(["fours", "single", "instant"]));
    let unknown = run(&["models", "gpt4o-mini"]);
    assert_eq!((unknown.code, unknown.stdout.as_str()), (Some(2), ""));
    assert_eq!(
        unknown.stderr.trim_end(),
        "error: unknown model `gpt4o-mini` (did you mean `gpt-4o-mini`?); `weir models` lists all"
    );
}

fn docs() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/models.md")).unwrap()
}

#[test]
fn examples_of_docs_are_valid_profiles_with_the_figures_of_the_text() {
    let text = docs();
    let mut models = Catalog::embedded().unwrap();
    let mut examples = 0;
    for block in text.split("```toml\n").skip(1) {
        models.add(block.split("```").next().unwrap(), "docs/models.md").unwrap();
        examples += 1;
    }
    assert!(examples >= 3, "{examples}");
    let measured = models.get("measured").unwrap();
    assert_eq!(measured.median_visible_ttft().as_millis(), 420);
    assert_eq!(measured.ttft.quantile(0.95).as_millis(), 1_100);
    assert!((58.0..62.0).contains(&measured.tokens_per_second().unwrap()));
    assert!((2.7..2.8).contains(&models.get("drafted").unwrap().tokens_per_event.mean()));
}

#[test]
fn commands_of_docs_succeed() {
    let commands: String =
        docs().split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap()).collect();
    assert!(commands.contains("weir models"), "{commands}");
    let program = Path::new(env!("CARGO_BIN_EXE_weir"));
    let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let mut bash = std::process::Command::new("bash");
    let output = bash.args(["-euo", "pipefail", "-c", &commands]).env("PATH", path).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}
