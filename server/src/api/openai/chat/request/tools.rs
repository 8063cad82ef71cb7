//! The tools that a request offers.

use serde::Deserialize;
use serde_json::value::RawValue;
use weir_model::{Schemas, TokenCounter, Tool, ToolInput};

use crate::{
    api::openai::{
        bounds::{self, not_empty},
        strict_schema::check_strict,
    },
    request::{
        Problem,
        json::{self, AnyFields, List, Object, Str},
    },
};

/// Maximum tools of one request, and calls of one message.
pub(super) const TOOLS_MAX: usize = 128;
/// Tokens of a request's tools besides their texts: OpenAI's cookbook counts 7 tokens for each and 12 for all (its
/// figures for gpt-4o). Of a schema it counts the words and a few tokens for each property; here its JSON is counted,
/// which gives about the same number.
const TOKENS_PER_TOOL: u32 = 7;
const TOKENS_OF_TOOLS: u32 = 12;

#[derive(Debug, Deserialize)]
pub(super) struct RawTool<'a> {
    #[serde(rename = "type", borrow)]
    kind: Str<'a>,
    #[serde(borrow)]
    function: Option<Object<RawFunction<'a>>>,
    #[serde(borrow)]
    custom: Option<Object<RawCustom<'a>>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct RawFunction<'a> {
    #[serde(borrow)]
    name: Str<'a>,
    #[serde(borrow)]
    description: Option<Str<'a>>,
    #[serde(borrow)]
    parameters: Option<&'a RawValue>,
    strict: Option<bool>,
}

#[derive(Debug, Deserialize)]
struct RawCustom<'a> {
    #[serde(borrow)]
    name: Str<'a>,
    #[serde(borrow)]
    description: Option<Str<'a>>,
    #[serde(rename = "format")]
    _format: Option<Object<AnyFields>>,
}

/// The tools of a request.
#[derive(Debug)]
pub(super) struct OfferedTools<'a> {
    pub(super) tools: Vec<Tool<'a>>,
    /// Their tokens.
    pub(super) tokens: u32,
    pub(super) form: CallForm,
}

/// The shape of calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) enum CallForm {
    /// Tool calls; the custom tools take free text.
    Tools { custom: Box<[Box<str>]> },
    /// A single function call, the predecessor of tool calls.
    Function,
}

impl<'a> OfferedTools<'a> {
    pub(super) fn read(
        tools: Option<List<Object<RawTool<'a>>, TOOLS_MAX>>,
        functions: Option<List<Object<RawFunction<'a>>, TOOLS_MAX>>,
        counter: &TokenCounter,
        schemas: &Schemas,
    ) -> Result<Self, Problem> {
        let mut offered =
            Self { tools: Vec::new(), tokens: 0, form: CallForm::Tools { custom: Box::default() } };
        match (tools, functions) {
            (Some(List(tools)), _) => {
                not_empty("tools", &tools)?;
                for (index, Object(tool)) in tools.into_iter().enumerate() {
                    offered.add(&format!("tools[{index}]"), tool, counter, schemas)?;
                }
                let custom = offered.tools.iter().filter(|tool| tool.input == ToolInput::Text);
                offered.form = CallForm::Tools { custom: custom.map(|tool| (*tool.name).into()).collect() };
            }
            (None, Some(List(functions))) => {
                not_empty("functions", &functions)?;
                for (index, Object(function)) in functions.into_iter().enumerate() {
                    offered.add_function(&format!("functions[{index}]"), function, counter, schemas)?;
                }
                offered.form = CallForm::Function;
            }
            (None, None) => return Ok(offered),
        }
        offered.tokens = offered.tokens.saturating_add(TOKENS_OF_TOOLS);
        Ok(offered)
    }

    fn add(
        &mut self,
        path: &str,
        tool: RawTool<'a>,
        counter: &TokenCounter,
        schemas: &Schemas,
    ) -> Result<(), Problem> {
        match &*tool.kind {
            "function" => {
                let path = format!("{path}.function");
                let Object(function) = tool.function.ok_or_else(|| json::missing(&path))?;
                self.add_function(&path, function, counter, schemas)
            }
            "custom" => {
                let path = format!("{path}.custom");
                let Object(custom) = tool.custom.ok_or_else(|| json::missing(&path))?;
                bounds::name(&format!("{path}.name"), &custom.name, bounds::NAME_MAX)?;
                self.count([Some(&*custom.name), custom.description.as_deref()], counter);
                self.tools.push(Tool { name: custom.name.0, parameters: None, input: ToolInput::Text });
                Ok(())
            }
            other => Err(json::unsupported(&format!("{path}.type"), other, &["function", "custom"])),
        }
    }

    fn add_function(
        &mut self,
        path: &str,
        function: RawFunction<'a>,
        counter: &TokenCounter,
        schemas: &Schemas,
    ) -> Result<(), Problem> {
        bounds::name(&format!("{path}.name"), &function.name, bounds::NAME_MAX)?;
        if let Some(raw) = function.parameters {
            let (path, schema) = (format!("{path}.parameters"), raw.get());
            if !schema.starts_with('{') {
                return Err(json::mistyped_value(&path, "an object", raw));
            }
            let checked = match function.strict {
                Some(true) => check_strict(schema, schemas),
                Some(false) | None => {
                    schemas.get_lenient(schema).map(|_| ()).map_err(|error| error.to_string())
                }
            };
            checked.map_err(|error| {
                let message = format!("Invalid schema for function '{}': {error}", &*function.name);
                Problem::field(&path, "invalid_function_parameters", message)
            })?;
        }
        let parameters = function.parameters.map(RawValue::get);
        self.count([Some(&*function.name), function.description.as_deref()], counter);
        self.count_text(parameters, counter);
        self.tools.push(Tool { name: function.name.0, parameters, input: ToolInput::Json });
        Ok(())
    }

    fn count(&mut self, texts: [Option<&str>; 2], counter: &TokenCounter) {
        self.tokens = self.tokens.saturating_add(TOKENS_PER_TOOL);
        for text in texts {
            self.count_text(text, counter);
        }
    }

    fn count_text(&mut self, text: Option<&str>, counter: &TokenCounter) {
        self.tokens = self.tokens.saturating_add(text.map_or(0, |text| counter.count(text)));
    }
}
