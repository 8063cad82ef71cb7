//! Writes SQL for a question in natural language.

use std::fmt::Write as _;

use weir_pace::Seed;

use super::{
    read::Statement,
    tables::{ROWS, TABLES},
};

/// The default number of rows.
const LIMIT_DEFAULT: u64 = 10;

/// Returns the prompt: the tables and the question.
pub(in super::super) fn prompt(question: &str) -> String {
    let mut prompt = "Write one SQL query that answers the question. The tables:\n".to_owned();
    for table in &TABLES {
        let columns: Vec<&str> = table.columns.iter().map(|(name, _)| *name).collect();
        // Writing to a text cannot fail.
        let _ = writeln!(prompt, "{}({})", table.name, columns.join(", "));
    }
    let _ = write!(prompt, "The question: {question}");
    prompt
}

/// Returns the simulated SQL: with the table that the question names, or one derived
/// from the seed and the question, and the number of rows that it names.
pub(in super::super) fn written_for(seed: Seed, question: &str) -> Statement {
    let words = || question.split(|char: char| !char.is_alphanumeric()).map(str::to_lowercase);
    let named = words().find_map(|word| {
        TABLES.iter().find(|table| word == table.name || table.name.strip_suffix('s') == Some(word.as_str()))
    });
    let number =
        words().find_map(|word| word.parse::<u64>().ok()).filter(|number| (1..=ROWS).contains(number));
    let [first, ..] = &TABLES;
    let drawn = seed.named("question").named(question).get() % TABLES.len() as u64;
    let table = named.or_else(|| TABLES.get(drawn as usize)).unwrap_or(first);
    Statement::Rows { table, limit: Some(number.unwrap_or(LIMIT_DEFAULT)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(question: &str) -> String {
        written_for(Seed::new(42), question).to_string()
    }

    #[test]
    fn sql_has_the_table_and_rows_of_the_question() {
        assert_eq!(written("Show me all users"), "SELECT * FROM users LIMIT 10");
        assert_eq!(written("What are the 5 largest ORDERS?"), "SELECT * FROM orders LIMIT 5");
        assert_eq!(written("Which product sold best in 2025?"), "SELECT * FROM products LIMIT 10");
    }

    #[test]
    fn sql_for_unknown_topic_depends_on_the_question() {
        let questions = (0..20).map(|number| written(&format!("What is up, number{number}?")));
        let different: std::collections::BTreeSet<String> = questions.collect();
        assert!(different.len() > 2, "{different:?}");
        assert_eq!(written("What is up?"), written("What is up?"));
    }

    #[test]
    fn sql_of_any_question_can_be_read() {
        for table in &TABLES {
            let statement = written_for(Seed::new(42), table.name);
            assert_eq!(Statement::read(&statement.to_string()), Ok(statement));
        }
    }
}
