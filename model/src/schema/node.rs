//! A schema as a graph of nodes.

use serde_json::Number;

use super::{json::Json, pattern::Pattern, work::Work};

/// The index of a node in its graph.
pub(super) type NodeId = usize;

/// The rules of one (sub)schema. Without rules, everything is allowed.
#[derive(Debug, Default)]
pub(super) struct Node {
    /// Its JSON pointer.
    pub(super) pointer: String,
    /// The allowed types of values.
    pub(super) kinds: Kinds,
    /// The allowed values.
    pub(super) values: Option<Vec<Json>>,
    /// Nodes that must all be satisfied, `$ref` included.
    pub(super) all_of: Vec<NodeId>,
    /// Nodes of which at least one must be satisfied.
    pub(super) any_of: Vec<NodeId>,
    /// Nodes of which exactly one must be satisfied.
    pub(super) one_of: Vec<NodeId>,
    pub(super) number: NumberRules,
    pub(super) string: StringRules,
    pub(super) array: ArrayRules,
    pub(super) object: ObjectRules,
}

/// A set of types of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kinds(u8);

impl Kinds {
    pub(super) const NONE: Self = Self(0);
    pub(super) const NULL: Self = Self(1);
    pub(super) const BOOL: Self = Self(1 << 1);
    pub(super) const INTEGER: Self = Self(1 << 2);
    /// Numbers that are not integers.
    pub(super) const FRACTION: Self = Self(1 << 3);
    pub(super) const STRING: Self = Self(1 << 4);
    pub(super) const ARRAY: Self = Self(1 << 5);
    pub(super) const OBJECT: Self = Self(1 << 6);
    pub(super) const ALL: Self = Self((1 << 7) - 1);
    pub(super) const NUMBER: Self = Self(Self::INTEGER.0 | Self::FRACTION.0);
    /// The types from which the writer chooses; a number may happen to be an integer.
    pub(super) const CHOICES: [Self; 6] =
        [Self::OBJECT, Self::STRING, Self::NUMBER, Self::BOOL, Self::ARRAY, Self::NULL];

    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn has(self, kind: Self) -> bool {
        self.0 & kind.0 != 0
    }

    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The type of a value.
    pub(super) fn of(value: &Json) -> Self {
        match value {
            Json::Null => Self::NULL,
            Json::Bool(_) => Self::BOOL,
            Json::Number(number) if is_integer(number) => Self::INTEGER,
            Json::Number(_) => Self::FRACTION,
            Json::String(_) => Self::STRING,
            Json::Array(_) => Self::ARRAY,
            Json::Object(_) => Self::OBJECT,
        }
    }
}

impl Default for Kinds {
    fn default() -> Self {
        Self::ALL
    }
}

fn is_integer(number: &Number) -> bool {
    number.is_i64() || number.is_u64() || number.as_f64().is_some_and(|number| number.fract() == 0.0)
}

#[derive(Debug, Default)]
pub(super) struct NumberRules {
    pub(super) low: Option<Bound>,
    pub(super) high: Option<Bound>,
    pub(super) step: Option<Step>,
}

/// A bound of numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bound {
    pub(super) at: f64,
    pub(super) edge: Edge,
}

/// Whether a bound is inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edge {
    Within,
    Without,
}

/// The `multipleOf` of a number: `units` / 10^`places`, so that multiples are exact decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) units: i64,
    pub(super) places: u32,
}

#[derive(Debug, Default)]
pub(super) struct StringRules {
    /// In characters.
    pub(super) min: usize,
    pub(super) max: Option<usize>,
    pub(super) pattern: Option<Pattern>,
    pub(super) format: Option<Format>,
}

/// The supported formats of strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    DateTime,
    Date,
    Time,
    Duration,
    Email,
    Hostname,
    Ipv4,
    Ipv6,
    Uri,
    UriReference,
    UriTemplate,
    Uuid,
    JsonPointer,
    RelativeJsonPointer,
    Regex,
}

#[derive(Debug, Default)]
pub(super) struct ArrayRules {
    /// The schemas of the first items, by index.
    pub(super) prefix: Vec<NodeId>,
    /// The schema of all other items.
    pub(super) items: Option<NodeId>,
    pub(super) min: usize,
    pub(super) max: Option<usize>,
    pub(super) repeats: Repeats,
    pub(super) contains: Option<Contains>,
}

/// Whether two items may be equal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Repeats {
    #[default]
    Allowed,
    Forbidden,
}

/// The number of items that must satisfy a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Contains {
    pub(super) node: NodeId,
    pub(super) min: usize,
    pub(super) max: Option<usize>,
}

#[derive(Debug, Default)]
pub(super) struct ObjectRules {
    /// `None`: the keyword is missing, and any name is allowed.
    pub(super) properties: Option<Vec<(String, NodeId)>>,
    pub(super) patterns: Vec<(Pattern, NodeId)>,
    /// The schema of all other properties.
    pub(super) additional: Option<NodeId>,
    pub(super) required: Vec<String>,
    pub(super) names: Option<NodeId>,
    pub(super) min: usize,
    pub(super) max: Option<usize>,
}

impl ObjectRules {
    /// Returns the nodes that apply to the property of that name.
    pub(super) fn of(&self, name: &str, work: &Work) -> Vec<NodeId> {
        work.spend(self.properties.as_ref().map_or(0, Vec::len) / 8 + 4 * self.patterns.len());
        let named = self.properties.iter().flatten().filter(|(key, _)| key == name).map(|(_, node)| *node);
        let matching =
            self.patterns.iter().filter(|(pattern, _)| pattern.matches(name)).map(|(_, node)| *node);
        let mut nodes: Vec<NodeId> = named.chain(matching).collect();
        if nodes.is_empty() {
            nodes.extend(self.additional);
        }
        nodes
    }
}
