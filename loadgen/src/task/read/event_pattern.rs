//! Recognises events that differ from an earlier one only in their text: most events of a stream. They need not be parsed
//! again. This runs for every token.

use std::ops::Range;

use super::event::ParsedEvent;

/// The longest event that is remembered: every stream may buffer one.
const EVENT_BYTES_MAX: usize = 1024;

/// An event that was parsed, and the place of its text. Empty at first.
#[derive(Debug, Default)]
pub(super) struct EventPattern {
    event: Vec<u8>,
    text: Range<usize>,
    parsed: ParsedEvent<'static>,
}

impl EventPattern {
    /// Returns the content of an event that equals the remembered one but for its text. A JSON parser that has read the
    /// same bytes before the text is in the same state, and so it is after the text.
    pub(super) fn matched(&self, event: &[u8]) -> Option<ParsedEvent<'static>> {
        let (before, after) = (self.event.get(..self.text.start)?, self.event.get(self.text.end..)?);
        let text = event.strip_prefix(before)?.strip_suffix(after)?;
        (before.last() == Some(&b'"') && is_text(text)).then_some(self.parsed)
    }

    /// Remembers an event that was parsed.
    pub(super) fn learn(&mut self, event: &[u8], parsed: ParsedEvent<'_>) -> ParsedEvent<'static> {
        let whole = parsed.without_text();
        if let Some(text) = parsed.deltas.text.filter(|_| event.len() <= EVENT_BYTES_MAX)
            && let Some(start) = text.as_ptr().addr().checked_sub(event.as_ptr().addr())
        {
            self.event.clear();
            self.event.extend_from_slice(event);
            self.text = start..start + text.len();
            self.parsed = whole;
        }
        whole
    }
}

/// Whether these bytes are the content of a JSON string that is not empty and has no `\u`, which is left to the parser.
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
