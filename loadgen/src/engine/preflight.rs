//! Before anything starts: does the target answer at all?

use std::io;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use weir_wire::Target;

use super::options::RunError;

/// Where a target was found.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Whereabouts {
    /// On this machine: it competes with the generator for cores.
    Here,
    Elsewhere,
}

/// Opens a connection and closes it again.
pub(super) fn preflight(target: &Target, timeout: Duration) -> Result<Whereabouts, RunError> {
    let reached = connect(target, timeout);
    let address = reached.map_err(|source| RunError::Unreachable { target: target.to_string(), source })?;
    Ok(if address.ip().is_loopback() { Whereabouts::Here } else { Whereabouts::Elsewhere })
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
