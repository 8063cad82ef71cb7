//! Shapes in the JSON Schema, for values whose types are defined elsewhere.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

/// Declares a type that has nothing but a shape in the schema.
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

shape!(Rate, {
    "description": "An amount and its period: \"10/s\", \"200k/min\".",
    "type": "string",
    "pattern": "^[^/]+/[^/]+$",
});

shape!(Latency, {
    "description": "A duration (\"250ms\"), or a distribution of durations: { p50 = \"645ms\", p95 = \"1094ms\" }, \
                    { between = [\"0.5s\", \"2s\"] }, { exponential = { mean = \"1s\" } } and so on.",
    "anyOf": [{ "type": "string" }, distribution("string")],
});

shape!(Amount, {
    "description": "A whole number, or a distribution of numbers: { p50 = 200, p95 = 2000 }, { between = [100, 300] } and so on.",
    "anyOf": [{ "type": "integer", "minimum": 0 }, distribution("number")],
});

/// Returns the shape of a distribution of values of this JSON type.
fn distribution(value: &str) -> Value {
    let (value, nested) = (json!({ "type": value }), json!({ "type": "object" }));
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
            "normal": nested,
            "log_normal": nested,
            "gamma": nested,
            "exponential": nested,
            "pareto": nested,
            "mix": { "type": "array", "items": nested, "minItems": 1 },
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

shape!(ExpectedValue, {
    "description": "The expected value: a value, { exists = true }, { exists = false } or { equals = … }.",
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
