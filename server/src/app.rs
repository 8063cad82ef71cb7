//! The router, and the order of what a request passes: it is counted, its key is let in, its handler
//! answers, and what it holds goes with the body until that ends.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    response::Response,
    routing::{MethodFilter, MethodRouter},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use weir_chains::{Effects, Llm};
use weir_model::{Engine, IndependentEngine, Speaker, TokenCounter, TurnTable};
use weir_pace::{Clock, Seed};

use crate::{
    accept::BindError,
    admission::{Admission, Admitted, Places},
    api::{
        self, AgentConnector, Call, Door, Endpoint, Methods, OpenAi, PrefixTable, Problem,
        reference::{agent_workflows, observability, prompt_service},
    },
    config::Config,
    connection::Arrival,
    outbound::{HttpSteps, Upstream},
    replies::{Cap, Replies},
    telemetry::{Exchange, Metrics},
};

/// What stands behind the server.
#[derive(Clone, Debug)]
pub struct Services {
    /// The models that it answers for.
    pub models: weir_model::Catalog,
    /// The chains that it runs.
    pub chains: weir_chains::Catalog,
}

/// Everything that handlers share.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) config: Config,
    pub(crate) models: Arc<weir_model::Catalog>,
    /// The chains that it runs, and through what they have an effect.
    pub(crate) effects: Effects,
    pub(crate) engine: Arc<dyn Engine>,
    pub(crate) speaker: Arc<Speaker>,
    pub(crate) counter: Arc<TokenCounter>,
    pub(crate) clock: Clock,
    pub(crate) metrics: Arc<Metrics>,
    /// The simulated model as chains ask it.
    pub(crate) replies: Arc<Replies>,
    /// The same for reference systems whose calls take no places.
    pub(crate) uncapped: Arc<Replies>,
    pub(crate) agent_workflows: agent_workflows::State,
    pub(crate) prompt_service: prompt_service::State,
    pub(crate) observability: observability::State,
    pub(crate) openai: OpenAi,
    pub(crate) ids: Ids,
    /// How often each chain has been asked with each input.
    pub(crate) turns: TurnTable,
    /// The beginnings of prompts that Anthropic's cache holds.
    pub(crate) prompt_prefixes: PrefixTable,
    pub(crate) agent_connector: AgentConnector,
    admission: Admission,
    /// Those that are free, where their number is limited.
    workers: Option<Arc<Semaphore>>,
}

impl App {
    pub(crate) fn new(config: Config, services: Services, clock: Clock) -> Result<Arc<Self>, BindError> {
        let models = Arc::new(services.models);
        check_models(&config, &models)?;
        check_workflows(&config, &services.chains)?;
        let metrics = Arc::new(Metrics::new());
        let engine: Arc<dyn Engine> = Arc::new(IndependentEngine::new(config.seed, config.time_scale));
        let speaker = Arc::new(Speaker::new(config.seed));
        let counter = Arc::new(TokenCounter::new());
        let (calls, waiting) = (config.chains.llm_calls_max, config.chains.llm_waiting_max);
        let places = Arc::new(Places::new(calls, waiting, Arc::clone(&metrics)));
        let upstream = config.upstream.as_ref().map(|upstream| {
            Upstream::new(upstream, Arc::clone(&places), &clock)
                .map_err(|error| BindError::Upstream { source: Box::new(error) })
        });
        let http = HttpSteps::new(&config.chains.http_targets, &clock)
            .map_err(|error| BindError::Upstream { source: Box::new(error) })?;
        let uncapped = Replies {
            models: Arc::clone(&models),
            engine: Arc::clone(&engine),
            speaker: Arc::clone(&speaker),
            counter: Arc::clone(&counter),
            clock: clock.clone(),
            cap: Cap::Unlimited,
            metrics: Arc::clone(&metrics),
        };
        let replies = Arc::new(Replies { cap: Cap::Places(places), ..uncapped.clone() });
        Ok(Arc::new(Self {
            admission: Admission::new(&config.admission),
            workers: config
                .workers
                .map(|count| Arc::new(Semaphore::new(count.get().min(Semaphore::MAX_PERMITS)))),
            openai: OpenAi::new(&config.responses),
            ids: Ids::new(),
            turns: TurnTable::new(),
            prompt_prefixes: PrefixTable::default(),
            effects: Effects {
                llm: match upstream.transpose()? {
                    Some(upstream) => Arc::new(upstream),
                    None => Arc::clone(&replies) as Arc<dyn Llm>,
                },
                http: Arc::new(http),
                chains: Arc::new(services.chains),
            },
            uncapped: Arc::new(uncapped),
            agent_connector: AgentConnector::new(&config.agent_connector, config.seed),
            agent_workflows: agent_workflows::State::new(&config)?,
            prompt_service: prompt_service::State::new(&config),
            observability: observability::State::new(&config),
            config,
            models,
            engine,
            speaker,
            counter,
            clock,
            metrics,
            replies,
        }))
    }
}

impl App {
    /// Waits for a worker, where their number is limited.
    async fn worker(&self) -> Option<OwnedSemaphorePermit> {
        // The semaphore is never closed.
        Arc::clone(self.workers.as_ref()?).acquire_owned().await.ok()
    }
}

