//! Keywords for one type of values.

use serde_json::Number;

use super::keyword::{Keyword, pattern};
use crate::schema::{
    SchemaError,
    json::Json,
    node::{ArrayRules, Bound, Contains, Edge, Format, NumberRules, ObjectRules, Repeats, Step, StringRules},
    subschemas::Subschemas,
};

/// Maximum lengths of written values: of strings in characters, of arrays in items, of objects in properties.
const STRING_MAX: usize = 16_384;
const ITEMS_MAX: usize = 1_024;

/// Reads a keyword for numbers, if it is one.
pub(super) fn number(
    keyword: &Keyword<'_>,
    name: &str,
    rules: &mut NumberRules,
) -> Result<bool, SchemaError> {
    let at = || Ok(keyword.number()?.as_f64().unwrap_or(0.0));
    match name {
        "exclusiveMinimum" | "exclusiveMaximum" if matches!(keyword.value, Json::Bool(_)) => {}
        "minimum" => rules.low = higher(rules.low, Bound { at: at()?, edge: Edge::Within }),
        "exclusiveMinimum" => rules.low = higher(rules.low, Bound { at: at()?, edge: Edge::Without }),
        "maximum" => rules.high = lower(rules.high, Bound { at: at()?, edge: Edge::Within }),
        "exclusiveMaximum" => rules.high = lower(rules.high, Bound { at: at()?, edge: Edge::Without }),
        "multipleOf" => {
            let step = step(keyword.number()?);
            rules.step =
                Some(step.ok_or_else(|| {
                    keyword.not_honoured("expected a number above zero of at most 15 digits")
                })?);
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// The narrower of two lower bounds.
pub(in crate::schema) fn higher(known: Option<Bound>, new: Bound) -> Option<Bound> {
    let is_narrower =
        |known: &Bound| (known.at, known.edge == Edge::Without) >= (new.at, new.edge == Edge::Without);
    known.filter(is_narrower).or(Some(new))
}

/// The narrower of two upper bounds.
pub(in crate::schema) fn lower(known: Option<Bound>, new: Bound) -> Option<Bound> {
    let is_narrower =
        |known: &Bound| (known.at, known.edge == Edge::Within) <= (new.at, new.edge == Edge::Within);
    known.filter(is_narrower).or(Some(new))
}

/// A number above zero as an exact decimal.
fn step(number: &Number) -> Option<Step> {
    let text = number.to_string();
    let (digits, exponent) = match text.split_once(['e', 'E']) {
        Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
        None => (&*text, 0),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = fraction.trim_end_matches('0');
    let places = i32::try_from(fraction.len()).ok()? - exponent;
    let units: i64 = format!("{whole}{fraction}").parse().ok()?;
    let shift = u32::try_from(-places.min(0)).ok()?;
    let units = units.checked_mul(10_i64.checked_pow(shift)?)?;
    let places = places.max(0).unsigned_abs();
    (units > 0 && units < 1_000_000_000_000_000 && places <= 15).then_some(Step { units, places })
}

/// Reads a keyword for strings, if it is one.
pub(super) fn string(
    subschemas: &mut Subschemas<'_>,
    keyword: &Keyword<'_>,
    name: &str,
    rules: &mut StringRules,
) -> Result<bool, SchemaError> {
    match name {
        "minLength" => rules.min = keyword.min_count(STRING_MAX)?,
        "maxLength" => rules.max = Some(keyword.count()?),
        "pattern" => rules.pattern = Some(pattern(subschemas, &keyword.at, keyword.text()?)?),
        "format" => rules.format = format(keyword.text()?),
        _ => return Ok(false),
    }
    Ok(true)
}

/// Unknown formats are ignored, as the specification requires.
fn format(name: &str) -> Option<Format> {
    Some(match name {
        "date-time" => Format::DateTime,
        "date" => Format::Date,
        "time" => Format::Time,
        "duration" => Format::Duration,
        "email" | "idn-email" => Format::Email,
        "hostname" | "idn-hostname" => Format::Hostname,
        "ipv4" => Format::Ipv4,
        "ipv6" => Format::Ipv6,
        "uri" | "iri" | "url" => Format::Uri,
        "uri-reference" | "iri-reference" => Format::UriReference,
        "uri-template" => Format::UriTemplate,
        "uuid" => Format::Uuid,
        "json-pointer" => Format::JsonPointer,
        "relative-json-pointer" => Format::RelativeJsonPointer,
        "regex" => Format::Regex,
        _ => return None,
    })
}

/// Reads a keyword for arrays, if it is one.
pub(super) fn array<'a>(
    subschemas: &mut Subschemas<'a>,
    keyword: &Keyword<'a>,
    name: &str,
    rules: &mut ArrayRules,
) -> Result<bool, SchemaError> {
    let beside = |name| keyword.sibling(name);
    let is_old = matches!(keyword.schema.member("items"), Some(Json::Array(_)));
    match name {
        "prefixItems" => rules.prefix = keyword.schemas(subschemas)?,
        // The form before draft 2020-12.
        "items" if is_old && keyword.list()?.is_empty() => {}
        "items" if is_old => rules.prefix = keyword.schemas(subschemas)?,
        "additionalItems" if is_old => rules.items = Some(keyword.schema(subschemas)?),
        "items" => rules.items = Some(keyword.schema(subschemas)?),
        "minItems" => rules.min = keyword.min_count(ITEMS_MAX)?,
        "maxItems" => rules.max = Some(keyword.count()?),
        "uniqueItems" => rules.repeats = if keyword.flag()? { Repeats::Forbidden } else { Repeats::Allowed },
        "contains" => {
            let min =
                beside("minContains").map(|keyword| keyword.min_count(ITEMS_MAX)).transpose()?.unwrap_or(1);
            let max = beside("maxContains").map(|keyword| keyword.count()).transpose()?;
            rules.contains = Some(Contains { node: keyword.schema(subschemas)?, min, max });
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// Reads a keyword for objects; others are ignored.
pub(super) fn object<'a>(
    subschemas: &mut Subschemas<'a>,
    keyword: &Keyword<'a>,
    name: &str,
    rules: &mut ObjectRules,
) -> Result<(), SchemaError> {
    match name {
        "properties" => {
            let mut properties = Vec::new();
            for (name, at, value) in keyword.members()? {
                // A property that is not a schema allows anything: examples of providers' tools have such properties.
                let is_schema = matches!(value, Json::Object(_) | Json::Bool(_));
                let value = if is_schema { value } else { &Json::Bool(true) };
                properties.push((name.to_owned(), subschemas.part(&at, value)?));
            }
            rules.properties = Some(properties);
        }
        "patternProperties" => {
            for (source, at, value) in keyword.members()? {
                rules.patterns.push((pattern(subschemas, &at, source)?, subschemas.part(&at, value)?));
            }
        }
        "additionalProperties" => rules.additional = Some(keyword.schema(subschemas)?),
        "propertyNames" => rules.names = Some(keyword.schema(subschemas)?),
        "required" if matches!(keyword.value, Json::Bool(_)) => {}
        "required" => rules.required = keyword.texts(ITEMS_MAX)?,
        "minProperties" => rules.min = keyword.min_count(ITEMS_MAX)?,
        "maxProperties" => rules.max = Some(keyword.count()?),
        _ => {}
    }
    Ok(())
}
