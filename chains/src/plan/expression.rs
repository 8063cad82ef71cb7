//! Expressions over the input and the outputs of steps: `input.stars < 3`.

use minijinja::{Environment, Value};
use serde_json::Value as Json;

use super::template::{RenderError, Template, TemplateFault, fault};

/// An expression that is true or not.
#[derive(Debug)]
pub(crate) struct Condition(Template);

/// An expression that gives a list.
#[derive(Debug)]
pub(crate) struct ListExpression(Template);

/// What an expression gave instead of a list.
#[derive(Debug)]
pub(crate) struct NotAList {
    pub(crate) given: &'static str,
}

impl Condition {
    pub(crate) fn compile(source: &str) -> Result<Self, TemplateFault> {
        compile(source, |expression| format!("{{% if ({expression}) %}}true{{% endif %}}")).map(Self)
    }

    pub(crate) const fn template(&self) -> &Template {
        &self.0
    }

    pub(crate) fn holds(&self, look_up: impl Fn(&str) -> Value) -> Result<bool, RenderError> {
        self.0.render(look_up).map(|text| !text.is_empty())
    }
}

impl ListExpression {
    pub(crate) fn compile(source: &str) -> Result<Self, TemplateFault> {
        compile(source, |expression| format!("{{{{ ({expression})|tojson }}}}")).map(Self)
    }

    pub(crate) const fn template(&self) -> &Template {
        &self.0
    }

    pub(crate) fn list(
        &self,
        look_up: impl Fn(&str) -> Value,
    ) -> Result<Result<Vec<Json>, NotAList>, RenderError> {
        let given = match serde_json::from_str(&self.0.render(look_up)?) {
            Ok(Json::Array(list)) => return Ok(Ok(list)),
            Ok(Json::Null) | Err(_) => "nothing",
            Ok(Json::Bool(_)) => "true or false",
            Ok(Json::Number(_)) => "a number",
            Ok(Json::String(_)) => "a text",
            Ok(Json::Object(_)) => "an object",
        };
        Ok(Err(NotAList { given }))
    }
}

/// The template that evaluates an expression: templates live as long as their plan, minijinja's expressions do not.
fn compile(source: &str, template: impl Fn(&str) -> String) -> Result<Template, TemplateFault> {
    Environment::new().compile_expression(source).map_err(|error| fault(&error))?;
    Template::compile(&template(source))
}
