//! What it takes to begin an attempt.

use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use serde_json::{Map, Value};

use super::{
    ATTEMPTS_MAX, DEPTH_MAX, Run, StepError,
    active::{Effect, Unit},
    scope::Scope,
};
use crate::{
    http::HttpCall,
    llm::{LlmCall, TokenEvents},
    output::StepOutput,
    plan::{
        Gives, HttpWork, LlmWork, NestedInput, NestedWork, RenderError, Step, Template, TokenFlow, ToolWork,
        Work,
    },
};

/// What beginning an attempt comes to.
pub(super) enum Begun {
    Working(Effect),
    Ended(Arc<StepOutput>),
}

impl Run {
    pub(super) fn begin(&self, step: &Step, unit: Unit, now: Instant) -> Result<Begun, StepError> {
        let spend = |left: usize| left.checked_sub(1);
        if self.attempts_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, spend).is_err() {
            return Err(StepError::TooManyAttempts { max: ATTEMPTS_MAX });
        }
        let scope = self.scope(unit);
        match &step.work {
            Work::Tool(tool) => self.begin_tool(step, tool, &scope, unit, now),
            Work::Llm(llm) => self.begin_llm(llm, &scope).map(Begun::Working),
            Work::Http(http) => self.begin_http(http, &scope).map(Begun::Working),
            Work::Chain(nested) => self.begin_chain(step, nested, &scope, unit).map(Begun::Working),
        }
    }

    fn begin_tool(
        &self,
        step: &Step,
        tool: &ToolWork,
        scope: &Scope<'_>,
        unit: Unit,
        now: Instant,
    ) -> Result<Begun, StepError> {
        let seed = self.seed(step, unit);
        let output = if tool.fails > 0.0 && seed.named("fails").unit() < tool.fails {
            None
        } else {
            Some(match &tool.gives {
                Gives::Fixed(output) => Arc::clone(output),
                Gives::Rendered(template) => Arc::new(StepOutput::text_of(scope.render(template)?)),
            })
        };
        let takes = if tool.takes.is_zero() {
            Duration::ZERO
        } else {
            self.options.time_scale.apply(tool.takes.sample(&mut seed.rng()))
        };
        if takes.is_zero() {
            return output.map(Begun::Ended).ok_or(StepError::Simulated);
        }
        Ok(Begun::Working(Effect::Tool { sleep: self.sleep_from(now, takes), output }))
    }

    fn begin_llm(&self, llm: &LlmWork, scope: &Scope<'_>) -> Result<Effect, StepError> {
        let tokens = self.tokens(llm.tokens);
        let answer = self.effects.llm.call(LlmCall {
            model: Arc::clone(&llm.model),
            prompt: scope.render(&llm.prompt)?,
            max_tokens: llm.max_tokens,
            total: llm.total,
            tokens,
            tools: Arc::clone(&llm.tools),
        });
        Ok(Effect::Llm { answer, tokens })
    }

    fn begin_http(&self, http: &HttpWork, scope: &Scope<'_>) -> Result<Effect, StepError> {
        let header = |(name, value): &(Arc<str>, Template)| Ok((Arc::clone(name), scope.render(value)?));
        Ok(Effect::Http(self.effects.http.call(HttpCall {
            method: http.method,
            url: scope.render(&http.url)?,
            headers: http.headers.iter().map(header).collect::<Result<_, RenderError>>()?,
            body: http.body.as_ref().map(|body| scope.render(body)).transpose()?,
        })))
    }

    fn begin_chain(
        &self,
        step: &Step,
        nested: &NestedWork,
        scope: &Scope<'_>,
        unit: Unit,
    ) -> Result<Effect, StepError> {
        let Some(plan) = self.effects.chains.get(&nested.name) else {
            return Err(StepError::UnknownChain { chain: Arc::clone(&nested.name) });
        };
        // The catalogue has been checked for circles; a catalogue that was not may not exhaust the memory.
        if self.depth >= DEPTH_MAX {
            return Err(StepError::TooDeep { max: DEPTH_MAX });
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
        options.seed = self.seed(step, unit);
        options.tokens = self.tokens(nested.tokens);
        options.timeout = plan.timeout();
        let mut run = Self::new(Arc::clone(plan), input, options, self.effects.clone(), self.clock.clone());
        run.depth = self.depth + 1;
        run.attempts_left = Arc::clone(&self.attempts_left);
        Ok(Effect::Chain(Box::new(run)))
    }

    const fn tokens(&self, flow: TokenFlow) -> TokenEvents {
        match flow {
            TokenFlow::Streamed => self.options.tokens,
            TokenFlow::Held => TokenEvents::NotWanted,
        }
    }
}