/// Every model that the settings name must be there.
fn check_models(config: &Config, models: &weir_model::Catalog) -> Result<(), BindError> {
    let default = ("models.default".to_owned(), &config.models.default);
    let connectors = config.connectors.iter().map(|(name, model)| (format!("connectors.{name}"), model));
    let agent_connector = config.agent_connector.models.iter();
    let agent_connector = agent_connector.map(|model| ("agent_connector.models".to_owned(), model));
    let agents = ("agent_workflows.model".to_owned(), &config.agent_workflows.model);
    let providers = config.prompt_service.providers.iter();
    let providers = providers.map(|(name, model)| (format!("prompt_service.providers.{name}"), model));
    let observed = ("observability.model".to_owned(), &config.observability.model);
    let single = [default, agents, observed].into_iter();
    for (key, model) in single.chain(connectors).chain(agent_connector).chain(providers) {
        if models.get(model).is_none() {
            let nearest = weir_pace::nearest(model, models.iter().map(|profile| &*profile.name));
            return Err(BindError::UnknownModel {
                key,
                name: model.clone(),
                nearest: nearest.map(str::to_owned),
            });
        }
    }
    Ok(())
}

/// Every chain that is offered as a workflow must be there.
fn check_workflows(config: &Config, chains: &weir_chains::Catalog) -> Result<(), BindError> {
    for name in &config.agent_workflows.workflows {
        if chains.get(name).is_none() {
            let nearest = weir_pace::nearest(name, chains.names()).map(str::to_owned);
            let key = "agent_workflows.workflows".to_owned();
            return Err(BindError::UnknownChain { key, name: name.clone(), nearest });
        }
    }
    Ok(())
}

/// All paths. One that is asked with another method than it has is answered as the first of its endpoints would be.
pub(crate) fn router(app: Arc<App>) -> Router {
    let mut paths: HashMap<&'static str, MethodRouter<Arc<App>>> = HashMap::new();
    for endpoint in Endpoint::all() {
        let route = endpoint.route();
        let handler = move |State(app): State<Arc<App>>, request: Request| pass(app, endpoint, request);
        let methods = paths.remove(route.path).unwrap_or_else(|| MethodRouter::new().fallback(handler));
        paths.insert(route.path, methods.on(filter(route.methods), handler));
    }
    let router = paths.into_iter().fold(Router::new(), |router, (path, methods)| router.route(path, methods));
    router
        .fallback(|State(app): State<Arc<App>>, request: Request| pass(app, Endpoint::Unknown, request))
        .with_state(app)
}

const fn filter(methods: Methods) -> MethodFilter {
    match methods {
        Methods::Get => MethodFilter::GET,
        Methods::Post => MethodFilter::POST,
        Methods::GetOrPost => MethodFilter::GET.or(MethodFilter::POST),
        Methods::Delete => MethodFilter::DELETE,
    }
}

/// What every request passes, in this order.
async fn pass(app: Arc<App>, endpoint: Endpoint, mut request: Request) -> Response {
    let arrival = request
        .extensions_mut()
        .remove::<Arrival>()
        .unwrap_or_else(|| Arrival { at: app.clock.now(), log: Arc::default() });
    let mut exchange = Exchange::begin(&app.metrics, endpoint, arrival.at);
    let (worker, admitted) = match endpoint.route().door {
        Door::Guarded => (app.worker().await, app.admission.enter(request.headers())),
        Door::Open => (None, Ok(Admitted::default())),
    };
    let mut call = Call::new(app, endpoint, arrival, request);
    let (mut response, rate, admitted) = match admitted {
        Ok(admitted) => {
            let answer = api::answer(&mut call).await;
            if let Some(wait) = answer.as_ref().err().and_then(|problem| call.wait_before(problem)) {
                Box::pin(wait).await;
            }
            (answer.unwrap_or_else(|problem| call.refuse(&problem)), admitted.rate, admitted)
        }
        Err(rejection) => {
            let rate = rejection.rate();
            (call.refuse(&Problem::from(rejection)), rate, Admitted::default())
        }
    };
    if let Some(rate) = rate {
        call.dialect().tell_rate(&rate, response.headers_mut());
    }
    exchange.answer(response.status());
    response.map(|body| Body::new(api::Held::new(body, (exchange, admitted, worker))))
}

/// Unique ids.
#[derive(Debug)]
pub(crate) struct Ids {
    base: Seed,
    next: AtomicU64,
}

impl Ids {
    /// Ids that differ from those of servers started at another instant or by another process.
    fn new() -> Self {
        let started = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| since.as_nanos() as u64);
        Self { base: Seed::new(started).derive(u64::from(std::process::id())), next: AtomicU64::new(0) }
    }

    /// 24 hexadecimal digits that have not been given before.
    pub(crate) fn next(&self) -> String {
        let count = self.next.fetch_add(1, Ordering::Relaxed);
        let number = u128::from(self.base.derive(count).get()) << 32 | u128::from(count as u32);
        let digit =
            |place: u32| char::from_digit((number >> (4 * place)) as u32 & 0xf, 16).unwrap_or_default();
        (0..24).rev().map(digit).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique() {
        let ids = Ids::new();
        let all: std::collections::HashSet<String> = (0..10_000).map(|_| ids.next()).collect();
        assert_eq!(all.len(), 10_000);
        let is_good = |id: &String| id.len() == 24 && id.bytes().all(|digit| digit.is_ascii_hexdigit());
        assert!(all.iter().all(is_good));
    }
}
