//! A blueprint bound to its target: what can be made before the run is made here.

use bytes::Bytes;
use http::HeaderMap;
use http::uri::PathAndQuery;
use weir_pace::Rng;
use weir_wire::{ParseTargetError, Request, Target};

use crate::record::{FailureKind, Problem};

use super::{Base, Blueprint, Body, Conversation, Occasion, Templates, Text};

/// Makes the requests of one task.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    /// The request, complete but for what templates make.
    request: Request,
    target: Target,
    path: Option<Text>,
    body: Option<Body>,
}

/// Whether the requests of a task stand alone.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Single,
    /// They are turns of conversations.
    Turns,
}

impl Prepared {
    /// Binds a blueprint to a target; `headers` are those of the whole scenario, beneath the task's own.
    ///
    /// # Errors
    ///
    /// The path cannot stand in a URL.
    pub(crate) fn new(
        blueprint: &Blueprint,
        target: &Target,
        headers: HeaderMap,
        form: Form,
    ) -> Result<Self, ParseTargetError> {
        let target = match (blueprint.base, target.path_prefix().strip_suffix("/v1")) {
            (Base::UrlBeforeV1, Some(before)) => target.clone().with_path_prefix(before)?,
            _ => target.clone(),
        };
        let fixed_path = blueprint.path.fixed();
        let path_and_query = target.join(fixed_path.as_deref().unwrap_or("/"))?;
        let fixed_body = match form {
            Form::Single => blueprint.body.as_ref().and_then(Body::fixed),
            Form::Turns => None,
        };

        let mut request = Request::new(blueprint.method.clone(), path_and_query);
        request.headers = headers;
        for (name, value) in &blueprint.headers {
            request.headers.insert(name, value.clone());
        }
        let path = fixed_path.is_none().then(|| blueprint.path.clone());
        let body = if fixed_body.is_none() { blueprint.body.clone() } else { None };
        request.body = fixed_body.map(Bytes::from).unwrap_or_default();
        Ok(Self { request, target, path, body })
    }

    /// The request with this number, which may be the next turn of a conversation.
    ///
    /// # Errors
    ///
    /// A template does not render, or what it renders cannot stand in a URL.
    pub(crate) fn request(
        &self,
        templates: &Templates,
        number: u64,
        rng: &mut Rng,
        conversation: Option<&mut Conversation>,
    ) -> Result<Request, Problem> {
        let mut request = self.request.clone();
        let turn = conversation.as_deref().map_or(1, Conversation::turn);
        let occasion = Occasion { number, turn };
        if let Some(path) = &self.path {
            request.path_and_query = self.render_path(path, templates, occasion, rng)?;
        }
        if let Some(body) = &self.body {
            let body = body.render(templates, occasion, rng, conversation);
            request.body = body.map_err(|error| bad_request(&error))?.into();
        }
        Ok(request)
    }

    fn render_path(
        &self,
        path: &Text,
        templates: &Templates,
        occasion: Occasion,
        rng: &mut Rng,
    ) -> Result<PathAndQuery, Problem> {
        let path = path.render(templates, occasion, rng).map_err(|error| bad_request(&error))?;
        self.target.join(&path).map_err(|error| bad_request(&error))
    }

    /// The request as failures name it: method and path, without anything that templates make.
    pub(crate) fn title(&self) -> String {
        format!("{} {}", self.request.method, self.request.path_and_query)
    }
}

fn bad_request(error: &dyn std::fmt::Display) -> Problem {
    Problem::new(FailureKind::Request, error.to_string())
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, Method, header};
    use weir_pace::Seed;

    use super::*;
    use crate::task::{Auth, Reading};

    fn blueprint(base: Base, path: &str, body: &str, templates: &mut Templates) -> Blueprint {
        Blueprint {
            method: Method::POST,
            base,
            path: Text::parse(path, "path", templates).unwrap(),
            headers: HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static("a/b"))]),
            body: Some(Text::parse(body, "body", templates).unwrap().into()),
            auth: Auth::Bearer,
            model: None,
            reading: Reading::Opaque,
        }
    }

    fn first(base: Base, path: &str, body: &str, url: &str) -> Result<Request, Problem> {
        let mut templates = Templates::default();
        let blueprint = blueprint(base, path, body, &mut templates);
        let scenario = HeaderMap::from_iter([
            (header::ACCEPT, HeaderValue::from_static("*/*")),
            (header::USER_AGENT, HeaderValue::from_static("me")),
        ]);
        let prepared = Prepared::new(&blueprint, &url.parse().unwrap(), scenario, Form::Single).unwrap();
        prepared.request(&templates, 7, &mut Seed::new(1).rng(), None)
    }

    #[test]
    fn a_url_that_ends_in_v1_is_understood() {
        let path = |base, url| first(base, "/v1/chat", "", url).unwrap().path_and_query.to_string();
        assert_eq!(path(Base::UrlBeforeV1, "http://h"), "/v1/chat");
        assert_eq!(path(Base::UrlBeforeV1, "http://h/v1"), "/v1/chat");
        assert_eq!(path(Base::UrlBeforeV1, "http://h/proxy/v1/"), "/proxy/v1/chat");
        assert_eq!(path(Base::UrlBeforeV1, "http://h/v10"), "/v10/v1/chat");
        assert_eq!(path(Base::Url, "http://h/v1"), "/v1/v1/chat");
    }

    #[test]
    fn templates_are_rendered_and_the_rest_is_kept() {
        let request = first(Base::Url, "/x/{{ n }}", "fixed", "http://h").unwrap();
        assert_eq!((request.path_and_query.as_str(), &request.body[..]), ("/x/7", &b"fixed"[..]));
        let request = first(Base::Url, "/x", "{{ n + 1 }}", "http://h").unwrap();
        assert_eq!((request.path_and_query.as_str(), &request.body[..]), ("/x", &b"8"[..]));
        assert_eq!(request.headers[header::ACCEPT], "a/b", "the task's own header wins");
        assert_eq!(request.headers[header::USER_AGENT], "me");
    }

    #[test]
    fn a_path_that_renders_badly_is_a_failed_request() {
        let problem = first(Base::Url, "/{{ 'a b' }}", "", "http://h").unwrap_err();
        assert_eq!(problem.kind, FailureKind::Request);
    }
}
