//! OpenAI's responses: typed events, the last of which holds the whole `response`.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::record::Problem;

use crate::task::read::{
    Deltas, InputDetails, ParsedEvent, Position, Presence, Usage, fail_on_error, parse, protocol_problem,
    stream_error,
};

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(rename = "type", default)]
    kind: EventType,
    #[serde(borrow, default)]
    delta: Presence<'a>,
    #[serde(borrow, default)]
    response: Option<Response<'a>>,
}

/// The types of events that are distinguished.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Deserialize)]
enum EventType {
    #[serde(
        rename = "response.output_text.delta",
        alias = "response.refusal.delta",
        alias = "response.function_call_arguments.delta",
        alias = "response.custom_tool_call_input.delta",
        alias = "response.mcp_call_arguments.delta",
        alias = "response.code_interpreter_call_code.delta"
    )]
    Output,
    #[serde(rename = "response.reasoning_text.delta", alias = "response.reasoning_summary_text.delta")]
    Reasoning,
    /// `incomplete` is how an answer ends that reached `max_output_tokens`.
    #[serde(rename = "response.completed", alias = "response.incomplete")]
    Completed,
    #[serde(rename = "response.failed", alias = "error")]
    Failed,
    #[default]
    #[serde(other)]
    Another,
}

#[derive(Default, Deserialize)]
struct Response<'a> {
    #[serde(borrow, default)]
    output: Option<Presence<'a>>,
    #[serde(default)]
    usage: Option<Counts>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

#[derive(Copy, Clone, Debug, Deserialize)]
struct Counts {
    #[serde(default)]
    input_tokens: Option<u64>,
    #[serde(default)]
    input_tokens_details: Option<InputDetails>,
    #[serde(default)]
    output_tokens: Option<u64>,
}

impl From<Option<Counts>> for Usage {
    fn from(counts: Option<Counts>) -> Self {
        counts.map_or_else(Self::default, |counts| Self {
            input: counts.input_tokens,
            cached: counts.input_tokens_details.and_then(|details| details.cached_tokens),
            output: counts.output_tokens,
        })
    }
}

pub(super) fn read_event(data: &[u8]) -> Result<ParsedEvent<'_>, Problem> {
    let event: Event<'_> = parse(data)?;
    let response = event.response.unwrap_or_default();
    let (deltas, position) = match event.kind {
        EventType::Output => (Deltas::output(event.delta), Position::Within),
        EventType::Reasoning => (Deltas::reasoning(event.delta), Position::Within),
        EventType::Completed => (Deltas::default(), Position::Last),
        EventType::Another => (Deltas::default(), Position::Within),
        EventType::Failed => {
            fail_on_error(response.error)?;
            return Err(stream_error(&String::from_utf8_lossy(data)));
        }
    };
    Ok(ParsedEvent { deltas, usage: response.usage.into(), position })
}

pub(super) fn read_body(body: &[u8]) -> Result<Usage, Problem> {
    let response: Response<'_> = parse(body)?;
    match response.error {
        Some(error) => Err(protocol_problem(&format!("the response says that it failed: {}", error.get()))),
        None if response.output.is_none() => Err(protocol_problem("the answer holds no output")),
        None => Ok(response.usage.into()),
    }
}
