//! A backend of one endpoint in a server of your own: `cargo run --example embedded_backend`, then
//! `curl -d '{"text": "Hello"}' http://127.0.0.1:8000/api/echo`.

use std::sync::Arc;

use axum::response::Response;
use serde::Deserialize;
use weir_server::{
    Api, Backend, Backends, Config, Description, NoSettings, Problem, RawConfig, RequestContext, Route,
    Server, ServerContext, Services, StartError, json, json_answer, plain_dialect,
};

/// Answers with the text of the request.
#[derive(Debug)]
pub(crate) struct Echo;

#[derive(Deserialize)]
struct EchoRequest {
    text: String,
}

impl Api for Echo {
    type Endpoint = ();

    const ENDPOINTS: &'static [()] = &[()];
    const DESCRIPTION: Description = Description {
        operations: "[\"POST /api/echo\"]\ngroup = \"Echo\"\nsays = \"Returns the text of the request\"",
        schemas: "{}",
    };

    fn route((): ()) -> Route {
        Route::post("/api/echo", plain_dialect).rate_limited()
    }

    async fn answer(&self, (): (), request: &mut RequestContext) -> Result<Response, Problem> {
        let body = request.body().await?;
        let EchoRequest { text } = json::read_with_place(&body)?;
        Ok(json_answer(&serde_json::json!({"text": text})))
    }
}

impl Backend for Echo {
    const NAME: &'static str = "echo";

    type Settings = NoSettings;

    fn start(_: Arc<NoSettings>, _: &Arc<ServerContext>) -> Result<Self, StartError> {
        Ok(Self)
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let backends = Backends::new().with::<Echo>();
    let config = Config::try_from(RawConfig::defaults(backends.tables())?)?;
    let (models, chains) = (weir_model::Catalog::embedded()?, weir_chains::Catalog::default());
    let _server = Server::bind(config, Services { models, chains, backends }).await?;
    Ok(tokio::signal::ctrl_c().await?)
}
