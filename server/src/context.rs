//! The shared state of all requests: settings, models, chains, engine, clock, metrics.

use std::{num::NonZeroUsize, sync::Arc, thread::available_parallelism};

use serde_json::Value;
use tokio::sync::Semaphore;
use weir_chains::{Effects, ExecutionMode, Llm, Plan, Run, RunOptions, TimeScale, TokenEvents};
use weir_model::{Engine, ProfileEngine, ResponsePlanner, TokenCounter, TurnTable};
use weir_pace::{Clock, Diagnostic, Seed, Suggestion};

use crate::{
    admission::{Admission, AnswerMemory, LlmPermits},
    attributed::AttributedLlm,
    capped::CappedLlm,
    config::{Config, UnknownModels},
    error::StartError,
    ids::Ids,
    model_names::ModelNames,
    outbound::{HttpSteps, Upstream},
    replies::{Cap, Replies},
    telemetry::{Metrics, REQUESTS},
};

/// The shared state of all requests of one server.
#[derive(Debug)]
pub struct ServerContext {
    /// The settings. Those of backends are handed to [`Backend::start`](crate::Backend::start) instead.
    pub config: Config,
    /// The simulated models.
    pub models: Arc<weir_model::Catalog>,
    /// The chains, and the effects of their steps: the LLM that they call and the HTTP client of `http` steps.
    pub effects: Effects,
    /// The clock of all delays.
    pub clock: Clock,
    /// The ids of answers.
    pub ids: Ids,
    /// How often each request was made: a repeated request samples other delays.
    pub turns: TurnTable,
    /// The simulated LLM with the limit on concurrent calls of chains and connectors.
    pub llm: Arc<Replies>,
    /// The simulated LLM without that limit.
    pub uncapped_llm: Arc<Replies>,
    /// The metrics of `GET /metrics`.
    pub metrics: Arc<Metrics>,
    pub(crate) engine: Arc<dyn Engine>,
    pub(crate) planner: Arc<ResponsePlanner>,
    pub(crate) counter: Arc<TokenCounter>,
    pub(crate) model_names: Arc<ModelNames>,
    pub(crate) admission: Admission,
    /// Whether a line is logged for each request.
    pub(crate) logs_requests: bool,
    /// The memory of large answers in flight.
    pub(crate) answer_memory: AnswerMemory,
    /// The threads for work that is too long for the event loop: one for each processor.
    pub(crate) work_threads: Arc<Semaphore>,
    /// The free workers, if their number is limited.
    pub(crate) workers: Option<Arc<Semaphore>>,
}

impl ServerContext {
    pub(crate) fn new(
        config: Config,
        models: weir_model::Catalog,
        chains: weir_chains::Catalog,
        clock: Clock,
    ) -> Result<Arc<Self>, StartError> {
        let models = Arc::new(models);
        let metrics = Arc::new(Metrics::new());
        let engine = Arc::new(ProfileEngine::new(config.seed, config.time_scale));
        metrics.show_replicas(Arc::clone(&engine));
        let engine: Arc<dyn Engine> = engine;
        let planner = Arc::new(ResponsePlanner::new(config.seed));
        let counter = Arc::new(TokenCounter::new());
        let (calls, waiting) = (config.chains.llm_calls_max, config.chains.llm_waiting_max);
        let permits = Arc::new(LlmPermits::new(calls, waiting, clock.clone(), Arc::clone(&metrics)));
        let upstream = config.upstream.as_ref().map(|upstream| {
            Upstream::new(upstream, Arc::clone(&permits), &clock)
                .map_err(|error| StartError::Upstream { source: Box::new(error) })
        });
        let http = HttpSteps::new(&config.chains.http_targets, &clock)
            .map_err(|error| StartError::Upstream { source: Box::new(error) })?;
        let fallback = match config.models.unknown {
            UnknownModels::Accept => Some(config.models.default.clone()),
            UnknownModels::Reject => None,
        };
        let model_names = Arc::new(ModelNames::new(Arc::clone(&models), fallback));
        let uncapped_llm = Replies {
            models: Arc::clone(&model_names),
            engine: Arc::clone(&engine),
            planner: Arc::clone(&planner),
            counter: Arc::clone(&counter),
            clock: clock.clone(),
            cap: Cap::Unlimited,
            metrics: Arc::clone(&metrics),
            key: None,
        };
        let llm = Arc::new(Replies { cap: Cap::Permits(permits), ..uncapped_llm.clone() });
        let server = Self {
            admission: Admission::with_metrics(&config.admission, clock.clone(), &metrics.keys),
            answer_memory: AnswerMemory::new(
                config.answer_memory,
                config.answer_memory_wait,
                Arc::clone(&metrics),
            ),
            work_threads: Arc::new(Semaphore::new(available_parallelism().map_or(1, NonZeroUsize::get))),
            logs_requests: tracing::enabled!(target: REQUESTS, tracing::Level::INFO),
            workers: config
                .workers
                .map(|count| Arc::new(Semaphore::new(count.get().min(Semaphore::MAX_PERMITS)))),
            ids: Ids::new(),
            model_names,
            turns: TurnTable::new(),
            effects: Effects {
                llm: match upstream.transpose()? {
                    Some(upstream) => Arc::new(upstream),
                    None => Arc::clone(&llm) as Arc<dyn Llm>,
                },
                http: Arc::new(http),
                chains: Arc::new(chains),
            },
            uncapped_llm: Arc::new(uncapped_llm),
            config,
            models,
            engine,
            planner,
            counter,
            clock,
            metrics,
            llm,
        };
        server.require_model("models.default", &server.config.models.default)?;
        Ok(Arc::new(server))
    }

