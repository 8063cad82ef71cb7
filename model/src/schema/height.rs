//! The minimum nesting depth of a value of each node.

use super::{
    node::{Kinds, Node, NodeId},
    work::Work,
};

/// The height of a node that no finite value satisfies.
pub(super) const ENDLESS: u32 = u32::MAX;

/// Returns the height of each node: 0 if a value without nested values satisfies it.
pub(super) fn heights(nodes: &[Node]) -> Vec<u32> {
    let mut heights = vec![ENDLESS; nodes.len()];
    let needed: Vec<Vec<NodeId>> = nodes.iter().map(needed).collect();
    loop {
        let mut is_settled = true;
        // Subschemas come after their parents.
        for (id, (node, needed)) in nodes.iter().zip(&needed).enumerate().rev() {
            let height = height(node, needed, &|part| heights.get(part).copied().unwrap_or(ENDLESS));
            if let Some(known) = heights.get_mut(id).filter(|known| height < **known) {
                *known = height;
                is_settled = false;
            }
        }
        if is_settled {
            return heights;
        }
    }
}

/// Returns the schemas of required properties.
fn needed(node: &Node) -> Vec<NodeId> {
    // Bounded by the length of the schema's text.
    let work = Work::new();
    node.object.required.iter().flat_map(|name| node.object.of(name, &work)).collect()
}

fn height(node: &Node, needed: &[NodeId], of: &impl Fn(NodeId) -> u32) -> u32 {
    let least = |ids: &[NodeId]| ids.iter().map(|id| of(*id)).min().unwrap_or(0);
    let most = |ids: &[NodeId]| ids.iter().map(|id| of(*id)).max().unwrap_or(0);
    own_height(node, needed, of).max(most(&node.all_of)).max(least(&node.any_of)).max(least(&node.one_of))
}

fn own_height(node: &Node, needed: &[NodeId], of: &impl Fn(NodeId) -> u32) -> u32 {
    if node.kinds.is_empty() || node.values.as_ref().is_some_and(Vec::is_empty) {
        return ENDLESS;
    }
    let scalars = Kinds::NULL.or(Kinds::BOOL).or(Kinds::NUMBER).or(Kinds::STRING);
    if node.values.is_some() || node.kinds.has(scalars) {
        return 0;
    }
    let array = node.kinds.has(Kinds::ARRAY).then(|| array(node, of));
    let object = || needed.iter().map(|id| of(*id).saturating_add(1)).max().unwrap_or(0);
    let object = node.kinds.has(Kinds::OBJECT).then(object);
    array.into_iter().chain(object).min().unwrap_or(ENDLESS)
}

fn array(node: &Node, of: &impl Fn(NodeId) -> u32) -> u32 {
    let rules = &node.array;
    let prefix = rules.prefix.iter().take(rules.min).copied();
    let others = rules.items.filter(|_| rules.min > rules.prefix.len());
    let contained = rules.contains.filter(|contains| contains.min > 0).map(|contains| contains.node);
    prefix.chain(others).chain(contained).map(|id| of(id).saturating_add(1)).max().unwrap_or(0)
}

/// If nothing satisfies the first node, returns the responsible node and the reason.
pub(super) fn fault<'a>(nodes: &'a [Node], heights: &[u32]) -> Option<(&'a Node, &'static str)> {
    let is_endless = |id: &NodeId| heights.get(*id).is_some_and(|height| *height == ENDLESS);
    let mut on_the_way: Vec<NodeId> = Vec::new();
    let mut next = Some(0).filter(is_endless);
    while let Some(id) = next {
        let node = nodes.get(id)?;
        if on_the_way.contains(&id) {
            return Some((node, "it contains itself without end"));
        }
        on_the_way.push(id);
        let array = node.array.prefix.iter().copied().chain(node.array.items);
        let array = array.chain(node.array.contains.map(|contains| contains.node));
        let parts = node.all_of.iter().chain(&node.any_of).chain(&node.one_of).copied();
        let mut parts = parts.chain(needed(node)).chain(array);
        next = parts.find(is_endless);
        if next.is_none() {
            return Some((node, "no value is allowed here, though one has to be there"));
        }
    }
    None
}
