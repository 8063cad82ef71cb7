//! The JSON Schema of a request: one shape for each kind.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use super::anthropic_messages::RawMessages;
use super::chain::RawChain;
use super::http::RawHttp;
use super::openai_chat::RawChat;
use super::openai_completions::RawCompletions;
use super::openai_embeddings::RawEmbeddings;
use super::openai_responses::RawResponses;

/// A request of any kind.
pub(in crate::scenario) enum AnyRequest {}

impl JsonSchema for AnyRequest {
    fn schema_name() -> Cow<'static, str> {
        "Request".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let kinds = [
            of::<RawChat>("openai.chat", generator),
            of::<RawCompletions>("openai.completions", generator),
            of::<RawResponses>("openai.responses", generator),
            of::<RawEmbeddings>("openai.embeddings", generator),
            of::<RawMessages>("anthropic.messages", generator),
            of::<RawChain>("chain", generator),
            of::<RawChain>("chain_stream", generator),
            of::<RawHttp>("http", generator),
        ];
        json_schema!({ "oneOf": kinds })
    }
}

/// The shape of one kind: its keys, and `kind` itself.
fn of<T: JsonSchema>(kind: &str, generator: &mut SchemaGenerator) -> Schema {
    let mut schema = T::json_schema(generator);
    let members = schema.ensure_object();
    if let Some(Value::Object(properties)) = members.get_mut("properties") {
        properties.insert("kind".to_owned(), json!({ "const": kind }));
    }
    let required = members.entry("required").or_insert_with(|| json!([]));
    if let Value::Array(required) = required {
        required.push(json!("kind"));
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::super::KINDS;
    use super::*;

    #[test]
    fn every_kind_has_its_shape() {
        let schema = AnyRequest::json_schema(&mut SchemaGenerator::default()).to_value();
        let shapes = schema["oneOf"].as_array().unwrap();
        let kinds: Vec<&Value> = shapes.iter().map(|shape| &shape["properties"]["kind"]["const"]).collect();
        assert_eq!(kinds, KINDS);
    }
}
