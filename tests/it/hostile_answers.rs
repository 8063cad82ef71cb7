//! Requests whose answers take much work or memory: nobody else waits for them, and memory stays bounded.

use std::{fs, time::Duration};

use serde_json::{Value, json};

use crate::support::{Setup, Weir};

/// The requests at once.
const REQUESTS: usize = 8;

/// The largest memory that the server has had so far, in KiB.
fn peak_kib(weir: &Weir) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", weir.program.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse().unwrap()
}

/// Sends the request many times at once; returns the statuses of the answers that come within `patience`, and a refused
/// one if there is one.
async fn flood(
    weir: &Weir,
    path: &'static str,
    body: &Value,
    patience: Duration,
) -> (Vec<u16>, Option<Value>) {
    let requests = (0..REQUESTS).map(|_| {
        let (api, body) = (weir.api.clone(), body.clone());
        tokio::spawn(async move { api.post(path, &body).await })
    });
    let requests: Vec<_> = requests.collect();
    let deadline = weir.api.clock.now() + patience;
    let (mut statuses, mut refused) = (Vec::new(), None);
    for mut request in requests {
        let Ok(reply) = weir.api.clock.timeout_at(deadline, &mut request).await else {
            request.abort();
            continue;
        };
        let reply = reply.unwrap();
        statuses.push(reply.status);
        if reply.status == 503 {
            assert!(reply.headers.contains_key("retry-after"));
            refused = Some(reply.json());
        }
    }
    (statuses, refused)
}

fn chat(members: &Value) -> Value {
    let mut body = json!({"model": "instant", "messages": [{"role": "user", "content": "Hi"}]});
    for (name, value) in members.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

#[tokio::test]
async fn large_answers_wait_for_memory_and_are_refused_in_time() {
    // Their tokens take a minute, and their text is held until then.
    let setup = Setup::new()
        .variable("WEIR_SERVER_ANSWER_MEMORY", "16MiB")
        .variable("WEIR_SERVER_ANSWER_MEMORY_WAIT", "300ms");
    let weir = Weir::start(setup);
    let before = peak_kib(&weir);
    let slow = json!({"model": "steady", "n": 32, "max_tokens": 20_000, "ignore_eos": true});
    let (statuses, refused) =
        flood(&weir, "/v1/chat/completions", &chat(&slow), Duration::from_secs(3)).await;
    assert!(statuses.iter().all(|status| *status == 503) && !statuses.is_empty(), "{statuses:?}");
    let refused = refused.unwrap();
    assert_eq!(refused["error"]["code"], "server_overloaded");
    let message = refused["error"]["message"].as_str().unwrap();
    assert!(message.contains("16 MiB of `server.answer_memory`"), "{message}");
    let grown = peak_kib(&weir) - before;
    assert!(grown < 100 << 10, "{grown} KiB");
}

#[tokio::test]
async fn floods_of_large_answers_give_their_memory_back() {
    let setup = Setup::new()
        .variable("WEIR_SERVER_ANSWER_MEMORY", "2MiB")
        .variable("WEIR_SERVER_ANSWER_MEMORY_WAIT", "1s");
    let weir = Weir::start(setup);
    let inputs = vec!["a"; 40];
    for (path, body) in [
        ("/v1/embeddings", json!({"model": "instant", "input": inputs})),
        ("/tokenize", json!({"model": "instant", "prompt": "a b c d ".repeat(25 << 10)})),
        ("/v1/chat/completions", chat(&json!({"n": 8, "max_tokens": 10_000, "ignore_eos": true}))),
    ] {
        let (statuses, _) = flood(&weir, path, &body, Duration::from_secs(60)).await;
        assert!(statuses.len() == REQUESTS && statuses.contains(&200), "{path}: {statuses:?}");
        assert!(statuses.iter().all(|status| [200, 503].contains(status)), "{path}: {statuses:?}");
    }
    let metrics = weir.api.get("/metrics").await;
    assert!(metrics.text().contains("\nanswer_memory_bytes 0\n"), "{}", metrics.text());
}
