//! Text of a request, parts of which may be made afresh for each one.

mod context;
mod draws;
mod fault;
mod json;
mod names;
mod templates;
mod variables;

use std::borrow::Cow;

pub(crate) use context::TemplateContext;
pub(crate) use fault::{TemplateError, TemplateProblem};
pub(super) use json::push_string as push_json_string;
pub(crate) use names::{is_free, is_word};
pub(crate) use templates::{Rendering, TemplateId, Templates};
pub(crate) use variables::{Captured, Variables};

/// A text that is rendered for each request where it holds templates, and once where it holds none.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Text {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq)]
enum Part {
    Literal(String),
    /// Rendered, then put in as it is.
    Template(TemplateId),
    /// Rendered, then put in as a JSON string with its quotes.
    JsonString(TemplateId),
}

impl Text {
    /// A text that holds `{{` or `{%` becomes a template, which `key` names in errors.
    ///
    /// # Errors
    ///
    /// The template does not compile, or mentions what is not there.
    pub(crate) fn parse(source: &str, key: &str, templates: &mut Templates) -> Result<Self, TemplateError> {
        let part = if is_template(source) {
            Part::Template(templates.add(key, source)?)
        } else {
            Part::Literal(source.to_owned())
        };
        Ok(Self { parts: vec![part] })
    }

    /// The text itself, where it is the same for each request.
    pub(crate) fn fixed(&self) -> Option<Cow<'_, str>> {
        let literals = self.parts.iter().map(|part| match part {
            Part::Literal(text) => Some(text.as_str()),
            Part::Template(_) | Part::JsonString(_) => None,
        });
        let literals: Vec<&str> = literals.collect::<Option<_>>()?;
        match literals.as_slice() {
            [only] => Some(Cow::Borrowed(only)),
            several => Some(Cow::Owned(several.concat())),
        }
    }

    /// Renders it for one request.
    ///
    /// # Errors
    ///
    /// A template does not render.
    pub(crate) fn render(&self, rendering: &Rendering<'_>) -> Result<String, TemplateError> {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(text) => out.push_str(text),
                Part::Template(id) => out.push_str(&rendering.render(*id)?),
                Part::JsonString(id) => json::push_string(&mut out, &rendering.render(*id)?),
            }
        }
        Ok(out)
    }
}

/// Whether a text is to be rendered.
pub(crate) fn is_template(source: &str) -> bool {
    source.contains("{{") || source.contains("{%")
}

/// Renders for a request with this number, which is this turn of a conversation.
#[cfg(test)]
pub(crate) fn at_turn<T>(
    templates: &Templates,
    (number, turn): (u64, u32),
    rng: &mut weir_pace::Rng,
    render: impl FnOnce(&Rendering<'_>) -> T,
) -> T {
    let (variables, cursors) =
        (Variables::default(), std::sync::Arc::new(super::Cursors::new(templates.feeds(), 0, 1)));
    let context = TemplateContext { number, user: 0, turn, variables: &variables, cursors: &cursors, rng };
    let rendering = Rendering::new(templates, &context);
    let rendered = render(&rendering);
    *rng = rendering.rng();
    rendered
}

#[cfg(test)]
mod tests;
