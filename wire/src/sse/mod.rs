//! Server-sent events, both ways, as the WHATWG describes them
//! (<https://html.spec.whatwg.org/multipage/server-sent-events.html>, §9.2.5 and §9.2.6).

mod decoder;
mod encoder;
mod event;
mod field;
#[cfg(test)]
mod tests;

pub use decoder::{DEFAULT_LIMIT_BYTES, DecodeError, Decoder, Finish};
pub use encoder::{DONE, write_data, write_event};
pub use event::Event;
