//! The reference of scenarios in Markdown: every key of the JSON Schema, and every figure of thresholds.

mod examples;

use std::fmt::Write as _;

use serde_json::{Map, Value};
use weir_results::figure_descriptions;

use super::Scenario;

use self::examples::example;

/// A table of a scenario: its heading, the name of its definition in the schema, and what introduces it.
struct Table {
    heading: &'static str,
    definition: &'static str,
    about: &'static str,
}

const TABLES: [Table; 15] = [
    Table { heading: "Top level", definition: "", about: "" },
    Table {
        heading: "`[load]`",
        definition: "RawLoad",
        about: "One of `users`, `concurrency`, `rate`, `stages` and `search`.",
    },
    Table { heading: "`[[load.stages]]`", definition: "RawStage", about: "" },
    Table { heading: "`[load.search]`", definition: "RawSearch", about: "" },
    Table { heading: "`[user.NAME]`", definition: "RawUser", about: "" },
    Table { heading: "`[[user.NAME.task]]`", definition: "RawTask", about: "" },
    Table { heading: "`[[user.NAME.on_start]]`, `[[user.NAME.on_stop]]`", definition: "RawHook", about: "" },
    Table { heading: "`retry` of a task", definition: "RawRetry", about: "" },
    Table { heading: "`check` of a task", definition: "RawCheck", about: "" },
    Table { heading: "`capture.NAME` of a task", definition: "RawCapture", about: "" },
    Table { heading: "`[timeouts]`", definition: "RawTimeouts", about: "" },
    Table { heading: "`[feed.NAME]`", definition: "RawFeed", about: "" },
    Table { heading: "`[price.\"MODEL\"]`", definition: "ModelPrice", about: "" },
    Table {
        heading: "A threshold as a table",
        definition: "LimitTable",
        about: "`all = { limit = \"errors < 20%\", abort = true }` instead of `all = \"errors < 20%\"`.",
    },
    Table { heading: "`[variant.NAME]`", definition: "RawVariant", about: "" },
];

const INTRODUCTION: &str = "\
# Scenarios

Every key of a scenario file, with its type, default and an example, and every figure that a threshold can name. This page is
made from the program: `weir schema scenario-reference > docs/scenarios.md` writes it again.

`weir init` writes a first scenario, `weir load show chat` prints a built-in one, and `weir schema scenario` prints a JSON Schema
for editors. An unknown key is an error that names the nearest known one.

Durations have a unit: `\"250ms\"`, `\"1.5s\"`, `\"1m30s\"`. A latency is a duration, or a distribution: `{ between = [\"1s\", \"3s\"] }`,
`{ p50 = \"200ms\", p95 = \"900ms\" }`, `{ exponential = { mean = \"1s\" } }`. Texts of requests may be templates: `{{ n }}` (the
number of the request), `{{ uuid() }}`, `{{ random(1, 6) }}`, `{{ pick([\"a\", \"b\"]) }}`, `{{ feed.NAME }}`, `{{ env.NAME }}`, and
captured values.
";

const FIGURES: &str = "
## Figures of thresholds

A threshold compares a figure with a bound: `ttft.p95 < 500ms`, `errors < 1%`, `rps > 50`. It is about all requests; the keys of
`[thresholds]` are `all`, the name of a task or that of a class, and `task(\"chat\").ttft.p95 < 500ms` names one inside the text.
Of durations, any percentile (`p50`, `p99.9`), `mean`, `min` and `max` can be named.

| figure | meaning | bound |
|---|---|---|
";

impl Scenario {
    /// Returns the reference of scenarios, in Markdown.
    #[must_use]
    pub fn reference() -> String {
        let schema = Self::schema();
        let mut text = INTRODUCTION.to_owned();
        for Table { heading, definition, about } in TABLES {
            let shape = if definition.is_empty() {
                Some(&schema)
            } else {
                schema.pointer(&format!("/$defs/{definition}"))
            };
            write_table(&mut text, heading, definition, about, shape.unwrap_or(&Value::Null));
        }
        for shape in request_shapes(&schema) {
            let kind = kind_of(shape);
            let about = shape.get("description").and_then(Value::as_str).unwrap_or_default();
            write_table(&mut text, &format!("`request` of the kind `{kind}`"), kind, about, shape);
        }
        text.push_str(FIGURES);
        for figure in figure_descriptions() {
            // Writing to a string does not fail.
            let _ = writeln!(text, "| `{}` | {} | {} |", figure.name, figure.meaning, figure.bound);
        }
        text
    }
}

/// The shapes of all kinds of requests.
fn request_shapes(schema: &Value) -> impl Iterator<Item = &Value> {
    schema.pointer("/$defs/Request/oneOf").and_then(Value::as_array).into_iter().flatten()
}

fn kind_of(shape: &Value) -> &str {
    shape.pointer("/properties/kind/const").and_then(Value::as_str).unwrap_or_default()
}

fn properties(shape: &Value) -> Option<&Map<String, Value>> {
    shape.get("properties").and_then(Value::as_object)
}

