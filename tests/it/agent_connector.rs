//! The agent connector.

use std::fs;

use http::{HeaderName, HeaderValue};
use insta::assert_snapshot;
use serde_json::{Value, json};
use tempfile::TempDir;
use weir_wire::Request;

use crate::support::{Api, Reply, Setup, Weir, get, post, shared};

fn registration(id: &str) -> Value {
    json!({
        "agent_id": id,
        "agent_credentials": {"api_key": "key", "api_secret": "secret"},
        "database": {"type": "postgresql", "host": "localhost", "password": "hush"},
    })
}

/// Registers an agent and returns its key.
async fn register(api: &Api, id: &str) -> String {
    let reply = api.post("/api/agents/register", &registration(id)).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    reply.json()["api_key"].as_str().unwrap().to_owned()
}

fn with_key(request: Request, key: &str) -> Request {
    request.with_header(HeaderName::from_static("x-api-key"), HeaderValue::from_str(key).unwrap())
}

async fn query(api: &Api, path: &str, key: &str, query: &str) -> Reply {
    api.send(&with_key(post(path, &json!({"query": query})), key)).await
}

async fn graphql(query: &str) -> String {
    shared().post("/graphql", &json!({"query": query})).await.status_and_body()
}

#[tokio::test]
async fn health_request_returns_ok() {
    let reply = shared().get("/api/health").await;
    assert_eq!((reply.status, &reply.json()["status"]), (200, &json!("healthy")));
}

#[tokio::test]
async fn registration_new_agent_is_listed() {
    let api = shared();
    let reply = api.post("/api/agents/register", &registration("registers")).await;
    let answer = reply.json();
    assert_eq!(reply.status, 201);
    assert_eq!(answer["agent"]["agent_id"], "registers");
    assert_eq!(
        answer["agent"]["database"],
        json!({"type": "postgresql"}),
        "nothing else is stored or returned"
    );
    assert_eq!((&answer["replaced"], &answer["removed"]), (&json!(false), &json!(null)));
    let key = answer["api_key"].as_str().unwrap();

    let one = api.send(&with_key(get("/api/agents/registers"), key)).await;
    assert_eq!((one.status, &one.json()["agent_id"]), (200, &json!("registers")));
    assert_eq!(one.json()["queries"], 0);
    let list = api.get("/api/agents").await;
    assert_eq!(list.status, 200);
    let listed = list.json()["agents"].as_array().unwrap().clone();
    assert!(listed.iter().any(|agent| agent["agent_id"] == "registers"));
    assert!(!list.text().contains(key), "keys are for their agents only");
}

#[tokio::test]
async fn registration_known_id_replaces_agent_and_keeps_key() {
    let api = shared();
    let key = register(&api, "again").await;
    assert_eq!(query(&api, "/api/agents/again/query", &key, "SELECT 1").await.status, 200);
    let reply = api.post("/api/agents/register", &registration("again")).await;
    assert_eq!((reply.status, &reply.json()["replaced"]), (201, &json!(true)));
    assert_eq!(reply.json()["api_key"], key.as_str());
    let one = api.send(&with_key(get("/api/agents/again"), &key)).await;
    assert_eq!((one.status, &one.json()["queries"]), (200, &json!(0)));
}

