//! The rules of schemas with `strict: true`.

use serde_json::{Map, Value};
use weir_model::Schemas;

/// Keywords that strict schemas must not have (the provider's guide to structured outputs).
const NOT_PERMITTED: [&str; 18] = [
    "allOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "dependentRequired",
    "dependentSchemas",
    "patternProperties",
    "propertyNames",
    "minProperties",
    "maxProperties",
    "unevaluatedProperties",
    "unevaluatedItems",
    "contains",
    "minContains",
    "maxContains",
    "uniqueItems",
];
/// Keywords of which a strict schema that is not the root needs one.
const KINDS: [&str; 5] = ["type", "$ref", "anyOf", "enum", "const"];

/// Checks a schema by the provider's rules; fails with its message.
pub(super) fn check_strict(schema: &str, schemas: &Schemas) -> Result<(), String> {
    let invalid = |error: &dyn std::fmt::Display| error.to_string();
    let root: Value = serde_json::from_str(schema).map_err(|error| invalid(&error))?;
    if let Value::Object(members) = &root {
        check_root(members)?;
        let defined =
            ["$defs", "definitions"].into_iter().filter_map(|name| Some((name, members.get(name)?)));
        for (name, defined) in defined {
            check_members(defined, &mut vec![name])?;
        }
        // The provider's SDK sends a root without any of these in its own tests.
        if KINDS.iter().any(|kind| members.contains_key(*kind)) || members.contains_key("properties") {
            check(members, &mut Vec::new())?;
        }
    }
    schemas.get(schema).map(|_| ()).map_err(|error| invalid(&error))
}

fn check_root(members: &Map<String, Value>) -> Result<(), String> {
    if ["oneOf", "anyOf", "allOf", "enum", "not"].iter().any(|name| members.contains_key(*name)) {
        return Err(
            "schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level."
                .to_owned(),
        );
    }
    match members.get("type") {
        Some(Value::String(kind)) if kind == "object" => Ok(()),
        None if members.contains_key("$ref") || !members.contains_key("properties") => Ok(()),
        other => {
            let found = match other {
                Some(Value::String(kind)) => kind.clone(),
                Some(other) => other.to_string(),
                None => "None".to_owned(),
            };
            Err(format!("schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{found}\"'."))
        }
    }
}

/// Checks the schema at `path`, and those within it. Their depth is limited by the parser.
fn check<'a>(members: &'a Map<String, Value>, path: &mut Vec<&'a str>) -> Result<(), String> {
    if let Some(name) = NOT_PERMITTED.iter().find(|name| members.contains_key(**name)) {
        return Err(format!("In context={}, '{name}' is not permitted.", context(path)));
    }
    if !path.is_empty() && !KINDS.iter().any(|kind| members.contains_key(*kind)) {
        return Err(format!("In context={}, schema must have a 'type' key.", context(path)));
    }
    if is_object(members) {
        check_object(members, path)?;
    }
    for name in ["items", "additionalProperties"] {
        if let Some(Value::Object(inner)) = members.get(name) {
            within(path, name, |path| check(inner, path))?;
        }
    }
    if let Some(Value::Array(branches)) = members.get("anyOf") {
        for (index, branch) in branches.iter().enumerate() {
            let Value::Object(branch) = branch else { continue };
            // The provider names the first branches by their numbers; more are rare.
            let index = ["0", "1", "2", "3", "4", "5", "6", "7"].get(index).copied().unwrap_or("8");
            within(path, "anyOf", |path| within(path, index, |path| check(branch, path)))?;
        }
    }
    match members.get("properties") {
        Some(properties) => within(path, "properties", |path| check_members(properties, path)),
        None => Ok(()),
    }
}

/// Checks the schemas that are the members of an object.
fn check_members<'a>(members: &'a Value, path: &mut Vec<&'a str>) -> Result<(), String> {
    let Value::Object(members) = members else { return Ok(()) };
    for (name, schema) in members {
        let Value::Object(schema) = schema else { continue };
        within(path, name, |path| check(schema, path))?;
    }
    Ok(())
}

fn within<'a>(
    path: &mut Vec<&'a str>,
    name: &'a str,
    check: impl FnOnce(&mut Vec<&'a str>) -> Result<(), String>,
) -> Result<(), String> {
    path.push(name);
    check(path)?;
    path.pop();
    Ok(())
}

