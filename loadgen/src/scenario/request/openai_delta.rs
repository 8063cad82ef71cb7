//! The content of a chat completion: a delta of a stream, or a message.

use serde::Deserialize;

use crate::task::read::{Content, Deltas, Merged, Presence};

/// Every member that servers are known to put content into.
#[derive(Default, Deserialize)]
pub(super) struct Delta<'a> {
    #[serde(borrow, default)]
    content: Content<'a, Part<'a>>,
    #[serde(borrow, default)]
    refusal: Presence<'a>,
    #[serde(borrow, default)]
    reasoning_content: Presence<'a>,
    #[serde(borrow, default)]
    reasoning: Presence<'a>,
    #[serde(borrow, default)]
    reasoning_details: Merged<ReasoningDetail<'a>, Deltas<'a>>,
    #[serde(borrow, default)]
    thinking_blocks: Merged<ReasoningDetail<'a>, Deltas<'a>>,
    #[serde(borrow, default)]
    tool_calls: Merged<ToolCall<'a>, Deltas<'a>>,
    #[serde(borrow, default)]
    function_call: Option<Function<'a>>,
    #[serde(borrow, default)]
    audio: Option<Audio<'a>>,
    #[serde(borrow, default)]
    images: Presence<'a>,
}

/// A part of content that is a list.
#[derive(Deserialize)]
struct Part<'a> {
    #[serde(borrow, default)]
    text: Presence<'a>,
    #[serde(borrow, default)]
    refusal: Presence<'a>,
    #[serde(borrow, default)]
    image_url: Presence<'a>,
    #[serde(borrow, default)]
    thinking: Content<'a, Part<'a>>,
    #[serde(borrow, default, rename = "type")]
    kind: Presence<'a>,
}

#[derive(Deserialize)]
struct ReasoningDetail<'a> {
    #[serde(borrow, default)]
    text: Presence<'a>,
    #[serde(borrow, default)]
    thinking: Presence<'a>,
    #[serde(borrow, default)]
    summary: Presence<'a>,
    /// Encrypted reasoning.
    #[serde(borrow, default)]
    data: Presence<'a>,
}

/// A tool call. An entry without identifier, name and arguments is nothing.
#[derive(Deserialize)]
struct ToolCall<'a> {
    #[serde(borrow, default)]
    id: Presence<'a>,
    #[serde(borrow, default)]
    function: Option<Function<'a>>,
    #[serde(borrow, default)]
    custom: Option<Function<'a>>,
}

#[derive(Default, Deserialize)]
struct Function<'a> {
    #[serde(borrow, default)]
    name: Presence<'a>,
    #[serde(borrow, default)]
    arguments: Presence<'a>,
    /// The argument of a custom tool.
    #[serde(borrow, default)]
    input: Presence<'a>,
}

#[derive(Deserialize)]
struct Audio<'a> {
    #[serde(borrow, default)]
    data: Presence<'a>,
    #[serde(borrow, default)]
    transcript: Presence<'a>,
}

impl<'a> From<Delta<'a>> for Deltas<'a> {
    fn from(delta: Delta<'a>) -> Self {
        let function_call = delta.function_call.map(Self::from).unwrap_or_default();
        let audio = delta.audio.map(|audio| Self::output(audio.data).and(Self::output(audio.transcript)));
        let output = delta
            .content
            .deltas
            .and(Self::output(delta.refusal))
            .and(delta.tool_calls.sum)
            .and(function_call)
            .and(audio.unwrap_or_default())
            .and(Self::output(delta.images));
        let reasoning = Self::reasoning(delta.reasoning_content)
            .and(Self::reasoning(delta.reasoning))
            .and(delta.reasoning_details.sum)
            .and(delta.thinking_blocks.sum);
        output.and(reasoning)
    }
}

impl<'a> From<Part<'a>> for Deltas<'a> {
    fn from(part: Part<'a>) -> Self {
        let is_reasoning = matches!(part.kind, Presence::Text("thinking" | "reasoning"));
        let output =
            Self::output(part.text).and(Self::output(part.refusal)).and(Self::output(part.image_url));
        let output = if is_reasoning { output.into_reasoning() } else { output };
        output.and(part.thinking.deltas.into_reasoning())
    }
}

impl<'a> From<ReasoningDetail<'a>> for Deltas<'a> {
    fn from(detail: ReasoningDetail<'a>) -> Self {
        let texts = [detail.text, detail.thinking, detail.summary, detail.data];
        texts.into_iter().map(Self::reasoning).fold(Self::default(), Self::and)
    }
}

impl<'a> From<ToolCall<'a>> for Deltas<'a> {
    fn from(call: ToolCall<'a>) -> Self {
        let functions = [call.function, call.custom].map(Option::unwrap_or_default).map(Self::from);
        functions.into_iter().fold(Self::output(call.id), Self::and)
    }
}

impl<'a> From<Function<'a>> for Deltas<'a> {
    fn from(function: Function<'a>) -> Self {
        let texts = [function.name, function.arguments, function.input];
        texts.into_iter().map(Self::output).fold(Self::default(), Self::and)
    }
}
