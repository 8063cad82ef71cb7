//! The driver against a server of a few lines on a real socket.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::json;
use weir_pace::Seed;
use weir_wire::Target;

use super::*;
use weir_results::SpeedupVerdict;

/// What the server saw of a request: its path, its `X-Enable-Parallel`, its key and its body.
#[derive(Clone, Debug, PartialEq)]
struct Seen {
    path: String,
    parallel: String,
    key: String,
    body: String,
}

/// A server that answers the n-th request with what `answer` says, each connection on a thread of its own.
struct Server {
    target: Target,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    fn start(answer: fn(usize) -> (u16, String)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let target = format!("http://{}/base", listener.local_addr().unwrap()).parse().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&seen);
        thread::spawn(move || {
            for connection in listener.incoming() {
                let shared = Arc::clone(&shared);
                thread::spawn(move || serve(connection.unwrap(), &shared, answer));
            }
        });
        Self { target, seen }
    }

    fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

fn serve(connection: TcpStream, seen: &Mutex<Vec<Seen>>, answer: fn(usize) -> (u16, String)) {
    let mut writer = connection.try_clone().unwrap();
    let mut reader = BufReader::new(connection);
    while let Some(request) = read_request(&mut reader) {
        let number = {
            let mut seen = seen.lock().unwrap();
            seen.push(request);
            seen.len()
        };
        let (status, body) = answer(number);
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nserver-timing: delivered_total;dur=0.001\r\n\
             content-length: {}\r\n\r\n",
            body.len()
        );
        writer.write_all([head, body].concat().as_bytes()).unwrap();
    }
}

fn read_request(reader: &mut BufReader<TcpStream>) -> Option<Seen> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            break;
        }
        lines.push(line.trim_end().to_owned());
    }
    let header = |name: &str| {
        let found = lines
            .iter()
            .filter_map(|line| line.split_once(": "))
            .find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map_or_else(String::new, |(_, value)| value.to_owned())
    };
    let mut body = vec![0; header("content-length").parse().unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some(Seen {
        path: lines.first()?.split(' ').nth(1)?.to_owned(),
        parallel: header("x-enable-parallel"),
        key: header("x-api-key"),
        body: String::from_utf8(body).unwrap(),
    })
}

fn ok(_: usize) -> (u16, String) {
    let step =
        |name: &str, took: f64, needs: &[&str]| json!({ "name": name, "elapsed_ms": took, "needs": needs });
    let steps = [step("a", 30.0, &[]), step("b", 30.0, &[]), step("join", 15.0, &["a", "b"])];
    (200, json!({ "status": "ok", "result": null, "steps": steps, "metadata": {} }).to_string())
}

fn options(pairs: u32, at_once: u32) -> SpeedupOptions {
    let headers = [(http::HeaderName::from_static("x-api-key"), http::HeaderValue::from_static("secret"))];
    SpeedupOptions {
        pairs,
        at_once,
        seed: Seed::new(7),
        headers: headers.into_iter().collect(),
        ..SpeedupOptions::default()
    }
}

fn measure(server: &Server, options: &SpeedupOptions) -> Result<SpeedupSummary, SpeedupError> {
    run_speedup(&server.target, "three", &json!({ "text": "x" }), options, &Control::new(), |_| {})
}

