//! Merges the summaries of several runs.

use std::collections::BTreeMap;
use std::time::UNIX_EPOCH;

use crate::summary::{Figures, Generator, LoadKind, Summary, ThresholdResult, Validity, instant_of_label};
use crate::threshold::Threshold;

use super::error::MergeError;
use super::figures;
use super::load::load;
use super::placement::{Layout, Placement, Span, layout};
use super::timeline;

/// A summary and the name of its file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part<'a> {
    pub(super) name: &'a str,
    pub(super) summary: &'a Summary,
}

/// Merges the summaries of several runs of one scenario.
pub(super) fn merge(parts: &[Part<'_>]) -> Result<Summary, MergeError> {
    let Some((first, others)) = parts.split_first() else { return Err(MergeError::None) };
    others.iter().try_for_each(|other| check_mergeable(first, other))?;
    let spans = parts.iter().map(span).collect::<Result<Vec<Span>, MergeError>>()?;
    let layout = layout(&spans);
    let mut placed: Vec<PlacedPart<'_>> =
        parts.iter().zip(&layout.placements).map(|(part, at)| PlacedPart { part: *part, at: *at }).collect();
    placed.sort_by_key(|placed| (placed.at.group, placed.at.offset_s));

    let mut merged = placed.first().map_or(first, |earliest| &earliest.part).summary.clone();
    if let Some(load) = load(placed.iter().map(|placed| (placed.at.group, &placed.part.summary.load))) {
        merged.load = load;
    }
    merged.window.run_s = layout.run_s;
    merged.window.measured_s = layout.measured_s;
    merged.window.ended =
        parts.iter().filter_map(|part| part.summary.window.ended).max_by_key(|end| end.gravity());
    merged.window.unfinished = parts.iter().map(|part| part.summary.window.unfinished).sum();
    merged.all = sum(&placed, |summary| Some(&summary.all));
    for (place, class) in merged.classes.iter_mut().enumerate() {
        class.figures = sum(&placed, |summary| summary.classes.get(place).map(|class| &class.figures));
    }
    for (place, task) in merged.tasks.iter_mut().enumerate() {
        task.figures = sum(&placed, |summary| summary.tasks.get(place).map(|task| &task.figures));
    }
    merged.failures_outside = BTreeMap::new();
    for PlacedPart { part, at } in &placed {
        let failures = &part.summary.failures_outside;
        figures::add_failures(&mut merged.failures_outside, failures, at.offset_s as f64);
    }
    let timelines = placed.iter().map(|placed| (placed.part.summary.timeline.as_slice(), placed.at.offset_s));
    merged.timeline = timeline::overlay(timelines);
    merged.generator = generator(first, others, merged.load.workers);
    merged.notes = notes(parts, &layout);
    merged.thresholds = thresholds(&placed, &merged);
    Ok(merged)
}

/// A part and its position in the merged run.
#[derive(Clone, Copy, Debug)]
struct PlacedPart<'a> {
    part: Part<'a>,
    at: Placement,
}

/// Fails if the parts are of different scenarios, so that their figures have different meanings.
fn check_mergeable(first: &Part<'_>, other: &Part<'_>) -> Result<(), MergeError> {
    let (ours, theirs) = (first.summary, other.summary);
    let names = |summary: &Summary| {
        let tasks = summary.tasks.iter().map(|task| format!("{}: {} {}", task.class, task.method, task.name));
        tasks.collect::<Vec<_>>().join(", ")
    };
    let kind = |summary: &Summary| match summary.load.kind {
        LoadKind::Closed => "closed".to_owned(),
        LoadKind::Open => "open".to_owned(),
    };
    let compared = [
        ("the scenario", ours.scenario.clone(), theirs.scenario.clone()),
        ("the target", ours.target.clone(), theirs.target.clone()),
        ("the kind of load", kind(ours), kind(theirs)),
        ("the list of tasks", names(ours), names(theirs)),
        ("the time scale", ours.time_scale.to_string(), theirs.time_scale.to_string()),
    ];
    for (what, in_first, in_second) in compared {
        if in_first != in_second {
            let (first, second) = (first.name.to_owned(), other.name.to_owned());
            return Err(MergeError::Different { first, second, what: what.to_owned(), in_first, in_second });
        }
    }
    Ok(())
}

