//! OpenAI's responses: typed events, the last of which holds the whole `response`.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::record::{FailureKind, Problem};

use crate::task::read::{
    BodyContent, Count, Deltas, InputDetails, Merged, ParsedEvent, Position, Presence, Usage,
    error_in_answer, fail_on_error, parse, protocol_problem, read_usage,
};

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(rename = "type", default)]
    kind: EventType,
    #[serde(borrow, default)]
    delta: Presence<'a>,
    #[serde(borrow, default)]
    partial_image_b64: Presence<'a>,
    #[serde(borrow, default)]
    item: Option<Item<'a>>,
    #[serde(borrow, default)]
    response: Option<Response<'a>>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
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
        alias = "response.code_interpreter_call_code.delta",
        alias = "response.audio.delta",
        alias = "response.audio.transcript.delta",
        alias = "response.image_generation_call.partial_image"
    )]
    Output,
    #[serde(
        rename = "response.reasoning_text.delta",
        alias = "response.reasoning_summary_text.delta",
        alias = "response.reasoning.delta",
        alias = "response.reasoning_summary.delta"
    )]
    Reasoning,
    #[serde(rename = "response.output_item.added")]
    ItemAdded,
    /// `incomplete` is how an answer ends that reached `max_output_tokens`.
    #[serde(rename = "response.completed", alias = "response.incomplete")]
    Completed,
    #[serde(rename = "response.failed", alias = "response.cancelled", alias = "error")]
    Failed,
    #[default]
    #[serde(other)]
    Another,
}

/// An item of the output. A call has a name; the texts of other items follow as deltas, or are in `content`.
#[derive(Default, Deserialize)]
struct Item<'a> {
    #[serde(borrow, default)]
    name: Presence<'a>,
    #[serde(rename = "type", borrow, default)]
    kind: Presence<'a>,
    #[serde(borrow, default)]
    content: Merged<Part<'a>, Deltas<'a>>,
    #[serde(borrow, default)]
    summary: Merged<Part<'a>, Deltas<'a>>,
    #[serde(borrow, default)]
    encrypted_content: Presence<'a>,
    /// The image of an image generation.
    #[serde(borrow, default)]
    result: Presence<'a>,
}

#[derive(Deserialize)]
struct Part<'a> {
    #[serde(borrow, default)]
    text: Presence<'a>,
    #[serde(borrow, default)]
    refusal: Presence<'a>,
}

#[derive(Default, Deserialize)]
struct Response<'a> {
    #[serde(borrow, default)]
    status: Presence<'a>,
    #[serde(borrow, default)]
    output: Option<Merged<Item<'a>, Deltas<'a>>>,
    #[serde(borrow, default)]
    usage: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

#[derive(Copy, Clone, Debug, Deserialize)]
struct Counts {
    #[serde(default)]
    input_tokens: Count,
    #[serde(default)]
    input_tokens_details: InputDetails,
    #[serde(default)]
    output_tokens: Count,
}

impl From<Counts> for Usage {
    fn from(counts: Counts) -> Self {
        let Counts { input_tokens: input, output_tokens: output, .. } = counts;
        let cached = counts.input_tokens_details.cached_tokens;
        Self {
            input: input.value,
            cached: cached.value,
            output: output.value,
            is_odd: Count::any_odd(&[input, output, cached]),
        }
    }
}

impl<'a> From<Part<'a>> for Deltas<'a> {
    fn from(part: Part<'a>) -> Self {
        Self::output(part.text).and(Self::output(part.refusal))
    }
}

impl<'a> From<Item<'a>> for Deltas<'a> {
    fn from(item: Item<'a>) -> Self {
        let is_reasoning = item.kind == Presence::Text("reasoning");
        let content = if is_reasoning { item.content.sum.into_reasoning() } else { item.content.sum };
        let call = Self::output(item.name).and(Self::output(item.result));
        let hidden = item.summary.sum.into_reasoning().and(Self::reasoning(item.encrypted_content));
        call.and(content).and(hidden)
    }
}

pub(super) fn read_event(data: &[u8]) -> Result<ParsedEvent<'_>, Problem> {
    let event: Event<'_> = parse(data)?;
    let response = event.response.unwrap_or_default();
    let (deltas, position) = match event.kind {
        EventType::Output => {
            (Deltas::output(event.delta).and(Deltas::output(event.partial_image_b64)), Position::Within)
        }
        EventType::Reasoning => (Deltas::reasoning(event.delta), Position::Within),
        EventType::ItemAdded => (event.item.unwrap_or_default().into_call(), Position::Within),
        EventType::Completed => {
            fail_on_error(response.error)?;
            (Deltas::default(), Position::Last)
        }
        EventType::Another => (Deltas::default(), Position::Within),
        EventType::Failed => {
            fail_on_error(response.error)?;
            return Err(error_in_answer(&String::from_utf8_lossy(data)));
        }
    };
    fail_on_error(event.error)?;
    Ok(ParsedEvent {
        deltas,
        usage: read_usage::<Counts>(response.usage),
        position,
        ..ParsedEvent::default()
    })
}

impl<'a> Item<'a> {
    /// The call that an item begins with. The contents of other items follow as deltas.
    fn into_call(self) -> Deltas<'a> {
        Deltas::output(self.name)
    }
}

pub(super) fn read_body(body: &[u8]) -> Result<BodyContent, Problem> {
    let response: Response<'_> = parse(body)?;
    fail_on_error(response.error)?;
    match (response.status.text(), response.output) {
        (Some("failed" | "cancelled"), _) => Err(error_in_answer(&String::from_utf8_lossy(body))),
        (Some(status @ ("queued" | "in_progress")), _) => {
            let detail = format!("the response has the status {status:?}: expected \"completed\"");
            Err(Problem::new(FailureKind::Truncated, detail))
        }
        (_, None) => Err(protocol_problem("the answer holds no output")),
        (_, Some(items)) => {
            Ok(BodyContent { usage: read_usage::<Counts>(response.usage), is_empty: !items.sum.content })
        }
    }
}
