//! Checks before the run that the target accepts connections.

use std::io;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use weir_wire::Target;

use super::options::RunError;
use super::summary::Locality;

/// Opens a connection to the target and closes it again.
///
/// # Errors
/// Fails if no address of the target accepts a connection.
pub(super) fn preflight(target: &Target, timeout: Duration) -> Result<Locality, RunError> {
    let connected = connect(target, timeout);
    let address = connected.map_err(|source| RunError::Unreachable { target: target.to_string(), source })?;
    Ok(if address.ip().is_loopback() { Locality::Local } else { Locality::Remote })
}

fn connect(target: &Target, timeout: Duration) -> io::Result<SocketAddr> {
    let mut failure = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
    for address in (target.host(), target.port()).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, timeout) {
            Ok(_) => return Ok(address),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}
