//! External backends: the example's backend, mounted in a server within this process.

#[expect(dead_code, reason = "the example's main is not called here")]
#[path = "../../examples/embedded_backend.rs"]
mod embedded_backend;

use std::collections::BTreeSet;

use axum::{middleware::map_response, response::Response};
use http::HeaderValue;
use serde_json::{Value, json};
use weir_server::{Backends, Config, RawConfig, Server, Services};

use crate::support::{Api, Setup, Weir};

async fn echo(settings: &str) -> (Server, Api) {
    let add_header = async |mut response: Response| {
        response.headers_mut().insert("x-embedder", HeaderValue::from_static("yes"));
        response
    };
    let backends = Backends::new().with::<embedded_backend::Echo>().layer(map_response(add_header));
    let raw = RawConfig::from_flags(None, Some(0), None, None)
        .over(RawConfig::from_toml(settings, "test", backends.tables()).unwrap())
        .over(RawConfig::defaults(backends.tables()).unwrap());
    let (models, chains) = (weir_model::Catalog::embedded().unwrap(), weir_chains::Catalog::default());
    let services = Services { models, chains, backends };
    let server = Server::bind(Config::try_from(raw).unwrap(), services).await.unwrap();
    let api = Api::new(server.address());
    (server, api)
}

#[tokio::test]
async fn embedded_backend_answers_beside_llm_apis() {
    let (_server, api) = echo("").await;
    let answer = api.post("/api/echo", &json!({"text": "Hello"})).await;
    assert_eq!((answer.status, answer.json()), (200, json!({"text": "Hello"})));
    let invalid = api.post("/api/echo", &json!({"text": 1})).await;
    assert_eq!((invalid.status, &invalid.json()["status"]), (400, &json!("error")));
    assert_eq!(api.get("/api/echo").await.status, 405);
    assert_eq!(api.get("/v1/models").await.status, 200);
    assert_eq!(api.get("/v1/models").await.header("x-embedder"), Some("yes"));
    // A reference system is not mounted.
    assert_eq!(api.get("/api/agents").await.status, 404);
}

#[tokio::test]
async fn embedded_backend_has_limits_metrics_and_openapi_part() {
    let (_server, api) = echo("[admission]\nrequests = '2/h'").await;
    let statuses = [
        api.post("/api/echo", &json!({"text": "1"})).await.status,
        api.post("/api/echo", &json!({"text": "2"})).await.status,
        api.post("/api/echo", &json!({"text": "3"})).await.status,
    ];
    assert_eq!(statuses, [200, 200, 429]);
    let metrics = api.get("/metrics").await.text().to_owned();
    assert!(metrics.contains("http_requests_total{endpoint=\"/api/echo\",status=\"200\"} 2"), "{metrics}");
    let document = api.get("/openapi.json").await.json();
    assert_eq!(document["paths"]["/api/echo"]["post"]["tags"], json!(["Echo"]));
}

#[test]
fn settings_of_backend_without_any_reject_unknown_key() {
    let backends = Backends::new().with::<embedded_backend::Echo>();
    let error = RawConfig::from_toml("[echo]\nloud = true", "weir.toml", backends.tables()).unwrap_err();
    assert!(error.to_string().starts_with("weir.toml:2: echo.loud: unknown key"), "{error}");
}

/// Includes the reference systems.
#[tokio::test]
async fn openapi_document_defines_exactly_the_schemas_that_it_names() {
    let weir = Weir::start(Setup::new());
    let document = weir.api.get("/openapi.json").await.json();
    let defined: BTreeSet<String> =
        document["components"]["schemas"].as_object().unwrap().keys().cloned().collect();
    let mut named = BTreeSet::new();
    references(&document, &mut named);
    assert_eq!(named, defined);
}

fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            let name =
                fields.get("$ref").and_then(|name| name.as_str()?.strip_prefix("#/components/schemas/"));
            found.extend(name.map(str::to_owned));
            fields.values().for_each(|field| references(field, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}