#[tokio::test]
async fn registration_known_id_with_conflict_setting_returns_409() {
    let weir = Weir::start(Setup::new().config("[agent_connector]\nduplicates = 'conflict'"));
    register(&weir.api, "twice").await;
    let reply = weir.api.post("/api/agents/register", &registration("twice")).await;
    assert_snapshot!(reply.status_and_body(), @r#"409 {"error":"the agent 'twice' is registered already","status":"error"}"#);
}

#[tokio::test]
async fn requests_without_key_return_401() {
    let api = shared();
    let (key, other) = (register(&api, "guarded").await, register(&api, "stranger").await);
    for path in ["/api/agents/guarded/query", "/api/agents/guarded/query/natural"] {
        assert_eq!(query(&api, path, &other, "SELECT 1").await.status, 401);
        assert_eq!(api.post(path, &json!({"query": "SELECT 1"})).await.status, 401);
    }
    let wrong = api.send(&with_key(get("/api/agents/guarded"), &other)).await;
    assert_snapshot!(wrong.status_and_body(), @r#"401 {"error":"the key in X-API-Key is not that of the agent 'guarded'","status":"error"}"#);
    let none = api.get("/api/agents/guarded").await;
    assert_snapshot!(none.status_and_body(), @r#"401 {"error":"the header X-API-Key with the agent's key is missing","status":"error"}"#);
    let unknown = api.send(&with_key(get("/api/agents/nobody"), &key)).await;
    assert_snapshot!(unknown.status_and_body(), @r#"404 {"error":"the agent 'nobody' is not registered (POST /api/agents/register; the last 10000 are kept)","status":"error"}"#);
}

#[tokio::test]
async fn query_sql_returns_rows() {
    let api = shared();
    let key = register(&api, "queries").await;
    let path = "/api/agents/queries/query";
    let reply = query(&api, path, &key, "SELECT * FROM users WHERE id > 3 LIMIT 2").await;
    let answer = reply.json();
    assert_eq!(reply.status, 200);
    assert_eq!(answer["agent_id"], "queries");
    assert_eq!(answer["columns"], json!(["id", "name", "email", "created_at"]));
    assert_eq!((&answer["row_count"], answer["rows"].as_array().unwrap().len()), (&json!(2), 2));
    assert_eq!(answer["rows"][1]["email"], "user2@example.com");
    assert!(answer["execution_time_ms"].is_number());
    let again = query(&api, path, &key, "SELECT * FROM users LIMIT 2").await;
    assert_eq!(again.json()["rows"], answer["rows"], "a table stays as it is");
}

#[tokio::test]
async fn natural_query_returns_sql_and_rows_after_model_delay() {
    let api = shared();
    let key = register(&api, "asks").await;
    let reply = query(&api, "/api/agents/asks/query/natural", &key, "Show me all users").await;
    let answer = reply.json();
    assert_eq!(reply.status, 200);
    assert_eq!(answer["sql"], "SELECT * FROM users LIMIT 10");
    assert_eq!(answer["rows"].as_array().unwrap().len(), 10);
    assert_eq!(answer["model"], "fast");
    assert!(answer["usage"]["prompt_tokens"].as_u64().unwrap() > 50);
    assert!(answer["usage"]["completion_tokens"].as_u64().unwrap() > 0);
    assert!(answer["cost_usd"].as_f64().unwrap() > 0.0);
    let (planned, delivered) =
        (reply.server_timing_ms("planned_total"), reply.server_timing_ms("delivered_total"));
    // With this profile, a token takes more than 1 ms at a tenth of the time.
    assert!(planned.unwrap() > 1.0, "{planned:?}");
    // The timer may fire early, within its coalescing window.
    assert!(delivered.unwrap() + 0.1 >= planned.unwrap(), "{delivered:?} before {planned:?}");
}

#[tokio::test]
async fn cost_after_queries_is_counted_per_agent_and_in_total() {
    let Weir { api, program: _program } = Weir::start(Setup::new().time_scale("0"));
    let key = register(&api, "counted").await;
    register(&api, "idle").await;
    query(&api, "/api/agents/counted/query", &key, "SELECT 1").await;
    let path = "/api/agents/counted/query/natural";
    let question = query(&api, path, &key, "How many orders?").await.json();
    // Exceeds the context of the first model, so the second one is used.
    let long = format!("Show the users named {}", "Ada ".repeat(40_000));
    let failed_over = query(&api, path, &key, &long).await;
    assert_eq!((failed_over.status, &failed_over.json()["model"]), (200, &json!("gpt-4o-mini")));

    let failover = api.get("/api/agents/counted/failover/stats").await;
    assert_snapshot!(failover.status_and_body(), @r#"200 {"agent_id":"counted","stats":{"failed_calls":1,"failovers":1,"providers":[{"failed_calls":1,"priority":1,"provider":"fast","successful_calls":1},{"failed_calls":0,"priority":2,"provider":"gpt-4o-mini","successful_calls":1}],"successful_calls":2,"total_calls":3}}"#);
    let own = api.get("/api/cost/dashboard?agent_id=counted").await.json();
    let expected = question["cost_usd"].as_f64().unwrap() + failed_over.json()["cost_usd"].as_f64().unwrap();
    assert!((own["costs"]["total_cost_usd"].as_f64().unwrap() - expected).abs() < 1e-12);
    assert_eq!((&own["costs"]["total_calls"], &own["queries"]), (&json!(2), &json!(1)));
    assert_eq!(own["costs"]["by_model"][0]["model"], "fast");
    let all = api.get("/api/cost/dashboard").await.json();
    assert_eq!((&all["agent_id"], &all["costs"]), (&json!(null), &own["costs"]));
    let idle = api.get("/api/cost/dashboard?agent_id=idle").await.json();
    assert_eq!(idle["costs"]["total_cost_usd"], 0.0);
    for path in ["/api/cost/dashboard?agent_id=nobody", "/api/agents/nobody/failover/stats"] {
        assert_eq!(api.get(path).await.status, 404);
    }
}

#[tokio::test]
async fn graphql_query_returns_health_and_agents() {
    let api = shared();
    register(&api, "graphql").await;
    assert_snapshot!(graphql("query { health { status } }").await, @r#"200 {"data":{"health":{"status":"healthy"}}}"#);
    assert_snapshot!(graphql(r#"{ one: agent(id: "graphql") { id databaseType queries costUsd __typename } }"#).await, @r#"200 {"data":{"one":{"__typename":"Agent","costUsd":0.0,"databaseType":"postgresql","id":"graphql","queries":0}}}"#);
    assert_snapshot!(graphql(r#"{ agent(id: "nobody") { id } }"#).await, @r#"200 {"data":{"agent":null}}"#);
    let list =
        api.post("/graphql", &json!({"query": "{ agents { id status } health { agents } }"})).await.json();
    assert!(
        list["data"]["agents"].as_array().unwrap().contains(&json!({"id": "graphql", "status": "active"}))
    );
    let query = "query q($id: String!, $most: Int = 0) { agent(id: $id) { id } agents(first: $most) { id } }";
    let body = json!({"query": query, "variables": {"id": "graphql"}, "operationName": "q"});
    assert_snapshot!(api.post("/graphql", &body).await.status_and_body(), @r#"200 {"data":{"agent":{"id":"graphql"},"agents":[]}}"#);
}

#[tokio::test]
async fn graphql_invalid_query_returns_error_locations() {
    assert_snapshot!(graphql("{ health { state } }\n").await, @r#"200 {"errors":[{"locations":[{"column":12,"line":1}],"message":"the type Health has no field 'state' (did you mean 'status'?); known: status, version, agents"}]}"#);
    assert_snapshot!(graphql("{ wealth\n  users { id } }").await, @r#"200 {"errors":[{"locations":[{"column":3,"line":1}],"message":"the type Query has no field 'wealth' (did you mean 'health'?); known: health, agents, agent"},{"locations":[{"column":3,"line":2}],"message":"the type Query has no field 'users'; known: health, agents, agent"}]}"#);
    assert_snapshot!(graphql("{ health }").await, @r#"200 {"errors":[{"locations":[{"column":3,"line":1}],"message":"'health' needs a selection of its fields: status, version, agents"}]}"#);
    assert_snapshot!(graphql("{ health { status { text } } }").await, @r#"200 {"errors":[{"locations":[{"column":12,"line":1}],"message":"'status' has no subfields"}]}"#);
    assert_snapshot!(graphql("{ agent { id } }").await, @r#"200 {"errors":[{"locations":[{"column":3,"line":1}],"message":"the argument id of 'agent' must be a text"}]}"#);
    assert_snapshot!(graphql("{ agents(first: 5000) { id } }").await, @r#"200 {"errors":[{"locations":[{"column":3,"line":1}],"message":"the argument first of 'agents' must be a whole number up to 1000"}]}"#);
    assert_snapshot!(graphql("{ agents(last: 5) { id } }").await, @r#"200 {"errors":[{"locations":[{"column":3,"line":1}],"message":"'agents' takes no argument 'last'"}]}"#);
    assert_snapshot!(graphql("{ agent(id: $id) { id } }").await, @r#"200 {"errors":[{"locations":[{"column":3,"line":1}],"message":"the variable $id is not defined by the operation"}]}"#);
    assert_snapshot!(graphql("{ agent(id: [1]) { id } }").await, @r#"200 {"errors":[{"locations":[{"column":3,"line":1}],"message":"an argument of 'agent' must be a text or a whole number"}]}"#);
    assert_snapshot!(graphql("{ __schema { types { name } } }").await, @r#"200 {"errors":[{"locations":[{"column":3,"line":1}],"message":"the type Query has no field '__schema'; known: health, agents, agent"}]}"#);
    assert_snapshot!(graphql(&"{a".repeat(5_000)).await, @r#"200 {"errors":[{"locations":[{"column":101,"line":1}],"message":"the query is nested too deeply: 50 levels at the most"}]}"#);
}

/// A server with separate folders for results and baselines.
fn with_folders() -> (Weir, TempDir) {
    let root = tempfile::tempdir().unwrap();
    let (results, baselines) = (root.path().join("results"), root.path().join("baselines"));
    fs::create_dir(&results).unwrap();
    let settings = format!(
        "[agent_connector]\nresults_folder = '{}'\nbaselines_folder = '{}'",
        results.display(),
        baselines.display()
    );
    (Weir::start(Setup::new().config(&settings)), root)
}

fn results() -> String {
    let metrics = (1..=100).map(|ms| {
        let (endpoint, method) = if ms % 2 == 0 { ("/api/health", "GET") } else { ("/graphql", "POST") };
        let status = if ms == 100 { 503 } else { 200 };
        json!({"endpoint": endpoint, "method": method, "status_code": status, "response_time_ms": ms,
               "timestamp": "2026-01-02T03:04:05Z", "error": null})
    });
    let results = json!({"test_id": "t1", "timestamp": "2026-01-02T03:04:05Z", "total_requests": 100,
        "concurrent_users": 10, "duration_seconds": 20, "metrics": metrics.collect::<Vec<_>>(), "summary": {}});
    results.to_string()
}

#[tokio::test]
async fn baseline_created_from_results_is_listed_and_reported() {
    let (Weir { api, program: _program }, root) = with_folders();
    fs::write(root.path().join("results/performance_report_1.json"), results()).unwrap();
    let none = api.get("/api/load-test/baselines").await;
    assert_snapshot!(none.status_and_body(), @r#"200 {"baselines":[],"left_out":0,"success":true,"unreadable":[]}"#);

    let body = json!({"test_results_file": "performance_report_1.json", "baseline_name": "release-1"});
    let made = api.post("/api/load-test/baseline", &body).await;
    assert_eq!(made.status, 200, "{}", made.text());
    let mut baseline = made.json();
    assert!(baseline["timestamp"].as_str().unwrap().ends_with('Z'));
    baseline["timestamp"] = json!("T");
    assert_snapshot!(baseline, @r#"{"baseline_id":"release-1","concurrent_users":10,"metrics":[{"avg_response_time_ms":51.0,"endpoint":"/api/health","error_rate":2.0,"max_response_time_ms":100.0,"method":"GET","min_response_time_ms":2.0,"p50_response_time_ms":50.0,"p95_response_time_ms":96.0,"p99_response_time_ms":100.0,"requests_per_second":2.5,"sample_size":50},{"avg_response_time_ms":50.0,"endpoint":"/graphql","error_rate":0.0,"max_response_time_ms":99.0,"method":"POST","min_response_time_ms":1.0,"p50_response_time_ms":49.0,"p95_response_time_ms":95.0,"p99_response_time_ms":99.0,"requests_per_second":2.5,"sample_size":50}],"recommendations":["No endpoint is slow or fails often.","Overall: response time excellent (P95 95.0 ms), errors acceptable (1.00 %), throughput poor (5.0 req/s)."],"success":true,"summary":{"overall_avg_response_time":50.5,"overall_error_rate":1.0,"overall_p95_response_time":95.0,"total_requests_per_second":5.0},"test_duration_seconds":20.0,"timestamp":"T","total_requests":100}"#);
    assert_eq!(api.get("/api/load-test/baselines/release-1").await.json(), made.json());

    let body = json!({"test_results_file": "performance_report_1.json"});
    let unnamed = api.post("/api/load-test/baseline", &body).await.json();
    let unnamed = &unnamed["baseline_id"];
    let list = api.get("/api/load-test/baselines").await.json();
    let ids: Vec<_> =
        list["baselines"].as_array().unwrap().iter().map(|one| one["baseline_id"].clone()).collect();
    assert_eq!(ids, [unnamed.clone(), json!("release-1")]);
    assert_eq!(list["baselines"][1]["summary"], made.json()["summary"]);
    assert_eq!(fs::read_dir(root.path().join("baselines")).unwrap().count(), 2, "nothing else is left there");

    let report = api.get("/api/load-test/baselines/release-1/report").await;
    assert_eq!((report.status, report.header("content-type")), (200, Some("text/plain; charset=utf-8")));
    let sections =
        ["Performance Baseline Report", "Overall Summary", "Endpoint Performance", "Recommendations"];
    assert!(sections.iter().all(|section| report.text().contains(section)), "{}", report.text());
}

#[tokio::test]
async fn baseline_missing_or_forbidden_file_is_rejected() {
    let (Weir { api, program: _program }, root) = with_folders();
    let results_folder = root.path().join("results");
    fs::write(root.path().join("outside.json"), results()).unwrap();
    fs::write(results_folder.join("broken.json"), "{\"total_requests\": 1,\n \"metrics\": 5}").unwrap();
    std::os::unix::fs::symlink("../outside.json", results_folder.join("link.json")).unwrap();
    let make = async |body: Value| {
        let output = api.post("/api/load-test/baseline", &body).await.status_and_body();
        output.replace(&root.path().display().to_string(), "ROOT")
    };
    let file = |name: &str| json!({"test_results_file": name});
    assert_snapshot!(make(json!({})).await, @r#"400 {"error":"the body is not the expected JSON: missing field `test_results_file` at line 1 column 2","status":"error"}"#);
    assert_snapshot!(make(file("gone.json")).await, @r#"404 {"error":"the results file 'gone.json' does not exist","status":"error"}"#);
    assert_snapshot!(make(file("../outside.json")).await, @r#"400 {"error":"test_results_file: \"../outside.json\" is not a file's name: it must have none of / \\ :","status":"error"}"#);
    assert_snapshot!(make(file("link.json")).await, @r#"400 {"error":"link.json: leads out of the folder ROOT/results","status":"error"}"#);
    assert_snapshot!(make(file("broken.json")).await, @r#"400 {"error":"broken.json: metrics: invalid type: integer `5`, expected a sequence at line 2 column 13","status":"error"}"#);
    assert_snapshot!(make(json!({"test_results_file": "broken.json", "baseline_name": "../x"})).await, @r#"400 {"error":"baseline_name: \"../x\" is not a file's name: it must have none of / \\ :","status":"error"}"#);
    assert_snapshot!(api.get("/api/load-test/baselines/none").await.status_and_body(), @r#"404 {"error":"the baseline 'none' does not exist","status":"error"}"#);
    assert_eq!(api.get("/api/load-test/baselines/none/report").await.status, 404);
    for id in ["..%2Foutside", "%2e%2e%2foutside", "%2Fetc%2Fpasswd", "..%5Coutside", ".hidden", "a%00b"] {
        for path in
            [format!("/api/load-test/baselines/{id}"), format!("/api/load-test/baselines/{id}/report")]
        {
            assert_eq!(api.get(&path).await.status, 400, "{path}");
        }
    }
    assert!(!root.path().join("baselines").exists(), "it is made with the first baseline only");
}

#[tokio::test]
async fn load_test_info_returns_limits() {
    let info = shared().get("/api/load-test/info").await;
    let info = info.json();
    assert_eq!(info["success"], true);
    assert_eq!(info["load_testing"]["tools"], json!(["weir", "locust"]));
    let endpoints = info["load_testing"]["endpoints"].as_array().unwrap();
    assert!(endpoints.contains(&json!({"method": "POST", "path": "/api/load-test/baseline"})));
    assert_eq!(endpoints.len(), 5);
}

#[tokio::test]
async fn invalid_input_returns_precise_4xx() {
    let api = shared();
    let key = register(&api, "bad-input").await;
    let refused = async |path: &str, body: Value| {
        let reply = api.send(&with_key(post(path, &body), &key)).await;
        assert!((400..500).contains(&reply.status), "{path} {body}: {}", reply.status_and_body());
        format!("{} {}", reply.status, reply.json()["error"].as_str().unwrap())
    };
    let credentials = json!({"api_key": "k", "api_secret": "s"});
    let register = async |body| refused("/api/agents/register", body).await;
    assert_snapshot!(register(json!({})).await, @"400 the body is not the expected JSON: missing field `agent_id` at line 1 column 2");
    assert_snapshot!(register(json!([])).await, @"400 the body must be a JSON object: invalid type: sequence, expected an object at line 1 column 0");
    assert_snapshot!(register(json!({"agent_id": "a"})).await, @"400 the body is not the expected JSON: missing field `agent_credentials` at line 1 column 16");
    assert_snapshot!(register(json!({"agent_id": "a", "agent_credentials": {"api_key": "k"}})).await, @"400 agent_credentials: missing field `api_secret` at line 1 column 36");
    assert_snapshot!(register(json!({"agent_id": 5, "agent_credentials": credentials})).await, @"400 agent_id: invalid type: integer `5`, expected a string at line 1 column 66");
    assert_snapshot!(register(json!({"agent_id": " ", "agent_credentials": credentials})).await, @"400 agent_id: is blank: expected a name");
    assert_snapshot!(register(json!({"agent_id": "a".repeat(257), "agent_credentials": credentials})).await, @"400 agent_id: has 257 bytes: 256 at the most");
    assert_snapshot!(register(json!({"agent_id": "register", "agent_credentials": credentials})).await, @"400 agent_id: 'register' is the path of something else: expected another id");
    assert_snapshot!(register(json!({"agent_id": "a", "agent_credentials": credentials, "database": "sqlite"})).await, @r#"400 database: invalid type: string "sqlite", expected an object that describes a database at line 1 column 88"#);
    let query = async |query: Value| refused("/api/agents/bad-input/query", json!({"query": query})).await;
    assert_snapshot!(query(json!("DELETE FROM users")).await, @r#"400 query: only SELECT can be had here, not "DELETE""#);
    assert_snapshot!(query(json!("SELECT * FROM nothing")).await, @r#"400 query: the table "nothing" does not exist; known: users, customers, products, orders, employees, payments"#);
    assert_snapshot!(query(json!(" ")).await, @"400 query: is empty");
    assert_snapshot!(query(json!(7)).await, @"400 query: invalid type: integer `7`, expected a string at line 1 column 10");
    assert_snapshot!(query(json!("x".repeat(300_000))).await, @"400 query: has 300000 bytes: 262144 at the most");
    let natural = "/api/agents/bad-input/query/natural";
    assert_snapshot!(refused(natural, json!({"question": "users?"})).await, @"400 the body is not the expected JSON: missing field `query` at line 1 column 21");
    assert_snapshot!(refused("/graphql", json!({"quer": "{ health { status } }"})).await, @"400 the body is not the expected JSON: missing field `query` at line 1 column 32");
    assert_snapshot!(refused("/graphql", json!({"query": "{ a }", "variables": 5})).await, @"400 variables: invalid type: integer `5`, expected a map at line 1 column 30");
    assert_eq!(api.get("/api/agents/register").await.status, 405);
}
