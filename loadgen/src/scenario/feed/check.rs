//! From what is written to rows that can be given out.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use minijinja::value::Value;

use crate::scenario::error::{Invalid, ScenarioProblem};
use crate::scenario::raw::RawFeed;
use crate::scenario::request::json;
use crate::task::{Feed, Feeds, Order, Record, is_word};
use weir_pace::{SettingProblem, Suggestion};

use super::file;

/// A scenario has at most this many feeds.
const FEEDS_MAX: usize = 64;

/// A feed has at most this many rows: all of them are in memory.
pub(super) const ROWS_MAX: usize = 1_000_000;

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

/// Rows on their way to a feed: all of them texts, or all of the same columns.
#[derive(Debug, Default)]
pub(super) struct Rows {
    columns: Option<Arc<[String]>>,
    rows: Vec<Value>,
}

impl Rows {
    /// Rows with these columns.
    pub(super) fn with_columns(columns: Vec<String>) -> Self {
        Self { columns: Some(columns.into()), rows: Vec::new() }
    }

    /// Adds a row of texts that stand in the order of the columns.
    pub(super) fn push_cells<'a>(&mut self, cells: impl Iterator<Item = &'a str>) -> Result<(), String> {
        let columns = Arc::clone(self.columns.get_or_insert_with(|| [].into()));
        self.add(Record::row(&columns, cells.map(Value::from)))
    }

    /// Adds a row that is a text or a table.
    pub(super) fn push(&mut self, row: serde_json::Value) -> Result<(), String> {
        match row {
            serde_json::Value::String(text) => match &self.columns {
                None => self.add(Value::from(text)),
                Some(_) => Err("a text among tables; all rows are of one kind".to_owned()),
            },
            serde_json::Value::Object(members) => self.push_members(&members),
            other => Err(format!("`{other}` is no row; a text or a table is needed")),
        }
    }

    fn push_members(&mut self, members: &serde_json::Map<String, serde_json::Value>) -> Result<(), String> {
        if self.columns.is_none() && !self.rows.is_empty() {
            return Err("a table among texts; all rows are of one kind".to_owned());
        }
        let columns = self.columns.get_or_insert_with(|| members.keys().cloned().collect());
        if let Some(missing) = columns.iter().find(|column| !members.contains_key(*column)) {
            return Err(format!("it has no `{missing}`, which the first row has"));
        }
        if let Some(more) = members.keys().find(|name| !columns.contains(name)) {
            return Err(format!("it has `{more}`, which the first row has not"));
        }
        let cells = columns.iter().filter_map(|column| members.get(column)).map(Value::from_serialize);
        let row = Record::row(columns, cells);
        self.add(row)
    }

    fn add(&mut self, row: Value) -> Result<(), String> {
        if self.rows.len() >= ROWS_MAX {
            return Err(format!("more than {ROWS_MAX} rows; at most as many are held"));
        }
        self.rows.push(row);
        Ok(())
    }
}