fn is_object(members: &Map<String, Value>) -> bool {
    match members.get("type") {
        Some(Value::String(kind)) => kind == "object",
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "object"),
        _ => members.contains_key("properties"),
    }
}

fn check_object(members: &Map<String, Value>, path: &[&str]) -> Result<(), String> {
    if members.get("additionalProperties") != Some(&Value::Bool(false)) {
        let context = context(path);
        return Err(format!(
            "In context={context}, 'additionalProperties' is required to be supplied and to be false."
        ));
    }
    let Some(Value::Object(properties)) = members.get("properties") else { return Ok(()) };
    let required = match members.get("required") {
        Some(Value::Array(names)) => &**names,
        _ => &[],
    };
    match properties.keys().find(|name| !required.iter().any(|other| other == *name)) {
        Some(missing) => Err(format!(
            "In context={}, 'required' is required to be supplied and to be an array including every key in \
             properties. Missing '{missing}'.",
            context(path)
        )),
        None => Ok(()),
    }
}

/// The path as the provider writes it: `('properties', 'city')`.
fn context(path: &[&str]) -> String {
    let names: Vec<String> = path.iter().map(|name| format!("'{name}'")).collect();
    match &*names {
        [only] => format!("({only},)"),
        names => format!("({})", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(schema: &str) -> String {
        check_strict(schema, &Schemas::new()).unwrap_err()
    }

    #[test]
    fn check_strict_accepts_schemas_of_the_sdk() {
        for schema in [
            r#"{"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": false}"#,
            r##"{"$defs": {"S": {"type": "object", "properties": {}, "additionalProperties": false, "required": []}}, "type": "object",
                "properties": {"s": {"type": "array", "items": {"$ref": "#/$defs/S"}}, "n": {"anyOf": [{"type": "integer"}, {"type": "null"}]}},
                "required": ["s", "n"], "additionalProperties": false}"##,
            r#"{"type": "object", "properties": {}, "additionalProperties": false, "required": []}"#,
            r#"{"foo": "bar"}"#,
        ] {
            assert_eq!(check_strict(schema, &Schemas::new()), Ok(()), "{schema}");
        }
    }

    #[test]
    fn check_strict_names_the_broken_rule_as_the_provider_does() {
        insta::assert_snapshot!(fault(r#"{"type": "object", "properties": {}}"#), @"In context=(), 'additionalProperties' is required to be supplied and to be false.");
        insta::assert_snapshot!(fault(r#"{"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "required": ["a"], "additionalProperties": false}"#), @"In context=(), 'required' is required to be supplied and to be an array including every key in properties. Missing 'b'.");
        insta::assert_snapshot!(fault(r#"{"type": "object", "properties": {"a": {"type": "object"}}, "required": ["a"], "additionalProperties": false}"#), @"In context=('properties', 'a'), 'additionalProperties' is required to be supplied and to be false.");
        insta::assert_snapshot!(fault(r#"{"type": "object", "properties": {"a": {"type": "array", "items": {"allOf": []}}}, "required": ["a"], "additionalProperties": false}"#), @"In context=('properties', 'a', 'items'), 'allOf' is not permitted.");
        insta::assert_snapshot!(fault(r#"{"type": "object", "properties": {"a": {}}, "required": ["a"], "additionalProperties": false}"#), @"In context=('properties', 'a'), schema must have a 'type' key.");
        insta::assert_snapshot!(fault(r#"{"anyOf": [{"type": "object"}]}"#), @"schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level.");
        insta::assert_snapshot!(fault(r#"{"type": "array", "items": {"type": "string"}}"#), @r#"schema must be a JSON Schema of 'type: "object"', got 'type: "array"'."#);
        insta::assert_snapshot!(fault(r#"{"properties": {}}"#), @r#"schema must be a JSON Schema of 'type: "object"', got 'type: "None"'."#);
        insta::assert_snapshot!(fault(r#"{"$defs": {"S": {"type": "object"}}, "type": "object", "properties": {}, "additionalProperties": false}"#), @"In context=('$defs', 'S'), 'additionalProperties' is required to be supplied and to be false.");
        insta::assert_snapshot!(fault(r#"{"type": "object", "properties": {"a": {"type": "string", "pattern": "^(?!x)"}}, "required": ["a"], "additionalProperties": false}"#), @r##"#/properties/a/pattern: "^(?!x)" cannot be used: look-around, including look-ahead and look-behind, is not supported"##);
    }
}
