//! Which part of a list a query asks for, and how a list is written.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::store::{Order, Rest, Wanted};
use crate::request::{Problem, json};

/// Elements of one page, when the query does not say and at the most.
const LIMIT: usize = 20;
const LIMIT_MAX: usize = 100;

/// A query's pairs.
pub(super) type Query = BTreeMap<String, String>;

/// Which part a query asks for; `order` where it does not say.
pub(super) fn wanted(query: &Query, order: Order) -> Result<Wanted<'_>, Problem> {
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
    Ok(Wanted { after: query.get("after").map(String::as_str), order, limit })
}

/// The part of `elements`, the oldest of which comes first; `None` where none of them has the id that it comes after.
pub(super) fn part(mut elements: Vec<Value>, wanted: Wanted<'_>) -> Option<(Vec<Value>, Rest)> {
    match wanted.order {
        Order::OldestFirst => {}
        Order::NewestFirst => elements.reverse(),
    }
    if let Some(after) = wanted.after {
        let at = elements.iter().position(|element| element.get("id").is_some_and(|id| id == after))?;
        elements.drain(..=at);
    }
    let rest = if elements.len() > wanted.limit { Rest::More } else { Rest::None };
    elements.truncate(wanted.limit);
    Some((elements, rest))
}

/// The list as it is written; each element has an id.
pub(super) fn list(elements: &[Value], rest: Rest) -> Value {
    let id = |element: Option<&Value>| element.and_then(|element| element.get("id")).cloned();
    json!({
        "object": "list",
        "first_id": id(elements.first()),
        "last_id": id(elements.last()),
        "has_more": rest == Rest::More,
        "data": elements,
    })
}
