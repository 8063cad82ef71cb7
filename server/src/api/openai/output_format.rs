//! The response format of chat answers, and of vLLM's completions.

use serde::Deserialize;
use serde_json::value::RawValue;
use weir_model::{Format, Schemas, TokenCounter};

use super::{bounds, strict_schema::check_strict};
use crate::request::{
    Problem,
    json::{self, Object, Str},
};

const KINDS: [&str; 3] = ["text", "json_object", "json_schema"];

#[derive(Debug, Deserialize)]
pub(super) struct RawFormat<'a> {
    #[serde(rename = "type", borrow)]
    kind: Str<'a>,
    #[serde(borrow)]
    json_schema: Option<Object<RawJsonSchema<'a>>>,
}

#[derive(Debug, Deserialize)]
struct RawJsonSchema<'a> {
    #[serde(borrow)]
    name: Str<'a>,
    #[serde(borrow)]
    schema: Option<&'a RawValue>,
    strict: Option<bool>,
}

/// Returns the format, and the tokens that its description adds to the prompt.
pub(super) fn read<'a>(
    format: Option<Object<RawFormat<'a>>>,
    counter: &TokenCounter,
    schemas: &Schemas,
) -> Result<(Format<'a>, u32), Problem> {
    let Some(Object(RawFormat { kind, json_schema })) = format else { return Ok((Format::Text, 0)) };
    match &*kind {
        "text" => Ok((Format::Text, 0)),
        "json_object" => Ok((Format::JsonObject, 0)),
        "json_schema" => {
            let needed = || json::missing("response_format.json_schema");
            let Object(RawJsonSchema { name, schema, strict }) = json_schema.ok_or_else(needed)?;
            bounds::name("response_format.json_schema.name", &name, bounds::NAME_MAX)?;
            let Some(raw) = schema else { return Ok((Format::JsonObject, 0)) };
            let schema = raw.get();
            if !schema.starts_with('{') {
                let path = "response_format.json_schema.schema";
                return Err(json::mistyped_value(path, "an object", raw));
            }
            let checked = match strict {
                Some(true) => check_strict(schema, schemas),
                Some(false) | None => {
                    schemas.get_lenient(schema).map(|_| ()).map_err(|error| error.to_string())
                }
            };
            checked.map_err(|error| {
                let message = format!("Invalid schema for response_format '{}': {error}", &*name);
                Problem::invalid(Some("response_format".to_owned()), message)
            })?;
            Ok((Format::Schema(schema.into()), counter.count(schema)))
        }
        other => Err(json::unsupported("response_format.type", other, &KINDS)),
    }
}
