//! Validates a value against a node.

use std::cell::Cell;

use super::{
    graph::Graph,
    json::Json,
    node::{ArrayRules, Edge, Kinds, Node, NodeId, NumberRules, ObjectRules, Repeats, Step, StringRules},
    work::Work,
};

/// Maximum number of nodes that are checked for one value; beyond, the value counts as invalid.
const STEPS_MAX: u32 = 200_000;
/// Maximum nesting depth of checked values and nodes.
const DEPTH_MAX: u32 = 192;

/// Whether `value` satisfies the node `id` of `graph`.
pub(super) fn is_valid(graph: &Graph, id: NodeId, value: &Json, work: &Work) -> bool {
    Validator { graph, steps_left: Cell::new(STEPS_MAX), work }.is_valid(id, value, 0)
}

struct Validator<'a> {
    graph: &'a Graph,
    steps_left: Cell<u32>,
    work: &'a Work,
}

impl Validator<'_> {
    fn is_valid(&self, id: NodeId, value: &Json, depth: u32) -> bool {
        let Some(steps_left) = self.steps_left.get().checked_sub(1) else { return false };
        self.steps_left.set(steps_left);
        self.work.spend(1);
        if depth > DEPTH_MAX || self.work.is_used_up() {
            return false;
        }
        let Some(node) = self.graph.node(id) else { return false };
        let part = |id: &NodeId| self.is_valid(*id, value, depth + 1);
        self.meets_own_rules(node, value, depth)
            && node.all_of.iter().all(part)
            && (node.any_of.is_empty() || node.any_of.iter().any(part))
            && (node.one_of.is_empty() || node.one_of.iter().filter(|id| part(id)).take(2).count() == 1)
    }

    /// Whether the value satisfies the node itself, apart from its subschemas.
    fn meets_own_rules(&self, node: &Node, value: &Json, depth: u32) -> bool {
        let is_listed = node
            .values
            .as_ref()
            .is_none_or(|values| values.iter().any(|other| other.equals(value, self.work)));
        is_listed
            && node.kinds.has(Kinds::of(value))
            && match value {
                Json::Null | Json::Bool(_) => true,
                Json::Number(number) => is_valid_number(&node.number, number),
                Json::String(text) => is_valid_string(&node.string, text),
                Json::Array(items) => self.is_valid_array(&node.array, items, depth),
                Json::Object(members) => self.is_valid_object(&node.object, members, depth),
            }
    }

    fn is_valid_array(&self, rules: &ArrayRules, items: &[Json], depth: u32) -> bool {
        let of = |index| rules.prefix.get(index).copied().or(rules.items);
        let mut parts = items.iter().enumerate().filter_map(|(index, item)| Some((of(index)?, item)));
        within(items.len(), rules.min, rules.max)
            && parts.all(|(id, item)| self.is_valid(id, item, depth + 1))
            && (rules.repeats == Repeats::Allowed || are_unique(items, self.work))
            && rules.contains.is_none_or(|contains| {
                let count = items.iter().filter(|item| self.is_valid(contains.node, item, depth + 1)).count();
                within(count, contains.min, contains.max)
            })
    }

    fn is_valid_object(&self, rules: &ObjectRules, members: &[(String, Json)], depth: u32) -> bool {
        let named = |name: &str| {
            let name = Json::String(name.to_owned());
            rules.names.is_none_or(|names| self.is_valid(names, &name, depth + 1))
        };
        self.work.spend(members.len() * (1 + rules.required.len()) / 8);
        within(members.len(), rules.min, rules.max)
            && rules.required.iter().all(|name| members.iter().any(|(key, _)| key == name))
            && members.iter().all(|(name, value)| {
                named(name)
                    && rules.of(name, self.work).into_iter().all(|id| self.is_valid(id, value, depth + 1))
            })
    }
}

fn are_unique(items: &[Json], work: &Work) -> bool {
    let repeats = |(index, item): (usize, &Json)| {
        items.iter().take(index).any(|other| work.is_used_up() || other.equals(item, work))
    };
    !items.iter().enumerate().any(repeats)
}

pub(super) fn within(count: usize, min: usize, max: Option<usize>) -> bool {
    count >= min && max.is_none_or(|max| count <= max)
}

pub(super) fn is_valid_string(rules: &StringRules, text: &str) -> bool {
    within(text.chars().count(), rules.min, rules.max)
        && rules.pattern.as_ref().is_none_or(|pattern| pattern.matches(text))
}

pub(super) fn is_valid_number(rules: &NumberRules, number: &serde_json::Number) -> bool {
    let Some(at) = number.as_f64() else { return false };
    let low = rules.low.is_none_or(|low| at > low.at || at == low.at && low.edge == Edge::Within);
    let high = rules.high.is_none_or(|high| at < high.at || at == high.at && high.edge == Edge::Within);
    low && high && rules.step.is_none_or(|step| is_multiple(at, step))
}

/// Whether `number` is a multiple of `step`, within the precision of a double.
fn is_multiple(number: f64, step: Step) -> bool {
    let multiple = step.of((number / step.size()).round());
    multiple == number
}

impl Step {
    /// The step as a double.
    pub(super) fn size(self) -> f64 {
        self.of(1.0)
    }

    /// Returns a multiple of the step, as the nearest double.
    pub(super) fn of(self, count: f64) -> f64 {
        count * self.units as f64 / 10_f64.powi(self.places as i32)
    }
}
