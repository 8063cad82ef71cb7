//! The settings of the page.

use std::{net::SocketAddr, time::Duration};

use subtle::ConstantTimeEq as _;
use weir_server::Secret;

/// Shorter tokens can be guessed.
const TOKEN_MIN: usize = 8;
const TOKEN_MAX: usize = 256;

/// The settings of the page.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) address: SocketAddr,
    pub(crate) token: Option<Token>,
    pub(crate) beginning: StartMode,
    /// Time after a run until the program ends; `None`: it waits for another run.
    pub(crate) quit_after: Option<Duration>,
}

/// How the first run starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StartMode {
    AtOnce,
    FromPage,
}

/// The access token. Its characters need no quotes in a URL or cookie; it is never printed.
#[derive(Clone, Debug)]
pub(crate) struct Token(Secret);

/// The error that a text is not a valid token. It does not contain the text.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("a token has {TOKEN_MIN} to {TOKEN_MAX} letters, digits or characters of - . _ ~")]
pub(crate) struct InvalidToken;

impl Token {
    pub(crate) fn check(given: &Secret) -> Result<Self, InvalidToken> {
        let text = given.reveal();
        let fits = (TOKEN_MIN..=TOKEN_MAX).contains(&text.len());
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        (fits && text.bytes().all(plain)).then(|| Self(given.clone())).ok_or(InvalidToken)
    }

    /// Compares with a given token, in a time that depends on the length only.
    pub(super) fn is(&self, given: &str) -> bool {
        self.0.reveal().as_bytes().ct_eq(given.as_bytes()).into()
    }

    /// Returns the text for the cookie of a browser that has sent it.
    pub(super) fn reveal(&self) -> &str {
        self.0.reveal()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_token_length_and_characters() {
        let check = |text: &str| Token::check(&Secret::new(text.to_owned()));
        for text in ["short", "", "with space", "semi;colon", "ümlaute-ümlaute"] {
            assert!(check(text).is_err(), "{text}");
        }
        assert!(check(&"x".repeat(257)).is_err());
        let token = check("s3cret-T0ken").unwrap();
        assert!(token.is("s3cret-T0ken"));
        assert!(!token.is("s3cret-T0kem") && !token.is("s3cret") && !token.is(""));
        assert!(!format!("{token:?}").contains("s3cret"));
    }
}
