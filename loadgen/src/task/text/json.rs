//! JSON documents with templates.

use serde_json::Value;

use super::{Part, TemplateError, Templates, Text, is_template};

impl Text {
    /// Parses a JSON document. Each string in it that is a template is rendered to a string. If the template is a single
    /// expression that ends with the filter `tojson`, it is rendered to the value of the expression:
    /// `"{{ items | tojson }}"` may become a list. `key` is the key of the document in errors.
    ///
    /// # Errors
    /// Fails if a template does not compile, or refers to an unknown name.
    pub(crate) fn parse_json(
        document: &Value,
        key: &str,
        templates: &mut Templates,
    ) -> Result<Self, TemplateError> {
        let mut parts = JsonParts { text: Self { parts: Vec::new() }, literal: String::new(), templates };
        parts.push(document, key)?;
        parts.end_literal();
        Ok(parts.text)
    }
}

/// The parts of a document while it is parsed.
struct JsonParts<'a> {
    text: Text,
    /// The literal text after the last part.
    literal: String,
    templates: &'a mut Templates,
}

impl JsonParts<'_> {
    fn push(&mut self, value: &Value, key: &str) -> Result<(), TemplateError> {
        match value {
            Value::String(source) if is_template(source) => {
                self.end_literal();
                let part = match tojson_expression(source) {
                    Some(expression) => {
                        let source = format!("{{{{ ({expression}) | tojson }}}}");
                        Part::Template(self.templates.add(key, &source)?)
                    }
                    None => Part::JsonString(self.templates.add(key, source)?),
                };
                self.text.parts.push(part);
            }
            Value::Array(items) => {
                self.literal.push('[');
                for (index, item) in items.iter().enumerate() {
                    self.separate(index);
                    self.push(item, &format!("{key}[{index}]"))?;
                }
                self.literal.push(']');
            }
            Value::Object(members) => {
                self.literal.push('{');
                for (index, (name, member)) in members.iter().enumerate() {
                    self.separate(index);
                    push_string(&mut self.literal, name);
                    self.literal.push(':');
                    self.push(member, &format!("{key}.{name}"))?;
                }
                self.literal.push('}');
            }
            Value::String(text) => push_string(&mut self.literal, text),
            Value::Null | Value::Bool(_) | Value::Number(_) => self.literal.push_str(&value.to_string()),
        }
        Ok(())
    }

    fn separate(&mut self, index: usize) {
        if index > 0 {
            self.literal.push(',');
        }
    }

    fn end_literal(&mut self) {
        if !self.literal.is_empty() {
            self.text.parts.push(Part::Literal(std::mem::take(&mut self.literal)));
        }
    }
}

/// Returns the expression of a template of the form `{{ expression | tojson }}`.
fn tojson_expression(source: &str) -> Option<&str> {
    let inner = source.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    let is_single = !["{{", "}}", "{%", "{#"].iter().any(|mark| inner.contains(mark));
    let expression = inner.trim().strip_suffix("tojson")?.trim_end().strip_suffix('|')?.trim();
    (is_single && !expression.is_empty()).then_some(expression)
}

/// Appends `text` as a JSON string, quotes included.
pub(in crate::task) fn push_string(out: &mut String, text: &str) {
    out.push_str(&Value::from(text).to_string());
}
