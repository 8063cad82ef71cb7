//! The JSON Schema of the format, for editors. The raw types bring it about; here are the shapes of what they leave to
//! other code.

use std::borrow::Cow;

use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings, json_schema};
use serde_json::{Value, json};

use super::Scenario;
use super::raw::RawScenario;

impl Scenario {
    /// The JSON Schema (draft 2020-12) of the format in which scenarios are written.
    #[must_use]
    pub fn schema() -> Value {
        let settings = SchemaSettings::draft2020_12().with_transform(RecursiveTransform(without_null));
        let mut schema = settings.into_generator().into_root_schema_for::<RawScenario>();
        schema.insert("title".to_owned(), "A scenario of weir load".into());
        schema.to_value()
    }
}

/// A key that may be left out is not one that may be `null`: TOML has no such value.
fn without_null(schema: &mut Schema) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
    }
    if let Some(Value::Array(shapes)) = schema.get_mut("anyOf") {
        shapes.retain(|shape| shape.get("type").is_none_or(|name| name != "null"));
    }
}

/// Declares a type that stands for a shape in the schema.
macro_rules! shape {
    ($name:ident, $schema:tt) => {
        pub(in crate::scenario) enum $name {}

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    };
}

shape!(Span, {
    "description": "A duration with its unit: \"250ms\", \"1.2s\", \"1m30s\".",
    "type": "string",
    "pattern": r"^\s*([0-9.]+\s*(h|m|s|ms|us|\u00b5s|\u03bcs|ns)\s*)+$",
});

shape!(Rate, {
    "description": "An amount and its period: \"10/s\", \"200k/min\".",
    "type": "string",
    "pattern": "^[^/]+/[^/]+$",
});

shape!(Latency, {
    "description": "A duration (\"250ms\"), or a law of durations: { p50 = \"645ms\", p95 = \"1094ms\" }, \
                    { between = [\"0.5s\", \"2s\"] }, { exponential = { mean = \"1s\" } } and so on.",
    "anyOf": [{ "type": "string" }, law("string")],
});

shape!(Amount, {
    "description": "A whole number, or a law of numbers: { p50 = 200, p95 = 2000 }, { between = [100, 300] } and so on.",
    "anyOf": [{ "type": "integer", "minimum": 0 }, law("number")],
});

/// A law of values that are written as this type.
fn law(value: &str) -> Value {
    let (value, law) = (json!({ "type": value }), json!({ "type": "object" }));
    json!({
        "type": "object",
        "minProperties": 1,
        "additionalProperties": false,
        "properties": {
            "p50": value,
            "p90": value,
            "p95": value,
            "p99": value,
            "mean": value,
            "sd": value,
            "cv": { "type": "number" },
            "constant": value,
            "between": { "type": "array", "items": value, "minItems": 2, "maxItems": 2 },
            "normal": law,
            "log_normal": law,
            "gamma": law,
            "exponential": law,
            "pareto": law,
            "mix": { "type": "array", "items": law, "minItems": 1 },
            "values": { "type": "array", "items": value, "minItems": 1 },
        },
    })
}

shape!(Statuses, {
    "anyOf": [
        { "type": "integer", "minimum": 200, "maximum": 599 },
        { "type": "array", "items": { "type": "integer", "minimum": 200, "maximum": 599 } },
    ],
});

shape!(Needed, {
    "description": "What must stand there: a value, { exists = true }, { exists = false } or { equals = … }.",
    "anyOf": [
        { "type": ["string", "number", "boolean", "array"] },
        {
            "type": "object",
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": false,
            "properties": { "exists": { "type": "boolean" }, "equals": {} },
        },
    ],
});

shape!(Row, {
    "anyOf": [{ "type": "string" }, { "type": "object" }],
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::builtin;
    use crate::scenario::tests::mistakes::{UNKNOWN_KEYS, scenario};

    fn validator() -> jsonschema::Validator {
        let schema = Scenario::schema();
        assert!(jsonschema::meta::is_valid(&schema), "{schema:#}");
        jsonschema::validator_for(&schema).unwrap()
    }

    /// Every problem that the schema has with a scenario.
    fn refusals(text: &str) -> Vec<String> {
        let document = serde_json::to_value(toml::from_str::<toml::Value>(text).unwrap()).unwrap();
        validator()
            .iter_errors(&document)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect()
    }

    #[test]
    fn what_the_parser_takes_the_schema_takes() {
        for name in builtin::names() {
            assert_eq!(refusals(builtin::text(name).unwrap()), [""; 0], "{name}");
        }
        assert_eq!(refusals(&scenario("nowhere", "")), [""; 0]);
        let full = include_str!("tests/full.toml");
        Scenario::parse("full", "full.toml", full, &|_| Some("x".to_owned())).unwrap();
        assert_eq!(refusals(full), [""; 0]);
    }

    #[test]
    fn both_refuse_an_unknown_key() {
        for (place, mistake, _) in UNKNOWN_KEYS {
            let text = scenario(place, mistake);
            assert_ne!(refusals(&text), [""; 0], "{text}");
            Scenario::parse("mine", "mine.toml", &text, &|_| None).unwrap_err();
        }
    }

    #[test]
    fn editors_are_told_what_keys_mean() {
        let schema = Scenario::schema();
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        assert_eq!(schema["properties"]["about"]["description"], "What the scenario is for, in a line.");
        assert_eq!(schema["properties"]["about"]["type"], json!(["string"]));
        assert_eq!(schema["required"], json!(["load"]));
        let mut silent = Vec::new();
        for (name, shape) in schema["$defs"].as_object().unwrap() {
            let properties = shape.get("properties").and_then(Value::as_object).into_iter().flatten();
            silent.extend(
                properties
                    .filter(|(_, key)| key.get("description").is_none())
                    .map(|(key, _)| format!("{name}.{key}")),
            );
        }
        assert_eq!(silent, [""; 0], "keys that say nothing");
    }
}
