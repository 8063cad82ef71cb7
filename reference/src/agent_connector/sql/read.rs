//! A parser of simple SELECTs.

use std::fmt;

use super::{
    tables::{TABLES, Table},
    tokens::{SqlToken, Unended, words},
};

/// Maximum characters of an unknown name in an error.
const NAME_SHOWN_MAX: usize = 64;

/// A supported statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Statement {
    /// Rows of a table.
    Rows { table: &'static Table, limit: Option<u64> },
    /// `SELECT 1`, with which clients check the connection.
    Number(u64),
}

/// Why a query is not supported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(in super::super) enum SqlError {
    #[error("only SELECT can be had here, not {0:?}")]
    NotSelect(String),
    #[error("expected one statement, found more after the ;")]
    SecondStatement,
    #[error("expected a table: SELECT ... FROM one of {known}", known = known())]
    NoTable,
    #[error("the table {name:?} does not exist{}; known: {known}", hint(.name), known = known())]
    UnknownTable { name: String },
    #[error("expected a whole number after LIMIT")]
    Limit,
    #[error(transparent)]
    Unended(#[from] Unended),
}

impl Statement {
    pub(in super::super) fn read(query: &str) -> Result<Self, SqlError> {
        let words = words(query)?;
        let statement = words.split(|word| *word == SqlToken::Sign(';')).next().unwrap_or_default();
        let rest = words.get(statement.len()..).unwrap_or_default();
        if rest.iter().any(|word| *word != SqlToken::Sign(';')) {
            return Err(SqlError::SecondStatement);
        }
        let Some((first, columns)) = statement.split_first() else { return Err(SqlError::NoTable) };
        if !is(first, "select") {
            return Err(SqlError::NotSelect(shown(&first.to_string())));
        }
        if let [SqlToken::Name(number)] = columns
            && let Ok(number) = number.parse()
        {
            return Ok(Self::Number(number));
        }
        let from = after(columns, "from").ok_or(SqlError::NoTable)?;
        let (name, rest) = table_name(from).ok_or(SqlError::NoTable)?;
        let table = TABLES.iter().find(|table| table.name.eq_ignore_ascii_case(name));
        let table = table.ok_or_else(|| SqlError::UnknownTable { name: shown(name) })?;
        Ok(Self::Rows { table, limit: after(rest, "limit").map(limit).transpose()? })
    }
}

/// As SQL.
impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rows { table, limit: Some(limit) } => {
                write!(f, "SELECT * FROM {} LIMIT {limit}", table.name)
            }
            Self::Rows { table, limit: None } => write!(f, "SELECT * FROM {}", table.name),
            Self::Number(number) => write!(f, "SELECT {number}"),
        }
    }
}

impl fmt::Display for SqlToken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Text => f.write_str("'...'"),
            Self::Sign(sign) => write!(f, "{sign}"),
        }
    }
}

fn is(word: &SqlToken<'_>, keyword: &str) -> bool {
    matches!(word, SqlToken::Name(name) if name.eq_ignore_ascii_case(keyword))
}

/// Returns the tokens after `keyword`, outside parentheses.
fn after<'a, 'b>(words: &'a [SqlToken<'b>], keyword: &str) -> Option<&'a [SqlToken<'b>]> {
    let mut depth = 0_usize;
    for (index, word) in words.iter().enumerate() {
        match word {
            SqlToken::Sign('(') => depth += 1,
            SqlToken::Sign(')') => depth = depth.saturating_sub(1),
            SqlToken::Name(_) if depth == 0 && is(word, keyword) => return words.get(index + 1..),
            SqlToken::Name(_) | SqlToken::Text | SqlToken::Sign(_) => {}
        }
    }
    None
}

/// Returns the table's name, which may have a schema prefix, and the rest.
fn table_name<'a, 'b>(words: &'a [SqlToken<'b>]) -> Option<(&'b str, &'a [SqlToken<'b>])> {
    let mut words = words;
    while let [SqlToken::Name(_), SqlToken::Sign('.'), rest @ ..] = words {
        words = rest;
    }
    match words {
        [SqlToken::Name(name), rest @ ..] => Some((name, rest)),
        _ => None,
    }
}

fn limit(words: &[SqlToken<'_>]) -> Result<u64, SqlError> {
    match words.first() {
        Some(SqlToken::Name(number)) => number.parse().map_err(|_| SqlError::Limit),
        Some(SqlToken::Text | SqlToken::Sign(_)) | None => Err(SqlError::Limit),
    }
}

/// Shortens a name for an error.
fn shown(name: &str) -> String {
    name.chars().take(NAME_SHOWN_MAX).collect()
}

fn known() -> String {
    TABLES.map(|table| table.name).join(", ")
}

fn hint(name: &str) -> String {
    let near = weir_pace::nearest(name, TABLES.iter().map(|table| table.name));
    near.map(|near| format!(" (did you mean {near:?}?)")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> String {
        Statement::read(query).map_or_else(|error| error.to_string(), |statement| statement.to_string())
    }

    #[test]
    fn read_select_returns_table_and_limit() {
        for (query, statement) in [
            ("SELECT * FROM users", "SELECT * FROM users"),
            ("select id, name\nfrom Orders where total > 5 limit 7;", "SELECT * FROM orders LIMIT 7"),
            ("SELECT a FROM public.\"products\" p JOIN users u ON p.id = u.id", "SELECT * FROM products"),
            ("SELECT (SELECT max(id) FROM orders LIMIT 1) FROM users", "SELECT * FROM users"),
            ("SELECT 'from orders' FROM users", "SELECT * FROM users"),
            ("SELECT 1", "SELECT 1"),
        ] {
            assert_eq!(read(query), statement, "{query}");
        }
    }

    #[test]
    fn read_unsupported_statement_has_the_reason() {
        insta::assert_snapshot!(read("DROP TABLE users"), @r#"only SELECT can be had here, not "DROP""#);
        insta::assert_snapshot!(read("SELECT * FROM users; DELETE FROM users"), @"expected one statement, found more after the ;");
        insta::assert_snapshot!(read("SELECT now()"), @"expected a table: SELECT ... FROM one of users, customers, products, orders, employees, payments");
        insta::assert_snapshot!(read("SELECT * FROM usrs"), @r#"the table "usrs" does not exist (did you mean "users"?); known: users, customers, products, orders, employees, payments"#);
        insta::assert_snapshot!(read("SELECT * FROM (SELECT 1)"), @"expected a table: SELECT ... FROM one of users, customers, products, orders, employees, payments");
        insta::assert_snapshot!(read("SELECT * FROM users LIMIT many"), @"expected a whole number after LIMIT");
        insta::assert_snapshot!(read("; ;"), @"expected a table: SELECT ... FROM one of users, customers, products, orders, employees, payments");
    }
}
