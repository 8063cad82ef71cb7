//! The JSON Schema of a request: one shape for each kind.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::DIALECTS;

/// A request of any kind.
pub(in crate::scenario) enum AnyRequest {}

impl JsonSchema for AnyRequest {
    fn schema_name() -> Cow<'static, str> {
        "Request".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let shapes: Vec<Schema> = DIALECTS.iter().map(|dialect| dialect.shape(generator)).collect();
        json_schema!({ "oneOf": shapes })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::dialect::Dialect;
    use super::*;

    #[test]
    fn json_schema_has_a_shape_of_each_kind() {
        let schema = AnyRequest::json_schema(&mut SchemaGenerator::default()).to_value();
        let shapes = schema["oneOf"].as_array().unwrap();
        let kinds: Vec<&Value> = shapes.iter().map(|shape| &shape["properties"]["kind"]["const"]).collect();
        assert_eq!(kinds, DIALECTS.map(Dialect::kind));
    }
}
