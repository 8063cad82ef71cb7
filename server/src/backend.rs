//! Extensions: sets of endpoints, and backends that mount them in a server.

use std::{fmt, sync::Arc};

use axum::response::Response;

use crate::{
    config::BackendSettings,
    context::ServerContext,
    error::StartError,
    request::{Origins, Problem, RequestContext, Route},
};

/// Endpoints that are served together, with the state that they share.
pub trait Api: fmt::Debug + Send + Sync + 'static {
    /// What can be requested: usually an enum with a variant for each endpoint.
    type Endpoint: Copy + fmt::Debug + Send + Sync + 'static;

    /// All endpoints.
    const ENDPOINTS: &'static [Self::Endpoint];

    /// Their part of the OpenAPI document.
    const DESCRIPTION: Description;

    /// Which browser apps may use them. Endpoints that change state or files must be for the same origin.
    const ORIGINS: Origins = Origins::Same;

    /// Returns where and how an endpoint is served.
    fn route(endpoint: Self::Endpoint) -> Route;

    /// Answers a request to `endpoint`. Limits, metrics and ids are the server's work; a [`Problem`] becomes an error
    /// in the shape of the route's [`Dialect`](crate::Dialect).
    ///
    /// The future of the hottest endpoint may be awaited in place; box the others with `Box::pin`, so that they do not
    /// enlarge it.
    fn answer(
        &self,
        endpoint: Self::Endpoint,
        request: &mut RequestContext,
    ) -> impl Future<Output = Result<Response, Problem>> + Send;
}

/// A backend that a server offers beside the LLM APIs: settings, state, checks at start, and the endpoints of its
/// [`Api`].
///
/// To add one, write one folder and one line:
///
/// 1. `config.rs`: the settings as users write them, a type that implements [`BackendSettings`] (with its environment
///    variables), and the checked settings. Without settings use [`NoSettings`](crate::NoSettings).
/// 2. `endpoint.rs`: an enum of the endpoints and their [`Route`]s; `operations.toml` and `schemas.json` are their
///    [`Description`], a part of `/openapi.json`.
/// 3. `state.rs`: the type that implements `Backend` and [`Api`]: its fields are the state. [`start`](Self::start)
///    checks the settings against the server's models and chains.
/// 4. The handlers. [`RequestContext`] has the decoded request; [`json_answer`](crate::json_answer) makes an answer;
///    [`RequestContext::server`] has the simulated LLM, chains, clock, ids and metrics. Delays, limits, metrics and
///    ground truth come with these.
/// 5. The line: `.with::<YourBackend>()` in the list of [`Backends`](crate::Backends) that is handed to
///    [`Server::bind`](crate::Server::bind).
///
/// An LLM dialect inside the server is the first half of that: a folder with an [`Api`], and a line in `api/mod.rs`.
pub trait Backend: Api + Sized {
    /// Its name, in errors.
    const NAME: &'static str;

    /// The name of its table of settings; it must not be that of a table of the server or of another backend.
    const TABLE: &'static str = Self::NAME;

    /// Its settings as users write them.
    type Settings: BackendSettings;

    /// Makes its state from the checked settings.
    ///
    /// # Errors
    /// Fails if a setting does not fit the server: see [`ServerContext::require_model`] and
    /// [`ServerContext::require_chain`]; other causes are a [`StartError::Backend`].
    fn start(
        settings: Arc<<Self::Settings as BackendSettings>::Checked>,
        server: &Arc<ServerContext>,
    ) -> Result<Self, StartError>;
}

/// The part of the OpenAPI document that describes the endpoints of one [`Api`].
#[derive(Clone, Copy, Debug)]
pub struct Description {
    /// In TOML: a table for each method and path, `["POST /api/echo"]`, with the keys `group` (its heading), `says`
    /// (its summary), `takes` and `gives` (names of schemas; optional) and `form` (the media type of the answer:
    /// `json`, the default, `json or events`, `events`, `text`, `metrics` or `page`).
    pub operations: &'static str,
    /// In JSON: an object of the schemas that these name and those of its errors.
    pub schemas: &'static str,
}

/// What receives the APIs of a server.
pub(crate) trait Mount {
    /// Serves the endpoints of `api`.
    fn mount<A: Api>(&mut self, api: Arc<A>);
}
