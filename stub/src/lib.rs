//! A server for tests that sends any bytes at any instant, valid HTTP or not.
//!
//! # Layout
//!
//! ```text
//! reply    what is sent after a request: bytes, each at its instant, and how the connection goes on
//! server   the listener: reads requests, sends replies, keeps what it received
//! ```
//!
//! ```
//! use std::io::{Read, Write};
//! use weir_stub::{Reply, Stub};
//!
//! let stub = Stub::start(|_| Reply::json("{}"))?;
//! let mut client = std::net::TcpStream::connect(stub.address())?;
//! client.write_all(b"GET / HTTP/1.1\r\nconnection: close\r\n\r\n")?;
//! let mut head = [0; 15];
//! client.read_exact(&mut head)?;
//! assert_eq!(&head, b"HTTP/1.1 200 OK");
//! assert_eq!(stub.received()[0].line, "GET / HTTP/1.1");
//! # Ok::<(), std::io::Error>(())
//! ```

mod reply;
mod server;

pub use reply::{Next, Reply};
pub use server::{Received, Stub};
