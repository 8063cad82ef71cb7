//! Tokens: JWTs signed with HS256, with an expiry.

use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, errors::ErrorKind};
use ring::{
    error::Unspecified,
    rand::{SecureRandom as _, SystemRandom},
};
use serde::{Serialize, de::IgnoredAny};

use super::hs256;
use weir_server::Secret;

/// Bytes of a random secret: the output size of SHA-256 (RFC 7518, 3.2).
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

/// Why a token is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenError {
    /// It has expired.
    Expired,
    /// Its signature is invalid.
    Forged,
    /// It is not a token, or one of another kind.
    Malformed,
}

impl Tokens {
    /// Returns tokens signed with `secret`, or with a random secret of this process.
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
        // Tokens are issued and checked by the same clock.
        validation.leeway = 0;
        // Tokens of other issuers with the same secret are accepted, for any audience.
        validation.validate_aud = false;
        Ok(Self {
            signing: EncodingKey::from_secret(secret),
            checking: DecodingKey::from_secret(secret),
            validation,
            lifetime,
        })
    }

    /// The lifetime of a new token.
    pub(super) const fn lifetime(&self) -> Duration {
        self.lifetime
    }

    /// Issues a token for `user` at `now`, in seconds since 1970.
    pub(super) fn issue(&self, user: &str, now: u64) -> jsonwebtoken::errors::Result<String> {
        let exp = now.saturating_add(self.lifetime.as_secs());
        let claims = Claims { sub: user.to_owned(), iat: now, exp };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.signing)
    }

    /// Checks the signature and the expiry of `token`.
    pub(super) fn check(&self, token: &str) -> Result<(), TokenError> {
        match jsonwebtoken::decode::<IgnoredAny>(token, &self.checking, &self.validation) {
            Ok(_) => Ok(()),
            Err(error) => Err(match error.kind() {
                ErrorKind::ExpiredSignature => TokenError::Expired,
                ErrorKind::InvalidSignature => TokenError::Forged,
                _ => TokenError::Malformed,
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
    fn check_of_token_fails_after_expiry() {
        let tokens = tokens(None);
        assert_eq!(tokens.check(&tokens.issue("ada", now()).unwrap()), Ok(()));
        let old = tokens.issue("ada", now() - HOUR.as_secs() - 2).unwrap();
        assert_eq!(tokens.check(&old), Err(TokenError::Expired));
    }

    #[test]
    fn check_of_token_with_other_secret_fails() {
        let token = tokens(Some("mine")).issue("ada", now()).unwrap();
        assert_eq!(tokens(Some("mine")).check(&token), Ok(()));
        for other in [Some("other"), None] {
            assert_eq!(tokens(other).check(&token), Err(TokenError::Forged));
        }
        // Two processes have different random secrets.
        let token = tokens(None).issue("ada", now()).unwrap();
        assert_eq!(tokens(None).check(&token), Err(TokenError::Forged));
    }

    #[test]
    fn check_of_invalid_token_fails() {
        let tokens = tokens(Some("mine"));
        // {"alg":"none"} and {"alg":"HS512"}, with claims that are valid until the year 2100.
        let claims = "eyJzdWIiOiJhZGEiLCJpYXQiOjAsImV4cCI6NDEwMjQ0NDgwMH0";
        let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{claims}.");
        let other = format!("eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.{claims}.c2lnbmF0dXJl");
        for token in ["", "a", "a.b", "a.b.c", "....", unsigned.as_str(), other.as_str()] {
            assert_eq!(tokens.check(token), Err(TokenError::Malformed), "{token}");
        }
        let forged = format!("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.{claims}.c2lnbmF0dXJl");
        assert_eq!(tokens.check(&forged), Err(TokenError::Forged));
    }
}
