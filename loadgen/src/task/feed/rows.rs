//! Feeds and their rows.

use std::sync::Arc;

use minijinja::value::{Enumerator, Object, Value};

/// The feeds of a scenario.
#[derive(Debug, Default)]
pub(crate) struct Feeds {
    feeds: Vec<Feed>,
}

/// A named list of rows.
#[derive(Debug)]
pub(crate) struct Feed {
    pub(crate) name: String,
    /// The names of the columns; `None` if each row is a text.
    pub(crate) columns: Option<Arc<[String]>>,
    /// The rows, at least one.
    pub(crate) rows: Vec<Value>,
    pub(crate) order: Order,
}

/// The order in which requests take rows.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Order {
    /// Each request takes the next row.
    #[default]
    Sequential,
    /// Each request takes a random row.
    Random,
    /// Each user keeps one row.
    Unique,
}

impl Feeds {
    pub(crate) fn new(feeds: Vec<Feed>) -> Self {
        Self { feeds }
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &Feed> {
        self.feeds.iter()
    }

    pub(crate) fn get(&self, index: usize) -> Option<&Feed> {
        self.feeds.get(index)
    }

    /// Returns the index of the feed of that name.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.feeds.iter().position(|feed| feed.name == name)
    }
}

/// A row with columns, as templates access it.
#[derive(Debug)]
pub(crate) struct TableRow {
    columns: Arc<[String]>,
    /// One value for each column.
    cells: Box<[Value]>,
}

impl TableRow {
    /// Returns a row as a template value; `cells` are in the order of `columns`.
    pub(crate) fn value(columns: &Arc<[String]>, cells: impl IntoIterator<Item = Value>) -> Value {
        Value::from_object(Self { columns: Arc::clone(columns), cells: cells.into_iter().collect() })
    }
}

impl Object for TableRow {
    fn get_value_by_str(self: &Arc<Self>, column: &str) -> Option<Value> {
        let index = self.columns.iter().position(|known| known == column)?;
        self.cells.get(index).cloned()
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.columns.iter().map(|column| Value::from(column.as_str())).collect())
    }
}
