//! Compiles a schema's text to nodes.

use super::{
    Leniency, SchemaError,
    graph::Graph,
    json::Json,
    keywords,
    node::{Node, NodeId},
    subschemas::Subschemas,
};

/// Maximum bytes of a schema's text.
const TEXT_BYTES: usize = 256 << 10;

pub(super) fn compile(text: &str, leniency: Leniency) -> Result<Graph, SchemaError> {
    if text.len() > TEXT_BYTES {
        let message = format!("it has {} bytes: at most {TEXT_BYTES} are read", text.len());
        return Err(SchemaError::not_honoured("", message));
    }
    let json: Json = serde_json::from_str(text)
        .map_err(|error| SchemaError::new("", format!("not valid JSON: {error}")))?;
    let mut subschemas = Subschemas::new(&json, leniency);
    let root = subschemas.part("", &json)?;
    debug_assert_eq!(root, Graph::ROOT);
    Graph::new(nodes(subschemas)?)
}

/// Compiles all nodes, by their ids.
fn nodes(mut subschemas: Subschemas<'_>) -> Result<Vec<Node>, SchemaError> {
    let mut nodes: Vec<(NodeId, Node)> = Vec::new();
    while let Some((id, pointer, json)) = subschemas.next_pending() {
        nodes.push((id, keywords::node(&mut subschemas, pointer, json)?));
    }
    nodes.sort_unstable_by_key(|(id, _)| *id);
    Ok(nodes.into_iter().map(|(_, node)| node).collect())
}
