//! Property tests with generated schemas.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::written;
use crate::schema::Schema;

/// Expressions with the same meaning in other implementations.
const PATTERNS: [&str; 6] =
    ["^[a-z]+$", "^\\d{3}-\\d{2}$", "^(red|green|blue)$", "^[A-Z][a-z]{2,8}$", "^\\w+@\\w+$", "x"];
const FORMATS: [&str; 13] = [
    "date-time",
    "date",
    "time",
    "duration",
    "email",
    "hostname",
    "ipv4",
    "ipv6",
    "uri",
    "uri-reference",
    "uuid",
    "json-pointer",
    "regex",
];

fn string() -> impl Strategy<Value = Value> {
    prop_oneof![
        (0_u32..30, 0_u32..30)
            .prop_map(|(min, more)| json!({"type": "string", "minLength": min, "maxLength": min + more})),
        prop::sample::select(&PATTERNS).prop_map(|pattern| json!({"type": "string", "pattern": pattern})),
        prop::sample::select(&FORMATS).prop_map(|format| json!({"type": "string", "format": format})),
        Just(json!({"type": ["string", "null"]})),
        Just(json!({"pattern": "^a+$", "type": "string", "minLength": 12, "maxLength": 14})),
    ]
}

fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        (-500_i32..500, 0_i32..50)
            .prop_map(|(min, more)| json!({"type": "integer", "minimum": min, "maximum": min + more})),
        (-500_i32..500).prop_map(|min| json!({"type": "integer", "exclusiveMinimum": min})),
        (-500_i32..500).prop_map(|max| json!({"type": "number", "exclusiveMaximum": max})),
        (-5.0..5.0, 0.001..3.0)
            .prop_map(|(min, more)| json!({"type": "number", "minimum": min, "maximum": min + more})),
        (1_u32..40).prop_map(|step| json!({"type": "integer", "multipleOf": step, "minimum": -1000})),
        prop::sample::select(&[0.5, 0.25, 2.5, 3.0])
            .prop_map(|step| json!({"type": "number", "multipleOf": step})),
        Just(json!({"type": "number"})),
        Just(json!({"type": "integer"})),
    ]
}

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => string(),
        3 => number(),
        1 => Just(json!({"type": "boolean"})),
        1 => Just(json!({"type": "null"})),
        1 => Just(json!(true)),
        1 => Just(json!({"description": "anything", "title": "Any", "default": 3})),
        1 => Just(json!({"const": {"a": [1, "two", null]}})),
        1 => Just(json!({"enum": ["a", 2, null, {"b": 1.5}]})),
        1 => Just(json!({"$ref": "#/$defs/text"})),
        1 => Just(json!({"$ref": "#/$defs/tree"})),
    ]
}

fn object(inner: impl Strategy<Value = Value> + Clone) -> impl Strategy<Value = Value> {
    let properties = prop::collection::btree_map("[a-e]{1,2}", (inner.clone(), any::<bool>()), 0..5);
    let rest = prop_oneof![Just(None), Just(Some(json!(false))), inner.prop_map(Some),];
    (properties, rest, 0_usize..3, any::<bool>()).prop_map(|(properties, rest, more, has_pattern)| {
        let required: Vec<_> =
            properties.iter().filter(|(_, (_, is))| *is).map(|(name, _)| name.clone()).collect();
        let is_closed = rest == Some(json!(false));
        let count = properties.len();
        let properties: Map<_, _> =
            properties.into_iter().map(|(name, (schema, _))| (name, schema)).collect();
        let mut schema = json!({"type": "object", "properties": properties, "required": required});
        if let Some(rest) = rest {
            schema["additionalProperties"] = rest;
        }
        if has_pattern {
            schema["patternProperties"] = json!({"^x-[a-z]{1,3}$": {"type": "integer"}});
        }
        let max = if is_closed && !has_pattern { count } else { count + more };
        schema["minProperties"] = json!(required.len().max(max.saturating_sub(1)));
        schema["maxProperties"] = json!(max);
        schema
    })
}

fn array(inner: impl Strategy<Value = Value> + Clone) -> impl Strategy<Value = Value> {
    prop_oneof![
        (inner.clone(), 0_usize..4, 0_usize..4)
            .prop_map(|(items, min, more)| json!({"type": "array", "items": items, "minItems": min, "maxItems": min + more})),
        prop::collection::vec(inner.clone(), 1..4)
            .prop_map(|prefix| json!({"type": "array", "prefixItems": prefix, "items": false, "minItems": prefix.len()})),
        inner.prop_map(|items| json!({"type": "array", "items": items})),
        number().prop_map(|_| json!({"type": "array", "items": {"type": "integer"}, "uniqueItems": true, "minItems": 4})),
        Just(json!({"type": "array", "contains": {"const": "here"}, "minContains": 2, "items": {"type": "string"}})),
    ]
}

fn branches(inner: impl Strategy<Value = Value> + Clone) -> impl Strategy<Value = Value> {
    let tagged = |tag: &str, schema: Value| json!({"type": "object", "properties": {"tag": {"const": tag}, "it": schema}, "required": ["tag", "it"]});
    prop_oneof![
        prop::collection::vec(inner.clone(), 1..4).prop_map(|any| json!({"anyOf": any})),
        (inner.clone(), inner.clone())
            .prop_map(move |(one, other)| json!({"oneOf": [tagged("one", one), tagged("other", other)]})),
        (inner.clone(), inner).prop_map(move |(one, other)| json!({"allOf": [
            {"type": "object", "properties": {"one": one}, "required": ["one"]},
            {"properties": {"other": other}, "minProperties": 1},
            {"anyOf": [{"required": ["other"]}, {"required": ["one"]}]},
        ]})),
    ]
}

/// Schemas that can be satisfied.
fn schema() -> impl Strategy<Value = Value> {
    let inner = leaf().prop_recursive(4, 24, 4, |inner| {
        let inner = inner.boxed();
        prop_oneof![object(inner.clone()), array(inner.clone()), branches(inner)]
    });
    inner.prop_map(|schema| with_definitions(&schema))
}

fn with_definitions(schema: &Value) -> Value {
    json!({
        "$defs": {
            "text": {"type": "string", "minLength": 3},
            "tree": {"type": "object", "properties": {"children": {"type": "array", "items": {"$ref": "#/$defs/tree"}}, "value": {"$ref": "#/$defs/text"}}, "required": ["value"]},
        },
        "allOf": [schema],
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn write_satisfies_any_satisfiable_schema(schema in schema()) {
        written(&schema, 6);
    }

    /// Rules that may exclude each other: any written text is still valid.
    #[test]
    fn write_of_conflicting_schemas_is_never_invalid(parts in prop::collection::vec(schema(), 2..4), which in 0..3) {
        let parts: Vec<Value> = parts.into_iter().map(|part| part["allOf"][0].clone()).collect();
        let schema = match which {
            0 => json!({"allOf": parts}),
            1 => json!({"oneOf": parts}),
            _ => json!({"anyOf": parts, "type": ["object", "string", "integer"], "minLength": 2, "minimum": 3}),
        };
        let schema = with_definitions(&schema);
        if Schema::compile(&schema.to_string()).is_ok() {
            written(&schema, 6);
        }
    }

    #[test]
    fn compile_of_any_text_never_panics(text in "[\\[\\]{}:,\"a-z0-9$#/ ]{0,60}") {
        drop(Schema::compile(&text));
    }
}
