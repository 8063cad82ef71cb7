//! Encoding and decoding of server-sent events, as specified by the WHATWG
//! (<https://html.spec.whatwg.org/multipage/server-sent-events.html>, §9.2.5 and §9.2.6).

mod decoder;
mod encoder;
mod event;
mod field;
#[cfg(test)]
mod tests;

pub use decoder::{DEFAULT_LIMIT_BYTES, DecodeError, Decoder, StreamEnd};
pub use encoder::{DONE, write_data, write_event};
pub use event::Event;
