//! One LLM call, independent of the API: planned, admitted, delivered.

use std::{borrow::Cow, sync::Arc, time::Duration};

use axum::response::Response;
use bytes::{Bytes, BytesMut};
use http::HeaderValue;
use weir_model::{
    Content, Cost, EngineConfig, Eos, Event, GenerationRequest, Job, Lease, Profile, Reply, ResponseMode,
    Schedule,
};
use weir_pace::{Amount, Clock, Seed};

use super::{content_hash::content_hash, prompt_parts::prompt_parts};
use crate::{
    admission::Reservation,
    context::ServerContext,
    replies::prompt_prefix,
    request::{
        Incoming, Overrides, Problem, ProblemKind, RESPONSE_MODE, RequestContext, WorkLimit, json_body,
    },
    telemetry::{CallRecord, LoggedCall},
    token_stream::{Encoder, TokenStream},
    token_timer::TokenTimer,
};

/// An accepted request, and how its answer is delivered.
pub(crate) struct AcceptedRequest<E> {
    pub(crate) generation: Generation,
    /// The base of the answer's ids.
    pub(crate) id: String,
    pub(crate) form: ResponseForm<E>,
}

/// How an answer is delivered.
pub(crate) enum ResponseForm<E> {
    /// One piece: encoded in advance, and sent at its deadline.
    Plain(Bytes),
    Stream(E),
}

/// What is encoded of an answer before its first part is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoded {
    /// Nothing: it is a stream.
    Nothing,
    /// All of its text.
    Text,
    /// All of its text, with the log probabilities of this number of tokens at each position.
    Logprobs(usize),
}

impl Encoded {
    /// The work of encoding `tokens` tokens, in units of some nanoseconds.
    fn work(self, tokens: u64) -> u64 {
        match self {
            Self::Nothing => 0,
            Self::Text => tokens,
            Self::Logprobs(top) => tokens.saturating_mul(1 + 8 * (1 + top as u64)),
        }
    }

    /// The bytes of `tokens` encoded tokens.
    pub(crate) fn bytes(self, tokens: u64) -> u64 {
        match self {
            Self::Nothing => 0,
            Self::Text => tokens.saturating_mul(8),
            Self::Logprobs(top) => tokens.saturating_mul(8 + 100 * (1 + top as u64)),
        }
    }

    /// What is encoded of an answer with the log probabilities of `logprobs` tokens at each position.
    pub(crate) fn of(is_whole: bool, logprobs: Option<usize>) -> Self {
        match (is_whole, logprobs) {
            (false, _) => Self::Nothing,
            (true, None) => Self::Text,
            (true, Some(top)) => Self::Logprobs(top),
        }
    }
}

/// An admitted LLM call.
#[derive(Debug)]
pub(crate) struct Generation {
    pub(crate) lease: Lease,
    pub(crate) prompt_tokens: u32,
    /// The hash of what the request asks.
    pub(crate) body: u64,
    /// Its tokens, if its key has a name or limits.
    reservation: Option<Reservation>,
    /// Held until the last token is delivered.
    record: CallRecord,
}

impl Generation {
    /// Plans and admits the reply of the model of `profile`; the body's hash is added here.
    pub(crate) fn begin(
        incoming: &Incoming<'_>,
        profile: &Arc<Profile>,
        request: GenerationRequest<'_>,
        encoded: Encoded,
    ) -> Result<Self, Problem> {
        let Incoming { server, body, headers, overrides, schemas, limit, .. } = *incoming;
        let mode = headers
            .get(RESPONSE_MODE)
            .map(|value| response_mode(server, value))
            .transpose()?
            .or(request.mode);
        let body = Overrides::seeded(overrides, content_hash(body));
        let request = GenerationRequest { body, mode, ..request };
        let (profile, request) = overridden(overrides, profile, request);
        let profile = &*profile;
        let cost = server.planner.cost(profile, &request, schemas).filter(|_| !schemas.is_postponed());
        let Cost { work, bytes, tokens } = cost.ok_or_else(WorkLimit::postponed)?;
        limit
            .check(work.saturating_add(encoded.work(tokens)), bytes.saturating_add(encoded.bytes(tokens)))?;
        let choices = 1 + u64::from(request.more_choices);
        let output = request.max_tokens.map(|tokens| u64::from(tokens).saturating_mul(choices));
        let reservation = Self::reserve(incoming, profile, request.prompt_tokens, output)?;
        let reply = server.planner.reply(profile, &request);
        let reply = reply.inspect_err(|_| server.metrics.llm_refusal(&profile.name))?;
        let generation =
            Self::admit(incoming, profile, request.prompt_tokens, request.body, reply, reservation)?;
        if let Some(max_tokens) = request.max_tokens {
            generation.record.max_tokens(max_tokens);
        }
        Ok(generation)
    }

