//! Arrays.

use super::{Conjunction, DEPTH_FULL, WriteError, Writer};
use crate::schema::{
    json::Json,
    node::{NodeId, Repeats},
};

/// Maximum optional items.
const MORE_ITEMS: usize = 3;
/// Attempts to write a unique item.
const ATTEMPTS: usize = 24;

impl<'a> Writer<'a> {
    pub(super) fn array(
        &mut self,
        conjunction: &Conjunction<'a>,
        name: &str,
        depth: u32,
    ) -> Result<Json, WriteError> {
        let (min, max) = conjunction.lengths(|node| (node.array.min, node.array.max));
        let contained: usize =
            conjunction.nodes().filter_map(|node| node.array.contains).map(|contains| contains.min).sum();
        let least = min.max(contained);
        if max.is_some_and(|max| max < least) {
            return Err(conjunction
                .fault(&format!("no array has at least {least} and at most {} items", max.unwrap_or(0))));
        }
        let count = self.item_count(conjunction, least, max, depth);
        let mut items: Vec<Json> = Vec::new();
        for index in 0..count {
            match self.item(conjunction, index, &items, name, depth) {
                Ok(item) => items.push(item),
                // The array may end here.
                Err(_) if index >= least => break,
                Err(fault) => return Err(fault),
            }
        }
        Ok(Json::Array(items))
    }

    fn item_count(
        &mut self,
        conjunction: &Conjunction<'a>,
        least: usize,
        max: Option<usize>,
        depth: u32,
    ) -> usize {
        if depth >= DEPTH_FULL {
            return least;
        }
        let prefix = conjunction.nodes().map(|node| node.array.prefix.len()).max().unwrap_or(0);
        let wanted = match prefix {
            // A list that may be empty mostly has items.
            0 => self.between(least.max(1), least + MORE_ITEMS),
            _ => prefix.max(least),
        };
        wanted.min(max.unwrap_or(usize::MAX))
    }

    fn item(
        &mut self,
        conjunction: &Conjunction<'a>,
        index: usize,
        before: &[Json],
        name: &str,
        depth: u32,
    ) -> Result<Json, WriteError> {
        let own =
            conjunction.nodes().filter_map(|node| node.array.prefix.get(index).copied().or(node.array.items));
        let contained: Vec<NodeId> = conjunction
            .nodes()
            .filter_map(|node| node.array.contains)
            .flat_map(|contains| std::iter::repeat_n(contains.node, contains.min))
            .collect();
        let ids: Vec<NodeId> = own.chain(contained.get(index).copied()).collect();
        let is_unique = conjunction.nodes().any(|node| node.array.repeats == Repeats::Forbidden);
        for _ in 0..ATTEMPTS {
            let item = self.value(&ids, name, depth + 1)?;
            if !(is_unique && before.iter().any(|other| other.equals(&item, &self.work))) {
                return Ok(item);
            }
        }
        Err(conjunction.fault("not enough distinct items were found"))
    }
}
