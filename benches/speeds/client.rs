//! A minimal keep-alive client: sends prepared bytes and parses only what it needs to find the end of a response.

use std::net::SocketAddr;

use anyhow::{Context as _, Result, bail, ensure};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// Maximum length of a response head, in bytes.
const HEAD_MAX: usize = 4 << 10;
/// The last chunk of a chunked body, with the end of the one before; JSON has no bare line ends, so that
/// nothing else looks like it.
const LAST_CHUNK: &[u8] = b"\r\n0\r\n\r\n";

/// One connection.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Box<[u8]>,
}

/// How the end of a response body is found.
#[derive(Clone, Copy, Debug)]
enum Body {
    Length(usize),
    Chunked,
}

/// The end of the head, and the framing of the body that it announces.
#[derive(Clone, Copy, Debug)]
struct Head {
    bytes: usize,
    body: Body,
}

impl Connection {
    /// Connects; each read returns at most `buffer_bytes`.
    pub(crate) async fn open(address: SocketAddr, buffer_bytes: usize) -> Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("no way to {address}"))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: vec![0; buffer_bytes.max(HEAD_MAX)].into() })
    }

    /// Sends a request, reads the whole response and returns its length in bytes.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Result<usize> {
        self.stream.write_all(request).await?;
        let (head, mut filled) = self.head().await?;
        let mut bytes = filled;
        match head.body {
            Body::Length(length) => {
                while bytes < head.bytes + length {
                    bytes += self.read(0).await?;
                }
            }
            Body::Chunked => {
                while !self.buffer.get(..filled).unwrap_or_default().ends_with(LAST_CHUNK) {
                    let kept = filled.min(LAST_CHUNK.len());
                    self.buffer.copy_within(filled - kept..filled, 0);
                    let read = self.read(kept).await?;
                    (filled, bytes) = (kept + read, bytes + read);
                }
            }
        }
        Ok(bytes)
    }

    /// Sends a request and returns the response body, which must have a `content-length`.
    pub(crate) async fn fetch(&mut self, request: &[u8]) -> Result<Vec<u8>> {
        self.stream.write_all(request).await?;
        let (head, filled) = self.head().await?;
        let Body::Length(length) = head.body else { bail!("the response has no content-length") };
        let mut body = self.buffer.get(head.bytes..filled).unwrap_or_default().to_vec();
        let have = body.len();
        body.resize(length, 0);
        self.stream.read_exact(body.get_mut(have..).unwrap_or_default()).await?;
        Ok(body)
    }

    /// Reads until the head is complete; returns it and the number of bytes in the buffer.
    async fn head(&mut self) -> Result<(Head, usize)> {
        let mut filled = 0;
        loop {
            ensure!(filled < HEAD_MAX, "the head of an answer is longer than {HEAD_MAX} bytes");
            filled += self.read(filled).await?;
            if let Some(head) = Head::parse(self.buffer.get(..filled).unwrap_or_default())? {
                return Ok((head, filled));
            }
        }
    }

    async fn read(&mut self, at: usize) -> Result<usize> {
        let read = self.stream.read(self.buffer.get_mut(at..).unwrap_or_default()).await?;
        ensure!(read > 0, "the server closed the connection in the middle of an answer");
        Ok(read)
    }
}

impl Head {
    /// `None` if the body continues.
    fn parse(bytes: &[u8]) -> Result<Option<Self>> {
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
        let head = String::from_utf8_lossy(bytes.get(..end).unwrap_or_default());
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap_or_default();
        ensure!(status.starts_with("HTTP/1.1 200"), "the server answered {status:?}");
        let length = lines.filter_map(|line| line.split_once(':')).find_map(|(name, value)| {
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok()).flatten()
        });
        Ok(Some(Self { bytes: end + 4, body: length.map_or(Body::Chunked, Body::Length) }))
    }
}

/// The bytes of a request with a JSON body.
pub(crate) fn post(path: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n{headers}\r\n{body}"
    )
    .into_bytes()
}

/// The bytes of a chat request.
pub(crate) fn chat(model: &str, max_tokens: u32, stream: bool) -> Vec<u8> {
    post("/v1/chat/completions", "", &chat_body(model, max_tokens, stream))
}

/// The body of a chat request.
pub(crate) fn chat_body(model: &str, max_tokens: u32, stream: bool) -> String {
    let prompt = "Say something about the rivers that feed this valley, and about the weirs that hold them.";
    let body = serde_json::json!({
        "model": model,
        "messages": [
            { "role": "system", "content": "You are a helpful assistant." },
            { "role": "user", "content": prompt },
        ],
        "max_tokens": max_tokens,
        "stream": stream,
    });
    body.to_string()
}
