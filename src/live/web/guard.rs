//! Who may ask. A page that starts loads must not do so for another page that the same browser has open.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};

use super::{api::refused, settings::Token};

/// The name of the cookie that holds the token.
const COOKIE: &str = "weir_token";

/// The page's own files may be loaded and its API asked; nothing else, from nowhere else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Who may ask.
#[derive(Clone, Debug)]
pub(super) struct Guard {
    token: Option<Token>,
    /// Bound to loopback: then a name that is not of this machine was made to point to it (DNS rebinding).
    hosts: Hosts,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hosts {
    Loopback,
    Any,
}

/// Why a request is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Intruder {
    #[error("this address is not asked under that name; use http://127.0.0.1 or http://localhost")]
    Host,
    #[error("only the page itself may do that, not another one")]
    Origin,
    #[error("the body has to be JSON: content-type application/json")]
    ContentType,
    #[error("a token is needed: open /?token=TOKEN, or send it as Authorization: Bearer TOKEN")]
    Token,
}

impl Intruder {
    fn status(self) -> StatusCode {
        match self {
            Self::Host => StatusCode::MISDIRECTED_REQUEST,
            Self::Origin => StatusCode::FORBIDDEN,
            Self::ContentType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Token => StatusCode::UNAUTHORIZED,
        }
    }
}

/// A request that may pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pass {
    On,
    /// The URL showed the token: a cookie is to keep it, so that no history and no referrer does.
    WithCookie,
}

/// Lets through who may ask, and puts on every answer what browsers are to keep to.
pub(super) async fn stand(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let mut response = match guard.check(request.method(), request.uri(), request.headers()) {
        Ok(Pass::On) => next.run(request).await,
        Ok(Pass::WithCookie) => guard.to_the_page(),
        Err(intruder) => refused(intruder.status(), &intruder),
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
        let hosts = if address.ip().is_loopback() { Hosts::Loopback } else { Hosts::Any };
        Self { token, hosts }
    }

    fn check(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<Pass, Intruder> {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let host = text(header::HOST).unwrap_or_default();
        if self.hosts == Hosts::Loopback && !is_loopback(host) {
            return Err(Intruder::Host);
        }
        if method == Method::POST {
            // Browsers always say it; others are no danger to anyone.
            if text(header::ORIGIN).is_some_and(|origin| !is_same(origin, host)) {
                return Err(Intruder::Origin);
            }
            if !text(header::CONTENT_TYPE).is_some_and(is_json) {
                return Err(Intruder::ContentType);
            }
        }
        let Some(token) = &self.token else { return Ok(Pass::On) };
        if bearer(headers).is_some_and(|given| token.is(given))
            || cookies(headers).any(|given| token.is(given))
        {
            return Ok(Pass::On);
        }
        let shown = uri.query().unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix("token="));
        if method == Method::GET && uri.path() == "/" && shown.is_some_and(|given| token.is(given)) {
            return Ok(Pass::WithCookie);
        }
        Err(Intruder::Token)
    }

    fn to_the_page(&self) -> Response {
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

/// Whether a `Host` names this machine alone, at any port: a tunnel may change it.
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

    fn get(guard: &Guard, uri: &str, pairs: &[(&'static str, &str)]) -> Result<Pass, Intruder> {
        guard.check(&Method::GET, &uri.parse().unwrap(), &headers(pairs))
    }

    fn post(guard: &Guard, pairs: &[(&'static str, &str)]) -> Result<Pass, Intruder> {
        guard.check(&Method::POST, &Uri::from_static("/api/stop"), &headers(pairs))
    }

    #[test]
    fn a_loopback_page_answers_to_this_machine_s_names_alone() {
        let asked = |host| get(&open(), "/", &[("host", host)]);
        for host in
            ["127.0.0.1:8089", "localhost:8089", "LOCALHOST", "[::1]:8089", "127.0.0.1", "localhost:9000"]
        {
            assert_eq!(asked(host), Ok(Pass::On), "{host}");
        }
        for host in
            ["evil.example", "evil.example:8089", "localhost.evil.example", "10.0.0.7:8089", "[::2]", ""]
        {
            assert_eq!(asked(host), Err(Intruder::Host), "{host}");
        }
        assert_eq!(get(&open(), "/", &[]), Err(Intruder::Host));
    }

    #[test]
    fn another_page_s_orders_are_refused() {
        let host = ("host", "localhost:8089");
        let json = ("content-type", "application/json; charset=utf-8");
        assert_eq!(post(&open(), &[host, json]), Ok(Pass::On));
        assert_eq!(post(&open(), &[host, json, ("origin", "http://localhost:8089")]), Ok(Pass::On));
        for origin in ["http://evil.example", "null", "http://localhost:3000", "http://localhost:8089.evil"] {
            assert_eq!(post(&open(), &[host, json, ("origin", origin)]), Err(Intruder::Origin), "{origin}");
        }
        for kind in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp"] {
            assert_eq!(post(&open(), &[host, ("content-type", kind)]), Err(Intruder::ContentType), "{kind}");
        }
        assert_eq!(post(&open(), &[host]), Err(Intruder::ContentType));
    }

    #[test]
    fn a_token_opens_by_url_once_then_by_cookie_or_header() {
        let host = ("host", "load.example:8089");
        assert_eq!(get(&locked(), "/", &[host]), Err(Intruder::Token));
        assert_eq!(get(&locked(), "/?token=wrong-token", &[host]), Err(Intruder::Token));
        assert_eq!(get(&locked(), "/?token=s3cret-T0ken", &[host]), Ok(Pass::WithCookie));
        assert_eq!(get(&locked(), "/api/state?token=s3cret-T0ken", &[host]), Err(Intruder::Token));
        let cookie = ("cookie", "theme=dark; weir_token=s3cret-T0ken");
        assert_eq!(get(&locked(), "/api/state", &[host, cookie]), Ok(Pass::On));
        let bearer = ("authorization", "Bearer s3cret-T0ken");
        assert_eq!(get(&locked(), "/api/state", &[host, bearer]), Ok(Pass::On));
        assert_eq!(get(&locked(), "/", &[host, ("cookie", "weir_token=s3cret")]), Err(Intruder::Token));
        let json = ("content-type", "application/json");
        assert_eq!(post(&locked(), &[host, json]), Err(Intruder::Token));
    }

    #[test]
    fn the_cookie_is_for_this_page_alone() {
        let response = locked().to_the_page();
        let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap();
        assert_eq!(cookie, "weir_token=s3cret-T0ken; HttpOnly; SameSite=Strict; Path=/");
        assert_eq!(response.headers()[header::LOCATION], "/");
        assert!(!format!("{response:?}").contains(TOKEN), "{response:?}");
    }
}
