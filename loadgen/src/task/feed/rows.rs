//! The rows of each feed, and who gets which.

use std::sync::Arc;

use minijinja::value::{Enumerator, Object, Value};

/// The feeds of a scenario, by name.
#[derive(Debug, Default)]
pub(crate) struct Feeds {
    feeds: Vec<Feed>,
}

/// Rows under a name.
#[derive(Debug)]
pub(crate) struct Feed {
    pub(crate) name: String,
    /// What a row holds; `None` where each row is a text.
    pub(crate) columns: Option<Arc<[String]>>,
    /// At least one.
    pub(crate) rows: Vec<Value>,
    pub(crate) order: Order,
}

/// Which row a request gets.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Order {
    /// The next one.
    #[default]
    Sequential,
    /// Any one.
    Random,
    /// The one that belongs to its user.
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

    /// The place of the feed of that name.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.feeds.iter().position(|feed| feed.name == name)
    }
}

/// A row of several columns.
#[derive(Debug)]
pub(crate) struct Record {
    columns: Arc<[String]>,
    /// One for each column.
    cells: Box<[Value]>,
}

impl Record {
    /// A row whose cells stand in the order of `columns`.
    pub(crate) fn row(columns: &Arc<[String]>, cells: impl IntoIterator<Item = Value>) -> Value {
        Value::from_object(Self { columns: Arc::clone(columns), cells: cells.into_iter().collect() })
    }
}

impl Object for Record {
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
