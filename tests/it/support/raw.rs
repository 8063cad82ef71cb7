//! Raw connections for clients that violate HTTP.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::Api;

/// The timeout of responses and closes.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A TCP connection to a server.
#[derive(Debug)]
pub(crate) struct Raw {
    stream: TcpStream,
    api: Api,
}

impl Raw {
    pub(crate) async fn connect(api: &Api) -> io::Result<Self> {
        Ok(Self { stream: TcpStream::connect(api.address).await?, api: api.clone() })
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.api.clock.timeout(TIMEOUT, self.stream.write_all(bytes)).await.expect("the server reads")
    }

    /// Shuts down the sending side.
    pub(crate) async fn end_writing(&mut self) {
        self.stream.shutdown().await.unwrap();
    }

    /// Reads everything until the server closes.
    pub(crate) async fn read_to_end(&mut self) -> String {
        let mut answer = Vec::new();
        let read = self.stream.read_to_end(&mut answer);
        self.api.clock.timeout(TIMEOUT, read).await.expect("the server closes").unwrap();
        String::from_utf8(answer).unwrap()
    }
}
