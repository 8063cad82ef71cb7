//! What the events of a stream have in common. Most say the same as the one before, but for their text: such an event
//! need not be parsed again. This runs for every token.

use std::ops::Range;

use super::held::Held;

/// The longest event that is learnt: every stream may keep one.
const EVENT_BYTES_MAX: usize = 1024;

/// An event that was parsed, and where its text stands in it. Knows nothing at first.
#[derive(Debug, Default)]
pub(super) struct Skeleton {
    event: Vec<u8>,
    text: Range<usize>,
    held: Held<'static>,
}

impl Skeleton {
    /// What an event holds that is the one learnt with another text in the same place. The parser of JSON that has read
    /// the same bytes before the text stands at the same place of the grammar, and so it does behind it.
    pub(super) fn recognise(&self, event: &[u8]) -> Option<Held<'static>> {
        let (before, after) = (self.event.get(..self.text.start)?, self.event.get(self.text.end..)?);
        let text = event.strip_prefix(before)?.strip_suffix(after)?;
        (before.last() == Some(&b'"') && is_text(text)).then_some(self.held)
    }

    /// Remembers an event that was parsed.
    pub(super) fn learn(&mut self, event: &[u8], held: Held<'_>) -> Held<'static> {
        let whole = held.without_text();
        if let Some(text) = held.deltas.text.filter(|_| event.len() <= EVENT_BYTES_MAX)
            && let Some(start) = text.as_ptr().addr().checked_sub(event.as_ptr().addr())
        {
            self.event.clear();
            self.event.extend_from_slice(event);
            self.text = start..start + text.len();
            self.held = whole;
        }
        whole
    }
}

/// Whether this is what may stand between the quotes of a JSON text, and not empty. A `\u` is left to the parser.
fn is_text(bytes: &[u8]) -> bool {
    let mut rest = bytes.iter();
    while let Some(byte) = rest.next() {
        let is_allowed = match byte {
            b'"' | 0..=0x1f => false,
            b'\\' => matches!(rest.next(), Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't')),
            _ => true,
        };
        if !is_allowed {
            return false;
        }
    }
    !bytes.is_empty() && std::str::from_utf8(bytes).is_ok()
}

#[cfg(test)]
mod tests;
