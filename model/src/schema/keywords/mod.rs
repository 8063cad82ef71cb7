//! Reads the keywords of a schema.

mod keyword;
mod rules;

use self::keyword::Keyword;
pub(super) use self::rules::{higher, lower};
use super::{
    Leniency, SchemaError, SchemaErrorKind,
    json::Json,
    node::{Edge, Kinds, Node},
    subschemas::Subschemas,
    work::Work,
};

/// Keywords that are not supported and must not be ignored.
const UNSUPPORTED: [&str; 8] = [
    "if",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "unevaluatedItems",
    "unevaluatedProperties",
    "$dynamicRef",
    "$recursiveRef",
];
/// Keywords that describe the structure of values.
const STRUCTURE: [&str; 11] = [
    "type",
    "enum",
    "const",
    "$ref",
    "allOf",
    "anyOf",
    "oneOf",
    "items",
    "prefixItems",
    "properties",
    "required",
];
/// The types of values by their names.
const KINDS: [(&str, Kinds); 7] = [
    ("null", Kinds::NULL),
    ("boolean", Kinds::BOOL),
    ("integer", Kinds::INTEGER),
    ("number", Kinds::NUMBER),
    ("string", Kinds::STRING),
    ("array", Kinds::ARRAY),
    ("object", Kinds::OBJECT),
];

/// Returns the node of the schema `json` at `pointer`.
pub(super) fn node<'a>(
    subschemas: &mut Subschemas<'a>,
    pointer: String,
    json: &'a Json,
) -> Result<Node, SchemaError> {
    let mut node = Node::default();
    match json {
        Json::Bool(true) => {}
        Json::Bool(false) => node.forbid_all(subschemas.leniency),
        Json::Object(members) => {
            for (name, value) in members {
                if subschemas.leniency == Leniency::Structure && !STRUCTURE.contains(&&**name) {
                    continue;
                }
                let keyword = Keyword::new(&pointer, name, value, json);
                match read(subschemas, &keyword, &mut node) {
                    Err(error) if is_ignored(&error, subschemas.leniency) => {}
                    result => result?,
                }
            }
            // The form before draft 6.
            for (flag, bound) in
                [("exclusiveMinimum", &mut node.number.low), ("exclusiveMaximum", &mut node.number.high)]
            {
                if let (Some(Json::Bool(true)), Some(bound)) = (json.member(flag), bound) {
                    bound.edge = Edge::Without;
                }
            }
        }
        Json::Null | Json::Number(_) | Json::String(_) | Json::Array(_) => {
            return Err(SchemaError::new(&pointer, "expected a schema: an object, true or false"));
        }
    }
    node.pointer = pointer;
    Ok(node)
}

/// Whether the rule with this error is ignored.
fn is_ignored(error: &SchemaError, leniency: Leniency) -> bool {
    leniency != Leniency::Strict && error.kind == SchemaErrorKind::NotHonoured
}

impl Node {
    /// Forbids all values. Where only the structure counts, a value that is required is written nevertheless.
    fn forbid_all(&mut self, leniency: Leniency) {
        match leniency {
            Leniency::Strict | Leniency::Lenient => self.kinds = Kinds::NONE,
            Leniency::Structure => {}
        }
    }
}

/// Reads `not`, of which only those that forbid everything or nothing can be honoured.
fn not(keyword: &Keyword<'_>, node: &mut Node, leniency: Leniency) -> Result<(), SchemaError> {
    match keyword.value {
        Json::Bool(false) => Ok(()),
        Json::Bool(true) => {
            node.forbid_all(leniency);
            Ok(())
        }
        Json::Object(members) if members.is_empty() => {
            node.forbid_all(leniency);
            Ok(())
        }
        _ => Err(not_supported(keyword)),
    }
}

fn not_supported(keyword: &Keyword<'_>) -> SchemaError {
    keyword.not_honoured("this keyword cannot be honoured")
}

fn read<'a>(
    subschemas: &mut Subschemas<'a>,
    keyword: &Keyword<'a>,
    node: &mut Node,
) -> Result<(), SchemaError> {
    match keyword.name {
        "not" => not(keyword, node, subschemas.leniency)?,
        name if UNSUPPORTED.contains(&name) => return Err(not_supported(keyword)),
        "type" => node.kinds = node.kinds.and(kinds(keyword)?),
        "enum" => restrict(node, keyword.non_empty_list()?),
        "const" => restrict(node, std::slice::from_ref(keyword.value)),
        "$ref" => node.all_of.push(subschemas.target(&keyword.at, keyword.text()?)?),
        "allOf" => node.all_of.extend(keyword.schemas(subschemas)?),
        "anyOf" => node.any_of = keyword.schemas(subschemas)?,
        "oneOf" => node.one_of = keyword.schemas(subschemas)?,
        name if rules::number(keyword, name, &mut node.number)? => {}
        name if rules::string(subschemas, keyword, name, &mut node.string)? => {}
        name if rules::array(subschemas, keyword, name, &mut node.array)? => {}
        name => rules::object(subschemas, keyword, name, &mut node.object)?,
    }
    Ok(())
}

/// Restricts the allowed values to `values`.
fn restrict(node: &mut Node, values: &[Json]) {
    let work = Work::new();
    let is_allowed = |value: &&Json| {
        let allowed = node.values.as_ref();
        allowed.is_none_or(|allowed| allowed.iter().any(|other| other.equals(value, &work)))
    };
    node.values = Some(values.iter().filter(is_allowed).cloned().collect());
}

fn kinds(keyword: &Keyword<'_>) -> Result<Kinds, SchemaError> {
    let kind = |value: &Json| {
        let Json::String(name) = value else {
            return Err(
                keyword.error(format!("expected a name like \"string\" or a list of them, found {value}"))
            );
        };
        let known = KINDS.iter().find(|(known, _)| known == name).map(|(_, kinds)| *kinds);
        known.ok_or_else(|| {
            let hint = match weir_pace::nearest(name, KINDS.iter().map(|(name, _)| *name)) {
                Some(near) => format!(" (did you mean {near:?}?)"),
                None => String::new(),
            };
            keyword.error(format!("{name:?} is no type of JSON Schema{hint}"))
        })
    };
    match keyword.value {
        Json::Array(_) => {
            keyword.non_empty_list()?.iter().try_fold(Kinds::NONE, |sum, value| Ok(sum.or(kind(value)?)))
        }
        value => kind(value),
    }
}
