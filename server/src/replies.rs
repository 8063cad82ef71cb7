//! The simulated model as a chain's LLM: the same engine, limits and delays as for other clients.

use std::{borrow::Cow, sync::Arc, time::Instant};

use async_stream::try_stream;
use weir_chains::{FinishReason, Llm, LlmCall, LlmError, LlmEvent, LlmOutput, LlmStream, TokenEvents, Usage};
use weir_model::{
    Content, Engine, EngineConfig, Event, GenerationRequest, Job, Lease, Profile, PromptPrefix, Refusal,
    Reply, ResponsePlanner, SegmentKind, TokenCounter, Transcript,
};
use weir_pace::{Clock, Seed, Suggestion};

use crate::{
    admission::{AdmittedKey, LimitExceeded, LlmPermit, LlmPermits, Reservation},
    model_names::ModelNames,
    telemetry::{CallRecord, Metrics},
    token_timer::TokenTimer,
};

/// The limit on concurrent calls.
#[derive(Clone, Debug)]
pub(crate) enum Cap {
    /// One per permit; more wait in the queue.
    Permits(Arc<LlmPermits>),
    /// Any number.
    Unlimited,
}

/// Answers LLM calls of chains and reference systems.
#[derive(Clone, Debug)]
pub struct Replies {
    pub(crate) models: Arc<ModelNames>,
    pub(crate) engine: Arc<dyn Engine>,
    pub(crate) planner: Arc<ResponsePlanner>,
    pub(crate) counter: Arc<TokenCounter>,
    pub(crate) clock: Clock,
    pub(crate) cap: Cap,
    pub(crate) metrics: Arc<Metrics>,
    /// The key whose tokens the calls cost, if there is one.
    pub(crate) key: Option<Arc<AdmittedKey>>,
}

/// An admitted call, with its permit if it needed one.
#[derive(Debug)]
pub struct AdmittedCall {
    /// The content and its schedule.
    pub lease: Lease,
    /// The tokens of its prompt.
    pub prompt_tokens: u32,
    /// When it was admitted: its delays start here.
    pub since: Instant,
    /// Its permit: hold it until the answer has ended.
    pub permit: Option<LlmPermit>,
    /// Its tokens at the key of the request: hold them as long.
    pub reservation: Option<Reservation>,
    /// Its record: hold it as long, and add what is delivered.
    pub record: CallRecord,
}

impl Replies {
    /// Waits for a permit, and admits the call. Delays start when it has its permit.
    pub async fn admit(&self, call: &LlmCall) -> Result<AdmittedCall, LlmError> {
        self.profile(&call.model)?;
        let permit = match &self.cap {
            Cap::Unlimited => None,
            Cap::Permits(permits) => Some(permits.take().await.map_err(|full| {
                let (message, retry_after) = (full.to_string(), Some(full.retry_after));
                self.refused(call, LlmError::Overloaded { message, retry_after })
            })?),
        };
        Ok(AdmittedCall { permit, ..self.begin(call)? })
    }

    /// Calls the model, and waits for the whole answer.
    pub async fn ask(&self, call: &LlmCall) -> Result<LlmOutput, LlmError> {
        let AdmittedCall { lease, prompt_tokens, permit, mut reservation, mut record, .. } =
            self.admit(call).await?;
        let mut times = TokenTimer::new(lease.schedule, &self.clock);
        let end = times.end().await;
        if let Some(reservation) = &mut reservation {
            reservation.follow(times.schedule(), lease.content.token_count());
        }
        record.delivered_whole(times.schedule().first().unwrap_or(end), self.clock.now());
        drop((permit, record, reservation));
        Ok(output(&lease.content, prompt_tokens))
    }

    /// The prompt tokens of a call's tools.
    fn count_tools(&self, call: &LlmCall) -> u32 {
        let texts = call.tools.iter().map(|tool| {
            let description = tool.description.as_deref().unwrap_or_default();
            format!("{} {description} {}", tool.name, tool.parameters)
        });
        texts.map(|text| self.counter.count(&text)).sum()
    }

    /// Admits the call at once and without a permit.
    pub fn begin(&self, call: &LlmCall) -> Result<AdmittedCall, LlmError> {
        let profile = self.profile(&call.model)?;
        let since = self.clock.now();
        let prompt_tokens = self.counter.count(&call.prompt) + self.count_tools(call);
        let reservation = match &self.key {
            None => None,
            Some(key) => Some(
                key.reserve_step(prompt_tokens, call.max_tokens)
                    .map_err(|exceeded| self.refused(call, limit_error(&exceeded, &call.model)))?,
            ),
        };
        let body = fingerprint(call);
        let transcript = Transcript { last_user: (&*call.prompt).into(), ..Transcript::default() };
        let request = GenerationRequest {
            prompt_tokens,
            body,
            max_tokens: call.max_tokens,
            transcript,
            ..GenerationRequest::default()
        };
        let reply = self.planner.reply(profile, &request);
        let lease = reply
            .and_then(|Reply { content, delay }| {
                let (profile, total) = (Arc::clone(profile), call.total);
                let prefix = prompt_prefix(&profile, prompt_tokens, || [call.prompt.as_bytes()]);
                let (start, priority) = (since, 0);
                let job =
                    Job { profile, prompt_tokens, content, delay, total, body, start, priority, prefix };
                self.engine.admit(job)
            })
            .map_err(llm_error)
            .map_err(|error| self.refused(call, error))?;
        let mut reservation = reservation;
        if let Some(reservation) = &mut reservation {
            reservation.follow(&lease.schedule, lease.content.token_count());
        }
        let record = self.metrics.llm_call(profile, prompt_tokens, &lease.content, since);
        Ok(AdmittedCall { lease, prompt_tokens, since, permit: None, reservation, record })
    }

