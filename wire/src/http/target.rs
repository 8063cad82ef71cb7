use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use http::Uri;
use http::uri::PathAndQuery;

/// The target of requests: a parsed base URL, such as `http://127.0.0.1:8000` or `https://[::1]:8443/v1`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    scheme: Scheme,
    /// Without the brackets of an IPv6 address.
    host: String,
    port: u16,
    /// Empty, or starts with a slash and does not end with one.
    prefix: String,
}

/// The scheme of a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// HTTP over TCP; default port 80.
    Http,
    /// HTTP over TLS; default port 443.
    Https,
}

impl Scheme {
    fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// Why a URL is not a valid target, or a path cannot be appended to one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseTargetError {
    /// The scheme is missing or not supported.
    #[error("`{url}` must begin with http:// or https://")]
    Scheme {
        /// The URL, without any credentials.
        url: String,
    },
    /// The URL contains a user name or password, which would appear in logs and reports. The error does not repeat it.
    #[error("the URL must not contain a user name or password: send credentials in a header")]
    Userinfo,
    /// The URL contains a query or a fragment, although paths are appended to it.
    #[error("the URL must end with its path: expected `{url}`, found `{mark}` and more after it")]
    AfterPath {
        /// The URL, without its query and fragment.
        url: String,
        /// `?` or `#`.
        mark: char,
    },
    /// The host is missing or invalid.
    #[error("`{url}` has no valid host: expected a name, an IPv4 address or an IPv6 address in brackets")]
    Host {
        /// The URL.
        url: String,
    },
    /// The port is not a number from 1 to 65535.
    #[error("`{url}` has an invalid port `{port}`: expected a number from 1 to 65535")]
    Port {
        /// The URL.
        url: String,
        /// The text after the colon.
        port: String,
    },
    /// The path is invalid.
    #[error(
        "`{path}` is not a valid path: it must start with a slash and must not contain spaces or control characters"
    )]
    Path {
        /// The path, without its query.
        path: String,
    },
}

impl Target {
    /// The scheme.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The host name or address, without brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port; the default port of the scheme if the URL has none.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The path of the URL, such as `/v1` or empty, without a trailing slash.
    #[must_use]
    pub fn path_prefix(&self) -> &str {
        &self.prefix
    }

    /// Replaces the path prefix.
    ///
    /// # Errors
    ///
    /// [`ParseTargetError::Path`] unless `prefix` is empty or a path without a query.
    pub fn with_path_prefix(mut self, prefix: &str) -> Result<Self, ParseTargetError> {
        let trimmed = prefix.trim_end_matches('/');
        let is_path =
            trimmed.is_empty() || (trimmed.starts_with('/') && PathAndQuery::try_from(trimmed).is_ok());
        if !is_path || trimmed.contains(['?', '#']) {
            return Err(ParseTargetError::Path { path: before_query(prefix) });
        }
        trimmed.clone_into(&mut self.prefix);
        Ok(self)
    }

    /// Returns the request target for `path`, which must start with a slash and may have a query.
    ///
    /// # Errors
    ///
    /// [`ParseTargetError::Path`] if it does not, or contains characters that must be percent-encoded.
    pub fn join(&self, path: &str) -> Result<PathAndQuery, ParseTargetError> {
        let invalid = || ParseTargetError::Path { path: before_query(path) };
        if !path.starts_with('/') || path.contains('#') {
            return Err(invalid());
        }
        PathAndQuery::try_from([self.prefix.as_str(), path].concat()).map_err(|_| invalid())
    }

    /// The value of the `Host` header: `host:port`, or `host` for the default port.
    pub(super) fn authority(&self) -> String {
        let host = UrlHost(&self.host);
        if self.port == self.scheme.default_port() {
            host.to_string()
        } else {
            format!("{host}:{}", self.port)
        }
    }

    /// The address, if the host is an IP address.
    pub(super) fn address(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }
}

/// Writes the URL in the format that [`FromStr`] parses. It contains no credentials, because parsing rejects them.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme.name(), self.authority(), self.prefix)
    }
}

impl FromStr for Target {
    type Err = ParseTargetError;

    fn from_str(url: &str) -> Result<Self, Self::Err> {
        let (scheme, rest) = split_scheme(url)?;
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        if authority.contains('@') {
            return Err(ParseTargetError::Userinfo);
        }
        if let Some(mark) = path.chars().find(|c| matches!(c, '?' | '#')) {
            return Err(ParseTargetError::AfterPath {
                url: url.split(mark).next().unwrap_or_default().to_owned(),
                mark,
            });
        }
        let (host, port) =
            split_port(authority).ok_or_else(|| ParseTargetError::Host { url: url.to_owned() })?;
        let port = match port {
            None => scheme.default_port(),
            Some(port) => port
                .parse()
                .ok()
                .filter(|number| *number != 0 && port.bytes().all(|byte| byte.is_ascii_digit()))
                .ok_or_else(|| ParseTargetError::Port { url: url.to_owned(), port: port.to_owned() })?,
        };
        Self { scheme, host: host.to_ascii_lowercase(), port, prefix: String::new() }.with_path_prefix(path)
    }
}

/// Returns the text before its query, which may hold a key.
fn before_query(url: &str) -> String {
    url.split('?').next().unwrap_or_default().to_owned()
}

fn split_scheme(url: &str) -> Result<(Scheme, &str), ParseTargetError> {
    match url.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => Ok((Scheme::Http, rest)),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => Ok((Scheme::Https, rest)),
        // The text before an `@` may be a password.
        _ => Err(ParseTargetError::Scheme { url: before_query(url.rsplit('@').next().unwrap_or_default()) }),
    }
}

