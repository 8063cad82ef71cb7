//! Raw requests.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{self, IgnoredAny, SeqAccess, Visitor, value::SeqAccessDeserializer},
};
use serde_json::value::RawValue;

use crate::request::json::Object;

/// The body of a request. The provider does not permit other fields.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "some members are accepted and mean nothing to a simulated model")]
pub(super) struct RawRequest<'a> {
    #[serde(borrow)]
    pub(super) model: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) messages: Vec<Object<RawMessage<'a>>>,
    pub(super) max_tokens: Option<u32>,
    #[serde(borrow)]
    pub(super) system: Option<RawContent<'a>>,
    #[serde(borrow)]
    pub(super) stop_sequences: Option<Vec<Cow<'a, str>>>,
    pub(super) stream: Option<bool>,
    pub(super) temperature: Option<f64>,
    pub(super) top_p: Option<f64>,
    pub(super) top_k: Option<u32>,
    #[serde(borrow)]
    pub(super) tools: Option<Vec<Object<RawTool<'a>>>>,
    #[serde(borrow)]
    pub(super) tool_choice: Option<Object<RawToolChoice<'a>>>,
    pub(super) thinking: Option<Object<RawThinking>>,
    #[serde(borrow)]
    pub(super) output_config: Option<Object<RawOutputConfig<'a>>>,
    /// The former name of `output_config.format`.
    #[serde(borrow)]
    pub(super) output_format: Option<Object<RawFormat<'a>>>,
    pub(super) cache_control: Option<Object<RawCacheControl>>,
    service_tier: Option<RawServiceTier>,
    #[serde(borrow)]
    metadata: Option<Object<RawMetadata<'a>>>,
    anthropic_beta: Option<IgnoredAny>,
    anthropic_version: Option<IgnoredAny>,
    billing_policy: Option<IgnoredAny>,
    compaction: Option<IgnoredAny>,
    container: Option<IgnoredAny>,
    pub(super) context_management: Option<IgnoredAny>,
    diagnostics: Option<IgnoredAny>,
    fallback_credit_token: Option<IgnoredAny>,
    pub(super) fallbacks: Option<IgnoredAny>,
    inference_geo: Option<IgnoredAny>,
    mcp_servers: Option<IgnoredAny>,
    speed: Option<IgnoredAny>,
    pub(super) thread: Option<IgnoredAny>,
    user_profile_id: Option<IgnoredAny>,
}

#[derive(Deserialize)]
pub(super) struct RawMessage<'a> {
    pub(super) role: Role,
    #[serde(borrow)]
    pub(super) content: RawContent<'a>,
}

/// The role of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Role {
    User,
    Assistant,
    /// Instructions in the middle of a conversation.
    System,
}

/// A text, or a list of blocks.
pub(super) enum RawContent<'a> {
    Text(Cow<'a, str>),
    Blocks(Vec<Object<RawBlock<'a>>>),
}

/// A block of any kind; each has some of these fields.
#[derive(Deserialize)]
pub(super) struct RawBlock<'a> {
    #[serde(rename = "type")]
    pub(super) kind: BlockKind,
    #[serde(borrow)]
    pub(super) text: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) thinking: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) signature: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) data: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) input: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) tool_use_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) content: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) source: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) title: Option<Cow<'a, str>>,
    pub(super) cache_control: Option<Object<RawCacheControl>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum BlockKind {
    Text,
    Image,
    Document,
    SearchResult,
    Thinking,
    RedactedThinking,
    ToolUse,
    ToolResult,
    ServerToolUse,
    WebSearchToolResult,
    WebFetchToolResult,
    AdvisorToolResult,
    CodeExecutionToolResult,
    BashCodeExecutionToolResult,
    TextEditorCodeExecutionToolResult,
    ToolSearchToolResult,
    ToolReference,
    ToolAddition,
    ToolRemoval,
    McpToolUse,
    McpToolResult,
    McpToolListing,
    BrowserState,
    ContainerUpload,
    Compaction,
    Fallback,
}

/// The source of an image or a document.
#[derive(Deserialize)]
pub(super) struct RawSource<'a> {
    #[serde(rename = "type")]
    pub(super) kind: SourceKind,
    #[serde(borrow)]
    pub(super) data: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) media_type: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) url: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) file_id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) content: Option<RawContent<'a>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum SourceKind {
    Base64,
    Url,
    File,
    Text,
    Content,
}

#[derive(Deserialize)]
pub(super) struct RawTool<'a> {
    #[serde(rename = "type", borrow)]
    pub(super) kind: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) description: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) input_schema: Option<&'a RawValue>,
    pub(super) cache_control: Option<Object<RawCacheControl>>,
    pub(super) strict: Option<bool>,
}

/// The JSON Schema of a tool's input, as far as it is read here.
#[derive(Deserialize)]
pub(super) struct RawInputSchema<'a> {
    #[serde(rename = "type", borrow)]
    pub(super) kind: Cow<'a, str>,
}

#[derive(Deserialize)]
pub(super) struct RawToolChoice<'a> {
    #[serde(rename = "type")]
    pub(super) kind: ToolChoiceKind,
    #[serde(borrow)]
    pub(super) name: Option<Cow<'a, str>>,
    pub(super) disable_parallel_tool_use: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum ToolChoiceKind {
    Auto,
    Any,
    Tool,
    None,
}

#[derive(Deserialize)]
pub(super) struct RawThinking {
    #[serde(rename = "type")]
    pub(super) kind: ThinkingKind,
    pub(super) budget_tokens: Option<u32>,
    pub(super) display: Option<Display>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ThinkingKind {
    Enabled,
    Disabled,
    Adaptive,
    BetweenTools,
}

/// Whether the client receives the reasoning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::api::anthropic) enum Display {
    #[default]
    Summarized,
    Omitted,
}

#[derive(Deserialize)]
pub(super) struct RawOutputConfig<'a> {
    pub(super) effort: Option<Effort>,
    #[serde(borrow)]
    pub(super) format: Option<Object<RawFormat<'a>>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Effort {
    Low,
    Medium,
    High,
    Xhigh,
    Max,
}

#[derive(Deserialize)]
pub(super) struct RawFormat<'a> {
    #[serde(rename = "type")]
    _kind: FormatKind,
    #[serde(borrow)]
    pub(super) schema: &'a RawValue,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum FormatKind {
    JsonSchema,
}

#[derive(Deserialize)]
pub(super) struct RawCacheControl {
    #[serde(rename = "type")]
    _kind: CacheKind,
    pub(super) ttl: Option<RawTtl>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum CacheKind {
    Ephemeral,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(super) enum RawTtl {
    #[serde(rename = "5m")]
    FiveMinutes,
    #[serde(rename = "1h")]
    OneHour,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum RawServiceTier {
    Auto,
    StandardOnly,
}

#[derive(Deserialize)]
struct RawMetadata<'a> {
    #[serde(rename = "user_id", borrow)]
    _user_id: Option<Cow<'a, str>>,
}

impl<'de: 'a, 'a> Deserialize<'de> for RawContent<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextOrBlocks;
        impl<'de> Visitor<'de> for TextOrBlocks {
            type Value = RawContent<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a valid string or a valid list of content blocks")
            }

            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(RawContent::Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(RawContent::Text(Cow::Owned(text.to_owned())))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, blocks: A) -> Result<Self::Value, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(blocks)).map(RawContent::Blocks)
            }
        }
        deserializer.deserialize_any(TextOrBlocks)
    }
}
