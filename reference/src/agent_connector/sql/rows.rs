//! The result of a statement.

use serde_json::{Map, Value};
use weir_pace::Seed;

use super::{
    read::Statement,
    tables::{ColumnKind, ROWS, Table},
};

/// The result of a statement.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Rows {
    /// The names of the columns, in order.
    pub(in super::super) columns: Vec<String>,
    /// Objects of these columns.
    pub(in super::super) rows: Vec<Value>,
}

impl Statement {
    /// Returns the rows, which depend on the seed only.
    pub(in super::super) fn rows(self, seed: Seed) -> Rows {
        match self {
            Self::Rows { table, limit } => {
                let seed = seed.named("table").named(table.name);
                let rows = (1..=limit.unwrap_or(ROWS).min(ROWS)).map(|id| row(table, seed.derive(id), id));
                let columns = table.columns.iter().map(|(name, _)| (*name).to_owned()).collect();
                Rows { columns, rows: rows.collect() }
            }
            Self::Number(number) => {
                let name = number.to_string();
                let row = Map::from_iter([(name.clone(), number.into())]);
                Rows { columns: vec![name], rows: vec![row.into()] }
            }
        }
    }
}

fn row(table: &Table, seed: Seed, id: u64) -> Value {
    let cell = |(name, kind): &(&str, ColumnKind)| {
        let draw = seed.named(name).get();
        let value = match kind {
            ColumnKind::Id => id.into(),
            ColumnKind::Reference => (1 + draw % ROWS).into(),
            ColumnKind::OneOf(values) => pick(values, draw).into(),
            ColumnKind::Email => format!("{}{id}@example.com", table.name.trim_end_matches('s')).into(),
            ColumnKind::Whole(max) => (1 + draw % max).into(),
            ColumnKind::Money(max) => ((100 + draw % (max * 100 - 99)) as f64 / 100.0).into(),
            ColumnKind::Day => format!("2025-{:02}-{:02}", 1 + draw % 12, 1 + (draw >> 32) % 28).into(),
        };
        ((*name).to_owned(), value)
    };
    table.columns.iter().map(cell).collect::<Map<_, _>>().into()
}

/// Returns one of `values`, which are never empty.
pub(super) fn pick<T: Copy + Default>(values: &[T], draw: u64) -> T {
    let index = draw % values.len().max(1) as u64;
    values.get(index as usize).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(query: &str) -> Rows {
        Statement::read(query).unwrap().rows(Seed::new(42))
    }

    #[test]
    fn rows_have_their_columns_and_are_deterministic() {
        let three = rows("SELECT * FROM orders LIMIT 3");
        insta::assert_snapshot!(three.rows[0], @r#"{"created_at":"2025-02-27","id":1,"product_id":23,"quantity":8,"status":"delivered","total":41.97,"user_id":18}"#);
        assert_eq!(
            three.columns,
            ["id", "user_id", "product_id", "quantity", "total", "status", "created_at"]
        );
        assert_eq!(three.rows.len(), 3);
        assert_eq!(rows("select id from orders").rows[..3], three.rows);
        assert_ne!(Statement::read("SELECT * FROM orders LIMIT 3").unwrap().rows(Seed::new(43)), three);
    }

    #[test]
    fn rows_with_limit_are_at_most_all() {
        assert_eq!(rows("SELECT * FROM users LIMIT 1000000").rows.len() as u64, ROWS);
        assert_eq!(rows("SELECT * FROM users LIMIT 0").rows.len(), 0);
    }

    #[test]
    fn rows_of_select_number_is_one_row() {
        assert_eq!(rows("SELECT 1").rows, [serde_json::json!({"1": 1})]);
    }
}
