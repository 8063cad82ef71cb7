use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::{TcpStream, lookup_host};
use tokio::sync::Mutex;

use super::failure::Failure;
use super::target::Target;

/// The addresses of a target, resolved once for all its connections, and again after none of them would answer.
#[derive(Debug)]
pub(super) struct Addresses {
    host: String,
    port: u16,
    known: Mutex<Option<Arc<[SocketAddr]>>>,
}

impl Addresses {
    pub(super) fn of(target: &Target) -> Self {
        let fixed = target.address().map(|ip| Arc::from([SocketAddr::new(ip, target.port())]));
        Self { host: target.host().to_owned(), port: target.port(), known: Mutex::new(fixed) }
    }

    /// Opens a connection to the first address that accepts one.
    pub(super) async fn connect(&self) -> Result<TcpStream, Failure> {
        let addresses = self.resolve().await?;
        let mut failure = None;
        for &addr in addresses.iter() {
            match open(addr).await {
                Ok(stream) => return Ok(stream),
                Err(source) => failure = Some(Failure::Connect { addr, source }),
            }
        }
        self.forget(&addresses).await;
        Err(failure.unwrap_or_else(|| self.unresolved(io::ErrorKind::NotFound.into())))
    }

    /// Held across the lookup, so that a thousand connections that begin at once ask the resolver once.
    async fn resolve(&self) -> Result<Arc<[SocketAddr]>, Failure> {
        let mut known = self.known.lock().await;
        if let Some(addresses) = known.as_ref() {
            return Ok(Arc::clone(addresses));
        }
        let found =
            lookup_host((self.host.as_str(), self.port)).await.map_err(|source| self.unresolved(source))?;
        let addresses: Arc<[SocketAddr]> = found.collect();
        *known = Some(Arc::clone(&addresses));
        Ok(addresses)
    }

    /// Forgets addresses that did not answer, unless others were found in the meantime.
    async fn forget(&self, tried: &Arc<[SocketAddr]>) {
        let mut known = self.known.lock().await;
        if known.as_ref().is_some_and(|addresses| Arc::ptr_eq(addresses, tried)) {
            *known = None;
        }
    }

    fn unresolved(&self, source: io::Error) -> Failure {
        Failure::Resolve { host: self.host.clone(), source }
    }
}

/// With Nagle's algorithm off: it would hold a request's body back until its head was acknowledged.
async fn open(addr: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(addr).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpSocket;

    use super::*;

    #[tokio::test]
    async fn addresses_are_kept_until_none_of_them_answers() {
        // A port that is taken, though nobody listens on it.
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let port = socket.local_addr().unwrap().port();
        let addresses = Addresses::of(&format!("http://localhost:{port}").parse().unwrap());

        let first = addresses.resolve().await.unwrap();
        assert!(Arc::ptr_eq(&first, &addresses.resolve().await.unwrap()), "resolved twice");

        assert!(matches!(addresses.connect().await, Err(Failure::Connect { .. })));
        assert!(!Arc::ptr_eq(&first, &addresses.resolve().await.unwrap()), "not resolved again");
    }
}
