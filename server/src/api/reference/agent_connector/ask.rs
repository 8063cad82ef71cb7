//! A question to the simulated model; where the first model does not take it, the next one is asked.

use std::sync::Arc;

use weir_chains::{LlmCall, LlmError, TokenEvents};

use super::{
    agents::Agent,
    usage::{Answered, Asked, cost_usd},
};
use crate::{api::Problem, app::App, replies::Admitted};

/// A call that goes on, and what it counts as.
pub(super) struct Question {
    pub(super) begun: Admitted,
    pub(super) answered: Answered,
}

/// Begins the call, and counts it for `agent` and for all.
pub(super) fn ask(app: &App, agent: &Agent, prompt: &str) -> Result<Question, Problem> {
    let mut asked = Asked::default();
    let answer = first_answer(app, prompt, &mut asked);
    agent.usage().count(&asked);
    app.agent_connector.usage().count(&asked);
    answer.map_err(|error| Problem::from(&error))
}

fn first_answer(app: &App, prompt: &str, asked: &mut Asked) -> Result<Question, LlmError> {
    let mut refusal = LlmError::InvalidRequest { message: "no model is set to answer".to_owned() };
    for model in &app.agent_connector.models {
        let call = LlmCall {
            model: model.clone(),
            prompt: prompt.into(),
            max_tokens: None,
            total: None,
            tokens: TokenEvents::Disabled,
            tools: Arc::default(),
        };
        match app.replies.begin(&call) {
            Ok(begun) => {
                let completion_tokens = begun.lease.content.token_count();
                let cost_usd = app
                    .models
                    .get(model)
                    .map_or(0.0, |profile| cost_usd(profile, begun.prompt_tokens, completion_tokens));
                let answered = Answered {
                    model: model.clone(),
                    prompt_tokens: begun.prompt_tokens,
                    completion_tokens,
                    cost_usd,
                };
                asked.answered = Some(answered.clone());
                return Ok(Question { begun, answered });
            }
            Err(error) => {
                asked.refused.push(model.clone());
                refusal = error;
            }
        }
    }
    Err(refusal)
}
