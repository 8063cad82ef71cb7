//! Which web pages may change the state of the server.
//!
//! A page of any site can make a browser send a simple request, such as a form or plain text, to a server on its user's
//! machine or network; with a host name that it lets resolve to that server, it can send any request (DNS rebinding). Other
//! clients are not at risk.

use std::net::IpAddr;

use http::{HeaderMap, Method, header, request::Parts};

use super::{Problem, ProblemKind};
use crate::config::{Config, CorsOrigins};

/// Suffixes of names that have no public address.
const LOCAL_SUFFIXES: [&str; 7] =
    [".localhost", ".local", ".internal", ".lan", ".home.arpa", ".svc", ".test"];
/// Allows all host names.
const ANY: &str = "*";

/// Refuses a request that changes something if a web page of another site may have caused it.
pub(crate) fn check_source(config: &Config, parts: &Parts, has_body: bool) -> Result<(), Problem> {
    if parts.method != Method::POST && parts.method != Method::DELETE {
        return Ok(());
    }
    let text = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(host) = text(header::HOST)
        && !is_local(host, &config.hosts)
    {
        let name: String = host.chars().take(100).collect();
        return Err(forbidden(format!(
            "the host {name:?} is not one of this server: expected an IP address, a local name, or one of `server.hosts`"
        )));
    }
    let has_origin = parts.headers.contains_key(header::ORIGIN);
    if has_origin && !text(header::ORIGIN).is_some_and(|origin| is_allowed_origin(config, origin)) {
        return Err(forbidden("web pages of other sites may not change anything here".to_owned()));
    }
    if is_json(&parts.headers).unwrap_or(!(has_origin && has_body)) {
        return Ok(());
    }
    let message = "the body must be JSON: expected the content type application/json".to_owned();
    Err(Problem::new(ProblemKind::UnsupportedMediaType, message))
}

fn forbidden(message: String) -> Problem {
    Problem::new(ProblemKind::Forbidden, message)
}

/// Whether the content type is JSON, if there is one.
fn is_json(headers: &HeaderMap) -> Option<bool> {
    let kind = headers.get(header::CONTENT_TYPE)?.to_str().unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    Some(kind == "application/json" || kind.starts_with("application/") && kind.ends_with("+json"))
}

fn is_allowed_origin(config: &Config, origin: &str) -> bool {
    let is_listed = match &config.cors_origins {
        // That is for endpoints that change nothing.
        CorsOrigins::Any => false,
        CorsOrigins::Listed(listed) => listed.iter().any(|listed| listed == origin),
    };
    is_listed || origin.split_once("://").is_some_and(|(_, host)| is_local(host, &config.hosts))
}

/// Whether `host`, with or without a port, is an address, or a name that no other site can have.
fn is_local(host: &str, allowed: &[String]) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split_once(']').map_or(rest, |(address, _)| address),
        None => host.split_once(':').map_or(host, |(name, _)| name),
    };
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name.parse::<IpAddr>().is_ok()
        || !name.contains('.')
        || LOCAL_SUFFIXES.iter().any(|suffix| name.ends_with(suffix))
        || allowed.iter().any(|allowed| allowed == ANY || allowed.eq_ignore_ascii_case(&name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::RawConfig;

    fn check(method: &str, headers: &[(&str, &str)], settings: &str) -> Result<(), String> {
        let raw = RawConfig::from_toml(settings, "test", &[]).unwrap();
        let config: Config = raw.over(RawConfig::defaults(&[]).unwrap()).try_into().unwrap();
        let mut request = http::Request::builder().method(method).uri("/api/load-test/baseline");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        check_source(&config, &parts, true)
            .map_err(|problem| format!("{} {}", problem.status(), problem.message))
    }

    #[test]
    fn check_source_accepts_local_clients() {
        let json = ("content-type", "application/json; charset=utf-8");
        for host in [
            "localhost:8000",
            "127.0.0.1:8000",
            "[::1]:8000",
            "10.1.2.3",
            "weir:8000",
            "weir.ns.svc.cluster.local",
        ] {
            assert_eq!(check("POST", &[("host", host), json], ""), Ok(()), "{host}");
            assert_eq!(check("POST", &[("host", host)], ""), Ok(()), "{host}");
        }
        let origin = ("origin", "http://localhost:5173");
        assert_eq!(check("POST", &[("host", "localhost:8000"), origin, json], ""), Ok(()));
        let named = [("host", "mock.example.com"), ("origin", "https://mock.example.com"), json];
        assert_eq!(check("POST", &named, "[server]\nhosts = ['mock.example.com']"), Ok(()));
        let listed = [("host", "localhost"), ("origin", "https://app.example.com"), json];
        assert_eq!(check("POST", &listed, "[server]\ncors_origins = ['https://app.example.com']"), Ok(()));
        assert_eq!(check("GET", &[("host", "mock.example.com"), ("content-type", "text/plain")], ""), Ok(()));
    }

    #[test]
    fn check_source_refuses_pages_of_other_sites() {
        let (json, host) = (("content-type", "application/json"), ("host", "localhost:8000"));
        let refused = |method, headers: &[(&str, &str)]| check(method, headers, "").unwrap_err();
        insta::assert_snapshot!(refused("POST", &[("host", "evil.example:8000"), json]), @r#"403 Forbidden the host "evil.example:8000" is not one of this server: expected an IP address, a local name, or one of `server.hosts`"#);
        insta::assert_snapshot!(refused("POST", &[host, json, ("origin", "https://evil.example")]), @"403 Forbidden web pages of other sites may not change anything here");
        insta::assert_snapshot!(refused("DELETE", &[host, ("origin", "null")]), @"403 Forbidden web pages of other sites may not change anything here");
        for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
        {
            insta::allow_duplicates! {
                insta::assert_snapshot!(refused("POST", &[host, ("content-type", kind)]), @"415 Unsupported Media Type the body must be JSON: expected the content type application/json");
            }
        }
        let local = ("origin", "http://localhost:1");
        assert!(refused("POST", &[host, local]).starts_with("415"));
    }
}