#[test]
fn runs_both_arms_in_the_drawn_order() {
    let server = Server::start(ok);
    let mut told = Vec::new();
    let input = json!({ "text": "x" });
    let found = run_speedup(&server.target, "three", &input, &options(4, 2), &Control::new(), |progress| {
        told.push(progress.blocks_done);
        assert_eq!(progress.blocks, 8);
    })
    .unwrap();

    let blocks: Vec<String> = server.seen().chunks(2).map(|block| block[0].parallel.clone()).collect();
    let word = |arm: &Arm| if *arm == Arm::Parallel { "true".to_owned() } else { "false".to_owned() };
    let expected: Vec<String> =
        std::iter::once("true".to_owned()).chain(abba(4, Seed::new(7)).iter().flatten().map(word)).collect();
    assert_eq!(blocks, expected, "the unmeasured block, then the drawn order");
    assert_eq!(told, (1..=8).collect::<Vec<u32>>());
    let first = Seen {
        path: "/base/api/chains/three".into(),
        parallel: "true".into(),
        key: "secret".into(),
        body: r#"{"text":"x"}"#.into(),
    };
    assert_eq!(server.seen()[0], first);

    assert_eq!((found.pairs.len(), found.runs(), found.failed()), (4, 16, 0));
    assert_eq!(found.ended, EndReason::Requests);
    assert!((found.ideal.unwrap() - 75.0 / 45.0).abs() < 1e-9);
    assert_eq!((found.sequential.bound_ms, found.parallel.bound_ms), (Some(75.0), Some(45.0)));
    assert_eq!(found.wall_error.count(), 16);
    assert_eq!(found.target, server.target.to_string());
}

#[test]
fn failed_runs_are_counted_by_kind_and_their_pair_left_out() {
    // Requests 1 and 2 are the unmeasured block, 3 to 6 the first pair.
    let server = Server::start(|number| match number {
        3 | 4 => (503, "busy".to_owned()),
        5 => (200, json!({ "status": "timeout", "error": "too slow" }).to_string()),
        _ => ok(number),
    });
    let found = measure(&server, &options(2, 2)).unwrap();
    let kinds: Vec<(&str, u64)> =
        found.failures.iter().map(|(kind, failure)| (kind.as_str(), failure.count)).collect();
    assert_eq!(kinds, [("check", 1), ("http_503", 2)]);
    assert_eq!(found.failures["check"].example, "the run ended with timeout: too slow");
    assert_eq!((found.pairs.len(), found.runs(), found.verdict), (1, 5, SpeedupVerdict::Undecided));
}

#[test]
fn a_target_that_does_not_know_the_chain_is_an_error() {
    let server = Server::start(|_| (404, "{}".to_owned()));
    let error = measure(&server, &options(2, 1)).unwrap_err();
    let expected = format!("{} does not run the chain three: answered 404 Not Found", server.target);
    assert_eq!(error.to_string(), expected);
}

#[test]
fn nobody_there_is_an_error() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let target: Target = format!("http://{address}").parse().unwrap();
    let error =
        run_speedup(&target, "three", &json!({}), &options(2, 1), &Control::new(), |_| {}).unwrap_err();
    assert!(matches!(error, SpeedupError::Unreachable { .. }), "{error}");
}

#[test]
fn a_stop_reports_what_was_measured() {
    let server = Server::start(ok);
    let stop = Control::new();
    let found = run_speedup(&server.target, "three", &json!({}), &options(50, 1), &stop, |progress| {
        if progress.blocks_done == 6 {
            stop.stop();
        }
    })
    .unwrap();
    assert_eq!((found.ended, found.pairs.len(), found.pairs_planned), (EndReason::Interrupted, 3, 50));
}

#[test]
fn options_and_names_are_checked_before_anything_is_sent() {
    let server = Server::start(ok);
    let messages: Vec<String> = [options(0, 1), options(1_001, 1), options(1, 0), options(1, 257)]
        .iter()
        .map(|options| measure(&server, options).unwrap_err().to_string())
        .collect();
    insta::assert_snapshot!(messages.join("\n"), @r"
    pairs: 0 is out of range; 1 to 1000 is possible
    pairs: 1001 is out of range; 1 to 1000 is possible
    at_once: 0 is out of range; 1 to 256 is possible
    at_once: 257 is out of range; 1 to 256 is possible
    ");
    for name in ["", "a/b", "a?b", "ü"] {
        let error = run_speedup(&server.target, name, &json!({}), &options(1, 1), &Control::new(), |_| {})
            .unwrap_err();
        assert!(matches!(error, SpeedupError::ChainName { .. }), "{error}");
    }
    assert_eq!(server.seen(), []);
}
