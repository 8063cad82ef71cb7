//! What one step does, checked.

use std::sync::Arc;

use toml::Spanned;

use super::{place::At, policy::check_share};
use crate::{
    http::HttpMethod,
    llm::LlmTool,
    output::StepOutput,
    plan::{
        Gives, HttpWork, LlmWork, NestedInput, NestedWork, PlanError, Template, TokenFlow, ToolWork, Work,
    },
    spec::{RawHttp, RawLlm, RawLlmTool, RawNested, RawStep, RawTool, SpecError},
};

/// The longest name of a tool, as OpenAI's API has it.
const TOOL_NAME_MAX: usize = 64;

/// Judges a name that a template mentions.
type Mention<'m> = &'m dyn Fn(&str) -> Result<(), PlanError>;

pub(super) fn check_work(
    at: At<'_>,
    name: &str,
    step: RawStep,
    mention: Mention<'_>,
) -> Result<Work, SpecError> {
    let RawStep { tool, llm, http, chain, stream, .. } = step;
    let spans = [
        ("tool", tool.as_ref().map(Spanned::span)),
        ("llm", llm.as_ref().map(Spanned::span)),
        ("http", http.as_ref().map(Spanned::span)),
        ("chain", chain.as_ref().map(Spanned::span)),
    ];
    let mut given = spans.into_iter().filter_map(|(key, span)| span.map(|span| (key, span)));
    let (first, second) = (given.next(), given.next());
    if let Some((key, span)) = second {
        return Err(at.key_error(key, span, PlanError::TwoKinds));
    }
    let streams = stream.as_ref().is_some_and(|stream| *stream.get_ref());
    if let (Some(("tool" | "http", _)), Some(stream)) = (first, stream.filter(|_| streams)) {
        return Err(at.key_error("stream", stream.span(), PlanError::StreamedTool));
    }
    let tokens = if streams { TokenFlow::Streamed } else { TokenFlow::Held };
    match (tool, llm, http, chain) {
        (Some(tool), ..) => check_tool(at, name, tool.into_inner(), mention).map(Work::Tool),
        (_, Some(llm), ..) => check_llm(at, llm.get_ref(), tokens, mention).map(Work::Llm),
        (.., Some(http), _) => check_http(at, http.into_inner(), mention).map(Work::Http),
        (.., Some(chain)) => check_nested(at, chain.into_inner(), tokens, mention).map(Work::Chain),
        (None, None, None, None) => Err(at.error(PlanError::NoWork)),
    }
}

fn check_tool(at: At<'_>, name: &str, tool: RawTool, mention: Mention<'_>) -> Result<ToolWork, SpecError> {
    let gives = match tool.gives {
        Some(text) => at.template("tool.gives", &text, mention)?,
        None => Template::Text(format!("[simulated result of {name}]").into()),
    };
    let gives = match gives {
        Template::Text(text) => Gives::Fixed(Arc::new(StepOutput::text_of(text))),
        Template::Compiled(_) => Gives::Rendered(gives),
    };
    Ok(ToolWork { takes: tool.takes, gives, fails: check_share(at, "tool.fails", tool.fails.as_ref())? })
}

fn check_llm(
    at: At<'_>,
    llm: &RawLlm,
    tokens: TokenFlow,
    mention: Mention<'_>,
) -> Result<LlmWork, SpecError> {
    if llm.model.get_ref().is_empty() {
        let message = "the name of a model is needed".to_owned();
        return Err(at.value_error("llm.model", llm.model.span(), message));
    }
    Ok(LlmWork {
        model: llm.model.get_ref().as_str().into(),
        prompt: at.template("llm.prompt", &llm.prompt, mention)?,
        max_tokens: llm.max_tokens.map(std::num::NonZeroU32::get),
        total: llm.total.map(|total| total.0),
        tokens,
        tools: llm.tools.iter().map(|tool| check_llm_tool(at, tool)).collect::<Result<_, _>>()?,
    })
}

fn check_llm_tool(at: At<'_>, tool: &RawLlmTool) -> Result<LlmTool, SpecError> {
    let name = tool.name.get_ref();
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "_-".contains(letter);
    if name.is_empty() || name.len() > TOOL_NAME_MAX || !name.chars().all(plain) {
        let message = format!("`{name}` cannot be a tool: 1 to 64 letters, digits, `_` and `-` are needed");
        return Err(at.value_error("llm.tools", tool.name.span(), message));
    }
    let parameters = match &tool.parameters {
        None => serde_json::Value::Null,
        Some(schema) if schema.get_ref().is_object() => schema.get_ref().clone(),
        Some(schema) => {
            let message = format!("the parameters of `{name}` are no table; a JSON Schema is needed");
            return Err(at.value_error("llm.tools", schema.span(), message));
        }
    };
    Ok(LlmTool { name: name.as_str().into(), description: tool.description.clone(), parameters })
}

fn check_http(at: At<'_>, http: RawHttp, mention: Mention<'_>) -> Result<HttpWork, SpecError> {
    let body = http.body.map(|body| at.template("http.body", &body, mention)).transpose()?;
    let method = match &http.method {
        None if body.is_some() => HttpMethod::Post,
        None => HttpMethod::Get,
        Some(method) => method
            .get_ref()
            .parse()
            .map_err(|message| at.value_error("http.method", method.span(), message))?,
    };
    let mut headers = Vec::with_capacity(http.headers.len());
    for (name, value) in http.headers {
        let key = format!("http.headers.{}", name.get_ref());
        headers.push((name.get_ref().as_str().into(), at.template(&key, &value, mention)?));
    }
    Ok(HttpWork { method, url: at.template("http.url", &http.url, mention)?, headers: headers.into(), body })
}

fn check_nested(
    at: At<'_>,
    nested: RawNested,
    tokens: TokenFlow,
    mention: Mention<'_>,
) -> Result<NestedWork, SpecError> {
    let input = match nested.input {
        None => NestedInput::Inherited,
        Some(fields) => {
            let mut input = Vec::with_capacity(fields.len());
            for (field, text) in fields {
                let template = at.template(&format!("chain.input.{field}"), &text, mention)?;
                input.push((field, template));
            }
            NestedInput::Given(input.into())
        }
    };
    let written = at.written(nested.name.span());
    Ok(NestedWork { name: nested.name.get_ref().as_str().into(), input, tokens, written })
}