    /// Reserves the tokens of a prompt and of answers of at most `output` tokens at the key of the request.
    pub(crate) fn reserve(
        incoming: &Incoming<'_>,
        profile: &Profile,
        prompt_tokens: u32,
        output: Option<u64>,
    ) -> Result<Option<Reservation>, Problem> {
        let reserved = incoming.key.map(|key| key.reserve(prompt_tokens, output)).transpose();
        reserved.map_err(|exceeded| Problem::exceeded(exceeded, Some(&profile.name)))
    }

    /// Schedules `reply` of the model of `profile`; delays depend on the hash of the body.
    pub(crate) fn admit(
        incoming: &Incoming<'_>,
        profile: &Arc<Profile>,
        prompt_tokens: u32,
        body: u64,
        reply: Reply,
        reservation: Option<Reservation>,
    ) -> Result<Self, Problem> {
        let Incoming { server, at: start, .. } = *incoming;
        let (profile, completion_tokens) = (Arc::clone(profile), reply.content.token_count());
        let Reply { content, delay } = reply;
        let job = Job {
            profile: Arc::clone(&profile),
            prompt_tokens,
            content,
            delay,
            total: None,
            body,
            start,
            priority: 0,
            prefix: prompt_prefix(&profile, prompt_tokens, || prompt_parts(incoming.body)),
        };
        let lease = server.engine.admit(job).inspect_err(|_| server.metrics.llm_refusal(&profile.name))?;
        if let Some(log) = incoming.log {
            let ttft = lease.first_visible().map(|first| first.saturating_duration_since(start));
            log.set_model(&profile.name);
            log.set_call(LoggedCall { prompt_tokens, output_tokens: completion_tokens, ttft });
        }
        if incoming.key.is_none() {
            server.admission.count_tokens(prompt_tokens.into(), completion_tokens.into());
        }
        let record = server.metrics.llm_call(&profile, prompt_tokens, &lease.content, start);
        Ok(Self { lease, prompt_tokens, body, reservation, record })
    }

    /// Returns the response to `call`, as the request wants it.
    pub(crate) async fn deliver<E: Encoder>(
        self,
        call: &mut RequestContext,
        form: ResponseForm<E>,
    ) -> Response {
        match form {
            ResponseForm::Plain(body) => self.plain(call, body).await,
            ResponseForm::Stream(encoder) => self.stream(call, encoder),
        }
    }

    /// Returns the whole answer in one piece when its last token is due.
    pub(crate) async fn plain(self, call: &mut RequestContext, body: Bytes) -> Response {
        call.shrink_memory(body.len());
        self.plain_at_end(call, |_| body).await
    }

    /// Returns the whole answer in one piece when its last token is due, and encodes it then.
    pub(crate) async fn plain_at_end(
        self,
        call: &mut RequestContext,
        encode: impl FnOnce(&Content) -> Bytes,
    ) -> Response {
        let Self { lease, mut reservation, mut record, .. } = self;
        let clock = &call.server.clock;
        let first_visible = lease.first_visible();
        let Lease { content, schedule, .. } = lease;
        let mut follow = |schedule: &Schedule| {
            if let Some(reservation) = &mut reservation {
                reservation.follow(schedule, content.token_count());
            }
        };
        follow(&schedule);
        let mut tokens = TokenTimer::new(schedule, clock);
        let end = tokens.end().await;
        // A live schedule is known only now.
        follow(tokens.schedule());
        let mut timing = call.timing();
        timing.add_schedule(tokens.schedule());
        timing.planned_ttft = first_visible.or(timing.planned_ttft);
        let now = clock.now();
        timing.delivered_total = Some(now);
        record.delivered_whole(tokens.schedule().first().unwrap_or(end), now);
        drop((record, reservation));
        let mut response = json_body(encode(&content));
        timing.write_to(response.headers_mut());
        response
    }

    /// Returns the content of an answer that nobody waits for. The call is recorded as it is planned, or else at its end.
    pub(crate) fn in_background(self, clock: &Clock) -> Content {
        let Self { lease, mut record, prompt_tokens, mut reservation, .. } = self;
        let output_tokens = lease.content.token_count();
        let mut complete = move |first, end| {
            record.delivered_whole(first, end);
            if let Some(reservation) = &mut reservation {
                reservation.complete(prompt_tokens.into(), output_tokens.into());
            }
        };
        if let (Some(first), Some(end)) = (lease.schedule.first(), lease.schedule.end()) {
            complete(first, end);
            return lease.content;
        }
        // The stored answer owns the call.
        let mut tokens = TokenTimer::new(lease.schedule.observer(), clock);
        tokio::spawn(async move {
            let end = tokens.end().await;
            if let Some(first) = tokens.schedule().end().and(tokens.schedule().first()) {
                complete(first, end);
            }
        });
        lease.content
    }

