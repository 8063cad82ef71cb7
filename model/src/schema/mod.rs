//! JSON that satisfies a JSON Schema.
//!
//! A text is compiled once to a `Graph` of nodes. A writer follows the rules of the nodes; where they do not determine
//! the value (mutually exclusive branches), the value is validated and written again if it is invalid. One value is
//! written at compile time, so that a schema that cannot be satisfied is an error there and nowhere else.

mod cache;
mod compile;
mod graph;
mod height;
mod json;
mod keywords;
mod node;
mod pattern;
mod subschemas;
mod validate;
mod work;
mod write;

use std::sync::Arc;

pub use cache::Schemas;
pub(crate) use json::Json;
use weir_pace::Seed;

use self::{
    graph::Graph,
    node::{Kinds, Node, ObjectRules},
};

/// A JSON Schema, compiled.
#[derive(Debug)]
pub struct Schema {
    graph: Graph,
    /// A text that satisfies it.
    sample: Arc<str>,
    /// The work that writing the sample took.
    work: u64,
}

/// A schema for which no JSON can be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{pointer}: {message}", if pointer.is_empty() { "the schema" } else { "#" })]
pub struct SchemaError {
    /// The position in the schema, as a JSON pointer.
    pub pointer: String,
    /// The problem.
    pub message: String,
    kind: SchemaErrorKind,
}

/// Kinds of errors of schemas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SchemaErrorKind {
    /// The schema is not valid.
    Invalid,
    /// The schema is valid, but a rule of it cannot be honoured.
    NotHonoured,
}

/// What happens to rules of a schema that cannot be honoured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Leniency {
    /// They are an error.
    Strict,
    /// They are ignored.
    Lenient,
    /// They are ignored, as are all rules that do not describe the structure of values: what remains are types, listed
    /// values, properties, items and references.
    Structure,
}

impl SchemaError {
    fn new(pointer: &str, message: impl Into<String>) -> Self {
        Self { pointer: pointer.to_owned(), message: message.into(), kind: SchemaErrorKind::Invalid }
    }

    fn not_honoured(pointer: &str, message: impl Into<String>) -> Self {
        Self { kind: SchemaErrorKind::NotHonoured, ..Self::new(pointer, message) }
    }
}

impl Schema {
    /// Compiles a JSON text; fails if a rule cannot be honoured.
    pub fn compile(text: &str) -> Result<Self, SchemaError> {
        Self::compile_with(text, Leniency::Strict)
    }

    /// Compiles a JSON text, and ignores the rules that cannot be honoured. Fails if it is not a valid schema.
    pub fn compile_lenient(text: &str) -> Result<Self, SchemaError> {
        let is_invalid = |error: &SchemaError| error.kind == SchemaErrorKind::Invalid;
        match Self::compile_with(text, Leniency::Lenient) {
            Err(error) if !is_invalid(&error) => {}
            result => return result,
        }
        match Self::compile_with(text, Leniency::Structure) {
            Err(error) if !is_invalid(&error) => Ok(Self::any_object()),
            result => result,
        }
    }

    fn compile_with(text: &str, leniency: Leniency) -> Result<Self, SchemaError> {
        let graph = compile::compile(text, leniency)?;
        let (sample, work) = write::write(&graph, Seed::new(0));
        let sample = sample?.to_string().into();
        Ok(Self { graph, sample, work })
    }

    /// Writes a JSON text that satisfies it.
    #[must_use]
    pub fn write(&self, seed: Seed) -> String {
        self.write_counted(seed).0
    }

    /// Writes a JSON text that satisfies it; returns the work that it took, too.
    pub(crate) fn write_counted(&self, seed: Seed) -> (String, u64) {
        let (json, work) = write::write(&self.graph, seed);
        (json.map_or_else(|_| self.sample.to_string(), |json| json.to_string()), work)
    }

    /// The work that it takes to write a text, approximately, in units of some nanoseconds.
    pub(crate) fn work(&self) -> u64 {
        self.work + self.sample.len() as u64
    }

    /// Its approximate size in bytes, apart from its text.
    fn bytes(&self) -> usize {
        self.sample.len() + self.graph.bytes()
    }

    /// The schema that any object satisfies.
    fn any_object() -> Self {
        let object = ObjectRules { min: 1, ..ObjectRules::default() };
        let graph = Graph::of(Node { kinds: Kinds::OBJECT, object, ..Node::default() });
        Self { graph, sample: r#"{"answer":"none"}"#.into(), work: 1 }
    }
}

#[cfg(test)]
mod tests;
