//! Text of requests: templates and the values that they refer to.

mod context;
mod error;
mod functions;
mod json;
mod names;
mod templates;
mod variables;

use std::borrow::Cow;

pub(crate) use context::TemplateContext;
pub(crate) use error::{TemplateError, TemplateProblem};
pub(super) use json::push_string as push_json_string;
pub(crate) use names::{is_capture_name, is_identifier};
pub(crate) use templates::{Rendering, TemplateId, Templates};
pub(crate) use variables::{Captured, Variables};

/// A text of requests: constant, or with templates that are rendered for each request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Text {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq)]
enum Part {
    Literal(String),
    /// Rendered and inserted.
    Template(TemplateId),
    /// Rendered and inserted as a JSON string, with its quotes.
    JsonString(TemplateId),
}

impl Text {
    /// Parses a text, which is a template if it contains `{{` or `{%`. `key` is its key in errors.
    ///
    /// # Errors
    /// Fails if the template does not compile, or refers to an unknown name.
    pub(crate) fn parse(source: &str, key: &str, templates: &mut Templates) -> Result<Self, TemplateError> {
        let part = if is_template(source) {
            Part::Template(templates.add(key, source)?)
        } else {
            Part::Literal(source.to_owned())
        };
        Ok(Self { parts: vec![part] })
    }

    /// Returns the text, if it is the same for each request.
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

    /// Renders the text for one request.
    ///
    /// # Errors
    /// Fails if a template does not render.
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

/// Whether a text is a template.
pub(crate) fn is_template(source: &str) -> bool {
    source.contains("{{") || source.contains("{%")
}

/// Renders for the request with this number and turn.
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
