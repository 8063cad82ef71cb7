//! The tools that may be called.

use std::{borrow::Cow, collections::HashSet};

use weir_model::{Schemas, Tool, ToolCalls, ToolChoice, ToolInput};

use super::{
    block::ttl,
    raw::{RawInputSchema, RawTool, RawToolChoice, ToolChoiceKind},
};
use crate::{
    api::anthropic::{
        body::{read_part, wrong},
        cache::Ttl,
    },
    request::{Problem, json::Object},
};

/// Maximum tools of one request: more than any model can choose from.
const TOOLS_MAX: usize = 10_000;
/// The maximum length of a tool's name.
const NAME_BYTES_MAX: usize = 128;

/// A tool of a request.
#[derive(Debug)]
pub(super) struct Definition<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) description: Option<Cow<'a, str>>,
    /// The JSON Schema of its input; the provider's tools have none, and are never called.
    pub(super) schema: Option<&'a str>,
    pub(super) cache: Option<Ttl>,
    /// Whether its input must satisfy the whole schema.
    strictness: ToolStrictness,
}

/// Whether the input of a tool must satisfy its whole schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ToolStrictness {
    /// Rules that cannot be honoured are an error.
    Strict,
    /// They are ignored.
    Lenient,
}

/// The tools of a request, and how they may be called.
#[derive(Debug)]
pub(super) struct Tools<'a> {
    pub(super) definitions: Vec<Definition<'a>>,
    pub(super) choice: ToolChoice<'a>,
    pub(super) calls: ToolCalls,
}

impl<'a> Tools<'a> {
    pub(super) fn check(
        tools: Vec<Object<RawTool<'a>>>,
        choice: Option<Object<RawToolChoice<'a>>>,
    ) -> Result<Self, Problem> {
        if tools.len() > TOOLS_MAX {
            return Err(wrong("tools", &format!("List should have at most {TOOLS_MAX} items")));
        }
        let definitions = tools.into_iter().enumerate().map(|(index, Object(raw))| definition(index, raw));
        let definitions = definitions.collect::<Result<Vec<_>, Problem>>()?;
        let mut names = HashSet::new();
        if !definitions.iter().all(|tool| names.insert(&*tool.name)) {
            return Err(wrong("tools", "Tool names must be unique."));
        }
        let several = choice.as_ref().and_then(|choice| choice.disable_parallel_tool_use) != Some(true);
        let choice = choice.map_or(Ok(ToolChoice::Auto), |Object(raw)| check_choice(raw, &names))?;
        let calls = if several { ToolCalls::Several } else { ToolCalls::One };
        Ok(Self { definitions, choice, calls })
    }

    /// Whether the model must call a tool.
    pub(super) const fn is_forced(&self) -> bool {
        match self.choice {
            ToolChoice::Required | ToolChoice::Named(_) => true,
            ToolChoice::Auto | ToolChoice::None => false,
        }
    }

    /// Checks that the schemas of strict tools can be honoured.
    pub(super) fn check_schemas(&self, schemas: &Schemas) -> Result<(), Problem> {
        let strict = self.definitions.iter().enumerate().filter_map(|(index, tool)| {
            Some((index, tool.schema.filter(|_| tool.strictness == ToolStrictness::Strict)?))
        });
        for (index, schema) in strict {
            schemas
                .get(schema)
                .map_err(|error| wrong(&format!("tools.{index}.custom.input_schema"), &error.to_string()))?;
        }
        Ok(())
    }

    /// The tools that can be called here.
    pub(super) fn callable(&self, schemas: &Schemas) -> Vec<Tool<'_>> {
        self.definitions.iter().filter_map(|definition| definition.callable(schemas)).collect()
    }
}

impl Definition<'_> {
    /// The tool, if it can be called here. The provider accepts schemas that are not valid, apart from their type: such a
    /// tool is called with an empty object.
    fn callable(&self, schemas: &Schemas) -> Option<Tool<'_>> {
        let parameters = Some(self.schema?).filter(|schema| schemas.get_lenient(schema).is_ok());
        Some(Tool { name: Cow::Borrowed(&self.name), parameters, input: ToolInput::Json })
    }
}

fn definition(index: usize, raw: RawTool<'_>) -> Result<Definition<'_>, Problem> {
    let at = |field: &str| format!("tools.{index}.{field}");
    let cache = raw.cache_control.as_deref().map(ttl);
    match raw.kind.as_deref() {
        None | Some("custom") => {}
        Some(kind) if is_provided(kind) => {
            let name = raw.name.unwrap_or_else(|| Cow::Owned(kind.to_owned()));
            return Ok(Definition {
                name,
                description: None,
                schema: None,
                cache,
                strictness: ToolStrictness::Lenient,
            });
        }
        Some(kind) => {
            let message = format!(
                "{kind:?} is not a tool type: expected 'custom', or one of the provider's with its date, like 'web_search_20250305'"
            );
            return Err(wrong(&at("type"), &message));
        }
    }
    let required = |field: &str| wrong(&at(&format!("custom.{field}")), "Field required");
    let name = raw.name.ok_or_else(|| required("name"))?;
    if !is_name(&name) {
        let message = format!("String should match pattern '^[a-zA-Z0-9_-]{{1,{NAME_BYTES_MAX}}}$'");
        return Err(wrong(&at("custom.name"), &message));
    }
    let schema = raw.input_schema.ok_or_else(|| required("input_schema"))?.get();
    check_schema(&at("custom.input_schema"), schema)?;
    let strictness = if raw.strict == Some(true) { ToolStrictness::Strict } else { ToolStrictness::Lenient };
    Ok(Definition { name, description: raw.description, schema: Some(schema), cache, strictness })
}

/// What the provider checks of a schema: that it is one of an object.
fn check_schema(path: &str, schema: &str) -> Result<(), Problem> {
    let Object(RawInputSchema { kind }) = read_part(path, schema)?;
    match &*kind {
        "object" => Ok(()),
        _ => Err(wrong(&format!("{path}.type"), "Input should be 'object'")),
    }
}

/// The types of the provider's own tools end with a date, but for one.
fn is_provided(kind: &str) -> bool {
    let dated = kind.rsplit_once('_').is_some_and(|(name, date)| {
        !name.is_empty() && date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit())
    });
    dated || kind == "mcp_toolset"
}

fn is_name(name: &str) -> bool {
    let is_fit = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (1..=NAME_BYTES_MAX).contains(&name.len()) && name.bytes().all(is_fit)
}

fn check_choice<'a>(raw: RawToolChoice<'a>, names: &HashSet<&str>) -> Result<ToolChoice<'a>, Problem> {
    match raw.kind {
        ToolChoiceKind::Auto => return Ok(ToolChoice::Auto),
        ToolChoiceKind::None => return Ok(ToolChoice::None),
        ToolChoiceKind::Any | ToolChoiceKind::Tool if names.is_empty() => {
            return Err(wrong("tool_choice", "may only be specified while providing tools"));
        }
        ToolChoiceKind::Any => return Ok(ToolChoice::Required),
        ToolChoiceKind::Tool => {}
    }
    let name = raw.name.ok_or_else(|| wrong("tool_choice.tool.name", "Field required"))?;
    if !names.contains(&*name) {
        return Err(wrong("tool_choice.tool.name", &format!("Tool '{name}' not found in provided tools")));
    }
    Ok(ToolChoice::Named(name))
}