    /// Counts a failed call.
    fn refused(&self, call: &LlmCall, error: LlmError) -> LlmError {
        self.metrics.llm_error(&call.model, &error);
        error
    }

    fn profile(&self, model: &Arc<str>) -> Result<&Arc<Profile>, LlmError> {
        self.models.profile(model).ok_or_else(|| {
            let suggestion = Suggestion::nearest(model, self.models.known());
            let error = LlmError::UnknownModel { model: Arc::clone(model), suggestion };
            self.metrics.llm_error(model, &error);
            error
        })
    }
}

fn llm_error(refusal: Refusal) -> LlmError {
    let message = refusal.to_string();
    match refusal {
        Refusal::ContextExceeded { .. } | Refusal::KvCacheExceeded { .. } | Refusal::Schema(_) => {
            LlmError::InvalidRequest { message }
        }
        Refusal::QueueFull { retry_after, .. } => {
            LlmError::Overloaded { message, retry_after: Some(retry_after) }
        }
        Refusal::Scripted(error) => match error.status {
            429 => LlmError::RateLimited { message, retry_after: error.retry_after },
            503 | 529 => LlmError::Overloaded { message, retry_after: error.retry_after },
            0..500 => LlmError::InvalidRequest { message },
            500.. => LlmError::Upstream { message, source: None },
        },
    }
}

/// The error of a call that exceeds a limit of its key. A call that is too large for it does not succeed later.
pub(crate) fn limit_error(exceeded: &LimitExceeded, model: &str) -> LlmError {
    let message = exceeded.message(Some(model));
    match exceeded.retry_after {
        None => LlmError::InvalidRequest { message },
        retry_after @ Some(_) => LlmError::RateLimited { message, retry_after },
    }
}

/// Returns the hashes of the beginning of a prompt of `tokens` tokens, whose text `parts` returns, if the model's engine has
/// a prefix cache.
pub(crate) fn prompt_prefix<'a, const N: usize>(
    profile: &Profile,
    tokens: u32,
    parts: impl FnOnce() -> [&'a [u8]; N],
) -> PromptPrefix {
    match &profile.engine {
        EngineConfig::Batching(config) if config.enable_prefix_caching => {
            PromptPrefix::of_text(&parts(), tokens, config.block_size)
        }
        EngineConfig::Batching(_) | EngineConfig::Independent => PromptPrefix::default(),
    }
}

/// Returns the request to the model.
fn fingerprint(call: &LlmCall) -> u64 {
    let limit = call.max_tokens.map_or(u64::MAX, u64::from);
    let seed = Seed::new(limit).named(&call.model).named(&call.prompt);
    call.tools.iter().fold(seed, |seed, tool| seed.named(&tool.name)).get()
}

impl Llm for Replies {
    fn call(&self, call: LlmCall) -> LlmStream {
        let replies = self.clone();
        Box::pin(try_stream! {
            let AdmittedCall { lease, prompt_tokens, permit, mut reservation, mut record, .. } =
                replies.admit(&call).await?;
            let Lease { content, schedule, .. } = lease;
            let mut times = TokenTimer::new(schedule, &replies.clock);
            if call.tokens == TokenEvents::Enabled {
                let mut cursor = content.cursor();
                let mut is_reasoning = false;
                for index in 0..content.step_count() {
                    times.token(index).await;
                    let mut token = String::new();
                    record.delivered(1, replies.clock.now());
                    let mut is_sent = false;
                    cursor.advance(|_, event| match event {
                        Event::Begin(_, segment) => is_reasoning = segment.kind == SegmentKind::Reasoning,
                        Event::Tokens(run) if !is_reasoning => {
                            token.push_str(run.text());
                            is_sent = true;
                        }
                        Event::Tokens(_) | Event::End(..) | Event::Finish(_) => {}
                    });
                    if is_sent {
                        yield LlmEvent::Token(Cow::Owned(token));
                    }
                }
            }
            times.end().await;
            if let Some(reservation) = &mut reservation {
                reservation.follow(times.schedule(), content.token_count());
            }
            record.delivered_rest(replies.clock.now());
            drop((permit, record, reservation));
            yield LlmEvent::Finished(output(&content, prompt_tokens));
        })
    }
}

fn output(content: &Content, prompt_tokens: u32) -> LlmOutput {
    LlmOutput {
        text: content.text(),
        usage: Usage { prompt_tokens: prompt_tokens.into(), completion_tokens: content.token_count().into() },
        finish: match content.finish() {
            weir_model::Finish::Stop
            | weir_model::Finish::StopSequence(_)
            | weir_model::Finish::ToolCalls
            | weir_model::Finish::Refused => FinishReason::Stop,
            weir_model::Finish::Length => FinishReason::Length,
        },
    }
}
