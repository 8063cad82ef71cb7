//! Tokens: JWT, signed by HS256, good for a time.

use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, errors::ErrorKind};
use ring::{
    error::Unspecified,
    rand::{SecureRandom as _, SystemRandom},
};
use serde::{Serialize, de::IgnoredAny};

use super::hs256;
use weir_server::Secret;

/// Bytes of a secret that is made up: as many as SHA-256 gives (RFC 7518, 3.2).
const SECRET_BYTES: usize = 32;

/// Issues and checks tokens.
#[derive(Debug)]
pub(super) struct Tokens {
    signing: EncodingKey,
    checking: DecodingKey,
    validation: Validation,
    lifetime: Duration,
}

#[derive(Debug, Serialize)]
struct Claims {
    sub: String,
    iat: u64,
    exp: u64,
}

/// Why a token lets nobody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenFault {
    /// Its time is over.
    Expired,
    /// It was signed with another secret, or changed since.
    Forged,
    /// It is no token, or one of another kind.
    Malformed,
}

impl Tokens {
    /// Tokens that are signed with `secret`, else with one that ends with the process.
    pub(super) fn new(secret: Option<&Secret>, lifetime: Duration) -> Result<Self, Unspecified> {
        hs256::install();
        let mut random = [0; SECRET_BYTES];
        let secret = match secret {
            Some(secret) => secret.reveal().as_bytes(),
            None => {
                SystemRandom::new().fill(&mut random)?;
                &random
            }
        };
        let mut validation = Validation::new(Algorithm::HS256);
        // Issued and checked by the same clock.
        validation.leeway = 0;
        // Tokens that others make with the same secret are welcome, whomever they are for.
        validation.validate_aud = false;
        Ok(Self {
            signing: EncodingKey::from_secret(secret),
            checking: DecodingKey::from_secret(secret),
            validation,
            lifetime,
        })
    }

    /// How long a new token is good for.
    pub(super) const fn lifetime(&self) -> Duration {
        self.lifetime
    }

    /// A token for `user`, issued at `now`, in seconds since 1970.
    pub(super) fn issue(&self, user: &str, now: u64) -> jsonwebtoken::errors::Result<String> {
        let exp = now.saturating_add(self.lifetime.as_secs());
        let claims = Claims { sub: user.to_owned(), iat: now, exp };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.signing)
    }

    /// Whether `token` is one of ours, and its time is not over.
    pub(super) fn check(&self, token: &str) -> Result<(), TokenFault> {
        match jsonwebtoken::decode::<IgnoredAny>(token, &self.checking, &self.validation) {
            Ok(_) => Ok(()),
            Err(error) => Err(match error.kind() {
                ErrorKind::ExpiredSignature => TokenFault::Expired,
                ErrorKind::InvalidSignature => TokenFault::Forged,
                _ => TokenFault::Malformed,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);

    fn tokens(secret: Option<&str>) -> Tokens {
        let secret = secret.map(|secret| Secret::new(secret.to_owned()));
        Tokens::new(secret.as_ref(), HOUR).unwrap()
    }

    fn now() -> u64 {
        jsonwebtoken::get_current_timestamp()
    }

    #[test]
    fn a_token_is_good_until_its_time_is_over() {
        let tokens = tokens(None);
        assert_eq!(tokens.check(&tokens.issue("ada", now()).unwrap()), Ok(()));
        let old = tokens.issue("ada", now() - HOUR.as_secs() - 2).unwrap();
        assert_eq!(tokens.check(&old), Err(TokenFault::Expired));
    }

    #[test]
    fn tokens_of_another_secret_are_forged() {
        let token = tokens(Some("mine")).issue("ada", now()).unwrap();
        assert_eq!(tokens(Some("mine")).check(&token), Ok(()));
        for other in [Some("other"), None] {
            assert_eq!(tokens(other).check(&token), Err(TokenFault::Forged));
        }
        // Two processes make up two secrets.
        let token = tokens(None).issue("ada", now()).unwrap();
        assert_eq!(tokens(None).check(&token), Err(TokenFault::Forged));
    }

    #[test]
    fn what_is_no_token_of_ours_is_told() {
        let tokens = tokens(Some("mine"));
        // {"alg":"none"} and {"alg":"HS512"}, with the claims of somebody who is let in until the year 2100.
        let claims = "eyJzdWIiOiJhZGEiLCJpYXQiOjAsImV4cCI6NDEwMjQ0NDgwMH0";
        let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{claims}.");
        let other = format!("eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.{claims}.c2lnbmF0dXJl");
        for token in ["", "a", "a.b", "a.b.c", "....", unsigned.as_str(), other.as_str()] {
            assert_eq!(tokens.check(token), Err(TokenFault::Malformed), "{token}");
        }
        let forged = format!("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.{claims}.c2lnbmF0dXJl");
        assert_eq!(tokens.check(&forged), Err(TokenFault::Forged));
    }
}
