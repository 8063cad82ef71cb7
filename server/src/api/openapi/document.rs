//! The OpenAPI document.

use http::HeaderMap;
use serde_json::Value;
use utoipa::openapi::{
    Components, ComponentsBuilder, ContentBuilder, HttpMethod, InfoBuilder, OpenApiBuilder, PathItem, Paths,
    Ref, RefOr, Required, ResponseBuilder, Schema,
    path::{OperationBuilder, ParameterBuilder, ParameterIn},
    request_body::RequestBodyBuilder,
    schema::{ObjectBuilder, Type},
    security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    tag::TagBuilder,
};

use super::operation::{self, DocumentError, Operation, ResponseFormat};
use crate::{
    backend::{Api, Description},
    request::{Access, Dialect, Methods, Problem, ProblemKind, Route},
};

/// The part of one API.
#[derive(Clone, Debug)]
pub(crate) struct ApiDescription {
    routes: Vec<Route>,
    description: Description,
}

impl ApiDescription {
    /// Returns the part of the API `A`.
    pub(crate) fn of<A: Api>() -> Self {
        let routes = A::ENDPOINTS.iter().map(|endpoint| A::route(*endpoint)).collect();
        Self { routes, description: A::DESCRIPTION }
    }

    /// Its endpoints: method, path, and whether they stream.
    pub(crate) fn endpoints(&self) -> Vec<(http::Method, &'static str, EndpointStreams)> {
        // A test reads the descriptions.
        let operations = operation::all(std::iter::once(self.description)).unwrap_or_default();
        let endpoint = |route: &Route, method: &HttpMethod| {
            let name = method_name(method);
            let form = operations.get(&format!("{name} {}", route.path)).map(|operation| operation.form);
            let streams = match form.unwrap_or_default() {
                ResponseFormat::Events => EndpointStreams::Always,
                ResponseFormat::JsonOrEvents => EndpointStreams::OnRequest,
                ResponseFormat::Json
                | ResponseFormat::Text
                | ResponseFormat::Metrics
                | ResponseFormat::Page => EndpointStreams::Never,
            };
            (http::Method::from_bytes(name.as_bytes()).unwrap_or_default(), route.path, streams)
        };
        let all = self
            .routes
            .iter()
            .flat_map(|route| methods(route.methods).iter().map(move |method| (route, method)));
        all.map(|(route, method)| endpoint(route, method)).collect()
    }
}

/// Whether an endpoint answers with streams of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EndpointStreams {
    Never,
    /// If the request asks for it.
    OnRequest,
    Always,
}

/// The document in JSON.
pub(super) fn text(described: &[ApiDescription]) -> Result<String, DocumentError> {
    let descriptions = || described.iter().map(|described| described.description);
    let operations = operation::all(descriptions())?;
    let mut paths = Paths::new();
    // In the order of mounting: the most important APIs come first.
    let mut groups: Vec<&str> = Vec::new();
    for route in described.iter().flat_map(|described| &described.routes) {
        for method in methods(route.methods) {
            let name = format!("{} {}", method_name(method), route.path);
            let operation = operations.get(&name).ok_or(DocumentError::Unsaid(name))?;
            if !groups.contains(&&*operation.group) {
                groups.push(&operation.group);
            }
            let item = PathItem::new(method.clone(), operation_of(route, method, operation));
            paths.paths.entry(plain_path(route.path)).or_default().merge_operations(item);
        }
    }
    let info = InfoBuilder::new()
        .title("Weir")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("A mock LLM and chain backend with accurate timing."))
        .build();
    let tags = groups.into_iter().map(|group| TagBuilder::new().name(group).build());
    let document =
        OpenApiBuilder::new().info(info).tags(Some(tags)).paths(paths).components(Some(components())).build();
    let mut document = serde_json::to_value(&document)?;
    // As raw JSON: the library's types do not support every keyword.
    if let Some(components) = document.get_mut("components").and_then(Value::as_object_mut) {
        components.insert("schemas".to_owned(), operation::schemas(descriptions())?.into());
    }
    Ok(document.to_string())
}

const fn methods(methods: Methods) -> &'static [HttpMethod] {
    match methods {
        Methods::Get => &[HttpMethod::Get],
        Methods::Post => &[HttpMethod::Post],
        Methods::GetOrPost => &[HttpMethod::Get, HttpMethod::Post],
        Methods::Delete => &[HttpMethod::Delete],
    }
}

const fn method_name(method: &HttpMethod) -> &'static str {
    match method {
        HttpMethod::Post => "POST",
        HttpMethod::Delete => "DELETE",
        _ => "GET",
    }
}

/// In the router's syntax, `{*rest}` may contain slashes.
fn plain_path(path: &str) -> String {
    path.replace("{*", "{")
}

fn operation_of(route: &Route, method: &HttpMethod, operation: &Operation) -> OperationBuilder {
    let id: String = format!("{}{}", method_name(method).to_lowercase(), route.path)
        .chars()
        .map(|letter| if letter.is_alphanumeric() { letter } else { '_' })
        .collect();
    let mut built = OperationBuilder::new()
        .tag(&operation.group)
        .summary(Some(&operation.says))
        .operation_id(Some(id))
        .response("200", answer(operation))
        .response("default", error((route.dialect)(&HeaderMap::new()), "Error"));
    let statuses = if operation.takes.is_some() { &BODY_ERRORS[..] } else { &[] };
    let limited = if route.access == Access::RateLimited { &KEY_ERRORS[..] } else { &[] };
    let dialect = (route.dialect)(&HeaderMap::new());
    for (kind, description) in statuses.iter().chain(limited) {
        let status = dialect.status(&Problem::new(*kind, String::new()));
        built = built.response(status.as_str(), error(dialect, description));
    }
    for name in parameters(route.path) {
        let parameter = ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .schema(Some(ObjectBuilder::new().schema_type(Type::String)));
        built = built.parameter(parameter);
    }
    if let Some(schema) = &operation.takes {
        let content = ContentBuilder::new().schema(Some(reference(schema))).build();
        let body = RequestBodyBuilder::new().content("application/json", content);
        built = built.request_body(Some(body.required(Some(Required::True)).build()));
    }
    match route.access {
        Access::Open => built,
        Access::RateLimited => ["bearer", "x-api-key"].into_iter().fold(built, |built, scheme| {
            built.security(SecurityRequirement::new(scheme, Vec::<String>::new()))
        }),
    }
}

