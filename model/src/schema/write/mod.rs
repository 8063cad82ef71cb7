//! Writes values that satisfy a schema.

mod array;
mod conjunction;
mod format;
mod number;
mod object;
mod string;

use rand::RngCore as _;
use weir_pace::{Rng, Seed};

use self::conjunction::{BranchChoice, Conjunction};
use super::{
    SchemaError, graph::Graph, json::Json, node::Kinds, node::NodeId, validate::is_valid, work::Work,
};

/// Maximum number of written nodes, failed attempts included.
const STEPS_MAX: u32 = 20_000;
/// Maximum characters of all strings.
const CHARACTERS_MAX: usize = 256 << 10;
/// From this depth on, only required parts are written.
const DEPTH_FULL: u32 = 4;
const DEPTH_MAX: u32 = 64;
/// Attempts with other branches if the chosen ones are incompatible.
const BRANCH_ATTEMPTS: u64 = 32;
/// Attempts to write the whole value.
const VALUE_ATTEMPTS: usize = 4;
/// The share of nulls among values that may be null.
const NULL_SHARE: f64 = 0.15;

/// Writes a value that satisfies the graph's root; returns the work that it took, too.
pub(super) fn write(graph: &Graph, seed: Seed) -> (Result<Json, SchemaError>, u64) {
    let (rng, work) = (seed.rng(), Work::new());
    let mut writer = Writer { graph, rng, steps_left: STEPS_MAX, characters: CHARACTERS_MAX, work };
    let written = attempt(&mut writer);
    (written, writer.work.spent())
}

fn attempt(writer: &mut Writer<'_>) -> Result<Json, SchemaError> {
    let mut first = None;
    for _ in 0..VALUE_ATTEMPTS {
        match writer.value(&[Graph::ROOT], "", 0) {
            Ok(value) if is_valid(writer.graph, Graph::ROOT, &value, &writer.work) => return Ok(value),
            Ok(_) => {}
            Err(fault) => {
                first.get_or_insert(fault);
            }
        }
    }
    Err(first.map_or_else(
        || SchemaError::not_honoured("", "no value was found that satisfies it"),
        |WriteError { pointer, message }| SchemaError::not_honoured(&pointer, message),
    ))
}

/// Why a value could not be written: the position in the schema and the problem.
#[derive(Debug)]
struct WriteError {
    pointer: String,
    message: String,
}

struct Writer<'a> {
    graph: &'a Graph,
    rng: Rng,
    steps_left: u32,
    characters: usize,
    work: Work,
}

impl<'a> Writer<'a> {
    /// Writes a value that satisfies all nodes `ids`; `name` is the name of its property.
    fn value(&mut self, ids: &[NodeId], name: &str, depth: u32) -> Result<Json, WriteError> {
        let seed = Seed::new(self.rng.next_u64());
        let mut first = None;
        for attempt in 0..BRANCH_ATTEMPTS {
            let pick = if depth < DEPTH_FULL { BranchChoice::Any } else { BranchChoice::Lowest };
            let conjunction =
                Conjunction::new(self.graph, ids, |index, count| pick.of(seed, attempt, index, count))
                    .map_err(|message| self.fault(ids, message))?;
            // Nodes are compared with each other to find those that are listed twice.
            self.work.spend(conjunction.nodes().count().pow(2) / 16);
            let written =
                self.count_step(ids, depth).and_then(|()| self.conjunction(&conjunction, name, depth));
            match written {
                Ok(value) if !conjunction.needs_validation() => return Ok(value),
                Ok(value) if ids.iter().all(|id| is_valid(self.graph, *id, &value, &self.work)) => {
                    return Ok(value);
                }
                Ok(_) if conjunction.has_exclusive() => {
                    let message = "no value satisfies exactly one of the branches of its `oneOf`";
                    first.get_or_insert(conjunction.fault(message));
                }
                Ok(_) => {
                    first.get_or_insert(
                        conjunction.fault("no value was found that satisfies all that it asks for"),
                    );
                }
                Err(fault)
                    if !conjunction.has_branches() || self.steps_left == 0 || self.work.is_used_up() =>
                {
                    return Err(first.unwrap_or(fault));
                }
                Err(fault) => {
                    first.get_or_insert(fault);
                }
            }
        }
        Err(first.unwrap_or_else(|| self.fault(ids, "no value was found that satisfies it".to_owned())))
    }

