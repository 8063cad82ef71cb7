//! Schemas without `strict`, whose rules may be left out.

use super::*;

/// Writes with a lenient schema; all values are objects with the member `b`, an integer.
fn lenient(schema: &Value) -> Vec<Value> {
    let compiled =
        Schema::compile_lenient(&schema.to_string()).unwrap_or_else(|error| panic!("{error}: {schema}"));
    let values = (0..20).map(|seed| serde_json::from_str(&compiled.write(Seed::new(seed))).unwrap());
    let values: Vec<Value> = values.collect();
    assert!(values.iter().all(|value| value["b"].is_i64()), "{schema}: {values:?}");
    values
}

#[test]
fn compile_lenient_ignores_rules_that_cannot_be_honoured() {
    let with = |name: &str, value: Value| {
        let mut schema = json!({
            "type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}, "required": ["a", "b"],
        });
        schema[name] = value;
        schema
    };
    for (name, rule) in [
        ("not", json!({"required": ["c"]})),
        ("if", json!({"properties": {"a": {"const": "x"}}})),
        ("dependentRequired", json!({"a": ["c"]})),
        ("dependentSchemas", json!({"a": {"required": ["c"]}})),
        ("dependencies", json!({"a": ["c"]})),
        ("unevaluatedProperties", json!(false)),
        ("$dynamicRef", json!("#node")),
        ("$ref", json!("https://example.com/schema.json")),
        ("$ref", json!("#/$defs/missing")),
        ("patternProperties", json!({"^(?!x)": {"type": "string"}})),
        ("minProperties", json!(1_000_000)),
    ] {
        let schema = with(name, rule);
        assert!(Schema::compile(&schema.to_string()).is_err(), "{schema}");
        assert!(lenient(&schema).iter().all(|value| value["a"].is_string()), "{schema}");
    }
    for rule in [
        json!({"type": "string", "pattern": "^(?!x)y$"}),
        json!({"type": "string", "pattern": "(?<=a)b"}),
        json!({"type": "string", "pattern": "(a)\\1"}),
        json!({"type": "string", "not": {"const": "x"}}),
        json!({"type": "string", "minLength": 1_000_000_000}),
    ] {
        let mut schema = with("title", json!("T"));
        schema["properties"]["a"] = rule;
        assert!(lenient(&schema).iter().all(|value| value["a"].is_string()), "{schema}");
    }
}

#[test]
fn compile_lenient_writes_no_optional_value_that_is_forbidden() {
    for never in [json!({"not": {}}), json!({"not": true}), json!(false)] {
        let schema = json!({"type": "object", "properties": {"a": never, "b": {"type": "integer"}}, "required": ["b"]});
        assert!(lenient(&schema).iter().all(|value| value.get("a").is_none()), "{schema}");
        assert_eq!(written(&schema, 5).len(), 5);
    }
}

#[test]
fn compile_lenient_of_contradictions_keeps_the_structure() {
    for schema in [
        json!({"type": "object", "properties": {"a": {"not": {}}, "b": {"type": "integer"}}, "required": ["a", "b"]}),
        json!({"type": "object", "properties": {"b": {"type": "integer", "minimum": 3, "maximum": 2}}, "required": ["b"]}),
        json!({"type": "object", "properties": {"b": {"type": "integer"}}, "required": ["b"], "maxProperties": 0}),
    ] {
        assert!(Schema::compile(&schema.to_string()).is_err(), "{schema}");
        lenient(&schema);
    }
    let endless = json!({"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]});
    let any = Schema::compile_lenient(&endless.to_string()).unwrap();
    assert!(serde_json::from_str::<Value>(&any.write(Seed::new(1))).unwrap().is_object());
}

#[test]
fn compile_lenient_of_invalid_schemas_fails() {
    for schema in [json!({"type": "strnig"}), json!([]), json!({"properties": 7}), json!({"minLength": "x"})]
    {
        assert!(Schema::compile_lenient(&schema.to_string()).is_err(), "{schema}");
    }
    assert!(Schema::compile_lenient("{").is_err());
}
