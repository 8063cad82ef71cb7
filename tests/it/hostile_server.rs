//! Misbehaving clients of the server: nobody else notices them, and memory stays bounded.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use crate::support::{Setup, Weir};

/// Longer than any answer takes, so that only a hanging server exceeds it.
const PATIENCE: Duration = Duration::from_secs(20);
const BODY: &str = r#"{"model":"no-such-model","messages":[{"role":"user","content":"Hi"}]}"#;

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

fn head(path: &str, length: usize) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    )
}

/// Reads one answer with a content length: its head and its body.
fn answer(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let mut byte = [0];
    while !text.ends_with(b"\r\n\r\n") {
        let read = stream.read(&mut byte).unwrap();
        assert!(read > 0, "the connection ended in {:?}", String::from_utf8_lossy(&text));
        text.push(byte[0]);
    }
    let head = String::from_utf8(text).unwrap();
    let length = head.to_ascii_lowercase();
    let length =
        length.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap().parse().unwrap();
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    head + &String::from_utf8(body).unwrap()
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap()
}

#[tokio::test]
async fn refused_requests_of_a_kept_connection_are_all_answered() {
    let weir = Weir::start(Setup::new().config("[admission]\nunknown_keys = 'reject'\n"));
    for (path, expected) in [("/v1/chat/completions", "401"), ("/v1/nowhere", "404"), ("/health", "405")] {
        let mut stream = connect(weir.program.address);
        for _ in 0..6 {
            // The body comes after the head, when the answer may have been decided already.
            stream.write_all(head(path, BODY.len()).as_bytes()).unwrap();
            weir.api.clock.sleep(Duration::from_millis(5)).await;
            stream.write_all(BODY.as_bytes()).unwrap();
            let answer = answer(&mut stream);
            assert_eq!(status(&answer), expected, "{answer}");
            assert!(!answer.contains("connection: close"), "{answer}");
        }
    }
}

#[tokio::test]
async fn refused_request_whose_body_does_not_come_closes_its_connection() {
    let weir = Weir::start(Setup::new());
    let mut stream = connect(weir.program.address);
    stream.write_all(head("/v1/nowhere", 100).as_bytes()).unwrap();
    let answer = answer(&mut stream);
    assert!(status(&answer) == "404" && answer.contains("connection: close"), "{answer}");
}

#[tokio::test]
async fn body_that_does_not_come_or_dribbles_is_refused_in_time() {
    let weir = Weir::start(Setup::new().variable("WEIR_SERVER_BODY_TIMEOUT", "300ms"));
    for path in ["/v1/chat/completions", "/v1/messages", "/v1/embeddings", "/v1/responses"] {
        let mut stream = connect(weir.program.address);
        stream.write_all(head(path, 100).as_bytes()).unwrap();
        let answer = answer(&mut stream);
        assert!(status(&answer) == "408" && answer.contains("connection: close"), "{answer}");
    }
    let mut stream = connect(weir.program.address);
    stream.write_all(head("/v1/chat/completions", 1_000_000).as_bytes()).unwrap();
    let mut dribbling = stream.try_clone().unwrap();
    let dribble = std::thread::spawn(move || {
        while dribbling.write_all(b" ").is_ok() {
            std::thread::park_timeout(Duration::from_millis(50));
        }
    });
    assert_eq!(status(&answer(&mut stream)), "408");
    drop(stream);
    dribble.join().unwrap();
}

#[tokio::test]
async fn client_without_its_body_occupies_no_worker() {
    let weir = Weir::start(Setup::new().variable("WEIR_SERVER_WORKERS", "1").time_scale("0"));
    let slow: Vec<TcpStream> = (0..4)
        .map(|_| {
            let mut stream = connect(weir.program.address);
            stream.write_all(head("/v1/chat/completions", 100).as_bytes()).unwrap();
            stream
        })
        .collect();
    weir.api.clock.sleep(Duration::from_millis(100)).await;
    let mut stream = connect(weir.program.address);
    let body = BODY.replace("no-such-model", "instant");
    stream.write_all((head("/v1/chat/completions", body.len()) + &body).as_bytes()).unwrap();
    assert_eq!(status(&answer(&mut stream)), "200");
    drop(slow);
}

#[tokio::test]
async fn stream_that_nobody_reads_is_cut() {
    let weir = Weir::start(Setup::new().variable("WEIR_SERVER_WRITE_TIMEOUT", "300ms"));
    let mut stream = connect(weir.program.address);
    let body = r#"{"model":"instant","messages":[{"role":"user","content":"Hi"}],"stream":true,"max_tokens":120000,"ignore_eos":true}"#;
    stream.write_all((head("/v1/chat/completions", body.len()) + body).as_bytes()).unwrap();
    weir.api.clock.sleep(Duration::from_secs(2)).await;
    let mut text = Vec::new();
    // The end of the connection may be an error.
    let _ = stream.read_to_end(&mut text);
    let text = String::from_utf8_lossy(&text);
    assert!(text.contains("200 OK") && !text.contains("[DONE]"), "{} bytes", text.len());
}

#[tokio::test]
async fn memory_of_streams_does_not_depend_on_their_length() {
    const STREAMS: usize = 100;
    let weir = Weir::start(Setup::new());
    let status = format!("/proc/{}/status", weir.program.id());
    let resident_kib = || {
        let status = fs::read_to_string(&status).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap()
    };
    let open = |tokens: u32| {
        let body = format!(
            r#"{{"model":"steady","messages":[{{"role":"user","content":"Hi"}}],"stream":true,"ignore_eos":true,"max_tokens":{tokens}}}"#
        );
        (0..STREAMS)
            .map(|_| {
                let mut stream = connect(weir.program.address);
                stream.write_all((head("/v1/chat/completions", body.len()) + &body).as_bytes()).unwrap();
                // Its first event.
                stream.read_exact(&mut [0; 200]).unwrap();
                stream
            })
            .collect::<Vec<_>>()
    };
    let short = open(1_000);
    let before = resident_kib();
    let long = open(120_000);
    let grown = resident_kib().saturating_sub(before);
    drop((short, long));
    // The schedule alone would be 470 KiB a stream.
    assert!(grown < STREAMS as u64 * 150, "{grown} KiB for {STREAMS} streams");
}
