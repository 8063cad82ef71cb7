//! Bodies of requests, sent to a server with all APIs and reference systems.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use weir_server::{Config, RawConfig, Server, Services};

use crate::{corpus, outcome, runner::fuzz, text};

/// The most bytes of an answer that are read; the rest is cut off.
const ANSWER_BYTES_MAX: u64 = 1 << 20;
const READ_TIME_MAX: Duration = Duration::from_secs(50);

/// A server without delays.
struct Target {
    runtime: Runtime,
    server: Server,
    /// Where the server writes.
    _folder: TempDir,
}

impl Target {
    fn start() -> Self {
        let runtime = Runtime::new().unwrap();
        let backends = weir_reference::backends();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().display();
        let settings = format!(
            "[models]\ndefault = 'instant'\n[agent_workflows]\nworkflows = []
            [agent_connector]\nresults_folder = '{path}/results'\nbaselines_folder = '{path}/baselines'"
        );
        let file = RawConfig::from_toml(&settings, "settings of the test", backends.tables()).unwrap();
        let flags = RawConfig::from_flags(None, Some(0), Some(0.0), Some(1));
        let raw = flags.over(file).over(RawConfig::defaults(backends.tables()).unwrap());
        let (models, chains) = (weir_model::Catalog::embedded().unwrap(), weir_chains::Catalog::default());
        let services = Services { models, chains, backends };
        let server = runtime.block_on(Server::bind(Config::try_from(raw).unwrap(), services)).unwrap();
        Self { runtime, server, _folder: folder }
    }

    /// Sends a body. Fails with the message of an answer that is an error.
    fn post(&self, path: &str, key: &str, body: &[u8]) -> Result<(), String> {
        let answer = exchange(self.server.address(), path, key, body).unwrap();
        let answer = text(&answer);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer:?}"));
        let status: u16 = head[9..12].parse().unwrap();
        assert!(status != 500, "{answer}");
        if status < 400 { Ok(()) } else { Err(message(status, body)) }
    }

    fn end(self) {
        self.runtime.block_on(self.server.shutdown());
    }
}

fn exchange(address: SocketAddr, path: &str, key: &str, body: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(READ_TIME_MAX))?;
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-type: application/json\r\n\
         anthropic-version: 2023-06-01\r\nx-api-key: {key}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(&[head.as_bytes(), body].concat())?;
    let mut answer = Vec::new();
    stream.take(ANSWER_BYTES_MAX).read_to_end(&mut answer)?;
    Ok(answer)
}

/// The message of an error of any API; the body if it has none.
fn message(status: u16, body: &str) -> String {
    let value: Value =
        serde_json::from_str(body).unwrap_or_else(|_| panic!("an error is not JSON: {status} {body:?}"));
    let pointers = ["/error/message", "/errors/0/message", "/detail", "/message", "/error"];
    let message = pointers.iter().find_map(|pointer| value.pointer(pointer)?.as_str());
    // It repeats texts of the request, in JSON.
    message.unwrap_or(body).chars().filter(|character| !character.is_control()).collect()
}

/// A row of `tests/real-inputs/serve/`; other keys do not matter here.
#[derive(Deserialize)]
struct Row {
    path: String,
    body: Option<String>,
}

#[derive(Deserialize)]
struct Table {
    case: Vec<Row>,
}

/// An input is a path in the first line, and a body. Inputs from the field are part of the corpus.
#[test]
fn fuzz_body() {
    let tables = corpus::files("tests/real-inputs/serve");
    let rows = tables.iter().flat_map(|table| toml::from_str::<Table>(&text(table)).unwrap().case);
    let field = rows.filter_map(|row| Some(format!("{}\n{}", row.path, row.body?).into_bytes())).collect();
    let target = Target::start();
    fuzz("body", field, &|input, _| {
        let end = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
        // A changed path must remain one: hyper answers others itself.
        let in_path = |c: char| c.is_ascii_alphanumeric() || "/_.-?=&:".contains(c);
        let path = text(&input[..end]).replace(|c| !in_path(c), "-");
        let path = if path.starts_with('/') { path } else { format!("/{path}") };
        target.post(&path[..path.len().min(1000)], "key", input.get(end + 1..).unwrap_or_default())
    });
    target.end();
}

#[test]
fn fuzz_graphql() {
    let target = Target::start();
    fuzz("graphql", Vec::new(), &|input, _| {
        let body = json!({"query": text(input), "variables": {"id": "a", "most": 3}});
        let answer =
            exchange(target.server.address(), "/graphql", "key", body.to_string().as_bytes()).unwrap();
        let answer = text(&answer);
        let (_, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer:?}"));
        let value: Value = serde_json::from_str(body).unwrap();
        let error = value.pointer("/errors/0/message").or_else(|| value.get("detail"));
        error.map_or(Ok(()), |_| Err(message(400, body)))
    });
    target.end();
}

#[test]
fn fuzz_sql() {
    let target = Target::start();
    let registration = json!({
        "agent_id": "fuzz",
        "agent_credentials": {"api_key": "key", "api_secret": "secret"},
        "database": {"type": "postgresql", "host": "localhost", "password": "hush"},
    });
    let path = "/api/agents/register";
    let answer = exchange(target.server.address(), path, "key", registration.to_string().as_bytes()).unwrap();
    let answer = text(&answer);
    let registered: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
    let key = registered["api_key"].as_str().unwrap();
    fuzz("sql", Vec::new(), &|input, _| {
        let body = json!({"query": text(input)}).to_string();
        let asked = target.post("/api/agents/fuzz/query/natural", key, body.as_bytes());
        outcome(target.post("/api/agents/fuzz/query", key, body.as_bytes()).and(asked))
    });
    target.end();
}