    /// Checks that the model `name`, which the setting `key` names, is in the catalogue.
    ///
    /// # Errors
    /// Fails if it is not.
    pub fn require_model(&self, key: &str, name: &str) -> Result<(), StartError> {
        if self.models.get(name).is_some() {
            return Ok(());
        }
        let suggestion = Suggestion::nearest(name, self.models.iter().map(|profile| &*profile.name));
        let diagnostic = self.setting_error(key, &format!("unknown model `{name}`"), &suggestion);
        Err(StartError::UnknownModel { name: name.to_owned(), diagnostic })
    }

    /// An error of the value of `key`, with its place if that is known.
    fn setting_error(&self, key: &str, message: &str, suggestion: &Suggestion) -> Diagnostic {
        let placed = self.config.sources.diagnostic(key, message);
        placed.unwrap_or_else(|| Diagnostic::new("settings", key, message)).suggesting(Some(suggestion))
    }

    /// Checks that the chain `name`, which the setting `key` names, is in the catalogue.
    ///
    /// # Errors
    /// Fails if it is not.
    pub fn require_chain(&self, key: &str, name: &str) -> Result<(), StartError> {
        let chains = &self.effects.chains;
        if chains.get(name).is_some() {
            return Ok(());
        }
        let suggestion = Suggestion::nearest(name, chains.names());
        let diagnostic = self.setting_error(key, &format!("unknown chain `{name}`"), &suggestion);
        Err(StartError::UnknownChain { name: name.to_owned(), diagnostic })
    }

    /// Starts a run of `plan` through `effects`, with the server's timeout, time scale and cap on the LLM calls of one
    /// run. Dropping the run cancels it. Report its end with [`Metrics::chain_run`].
    pub fn run_chain(
        &self,
        mut effects: Effects,
        plan: &Arc<Plan>,
        input: Value,
        mode: ExecutionMode,
        tokens: TokenEvents,
    ) -> Run {
        let request = self.config.seed.named(plan.name()).named(&input.to_string());
        let options = RunOptions {
            mode,
            timeout: Some(plan.timeout().unwrap_or(self.config.chains.timeout)),
            time_scale: self.time_scale(),
            seed: self.next_turn(request),
            tokens,
        };
        if let Some(most) = self.config.chains.llm_calls_a_run_max {
            effects.llm =
                Arc::new(CappedLlm::new(effects.llm, most, self.clock.clone(), Arc::clone(&self.metrics)));
        }
        effects.llm = AttributedLlm::of_current_request(effects.llm);
        weir_chains::run(Arc::clone(plan), input, options, effects, self.clock.clone())
    }

    /// Returns the seed of this occurrence of `request`: the same request again samples other delays.
    pub fn next_turn(&self, request: Seed) -> Seed {
        request.derive(self.turns.next(request.get()).label())
    }

    #[expect(clippy::expect_used, reason = "the configuration's check has narrower bounds")]
    fn time_scale(&self) -> TimeScale {
        TimeScale::try_from(self.config.time_scale).expect("a checked time scale is valid")
    }
}
