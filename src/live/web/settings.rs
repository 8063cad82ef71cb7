//! Where the page is, and who may see it.

use std::{net::SocketAddr, time::Duration};

use subtle::ConstantTimeEq as _;
use weir_server::Secret;

/// Shorter ones can be guessed.
const TOKEN_MIN: usize = 8;
const TOKEN_MAX: usize = 256;

/// Where the page is, and how it goes on.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) address: SocketAddr,
    pub(crate) token: Option<Token>,
    pub(crate) beginning: Beginning,
    /// How long after a run's end the program ends; by default it waits for another one.
    pub(crate) quit_after: Option<Duration>,
}

/// What starts the first run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Beginning {
    AtOnce,
    FromPage,
}

/// What a browser has to know. Made of characters that need no quotes in a URL and a cookie; never printed.
#[derive(Clone, Debug)]
pub(crate) struct Token(Secret);

/// Why a text is no token. It does not repeat the text.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("a token has {TOKEN_MIN} to {TOKEN_MAX} letters, digits or characters of - . _ ~")]
pub(crate) struct NoToken;

impl Token {
    pub(crate) fn check(given: &Secret) -> Result<Self, NoToken> {
        let text = given.reveal();
        let fits = (TOKEN_MIN..=TOKEN_MAX).contains(&text.len());
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        (fits && text.bytes().all(plain)).then(|| Self(given.clone())).ok_or(NoToken)
    }

    /// Whether it is this one. How long that takes tells nothing but the length.
    pub(super) fn is(&self, given: &str) -> bool {
        self.0.reveal().as_bytes().ct_eq(given.as_bytes()).into()
    }

    /// For the cookie of a browser that has shown it.
    pub(super) fn reveal(&self) -> &str {
        self.0.reveal()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_long_enough_and_needs_no_quotes() {
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
