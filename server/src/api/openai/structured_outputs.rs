//! vLLM's constraints of an answer: `structured_outputs`, and the older `guided_…` fields.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::{json, value::RawValue};
use weir_model::{Format, Schemas};

use crate::request::{
    Problem,
    json::{self, AnyFields, List, Object, Str},
};

/// Maximum texts of which an answer is one.
const CHOICES_MAX: usize = 10_000;

/// The member of a request that has all constraints.
#[derive(Debug, Default, Deserialize)]
pub(super) struct RawStructuredOutputs<'a> {
    #[serde(borrow)]
    json: Option<&'a RawValue>,
    #[serde(borrow)]
    regex: Option<Str<'a>>,
    #[serde(borrow)]
    choice: Option<RawChoices<'a>>,
    #[serde(borrow)]
    grammar: Option<&'a RawValue>,
    json_object: Option<bool>,
    #[serde(borrow)]
    structural_tag: Option<&'a RawValue>,
}

/// The constraints of a request.
#[derive(Debug, Default)]
pub(super) struct RawConstraints<'a> {
    pub(super) structured_outputs: Option<Object<RawStructuredOutputs<'a>>>,
    pub(super) guided_json: Option<&'a RawValue>,
    pub(super) guided_regex: Option<Str<'a>>,
    pub(super) guided_choice: Option<RawChoices<'a>>,
    pub(super) guided_grammar: Option<&'a RawValue>,
}

/// A list of texts of which an answer is one.
pub(super) type RawChoices<'a> = List<Str<'a>, CHOICES_MAX>;

