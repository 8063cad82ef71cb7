use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::{TcpStream, lookup_host};
use tokio::sync::Mutex;

use super::error::RequestError;
use super::target::Target;

/// The addresses of a target, resolved once for all connections, and again after all of them refused a connection.
#[derive(Debug)]
pub(super) struct Addresses {
    host: String,
    port: u16,
    resolved: Mutex<Option<Arc<[SocketAddr]>>>,
}

impl Addresses {
    pub(super) fn new(target: &Target) -> Self {
        let fixed = target.address().map(|ip| Arc::from([SocketAddr::new(ip, target.port())]));
        Self { host: target.host().to_owned(), port: target.port(), resolved: Mutex::new(fixed) }
    }

    /// Opens a connection to the first address that accepts one.
    pub(super) async fn connect(&self) -> Result<TcpStream, RequestError> {
        let addresses = self.resolve().await?;
        let mut last_error = None;
        for &addr in addresses.iter() {
            match open_stream(addr).await {
                Ok(stream) => return Ok(stream),
                // Without IPv6, this is the error of its addresses, whatever the others are.
                Err(source) if source.kind() == io::ErrorKind::AddrNotAvailable && last_error.is_some() => {}
                Err(source) => last_error = Some(RequestError::Connect { addr, source }),
            }
        }
        self.forget(&addresses).await;
        Err(last_error.unwrap_or_else(|| self.resolve_error(io::ErrorKind::NotFound.into())))
    }

    /// Holds the lock during the lookup, so that connections opened at the same time share one lookup.
    async fn resolve(&self) -> Result<Arc<[SocketAddr]>, RequestError> {
        let mut resolved = self.resolved.lock().await;
        if let Some(addresses) = resolved.as_ref() {
            return Ok(Arc::clone(addresses));
        }
        let found = lookup_host((self.host.as_str(), self.port))
            .await
            .map_err(|source| self.resolve_error(source))?;
        let addresses: Arc<[SocketAddr]> = found.collect();
        *resolved = Some(Arc::clone(&addresses));
        Ok(addresses)
    }

    /// Forgets addresses that refused connections, unless they were resolved again in the meantime.
    async fn forget(&self, tried: &Arc<[SocketAddr]>) {
        let mut resolved = self.resolved.lock().await;
        if resolved.as_ref().is_some_and(|addresses| Arc::ptr_eq(addresses, tried)) {
            *resolved = None;
        }
    }

    fn resolve_error(&self, source: io::Error) -> RequestError {
        RequestError::Resolve { host: self.host.clone(), source }
    }
}

/// Opens a connection with `TCP_NODELAY`: Nagle's algorithm would delay a request's body until its head is acknowledged.
async fn open_stream(addr: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(addr).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpSocket;

    use super::*;

    #[tokio::test]
    async fn addresses_are_cached_until_all_refuse() {
        // A bound port without a listener.
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let port = socket.local_addr().unwrap().port();
        let addresses = Addresses::new(&format!("http://localhost:{port}").parse().unwrap());

        let first = addresses.resolve().await.unwrap();
        assert!(Arc::ptr_eq(&first, &addresses.resolve().await.unwrap()), "resolved twice");

        assert!(matches!(addresses.connect().await, Err(RequestError::Connect { .. })));
        assert!(!Arc::ptr_eq(&first, &addresses.resolve().await.unwrap()), "not resolved again");
    }
}
