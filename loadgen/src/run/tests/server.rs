//! A minimal server that sends the bytes that its test gives it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// What the server does with a request, step by step.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Write(Vec<u8>),
    Pause(Duration),
    /// Closes the connection.
    Close,
}

/// A request as the server saw it.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) line: String,
    pub(super) headers: Vec<String>,
    pub(super) body: String,
}

/// Ends with the process: its threads hold nothing that outlives it.
pub(super) struct Server {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// Answers every request with what `script` makes of it.
    pub(super) fn start(script: impl Fn(&Seen) -> Vec<Step> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (log, script) = (Arc::clone(&seen), Arc::new(script));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (log, script) = (Arc::clone(&log), Arc::clone(&script));
                // A client that leaves is the end of its connection and of nothing else.
                thread::spawn(move || stream.and_then(|stream| serve(stream, &log, script.as_ref())));
            }
        });
        Self { address, seen }
    }

    /// Answers every request alike.
    pub(super) fn always(steps: Vec<Step>) -> Self {
        Self::start(move |_| steps.clone())
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

fn serve(
    stream: TcpStream,
    log: &Mutex<Vec<Seen>>,
    script: &(impl Fn(&Seen) -> Vec<Step> + Sync),
) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut writer = stream;
    while let Some(seen) = read_request(&mut reader)? {
        log.lock().unwrap().push(seen.clone());
        for step in script(&seen) {
            match step {
                Step::Write(bytes) => writer.write_all(&bytes)?,
                Step::Pause(duration) => pause(duration),
                Step::Close => return writer.shutdown(std::net::Shutdown::Both),
            }
        }
    }
    Ok(())
}

fn read_request(reader: &mut BufReader<TcpStream>) -> std::io::Result<Option<Seen>> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        lines.push(line);
    }
    let length =
        lines.iter().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body)?;
    let line = lines.remove(0);
    Ok(Some(Seen { line, headers: lines, body: String::from_utf8_lossy(&body).into_owned() }))
}

fn pause(duration: Duration) {
    let until = Instant::now() + duration;
    while let Some(left) = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
        thread::park_timeout(left);
    }
}

/// A whole answer with a body.
pub(super) fn answer(status: &str, content_type: &str, body: &str) -> Vec<Step> {
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    vec![Step::Write(format!("{head}{body}").into_bytes())]
}

pub(super) fn ok(body: &str) -> Vec<Step> {
    answer("200 OK", "application/json", body)
}

/// The head of a stream of events, and each event with a pause before it, each in a chunk of its own.
pub(super) fn stream(gap: Duration, events: &[&str]) -> Vec<Step> {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\ntrailer: server-timing\r\n\r\n";
    let mut steps = vec![Step::Write(head.into())];
    for event in events {
        steps.push(Step::Pause(gap));
        steps.push(Step::Write(chunk(&format!("data: {event}\n\n"))));
    }
    steps
}

pub(super) fn chunk(text: &str) -> Vec<u8> {
    format!("{:x}\r\n{text}\r\n", text.len()).into_bytes()
}

/// The end of a chunked body, with trailers.
pub(super) fn end(trailers: &str) -> Step {
    Step::Write(format!("0\r\n{trailers}\r\n").into_bytes())
}
