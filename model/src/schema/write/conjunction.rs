//! Nodes that must be satisfied together.

use std::net::{Ipv4Addr, Ipv6Addr};

use weir_pace::Seed;

use super::WriteError;
use crate::schema::{
    graph::Graph,
    height::ENDLESS,
    json::Json,
    keywords::{higher, lower},
    node::{Bound, Format, Kinds, Node, NodeId},
};

/// Maximum number of nodes in a conjunction.
const NODES_MAX: usize = 512;

/// How branches of `anyOf` and `oneOf` are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BranchChoice {
    /// Any branch.
    Any,
    /// The branch with the least nesting.
    Lowest,
}

/// The nodes that must be satisfied together, with one branch of each `anyOf` and `oneOf`.
pub(super) struct Conjunction<'a> {
    nodes: Vec<(NodeId, &'a Node)>,
}

impl BranchChoice {
    /// Chooses one of `count` branches, sorted by height, for the choice numbered `index`. Consecutive attempts
    /// try all of them, and then other combinations.
    pub(super) fn of(self, seed: Seed, attempt: u64, index: u64, count: usize) -> usize {
        let count = count as u64;
        let turned = match self {
            Self::Any => (seed.derive(index).get() >> 32) + attempt,
            Self::Lowest => attempt,
        };
        let shuffled = seed.derive(index).derive(attempt).get() >> 32;
        (if attempt < super::BRANCH_ATTEMPTS / 2 { turned } else { shuffled } % count.max(1)) as usize
    }
}

impl<'a> Conjunction<'a> {
    /// Collects the nodes `ids` and their subschemas; `pick` chooses the branches.
    pub(super) fn new(
        graph: &'a Graph,
        ids: &[NodeId],
        pick: impl Fn(u64, usize) -> usize,
    ) -> Result<Self, String> {
        let mut nodes: Vec<(NodeId, &'a Node)> = Vec::new();
        let mut waiting: Vec<NodeId> = ids.iter().rev().copied().collect();
        let mut choices = 0;
        while let Some(id) = waiting.pop() {
            let Some(node) = graph.node(id) else { continue };
            if nodes.iter().any(|(known, _)| *known == id) {
                continue;
            }
            if nodes.len() >= NODES_MAX {
                return Err(format!("more than {NODES_MAX} schemas have to be satisfied at once"));
            }
            nodes.push((id, node));
            for branches in [&node.one_of, &node.any_of] {
                if branches.is_empty() {
                    continue;
                }
                let mut open: Vec<NodeId> =
                    branches.iter().copied().filter(|branch| graph.height(*branch) != ENDLESS).collect();
                open.sort_by_key(|branch| graph.height(*branch));
                waiting.extend(open.get(pick(choices, open.len())));
                choices += 1;
            }
            waiting.extend(node.all_of.iter().rev());
        }
        Ok(Self { nodes })
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = NodeId> {
        self.nodes.iter().map(|(id, _)| *id)
    }

    pub(super) fn nodes(&self) -> impl Iterator<Item = &'a Node> + use<'a, '_> {
        self.nodes.iter().map(|(_, node)| *node)
    }

    /// Whether other branches exist.
    pub(super) fn has_branches(&self) -> bool {
        self.nodes().any(|node| !node.any_of.is_empty() || !node.one_of.is_empty())
    }

    pub(super) fn has_exclusive(&self) -> bool {
        self.nodes().any(|node| !node.one_of.is_empty())
    }

    /// Whether a written value must be validated, because the writer does not follow all rules.
    pub(super) fn needs_validation(&self) -> bool {
        self.has_branches()
            || self.nodes().any(|node| node.array.contains.is_some() || node.object.names.is_some())
    }

    /// The allowed values of the first node that lists any.
    pub(super) fn values(&self) -> Option<&'a [Json]> {
        self.nodes().find_map(|node| node.values.as_deref())
    }

    /// Whether a text that a node lists, or that its pattern gives, may have the formats that other nodes require. Such a
    /// node decides about its own format. Formats without a sure sign are not checked.
    pub(super) fn allows_format_of(&self, text: &str) -> bool {
        let others = self.nodes().filter(|node| node.values.is_none() && node.string.pattern.is_none());
        others.filter_map(|node| node.string.format).all(|format| may_have_format(format, text))
    }

    pub(super) fn kinds(&self) -> Kinds {
        self.nodes().fold(Kinds::ALL, |kinds, node| kinds.and(node.kinds))
    }

    /// The type that the keywords imply, if no type is named.
    pub(super) fn implied_kind(&self) -> Option<Kinds> {
        self.nodes().find_map(|node| {
            let Node { number, string, array, object, .. } = node;
            let is_object = object.properties.is_some()
                || object.additional.is_some()
                || !object.patterns.is_empty()
                || !object.required.is_empty()
                || object.names.is_some()
                || object.min > 0
                || object.max.is_some();
            let is_array = array.items.is_some()
                || !array.prefix.is_empty()
                || array.contains.is_some()
                || array.min > 0
                || array.max.is_some();
            let is_string =
                string.min > 0 || string.max.is_some() || string.pattern.is_some() || string.format.is_some();
            let is_number = number.low.is_some() || number.high.is_some() || number.step.is_some();
            let kinds = [
                (is_object, Kinds::OBJECT),
                (is_array, Kinds::ARRAY),
                (is_string, Kinds::STRING),
                (is_number, Kinds::NUMBER),
            ];
            kinds.into_iter().find(|(is_meant, _)| *is_meant).map(|(_, kind)| kind)
        })
    }

    pub(super) fn low(&self) -> Option<Bound> {
        self.nodes().filter_map(|node| node.number.low).fold(None, higher)
    }

    pub(super) fn high(&self) -> Option<Bound> {
        self.nodes().filter_map(|node| node.number.high).fold(None, lower)
    }

    /// The largest minimum and the smallest maximum.
    pub(super) fn lengths(&self, of: impl Fn(&Node) -> (usize, Option<usize>)) -> (usize, Option<usize>) {
        self.nodes()
            .map(of)
            .fold((0, None), |(low, high), (min, max)| (low.max(min), high.into_iter().chain(max).min()))
    }

    /// Returns an error at the first node with rules.
    pub(super) fn fault(&self, message: &str) -> WriteError {
        let is_plain = |node: &Node| node.kinds == Kinds::ALL && node.values.is_none();
        let node = self.nodes().find(|node| !is_plain(node)).or_else(|| self.nodes().next());
        WriteError {
            pointer: node.map(|node| node.pointer.clone()).unwrap_or_default(),
            message: message.to_owned(),
        }
    }
}

fn may_have_format(format: Format, text: &str) -> bool {
    let starts_with_digit = text.starts_with(|first: char| first.is_ascii_digit());
    match format {
        Format::Date | Format::DateTime => starts_with_digit && text.contains('-'),
        Format::Time => starts_with_digit && text.contains(':'),
        Format::Duration => text.starts_with('P') && text.len() > 2,
        Format::Email => text.contains('@'),
        Format::Ipv4 => text.parse::<Ipv4Addr>().is_ok(),
        Format::Ipv6 => text.parse::<Ipv6Addr>().is_ok(),
        Format::Uri => text.contains(':'),
        Format::Uuid => text.len() == 36 && text.matches('-').count() == 4,
        Format::JsonPointer => text.is_empty() || text.starts_with('/'),
        Format::RelativeJsonPointer => starts_with_digit,
        Format::Hostname | Format::UriReference | Format::UriTemplate | Format::Regex => true,
    }
}
