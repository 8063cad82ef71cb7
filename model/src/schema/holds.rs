//! Whether a value satisfies a node.

use std::cell::Cell;

use super::{
    compile::Graph,
    json::Json,
    node::{ArrayRules, Edge, Kinds, Node, NodeId, NumberRules, ObjectRules, Repeats, Step, StringRules},
};

/// Nodes that one value is held against at the most; past that it counts as one that does not satisfy them.
const FUEL: u32 = 200_000;
/// How deep values and nodes within each other are looked into.
const DEPTH_MAX: u32 = 192;

/// Whether `value` satisfies the node `id` of `graph`.
pub(super) fn holds(graph: &Graph, id: NodeId, value: &Json) -> bool {
    Check { graph, fuel: Cell::new(FUEL) }.holds(id, value, 0)
}

struct Check<'a> {
    graph: &'a Graph,
    fuel: Cell<u32>,
}

impl Check<'_> {
    fn holds(&self, id: NodeId, value: &Json, depth: u32) -> bool {
        let Some(fuel) = self.fuel.get().checked_sub(1) else { return false };
        self.fuel.set(fuel);
        if depth > DEPTH_MAX {
            return false;
        }
        let Some(node) = self.graph.node(id) else { return false };
        let part = |id: &NodeId| self.holds(*id, value, depth + 1);
        self.is_of_its_own(node, value, depth)
            && node.all_of.iter().all(part)
            && (node.any_of.is_empty() || node.any_of.iter().any(part))
            && (node.one_of.is_empty() || node.one_of.iter().filter(|id| part(id)).take(2).count() == 1)
    }

    /// Whether it satisfies what the node itself says.
    fn is_of_its_own(&self, node: &Node, value: &Json, depth: u32) -> bool {
        let is_listed =
            node.values.as_ref().is_none_or(|values| values.iter().any(|other| other.same(value)));
        is_listed
            && node.kinds.has(Kinds::of(value))
            && match value {
                Json::Null | Json::Bool(_) => true,
                Json::Number(number) => number_holds(&node.number, number),
                Json::String(text) => string_holds(&node.string, text),
                Json::Array(items) => self.array_holds(&node.array, items, depth),
                Json::Object(members) => self.object_holds(&node.object, members, depth),
            }
    }

    fn array_holds(&self, rules: &ArrayRules, items: &[Json], depth: u32) -> bool {
        let of = |index| rules.prefix.get(index).copied().or(rules.items);
        let mut parts = items.iter().enumerate().filter_map(|(index, item)| Some((of(index)?, item)));
        within(items.len(), rules.min, rules.max)
            && parts.all(|(id, item)| self.holds(id, item, depth + 1))
            && (rules.repeats == Repeats::Allowed || are_unique(items))
            && rules.contains.is_none_or(|contains| {
                let count = items.iter().filter(|item| self.holds(contains.node, item, depth + 1)).count();
                within(count, contains.min, contains.max)
            })
    }

    fn object_holds(&self, rules: &ObjectRules, members: &[(String, Json)], depth: u32) -> bool {
        let named = |name: &str| {
            let name = Json::String(name.to_owned());
            rules.names.is_none_or(|names| self.holds(names, &name, depth + 1))
        };
        within(members.len(), rules.min, rules.max)
            && rules.required.iter().all(|name| members.iter().any(|(key, _)| key == name))
            && members.iter().all(|(name, value)| {
                named(name) && rules.of(name).into_iter().all(|id| self.holds(id, value, depth + 1))
            })
    }
}

fn are_unique(items: &[Json]) -> bool {
    items.iter().enumerate().all(|(index, item)| !items.iter().take(index).any(|other| other.same(item)))
}

pub(super) fn within(count: usize, min: usize, max: Option<usize>) -> bool {
    count >= min && max.is_none_or(|max| count <= max)
}

pub(super) fn string_holds(rules: &StringRules, text: &str) -> bool {
    within(text.chars().count(), rules.min, rules.max)
        && rules.pattern.as_ref().is_none_or(|pattern| pattern.matches(text))
}

pub(super) fn number_holds(rules: &NumberRules, number: &serde_json::Number) -> bool {
    let Some(at) = number.as_f64() else { return false };
    let low = rules.low.is_none_or(|low| at > low.at || at == low.at && low.edge == Edge::Within);
    let high = rules.high.is_none_or(|high| at < high.at || at == high.at && high.edge == Edge::Within);
    low && high && rules.step.is_none_or(|step| is_multiple(at, step))
}

/// Whether `number` is a multiple of `step`, up to what a double can tell.
fn is_multiple(number: f64, step: Step) -> bool {
    let multiple = step.of((number / step.size()).round());
    multiple == number
}

impl Step {
    /// The step itself.
    pub(super) fn size(self) -> f64 {
        self.of(1.0)
    }

    /// Its multiple, as the double that is nearest to it.
    pub(super) fn of(self, count: f64) -> f64 {
        count * self.units as f64 / 10_f64.powi(self.places as i32)
    }
}
