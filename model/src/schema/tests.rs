//! Validates written texts with another implementation of JSON Schema.

mod generated;
mod lenient;

use serde_json::{Value, json};

use super::*;

/// Writes with `seeds` seeds, and checks that all texts are valid.
fn written(schema: &Value, seeds: u64) -> Vec<String> {
    let compiled = Schema::compile(&schema.to_string()).unwrap_or_else(|error| panic!("{error}: {schema:#}"));
    let validator = jsonschema::options().should_validate_formats(true).build(schema).unwrap();
    let text = |seed| {
        let text = compiled.write(Seed::new(seed));
        let value: Value = serde_json::from_str(&text).unwrap();
        if let Err(error) = validator.validate(&value) {
            panic!("{error} in {text} of {schema:#}");
        }
        text
    };
    (0..seeds).map(text).collect()
}

/// Returns the second of many different texts.
fn one(schema: &Value) -> String {
    let texts = written(schema, 40);
    let mut distinct = texts.clone();
    distinct.sort();
    distinct.dedup();
    assert!(distinct.len() > 10, "{distinct:#?}");
    texts[1].clone()
}

fn fault(schema: &Value) -> String {
    Schema::compile(&schema.to_string()).unwrap_err().to_string()
}

#[test]
fn write_satisfies_schemas_of_structured_outputs() {
    let event = json!({
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "date": {"type": "string", "format": "date"},
            "city": {"type": "string"},
            "participants": {"type": "array", "items": {"type": "string"}},
            "priority": {"type": "string", "enum": ["low", "high"]},
            "budget": {"anyOf": [{"type": "number", "minimum": 0}, {"type": "null"}]},
        },
        "required": ["name", "date", "city", "participants", "priority", "budget"],
        "additionalProperties": false,
    });
    insta::assert_snapshot!(one(&event), @r#"{"budget":22.31,"city":"Cork","date":"2023-01-12","name":"teacher","participants":["quiet team","team","public question"],"priority":"high"}"#);
    let reasoning = json!({
        "$defs": {"Step": {
            "type": "object", "title": "Step", "additionalProperties": false,
            "properties": {"explanation": {"title": "Explanation", "type": "string"}, "output": {"type": "string"}},
            "required": ["explanation", "output"],
        }},
        "type": "object", "additionalProperties": false, "title": "MathReasoning",
        "properties": {"steps": {"type": "array", "items": {"$ref": "#/$defs/Step"}}, "final_answer": {"type": "string"}},
        "required": ["steps", "final_answer"],
    });
    insta::assert_snapshot!(one(&reasoning), @r#"{"final_answer":"village","steps":[{"explanation":"Every deep island explains every wind.","output":"island"}]}"#);
}

#[test]
fn write_of_recursive_schemas_ends() {
    let tree = json!({
        "type": "object",
        "properties": {"label": {"type": "string"}, "children": {"type": "array", "items": {"$ref": "#"}}},
        "required": ["label", "children"], "additionalProperties": false,
    });
    assert!(written(&tree, 40).iter().all(|text| text.len() < 20_000));
    let list = json!({
        "$defs": {"node": {
            "type": "object",
            "properties": {"value": {"type": "integer"}, "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}},
            "required": ["value", "next"],
        }},
        "$ref": "#/$defs/node",
    });
    insta::assert_snapshot!(one(&list), @r#"{"next":null,"value":48}"#);
    let expression = json!({
        "$defs": {"e": {"anyOf": [
            {"type": "object", "properties": {"left": {"$ref": "#/$defs/e"}, "right": {"$ref": "#/$defs/e"}},
             "required": ["left", "right"], "additionalProperties": false},
            {"type": "integer", "minimum": 0, "maximum": 9},
        ]}},
        "type": "object", "properties": {"e": {"$ref": "#/$defs/e"}}, "required": ["e"],
    });
    written(&expression, 40);
}

#[test]
fn write_satisfies_schemas_of_tools() {
    let weather = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "properties": {
            "location": {"type": "string", "description": "The city, e.g. Oslo"},
            "unit": {"type": "string", "enum": ["celsius", "fahrenheit"], "default": "celsius"},
            "days": {"type": "integer", "minimum": 1, "maximum": 14},
        },
        "required": ["location"],
    });
    insta::assert_snapshot!(one(&weather), @r#"{"days":7,"location":"Kyoto","unit":"fahrenheit"}"#);
    let order = json!({
        "type": "object",
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "email": {"type": "string", "format": "email", "minLength": 30},
            "sku": {"type": "string", "pattern": "^[A-Z]{3}-\\d{4,}$", "maxLength": 9},
            "at": {"type": "string", "format": "date-time"},
            "price": {"type": "number", "exclusiveMinimum": 0, "maximum": 99.95, "multipleOf": 0.05},
            "lines": {"type": "array", "minItems": 2, "maxItems": 3, "uniqueItems": true, "items": {"type": "integer"}},
            "point": {"type": "array", "prefixItems": [{"type": "number"}, {"type": "number"}], "items": false, "minItems": 2},
            "labels": {"type": "object", "additionalProperties": {"type": "string"}},
            "flags": {"type": "object", "patternProperties": {"^x-[a-z]{3}$": {"type": "boolean"}}, "additionalProperties": false, "minProperties": 1},
        },
        "required": ["id", "email", "sku", "at", "price", "lines", "point", "labels", "flags"],
    });
    insta::assert_snapshot!(one(&order), @r#"{"at":"2025-12-15T02:08:55Z","email":"island.model.garden@example.com","flags":{"x-gue":false,"x-zps":true},"id":"bbf83318-e70e-4b11-9e19-7fbb09eab8d1","labels":{"company":"signal","island":"large window"},"lines":[42,26,8],"point":[61.72,31.21],"price":86.85,"sku":"YXD-85932"}"#);
}

#[test]
fn write_satisfies_branches() {
    let shape = json!({"oneOf": [
        {"type": "object", "properties": {"kind": {"const": "circle"}, "radius": {"type": "number", "minimum": 0}}, "required": ["kind", "radius"]},
        {"type": "object", "properties": {"kind": {"const": "square"}, "side": {"type": "number", "minimum": 0}}, "required": ["kind", "side"]},
    ]});
    insta::assert_snapshot!(one(&shape), @r#"{"kind":"square","side":44.52}"#);
    written(&json!({"oneOf": [{"type": "integer"}, {"type": "number"}]}), 40);
    written(&json!({"oneOf": [{"minimum": 5, "type": "integer"}, {"type": "integer", "maximum": 9}]}), 40);
    let merged = json!({
        "allOf": [
            {"$ref": "#/$defs/named"},
            {"properties": {"name": {"maxLength": 12}, "age": {"type": "integer", "minimum": 18}}, "required": ["age"]},
            {"properties": {"age": {"maximum": 21}}},
        ],
        "type": "object",
        "$defs": {"named": {"type": "object", "properties": {"name": {"type": "string", "minLength": 5}}, "required": ["name"]}},
    });
    insta::assert_snapshot!(one(&merged), @r#"{"name":"village","age":18}"#);
    written(
        &json!({"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
                    "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}),
        40,
    );
    written(&json!({"allOf": [{"enum": [1, 2, "x"]}, {"enum": ["x", 2, 3]}, {"type": "integer"}]}), 40);
}

#[test]
fn write_without_type_is_an_object_at_the_top() {
    for schema in
        [json!({}), json!(true), json!({"foo": "bar"}), json!({"type": ["string", "object", "null"]})]
    {
        assert!(written(&schema, 40).iter().all(|text| text.starts_with('{')), "{schema}");
    }
    // A tool without arguments.
    assert_eq!(written(&json!({"type": "object"}), 1)[0], "{}");
    // Providers' own examples have such properties.
    let loose = json!({"type": "object", "properties": {"location": "bar"}, "required": ["location"]});
    let text = Schema::compile(&loose.to_string()).unwrap().write(Seed::new(1));
    insta::assert_snapshot!(text, @r#"{"location":"Oslo"}"#);
    insta::assert_snapshot!(Schema::any_object().write(Seed::new(1)), @r#"{"signal":"rare shadow","mountain":"road"}"#);
    assert_eq!(written(&json!({"type": "object", "properties": {}}), 1)[0], "{}");
}

#[test]
fn compile_accepts_older_drafts() {
    let schema = json!({
        "$schema": "http://json-schema.org/draft-04/schema#",
        "type": "object",
        "properties": {
            "pair": {"type": "array", "items": [{"type": "integer"}, {"type": "string"}], "additionalItems": false, "minItems": 2},
            "above": {"type": "integer", "minimum": 3, "exclusiveMinimum": true, "maximum": 4},
        },
        "required": ["pair", "above"],
        "definitions": {"unused": {"not": {}}},
    });
    assert!(written(&schema, 40)[0].contains("\"above\":4"));
}

fn faults(schemas: &[Value]) -> String {
    let faults: Vec<String> = schemas.iter().map(fault).collect();
    faults.join("\n")
}

#[test]
fn compile_unsupported_keyword_names_its_pointer() {
    insta::assert_snapshot!(faults(&[
        json!({"type": "object", "properties": {"a": {"not": {"type": "string"}}}}),
        json!({"if": {}, "then": {}}),
        json!({"type": "object", "dependentSchemas": {"a": {}}}),
        json!({"type": "object", "unevaluatedProperties": false}),
        json!({"$ref": "https://example.com/a.json"}),
        json!({"$ref": "#/$defs/missing"}),
        json!({"$ref": "#name"}),
        json!({"type": "strng"}),
        json!({"type": 7}),
        json!({"enum": []}),
        json!({"type": "string", "pattern": "^(?!x)"}),
        json!({"type": "string", "minLength": 1_000_000}),
        json!({"type": "array", "minItems": 1e9}),
        json!({"type": "object", "required": ["a"], "properties": {}, "additionalProperties": false}),
        json!({"type": "object", "required": "a"}),
        json!({"type": "object", "properties": ["a"]}),
        json!({"allOf": [{"type": "string"}, {"type": "integer"}]}),
        json!({"oneOf": [{"type": "string"}, {"type": "string"}]}),
        json!({"anyOf": []}),
        json!({"items": 7}),
        json!({"minimum": "a"}),
        json!({"minLength": -1}),
        json!({"multipleOf": 0}),
    ]), @r##"
    #/properties/a/not: this keyword cannot be honoured
    #/if: this keyword cannot be honoured
    #/dependentSchemas: this keyword cannot be honoured
    #/unevaluatedProperties: this keyword cannot be honoured
    #/$ref: "https://example.com/a.json" leads out of the schema: only references like "#/$defs/name" can be followed
    #/$ref: "#/$defs/missing" leads to nothing
    #/$ref: "#name" is an anchor: only references like "#/$defs/name" can be followed
    #/type: "strng" is no type of JSON Schema (did you mean "string"?)
    #/type: expected a name like "string" or a list of them, found 7
    #/enum: expected a list of one or more, found []
    #/pattern: "^(?!x)" cannot be used: look-around, including look-ahead and look-behind, is not supported
    #/minLength: is 1000000: at most 16384 can be written
    #/minItems: is 1000000000: at most 1024 can be written
    #/additionalProperties: no value is allowed here, though one has to be there
    #/required: expected a list, found "a"
    #/properties: expected an object, found ["a"]
    #/allOf/0: its parts have no type in common
    #/oneOf/0: no value satisfies exactly one of the branches of its `oneOf`
    #/anyOf: expected a list of one or more, found []
    #/items: expected a schema: an object, true or false
    #/minimum: expected a number, found "a"
    #/minLength: expected a whole number of at least 0, found -1
    #/multipleOf: expected a number above zero of at most 15 digits
    "##);
}

#[test]
fn write_of_listed_value_has_the_format_that_another_node_requires() {
    let items =
        |format: &str| json!({"type": "array", "minItems": 1, "items": {"type": "string", "format": format}});
    let contains = json!({"contains": {"const": "here"}});
    for format in
        ["date-time", "date", "time", "duration", "email", "ipv4", "ipv6", "uri", "uuid", "json-pointer"]
    {
        assert!(
            fault(&json!({"allOf": [items(format), contains]})).contains("none of the values"),
            "{format}"
        );
    }
    written(&json!({"allOf": [items("hostname"), contains]}), 6);
    let own = json!({"const": "2026-11-30", "format": "date", "type": "string"});
    assert_eq!(written(&own, 1), [r#""2026-11-30""#]);
    let both = json!({"allOf": [{"type": "string", "format": "date"}, {"enum": ["soon", "2026-11-30"]}]});
    assert_eq!(written(&both, 2), [r#""2026-11-30""#, r#""2026-11-30""#]);
}

#[test]
fn compile_unsatisfiable_schema_fails() {
    insta::assert_snapshot!(faults(&[
        json!({"$ref": "#"}),
        json!({"type": "object", "properties": {"self": {"$ref": "#"}}, "required": ["self"]}),
        json!(false),
        json!({"type": "integer", "enum": ["a", "b"]}),
        json!({"type": "integer", "minimum": 5, "maximum": 3}),
        json!({"type": "integer", "exclusiveMinimum": 5, "exclusiveMaximum": 6}),
        json!({"type": "number", "minimum": 5, "maximum": 6, "multipleOf": 7}),
        json!({"type": "string", "minLength": 5, "maxLength": 3}),
        json!({"type": "string", "pattern": "^a{3}$", "minLength": 4}),
        json!({"type": "string", "format": "uuid", "maxLength": 8}),
        json!({"type": "array", "minItems": 3, "maxItems": 2}),
        json!({"type": "array", "minItems": 3, "uniqueItems": true, "items": {"type": "boolean"}}),
        json!({"type": "object", "required": ["a", "b"], "maxProperties": 1}),
        json!([]),
    ]), @r##"
    the schema: it contains itself without end
    the schema: it contains itself without end
    the schema: no value is allowed here, though one has to be there
    the schema: none of the values that it lists satisfies the rest of it
    the schema: no integer is at least 5 and at most 3
    the schema: no integer is above 5 and below 6
    the schema: no number is at least 5 and at most 6 and a multiple of 7
    the schema: no text has at least 5 and at most 3 characters
    the schema: no text was found that matches "^a{3}$", with at least 4 characters
    the schema: no text of its `format` was found, with at most 8 characters
    the schema: no array has at least 3 and at most 2 items
    the schema: not enough distinct items were found
    the schema: no object has at least 2 and at most 1 properties
    the schema: expected a schema: an object, true or false
    "##);
    insta::assert_snapshot!(Schema::compile("{").unwrap_err(), @"the schema: not valid JSON: EOF while parsing an object at line 1 column 1");
}

#[test]
fn compile_of_large_schemas_is_bounded() {
    let deep = (0..100)
        .fold("{}".to_owned(), |inner, _| format!("{{\"items\":{inner},\"minItems\":1,\"type\":\"array\"}}"));
    insta::assert_snapshot!(Schema::compile(&deep).unwrap_err(), @"#/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items/items: what it asks for is more than 64 levels deep");
    let wide =
        json!({"type": "array", "minItems": 1000, "items": {"type": "array", "minItems": 1000, "items": {}}});
    insta::assert_snapshot!(fault(&wide), @"#/items/items: what it asks for is too large to be written");
    let long = json!({"type": "array", "minItems": 1000, "items": {"type": "string", "minLength": 16000}});
    insta::assert_snapshot!(fault(&long), @"#/items: what it asks for is too large to be written");
    insta::assert_snapshot!(Schema::compile(&" ".repeat(300_000)).unwrap_err(), @"the schema: it has 300000 bytes: at most 262144 are read");
    let many: serde_json::Map<_, _> = (0..5_000).map(|number| (number.to_string(), json!({}))).collect();
    insta::assert_snapshot!(fault(&json!({"properties": many})), @"#/properties/4684: there are more than 4096 schemas within it");
    // Branches of branches: they are not all tried.
    let branches: serde_json::Map<_, _> = (0..40)
        .map(|number| (number.to_string(), json!({"anyOf": [{"$ref": format!("#/$defs/{}", number + 1)}, {"$ref": format!("#/$defs/{}", number + 1)}]})))
        .chain([("40".to_owned(), json!({"type": "string"}))])
        .collect();
    written(&json!({"$defs": branches, "type": "object", "properties": {"a": {"$ref": "#/$defs/0"}}}), 40);
}

#[test]
fn compile_of_nested_unique_arrays_ends_within_its_work() {
    let values: Vec<usize> = (0..600).collect();
    let values = serde_json::to_string(&values).unwrap();
    let unique =
        |items: &str| format!(r#"{{"type":"array","uniqueItems":true,"minItems":300,"items":{items}}}"#);
    let one = unique(&format!(r#"{{"enum":{values}}}"#));
    let (json, work) = write::write(&Schema::compile(&one).unwrap().graph, Seed::new(3));
    assert!(json.is_ok() && work < 1_000_000, "{work} units");
    let nested = unique(&unique(&one));
    assert_eq!(Schema::compile(&nested).unwrap_err().message, "what it asks for is too large to be written");
    let lenient = Schema::compile_lenient(&nested).unwrap();
    assert!(serde_json::from_str::<Value>(&lenient.write(Seed::new(1))).is_ok());
}

#[test]
fn write_of_nested_repetitions_is_bounded() {
    let schema = Schema::compile(r#"{"type":"string","pattern":"^(((((a*)*)*)*)*)*b?$","minLength":5}"#);
    assert!(schema.unwrap().write(Seed::new(1)).len() <= 70_000);
}
