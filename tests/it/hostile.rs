//! Targets that do everything wrong: the run goes on, each failure is counted as its kind, and memory stays bounded.

use std::{
    collections::BTreeMap,
    fs,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
    time::Duration,
};

use serde_json::Value;

use crate::{
    cli::weir,
    support::{Running, shared},
};

/// Resident memory that a load of fifty users may take, whatever its target does: 40 MiB are its own.
const MEMORY_MIB_MAX: u64 = 450;

const CHAT: &str = "kind = 'openai.chat', model = 'm', prompt = 'p'";
const STREAM: &str = "kind = 'openai.chat', model = 'm', prompt = 'p', stream = true";
const PLAIN: &str = "kind = 'http', path = '/'";

/// Longer than a run: only what a test is about may end a request, however busy the machine is.
const PATIENT: &str = "headers = '30s'\nidle = '30s'";

const STREAM_HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";

/// A server that treats every connection alike; it ends with the process.
fn server(treat: impl Fn(TcpStream) -> std::io::Result<()> + Copy + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            // A client that leaves is the end of its connection and of nothing else.
            thread::spawn(move || stream.and_then(treat));
        }
    });
    address
}

/// Waits for the first bytes of a request.
fn asked(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.read(&mut [0; 4096]).map(|_| ())
}

/// Says `head`, then `more` until the client has enough.
fn endless(mut stream: TcpStream, head: &str, more: &[u8]) -> std::io::Result<()> {
    asked(&mut stream)?;
    stream.write_all(head.as_bytes())?;
    loop {
        stream.write_all(more)?;
    }
}

/// What a load of fifty users for four seconds came to.
struct Outcome {
    /// How often each kind of failure came.
    failures: BTreeMap<String, u64>,
    load: Value,
    peak_mib: u64,
}

async fn load(url: &str, request: &str, timeouts: &str) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    let scenario = format!(
        "url = '{url}'
[load]
users = 50
run_time = '4s'
grace = '200ms'
[timeouts]
{timeouts}
[user.u]
think = '20ms'
[[user.u.task]]
request = {{ {request} }}
"
    );
    fs::write(folder.path().join("hostile.toml"), scenario).unwrap();
    let running = Running::start(&["load", "hostile.toml", "--out", "out"], folder.path());
    let peak_mib = peak_mib(&running).await;
    let said = running.ended();
    assert!(said.stdout.contains("weir load hostile"), "{}{}", said.stdout, said.stderr);
    let summary: Value =
        serde_json::from_slice(&fs::read(folder.path().join("out/summary.json")).unwrap()).unwrap();
    let load = summary["sections"][0]["measured"]["load"].clone();
    let failures = load["all"]["failures"].as_object().unwrap();
    let failures = failures.iter().map(|(kind, of)| (kind.clone(), of["count"].as_u64().unwrap())).collect();
    Outcome { failures, load, peak_mib }
}

/// The most memory that was resident, once the process has ended.
async fn peak_mib(running: &Running) -> u64 {
    let status = format!("/proc/{}/status", running.id());
    let mut peak_kib = 0;
    // A process that has ended and was not waited for has no memory.
    while let Some(kib) = fs::read_to_string(&status).ok().as_deref().and_then(high_water_mark) {
        peak_kib = kib;
        shared().clock.sleep(Duration::from_millis(50)).await;
    }
    peak_kib / 1024
}

fn high_water_mark(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

/// Runs against a server, and checks that nothing but `kind` went wrong, in bounded memory.
async fn fails_as(kind: &str, request: &str, treat: fn(TcpStream) -> std::io::Result<()>) {
    fails_within(PATIENT, kind, request, treat).await;
}

/// The same with timeouts of its own.
async fn fails_within(
    timeouts: &str,
    kind: &str,
    request: &str,
    treat: fn(TcpStream) -> std::io::Result<()>,
) {
    let outcome = load(&format!("http://{}", server(treat)), request, timeouts).await;
    let kinds: Vec<&str> = outcome.failures.keys().map(String::as_str).collect();
    assert_eq!(kinds, [kind], "{}", outcome.load["all"]["failures"]);
    assert!(outcome.peak_mib < MEMORY_MIB_MAX, "{kind}: {} MiB", outcome.peak_mib);
}

#[tokio::test]
async fn connections_that_break() {
    // What is closed with bytes unread is reset.
    fails_as("reset", PLAIN, |stream| stream.peek(&mut [0; 1]).map(|_| ())).await;
    fails_as("protocol", PLAIN, |mut stream| {
        asked(&mut stream)?;
        stream.write_all(b"220 mail.example.org ready\r\n")
    })
    .await;
    fails_as("truncated", PLAIN, |mut stream| {
        asked(&mut stream)?;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf")
    })
    .await;
}

#[tokio::test]
async fn answers_that_do_not_come() {
    fails_within("headers = '500ms'\nidle = '30s'", "timeout_headers", PLAIN, |mut stream| {
        asked(&mut stream)?;
        asked(&mut stream)
    })
    .await;
    fails_within("headers = '30s'\nidle = '500ms'", "timeout_idle", STREAM, |mut stream| {
        asked(&mut stream)?;
        stream.write_all(STREAM_HEAD.as_bytes())?;
        asked(&mut stream)
    })
    .await;
}

#[tokio::test]
async fn answers_that_do_not_end() {
    fails_as("too_large", PLAIN, |stream| endless(stream, "HTTP/1.1 200 OK\r\n", b"x-more: and more\r\n"))
        .await;
    fails_as("too_large", CHAT, |stream| {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1073741824\r\n\r\n";
        endless(stream, head, &[b' '; 1 << 16])
    })
    .await;
    fails_as("too_large", STREAM, |stream| endless(stream, STREAM_HEAD, &[b'x'; 1 << 16])).await;
}

#[tokio::test]
async fn a_stream_without_end_ends_with_the_run() {
    let event = b"data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n";
    let address = server(move |stream| endless(stream, STREAM_HEAD, &event.repeat(100)));
    let outcome = load(&format!("http://{address}"), STREAM, PATIENT).await;
    let unfinished = outcome.load["window"]["unfinished"].as_u64();
    // On a busy machine some streams may not have begun.
    assert!(unfinished > Some(25), "{}", outcome.load["window"]);
    assert!(outcome.peak_mib < MEMORY_MIB_MAX, "{} MiB", outcome.peak_mib);
}

#[tokio::test]
async fn a_target_without_tls_fails_in_the_handshake() {
    let address = server(|mut stream| {
        asked(&mut stream)?;
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    });
    let outcome = load(&format!("https://{address}"), PLAIN, PATIENT).await;
    assert_eq!(outcome.failures.keys().collect::<Vec<_>>(), ["tls"], "{:?}", outcome.failures);
}

#[test]
fn a_host_without_an_address_is_told_before_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let said = weir(&["load", "chat", "--url", "http://no-such-host.invalid"], folder.path(), &[]);
    assert_eq!(said.code, Some(3), "{}", said.stderr);
    assert!(said.stderr.contains("cannot reach http://no-such-host.invalid"), "{}", said.stderr);
}
