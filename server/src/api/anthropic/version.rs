//! The versions of the API.

use http::{HeaderMap, HeaderName};

use crate::request::Problem;

/// The header with the client's version.
pub(super) const VERSION: HeaderName = HeaderName::from_static("anthropic-version");

/// A version of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// `2023-06-01`.
    V2023,
    /// `2026-10-21`, which has no `temperature`, `top_p` and `top_k`.
    V2026,
}

impl Version {
    /// Returns the version of a request; fails if it has none.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let Some(named) = headers.get(VERSION) else {
            return Err(Problem::invalid(None, "anthropic-version: header is required".to_owned()));
        };
        match named.as_bytes() {
            b"2023-06-01" => Ok(Self::V2023),
            b"2026-10-21" => Ok(Self::V2026),
            other => {
                let other = String::from_utf8_lossy(other);
                let message = format!(
                    "anthropic-version: {other:?} is not a version of the API: expected \"2023-06-01\" or \"2026-10-21\""
                );
                Err(Problem::invalid(None, message))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(named: Option<&str>) -> Result<Version, String> {
        let headers = named.map(|named| (VERSION, named.parse().unwrap())).into_iter().collect();
        Version::of(&headers).map_err(|problem| problem.message)
    }

    #[test]
    fn version_missing_or_unknown_fails() {
        assert_eq!(version(Some("2023-06-01")), Ok(Version::V2023));
        assert_eq!(version(Some("2026-10-21")), Ok(Version::V2026));
        insta::assert_snapshot!(version(None).unwrap_err(), @"anthropic-version: header is required");
        insta::assert_snapshot!(version(Some("2024-01-01")).unwrap_err(), @r#"anthropic-version: "2024-01-01" is not a version of the API: expected "2023-06-01" or "2026-10-21""#);
    }
}