/// Returns the checked host without brackets, and the text after the colon.
fn split_port(authority: &str) -> Option<(&str, Option<&str>)> {
    if let Some(rest) = authority.strip_prefix('[') {
        let (host, after) = rest.split_once(']')?;
        host.parse::<Ipv6Addr>().ok()?;
        return match after.strip_prefix(':') {
            Some(port) => Some((host, Some(port))),
            None => after.is_empty().then_some((host, None)),
        };
    }
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    // `http` checks the characters of a host; an unknown name fails when it is resolved.
    let is_host = !host.is_empty()
        && !host.contains('%')
        && Uri::try_from(host).is_ok_and(|uri| uri.host() == Some(host));
    is_host.then_some((host, port))
}

/// Displays a host as in a URL: an IPv6 address in brackets.
struct UrlHost<'a>(&'a str);

impl fmt::Display for UrlHost<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.contains(':') { write!(f, "[{}]", self.0) } else { f.write_str(self.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(url: &str) -> Target {
        url.parse().unwrap()
    }

    fn refusal(url: &str) -> String {
        url.parse::<Target>().unwrap_err().to_string()
    }

    #[test]
    fn parse_url_round_trips() {
        let plain = target("http://127.0.0.1:8000");
        assert_eq!((plain.scheme(), plain.host(), plain.port()), (Scheme::Http, "127.0.0.1", 8000));
        assert_eq!((plain.path_prefix(), plain.to_string().as_str()), ("", "http://127.0.0.1:8000"));

        let secure = target("HTTPS://API.Example.com/v1/");
        assert_eq!((secure.scheme(), secure.host(), secure.port()), (Scheme::Https, "api.example.com", 443));
        assert_eq!(secure.to_string(), "https://api.example.com/v1");
        assert_eq!(target("http://localhost:80/").to_string(), "http://localhost");
    }

    #[test]
    fn parse_ipv6_host_removes_brackets() {
        let six = target("http://[::1]:9000/v1");
        assert_eq!((six.host(), six.port()), ("::1", 9000));
        assert_eq!(six.address(), Some("::1".parse().unwrap()));
        assert_eq!(six.to_string(), "http://[::1]:9000/v1");
        assert_eq!(target("https://[fe80::2]").authority(), "[fe80::2]");
    }

    #[test]
    fn authority_omits_default_port() {
        assert_eq!(target("http://h").authority(), "h");
        assert_eq!(target("http://h:443").authority(), "h:443");
        assert_eq!(target("https://h:443").authority(), "h");
    }

    #[test]
    fn join_appends_path_to_prefix() {
        let target = target("http://h/api/v1/");
        assert_eq!(target.join("/chat?stream=1").unwrap(), "/api/v1/chat?stream=1");
        assert_eq!(target.clone().with_path_prefix("").unwrap().join("/chat").unwrap(), "/chat");
        for path in ["chat", "", "/a b", "/a#b", "/a\nb"] {
            assert_eq!(target.join(path), Err(ParseTargetError::Path { path: path.to_owned() }));
        }
        for prefix in ["v1", "/a b", "/a?b"] {
            assert!(target.clone().with_path_prefix(prefix).is_err(), "{prefix}");
        }
    }

    #[test]
    fn parse_credentials_fails_without_repeating_them() {
        for url in [
            "http://me:hunter2@h/",
            "https://hunter2@h",
            "hunter2@h",
            "ftp://me:hunter2@h/",
            "me:hunter2@h:80",
        ] {
            let refusal = refusal(url);
            assert!(!refusal.contains("hunter2"), "{refusal}");
        }
        insta::assert_snapshot!(
            refusal("http://me:hunter2@h/"),
            @"the URL must not contain a user name or password: send credentials in a header"
        );
        assert!("http://h/@x".parse::<Target>().is_ok(), "an @ in a path is no credential");
    }

    #[test]
    fn parse_invalid_url_describes_error() {
        insta::assert_snapshot!(refusal("localhost:8000"), @"`localhost:8000` must begin with http:// or https://");
        insta::assert_snapshot!(refusal("ftp://h"), @"`ftp://h` must begin with http:// or https://");
        insta::assert_snapshot!(refusal("http://h/v1?x=1"), @"the URL must end with its path: expected `http://h/v1`, found `?` and more after it");
        insta::assert_snapshot!(refusal("http://h#x"), @"the URL must end with its path: expected `http://h`, found `#` and more after it");
        insta::assert_snapshot!(refusal("http://h:99999"), @"`http://h:99999` has an invalid port `99999`: expected a number from 1 to 65535");
        insta::assert_snapshot!(refusal("http://:80"), @"`http://:80` has no valid host: expected a name, an IPv4 address or an IPv6 address in brackets");
        insta::assert_snapshot!(refusal("http://h/a b"), @"`/a b` is not a valid path: it must start with a slash and must not contain spaces or control characters");
    }

    #[test]
    fn parse_invalid_port_fails() {
        for url in ["http://h:", "http://h:0", "http://h:+80", "http://h:8o", "http://[::1]:65536"] {
            assert!(matches!(url.parse::<Target>(), Err(ParseTargetError::Port { .. })), "{url}");
        }
    }

    #[test]
    fn parse_invalid_host_fails() {
        for url in [
            "http://",
            "http:///x",
            "http://[::1",
            "http://[nope]",
            "http://::1/",
            "http://a b",
            "http://[::1]x",
        ] {
            assert!(
                matches!(
                    url.parse::<Target>(),
                    Err(ParseTargetError::Host { .. } | ParseTargetError::Port { .. })
                ),
                "{url}"
            );
        }
    }
}
