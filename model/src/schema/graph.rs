//! The compiled form of a schema.

use super::{
    SchemaError, height,
    node::{Node, NodeId},
    pattern::Pattern,
};

/// The nodes of a schema; the first is its root.
#[derive(Debug, Default)]
pub(super) struct Graph {
    nodes: Vec<Node>,
    /// The minimum nesting depth of a value of each node.
    heights: Vec<u32>,
}

impl Graph {
    pub(super) const ROOT: NodeId = 0;

    /// The graph of these nodes; fails if no finite value satisfies one of them.
    pub(super) fn new(nodes: Vec<Node>) -> Result<Self, SchemaError> {
        let heights = height::heights(&nodes);
        match height::fault(&nodes, &heights) {
            Some((node, message)) => Err(SchemaError::not_honoured(&node.pointer, message)),
            None => Ok(Self { nodes, heights }),
        }
    }

    /// A graph of a single node.
    pub(super) fn of(node: Node) -> Self {
        Self { nodes: vec![node], heights: vec![1] }
    }

    pub(super) fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id)
    }

    pub(super) fn height(&self, id: NodeId) -> u32 {
        self.heights.get(id).copied().unwrap_or(height::ENDLESS)
    }

    /// Its approximate size in bytes, apart from the schema's text.
    pub(super) fn bytes(&self) -> usize {
        let patterns = self.nodes.iter().flat_map(|node| {
            let named = node.object.patterns.iter().map(|(pattern, _)| pattern);
            node.string.pattern.iter().chain(named)
        });
        let pointers = self.nodes.iter().map(|node| node.pointer.len());
        size_of_val(&*self.nodes) + pointers.sum::<usize>() + patterns.map(Pattern::bytes).sum::<usize>()
    }
}
