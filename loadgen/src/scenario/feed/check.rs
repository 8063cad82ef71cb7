//! Checks feeds.

use std::collections::BTreeMap;
use std::path::Path;

use crate::scenario::error::{Invalid, ScenarioProblem};
use crate::scenario::load::{Load, Start};
use crate::scenario::raw::RawFeed;
use crate::scenario::request::json;
use crate::task::{Feed, Feeds, Order, is_identifier};
use weir_pace::{SettingProblem, Suggestion};

use super::file;
use super::rows::Rows;

/// The largest number of feeds of a scenario.
const FEEDS_MAX: usize = 64;

/// Checks the feeds; paths of files are relative to `folder`.
pub(in crate::scenario) fn check(raw: BTreeMap<String, RawFeed>, folder: &Path) -> Result<Feeds, Invalid> {
    if raw.len() > FEEDS_MAX {
        return Err(Invalid::range("feed", &raw.len(), format!("at most {FEEDS_MAX} feeds")));
    }
    let feeds = raw.into_iter().map(|(name, feed)| check_feed(name, feed, folder));
    Ok(Feeds::new(feeds.collect::<Result<_, _>>()?))
}

fn check_feed(name: String, raw: RawFeed, folder: &Path) -> Result<Feed, Invalid> {
    let key = format!("feed.{name}");
    if !is_identifier(&name) {
        let because =
            "templates refer to it as feed.NAME; use letters, digits and _, without a digit at the start";
        return Err(Invalid::new(key, ScenarioProblem::Name { name, because }));
    }
    let order = raw.order.map_or(Ok(Order::default()), |order| check_order(&order, &key))?;
    let rows = match (raw.rows, raw.file) {
        (Some(rows), None) => inline(rows, &key)?,
        (None, Some(path)) => file::read(&folder.join(path), &format!("{key}.file"))?,
        (Some(_), Some(_)) => {
            let because = "a feed has rows either in the scenario or in a file";
            let problem = ScenarioProblem::Conflict { other: "file", because };
            return Err(Invalid::new(format!("{key}.rows"), problem));
        }
        (None, None) => {
            let needed = "`rows` (a list) or `file` (a path that ends in .csv or .jsonl)";
            return Err(Invalid::new(key, ScenarioProblem::Missing { needed }));
        }
    };
    if rows.rows.is_empty() {
        return Err(Invalid::new(key, ScenarioProblem::Missing { needed: "at least one row" }));
    }
    Ok(Feed { name, columns: rows.columns, rows: rows.rows, order })
}

fn check_order(order: &str, key: &str) -> Result<Order, Invalid> {
    match order {
        "sequential" => Ok(Order::Sequential),
        "random" => Ok(Order::Random),
        "unique" => Ok(Order::Unique),
        other => {
            let suggestion = Suggestion::new(other, ["sequential", "random", "unique"]);
            let problem = SettingProblem::UnknownValue { value: other.to_owned(), suggestion };
            Err(Invalid::new(format!("{key}.order"), problem))
        }
    }
}

fn inline(rows: Vec<toml::Value>, key: &str) -> Result<Rows, Invalid> {
    let mut collected = Rows::default();
    for (index, row) in rows.into_iter().enumerate() {
        let key = format!("{key}.rows[{index}]");
        let row = json::from_toml(row, &key)?;
        collected.push(row).map_err(|because| Invalid::new(key, SettingProblem::Invalid(because)))?;
    }
    Ok(collected)
}

/// Checks that a feed with order `unique` has users, and a row for each of them.
pub(in crate::scenario) fn check_users(feeds: &Feeds, load: &Load) -> Result<(), Invalid> {
    let mut unique = feeds.iter().filter(|feed| feed.order == Order::Unique);
    match load.start {
        Start::Open(_) => match unique.next() {
            None => Ok(()),
            Some(feed) => {
                let because = "arrivals at a rate have no users who keep a row; use `users` or another order";
                let problem = ScenarioProblem::Conflict { other: "load.rate", because };
                Err(Invalid::new(format!("feed.{}.order", feed.name), problem))
            }
        },
        Start::Closed(_) => {
            let users = load.highest() as u64;
            match unique.find(|feed| (feed.rows.len() as u64) < users) {
                None => Ok(()),
                Some(feed) => {
                    let expected = format!("at least {users} rows, one for each user");
                    Err(Invalid::range(format!("feed.{}", feed.name), &feed.rows.len(), expected))
                }
            }
        }
    }
}
