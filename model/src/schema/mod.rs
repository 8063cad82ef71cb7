//! JSON that satisfies a JSON Schema.
//!
//! A text becomes a `Graph` of nodes, once. A value is written by a pen that follows what the nodes
//! demand, and where that does not decide it (branches that exclude each other) it is held against them and written
//! anew. One value is written when the schema is compiled: what cannot be written is an error there, and nowhere else.

mod cache;
mod compile;
mod height;
mod holds;
mod json;
mod keywords;
mod node;
mod pattern;
mod write;

use std::sync::Arc;

pub use cache::Schemas;
pub(crate) use json::Json;
use weir_pace::Seed;

use self::{
    compile::Graph,
    node::{Kinds, Node, ObjectRules},
};

/// A JSON Schema, compiled.
#[derive(Debug)]
pub struct Schema {
    graph: Graph,
    /// One text that satisfies it.
    sample: Arc<str>,
}

/// A schema for which no JSON can be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{pointer}: {message}", if pointer.is_empty() { "the schema" } else { "#" })]
pub struct SchemaError {
    /// Where in the schema, as a JSON pointer.
    pub pointer: String,
    /// What is wrong there.
    pub message: String,
}

impl Schema {
    /// The schema of that text, which is JSON.
    pub fn compile(text: &str) -> Result<Self, SchemaError> {
        let graph = Graph::compile(text)?;
        let sample = write::write(&graph, Seed::new(0))?.to_string().into();
        Ok(Self { graph, sample })
    }

    /// A JSON text that satisfies it.
    #[must_use]
    pub fn write(&self, seed: Seed) -> String {
        write::write(&self.graph, seed).map_or_else(|_| self.sample.to_string(), |json| json.to_string())
    }

    /// About how many bytes it takes, apart from what stands in its text.
    fn bytes(&self) -> usize {
        self.sample.len() + self.graph.bytes()
    }

    /// That of any object.
    fn any_object() -> Self {
        let object = ObjectRules { min: 1, ..ObjectRules::default() };
        let graph = Graph::of(Node { kinds: Kinds::OBJECT, object, ..Node::default() });
        Self { graph, sample: r#"{"answer":"none"}"#.into() }
    }
}

#[cfg(test)]
mod tests;
