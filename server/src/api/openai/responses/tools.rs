//! The tools of a request, and which of them may be called.

use std::borrow::Cow;

use bytes::BytesMut;
use serde::Deserialize;
use serde_json::value::RawValue;
use weir_model::{Schemas, Tool, ToolChoice, ToolInput};

use super::{
    checks::{list_length, object, part, required},
    write::{write_compact, write_nullable, write_string},
};
use crate::api::Problem;

/// Tools that one request may have.
const TOOLS_MAX: usize = 128;
/// Characters of a tool's name.
const NAME_MAX: usize = 128;

/// The tools of a request.
#[derive(Debug, Default)]
pub(super) struct Tools<'a> {
    /// Those that the model can call. Hosted ones it never does.
    pub(super) callable: Vec<Tool<'a>>,
    pub(super) choice: ToolChoice<'a>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ToolKind {
    Function,
    Custom,
    FileSearch,
    WebSearch,
    #[serde(rename = "web_search_2025_08_26")]
    WebSearch20250826,
    WebSearchPreview,
    #[serde(rename = "web_search_preview_2025_03_11")]
    WebSearchPreview20250311,
    Computer,
    ComputerUse,
    ComputerUsePreview,
    CodeInterpreter,
    ImageGeneration,
    Mcp,
    LocalShell,
    Shell,
    ApplyPatch,
    Namespace,
    ToolSearch,
    ProgrammaticToolCalling,
    /// Only as a choice.
    AllowedTools,
}

#[derive(Deserialize)]
#[serde(expecting = "a tool, a JSON object")]
struct RawTool<'a> {
    #[serde(rename = "type")]
    kind: ToolKind,
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    description: Option<Cow<'a, str>>,
    #[serde(borrow)]
    parameters: Option<&'a RawValue>,
    strict: Option<bool>,
}

#[derive(Deserialize)]
#[serde(expecting = "a choice of tools, a JSON object")]
struct RawChoice<'a> {
    #[serde(rename = "type")]
    kind: ToolKind,
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    mode: Option<Mode>,
    #[serde(borrow)]
    tools: Option<Vec<RawTool<'a>>>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mode {
    None,
    Auto,
    Required,
}

impl<'a> Tools<'a> {
    /// Checks them, and their schemas.
    pub(super) fn read(
        sent: &[&'a RawValue],
        choice: Option<&'a RawValue>,
        schemas: &Schemas,
    ) -> Result<Self, Problem> {
        list_length("tools", sent.len(), TOOLS_MAX)?;
        let mut tools = Self::default();
        for (index, raw) in sent.iter().copied().enumerate() {
            let place = format!("tools[{index}]");
            let tool: RawTool<'a> = object(&place, raw)?;
            tools.callable.extend(tool.checked(&place, schemas)?);
        }
        if let Some(choice) = choice {
            tools.choose(choice)?;
        }
        Ok(tools)
    }

    fn choose(&mut self, raw: &'a RawValue) -> Result<(), Problem> {
        if raw.get().starts_with('"') {
            self.choice = chosen(part("tool_choice", raw)?);
            return Ok(());
        }
        let choice: RawChoice<'a> = object("tool_choice", raw)?;
        match choice.kind {
            ToolKind::Function | ToolKind::Custom => {
                let name = required("tool_choice.name", choice.name)?;
                if !self.callable.iter().any(|tool| tool.name == name) {
                    let message = format!("Tool choice '{name}' not found in 'tools' parameter.");
                    return Err(Problem::field("tool_choice", "invalid_value", message));
                }
                self.choice = ToolChoice::Named(name);
            }
            ToolKind::AllowedTools => {
                let allowed = required("tool_choice.tools", choice.tools)?;
                let is_allowed =
                    |tool: &Tool<'_>| allowed.iter().any(|one| one.name.as_ref() == Some(&tool.name));
                self.callable.retain(is_allowed);
                self.choice = chosen(required("tool_choice.mode", choice.mode)?);
            }
            // A hosted tool is never called here.
            ToolKind::FileSearch
            | ToolKind::WebSearch
            | ToolKind::WebSearch20250826
            | ToolKind::WebSearchPreview
            | ToolKind::WebSearchPreview20250311
            | ToolKind::Computer
            | ToolKind::ComputerUse
            | ToolKind::ComputerUsePreview
            | ToolKind::CodeInterpreter
            | ToolKind::ImageGeneration
            | ToolKind::Mcp
            | ToolKind::LocalShell
            | ToolKind::Shell
            | ToolKind::ApplyPatch
            | ToolKind::Namespace
            | ToolKind::ToolSearch
            | ToolKind::ProgrammaticToolCalling => self.choice = ToolChoice::None,
        }
        Ok(())
    }
}

const fn chosen(mode: Mode) -> ToolChoice<'static> {
    match mode {
        Mode::None => ToolChoice::None,
        Mode::Auto => ToolChoice::Auto,
        Mode::Required => ToolChoice::Required,
    }
}

