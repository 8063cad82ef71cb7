//! The listener.

use std::io::{BufRead, BufReader, Read, Result, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::reply::{Next, Reply};

/// The longest request body that is read.
const BODY_BYTES_MAX: usize = 64 << 20;

/// A server on a free port of the loopback interface. Each connection has a thread; the last of them end with the process.
#[derive(Debug)]
pub struct Stub {
    address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
}

/// A request that arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Its number, from 0.
    pub number: usize,
    /// The number of its connection, from 0.
    pub connection: usize,
    /// The request line: `POST /v1/messages HTTP/1.1`.
    pub line: String,
    /// The header lines.
    pub headers: Vec<String>,
    /// The body.
    pub body: String,
}

impl Stub {
    /// Starts a server that answers each request with `reply`.
    ///
    /// # Errors
    /// Fails if no port can be opened.
    pub fn start(reply: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let (address, received) = (listener.local_addr()?, Arc::new(Mutex::new(Vec::new())));
        let (log, reply) = (Arc::clone(&received), Arc::new(reply));
        thread::spawn(move || {
            for (connection, stream) in listener.incoming().enumerate() {
                let Ok(stream) = stream else { return };
                let (log, reply) = (Arc::clone(&log), Arc::clone(&reply));
                // A client may close its connection at any time.
                thread::spawn(move || serve(stream, connection, &log, reply.as_ref()).ok());
            }
        });
        Ok(Self { address, received })
    }

    /// Its address.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its base URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests so far, in the order in which they arrived.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        lock(&self.received).clone()
    }
}

fn lock(received: &Mutex<Vec<Received>>) -> MutexGuard<'_, Vec<Received>> {
    received.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(
    stream: TcpStream,
    connection: usize,
    log: &Mutex<Vec<Received>>,
    reply: &(impl Fn(&Received) -> Reply + ?Sized),
) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut writer = stream;
    while let Some((line, headers, body)) = read_request(&mut reader)? {
        let at = Instant::now();
        let received = {
            let mut log = lock(log);
            let received = Received { number: log.len(), connection, line, headers, body };
            log.push(received.clone());
            received
        };
        let Reply { parts, next, next_at } = reply(&received);
        for (after, bytes) in parts {
            wait_until(at + after);
            writer.write_all(&bytes)?;
        }
        wait_until(at + next_at);
        match next {
            Next::Keep => {}
            Next::Close => return writer.shutdown(Shutdown::Both),
            Next::Hang => {
                reader.read_to_end(&mut Vec::new())?;
                return Ok(());
            }
        }
    }
    Ok(())
}

/// A request line, header lines and body; `None` if the client has closed the connection.
type Request = Option<(String, Vec<String>, String)>;

fn read_request(reader: &mut BufReader<TcpStream>) -> Result<Request> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let length = lines.iter().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok()).flatten()
    });
    let mut body = vec![0; length.unwrap_or(0).min(BODY_BYTES_MAX)];
    reader.read_exact(&mut body)?;
    let mut lines = lines.into_iter();
    let line = lines.next().unwrap_or_default();
    Ok(Some((line, lines.collect(), String::from_utf8_lossy(&body).into_owned())))
}

fn wait_until(at: Instant) {
    while let Some(left) = at.checked_duration_since(Instant::now()).filter(|left| *left > Duration::ZERO) {
        thread::park_timeout(left);
    }
}
