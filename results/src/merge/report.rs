//! Merges whole reports.

use crate::report::{Measured, Report, Section};

use super::error::MergeError;
use super::saved::SavedReport;
use super::summary::{self, Part};

/// Merges reports that have the same sections; a single report is returned unchanged.
///
/// # Errors
/// Fails if there are no reports, or they measured different things.
pub fn merge(saved: &[SavedReport]) -> Result<Report, MergeError> {
    let Some((first, others)) = saved.split_first() else { return Err(MergeError::None) };
    if others.is_empty() {
        return Ok(first.report.clone());
    }
    others.iter().try_for_each(|other| check_same_sections(first, other))?;
    let mut merged = first.report.clone();
    for (place, section) in merged.sections.iter_mut().enumerate() {
        if let (Some(what), Some(other)) = (unmergeable_reason(&section.measured), others.first()) {
            let (first, second) = (first.name.clone(), other.name.clone());
            return Err(MergeError::Single { first, second, section: section.name.clone(), what });
        }
        let parts: Vec<Part<'_>> = saved.iter().filter_map(|saved| part(saved, place)).collect();
        section.measured = Measured::Load(Box::new(summary::merge(&parts)?));
    }
    merged.title = title(saved);
    // Of several machines or commands, none is that of the figures.
    let differs =
        |of: fn(&Report) -> &Option<String>| saved.iter().any(|saved| of(&saved.report) != of(&merged));
    let (machine, command) = (differs(|report| &report.machine), differs(|report| &report.command));
    merged.machine = merged.machine.filter(|_| !machine);
    merged.command = merged.command.filter(|_| !command);
    Ok(merged)
}

/// What a title says before the number of merged runs.
const MERGED: &str = ", merged ";

/// Returns the title of merged reports, some of which may be merged reports themselves.
fn title(saved: &[SavedReport]) -> String {
    let parts = saved.iter().map(|saved| match saved.report.title.split_once(MERGED) {
        Some((title, runs)) => {
            (title, runs.split(' ').next().and_then(|runs| runs.parse().ok()).unwrap_or(1))
        }
        None => (saved.report.title.as_str(), 1_u64),
    });
    let runs: u64 = parts.clone().map(|(_, runs)| runs).sum();
    let title = parts.map(|(title, _)| title).next().unwrap_or_default();
    format!("{title}{MERGED}{runs} runs")
}

/// Returns why a section cannot be merged.
fn unmergeable_reason(measured: &Measured) -> Option<&'static str> {
    match measured {
        Measured::Load(_) => None,
        Measured::Speedup(_) => Some("a speedup; measure it once, with more pairs"),
        Measured::Search(_) => Some("a search; report each by itself"),
    }
}

fn part(saved: &SavedReport, place: usize) -> Option<Part<'_>> {
    match &saved.report.sections.get(place)?.measured {
        Measured::Load(summary) => Some(Part { name: &saved.name, summary }),
        Measured::Speedup(_) | Measured::Search(_) => None,
    }
}

/// Fails if the reports have different sections.
fn check_same_sections(first: &SavedReport, other: &SavedReport) -> Result<(), MergeError> {
    let (in_first, in_second) = (sections(&first.report), sections(&other.report));
    if in_first == in_second {
        return Ok(());
    }
    let (first, second, what) = (first.name.clone(), other.name.clone(), "the list of sections".to_owned());
    Err(MergeError::Different { first, second, what, in_first, in_second })
}

fn sections(report: &Report) -> String {
    let name = |section: &Section| match section.measured {
        Measured::Load(_) => section.name.clone(),
        Measured::Speedup(_) => format!("{} (a speedup)", section.name),
        Measured::Search(_) => format!("{} (a search)", section.name),
    };
    report.sections.iter().map(name).collect::<Vec<_>>().join(", ")
}
