//! The JSON Schema of scenarios, for editors.

use schemars::transform::RecursiveTransform;
use schemars::{Schema, generate::SchemaSettings};
use serde_json::Value;

use super::Scenario;
use super::raw::RawScenario;

impl Scenario {
    /// Returns the JSON Schema (draft 2020-12) of a scenario file.
    #[must_use]
    pub fn schema() -> Value {
        let settings = SchemaSettings::draft2020_12().with_transform(RecursiveTransform(without_null));
        let mut schema = settings.into_generator().into_root_schema_for::<RawScenario>();
        schema.insert("title".to_owned(), "A scenario of weir load".into());
        schema.to_value()
    }
}

/// Removes `null` from the types of optional keys: TOML has no such value.
fn without_null(schema: &mut Schema) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
    }
    if let Some(Value::Array(shapes)) = schema.get_mut("anyOf") {
        shapes.retain(|shape| shape.get("type").is_none_or(|name| name != "null"));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::scenario::builtin;
    use crate::scenario::tests::mistakes::{UNKNOWN_KEYS, scenario};

    fn validator() -> jsonschema::Validator {
        let schema = Scenario::schema();
        assert!(jsonschema::meta::is_valid(&schema), "{schema:#}");
        jsonschema::validator_for(&schema).unwrap()
    }

    /// Returns the errors of a scenario against the schema.
    fn errors(text: &str) -> Vec<String> {
        let document = serde_json::to_value(toml::from_str::<toml::Value>(text).unwrap()).unwrap();
        validator()
            .iter_errors(&document)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect()
    }

    #[test]
    fn schema_valid_scenario_is_accepted() {
        for name in builtin::names() {
            assert_eq!(errors(builtin::text(name).unwrap()), [""; 0], "{name}");
        }
        assert_eq!(errors(&scenario("nowhere", "")), [""; 0]);
        let full = include_str!("tests/full.toml");
        Scenario::parse("full", "full.toml", full, &|_| Some("x".to_owned())).unwrap();
        assert_eq!(errors(full), [""; 0]);
    }

    #[test]
    fn schema_unknown_key_is_rejected_as_by_parse() {
        for (place, mistake, _) in UNKNOWN_KEYS {
            let text = scenario(place, mistake);
            assert_ne!(errors(&text), [""; 0], "{text}");
            Scenario::parse("mine", "mine.toml", &text, &|_| None).unwrap_err();
        }
    }

    #[test]
    fn schema_every_key_has_description() {
        let schema = Scenario::schema();
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        assert_eq!(schema["properties"]["about"]["description"], "The purpose of the scenario, in one line.");
        assert_eq!(schema["properties"]["about"]["type"], json!(["string"]));
        assert_eq!(schema["required"], json!(["load"]));
        let mut undescribed = Vec::new();
        for (name, shape) in schema["$defs"].as_object().unwrap() {
            let properties = shape.get("properties").and_then(Value::as_object).into_iter().flatten();
            undescribed.extend(
                properties
                    .filter(|(_, key)| key.get("description").is_none())
                    .map(|(key, _)| format!("{name}.{key}")),
            );
        }
        assert_eq!(undescribed, [""; 0], "keys without description");
    }
}