    fn conjunction(
        &mut self,
        conjunction: &Conjunction<'a>,
        name: &str,
        depth: u32,
    ) -> Result<Json, WriteError> {
        if let Some(values) = conjunction.values() {
            // From a random one on, the first that fits.
            let start = self.below(values.len());
            let (before, after) = values.split_at_checked(start).unwrap_or((&[], values));
            let value = after.iter().chain(before).find(|value| self.is_fitting(conjunction, value));
            return value.cloned().ok_or_else(|| {
                conjunction.fault("none of the values that it lists satisfies the rest of it")
            });
        }
        let kind = self.kind(conjunction, depth)?;
        match kind {
            Kinds::NULL => Ok(Json::Null),
            Kinds::BOOL => Ok(Json::Bool(self.unit() < 0.5)),
            Kinds::STRING => self.string(conjunction, name),
            Kinds::ARRAY => self.array(conjunction, name, depth),
            Kinds::OBJECT => self.object(conjunction, depth),
            _ => self.number(conjunction),
        }
    }

    /// Whether a listed value satisfies the rest of the conjunction.
    fn is_fitting(&self, conjunction: &Conjunction<'a>, value: &Json) -> bool {
        conjunction.ids().all(|id| is_valid(self.graph, id, value, &self.work))
            && !matches!(value, Json::String(text) if !conjunction.allows_format_of(text))
    }

    /// Chooses the type of the value.
    fn kind(&mut self, conjunction: &Conjunction<'a>, depth: u32) -> Result<Kinds, WriteError> {
        let kinds = conjunction.kinds();
        let allowed: Vec<Kinds> = Kinds::CHOICES.into_iter().filter(|kind| kinds.has(*kind)).collect();
        if kinds == Kinds::ALL {
            return Ok(conjunction.implied_kind().unwrap_or(if depth == 0 {
                Kinds::OBJECT
            } else {
                Kinds::STRING
            }));
        }
        if depth == 0 && kinds.has(Kinds::OBJECT) {
            return Ok(Kinds::OBJECT);
        }
        let some: Vec<Kinds> = allowed.iter().copied().filter(|kind| *kind != Kinds::NULL).collect();
        let has_null = some.len() < allowed.len();
        if has_null && (depth >= DEPTH_FULL || some.is_empty() || self.unit() < NULL_SHARE) {
            return Ok(Kinds::NULL);
        }
        let flat: Vec<Kinds> =
            some.iter().copied().filter(|kind| !matches!(*kind, Kinds::ARRAY | Kinds::OBJECT)).collect();
        let from = if depth >= DEPTH_FULL && !flat.is_empty() { flat } else { some };
        let index = self.below(from.len());
        from.get(index).copied().ok_or_else(|| {
            let is_false = conjunction.nodes().any(|node| node.kinds.is_empty());
            conjunction.fault(if is_false {
                "no value is allowed here"
            } else {
                "its parts have no type in common"
            })
        })
    }

    fn count_step(&mut self, ids: &[NodeId], depth: u32) -> Result<(), WriteError> {
        if depth > DEPTH_MAX {
            return Err(self.fault(ids, format!("what it asks for is more than {DEPTH_MAX} levels deep")));
        }
        self.work.spend(1);
        let left = self.steps_left.checked_sub(1).filter(|_| !self.work.is_used_up());
        self.steps_left =
            left.ok_or_else(|| self.fault(ids, "what it asks for is too large to be written".to_owned()))?;
        Ok(())
    }

    fn fault(&self, ids: &[NodeId], message: String) -> WriteError {
        let node = ids.first().and_then(|id| self.graph.node(*id));
        WriteError { pointer: node.map(|node| node.pointer.clone()).unwrap_or_default(), message }
    }

    /// A random number from 0 to 1, excluding 1.
    fn unit(&mut self) -> f64 {
        Seed::new(self.rng.next_u64()).unit()
    }

    /// A random integer below `count`.
    fn below(&mut self, count: usize) -> usize {
        ((u128::from(self.rng.next_u64()) * count as u128) >> 64) as usize
    }

    /// A random integer from `min` to `max`, inclusive.
    fn between(&mut self, min: usize, max: usize) -> usize {
        min + self.below(max.saturating_sub(min) + 1)
    }

    fn choose<T: Copy>(&mut self, from: &[T]) -> Option<T> {
        let index = self.below(from.len());
        from.get(index).copied()
    }
}
