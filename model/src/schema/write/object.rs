//! Objects.

use std::collections::HashSet;

use super::{Conjunction, DEPTH_FULL, WriteError, Writer};
use crate::schema::{
    json::Json,
    node::{Node, NodeId, ObjectRules},
};

/// The share of optional properties that are written.
const OPTIONAL_SHARE: f64 = 0.8;
/// Maximum optional properties with arbitrary names.
const FREE_PROPERTIES: usize = 2;
/// Attempts to write a unique name.
const ATTEMPTS: usize = 24;

impl<'a> Writer<'a> {
    pub(super) fn object(&mut self, conjunction: &Conjunction<'a>, depth: u32) -> Result<Json, WriteError> {
        let (min, max) = conjunction.lengths(|node| (node.object.min, node.object.max));
        let max = max.unwrap_or(usize::MAX);
        let required: HashSet<&str> =
            conjunction.nodes().flat_map(|node| &node.object.required).map(|name| &**name).collect();
        let least = required.len().max(min);
        if least > max {
            return Err(
                conjunction.fault(&format!("no object has at least {least} and at most {max} properties"))
            );
        }
        let mut optional = max - required.len();
        let mut missing = min.saturating_sub(required.len());
        let mut members = Vec::new();
        for name in names(conjunction) {
            if required.contains(name) {
                members.push((
                    name.to_owned(),
                    self.value(&self.nodes_for_property(conjunction, name), name, depth + 1)?,
                ));
                continue;
            }
            let is_wanted = missing > 0 || depth < DEPTH_FULL && self.unit() < OPTIONAL_SHARE;
            if !is_wanted || optional == 0 {
                continue;
            }
            // An optional property that cannot be written is left out.
            if let Ok(value) = self.value(&self.nodes_for_property(conjunction, name), name, depth + 1) {
                members.push((name.to_owned(), value));
                optional -= 1;
                missing = missing.saturating_sub(1);
            }
        }
        self.add_free(conjunction, &mut members, (min, max), depth)?;
        Ok(Json::Object(members))
    }

    /// Adds properties that are not listed: the required number, and some more if any are allowed.
    fn add_free(
        &mut self,
        conjunction: &Conjunction<'a>,
        members: &mut Vec<(String, Json)>,
        (min, max): (usize, usize),
        depth: u32,
    ) -> Result<(), WriteError> {
        let is_open = conjunction.nodes().all(|node| node.object.properties.is_none())
            // A tool whose schema does not describe arguments mostly has none.
            && (depth > 0 || conjunction.nodes().any(constrains_other_properties));
        let more = if is_open && depth < DEPTH_FULL { self.between(1, FREE_PROPERTIES) } else { 0 };
        let wanted = min.max(members.len() + more).min(max);
        for _ in members.len()..wanted {
            match self.free(conjunction, members, depth) {
                Ok(member) => members.push(member),
                Err(_) if members.len() >= min => return Ok(()),
                Err(fault) => return Err(fault),
            }
        }
        Ok(())
    }

    fn free(
        &mut self,
        conjunction: &Conjunction<'a>,
        members: &[(String, Json)],
        depth: u32,
    ) -> Result<(String, Json), WriteError> {
        let mut first = None;
        for _ in 0..ATTEMPTS {
            let name = self.name(conjunction, depth)?;
            self.work.spend(members.len() / 8);
            if members.iter().any(|(other, _)| *other == name) {
                continue;
            }
            match self.value(&self.nodes_for_property(conjunction, &name), &name, depth + 1) {
                Ok(value) => return Ok((name, value)),
                Err(fault) => {
                    first.get_or_insert(fault);
                }
            }
        }
        Err(first
            .unwrap_or_else(|| conjunction.fault("so many properties of different names were not found")))
    }

    /// Returns the nodes that apply to the property of that name.
    fn nodes_for_property(&self, conjunction: &Conjunction<'_>, name: &str) -> Vec<NodeId> {
        conjunction.nodes().flat_map(|node| node.object.of(name, &self.work)).collect()
    }

    /// Returns a name for a property that is not listed.
    fn name(&mut self, conjunction: &Conjunction<'a>, depth: u32) -> Result<String, WriteError> {
        let rules: Vec<NodeId> = conjunction.nodes().filter_map(|node| node.object.names).collect();
        if !rules.is_empty()
            && let Json::String(name) = self.value(&rules, "", depth + 1)?
        {
            return Ok(name);
        }
        let patterns: Vec<_> = conjunction.nodes().flat_map(|node| &node.object.patterns).collect();
        let pattern = self.choose(&patterns);
        let matching = pattern.and_then(|(pattern, _)| pattern.write(&mut self.rng, &self.work, |_| true));
        Ok(matching.unwrap_or_else(|| self.word().to_owned()))
    }
}

/// The listed names, in the order of the schema; names that are only required come last.
fn names<'a>(conjunction: &Conjunction<'a>) -> Vec<&'a str> {
    let listed = |node: &'a Node| node.object.properties.iter().flatten().map(|(name, _)| &**name);
    let required = |node: &'a Node| node.object.required.iter().map(|name| &**name);
    let mut seen = HashSet::new();
    let all = conjunction.nodes().flat_map(listed).chain(conjunction.nodes().flat_map(required));
    all.filter(|name| seen.insert(*name)).collect()
}

/// Whether the node has rules for properties that it does not list.
fn constrains_other_properties(node: &Node) -> bool {
    let ObjectRules { additional, patterns, names, min, .. } = &node.object;
    additional.is_some() || !patterns.is_empty() || names.is_some() || *min > 0
}
