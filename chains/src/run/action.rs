//! Starting the action of an attempt.

use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use serde_json::{Map, Value};

use super::{
    attempt::{AttemptId, PendingAction},
    executor::{ATTEMPTS_MAX, Run},
    scope::TemplateScope,
};
use crate::{
    catalog::NESTING_DEPTH_MAX,
    error::StepError,
    http::HttpRequest,
    llm::{LlmCall, TokenEvents},
    output::StepOutput,
    plan::{
        Action, ChainAction, HttpAction, LlmAction, NestedInput, Step, TokenDelivery, ToolAction, ToolOutput,
    },
    template::{RenderError, Template},
};

/// The state of an action after it was started.
pub(super) enum StartedAction {
    Pending(PendingAction),
    Completed(Arc<StepOutput>),
}

impl Run {
    pub(super) fn start_action(
        &self,
        step: &Step,
        attempt: AttemptId,
        now: Instant,
    ) -> Result<StartedAction, StepError> {
        let spend = |left: usize| left.checked_sub(1);
        if self.attempts_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, spend).is_err() {
            return Err(StepError::TooManyAttempts { max: ATTEMPTS_MAX });
        }
        let scope = self.scope(attempt);
        match &step.action {
            Action::Tool(tool) => self.start_tool(step, tool, &scope, attempt, now),
            Action::Llm(llm) => self.start_llm(llm, &scope).map(StartedAction::Pending),
            Action::Http(http) => self.start_http(http, &scope).map(StartedAction::Pending),
            Action::Chain(nested) => {
                self.start_chain(step, nested, &scope, attempt).map(StartedAction::Pending)
            }
        }
    }

    fn start_tool(
        &self,
        step: &Step,
        tool: &ToolAction,
        scope: &TemplateScope<'_>,
        attempt: AttemptId,
        now: Instant,
    ) -> Result<StartedAction, StepError> {
        let seed = self.seed(step, attempt);
        let output = if tool.failure_rate > 0.0 && seed.named("fails").unit() < tool.failure_rate {
            None
        } else {
            Some(match &tool.output {
                ToolOutput::Fixed(output) => Arc::clone(output),
                ToolOutput::Rendered(template) => Arc::new(StepOutput::from_text(scope.render(template)?)),
            })
        };
        let latency = if tool.latency.is_zero() {
            Duration::ZERO
        } else {
            self.options.time_scale.apply(tool.latency.sample(&mut seed.rng()))
        };
        if latency.is_zero() {
            return output.map(StartedAction::Completed).ok_or(StepError::Simulated);
        }
        Ok(StartedAction::Pending(PendingAction::Tool { sleep: self.sleep_from(now, latency), output }))
    }

    fn start_llm(&self, llm: &LlmAction, scope: &TemplateScope<'_>) -> Result<PendingAction, StepError> {
        let tokens = self.tokens(llm.tokens);
        let response = self.effects.llm.call(LlmCall {
            model: Arc::clone(&llm.model),
            prompt: scope.render(&llm.prompt)?,
            max_tokens: llm.max_tokens,
            total: llm.total,
            tokens,
            tools: Arc::clone(&llm.tools),
        });
        Ok(PendingAction::Llm { response, tokens })
    }

    fn start_http(&self, http: &HttpAction, scope: &TemplateScope<'_>) -> Result<PendingAction, StepError> {
        let header = |(name, value): &(Arc<str>, Template)| Ok((Arc::clone(name), scope.render(value)?));
        Ok(PendingAction::Http(self.effects.http.send(HttpRequest {
            method: http.method,
            url: scope.render(&http.url)?,
            headers: http.headers.iter().map(header).collect::<Result<_, RenderError>>()?,
            body: http.body.as_ref().map(|body| scope.render(body)).transpose()?,
        })))
    }

    fn start_chain(
        &self,
        step: &Step,
        nested: &ChainAction,
        scope: &TemplateScope<'_>,
        attempt: AttemptId,
    ) -> Result<PendingAction, StepError> {
        let Some(plan) = self.effects.chains.get(&nested.name) else {
            return Err(StepError::UnknownChain { chain: Arc::clone(&nested.name) });
        };
        // A checked catalog has no cycles; this bounds the memory for an unchecked one.
        if self.depth >= NESTING_DEPTH_MAX {
            return Err(StepError::TooDeep { max: NESTING_DEPTH_MAX });
        }
        let input = match &nested.input {
            NestedInput::Inherited => self.input.json().clone(),
            NestedInput::Given(fields) => {
                let field = |(name, value): &(String, Template)| {
                    Ok((name.clone(), Value::from(&*scope.render(value)?)))
                };
                Value::Object(fields.iter().map(field).collect::<Result<Map<_, _>, RenderError>>()?)
            }
        };
        let mut options = self.options;
        options.seed = self.seed(step, attempt);
        options.tokens = self.tokens(nested.tokens);
        options.timeout = plan.timeout();
        let mut run = Self::new(Arc::clone(plan), input, options, self.effects.clone(), self.clock.clone());
        run.depth = self.depth + 1;
        run.attempts_left = Arc::clone(&self.attempts_left);
        run.work_left = Arc::clone(&self.work_left);
        Ok(PendingAction::Chain { chain: Arc::clone(&nested.name), events: Box::pin(run) })
    }

    const fn tokens(&self, flow: TokenDelivery) -> TokenEvents {
        match flow {
            TokenDelivery::Streamed => self.options.tokens,
            TokenDelivery::Buffered => TokenEvents::Disabled,
        }
    }
}
