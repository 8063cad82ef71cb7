//! JSON that satisfies a JSON Schema.

use std::sync::Arc;

use weir_pace::Seed;

/// A JSON Schema, compiled.
#[derive(Debug)]
pub struct Schema;

/// A schema for which no JSON can be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {message}")]
pub struct SchemaError {
    /// Where in the schema, as a JSON pointer.
    pub pointer: String,
    /// What is wrong there.
    pub message: String,
}

impl Schema {
    /// A JSON text that satisfies it.
    #[must_use]
    pub fn write(&self, _seed: Seed) -> String {
        "{}".to_owned()
    }
}

/// Schemas by their text, compiled once; a bounded number of them.
#[derive(Debug)]
pub struct Schemas {
    any_object: Schema,
}

impl Schemas {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self { any_object: Schema }
    }

    /// The schema of that text, which is JSON.
    pub fn get(&self, _text: &str) -> Result<Arc<Schema>, SchemaError> {
        Ok(Arc::new(Schema))
    }

    /// That of any object.
    #[must_use]
    pub const fn any_object(&self) -> &Schema {
        &self.any_object
    }
}
