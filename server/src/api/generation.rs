//! One LLM call on its way, whatever API asked for it: decided, admitted, delivered.

use std::sync::Arc;

use axum::response::Response;
use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use twox_hash::XxHash3_64;
use weir_model::{Ask, Job, Lease, Profile, Reply, Says};

use super::{
    Call, Problem,
    call::{Incoming, json_body},
    json,
    problem::Kind,
};
use crate::{
    app::App,
    config::UnknownModels,
    delivery::{Delivery, Encoder},
    telemetry::{LlmTimer, Truth},
};

/// The header that decides what is said, whatever the profile says.
const SAYS: HeaderName = HeaderName::from_static("x-weir-says");

/// A request that was understood and admitted, and how its answer is delivered.
pub(crate) struct Begun<E> {
    pub(crate) generation: Generation,
    /// What the answer's ids are made of.
    pub(crate) id: String,
    pub(crate) form: Form<E>,
}

/// How an answer is delivered.
pub(crate) enum Form<E> {
    /// Written before its instant, and handed over at it.
    Plain(Bytes),
    Stream(E),
}

/// One LLM call that was admitted.
#[derive(Debug)]
pub(crate) struct Generation {
    pub(crate) lease: Lease,
    pub(crate) prompt_tokens: u32,
    /// The hash of the request's body.
    pub(crate) body: u64,
    /// Runs until the last token is delivered.
    timer: LlmTimer,
}

impl Generation {
    /// Decides what the model of `profile` says to `ask`, and when; the body's hash is added here.
    pub(crate) fn begin(
        incoming: &Incoming<'_>,
        profile: &Arc<Profile>,
        ask: Ask<'_>,
    ) -> Result<Self, Problem> {
        let Incoming { app, body, headers, .. } = *incoming;
        let says = headers.get(SAYS).map(|value| says(app, value)).transpose()?.or(ask.says);
        let ask = Ask { body: XxHash3_64::oneshot(body), says, ..ask };
        let reply = app.speaker.reply(profile, &ask);
        let reply = reply.inspect_err(|_| app.metrics.llm_refusal(&profile.name))?;
        Self::admit(incoming, profile, ask.prompt_tokens, ask.body, reply)
    }

    /// Decides when the model of `profile` says `reply`; delays depend on the hash of the body.
    pub(crate) fn admit(
        incoming: &Incoming<'_>,
        profile: &Arc<Profile>,
        prompt_tokens: u32,
        body: u64,
        reply: Reply,
    ) -> Result<Self, Problem> {
        let Incoming { app, at: start, .. } = *incoming;
        let (profile, completion_tokens) = (Arc::clone(profile), reply.content.token_count());
        let timer = || app.metrics.llm_call(&profile.name, prompt_tokens.into(), completion_tokens.into());
        let Reply { content, delay } = reply;
        let job =
            Job { profile: Arc::clone(&profile), prompt_tokens, content, delay, total: None, body, start };
        let lease = app.engine.admit(job).inspect_err(|_| app.metrics.llm_refusal(&profile.name))?;
        Ok(Self { lease, prompt_tokens, body, timer: timer() })
    }

    /// The answer to `call`, in the form that is wanted.
    pub(crate) async fn deliver<E: Encoder>(self, call: &mut Call, form: Form<E>) -> Response {
        match form {
            Form::Plain(body) => self.plain(call, body).await,
            Form::Stream(encoder) => self.stream(call, encoder),
        }
    }

    /// The whole answer in one piece, when its last token is due.
    pub(crate) async fn plain(self, call: &mut Call, body: Bytes) -> Response {
        let Self { lease, timer, .. } = self;
        let clock = &call.app.clock;
        let mut truth = Truth::new(call.arrival.at);
        truth.planned_ttft = Some(lease.clock.planned(0));
        truth.planned_total = Some(lease.clock.end());
        clock.sleep_until(lease.clock.end()).await;
        truth.delivered_total = Some(clock.now());
        drop(timer);
        let mut response = json_body(body);
        truth.tell(response.headers_mut());
        response
    }

    /// Each token when it is due.
    pub(crate) fn stream<E: Encoder>(self, call: &Call, encoder: E) -> Response {
        Delivery::respond(call, self.lease, Truth::new(call.arrival.at), encoder, self.timer)
    }
}

fn says(app: &App, value: &HeaderValue) -> Result<Says, Problem> {
    let text = std::str::from_utf8(value.as_bytes()).map_err(|_| "it is not UTF-8".to_owned());
    let says = text.and_then(|text| Says::parse(text.trim(), &app.models));
    says.map_err(|message| Problem {
        code: Some("invalid_header"),
        ..Problem::invalid(None, format!("header {SAYS}: {message}"))
    })
}

/// The profile that answers for the model that a request names. Where any name will do, so will none.
pub(crate) fn profile<'a>(app: &'a App, name: Option<&str>) -> Result<&'a Arc<Profile>, Problem> {
    let default = &app.config.models.default;
    let wanted = match (name, app.config.models.unknown) {
        (Some(name), _) => name,
        (None, UnknownModels::Accept) => default,
        (None, UnknownModels::Reject) => {
            return Err(json::missing("model"));
        }
    };
    let found = app.models.get(wanted).or_else(|| match app.config.models.unknown {
        UnknownModels::Accept => app.models.get(default),
        UnknownModels::Reject => None,
    });
    found.ok_or_else(|| {
        let known = app.models.iter().map(|profile| &*profile.name);
        let problem = Problem::unknown_name(Kind::ModelNotFound, "model", wanted, known);
        Problem { param: Some("model".to_owned()), ..problem }
    })
}
