//! The check of the action of a step.

use std::sync::Arc;

use toml::Spanned;

use super::{context::CheckContext, policy::check_share};
use crate::{
    http::HttpMethod,
    llm::LlmTool,
    output::StepOutput,
    plan::{Action, ChainAction, HttpAction, LlmAction, NestedInput, TokenDelivery, ToolAction, ToolOutput},
    spec::{RawHttp, RawLlm, RawLlmTool, RawNested, RawStep, RawTool, SpecError, SpecErrorKind},
    template::Template,
};

/// The longest tool name that OpenAI's API accepts.
const TOOL_NAME_MAX: usize = 64;

/// Checks a name that a template refers to.
type ReferenceCheck<'m> = &'m dyn Fn(&str) -> Result<(), SpecErrorKind>;

pub(super) fn check_action(
    at: CheckContext<'_>,
    name: &str,
    step: RawStep,
    check_reference: ReferenceCheck<'_>,
) -> Result<Action, SpecError> {
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
        return Err(at.key_error(key, span, SpecErrorKind::SeveralActions));
    }
    let is_streamed = stream.as_ref().is_some_and(|stream| *stream.get_ref());
    if let (Some(("tool" | "http", _)), Some(stream)) = (first, stream.filter(|_| is_streamed)) {
        return Err(at.key_error("stream", stream.span(), SpecErrorKind::NoTokensToStream));
    }
    let tokens = if is_streamed { TokenDelivery::Streamed } else { TokenDelivery::Buffered };
    match (tool, llm, http, chain) {
        (Some(tool), ..) => check_tool(at, name, tool.into_inner(), check_reference).map(Action::Tool),
        (_, Some(llm), ..) => check_llm(at, llm.get_ref(), tokens, check_reference).map(Action::Llm),
        (.., Some(http), _) => check_http(at, http.into_inner(), check_reference).map(Action::Http),
        (.., Some(chain)) => check_nested(at, chain.into_inner(), tokens, check_reference).map(Action::Chain),
        (None, None, None, None) => Err(at.error(SpecErrorKind::NoAction)),
    }
}

fn check_tool(
    at: CheckContext<'_>,
    name: &str,
    tool: RawTool,
    check_reference: ReferenceCheck<'_>,
) -> Result<ToolAction, SpecError> {
    let template = match tool.gives {
        Some(text) => at.template("tool.gives", &text, check_reference)?,
        None => Template::Text(format!("[simulated result of {name}]").into()),
    };
    let output = match template {
        Template::Text(text) => ToolOutput::Fixed(Arc::new(StepOutput::from_text(text))),
        Template::Compiled(_) => ToolOutput::Rendered(template),
    };
    let failure_rate = check_share(at, "tool.fails", tool.fails.as_ref())?;
    Ok(ToolAction { latency: tool.takes, output, failure_rate })
}

fn check_llm(
    at: CheckContext<'_>,
    llm: &RawLlm,
    tokens: TokenDelivery,
    check_reference: ReferenceCheck<'_>,
) -> Result<LlmAction, SpecError> {
    if llm.model.get_ref().is_empty() {
        let message = "a model name is required".to_owned();
        return Err(at.value_error("llm.model", llm.model.span(), message));
    }
    Ok(LlmAction {
        model: llm.model.get_ref().as_str().into(),
        prompt: at.template("llm.prompt", &llm.prompt, check_reference)?,
        max_tokens: llm.max_tokens.map(std::num::NonZeroU32::get),
        total: llm.total.map(|total| total.0),
        tokens,
        tools: llm.tools.iter().map(|tool| check_llm_tool(at, tool)).collect::<Result<_, _>>()?,
    })
}

fn check_llm_tool(at: CheckContext<'_>, tool: &RawLlmTool) -> Result<LlmTool, SpecError> {
    let name = tool.name.get_ref();
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "_-".contains(letter);
    if name.is_empty() || name.len() > TOOL_NAME_MAX || !name.chars().all(is_plain) {
        let message =
            format!("`{name}` is not a valid tool name: expected 1 to 64 letters, digits, `_` and `-`");
        return Err(at.value_error("llm.tools", tool.name.span(), message));
    }
    let parameters = match &tool.parameters {
        None => serde_json::Value::Null,
        Some(schema) if schema.get_ref().is_object() => schema.get_ref().clone(),
        Some(schema) => {
            let message = format!("the parameters of `{name}` are not a table; expected a JSON Schema");
            return Err(at.value_error("llm.tools", schema.span(), message));
        }
    };
    Ok(LlmTool { name: name.as_str().into(), description: tool.description.clone(), parameters })
}

fn check_http(
    at: CheckContext<'_>,
    http: RawHttp,
    check_reference: ReferenceCheck<'_>,
) -> Result<HttpAction, SpecError> {
    let body = http.body.map(|body| at.template("http.body", &body, check_reference)).transpose()?;
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
        headers.push((name.get_ref().as_str().into(), at.template(&key, &value, check_reference)?));
    }
    Ok(HttpAction {
        method,
        url: at.template("http.url", &http.url, check_reference)?,
        headers: headers.into(),
        body,
    })
}

fn check_nested(
    at: CheckContext<'_>,
    nested: RawNested,
    tokens: TokenDelivery,
    check_reference: ReferenceCheck<'_>,
) -> Result<ChainAction, SpecError> {
    let input = match nested.input {
        None => NestedInput::Inherited,
        Some(fields) => {
            let mut input = Vec::with_capacity(fields.len());
            for (field, text) in fields {
                let template = at.template(&format!("chain.input.{field}"), &text, check_reference)?;
                input.push((field, template));
            }
            NestedInput::Given(input.into())
        }
    };
    let name_place = at.place("chain.name", nested.name.span());
    Ok(ChainAction { name: nested.name.get_ref().as_str().into(), input, tokens, name_place })
}
