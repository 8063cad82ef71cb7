//! A JSON document some of whose strings are templates.

use serde_json::Value;

use super::{Part, TemplateError, Templates, Text, is_template};

impl Text {
    /// A JSON document; each string in it that is a template becomes a string of what it renders to, or, where it is
    /// one expression that ends with the filter `tojson`, the value of that expression: `"{{ items | tojson }}"` may
    /// be a list. `key` names the document in errors.
    ///
    /// # Errors
    ///
    /// A template in it does not compile, or mentions what is not there.
    pub(crate) fn parse_json(
        document: &Value,
        key: &str,
        templates: &mut Templates,
    ) -> Result<Self, TemplateError> {
        let mut pieces = Pieces { text: Self { parts: Vec::new() }, literal: String::new(), templates };
        pieces.push(document, key)?;
        pieces.cut();
        Ok(pieces.text)
    }
}

/// A document on its way from a tree to pieces.
struct Pieces<'a> {
    text: Text,
    /// What follows the last piece.
    literal: String,
    templates: &'a mut Templates,
}

impl Pieces<'_> {
    fn push(&mut self, value: &Value, key: &str) -> Result<(), TemplateError> {
        match value {
            Value::String(source) if is_template(source) => {
                self.cut();
                let part = match value_of(source) {
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

    fn cut(&mut self) {
        if !self.literal.is_empty() {
            self.text.parts.push(Part::Literal(std::mem::take(&mut self.literal)));
        }
    }
}

/// The expression of a template that is nothing but one, made JSON.
fn value_of(source: &str) -> Option<&str> {
    let inner = source.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    let is_one = !["{{", "}}", "{%", "{#"].iter().any(|mark| inner.contains(mark));
    let expression = inner.trim().strip_suffix("tojson")?.trim_end().strip_suffix('|')?.trim();
    (is_one && !expression.is_empty()).then_some(expression)
}

/// Appends `text` as a JSON string, quotes included.
pub(in crate::task) fn push_string(out: &mut String, text: &str) {
    out.push_str(&Value::from(text).to_string());
}
