//! Calls the simulated model, with failover to the next model if one refuses.

use std::sync::Arc;

use weir_chains::{LlmCall, LlmError, TokenEvents};

use super::state::AgentConnector;
use super::{
    agents::Agent,
    usage::{AnsweredCall, FailoverRecord, cost_usd},
};
use weir_server::{AdmittedCall, Problem, ServerContext};

/// A running call, with its usage record.
pub(super) struct ModelQuestion {
    pub(super) begun: AdmittedCall,
    pub(super) answered: AnsweredCall,
}

/// Starts the call, and counts it for `agent` and in total.
pub(super) fn ask(
    system: &AgentConnector,
    server: &ServerContext,
    agent: &Agent,
    prompt: &str,
) -> Result<ModelQuestion, Problem> {
    let mut record = FailoverRecord::default();
    let answer = first_answer(system, server, prompt, &mut record);
    agent.usage().count(&record);
    system.usage().count(&record);
    answer.map_err(|error| Problem::from(&error))
}

fn first_answer(
    system: &AgentConnector,
    server: &ServerContext,
    prompt: &str,
    record: &mut FailoverRecord,
) -> Result<ModelQuestion, LlmError> {
    let mut refusal = LlmError::InvalidRequest { message: "no model is set to answer".to_owned() };
    for model in &system.models {
        let call = LlmCall {
            model: model.clone(),
            prompt: prompt.into(),
            max_tokens: None,
            total: None,
            tokens: TokenEvents::Disabled,
            tools: Arc::default(),
        };
        match server.llm.begin(&call) {
            Ok(begun) => {
                let completion_tokens = begun.lease.content.token_count();
                let cost_usd = server
                    .models
                    .get(model)
                    .map_or(0.0, |profile| cost_usd(profile, begun.prompt_tokens, completion_tokens));
                let answered = AnsweredCall {
                    model: model.clone(),
                    prompt_tokens: begun.prompt_tokens,
                    completion_tokens,
                    cost_usd,
                };
                record.answered = Some(answered.clone());
                return Ok(ModelQuestion { begun, answered });
            }
            Err(error) => {
                record.refused.push(model.clone());
                refusal = error;
            }
        }
    }
    Err(refusal)
}
