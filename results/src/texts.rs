//! Makes the texts of a report visible: all of them may come from a target, a scenario or a saved file.

use std::collections::BTreeMap;

use crate::report::{Measured, Report, Section};
use crate::search::SearchSummary;
use crate::speedup::SpeedupSummary;
use crate::summary::{FailureCount, Figures, LoadSummary, Summary, Validity};
use crate::visible::visible;

impl Report {
    /// Returns this report with every hidden character of its texts written as in Rust: `\\u{1b}`.
    #[must_use]
    pub fn with_visible_texts(mut self) -> Self {
        show(&mut self.weir);
        show(&mut self.title);
        self.machine.iter_mut().chain(&mut self.command).for_each(show);
        for Section { name, title, measured } in &mut self.sections {
            show(name);
            show(title);
            match measured {
                Measured::Load(load) => show_load(load),
                Measured::Speedup(speedup) => show_speedup(speedup),
                Measured::Search(search) => show_search(search),
            }
        }
        self
    }
}

fn show(text: &mut String) {
    if let std::borrow::Cow::Owned(shown) = visible(text) {
        *text = shown;
    }
}

fn show_load(summary: &mut Summary) {
    [&mut summary.weir, &mut summary.scenario, &mut summary.target, &mut summary.started]
        .into_iter()
        .for_each(show);
    let LoadSummary { arrivals, .. } = &mut summary.load;
    arrivals.iter_mut().chain(&mut summary.notes).for_each(show);
    summary.watched.iter_mut().for_each(|watched| show(&mut watched.name));
    show_figures(&mut summary.all);
    for class in &mut summary.classes {
        show(&mut class.name);
        show_figures(&mut class.figures);
    }
    for task in &mut summary.tasks {
        [&mut task.name, &mut task.class, &mut task.method].into_iter().for_each(show);
        show_figures(&mut task.figures);
    }
    for threshold in &mut summary.thresholds {
        [&mut threshold.scope, &mut threshold.text, &mut threshold.measured].into_iter().for_each(show);
    }
    if let Validity::Invalid { reasons } = &mut summary.generator.validity {
        reasons.iter_mut().for_each(show);
    }
}

fn show_figures(figures: &mut Figures) {
    show_failures(&mut figures.failures);
    figures.goodput.iter_mut().for_each(|goodput| show(&mut goodput.limits));
}

fn show_failures(failures: &mut BTreeMap<String, FailureCount>) {
    let of = |(mut kind, mut failure): (String, FailureCount)| {
        show(&mut kind);
        show(&mut failure.example);
        (kind, failure)
    };
    *failures = std::mem::take(failures).into_iter().map(of).collect();
}

fn show_speedup(speedup: &mut SpeedupSummary) {
    [&mut speedup.weir, &mut speedup.chain, &mut speedup.target, &mut speedup.started]
        .into_iter()
        .for_each(show);
    show_failures(&mut speedup.failures);
}

fn show_search(search: &mut SearchSummary) {
    [&mut search.weir, &mut search.scenario, &mut search.target, &mut search.started]
        .into_iter()
        .for_each(show);
    search.limits.iter_mut().for_each(show);
    search.best.iter_mut().for_each(|best| show_load(best));
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::fixture;

    /// Puts `\\u{1b}` at the end of every text and every name of a failure.
    fn with_escapes(value: &mut Value, parent: &str) {
        // Texts of a fixed form, which are read back as other types.
        const FIXED: [&str; 14] = [
            "hdr",
            "kind",
            "ended",
            "verdict",
            "phase",
            "unit",
            "outcome",
            "token_source",
            "figure",
            "bounds",
            "over",
            "way",
            "first",
            "purpose",
        ];
        match value {
            Value::String(text) if !FIXED.contains(&parent) => text.push('\u{1b}'),
            Value::Array(items) => items.iter_mut().for_each(|item| with_escapes(item, parent)),
            Value::Object(members) => {
                let is_timeline = members.contains_key("at_s") && members.contains_key("phase");
                for (name, member) in members.iter_mut().filter(|_| !is_timeline) {
                    with_escapes(member, name);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    #[test]
    fn with_visible_texts_shows_hidden_characters_of_every_text() {
        let search = Report::new("s").with_search("search", "Search", fixture::search());
        for report in [fixture::bench(), fixture::judged(), search] {
            let mut value = serde_json::to_value(&report).unwrap();
            with_escapes(&mut value, "");
            let hostile: Result<Report, _> = serde_json::from_value(value.clone());
            let hostile = hostile.unwrap_or_else(|error| panic!("{error}: {value}"));
            let shown = serde_json::to_string(&hostile.with_visible_texts()).unwrap();
            assert!(!shown.contains("\\u001b") && shown.contains("\\\\u{1b}"), "{shown}");
        }
    }
}