fn write_table(text: &mut String, heading: &str, table: &str, about: &str, shape: &Value) {
    let about = if about.is_empty() { String::new() } else { format!("{about}\n\n") };
    let _ = write!(
        text,
        "\n## {heading}\n\n{about}| key | type | default | example | meaning |\n|---|---|---|---|---|\n"
    );
    for (key, property) in properties(shape).into_iter().flatten() {
        let is_required = shape
            .get("required")
            .and_then(Value::as_array)
            .is_some_and(|required| required.iter().any(|name| name == key.as_str()));
        let description =
            property.get("description").and_then(Value::as_str).unwrap_or("The kind of request.");
        let description = description.replace('\n', " ");
        let (meaning, default) = split_default(&description);
        let default =
            if is_required { "required".to_owned() } else { default.unwrap_or("none").replace('`', "") };
        let example = example(table, key).unwrap_or_default();
        let _ = writeln!(
            text,
            "| `{key}` | {} | {default} | `{}` | {} |",
            type_of(property),
            example.replace('|', "\\|"),
            meaning.replace('|', "\\|"),
        );
    }
}

/// Splits `The weight (1).` into the meaning and the default, which is in parentheses at the end of a sentence.
fn split_default(description: &str) -> (String, Option<&str>) {
    let found = description.match_indices(" (").find_map(|(start, _)| {
        let rest = description.get(start + " (".len()..)?;
        let (default, after) = rest.split_once(')')?;
        after
            .starts_with('.')
            .then(|| (format!("{}{after}", description.get(..start).unwrap_or_default()), default))
    });
    found.map_or((description.to_owned(), None), |(meaning, default)| (meaning, Some(default)))
}

/// The type of a key in plain words.
fn type_of(property: &Value) -> String {
    if property.get("const").is_some() {
        return "text".to_owned();
    }
    if let Some(name) = property.get("$ref").and_then(Value::as_str) {
        return named_type(name.rsplit('/').next().unwrap_or_default());
    }
    if let Some(shapes) = property.get("anyOf").and_then(Value::as_array) {
        let mut types: Vec<String> = shapes.iter().map(type_of).collect();
        types.dedup();
        return types.join(" or ");
    }
    let names = match property.get("type") {
        Some(Value::String(name)) => vec![name.as_str()],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => return "any value".to_owned(),
    };
    let word = |name: &str| match name {
        "string" => "text",
        "integer" => "whole number",
        "number" => "number",
        "boolean" => "true or false",
        "array" => "list",
        _ => "table",
    };
    names.into_iter().map(word).collect::<Vec<_>>().join(" or ")
}

/// The type that a definition describes.
fn named_type(definition: &str) -> String {
    match definition {
        "Duration" => "duration",
        "Latency" => "latency",
        "Rate" => "rate",
        "Amount" => "whole number or distribution",
        "Statuses" => "status or list",
        "EventTypes" => "text or list",
        _ => "table",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn reference_in_docs_is_current() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/scenarios.md");
        let written = fs::read_to_string(path).unwrap_or_default();
        assert!(
            written == Scenario::reference(),
            "docs/scenarios.md is not current: weir schema scenario-reference > docs/scenarios.md"
        );
    }

    #[test]
    fn reference_has_every_table_of_the_schema() {
        let schema = Scenario::schema();
        let tables: Vec<&str> = TABLES.iter().map(|table| table.definition).collect();
        for (name, shape) in schema["$defs"].as_object().unwrap() {
            let is_table = properties(shape).is_some();
            assert!(!is_table || tables.contains(&name.as_str()), "{name} is not in the reference");
        }
    }

    #[test]
    fn example_of_every_key_is_valid() {
        let schema = Scenario::schema();
        let of_tables = TABLES.iter().map(|table| {
            let pointer = if table.definition.is_empty() {
                String::new()
            } else {
                format!("/$defs/{}", table.definition)
            };
            (table.definition, schema.pointer(&pointer).unwrap())
        });
        let of_requests = request_shapes(&schema).map(|shape| (kind_of(shape), shape));
        let mut count = 0;
        for (table, shape) in of_tables.chain(of_requests) {
            for (key, property) in properties(shape).unwrap() {
                let example = example(table, key).unwrap_or_else(|| panic!("{table}.{key} has no example"));
                let value = toml::from_str::<toml::Table>(example)
                    .unwrap_or_else(|error| panic!("{example}: {error}"));
                let value = serde_json::to_value(&value[key]).unwrap();
                let of_key = serde_json::json!({ "$defs": schema["$defs"], "allOf": [property] });
                assert!(
                    jsonschema::is_valid(&of_key, &value),
                    "{table}: {example} is not valid for {property}"
                );
                count += 1;
            }
        }
        assert!(count > 100, "{count}");
    }

    #[test]
    fn split_default_finds_parentheses_at_the_end_of_a_sentence() {
        assert_eq!(split_default("The weight (1)."), ("The weight.".to_owned(), Some("1")));
        assert_eq!(split_default("A pause (none). More."), ("A pause. More.".to_owned(), Some("none")));
        assert_eq!(split_default("A file (PEM) of keys."), ("A file (PEM) of keys.".to_owned(), None));
    }
}