    /// Streams each token when it is due.
    pub(crate) fn stream<E: Encoder>(self, call: &mut RequestContext, encoder: E) -> Response {
        call.shrink_memory(self.lease.content.bytes());
        let Self { lease, mut reservation, record, .. } = self;
        if let Some(reservation) = &mut reservation {
            reservation.add(0);
        }
        let encoder = Metered { encoder, reservation };
        TokenStream::respond(call, lease, call.timing(), encoder, record, ())
    }
}

/// Counts the tokens that an encoder has written, until its stream has ended or the client has left.
struct Metered<E> {
    encoder: E,
    reservation: Option<Reservation>,
}

impl<E: Encoder> Encoder for Metered<E> {
    fn open(&mut self, out: &mut BytesMut) {
        self.encoder.open(out);
    }

    fn event(&mut self, out: &mut BytesMut, choice: u32, event: Event<'_>) {
        if let (Event::Tokens(run), Some(reservation)) = (event, &mut self.reservation) {
            reservation.add(run.count().into());
        }
        self.encoder.event(out, choice, event);
    }

    fn close(&mut self, out: &mut BytesMut, tokens: u32) {
        self.encoder.close(out, tokens);
    }
}

/// Returns the profile and the request with what the client overrides.
fn overridden<'p, 'r>(
    overrides: Option<&Overrides>,
    profile: &'p Arc<Profile>,
    mut request: GenerationRequest<'r>,
) -> (Cow<'p, Arc<Profile>>, GenerationRequest<'r>) {
    let Some(Overrides { ttft, itl, tokens, .. }) = overrides else {
        return (Cow::Borrowed(profile), request);
    };
    let mut changed = Profile::clone(profile);
    if ttft.is_some() || itl.is_some() {
        // The delays of an engine whose calls share steps cannot be set.
        changed.engine = EngineConfig::Independent;
    }
    if let Some(ttft) = ttft {
        changed.ttft = ttft.clone();
        changed.ttft_per_uncached_token = Duration::ZERO;
    }
    if let Some(itl) = itl {
        changed.itl = itl.clone();
        changed.speed_spread = 0.0;
    }
    if let Some(tokens) = *tokens {
        changed.output_tokens = Amount::constant(tokens.into());
        request.eos = Eos::Heeded;
        request.min_tokens = 0;
        // A smaller limit of the request is the length.
        request.max_tokens = request.max_tokens.filter(|limit| *limit < tokens);
        // Replies are cached by their requests.
        request.body = Seed::new(request.body).named("tokens").derive(tokens.into()).get();
    }
    (Cow::Owned(Arc::new(changed)), request)
}

fn response_mode(server: &ServerContext, value: &HeaderValue) -> Result<ResponseMode, Problem> {
    let text = std::str::from_utf8(value.as_bytes()).map_err(|_| "it is not UTF-8".to_owned());
    let mode = text.and_then(|text| server.models.response_mode(text.trim()));
    mode.map_err(|message| Problem::header(&RESPONSE_MODE, &message))
}

/// Returns the model of a request: its name, or that of the deployment in its path.
pub(crate) fn model_name<'a>(incoming: &Incoming<'a>, name: Option<Cow<'a, str>>) -> Option<Cow<'a, str>> {
    let name = name.or_else(|| incoming.deployment.map(Cow::Borrowed));
    if let (Some(log), Some(name)) = (incoming.log, &name) {
        log.set_model(name);
    }
    name
}

/// Returns the profile of the requested model; fails if none is named.
pub(crate) fn named_profile<'a>(
    server: &'a ServerContext,
    name: Option<&str>,
) -> Result<&'a Arc<Profile>, Problem> {
    let name = name.filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| {
        let message = "you must provide a model parameter".to_owned();
        Problem::invalid(Some("model".to_owned()), message)
    })?;
    profile(server, Some(name))
}

/// Returns the profile of the requested model, or of the default model if none is named. If unknown names are accepted,
/// the profile of their family answers, or the default model.
pub(crate) fn profile<'a>(
    server: &'a ServerContext,
    name: Option<&str>,
) -> Result<&'a Arc<Profile>, Problem> {
    let default = &server.config.models.default;
    let wanted = name.unwrap_or(default);
    server.model_names.profile(wanted).ok_or_else(|| {
        let known = server.model_names.known();
        let problem = Problem::unknown_name(ProblemKind::ModelNotFound, "model", wanted, known);
        Problem { param: Some("model".to_owned()), ..problem }
    })
}
