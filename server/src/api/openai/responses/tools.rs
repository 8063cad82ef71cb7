//! The tools of a request, and which of them may be called.

use std::borrow::Cow;

use bytes::BytesMut;
use serde::Deserialize;
use serde_json::value::RawValue;
use weir_model::{Schemas, Tool, ToolChoice, ToolInput};

use super::write::{write_compact, write_nullable};
use crate::{
    api::openai::{bounds, strict_schema::check_strict},
    request::{
        Problem,
        json::{self, Object, write_string},
    },
};

/// Maximum tools of one request.
pub(super) const TOOLS_MAX: usize = 128;
/// Maximum characters of a tool's name.
const NAME_MAX: usize = 128;

/// The tools of a request.
#[derive(Debug, Default)]
pub(super) struct Tools<'a> {
    /// Tools that the model can call. It never calls hosted ones.
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
    /// Only as a tool choice.
    AllowedTools,
}

#[derive(Deserialize)]
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
struct RawChoice<'a> {
    #[serde(rename = "type")]
    kind: ToolKind,
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    mode: Option<Mode>,
    #[serde(borrow)]
    tools: Option<Vec<Object<RawTool<'a>>>>,
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
        let mut tools = Self::default();
        for (index, raw) in sent.iter().copied().enumerate() {
            let path = format!("tools[{index}]");
            let Object(tool): Object<RawTool<'a>> = json::read_part(&path, raw)?;
            tools.callable.extend(tool.checked(&path, schemas)?);
        }
        if let Some(choice) = choice {
            tools.choose(choice)?;
        }
        Ok(tools)
    }

    fn choose(&mut self, raw: &'a RawValue) -> Result<(), Problem> {
        if raw.get().starts_with('"') {
            self.choice = chosen(json::read_part("tool_choice", raw)?);
            return Ok(());
        }
        let Object(choice): Object<RawChoice<'a>> = json::read_part("tool_choice", raw)?;
        let needed = |field: &str| json::missing(&format!("tool_choice.{field}"));
        match choice.kind {
            ToolKind::Function | ToolKind::Custom => {
                let name = choice.name.ok_or_else(|| needed("name"))?;
                if !self.callable.iter().any(|tool| tool.name == name) {
                    let message = format!("Tool choice '{name}' not found in 'tools' parameter.");
                    return Err(Problem::field("tool_choice", "invalid_value", message));
                }
                self.choice = ToolChoice::Named(name);
            }
            ToolKind::AllowedTools => {
                let allowed = choice.tools.ok_or_else(|| needed("tools"))?;
                let is_allowed =
                    |tool: &Tool<'_>| allowed.iter().any(|one| one.name.as_ref() == Some(&tool.name));
                self.callable.retain(is_allowed);
                self.choice = chosen(choice.mode.ok_or_else(|| needed("mode"))?);
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
    fn checked(self, path: &str, schemas: &Schemas) -> Result<Option<Tool<'a>>, Problem> {
        let input = match self.kind {
            ToolKind::Function => ToolInput::Json,
            ToolKind::Custom => ToolInput::Text,
            ToolKind::AllowedTools => {
                let message =
                    format!("Invalid value: 'allowed_tools' is a tool choice, not a tool ({path}).");
                return Err(Problem::field(&format!("{path}.type"), "invalid_value", message));
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
        let param = format!("{path}.name");
        let name = self.name.ok_or_else(|| json::missing(&param))?;
        bounds::name(&param, &name, NAME_MAX)?;
        let parameters = self.parameters.map(RawValue::get);
        if let Some(schema) = parameters {
            let checked = match self.strict {
                Some(true) => check_strict(schema, schemas),
                // Without a value, the provider makes the schema strict if it can.
                Some(false) | None => {
                    schemas.get_lenient(schema).map(|_| ()).map_err(|error| error.to_string())
                }
            };
            checked.map_err(|error| {
                let message = format!("Invalid schema for function '{name}': {error}");
                Problem::field(&format!("{path}.parameters"), "invalid_function_parameters", message)
            })?;
        }
        Ok(Some(Tool { name, parameters, input }))
    }
}

/// Writes a tool in the format of answers: functions in full, others as they were sent.
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
