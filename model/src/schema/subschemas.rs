//! The subschemas of a schema, by their JSON pointers.

use std::collections::HashMap;

use super::{Leniency, SchemaError, json::Json, node::NodeId};

/// Limits of a schema: nodes, regular expressions.
const NODES_MAX: usize = 4_096;
const PATTERNS_MAX: usize = 256;
/// Maximum bytes of the JSON pointers of all nodes.
const POINTER_BYTES: usize = 4 << 20;

/// The subschemas of a schema that have been found: compiled or pending. Pending ones are in a list, so that nesting does
/// not use the stack.
pub(super) struct Subschemas<'a> {
    pub(super) leniency: Leniency,
    root: &'a Json,
    ids: HashMap<String, NodeId>,
    pending: Vec<(NodeId, String, &'a Json)>,
    patterns: usize,
    pointer_bytes: usize,
}

impl<'a> Subschemas<'a> {
    pub(super) fn new(root: &'a Json, leniency: Leniency) -> Self {
        Self { leniency, root, ids: HashMap::new(), pending: Vec::new(), patterns: 0, pointer_bytes: 0 }
    }

    /// Returns the node of the subschema at `pointer`, which may be pending.
    pub(super) fn part(&mut self, pointer: &str, json: &'a Json) -> Result<NodeId, SchemaError> {
        if let Some(id) = self.ids.get(pointer) {
            return Ok(*id);
        }
        let id = self.ids.len();
        if id >= NODES_MAX {
            return Err(SchemaError::not_honoured(
                pointer,
                format!("there are more than {NODES_MAX} schemas within it"),
            ));
        }
        self.pointer_bytes += pointer.len();
        if self.pointer_bytes > POINTER_BYTES {
            return Err(SchemaError::not_honoured("", "the names within it are too long"));
        }
        self.ids.insert(pointer.to_owned(), id);
        self.pending.push((id, pointer.to_owned(), json));
        Ok(id)
    }

    /// Returns the target node of a reference at `pointer`.
    pub(super) fn target(&mut self, pointer: &str, reference: &str) -> Result<NodeId, SchemaError> {
        let Some(fragment) = reference.strip_prefix('#') else {
            let message = format!(
                "{reference:?} leads out of the schema: only references like \"#/$defs/name\" can be followed"
            );
            return Err(SchemaError::not_honoured(pointer, message));
        };
        if !(fragment.is_empty() || fragment.starts_with('/')) {
            let message =
                format!("{reference:?} is an anchor: only references like \"#/$defs/name\" can be followed");
            return Err(SchemaError::not_honoured(pointer, message));
        }
        let fragment = percent_decoded(fragment);
        let missing = || SchemaError::not_honoured(pointer, format!("{reference:?} leads to nothing"));
        let json = self.root.at(&fragment).ok_or_else(missing)?;
        self.part(&fragment, json)
    }

    /// Counts a regular expression at `pointer`; fails above the limit.
    pub(super) fn count_pattern(&mut self, pointer: &str) -> Result<(), SchemaError> {
        self.patterns += 1;
        if self.patterns > PATTERNS_MAX {
            return Err(SchemaError::not_honoured(
                pointer,
                format!("there are more than {PATTERNS_MAX} regular expressions"),
            ));
        }
        Ok(())
    }

    /// The next subschema to compile.
    pub(super) fn next_pending(&mut self) -> Option<(NodeId, String, &'a Json)> {
        self.pending.pop()
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
