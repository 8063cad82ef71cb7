//! Connections for clients that do not keep to HTTP.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::Api;

/// How long a server may take to answer or to close.
const PATIENCE: Duration = Duration::from_secs(10);

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
        self.api.clock.timeout(PATIENCE, self.stream.write_all(bytes)).await.expect("the server reads")
    }

    /// ResponseMode that nothing more will come.
    pub(crate) async fn end_writing(&mut self) {
        self.stream.shutdown().await.unwrap();
    }

    /// All that the server sends until it closes.
    pub(crate) async fn read_to_end(&mut self) -> String {
        let mut answer = Vec::new();
        let read = self.stream.read_to_end(&mut answer);
        self.api.clock.timeout(PATIENCE, read).await.expect("the server closes").unwrap();
        String::from_utf8(answer).unwrap()
    }
}
