//! Expressions over the input and the outputs of steps, such as `input.stars < 3`.

use std::sync::Arc;

use serde_json::Value as Json;

use super::{RenderError, Template, TemplateError, template_error};

/// A boolean expression.
#[derive(Debug)]
pub(crate) struct Condition(Template);

/// An expression that evaluates to a list.
#[derive(Debug)]
pub(crate) struct ListExpression(Template);

/// A list expression evaluated to something else.
#[derive(Debug)]
pub(crate) struct NotAList {
    /// What it evaluated to, in words.
    pub(crate) actual: &'static str,
}

impl Condition {
    pub(crate) fn compile(source: &str) -> Result<Self, TemplateError> {
        compile(source, |expression| format!("{{% if ({expression}) %}}true{{% endif %}}")).map(Self)
    }

    pub(crate) const fn template(&self) -> &Template {
        &self.0
    }

    /// Evaluates the condition; `render` renders its template.
    pub(crate) fn holds(
        &self,
        render: impl FnOnce(&Template) -> Result<Arc<str>, RenderError>,
    ) -> Result<bool, RenderError> {
        render(&self.0).map(|text| !text.is_empty())
    }
}

impl ListExpression {
    pub(crate) fn compile(source: &str) -> Result<Self, TemplateError> {
        compile(source, |expression| format!("{{{{ ({expression})|tojson }}}}")).map(Self)
    }

    pub(crate) const fn template(&self) -> &Template {
        &self.0
    }

    /// Evaluates the list; `render` renders its template.
    pub(crate) fn list(
        &self,
        render: impl FnOnce(&Template) -> Result<Arc<str>, RenderError>,
    ) -> Result<Result<Vec<Json>, NotAList>, RenderError> {
        let actual = match serde_json::from_str(&render(&self.0)?) {
            Ok(Json::Array(list)) => return Ok(Ok(list)),
            Ok(Json::Null) | Err(_) => "nothing",
            Ok(Json::Bool(_)) => "a boolean",
            Ok(Json::Number(_)) => "a number",
            Ok(Json::String(_)) => "a string",
            Ok(Json::Object(_)) => "an object",
        };
        Ok(Err(NotAList { actual }))
    }
}

/// Compiles a template that evaluates an expression, because minijinja's expressions cannot be stored in a plan.
fn compile(source: &str, template: impl Fn(&str) -> String) -> Result<Template, TemplateError> {
    weir_templates::check_expression(source).map_err(|error| template_error(&error))?;
    Template::compile(&template(source))
}