/// A constraint, and the field that has it.
enum Constraint<'a> {
    Json(&'a RawValue),
    Regex(Str<'a>),
    Choice(RawChoices<'a>),
    JsonObject,
    Unsupported,
}

impl<'a> RawConstraints<'a> {
    /// Whether there is none.
    pub(super) const fn is_empty(&self) -> bool {
        let Self { structured_outputs, guided_json, guided_regex, guided_choice, guided_grammar } = self;
        structured_outputs.is_none()
            && guided_json.is_none()
            && guided_regex.is_none()
            && guided_choice.is_none()
            && guided_grammar.is_none()
    }

    /// All constraints, each with its field.
    fn into_list(self) -> Result<Vec<(&'static str, Constraint<'a>)>, Problem> {
        let has_member = self.structured_outputs.is_some();
        let of_member = self.structured_outputs.map(|Object(raw)| raw).unwrap_or_default();
        let members = [
            of_member.json.map(|raw| ("structured_outputs.json", Constraint::Json(raw))),
            of_member.regex.map(|regex| ("structured_outputs.regex", Constraint::Regex(regex))),
            of_member.choice.map(|choices| ("structured_outputs.choice", Constraint::Choice(choices))),
            of_member.grammar.map(|_| ("structured_outputs.grammar", Constraint::Unsupported)),
            of_member.json_object.map(|_| ("structured_outputs.json_object", Constraint::JsonObject)),
            of_member.structural_tag.map(|_| ("structured_outputs.structural_tag", Constraint::Unsupported)),
        ];
        if has_member && members.iter().all(Option::is_none) {
            let message = "You must use one kind of structured outputs constraint but none are specified.";
            return Err(Problem::invalid(Some("structured_outputs".to_owned()), message.to_owned()));
        }
        let older = [
            self.guided_json.map(|raw| ("guided_json", Constraint::Json(raw))),
            self.guided_regex.map(|regex| ("guided_regex", Constraint::Regex(regex))),
            self.guided_choice.map(|choices| ("guided_choice", Constraint::Choice(choices))),
            self.guided_grammar.map(|_| ("guided_grammar", Constraint::Unsupported)),
        ];
        Ok(members.into_iter().chain(older).flatten().collect())
    }

    /// Returns the format of the answer: that of a constraint, or `format`, the response format. Fails if there is more
    /// than one.
    pub(super) fn read(self, format: Format<'a>, schemas: &Schemas) -> Result<Format<'a>, Problem> {
        let mut constraints = self.into_list()?;
        let Some((field, constraint)) = constraints.pop() else { return Ok(format) };
        if !constraints.is_empty() || format != Format::Text {
            let others = constraints.iter().map(|(other, _)| *other);
            let others = others.chain((format != Format::Text).then_some("response_format"));
            let fields = others.chain([field]).collect::<Vec<_>>().join(", ");
            let message = format!(
                "You can only use one kind of structured outputs constraint but multiple are specified: {fields}"
            );
            return Err(Problem::invalid(Some(field.to_owned()), message));
        }
        match constraint {
            Constraint::Json(raw) => Ok(Format::Schema(schema(field, raw, schemas)?)),
            Constraint::JsonObject => Ok(Format::JsonObject),
            Constraint::Regex(Str(regex)) => {
                let schema = json!({"type": "string", "pattern": format!("^(?:{regex})$")}).to_string();
                let checked = schemas.get(&schema);
                checked.map_err(|error| {
                    invalid(field, format!("Failed to convert the regex of '{field}': {}", error.message))
                })?;
                Ok(Format::StringOf(schema.into()))
            }
            Constraint::Choice(List(choices)) if choices.is_empty() => {
                Err(invalid(field, format!("Choices cannot be empty: '{field}' has none")))
            }
            Constraint::Choice(List(choices)) => {
                let choices: Vec<&str> = choices.iter().map(|Str(choice)| &**choice).collect();
                Ok(Format::StringOf(json!({"enum": choices}).to_string().into()))
            }
            Constraint::Unsupported => Err(invalid(
                field,
                format!("'{field}' is not supported by this server: use json, regex or choice"),
            )),
        }
    }
}

/// Returns the schema of a JSON value: an object, or a text with one.
fn schema<'a>(field: &str, raw: &'a RawValue, schemas: &Schemas) -> Result<Cow<'a, str>, Problem> {
    let schema = match raw.get().as_bytes().first() {
        Some(b'"') => Cow::Owned(json::read_part::<Cow<'_, str>>(field, raw)?.into_owned()),
        Some(b'{') => Cow::Borrowed(raw.get()),
        Some(_) | None => return Err(json::mistyped_value(field, "an object or a string", raw)),
    };
    if serde_json::from_str::<Object<AnyFields>>(&schema).is_err() {
        return Err(invalid(field, format!("'{field}' is not a JSON Schema")));
    }
    schemas
        .get_lenient(&schema)
        .map_err(|error| invalid(field, format!("Invalid schema of '{field}': {error}")))?;
    Ok(schema)
}

fn invalid(field: &str, message: String) -> Problem {
    Problem::invalid(Some(field.to_owned()), message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(member: &str, format: Format<'static>) -> Result<String, String> {
        let raw: RawStructuredOutputs<'_> = serde_json::from_str(member).unwrap();
        let constraints =
            RawConstraints { structured_outputs: Some(Object(raw)), ..RawConstraints::default() };
        let read = constraints.read(format, &Schemas::new());
        read.map(|format| format!("{format:?}")).map_err(|problem| problem.message)
    }

    #[test]
    fn read_returns_the_format_of_the_only_constraint() {
        let format = |member| read(member, Format::Text).unwrap();
        insta::assert_snapshot!(format(r#"{"json": {"type": "object"}}"#), @r#"Schema("{\"type\": \"object\"}")"#);
        insta::assert_snapshot!(format(r#"{"json": "{\"type\":\"object\"}", "regex": null}"#), @r#"Schema("{\"type\":\"object\"}")"#);
        insta::assert_snapshot!(format(r#"{"choice": ["a", "b"], "backend": "x"}"#), @r#"StringOf("{\"enum\":[\"a\",\"b\"]}")"#);
        insta::assert_snapshot!(format(r#"{"regex": "a|b\\d"}"#), @r#"StringOf("{\"pattern\":\"^(?:a|b\\\\d)$\",\"type\":\"string\"}")"#);
        insta::assert_snapshot!(format(r#"{"json_object": true}"#), @"JsonObject");
    }

    #[test]
    fn read_of_what_cannot_be_honoured_fails() {
        let fault = |member| read(member, Format::Text).unwrap_err();
        insta::assert_snapshot!(fault("{}"), @"You must use one kind of structured outputs constraint but none are specified.");
        insta::assert_snapshot!(fault(r#"{"regex": "a", "choice": ["a"]}"#), @"You can only use one kind of structured outputs constraint but multiple are specified: structured_outputs.regex, structured_outputs.choice");
        insta::assert_snapshot!(read(r#"{"regex": "a"}"#, Format::JsonObject).unwrap_err(), @"You can only use one kind of structured outputs constraint but multiple are specified: response_format, structured_outputs.regex");
        insta::assert_snapshot!(fault(r#"{"grammar": "root ::= x"}"#), @"'structured_outputs.grammar' is not supported by this server: use json, regex or choice");
        insta::assert_snapshot!(fault(r#"{"structural_tag": {}}"#), @"'structured_outputs.structural_tag' is not supported by this server: use json, regex or choice");
        insta::assert_snapshot!(fault(r#"{"regex": "("}"#), @r#"Failed to convert the regex of 'structured_outputs.regex': "^(?:()$" cannot be used: unclosed group"#);
        insta::assert_snapshot!(fault(r#"{"choice": []}"#), @"Choices cannot be empty: 'structured_outputs.choice' has none");
        insta::assert_snapshot!(fault(r#"{"json": "[]"}"#), @"'structured_outputs.json' is not a JSON Schema");
        insta::assert_snapshot!(fault(r#"{"json": 5}"#), @"Invalid type for 'structured_outputs.json': expected an object or a string, but got an integer instead.");
    }
}
