//! What a dialect is to the load generator.

use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};

use crate::scenario::error::Invalid;
use crate::task::Templates;
use crate::task::read::EventReader;

use super::Request;

/// A kind of request: its keys in a scenario, and how its answers are read. An API is one folder that implements this,
/// [`BodyReader`](crate::task::read::BodyReader) and [`EventReader`], and one entry in
/// [`DIALECTS`](super::DIALECTS).
pub(super) trait Dialect: Sync {
    /// The value of `kind`.
    fn kind(&self) -> &'static str;

    /// The JSON Schema of the request, with its `kind`: see [`request_shape`].
    fn shape(&self, generator: &mut SchemaGenerator) -> Schema;

    /// Checks the keys of a request, without `kind`. The request is at `key` in the scenario.
    ///
    /// # Errors
    /// Returns the first key that is invalid.
    fn check(&self, table: toml::Table, key: &str, templates: &mut Templates) -> Result<Request, Invalid>;

    /// The reader of its streams for `http` requests whose `events` name this dialect.
    fn events(&self) -> Option<Arc<dyn EventReader>> {
        None
    }
}

/// The JSON Schema of a request: the keys of `T`, and `kind`.
pub(super) fn request_shape<T: JsonSchema>(kind: &str, generator: &mut SchemaGenerator) -> Schema {
    let mut schema = T::json_schema(generator);
    let members = schema.ensure_object();
    if let Some(Value::Object(properties)) = members.get_mut("properties") {
        properties.insert("kind".to_owned(), json!({ "const": kind }));
    }
    let required = members.entry("required").or_insert_with(|| json!([]));
    if let Value::Array(required) = required {
        required.push(json!("kind"));
    }
    schema
}
