//! The agent workflow system: tokens, agents and workflows.

use http::{HeaderValue, header::AUTHORIZATION};
use insta::{allow_duplicates, assert_snapshot};
use serde_json::{Value, json};
use weir_wire::Request;

use crate::support::{Api, Program, Reply, Setup, Weir, get, post, shared};

const KEY: &str = "test-api-key";
const AGENTS: [&str; 5] = ["coder", "architect", "tester", "reviewer", "documenter"];
const WORKFLOWS: [&str; 3] = ["feature_development", "code_review", "bugfix"];

/// A server with a known token secret and two users.
fn signed() -> Api {
    static PROGRAM: std::sync::LazyLock<Program> = std::sync::LazyLock::new(|| {
        let settings =
            "[agent_workflows]\ntoken_secret = 'hush'\ntoken_lifetime = '2h'\napi_keys = ['mine']\n
                        [agent_workflows.passwords]\nada = 'countess'\nbob = 'builder'";
        Setup::new().time_scale("0.1").config(settings).start()
    });
    Api::new(PROGRAM.address)
}

fn with_bearer(request: Request, bearer: &str) -> Request {
    request.with_header(AUTHORIZATION, HeaderValue::try_from(format!("Bearer {bearer}")).unwrap())
}

async fn read(path: &str) -> Reply {
    shared().send(&with_bearer(get(path), KEY)).await
}

async fn post_json(path: &str, body: &Value) -> Reply {
    shared().send(&with_bearer(post(path, body), KEY)).await
}

async fn agent(body: &Value) -> Reply {
    post_json("/api/v1/agents/run", body).await
}

fn seconds(answer: &Value) -> f64 {
    answer["execution_time_seconds"].as_f64().unwrap()
}

#[tokio::test]
async fn login_any_user_returns_token_for_all_endpoints() {
    let api = shared();
    let login = json!({"username": "anybody", "password": "at all", "scope": "ignored"});
    let reply = api.post("/api/v1/auth/token", &login).await;
    let answer = reply.json();
    assert_eq!(
        (reply.status, &answer["token_type"], &answer["expires_in"]),
        (200, &json!("bearer"), &json!(3600))
    );
    let token = answer["access_token"].as_str().unwrap();
    assert_eq!(token.split('.').count(), 3);
    for path in ["/api/v1/agents", "/api/v1/agents/coder", "/api/v1/workflows"] {
        assert_eq!(api.send(&with_bearer(get(path), token)).await.status, 200, "{path}");
    }
    let run = post("/api/v1/agents/run", &json!({"agent_id": "coder", "task": "Say hello"}));
    assert_eq!(api.send(&with_bearer(run, token)).await.status, 200);
}

