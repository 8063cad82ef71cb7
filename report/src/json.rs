//! `summary.json`: everything, so that every other format can be made again from it.

use super::format::{Format, RenderError};
use weir_results::Report;

/// The whole [`Report`], histograms included; read it back with `serde_json`.
#[derive(Clone, Copy, Debug)]
pub struct Json;

impl Format for Json {
    fn file_name(&self) -> &'static str {
        "summary.json"
    }

    fn render(&self, report: &Report) -> Result<Vec<u8>, RenderError> {
        let mut text = serde_json::to_vec_pretty(report)?;
        text.push(b'\n');
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;
    use weir_results::fixture;

    #[test]
    fn render_is_parsed_back() {
        let report = fixture::bench();
        let read: Report = serde_json::from_slice(&Json.render(&report).unwrap()).unwrap();
        // Compared as text: a parsed histogram has another capacity, which is not part of its value.
        let text = |report: &Report| String::from_utf8(Json.render(report).unwrap()).unwrap();
        for (again, first) in text(&read).lines().zip(text(&report).lines()) {
            assert_eq!(again, first);
        }
        assert_eq!(read.sections.len(), 3);
    }

    const DOCUMENT: &str = include_str!("../../docs/summary.md");

    /// Every key of every object; those of `failures` are kinds.
    fn keys(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(object) => {
                for (key, value) in object {
                    found.insert(key.clone());
                    match value {
                        Value::Object(kinds) if key == "failures" => {
                            kinds.values().for_each(|failure| keys(failure, found));
                        }
                        _ => keys(value, found),
                    }
                }
            }
            Value::Array(values) => values.iter().for_each(|value| keys(value, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    #[test]
    fn render_keys_equal_the_documented_keys() {
        let mut report = fixture::bench().with_load("open", "Open loop", fixture::open_loop()).with_search(
            "search",
            "Search",
            fixture::search(),
        );
        report.sections.extend(fixture::judged().sections);
        (report.machine, report.command) = (Some("a CPU".to_owned()), Some("weir bench".to_owned()));
        let mut found = BTreeSet::new();
        keys(&serde_json::from_slice(&Json.render(&report).unwrap()).unwrap(), &mut found);
        let undocumented: Vec<&String> =
            found.iter().filter(|key| !DOCUMENT.contains(&format!("`{key}`"))).collect();
        assert!(undocumented.is_empty(), "docs/summary.md lacks {undocumented:?}");

        let first_columns = DOCUMENT.lines().filter_map(|line| line.strip_prefix("| `")?.split(" | ").next());
        let documented = first_columns.flat_map(|column| column.split("`, `"));
        let unknown: Vec<&str> =
            documented.map(|key| key.trim_end_matches('`')).filter(|key| !found.contains(*key)).collect();
        assert!(unknown.is_empty(), "docs/summary.md describes {unknown:?}, which do not exist");
    }
}
