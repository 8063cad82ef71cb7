//! What one step does, checked.

use std::sync::Arc;

use toml::Spanned;

use super::place::At;
use crate::{
    output::StepOutput,
    plan::{Gives, LlmWork, PlanError, Template, TokenFlow, ToolWork, Work},
    spec::{RawLlm, RawStep, RawTool, SpecError},
};

pub(super) fn check_work(
    at: At<'_>,
    name: &str,
    step: RawStep,
    mention: impl Fn(&str) -> Result<(), PlanError>,
) -> Result<Work, SpecError> {
    match (step.tool, step.llm, step.stream) {
        (Some(_), Some(llm), _) => Err(at.key_error("llm", llm.span(), PlanError::TwoKinds)),
        (None, None, _) => Err(at.error(PlanError::NoWork)),
        (Some(_), None, Some(stream)) if *stream.get_ref() => {
            Err(at.key_error("stream", stream.span(), PlanError::StreamedTool))
        }
        (Some(tool), None, _) => check_tool(at, name, tool.into_inner(), mention).map(Work::Tool),
        (None, Some(llm), stream) => {
            let tokens = match stream.map(Spanned::into_inner) {
                Some(true) => TokenFlow::Streamed,
                Some(false) | None => TokenFlow::Held,
            };
            check_llm(at, llm.get_ref(), tokens, mention).map(Work::Llm)
        }
    }
}

fn check_tool(
    at: At<'_>,
    name: &str,
    tool: RawTool,
    mention: impl Fn(&str) -> Result<(), PlanError>,
) -> Result<ToolWork, SpecError> {
    let gives = match tool.gives {
        Some(text) => at.template("tool.gives", &text, mention)?,
        None => Template::Text(format!("[simulated result of {name}]").into()),
    };
    let gives = match gives {
        Template::Text(text) => Gives::Fixed(Arc::new(StepOutput::tool(text))),
        Template::Compiled(_) => Gives::Rendered(gives),
    };
    Ok(ToolWork { takes: tool.takes, gives })
}

fn check_llm(
    at: At<'_>,
    llm: &RawLlm,
    tokens: TokenFlow,
    mention: impl Fn(&str) -> Result<(), PlanError>,
) -> Result<LlmWork, SpecError> {
    if llm.model.get_ref().is_empty() {
        let message = "the name of a model is needed".to_owned();
        return Err(at.key_error("llm.model", llm.model.span(), PlanError::Value { message }));
    }
    Ok(LlmWork {
        model: llm.model.get_ref().as_str().into(),
        prompt: at.template("llm.prompt", &llm.prompt, mention)?,
        max_tokens: llm.max_tokens.map(std::num::NonZeroU32::get),
        total: llm.total.map(|total| total.0),
        tokens,
    })
}
