//! The choice of tools.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, Visitor, value::MapAccessDeserializer},
};
use weir_model::ToolChoice;

use super::tools::{CallForm, OfferedTools, TOOLS_MAX};
use crate::request::{
    Problem,
    json::{self, List, Object, Str},
};

const MODES: [&str; 3] = ["none", "auto", "required"];
const KINDS: [&str; 3] = ["function", "custom", "allowed_tools"];

/// A mode, or an object that names a tool.
#[derive(Debug)]
pub(super) enum RawToolChoice<'a> {
    Mode(Cow<'a, str>),
    Of(RawChosen<'a>),
}

#[derive(Debug, Deserialize)]
pub(super) struct RawChosen<'a> {
    #[serde(rename = "type", borrow)]
    kind: Option<Str<'a>>,
    #[serde(borrow)]
    function: Option<Object<RawNamed<'a>>>,
    #[serde(borrow)]
    custom: Option<Object<RawNamed<'a>>>,
    #[serde(borrow)]
    allowed_tools: Option<Object<RawAllowed<'a>>>,
    /// From `function_call`.
    #[serde(borrow)]
    name: Option<Str<'a>>,
}

#[derive(Debug, Deserialize)]
struct RawNamed<'a> {
    #[serde(borrow)]
    name: Str<'a>,
}

#[derive(Debug, Deserialize)]
struct RawAllowed<'a> {
    #[serde(borrow)]
    mode: Str<'a>,
    #[serde(borrow)]
    tools: List<Object<RawAllowedTool<'a>>, TOOLS_MAX>,
}

#[derive(Debug, Deserialize)]
struct RawAllowedTool<'a> {
    #[serde(borrow)]
    function: Option<Object<RawNamed<'a>>>,
    #[serde(borrow)]
    custom: Option<Object<RawNamed<'a>>>,
}

impl<'a> OfferedTools<'a> {
    /// Returns the tool choice. Tools that are not allowed are removed.
    pub(super) fn choose(
        &mut self,
        tool_choice: Option<RawToolChoice<'a>>,
        function_call: Option<RawToolChoice<'a>>,
    ) -> Result<ToolChoice<'a>, Problem> {
        let (param, others, choice) = match self.form {
            CallForm::Function => ("function_call", "functions", function_call),
            CallForm::Tools { .. } => ("tool_choice", "tools", tool_choice),
        };
        let Some(choice) = choice else { return Ok(ToolChoice::Auto) };
        if self.tools.is_empty() {
            let message = format!(
                "Invalid value for '{param}': '{param}' is only allowed when '{others}' are specified."
            );
            return Err(Problem::invalid(Some(param.to_owned()), message));
        }
        match choice {
            RawToolChoice::Mode(mode) => by_mode(param, &mode, &MODES),
            RawToolChoice::Of(chosen) => self.choose_of(param, chosen),
        }
    }

    fn choose_of(&mut self, param: &str, chosen: RawChosen<'a>) -> Result<ToolChoice<'a>, Problem> {
        if self.form == CallForm::Function {
            let name = chosen.name.ok_or_else(|| json::missing("function_call.name"))?;
            return self.named(param, name);
        }
        let kind = chosen.kind.ok_or_else(|| json::missing("tool_choice.type"))?;
        match &*kind {
            "function" => {
                let Object(of) = chosen.function.ok_or_else(|| json::missing("tool_choice.function"))?;
                self.named(param, of.name)
            }
            "custom" => {
                let Object(of) = chosen.custom.ok_or_else(|| json::missing("tool_choice.custom"))?;
                self.named(param, of.name)
            }
            "allowed_tools" => {
                let needed = || json::missing("tool_choice.allowed_tools");
                let Object(RawAllowed { mode, tools }) = chosen.allowed_tools.ok_or_else(needed)?;
                let choice = by_mode("tool_choice.allowed_tools.mode", &mode, &["auto", "required"])?;
                let allowed = tools.0.into_iter().filter_map(|Object(tool)| tool.function.or(tool.custom));
                let allowed: Vec<_> = allowed.map(|Object(of)| of.name).collect();
                for name in &allowed {
                    self.find(param, name)?;
                }
                self.tools.retain(|tool| allowed.iter().any(|name| **name == *tool.name));
                Ok(choice)
            }
            other => Err(json::unsupported("tool_choice.type", other, &KINDS)),
        }
    }

    fn named(&self, param: &str, name: Str<'a>) -> Result<ToolChoice<'a>, Problem> {
        self.find(param, &name)?;
        Ok(ToolChoice::Named(name.0))
    }

    fn find(&self, param: &str, name: &str) -> Result<(), Problem> {
        if self.tools.iter().any(|tool| tool.name == name) {
            return Ok(());
        }
        let known: Vec<&str> = self.tools.iter().map(|tool| &*tool.name).collect();
        Err(json::unsupported(param, name, &known))
    }
}

fn by_mode<'a>(param: &str, mode: &str, modes: &[&str]) -> Result<ToolChoice<'a>, Problem> {
    match mode {
        "none" if modes.contains(&"none") => Ok(ToolChoice::None),
        "auto" => Ok(ToolChoice::Auto),
        "required" => Ok(ToolChoice::Required),
        other => Err(json::unsupported(param, other, modes)),
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for RawToolChoice<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ModeOrTool;
        impl<'de> Visitor<'de> for ModeOrTool {
            type Value = RawToolChoice<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("one of a string or object")
            }

            fn visit_borrowed_str<E: de::Error>(self, mode: &'de str) -> Result<RawToolChoice<'de>, E> {
                Ok(RawToolChoice::Mode(Cow::Borrowed(mode)))
            }

            fn visit_str<E: de::Error>(self, mode: &str) -> Result<RawToolChoice<'de>, E> {
                Ok(RawToolChoice::Mode(Cow::Owned(mode.to_owned())))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawToolChoice<'de>, A::Error> {
                RawChosen::deserialize(MapAccessDeserializer::new(map)).map(RawToolChoice::Of)
            }
        }
        deserializer.deserialize_any(ModeOrTool)
    }
}
