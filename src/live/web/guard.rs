//! Access control. Other pages in the same browser must not be able to start loads.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};

use super::{api::error_response, settings::Token};

/// The name of the cookie that holds the token.
const COOKIE: &str = "weir_token";

/// The page may load only its files and use its API.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Checks the access of requests.
#[derive(Clone, Debug)]
pub(super) struct Guard {
    token: Option<Token>,
    /// On a loopback address, a host name of another machine means DNS rebinding.
    hosts: AllowedHosts,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AllowedHosts {
    Loopback,
    Any,
}

/// Why a request is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Rejection {
    #[error("Host not allowed; use http://127.0.0.1 or http://localhost")]
    Host,
    #[error("Origin not allowed; only the page itself may send commands")]
    Origin,
    #[error("the body must be JSON: content-type application/json")]
    ContentType,
    #[error("a token is required: open /?token=TOKEN, or send it as Authorization: Bearer TOKEN")]
    Token,
}

impl Rejection {
    fn status(self) -> StatusCode {
        match self {
            Self::Host => StatusCode::MISDIRECTED_REQUEST,
            Self::Origin => StatusCode::FORBIDDEN,
            Self::ContentType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Token => StatusCode::UNAUTHORIZED,
        }
    }
}

/// The admission of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Admission {
    Granted,
    /// The URL has the token: it is moved to a cookie, so that it is not in history or referrers.
    WithCookie,
}

/// Admits or rejects requests, and adds security headers to every response.
pub(super) async fn check_access(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let mut response = match guard.check(request.method(), request.uri(), request.headers()) {
        Ok(Admission::Granted) => next.run(request).await,
        Ok(Admission::WithCookie) => guard.redirect_with_cookie(),
        Err(rejection) => error_response(rejection.status(), &rejection),
    };
    let headers = response.headers_mut();
    let always = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in always {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(POLICY));
    response
}

impl Guard {
    pub(super) fn new(address: SocketAddr, token: Option<Token>) -> Self {
        let hosts = if address.ip().is_loopback() { AllowedHosts::Loopback } else { AllowedHosts::Any };
        Self { token, hosts }
    }

    fn check(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<Admission, Rejection> {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let host = text(header::HOST).unwrap_or_default();
        if self.hosts == AllowedHosts::Loopback && !is_loopback(host) {
            return Err(Rejection::Host);
        }
        if method == Method::POST {
            // Browsers always send it; other clients are not at risk.
            if text(header::ORIGIN).is_some_and(|origin| !is_same(origin, host)) {
                return Err(Rejection::Origin);
            }
            if !text(header::CONTENT_TYPE).is_some_and(is_json) {
                return Err(Rejection::ContentType);
            }
        }
        let Some(token) = &self.token else { return Ok(Admission::Granted) };
        if bearer(headers).is_some_and(|given| token.is(given))
            || cookies(headers).any(|given| token.is(given))
        {
            return Ok(Admission::Granted);
        }
        let shown = uri.query().unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix("token="));
        if method == Method::GET && uri.path() == "/" && shown.is_some_and(|given| token.is(given)) {
            return Ok(Admission::WithCookie);
        }
        Err(Rejection::Token)
    }

    fn redirect_with_cookie(&self) -> Response {
        let mut response = Redirect::to("/").into_response();
        if let Some(token) = &self.token {
            let cookie = format!("{COOKIE}={}; HttpOnly; SameSite=Strict; Path=/", token.reveal());
            if let Ok(mut value) = HeaderValue::try_from(cookie) {
                value.set_sensitive(true);
                response.headers_mut().insert(header::SET_COOKIE, value);
            }
        }
        response
    }
}

/// Whether a `Host` is a loopback name, at any port, because a tunnel may change the port.
fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split_once(']').map_or("", |(address, _)| address),
        None => host.split_once(':').map_or(host, |(name, _)| name),
    };
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn is_same(origin: &str, host: &str) -> bool {
    let authority = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host))
}

fn is_json(content_type: &str) -> bool {
    let kind = content_type.split_once(';').map_or(content_type, |(kind, _)| kind);
    kind.trim().eq_ignore_ascii_case("application/json")
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

fn cookies(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|line| line.split(';'))
        .filter_map(|cookie| cookie.trim().strip_prefix(COOKIE)?.strip_prefix('='))
}

