//! `POST /v1/completions`.

use axum::response::Response;

use super::{frames::CompletionFrames, head::Head, request::CompletionRequest};
use crate::{
    api::{
        generation::{self, AcceptedRequest, Encoded, Generation, ResponseForm},
        openai::{
            bounds::one_piece, headers::add_headers, identity::Identity, logprobs::Logprobs,
            sampling::Delivery, strictness,
        },
    },
    request::{Incoming, Problem, RequestContext},
};

/// Answers one completion request.
pub(in crate::api) async fn create(call: &mut RequestContext) -> Result<Response, Problem> {
    let AcceptedRequest { generation, id, form } = call.read(|incoming| begin(&incoming)).await?;
    let answer = generation.deliver(call, form).await;
    Ok(add_headers(call, &id, answer))
}

fn begin(incoming: &Incoming<'_>) -> Result<AcceptedRequest<CompletionFrames>, Problem> {
    let Incoming { server, body, schemas, .. } = *incoming;
    strictness::check_fields(server.config.strictness, body, strictness::COMPLETIONS)?;
    let CompletionRequest { model, generation_request, echo, logprobs, delivery } =
        CompletionRequest::read(body, &server.counter, schemas)?;
    let model = generation::model_name(incoming, model);
    let profile = generation::named_profile(server, model.as_deref())?;
    let in_prompt =
        |problem: Problem| Problem { param: problem.param.map(|_| "prompt".to_owned()), ..problem };
    let encoded = Encoded::of(delivery == Delivery::Plain, logprobs);
    let generation = Generation::begin(incoming, profile, generation_request, encoded).map_err(in_prompt)?;
    let id = server.ids.next();
    let head = Head {
        identity: Identity::new(id.clone(), model.as_deref().unwrap_or(&profile.name).to_owned()),
        prompt_tokens: generation.prompt_tokens,
        echo,
        logprobs: logprobs.map(|top| Logprobs { seed: server.config.seed.derive(generation.body), top }),
    };
    let form = match delivery {
        Delivery::Plain => {
            one_piece(&generation.lease.content, head.logprobs.as_ref())?;
            ResponseForm::Plain(head.plain(&generation.lease.content))
        }
        Delivery::Stream(usage) => ResponseForm::Stream(CompletionFrames::new(head, usage)),
    };
    Ok(AcceptedRequest { generation, id, form })
}
