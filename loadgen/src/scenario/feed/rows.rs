//! Rows of a feed while they are read.

use std::sync::Arc;

use minijinja::value::Value;

use crate::task::TableRow;

/// The largest number of rows of a feed: all of them are in memory.
const ROWS_MAX: usize = 1_000_000;

/// The rows read so far: all of them texts, or all of them with the same columns.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) columns: Option<Arc<[String]>>,
    pub(super) rows: Vec<Value>,
}

impl Rows {
    /// Returns an empty list of rows with these columns.
    pub(super) fn with_columns(columns: Vec<String>) -> Self {
        Self { columns: Some(columns.into()), rows: Vec::new() }
    }

    /// Adds a row of cells in the order of the columns.
    pub(super) fn push_cells<'a>(&mut self, cells: impl Iterator<Item = &'a str>) -> Result<(), String> {
        let columns = Arc::clone(self.columns.get_or_insert_with(|| [].into()));
        self.add(TableRow::value(&columns, cells.map(Value::from)))
    }

    /// Adds a row: a text or a table.
    pub(super) fn push(&mut self, row: serde_json::Value) -> Result<(), String> {
        match row {
            serde_json::Value::String(text) => match &self.columns {
                None => self.add(Value::from(text)),
                Some(_) => Err("a text among tables; all rows must be of one kind".to_owned()),
            },
            serde_json::Value::Object(members) => self.push_members(&members),
            other => Err(format!("`{other}` is not a row; expected a text or a table")),
        }
    }

    fn push_members(&mut self, members: &serde_json::Map<String, serde_json::Value>) -> Result<(), String> {
        if self.columns.is_none() && !self.rows.is_empty() {
            return Err("a table among texts; all rows must be of one kind".to_owned());
        }
        let columns = self.columns.get_or_insert_with(|| members.keys().cloned().collect());
        if let Some(missing) = columns.iter().find(|column| !members.contains_key(*column)) {
            return Err(format!("the column `{missing}` of the first row is missing"));
        }
        if let Some(more) = members.keys().find(|name| !columns.contains(name)) {
            return Err(format!("the column `{more}` is not in the first row"));
        }
        let cells = columns.iter().filter_map(|column| members.get(column)).map(Value::from_serialize);
        let row = TableRow::value(columns, cells);
        self.add(row)
    }

    fn add(&mut self, row: Value) -> Result<(), String> {
        if self.rows.len() >= ROWS_MAX {
            return Err(format!("too many rows; expected at most {ROWS_MAX}"));
        }
        self.rows.push(row);
        Ok(())
    }
}