impl<'a> RawTool<'a> {
    /// The tool, if the model can call it.
    fn checked(self, place: &str, schemas: &Schemas) -> Result<Option<Tool<'a>>, Problem> {
        let input = match self.kind {
            ToolKind::Function => ToolInput::Json,
            ToolKind::Custom => ToolInput::Text,
            ToolKind::AllowedTools => {
                let message =
                    format!("Invalid value: 'allowed_tools' is a tool choice, not a tool ({place}).");
                return Err(Problem::field(&format!("{place}.type"), "invalid_value", message));
            }
            ToolKind::FileSearch
            | ToolKind::WebSearch
            | ToolKind::WebSearch20250826
            | ToolKind::WebSearchPreview
            | ToolKind::WebSearchPreview20250311
            | ToolKind::Computer
            | ToolKind::ComputerUse
            | ToolKind::ComputerUsePreview
            | ToolKind::CodeInterpreter
            | ToolKind::ImageGeneration
            | ToolKind::Mcp
            | ToolKind::LocalShell
            | ToolKind::Shell
            | ToolKind::ApplyPatch
            | ToolKind::Namespace
            | ToolKind::ToolSearch
            | ToolKind::ProgrammaticToolCalling => return Ok(None),
        };
        let param = format!("{place}.name");
        let name = required(&param, self.name)?;
        check_name(&param, &name)?;
        let parameters = self.parameters.map(RawValue::get);
        if let Some(schema) = parameters {
            schemas.get(schema).map_err(|error| {
                let message = format!("Invalid schema for function '{name}': {error}.");
                Problem::field(&format!("{place}.parameters"), "invalid_function_parameters", message)
            })?;
        }
        Ok(Some(Tool { name, parameters, input }))
    }
}

fn check_name(param: &str, name: &str) -> Result<(), Problem> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !name.is_empty() && name.len() <= NAME_MAX && name.bytes().all(is_plain) {
        return Ok(());
    }
    let message = format!(
        "Invalid '{param}': string does not match pattern. Expected a string that matches the pattern \
         '^[a-zA-Z0-9_-]{{1,{NAME_MAX}}}$'."
    );
    Err(Problem::field(param, "invalid_value", message))
}

/// Writes a tool as an answer has it: functions in full, the others as they were sent.
pub(super) fn write_tool(out: &mut BytesMut, raw: &RawValue) {
    match serde_json::from_str::<RawTool<'_>>(raw.get()) {
        Ok(RawTool { kind: ToolKind::Function, name: Some(name), description, parameters, strict }) => {
            out.extend_from_slice(b"{\"type\":\"function\",\"name\":");
            write_string(out, &name);
            out.extend_from_slice(b",\"description\":");
            write_nullable(out, description.as_deref());
            out.extend_from_slice(b",\"parameters\":");
            write_compact(out, parameters.map_or("null", RawValue::get));
            out.extend_from_slice(if strict.unwrap_or(true) {
                b",\"strict\":true}"
            } else {
                b",\"strict\":false}"
            });
        }
        Ok(_) | Err(_) => write_compact(out, raw.get()),
    }
}
