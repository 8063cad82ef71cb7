//! `summary.json`: everything, so that every other form can be made again from it.

use super::content::Report;
use super::format::{Format, RenderError};

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
    use super::super::fixture;
    use super::*;

    #[test]
    fn reads_back_what_it_wrote() {
        let report = fixture::bench();
        let read: Report = serde_json::from_slice(&Json.render(&report).unwrap()).unwrap();
        // Compared as text: a histogram that was read has another capacity, which is not part of its value.
        let text = |report: &Report| String::from_utf8(Json.render(report).unwrap()).unwrap();
        for (again, first) in text(&read).lines().zip(text(&report).lines()) {
            assert_eq!(again, first);
        }
        assert_eq!(read.sections.len(), 3);
    }
}
