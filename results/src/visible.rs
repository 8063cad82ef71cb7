//! Texts of a target or a scenario that could change how a report is displayed.

use std::borrow::Cow;

/// Whether a character acts on the display instead of being shown: control characters, also those of the C1 set, and
/// those that change the direction of text or are invisible.
const fn is_hidden(character: char) -> bool {
    matches!(
        character,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
    )
}

/// Returns the text with hidden characters written as in Rust: `\u{1b}`, `\n`.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_hidden(character) {
            // `escape_default` writes every one of them in ASCII.
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visible_writes_hidden_characters_and_keeps_others() {
        assert_eq!(visible("a\u{1b}[2J\u{9b}1m\u{202e}b\n"), "a\\u{1b}[2J\\u{9b}1m\\u{202e}b\\n");
        assert!(matches!(visible("plain ä 漢 🙂"), Cow::Borrowed(_)));
    }
}