fn span(part: &Part<'_>) -> Result<Span, MergeError> {
    let Part { name, summary } = part;
    let at = instant_of_label(&summary.started).and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    let at =
        at.ok_or_else(|| MergeError::Started { name: (*name).to_owned(), started: summary.started.clone() })?;
    Ok(Span {
        started_s: at.as_secs(),
        run_s: summary.window.run_s,
        measured_s: summary.window.measured_s,
        seconds: summary.timeline.iter().map(|second| second.at_s + 1).max().unwrap_or(0),
    })
}

fn sum(placed: &[PlacedPart<'_>], of: impl Fn(&Summary) -> Option<&Figures>) -> Figures {
    let mut sum = Figures::default();
    for PlacedPart { part, at } in placed {
        if let Some(part) = of(part.summary) {
            figures::add(&mut sum, part, *at);
        }
    }
    sum
}

/// Judges every threshold of any part by the merged figures.
fn thresholds(placed: &[PlacedPart<'_>], merged: &Summary) -> Vec<ThresholdResult> {
    let mut gathered: Vec<ThresholdResult> = Vec::new();
    for PlacedPart { part, at } in placed {
        for result in &part.summary.thresholds {
            let ended_at_s = result.ended_run_at_s.map(|at_s| at_s + at.offset_s as f64);
            match (gathered.iter_mut().find(|known| known.text == result.text), ended_at_s) {
                (None, _) => {
                    gathered.push(ThresholdResult { ended_run_at_s: ended_at_s, ..result.clone() });
                }
                (Some(known), Some(at_s)) => {
                    known.end_run(known.ended_run_at_s.map_or(at_s, |known| known.min(at_s)));
                }
                (Some(_), None) => {}
            }
        }
    }
    gathered.into_iter().map(|result| Threshold::judge_again(result, merged)).collect()
}

/// Merges the generators: the result is valid only if all of them are.
fn generator(first: &Part<'_>, others: &[Part<'_>], workers: u64) -> Generator {
    let mut whole = Generator { workers, ..first.summary.generator.clone() };
    let mut reasons = invalid_reasons(first);
    for other in others {
        let part = &other.summary.generator;
        whole.lateness.merge(&part.lateness);
        whole.loop_lag.merge(&part.loop_lag);
        whole.cpu_share = whole.cpu_share.zip(part.cpu_share).map(|(one, other)| one.max(other));
        if let Some(arrivals) = &part.arrivals {
            whole.arrivals.get_or_insert_default().merge(arrivals);
        }
        whole.shares_cores_with_target |= part.shares_cores_with_target;
        reasons.extend(invalid_reasons(other));
    }
    whole.validity = if reasons.is_empty() { Validity::Valid } else { Validity::Invalid { reasons } };
    whole
}

/// Returns why a run is invalid, with its file name.
fn invalid_reasons(part: &Part<'_>) -> Vec<String> {
    match &part.summary.generator.validity {
        Validity::Valid => Vec::new(),
        Validity::Invalid { reasons } => {
            reasons.iter().map(|reason| format!("{}: {reason}", part.name)).collect()
        }
    }
}

/// Returns the distinct notes of all parts, and one that describes the merge.
fn notes(parts: &[Part<'_>], layout: &Layout) -> Vec<String> {
    let mut notes: Vec<String> = Vec::new();
    for note in parts.iter().flat_map(|part| &part.summary.notes) {
        if !notes.contains(note) {
            notes.push(note.clone());
        }
    }
    let groups = layout.placements.iter().map(|placement| placement.group + 1).max().unwrap_or(0);
    let how = match groups {
        1 => "that ran at the same time: their rates and users are added up".to_owned(),
        _ if groups == parts.len() => {
            "that ran one after another: rates are over all their windows".to_owned()
        }
        _ => format!("in {groups} groups, one after another, of runs at the same time"),
    };
    let names: Vec<&str> = parts.iter().map(|part| part.name).collect();
    notes.push(format!("merged from {} runs {how} ({})", parts.len(), names.join(", ")));
    notes
}