/// Errors of requests with a body, besides those of its content.
const BODY_ERRORS: [(ProblemKind, &str); 3] = [
    (ProblemKind::RequestTimedOut, "The body did not arrive in time"),
    (ProblemKind::TooLarge, "The body is too large"),
    (
        ProblemKind::Overloaded,
        "The queue of the model's engine is full, or other answers hold all memory for answers; the header Retry-After has the \
         time until the next attempt",
    ),
];
/// Errors of requests that count against the limits of their key.
const KEY_ERRORS: [(ProblemKind, &str); 2] = [
    (ProblemKind::InvalidKey, "The key is missing or unknown"),
    (
        ProblemKind::RateLimited,
        "A limit of the key is reached; the header Retry-After has the time until the next attempt, if one can succeed",
    ),
];

/// The names in braces.
fn parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| name.trim_matches('*'))
}

fn answer(operation: &Operation) -> ResponseBuilder {
    let schema = operation.gives.as_deref().unwrap_or("AnyObject");
    let media_types = operation.form.media_types().iter();
    media_types.fold(ResponseBuilder::new().description("The answer"), |response, media_type| {
        let content = match (*media_type, operation.form) {
            ("application/json", _) => ContentBuilder::new().schema(Some(reference(schema))),
            (
                _,
                ResponseFormat::Json
                | ResponseFormat::JsonOrEvents
                | ResponseFormat::Events
                | ResponseFormat::Text
                | ResponseFormat::Metrics
                | ResponseFormat::Page,
            ) => ContentBuilder::new().schema(Some(ObjectBuilder::new().schema_type(Type::String))),
        };
        response.content(*media_type, content.build())
    })
}

fn error(dialect: &dyn Dialect, description: &str) -> ResponseBuilder {
    let content = ContentBuilder::new().schema(Some(reference(dialect.error_schema()))).build();
    ResponseBuilder::new().description(description).content("application/json", content)
}

fn reference(schema: &str) -> RefOr<Schema> {
    RefOr::Ref(Ref::from_schema_name(schema))
}

fn components() -> Components {
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    let key = ApiKey::Header(ApiKeyValue::new("x-api-key"));
    ComponentsBuilder::new()
        .security_scheme("bearer", SecurityScheme::Http(bearer))
        .security_scheme("x-api-key", SecurityScheme::ApiKey(key))
        .build()
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, sync::Arc};

    use super::*;
    use crate::{
        api::{OpenApi, Status, mount},
        backend::Mount,
        config::{Config, RawConfig},
    };

    #[derive(Default)]
    struct Mounted(Vec<ApiDescription>);

    impl Mount for Mounted {
        fn mount<A: Api>(&mut self, _: Arc<A>) {
            self.0.push(ApiDescription::of::<A>());
        }
    }

    fn described() -> Vec<ApiDescription> {
        let config = Config::try_from(RawConfig::defaults(&[]).unwrap()).unwrap();
        let mut mounted = Mounted::default();
        mount(&config, &mut mounted);
        mounted.0.extend([ApiDescription::of::<Status>(), ApiDescription::of::<OpenApi>()]);
        mounted.0
    }

    fn document() -> Value {
        serde_json::from_str(&text(&described()).unwrap()).unwrap()
    }

    #[test]
    fn operations_match_the_routes_of_all_apis() {
        for ApiDescription { routes, description } in described() {
            let served: BTreeSet<String> = routes
                .iter()
                .flat_map(|route| {
                    methods(route.methods)
                        .iter()
                        .map(move |method| format!("{} {}", method_name(method), route.path))
                })
                .collect();
            let operations = operation::all([description].into_iter()).unwrap();
            assert_eq!(served, operations.into_keys().collect());
        }
    }

    #[test]
    fn document_schemas_are_all_defined_and_used() {
        let document = document();
        let text = document.to_string();
        let schemas = document["components"]["schemas"].as_object().unwrap();
        for name in schemas.keys() {
            assert!(text.contains(&format!("\"#/components/schemas/{name}\"")), "{name} is not used");
        }
        for named in text.split("\"#/components/schemas/").skip(1) {
            let name = named.split('"').next().unwrap();
            assert!(schemas.contains_key(name), "{name} is not there");
        }
    }

    #[test]
    fn document_operation_has_parameters_and_responses() {
        let chat = &document()["paths"]["/v1/chat/completions"]["post"];
        assert_eq!(chat["operationId"], "post_v1_chat_completions");
        assert!(chat["responses"]["200"]["content"]["text/event-stream"].is_object());
        assert_eq!(chat["security"].as_array().unwrap().len(), 2);
        let model = &document()["paths"]["/v1/models/{model}"];
        assert_eq!(model["get"]["parameters"][0]["name"], "model");
        assert!(model["delete"].is_object());
        assert_eq!(document()["tags"][0]["name"], "OpenAI");
    }
}
