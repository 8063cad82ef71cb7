//! The input of a request: a text, or items.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;
use weir_model::TokenCounter;

use super::conversation::{CallKind, Conversation, Gaps, TOKENS_PER_CALL, TOKENS_PER_MESSAGE};
use crate::request::{
    Problem,
    json::{self, List, Object, Str},
};

/// Maximum items of one request.
const ITEMS_MAX: usize = 16_384;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ItemKind {
    Message,
    FunctionCall,
    FunctionCallOutput,
    CustomToolCall,
    CustomToolCallOutput,
    Reasoning,
    ItemReference,
    Compaction,
    CompactionTrigger,
    CompactionSummary,
    ConfigurationUpdate,
    FileSearchCall,
    WebSearchCall,
    ComputerCall,
    ComputerCallOutput,
    CodeInterpreterCall,
    ImageGenerationCall,
    LocalShellCall,
    LocalShellCallOutput,
    ShellCall,
    ShellCallOutput,
    ApplyPatchCall,
    ApplyPatchCallOutput,
    McpListTools,
    McpApprovalRequest,
    McpApprovalResponse,
    McpCall,
    ToolSearchCall,
    ToolSearchOutput,
    AdditionalTools,
    Program,
    ProgramOutput,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Role {
    User,
    Assistant,
    System,
    Developer,
}

/// The fields that determine the kind of an item.
#[derive(Deserialize)]
pub(super) struct RawKind {
    #[serde(rename = "type")]
    kind: Option<ItemKind>,
    role: Option<Role>,
}

#[derive(Deserialize)]
struct RawMessage<'a> {
    role: Role,
    #[serde(borrow)]
    content: &'a RawValue,
}

#[derive(Deserialize)]
struct RawCall<'a> {
    #[serde(borrow)]
    call_id: Cow<'a, str>,
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    arguments: Option<Cow<'a, str>>,
    #[serde(borrow)]
    input: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct RawOutput<'a> {
    #[serde(borrow)]
    call_id: Cow<'a, str>,
    #[serde(borrow)]
    output: &'a RawValue,
}

#[derive(Deserialize)]
struct RawReasoning<'a> {
    #[serde(borrow)]
    summary: &'a RawValue,
}

#[derive(Deserialize)]
struct RawPart<'a> {
    #[serde(rename = "type")]
    kind: PartKind,
    #[serde(borrow)]
    text: Option<Cow<'a, str>>,
    #[serde(borrow)]
    refusal: Option<Cow<'a, str>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PartKind {
    Text,
    InputText,
    OutputText,
    SummaryText,
    ReasoningText,
    Refusal,
    InputImage,
    InputFile,
    InputAudio,
    ComputerScreenshot,
    EncryptedContent,
}

impl RawKind {
    /// Returns the kind of the item, which messages and references may omit.
    pub(super) fn kind(&self) -> ItemKind {
        match (self.kind, self.role) {
            (Some(kind), _) => kind,
            (None, Some(_)) => ItemKind::Message,
            (None, None) => ItemKind::ItemReference,
        }
    }
}

/// Adds the input of a request to the conversation.
pub(super) fn add_input<'a>(
    conversation: &mut Conversation<'a>,
    input: &'a RawValue,
    counter: &TokenCounter,
) -> Result<(), Problem> {
    if input.get().starts_with('"') {
        let Str(text) = json::read_part("input", input)?;
        conversation.add_tokens(TOKENS_PER_MESSAGE.saturating_add(counter.count(&text)));
        conversation.add_user(text);
        return conversation.check_calls();
    }
    if !input.get().starts_with('[') {
        return Err(json::mistyped_value("input", "one of a string or array of input items", input));
    }
    let List::<&'a RawValue, ITEMS_MAX>(items) = json::read_part("input", input)?;
    for (index, item) in items.into_iter().enumerate() {
        add_item(conversation, &format!("input[{index}]"), item, counter)?;
    }
    conversation.check_calls()
}