#[tokio::test]
async fn endpoints_without_token_return_401_except_login() {
    let body = json!({"agent_id": "coder", "task": "x", "workflow_id": "bugfix"});
    for request in [
        get("/api/v1/agents"),
        get("/api/v1/agents/coder"),
        get("/api/v1/workflows"),
        post("/api/v1/agents/run", &body),
        post("/api/v1/workflows/run", &body),
    ] {
        let refused = shared().send(&request).await;
        assert_eq!(refused.header("www-authenticate"), Some("Bearer"));
        allow_duplicates! {
            assert_snapshot!(refused.status_and_body(), @r#"401 {"error":"expected a token in the header Authorization: Bearer TOKEN; POST /api/v1/auth/token gives one","status":"error"}"#);
        }
    }
}

#[tokio::test]
async fn tokens_forged_and_expired_return_different_errors() {
    let response_for =
        async |token: &str| signed().send(&with_bearer(get("/api/v1/agents"), token)).await.status_and_body();
    let head = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
    // {"sub":"ada","iat":0,"exp":4102444800}: valid until the year 2100.
    let claims = "eyJzdWIiOiJhZGEiLCJpYXQiOjAsImV4cCI6NDEwMjQ0NDgwMH0";
    let good = format!("{head}.{claims}.JYMSr2ov83Fi_Hp9brqBEAxKN1l3jlC-ypFOUQ7g6SA");
    assert!(response_for(&good).await.starts_with("200 "));
    assert!(response_for("mine").await.starts_with("200 "));

    // The same claims signed with "other", and modified claims with the original signature of "hush".
    let other = format!("{head}.{claims}.mglEbIy0pk-NvI14qgp45Rx_GIZT38U6xT744qZQx4Y");
    let changed = format!(
        "{head}.eyJzdWIiOiJib2IiLCJleHAiOjQxMDI0NDQ4MDB9.JYMSr2ov83Fi_Hp9brqBEAxKN1l3jlC-ypFOUQ7g6SA"
    );
    for forged in [&other, &changed] {
        let output = response_for(forged).await;
        allow_duplicates! { assert_snapshot!(output, @r#"401 {"error":"the token was not signed by this server","status":"error"}"#); }
    }
    // Expired in the year 2001.
    let expired = format!(
        "{head}.eyJzdWIiOiJhZGEiLCJpYXQiOjk3ODMwMzYwMCwiZXhwIjo5NzgzMDcyMDB9.wlA3rcfjkdewRU_etPeXS8QH-GtJ1sDitG73mybi2V8"
    );
    assert_snapshot!(response_for(&expired).await, @r#"401 {"error":"the token has expired; POST /api/v1/auth/token gives a new one","status":"error"}"#);
    // Signed without expiry; with {"alg":"none"}; not a token; the default key, which is not configured here.
    let endless = format!("{head}.eyJzdWIiOiJhZGEiLCJpYXQiOjB9.z1XrlimU9rzl0fBAt7GxfpcDs32zA8jMPirqx5s9PJs");
    let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{claims}.");
    for token in [endless.as_str(), &unsigned, "a.b.c", KEY] {
        let output = response_for(token).await;
        allow_duplicates! { assert_snapshot!(output, @r#"401 {"error":"the bearer is neither a token of this server nor a known API key","status":"error"}"#); }
    }
}

#[tokio::test]
async fn token_after_restart_is_valid_only_with_configured_secret() {
    let login = json!({"username": "ada", "password": "countess"});
    let token = shared().post("/api/v1/auth/token", &login).await.json()["access_token"].clone();
    let refused = signed().send(&with_bearer(get("/api/v1/agents"), token.as_str().unwrap())).await;
    assert_snapshot!(refused.status_and_body(), @r#"401 {"error":"the token was not signed by this server","status":"error"}"#);
}

#[tokio::test]
async fn login_with_password_list_rejects_other_credentials() {
    let login = async |username: &str, password: &str| {
        signed().post("/api/v1/auth/token", &json!({"username": username, "password": password})).await
    };
    assert_eq!(login("ada", "countess").await.json()["expires_in"], 7200);
    for (username, password) in [("ada", "builder"), ("ada", ""), ("eve", "countess")] {
        let output = login(username, password).await.status_and_body();
        allow_duplicates! { assert_snapshot!(output, @r#"401 {"error":"wrong username or password","status":"error"}"#); }
    }
    assert_snapshot!(shared().post("/api/v1/auth/token", &json!({"username": "ada"})).await.status_and_body(), @r#"400 {"error":"the body is not the expected JSON: missing field `password` at line 1 column 18","status":"error"}"#);
    let long = json!({"username": "x".repeat(257), "password": ""});
    assert_snapshot!(shared().post("/api/v1/auth/token", &long).await.status_and_body(), @r#"400 {"error":"username: has 257 bytes: 256 at the most","status":"error"}"#);
}

#[tokio::test]
async fn agents_list_and_retrieve_return_agents() {
    let list = read("/api/v1/agents").await;
    let listed = list.json();
    assert_eq!((list.status, &listed["count"]), (200, &json!(5)));
    for (id, entry) in AGENTS.iter().zip(listed["agents"].as_array().unwrap()) {
        let one = read(&format!("/api/v1/agents/{id}")).await;
        assert_eq!((one.status, &one.json()), (200, entry));
        assert_eq!(entry["id"], *id);
        assert!(entry["name"].is_string() && entry["description"].is_string());
        assert_eq!(entry["capabilities"].as_array().unwrap().len(), 3);
    }
    assert_snapshot!(read("/api/v1/agents/codre").await.status_and_body(), @r#"404 {"error":"the agent 'codre' does not exist (did you mean 'coder'?); known: coder, architect, tester, reviewer, documenter","known":["coder","architect","tester","reviewer","documenter"],"status":"error"}"#);
}

#[tokio::test]
async fn agent_run_returns_task_result() {
    let body = json!({"agent_id": "coder", "task": "Write a function that adds", "model": "gpt-4", "temperature": 0.7, "unknown": 1});
    let reply = agent(&body).await;
    let answer = reply.json();
    assert_eq!((reply.status, &answer["status"]), (200, &json!("success")));
    assert_eq!((&answer["agent_id"], &answer["model"]), (&json!("coder"), &json!("gpt-4")));
    assert_eq!((&answer["llm_calls"], &answer["tool_calls"]), (&json!(1), &json!(0)));
    assert!(!answer["result"].as_str().unwrap().is_empty());
    assert!(answer["run_id"].as_str().unwrap().starts_with("run_"));
    let usage = |name: &str| answer["usage"][name].as_u64().unwrap();
    assert_eq!(usage("total_tokens"), usage("prompt_tokens") + usage("completion_tokens"));
    // About a quarter of a second at time scale 0.1.
    assert!((0.015..1.0).contains(&seconds(&answer)), "{answer}");

    // The same request returns the same text with another run id.
    let again = agent(&body).await.json();
    assert_eq!(answer["result"], again["result"]);
    assert_ne!(answer["run_id"], again["run_id"]);
}

#[tokio::test]
async fn agent_run_complex_task_with_tools_has_more_steps() {
    let task = "Design a service that shortens links, keeps them for a year, counts how often each is used, and says so.";
    let tools = json!(["search", {"name": "lint"}, {"type": "function", "function": {"name": "run"}}]);
    let answer = agent(&json!({"agent_id": "architect", "task": task, "tools": tools})).await.json();
    let steps = answer["steps"].as_array().unwrap();
    let names: Vec<_> = steps.iter().map(|step| step["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["plan", "search", "lint", "run", "work", "review"]);
    let kinds: Vec<_> = steps.iter().map(|step| step["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["llm", "tool", "tool", "tool", "llm", "llm"]);
    assert_eq!((&answer["llm_calls"], &answer["tool_calls"]), (&json!(3), &json!(3)));
    let sum: f64 = steps.iter().map(|step| step["elapsed_seconds"].as_f64().unwrap()).sum();
    assert!(seconds(&answer) >= sum);
    assert!(steps.iter().all(|step| step["elapsed_seconds"].as_f64().unwrap() > 0.0));
}

#[tokio::test]
async fn agent_run_invalid_task_is_rejected() {
    let refused = async |body: Value| agent(&body).await.status_and_body();
    assert_snapshot!(refused(json!({"task": "x"})).await, @r#"400 {"error":"the body is not the expected JSON: missing field `agent_id` at line 1 column 12","status":"error"}"#);
    assert_snapshot!(refused(json!({"agent_id": "coder"})).await, @r#"400 {"error":"the body is not the expected JSON: missing field `task` at line 1 column 20","status":"error"}"#);
    assert_snapshot!(refused(json!({"agent_id": "coder", "task": 5})).await, @r#"400 {"error":"task: invalid type: integer `5`, expected a string at line 1 column 28","status":"error"}"#);
    assert_snapshot!(refused(json!({"agent_id": "coder", "task": " "})).await, @r#"400 {"error":"task: is empty: expected a text","status":"error"}"#);
    assert_snapshot!(refused(json!({"agent_id": "coder", "task": "x", "temperature": 3})).await, @r#"400 {"error":"temperature: expected a number from 0 to 2, found 3","status":"error"}"#);
    assert_snapshot!(refused(json!({"agent_id": "coder", "task": "x", "tools": "search"})).await, @r#"400 {"error":"tools: invalid type: string \"search\", expected a sequence at line 1 column 47","status":"error"}"#);
    assert_snapshot!(refused(json!({"agent_id": "coder", "task": "x", "tools": ["search", 5]})).await, @r#"400 {"error":"tools[1]: expected the name of a tool, or an object with its name","status":"error"}"#);
    assert_snapshot!(refused(json!({"agent_id": "coder", "task": "x", "tools": vec!["search"; 33]})).await, @r#"400 {"error":"tools: are 33: 32 at the most","status":"error"}"#);
    assert_snapshot!(refused(json!({"agent_id": "king", "task": "x"})).await, @r#"404 {"error":"the agent 'king' does not exist; known: coder, architect, tester, reviewer, documenter","known":["coder","architect","tester","reviewer","documenter"],"status":"error"}"#);
    assert_snapshot!(refused(json!([])).await, @r#"400 {"error":"the body must be a JSON object: invalid type: sequence, expected an object at line 1 column 0","status":"error"}"#);
    let method = shared().send(&with_bearer(get("/api/v1/agents/run"), KEY)).await;
    assert_eq!(method.status, 405);
}

#[tokio::test]
async fn workflows_list_and_run_succeed() {
    let list = read("/api/v1/workflows").await.json();
    let ids: Vec<_> = list["workflows"].as_array().unwrap().iter().map(|workflow| &workflow["id"]).collect();
    assert_eq!((ids, &list["count"]), (WORKFLOWS.map(Value::from).iter().collect(), &json!(3)));
    for (index, workflow) in WORKFLOWS.iter().enumerate() {
        let body = json!({"workflow_id": workflow, "inputs": {"feature": "a login", "code": "x = 1"}});
        let reply = post_json("/api/v1/workflows/run", &body).await;
        let run = reply.json();
        assert_eq!((reply.status, &run["status"]), (200, &json!("success")), "{run}");
        assert_eq!((&run["workflow_id"], &run["error"]), (&json!(workflow), &Value::Null));
        assert!(!run["result"].as_str().unwrap().is_empty());
        let steps: Vec<_> = run["steps"].as_array().unwrap().iter().map(|step| &step["name"]).collect();
        let listed: Vec<_> = list["workflows"][index]["steps"].as_array().unwrap().iter().collect();
        assert_eq!(steps, listed);
        // 0.4 to 0.8 s at time scale 0.1.
        assert!((0.03..1.0).contains(&seconds(&run)), "{workflow}: {run}");
    }
    // Only the name is required.
    assert_eq!(post_json("/api/v1/workflows/run", &json!({"workflow_id": "bugfix"})).await.status, 200);
}

#[tokio::test]
async fn workflow_run_invalid_input_is_rejected() {
    let refused = async |body: Value| post_json("/api/v1/workflows/run", &body).await.status_and_body();
    assert_snapshot!(refused(json!({"workflow_id": "bugfx"})).await, @r#"404 {"error":"the workflow 'bugfx' does not exist (did you mean 'bugfix'?); known: feature_development, code_review, bugfix","known":["feature_development","code_review","bugfix"],"status":"error"}"#);
    // A chain that is not configured as a workflow is unknown.
    assert!(refused(json!({"workflow_id": "test_chain"})).await.starts_with("404 "));
    assert_snapshot!(refused(json!({"inputs": {}})).await, @r#"400 {"error":"the body is not the expected JSON: missing field `workflow_id` at line 1 column 13","status":"error"}"#);
    assert_snapshot!(refused(json!({"workflow_id": "bugfix", "inputs": "x"})).await, @r#"400 {"error":"inputs: invalid type: string \"x\", expected a map at line 1 column 13","status":"error"}"#);
}

/// A workflow whose second step is rejected by its model, and one that times out.
const TROUBLE: &str = r#"
[chain.too_much.step.ask]
llm = { model = "fast", prompt = "x", max_tokens = 100_000 }

[chain.too_long]
timeout = "50ms"
[chain.too_long.step.wait]
tool = { takes = "1h" }
"#;

#[tokio::test]
async fn workflow_failed_step_returns_reason() {
    let settings = "[agent_workflows]\nworkflows = ['too_much', 'too_long']";
    let Weir { api, program: _program } = Weir::start(Setup::new().chains(TROUBLE).config(settings));
    let run = async |name: &str| {
        let request = post("/api/v1/workflows/run", &json!({"workflow_id": name}));
        let reply = api.send(&with_bearer(request, KEY)).await;
        (reply.status, reply.json())
    };
    let (status, answer) = run("too_much").await;
    assert_eq!((status, &answer["status"]), (400, &json!("error")));
    assert!(answer["error"].as_str().unwrap().contains("maximum context length"), "{answer}");
    let (status, answer) = run("too_long").await;
    assert_eq!((status, &answer["status"]), (504, &json!("timeout")));
    let metrics = api.get("/metrics").await;
    let refused = r#"llm_errors_total{model="fast",error="invalid_request"} 1"#;
    assert!(metrics.text().contains(refused), "{}", metrics.text());
}

#[tokio::test]
async fn agent_llm_calls_use_no_chain_permits() {
    let settings = "[chains]\nmax_concurrent_llm_calls = 1\nmax_waiting_llm_calls = 0";
    let Weir { api, program: _program } = Weir::start(Setup::new().config(settings));
    let run = with_bearer(post("/api/v1/agents/run", &json!({"agent_id": "coder", "task": "x"})), KEY);
    let (first, second, third) = tokio::join!(api.send(&run), api.send(&run), api.send(&run));
    assert_eq!([first.status, second.status, third.status], [200; 3]);
    let metrics = api.get("/metrics").await;
    let text = metrics.text();
    for line in [
        r#"http_requests_total{endpoint="/api/v1/agents/run",status="200"} 3"#,
        r#"http_request_duration_seconds_count{endpoint="/api/v1/agents/run"} 3"#,
        r#"llm_requests_total{model="fast"} 3"#,
        r#"llm_request_duration_seconds_count{model="fast"} 3"#,
        r#"llm_tokens_total{model="fast",kind="completion"} 120"#,
    ] {
        assert!(text.contains(line), "{line} is not in {text}");
    }
}

#[tokio::test]
async fn startup_unknown_workflow_chain_fails() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("weir.toml"), "[agent_workflows]\nworkflows = ['bug_fix']").unwrap();
    let mut serve = crate::support::bare();
    serve.args(["serve", "--port", "0", "--config", "weir.toml"]).current_dir(folder.path());
    let ended = serve.output().unwrap();
    assert_eq!(ended.status.code(), Some(2));
    assert_snapshot!(String::from_utf8(ended.stderr).unwrap().trim_end(), @"
    error: weir.toml:2: agent_workflows.workflows[0]: unknown chain `bug_fix`
      |
    2 | workflows = ['bug_fix']
      |              ^^^^^^^^^
      |
      = help: did you mean `bugfix`?
    ");
}
