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
}

/// A schema for which no JSON can be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{pointer}: {message}", if pointer.is_empty() { "the schema" } else { "#" })]
pub struct SchemaError {
    /// The position in the schema, as a JSON pointer.
    pub pointer: String,
    /// The problem.
    pub message: String,
}

impl SchemaError {
    fn new(pointer: &str, message: impl Into<String>) -> Self {
        Self { pointer: pointer.to_owned(), message: message.into() }
    }
}

impl Schema {
    /// Compiles a JSON text.
    pub fn compile(text: &str) -> Result<Self, SchemaError> {
        let graph = compile::compile(text)?;
        let sample = write::write(&graph, Seed::new(0))?.to_string().into();
        Ok(Self { graph, sample })
    }

    /// Writes a JSON text that satisfies it.
    #[must_use]
    pub fn write(&self, seed: Seed) -> String {
        write::write(&self.graph, seed).map_or_else(|_| self.sample.to_string(), |json| json.to_string())
    }

    /// Its approximate size in bytes, apart from its text.
    fn bytes(&self) -> usize {
        self.sample.len() + self.graph.bytes()
    }

    /// The schema that any object satisfies.
    fn any_object() -> Self {
        let object = ObjectRules { min: 1, ..ObjectRules::default() };
        let graph = Graph::of(Node { kinds: Kinds::OBJECT, object, ..Node::default() });
        Self { graph, sample: r#"{"answer":"none"}"#.into() }
    }
}

#[cfg(test)]
mod tests;
