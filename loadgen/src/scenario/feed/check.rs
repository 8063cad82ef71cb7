//! From what is written to rows that can be given out.

use std::collections::BTreeMap;
use std::path::Path;

use crate::scenario::error::{Invalid, ScenarioProblem};
use crate::scenario::load::{Load, Start};
use crate::scenario::raw::RawFeed;
use crate::scenario::request::json;
use crate::task::{Feed, Feeds, Order, is_word};
use weir_pace::{SettingProblem, Suggestion};

use super::file;
use super::rows::Rows;

/// A scenario has at most this many feeds.
const FEEDS_MAX: usize = 64;

/// Checks the feeds; files stand in `folder` where their paths do not say otherwise.
pub(in crate::scenario) fn check(raw: BTreeMap<String, RawFeed>, folder: &Path) -> Result<Feeds, Invalid> {
    if raw.len() > FEEDS_MAX {
        return Err(Invalid::range("feed", &raw.len(), format!("a number of at most {FEEDS_MAX}")));
    }
    let feeds = raw.into_iter().map(|(name, feed)| check_feed(name, feed, folder));
    Ok(Feeds::new(feeds.collect::<Result<_, _>>()?))
}

fn check_feed(name: String, raw: RawFeed, folder: &Path) -> Result<Feed, Invalid> {
    let key = format!("feed.{name}");
    if !is_word(&name) {
        let because = "templates mention it as feed.NAME: letters, digits and _ are needed, no digit first";
        return Err(Invalid::new(key, ScenarioProblem::Name { name, because }));
    }
    let order = raw.order.map_or(Ok(Order::default()), |order| check_order(&order, &key))?;
    let rows = match (raw.rows, raw.file) {
        (Some(rows), None) => inline(rows, &key)?,
        (None, Some(path)) => file::read(&folder.join(path), &format!("{key}.file"))?,
        (Some(_), Some(_)) => {
            let because = "its rows stand in the scenario or in a file";
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

/// Checks that there are users who can keep rows, and no more of them than rows.
pub(in crate::scenario) fn check_users(feeds: &Feeds, load: &Load) -> Result<(), Invalid> {
    let mut unique = feeds.iter().filter(|feed| feed.order == Order::Unique);
    match load.start {
        Start::Open(_) => match unique.next() {
            None => Ok(()),
            Some(feed) => {
                let because =
                    "nobody keeps a row where arrivals come at a rate; give `users`, or another order";
                let problem = ScenarioProblem::Conflict { other: "load.rate", because };
                Err(Invalid::new(format!("feed.{}.order", feed.name), problem))
            }
        },
        Start::Closed(_) => {
            let users = load.highest() as u64;
            match unique.find(|feed| (feed.rows.len() as u64) < users) {
                None => Ok(()),
                Some(feed) => {
                    let needed = format!("a number of rows of at least {users}, one for each user,");
                    Err(Invalid::range(format!("feed.{}", feed.name), &feed.rows.len(), needed))
                }
            }
        }
    }
}
