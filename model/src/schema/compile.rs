//! Compiles a schema's text to nodes.

use std::collections::HashMap;

use super::{
    SchemaError, height,
    json::Json,
    keywords,
    node::{Node, NodeId},
    pattern::Pattern,
};

/// Limits of a schema: bytes of the text, nodes, regular expressions.
const TEXT_BYTES: usize = 256 << 10;
const NODES_MAX: usize = 4_096;
const PATTERNS_MAX: usize = 256;
/// Maximum bytes of the JSON pointers of all nodes.
const POINTER_BYTES: usize = 4 << 20;

/// The nodes of a schema; the first is its root.
#[derive(Debug, Default)]
pub(super) struct Graph {
    nodes: Vec<Node>,
    /// The minimum nesting depth of a value of each node.
    heights: Vec<u32>,
}

impl Graph {
    pub(super) const ROOT: NodeId = 0;

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

    pub(super) fn compile(text: &str) -> Result<Self, SchemaError> {
        if text.len() > TEXT_BYTES {
            let message = format!("it has {} bytes: at most {TEXT_BYTES} are read", text.len());
            return Err(SchemaError { pointer: String::new(), message });
        }
        let json: Json = serde_json::from_str(text).map_err(|error| SchemaError {
            pointer: String::new(),
            message: format!("not valid JSON: {error}"),
        })?;
        let mut compiler = Compiler::new(&json);
        let root = compiler.part("", &json)?;
        debug_assert_eq!(root, Self::ROOT);
        let nodes = compiler.nodes()?;
        let heights = height::heights(&nodes);
        if let Some((node, message)) = height::fault(&nodes, &heights) {
            return Err(error(&node.pointer, message));
        }
        Ok(Self { nodes, heights })
    }
}

pub(super) fn error(pointer: &str, message: impl Into<String>) -> SchemaError {
    SchemaError { pointer: pointer.to_owned(), message: message.into() }
}

/// Tracks which subschemas are compiled and which are pending.
pub(super) struct Compiler<'a> {
    root: &'a Json,
    ids: HashMap<String, NodeId>,
    waiting: Vec<(NodeId, String, &'a Json)>,
    patterns: usize,
    pointer_bytes: usize,
}

impl<'a> Compiler<'a> {
    fn new(root: &'a Json) -> Self {
        Self { root, ids: HashMap::new(), waiting: Vec::new(), patterns: 0, pointer_bytes: 0 }
    }

    /// Returns the node of the subschema at `pointer`, which may be pending.
    pub(super) fn part(&mut self, pointer: &str, json: &'a Json) -> Result<NodeId, SchemaError> {
        if let Some(id) = self.ids.get(pointer) {
            return Ok(*id);
        }
        let id = self.ids.len();
        if id >= NODES_MAX {
            return Err(error(pointer, format!("there are more than {NODES_MAX} schemas within it")));
        }
        self.pointer_bytes += pointer.len();
        if self.pointer_bytes > POINTER_BYTES {
            return Err(error("", "the names within it are too long"));
        }
        self.ids.insert(pointer.to_owned(), id);
        self.waiting.push((id, pointer.to_owned(), json));
        Ok(id)
    }

    /// Returns the target node of a reference at `pointer`.
    pub(super) fn target(&mut self, pointer: &str, reference: &str) -> Result<NodeId, SchemaError> {
        let Some(fragment) = reference.strip_prefix('#') else {
            let message = format!(
                "{reference:?} leads out of the schema: only references like \"#/$defs/name\" can be followed"
            );
            return Err(error(pointer, message));
        };
        if !(fragment.is_empty() || fragment.starts_with('/')) {
            let message =
                format!("{reference:?} is an anchor: only references like \"#/$defs/name\" can be followed");
            return Err(error(pointer, message));
        }
        let fragment = percent_decoded(fragment);
        let missing = || error(pointer, format!("{reference:?} leads to nothing"));
        let json = self.root.at(&fragment).ok_or_else(missing)?;
        self.part(&fragment, json)
    }

    /// Counts a regular expression at `pointer`; fails above the limit.
    pub(super) fn count_pattern(&mut self, pointer: &str) -> Result<(), SchemaError> {
        self.patterns += 1;
        if self.patterns > PATTERNS_MAX {
            return Err(error(pointer, format!("there are more than {PATTERNS_MAX} regular expressions")));
        }
        Ok(())
    }

    /// Compiles all nodes, by their ids. Pending subschemas are in a list, so that nesting does not use the stack.
    fn nodes(mut self) -> Result<Vec<Node>, SchemaError> {
        let mut nodes: Vec<Node> = Vec::new();
        while let Some((id, pointer, json)) = self.waiting.pop() {
            let node = keywords::node(&mut self, pointer, json)?;
            nodes.resize_with(self.ids.len().max(nodes.len()), Node::default);
            if let Some(place) = nodes.get_mut(id) {
                *place = node;
            }
        }
        Ok(nodes)
    }
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).filter(|_| *first == b'%').and_then(|code| std::str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
