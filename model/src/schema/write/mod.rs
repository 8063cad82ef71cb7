//! Writes values that satisfy a schema.

mod array;
mod conjunction;
mod format;
mod number;
mod object;
mod string;

use rand::RngCore as _;
use weir_pace::{Rng, Seed};

use self::conjunction::{Conjunction, Pick};
use super::{SchemaError, compile::Graph, holds::holds, json::Json, node::Kinds, node::NodeId};

/// Nodes that are written at the most, attempts that failed included.
const FUEL: u32 = 20_000;
/// Characters of all strings at the most.
const CHARACTERS_MAX: usize = 256 << 10;
/// From this depth on only what has to be there is written.
const DEPTH_FULL: u32 = 4;
const DEPTH_MAX: u32 = 64;
/// How often branches are picked anew where those that were picked did not fit together.
const PICKS: u64 = 32;
/// How often the whole is written anew.
const DRAFTS: usize = 4;
/// How often a value may be null that may be something else.
const NULL_SHARE: f64 = 0.15;

/// A value that satisfies the graph's root.
pub(super) fn write(graph: &Graph, seed: Seed) -> Result<Json, SchemaError> {
    let mut writer = Writer { graph, rng: seed.rng(), fuel: FUEL, characters: CHARACTERS_MAX };
    let mut first = None;
    for _ in 0..DRAFTS {
        match writer.value(&[Graph::ROOT], "", 0) {
            Ok(value) if holds(graph, Graph::ROOT, &value) => return Ok(value),
            Ok(_) => {}
            Err(fault) => {
                first.get_or_insert(fault);
            }
        }
    }
    Err(first.map_or_else(
        || SchemaError { pointer: String::new(), message: "no value was found that satisfies it".to_owned() },
        |Fault { pointer, message }| SchemaError { pointer, message },
    ))
}

/// Why a value could not be written: where in the schema, and what is wrong there.
#[derive(Debug)]
struct Fault {
    pointer: String,
    message: String,
}

struct Writer<'a> {
    graph: &'a Graph,
    rng: Rng,
    fuel: u32,
    characters: usize,
}

impl<'a> Writer<'a> {
    /// A value that satisfies all of the nodes `ids`; `name` is that of the property whose value it is.
    fn value(&mut self, ids: &[NodeId], name: &str, depth: u32) -> Result<Json, Fault> {
        let seed = Seed::new(self.rng.next_u64());
        let mut first = None;
        for attempt in 0..PICKS {
            let pick = if depth < DEPTH_FULL { Pick::Any } else { Pick::Lowest };
            let conjunction =
                Conjunction::new(self.graph, ids, |index, count| pick.of(seed, attempt, index, count))
                    .map_err(|message| self.fault(ids, message))?;
            let written = self.spend(ids, depth).and_then(|()| self.conjunction(&conjunction, name, depth));
            match written {
                Ok(value) if !conjunction.is_doubtful() => return Ok(value),
                Ok(value) if ids.iter().all(|id| holds(self.graph, *id, &value)) => return Ok(value),
                Ok(_) if conjunction.has_exclusive() => {
                    let message = "no value satisfies exactly one of the branches of its `oneOf`";
                    first.get_or_insert(conjunction.fault(message));
                }
                Ok(_) => {
                    first.get_or_insert(
                        conjunction.fault("no value was found that satisfies all that it asks for"),
                    );
                }
                Err(fault) if !conjunction.has_branches() || self.fuel == 0 => {
                    return Err(first.unwrap_or(fault));
                }
                Err(fault) => {
                    first.get_or_insert(fault);
                }
            }
        }
        Err(first.unwrap_or_else(|| self.fault(ids, "no value was found that satisfies it".to_owned())))
    }

    fn conjunction(&mut self, conjunction: &Conjunction<'a>, name: &str, depth: u32) -> Result<Json, Fault> {
        if let Some(values) = conjunction.values() {
            let fitting: Vec<&Json> = values
                .iter()
                .filter(|value| conjunction.ids().all(|id| holds(self.graph, id, value)))
                .collect();
            let index = self.below(fitting.len());
            let value = fitting.get(index).map(|value| (*value).clone());
            return value.ok_or_else(|| {
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

    /// The kind of value to write.
    fn kind(&mut self, conjunction: &Conjunction<'a>, depth: u32) -> Result<Kinds, Fault> {
        let kinds = conjunction.kinds();
        let allowed: Vec<Kinds> = Kinds::CHOICES.into_iter().filter(|kind| kinds.has(*kind)).collect();
        if kinds == Kinds::ALL {
            return Ok(conjunction.meant().unwrap_or(if depth == 0 { Kinds::OBJECT } else { Kinds::STRING }));
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

    fn spend(&mut self, ids: &[NodeId], depth: u32) -> Result<(), Fault> {
        if depth > DEPTH_MAX {
            return Err(self.fault(ids, format!("what it asks for is more than {DEPTH_MAX} levels deep")));
        }
        let left = self.fuel.checked_sub(1);
        self.fuel =
            left.ok_or_else(|| self.fault(ids, "what it asks for is too large to be written".to_owned()))?;
        Ok(())
    }

    fn fault(&self, ids: &[NodeId], message: String) -> Fault {
        let node = ids.first().and_then(|id| self.graph.node(*id));
        Fault { pointer: node.map(|node| node.pointer.clone()).unwrap_or_default(), message }
    }

    /// A figure from 0 up to, but not 1.
    fn unit(&mut self) -> f64 {
        Seed::new(self.rng.next_u64()).unit()
    }

    /// A number below `count`.
    fn below(&mut self, count: usize) -> usize {
        ((u128::from(self.rng.next_u64()) * count as u128) >> 64) as usize
    }

    /// A number from `min` to `max`.
    fn between(&mut self, min: usize, max: usize) -> usize {
        min + self.below(max.saturating_sub(min) + 1)
    }

    fn choose<T: Copy>(&mut self, from: &[T]) -> Option<T> {
        let index = self.below(from.len());
        from.get(index).copied()
    }
}
