//! `POST /v1/completions`.

use axum::response::Response;

use super::{frames::CompletionFrames, head::Head, request::CompletionRequest};
use crate::api::{
    Call, Problem,
    call::Incoming,
    generation::{self, Begun, Form, Generation},
    openai::{bounds::one_piece, headers::add_headers, identity::Identity, odds::Odds, sampling::Delivery},
};

/// Answers one completion request.
pub(in crate::api) async fn create(call: &mut Call) -> Result<Response, Problem> {
    let Begun { generation, id, form } = call.read(|incoming| begin(&incoming)).await?;
    let answer = generation.deliver(call, form).await;
    Ok(add_headers(call, &id, answer))
}

fn begin(incoming: &Incoming<'_>) -> Result<Begun<CompletionFrames>, Problem> {
    let Incoming { app, body, .. } = *incoming;
    let CompletionRequest { model, ask, echo, logprobs, delivery } =
        CompletionRequest::read(body, &app.counter)?;
    let profile = generation::profile(app, model.as_deref())?;
    let in_prompt =
        |problem: Problem| Problem { param: problem.param.map(|_| "prompt".to_owned()), ..problem };
    let generation = Generation::begin(incoming, profile, ask).map_err(in_prompt)?;
    let id = app.ids.next();
    let head = Head {
        identity: Identity::new(id.clone(), model.as_deref().unwrap_or(&profile.name).to_owned()),
        prompt_tokens: generation.prompt_tokens,
        echo,
        odds: logprobs.map(|top| Odds { seed: app.config.seed.derive(generation.body), top }),
    };
    let form = match delivery {
        Delivery::Plain => {
            one_piece(&generation.lease.content, head.odds.as_ref())?;
            Form::Plain(head.plain(&generation.lease.content))
        }
        Delivery::Stream(usage) => Form::Stream(CompletionFrames::new(head, usage)),
    };
    Ok(Begun { generation, id, form })
}
