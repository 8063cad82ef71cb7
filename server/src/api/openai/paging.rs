//! Pages of lists.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::store::{Order, PageQuery, Remaining};
use crate::{
    config::UnknownIds,
    request::{Problem, json},
};

/// Elements of one page: default and maximum.
const LIMIT: usize = 20;
const LIMIT_MAX: usize = 100;

/// A query's pairs.
pub(super) type Query = BTreeMap<String, String>;

/// Returns the requested page; `order` is the default.
pub(super) fn wanted(query: &Query, order: Order) -> Result<PageQuery<'_>, Problem> {
    let limit = match query.get("limit").map(|limit| limit.parse::<usize>()) {
        None => LIMIT,
        Some(Ok(limit)) if limit <= LIMIT_MAX => limit,
        Some(Ok(limit)) => {
            return Err(json::above("limit", "integer", &LIMIT_MAX.to_string(), &limit.to_string()));
        }
        Some(Err(_)) => return Err(json::mistyped("limit", "an integer", "a string")),
    };
    let order = match query.get("order").map(String::as_str) {
        None => order,
        Some("asc") => Order::OldestFirst,
        Some("desc") => Order::NewestFirst,
        Some(other) => return Err(json::unsupported("order", other, &["asc", "desc"])),
    };
    Ok(PageQuery { after: query.get("after").map(String::as_str), order, limit })
}

/// Returns a page of `elements`, which are sorted from oldest to newest; `None` if none of them has the id `after`.
pub(super) fn part(mut elements: Vec<Value>, wanted: PageQuery<'_>) -> Option<(Vec<Value>, Remaining)> {
    match wanted.order {
        Order::OldestFirst => {}
        Order::NewestFirst => elements.reverse(),
    }
    if let Some(after) = wanted.after {
        let at = elements.iter().position(|element| element.get("id").is_some_and(|id| id == after))?;
        elements.drain(..=at);
    }
    let rest = if elements.len() > wanted.limit { Remaining::More } else { Remaining::None };
    elements.truncate(wanted.limit);
    Some((elements, rest))
}

/// Returns a page of `elements` as [`part`] does; where unknown ids are accepted, one that starts after an unknown element
/// starts at the beginning.
pub(super) fn known_part(
    elements: Vec<Value>,
    wanted: PageQuery<'_>,
    unknown_ids: UnknownIds,
) -> Option<(Vec<Value>, Remaining)> {
    let is_known =
        |after| elements.iter().any(|element| element.get("id").and_then(Value::as_str) == Some(after));
    let after = wanted.after.filter(|after| unknown_ids == UnknownIds::Reject || is_known(*after));
    part(elements, PageQuery { after, ..wanted })
}

/// Encodes a list; each element has an id.
pub(super) fn list(elements: &[Value], rest: Remaining) -> Value {
    let id = |element: Option<&Value>| element.and_then(|element| element.get("id")).cloned();
    json!({
        "object": "list",
        "first_id": id(elements.first()),
        "last_id": id(elements.last()),
        "has_more": rest == Remaining::More,
        "data": elements,
    })
}
