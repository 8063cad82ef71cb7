//! The calls of `http` steps, to the hosts that the settings allow.

use std::{collections::HashMap, time::Duration};

use http::{HeaderName, HeaderValue, Method, Uri};
use weir_chains::{HttpClient, HttpError, HttpRequest, HttpResponse, HttpResponseFuture};
use weir_pace::Clock;
use weir_wire::{Request, RequestError, SetupError, Target};

use super::pool::{ANSWER_BYTES_MAX, Pool};

/// Maximum characters of a response body in error messages.
const EXCERPT_CHARS: usize = 200;
/// The timeout of a call whose step has none.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Makes the calls of `http` steps.
#[derive(Debug)]
pub(crate) struct HttpSteps {
    /// The allowed targets, by scheme, host and port.
    pools: HashMap<Target, Pool>,
}

impl HttpSteps {
    pub(crate) fn new(allowed: &[Target], clock: &Clock) -> Result<Self, SetupError> {
        let pool = |target: &Target| {
            Pool::new(target.clone(), TIMEOUT, clock.clone()).map(|pool| (target.clone(), pool))
        };
        Ok(Self { pools: allowed.iter().map(pool).collect::<Result<_, _>>()? })
    }

    fn pool(&self, url: &Uri) -> Result<&Pool, HttpError> {
        let invalid = |message: String| HttpError::Invalid { message };
        let (Some(scheme), Some(authority)) = (url.scheme_str(), url.authority()) else {
            return Err(invalid(format!(
                "\"{url}\" is not a valid URL; expected one like http://127.0.0.1:9000/path"
            )));
        };
        // Without its path, which may contain secrets.
        let base = format!("{scheme}://{authority}");
        let target: Target = base.parse().map_err(|error| invalid(format!("{error}")))?;
        self.pools.get(&target).ok_or(HttpError::NotAllowed { host: base })
    }
}

impl HttpClient for HttpSteps {
    fn send(&self, call: HttpRequest) -> HttpResponseFuture {
        let ready = prepare(&call).and_then(|(url, request)| Ok((self.pool(&url)?.clone(), url, request)));
        Box::pin(async move {
            let (pool, url, request) = ready?;
            let mut connection = pool.take();
            let mut response = connection.send(&request).await.map_err(failed)?;
            let status = response.status();
            let body = response.collect(ANSWER_BYTES_MAX).await.map_err(failed)?;
            drop(response);
            pool.give_back(connection);
            let body = String::from_utf8_lossy(&body).into_owned();
            if status.is_success() {
                return Ok(HttpResponse { status: status.as_u16(), body });
            }
            Err(HttpError::Status {
                url: format!("{}{}", url.authority().map_or("", |authority| authority.as_str()), url.path()),
                status: status.as_u16(),
                excerpt: body.trim().chars().take(EXCERPT_CHARS).collect(),
            })
        })
    }
}

fn prepare(call: &HttpRequest) -> Result<(Uri, Request), HttpError> {
    let invalid = |message: String| HttpError::Invalid { message };
    let url: Uri = call
        .url
        .trim()
        .parse()
        .map_err(|error| invalid(format!("\"{}\" is not a valid URL: {error}", call.url)))?;
    let path = url.path_and_query().cloned().unwrap_or_else(|| http::uri::PathAndQuery::from_static("/"));
    let method = Method::from_bytes(call.method.as_str().as_bytes())
        .map_err(|error| invalid(format!("{}: {error}", call.method.as_str())))?;
    let mut request = Request::new(method, path);
    for (name, value) in &call.headers {
        let header = HeaderName::try_from(&**name)
            .map_err(|_| invalid(format!("\"{name}\" cannot be the name of a header")))?;
        // Its value may be a secret.
        let value = HeaderValue::try_from(&**value).map_err(|_| {
            invalid(format!("the value of the header {name} has characters that no header takes"))
        })?;
        request = request.with_header(header, value);
    }
    if let Some(body) = &call.body {
        request = request.with_body(body.to_string());
    }
    Ok((url, request))
}

fn failed(failure: RequestError) -> HttpError {
    match failure {
        RequestError::TooLarge { limit_bytes } => HttpError::TooLong { limit: limit_bytes },
        other => HttpError::Failed { message: other.to_string() },
    }
}
