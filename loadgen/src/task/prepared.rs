//! A blueprint bound to its target, rendered before the run as far as possible.

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue};
use weir_wire::{ParseTargetError, Request, Target};

use crate::record::{FailureKind, Problem};
use crate::redact::secrets_of_request;

use super::text::Rendering;
use super::{Base, Blueprint, Body, Conversation, TemplateContext, Templates, Text};

/// Makes the requests of one task.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    /// The request without the parts that templates render.
    request: Request,
    target: Target,
    path: Option<Text>,
    headers: Vec<(HeaderName, Text)>,
    body: Option<Body>,
}

/// Whether the requests of a task are turns of a conversation.
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
    /// Fails if the path is not valid in a URL.
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
        for (name, value) in &blueprint.headers.fixed {
            request.headers.insert(name, value.clone());
        }
        let path = fixed_path.is_none().then(|| blueprint.path.clone());
        let body = if fixed_body.is_none() { blueprint.body.clone() } else { None };
        request.body = fixed_body.map(Bytes::from).unwrap_or_default();
        Ok(Self { request, target, path, headers: blueprint.headers.rendered.clone(), body })
    }

    /// The request for these circumstances, which may be the next turn of a conversation.
    ///
    /// # Errors
    ///
    /// Fails if a template does not render, or renders something invalid in a request.
    pub(crate) fn request(
        &self,
        templates: &Templates,
        context: &mut TemplateContext<'_>,
        conversation: Option<&mut Conversation>,
    ) -> Result<Request, Problem> {
        let mut request = self.request.clone();
        if self.is_rendered() {
            let rendering = Rendering::new(templates, context);
            let made = self.fill(&mut request, &rendering, conversation);
            *context.rng = rendering.rng();
            made?;
        }
        Ok(request)
    }

    fn fill(
        &self,
        request: &mut Request,
        rendering: &Rendering<'_>,
        conversation: Option<&mut Conversation>,
    ) -> Result<(), Problem> {
        if let Some(path) = &self.path {
            request.path_and_query = self.render_path(path, rendering)?;
        }
        for (name, text) in &self.headers {
            let value = text.render(rendering).map_err(|error| bad_request(&error))?;
            // Without the value, which may be a key.
            let value = HeaderValue::try_from(value)
                .map_err(|error| bad_request(&format_args!("header `{name}`: {error}")))?;
            request.headers.insert(name.clone(), value);
        }
        if let Some(body) = &self.body {
            request.body = body.render(rendering, conversation).map_err(|error| bad_request(&error))?.into();
        }
        Ok(())
    }

    fn render_path(&self, path: &Text, rendering: &Rendering<'_>) -> Result<PathAndQuery, Problem> {
        let path = path.render(rendering).map_err(|error| bad_request(&error))?;
        self.target.join(&path).map_err(|error| bad_request(&error))
    }

    /// The request as failures name it: method and path, without its query and without anything that templates make.
    pub(crate) fn title(&self) -> String {
        format!("{} {}", self.request.method, self.request.path_and_query.path())
    }

    /// Returns the secrets that are the same in each request.
    pub(crate) fn secrets(&self) -> Vec<String> {
        secrets_of_request(&self.request)
    }

    /// Whether requests differ, and may have secrets of their own, such as those of a feed.
    pub(crate) fn is_rendered(&self) -> bool {
        self.path.is_some() || self.body.is_some() || !self.headers.is_empty()
    }
}

fn bad_request(error: &dyn std::fmt::Display) -> Problem {
    Problem::new(FailureKind::Request, error.to_string())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use http::{Method, header};
    use weir_pace::Seed;

    use super::*;
    use crate::task::{Auth, Captured, Cursors, Headers, Reading, Variables};

    fn blueprint(base: Base, path: &str, body: &str, templates: &mut Templates) -> Blueprint {
        let key = Text::parse("Bearer {{ token }}", "headers.authorization", templates).unwrap();
        Blueprint {
            method: Method::POST,
            base,
            path: Text::parse(path, "path", templates).unwrap(),
            headers: Headers {
                fixed: HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static("a/b"))]),
                rendered: vec![(header::AUTHORIZATION, key)],
            },
            body: Some(Text::parse(body, "body", templates).unwrap().into()),
            auth: Auth::Bearer,
            model: None,
            reading: Reading::Opaque,
        }
    }

    fn request(
        base: Base,
        path: &str,
        body: &str,
        url: &str,
        token: Option<&str>,
    ) -> Result<Request, Problem> {
        let mut templates = Templates::default();
        templates.set_captures(["token".to_owned()].into());
        let blueprint = blueprint(base, path, body, &mut templates);
        let scenario = HeaderMap::from_iter([
            (header::ACCEPT, HeaderValue::from_static("*/*")),
            (header::USER_AGENT, HeaderValue::from_static("me")),
        ]);
        let prepared = Prepared::new(&blueprint, &url.parse().unwrap(), scenario, Form::Single).unwrap();
        let mut variables = Variables::default();
        variables.keep(token.map(|token| -> Captured { ("token".into(), token.into()) }));
        let cursors = Arc::new(Cursors::new(templates.feeds(), 0, 1));
        let rng = &mut Seed::new(1).rng();
        let mut context =
            TemplateContext { number: 7, user: 2, turn: 1, variables: &variables, cursors: &cursors, rng };
        prepared.request(&templates, &mut context, None)
    }

    fn first(base: Base, path: &str, body: &str, url: &str) -> Result<Request, Problem> {
        request(base, path, body, url, Some("t1"))
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
    fn request_renders_templates_and_keeps_the_rest() {
        let request = first(Base::Url, "/x/{{ n }}/{{ user }}", "fixed", "http://h").unwrap();
        assert_eq!((request.path_and_query.as_str(), &request.body[..]), ("/x/7/2", &b"fixed"[..]));
        let request = first(Base::Url, "/x", "{{ n + 1 }}", "http://h").unwrap();
        assert_eq!((request.path_and_query.as_str(), &request.body[..]), ("/x", &b"8"[..]));
        assert_eq!(request.headers[header::ACCEPT], "a/b", "the task's own header wins");
        assert_eq!(request.headers[header::USER_AGENT], "me");
        assert_eq!(request.headers[header::AUTHORIZATION], "Bearer t1");
        let request = first(Base::Url, "/x?q={{ 'a b&c' | urlencode }}", "", "http://h").unwrap();
        assert_eq!(request.path_and_query.as_str(), "/x?q=a%20b%26c");
    }

    #[test]
    fn request_invalid_header_or_path_fails() {
        let error_text = |path, token| {
            let problem = request(Base::Url, path, "", "http://h", token).unwrap_err();
            format!("{}: {}", problem.kind, problem.detail)
        };
        insta::assert_snapshot!(error_text("/{{ 'a b' }}", Some("t1")), @"request: `/a b` is not a valid path: it must start with a slash and must not contain spaces or control characters");
        insta::assert_snapshot!(error_text("/", None), @"request: headers.authorization: `token` has not been captured yet by this user");
        insta::assert_snapshot!(error_text("/", Some("se\ncret")), @"request: header `authorization`: failed to parse header value");
    }
}