fn add_item<'a>(
    conversation: &mut Conversation<'a>,
    path: &str,
    raw: &'a RawValue,
    counter: &TokenCounter,
) -> Result<(), Problem> {
    let Object(kind): Object<RawKind> = json::read_part(path, raw)?;
    let needed = |field: &str| json::missing(&format!("{path}.{field}"));
    match kind.kind() {
        ItemKind::Message => {
            let Object(message) = json::read_part(path, raw)?;
            add_message(conversation, path, message, counter)?;
        }
        ItemKind::FunctionCall => {
            let Object(RawCall { call_id, name, arguments, .. }) = json::read_part(path, raw)?;
            let arguments = arguments.ok_or_else(|| needed("arguments"))?;
            add_call(conversation, counter, (call_id, name), &arguments, CallKind::Function);
        }
        ItemKind::CustomToolCall => {
            let Object(RawCall { call_id, name, input, .. }) = json::read_part(path, raw)?;
            let input = input.ok_or_else(|| needed("input"))?;
            add_call(conversation, counter, (call_id, name), &input, CallKind::Custom);
        }
        ItemKind::FunctionCallOutput | ItemKind::CustomToolCallOutput => {
            let Object(RawOutput { call_id, output }) = json::read_part(path, raw)?;
            let text = text(&format!("{path}.output"), output)?;
            conversation.add_tokens(TOKENS_PER_CALL.saturating_add(counter.count(&text)));
            let kind = match kind.kind() {
                ItemKind::CustomToolCallOutput => CallKind::Custom,
                _ => CallKind::Function,
            };
            conversation.add_result(&call_id, text, kind)?;
        }
        ItemKind::Reasoning => {
            let Object(RawReasoning { summary }) = json::read_part(path, raw)?;
            let text = text(&format!("{path}.summary"), summary)?;
            conversation.add_tokens(counter.count(&text));
        }
        ItemKind::CompactionTrigger => {}
        ItemKind::ItemReference => conversation.gaps = Gaps::Some,
        ItemKind::Compaction | ItemKind::CompactionSummary => {
            conversation.gaps = Gaps::Some;
            conversation.add_tokens(counter.count(raw.get()));
        }
        ItemKind::ConfigurationUpdate
        | ItemKind::FileSearchCall
        | ItemKind::WebSearchCall
        | ItemKind::ComputerCall
        | ItemKind::ComputerCallOutput
        | ItemKind::CodeInterpreterCall
        | ItemKind::ImageGenerationCall
        | ItemKind::LocalShellCall
        | ItemKind::LocalShellCallOutput
        | ItemKind::ShellCall
        | ItemKind::ShellCallOutput
        | ItemKind::ApplyPatchCall
        | ItemKind::ApplyPatchCallOutput
        | ItemKind::McpListTools
        | ItemKind::McpApprovalRequest
        | ItemKind::McpApprovalResponse
        | ItemKind::McpCall
        | ItemKind::ToolSearchCall
        | ItemKind::ToolSearchOutput
        | ItemKind::AdditionalTools
        | ItemKind::Program
        | ItemKind::ProgramOutput => conversation.add_tokens(counter.count(raw.get())),
    }
    Ok(())
}

fn add_message<'a>(
    conversation: &mut Conversation<'a>,
    path: &str,
    RawMessage { role, content }: RawMessage<'a>,
    counter: &TokenCounter,
) -> Result<(), Problem> {
    let text = text(&format!("{path}.content"), content)?;
    conversation.add_tokens(TOKENS_PER_MESSAGE.saturating_add(counter.count(&text)));
    match role {
        Role::User => conversation.add_user(text),
        Role::Assistant => conversation.add_answer(),
        Role::System | Role::Developer => {}
    }
    Ok(())
}

fn add_call<'a>(
    conversation: &mut Conversation<'a>,
    counter: &TokenCounter,
    (id, name): (Cow<'a, str>, Cow<'a, str>),
    input: &str,
    kind: CallKind,
) {
    conversation.add_tokens(
        TOKENS_PER_CALL.saturating_add(counter.count(&name)).saturating_add(counter.count(input)),
    );
    conversation.add_call(id, name, kind);
}

/// Returns the text of a content, which is a text or a list of parts. Images and files count no tokens here.
fn text<'a>(path: &str, content: &'a RawValue) -> Result<Cow<'a, str>, Problem> {
    if content.get().starts_with('"') {
        return json::read_part(path, content).map(|Str(text)| text);
    }
    let mut text = Cow::Borrowed("");
    let parts: Vec<Object<RawPart<'a>>> = json::read_part(path, content)?;
    for (index, Object(RawPart { kind, text: content, refusal })) in parts.into_iter().enumerate() {
        let needed = |field: &str| json::missing(&format!("{path}[{index}].{field}"));
        let content = match kind {
            PartKind::Text
            | PartKind::InputText
            | PartKind::OutputText
            | PartKind::SummaryText
            | PartKind::ReasoningText => content.ok_or_else(|| needed("text"))?,
            PartKind::Refusal => refusal.ok_or_else(|| needed("refusal"))?,
            PartKind::InputImage
            | PartKind::InputFile
            | PartKind::InputAudio
            | PartKind::ComputerScreenshot
            | PartKind::EncryptedContent => continue,
        };
        if text.is_empty() { text = content } else { text.to_mut().push_str(&content) }
    }
    Ok(text)
}