#[cfg(test)]
mod tests {
    use weir_server::Secret;

    use super::*;

    const TOKEN: &str = "s3cret-T0ken";

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_str(value).unwrap()))
            .collect()
    }

    fn open() -> Guard {
        Guard::new("127.0.0.1:8089".parse().unwrap(), None)
    }

    fn locked() -> Guard {
        Guard::new(
            "0.0.0.0:8089".parse().unwrap(),
            Some(Token::check(&Secret::new(TOKEN.to_owned())).unwrap()),
        )
    }

    fn get(guard: &Guard, uri: &str, pairs: &[(&'static str, &str)]) -> Result<Admission, Rejection> {
        guard.check(&Method::GET, &uri.parse().unwrap(), &headers(pairs))
    }

    fn post(guard: &Guard, pairs: &[(&'static str, &str)]) -> Result<Admission, Rejection> {
        guard.check(&Method::POST, &Uri::from_static("/api/stop"), &headers(pairs))
    }

    #[test]
    fn check_on_loopback_rejects_other_hosts() {
        let admission = |host| get(&open(), "/", &[("host", host)]);
        for host in
            ["127.0.0.1:8089", "localhost:8089", "LOCALHOST", "[::1]:8089", "127.0.0.1", "localhost:9000"]
        {
            assert_eq!(admission(host), Ok(Admission::Granted), "{host}");
        }
        for host in
            ["evil.example", "evil.example:8089", "localhost.evil.example", "10.0.0.7:8089", "[::2]", ""]
        {
            assert_eq!(admission(host), Err(Rejection::Host), "{host}");
        }
        assert_eq!(get(&open(), "/", &[]), Err(Rejection::Host));
    }

    #[test]
    fn check_post_from_other_origin_rejects() {
        let host = ("host", "localhost:8089");
        let json = ("content-type", "application/json; charset=utf-8");
        assert_eq!(post(&open(), &[host, json]), Ok(Admission::Granted));
        assert_eq!(post(&open(), &[host, json, ("origin", "http://localhost:8089")]), Ok(Admission::Granted));
        for origin in ["http://evil.example", "null", "http://localhost:3000", "http://localhost:8089.evil"] {
            assert_eq!(post(&open(), &[host, json, ("origin", origin)]), Err(Rejection::Origin), "{origin}");
        }
        for kind in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp"] {
            assert_eq!(post(&open(), &[host, ("content-type", kind)]), Err(Rejection::ContentType), "{kind}");
        }
        assert_eq!(post(&open(), &[host]), Err(Rejection::ContentType));
    }

    #[test]
    fn check_token_in_url_cookie_or_header_grants() {
        let host = ("host", "load.example:8089");
        assert_eq!(get(&locked(), "/", &[host]), Err(Rejection::Token));
        assert_eq!(get(&locked(), "/?token=wrong-token", &[host]), Err(Rejection::Token));
        assert_eq!(get(&locked(), "/?token=s3cret-T0ken", &[host]), Ok(Admission::WithCookie));
        assert_eq!(get(&locked(), "/api/state?token=s3cret-T0ken", &[host]), Err(Rejection::Token));
        let cookie = ("cookie", "theme=dark; weir_token=s3cret-T0ken");
        assert_eq!(get(&locked(), "/api/state", &[host, cookie]), Ok(Admission::Granted));
        let bearer = ("authorization", "Bearer s3cret-T0ken");
        assert_eq!(get(&locked(), "/api/state", &[host, bearer]), Ok(Admission::Granted));
        assert_eq!(get(&locked(), "/", &[host, ("cookie", "weir_token=s3cret")]), Err(Rejection::Token));
        let json = ("content-type", "application/json");
        assert_eq!(post(&locked(), &[host, json]), Err(Rejection::Token));
    }

    #[test]
    fn redirect_cookie_is_strict_and_http_only() {
        let response = locked().redirect_with_cookie();
        let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap();
        assert_eq!(cookie, "weir_token=s3cret-T0ken; HttpOnly; SameSite=Strict; Path=/");
        assert_eq!(response.headers()[header::LOCATION], "/");
        assert!(!format!("{response:?}").contains(TOKEN), "{response:?}");
    }
}
