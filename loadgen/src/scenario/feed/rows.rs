//! Rows of a feed while they are read.

use std::sync::Arc;

use minijinja::value::Value;

use crate::task::Record;

/// The largest number of rows of a feed: all of them are in memory.
const ROWS_MAX: usize = 1_000_000;

/// The rows read so far: all of them texts, or all of them with the same columns.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) columns: Option<Arc<[String]>>,
    pub(super) rows: Vec<Value>,
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
