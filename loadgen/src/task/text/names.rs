//! The names that templates may refer to, checked before a run.

use std::collections::BTreeSet;

use weir_pace::Suggestion;

use crate::task::feed::Feeds;

use super::error::TemplateProblem;
use super::functions;

/// The names of the values of a request.
const REQUEST_NAMES: [&str; 3] = ["n", "turn", "user"];

/// Names with another meaning in templates.
const RESERVED: [&str; 13] =
    ["and", "else", "env", "false", "feed", "if", "in", "is", "loop", "none", "not", "or", "true"];

/// The references of a template.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct References {
    /// Environment variables.
    pub(super) variables: BTreeSet<String>,
    /// Whether the template refers to captured values, which are unknown before the run.
    pub(super) has_captures: bool,
}

/// Whether a name can be that of a captured value: an identifier without another meaning.
pub(crate) fn is_capture_name(name: &str) -> bool {
    is_identifier(name)
        && !REQUEST_NAMES.contains(&name)
        && !RESERVED.contains(&name)
        && !functions::NAMES.contains(&name)
}

/// Whether a name is an identifier of templates.
pub(crate) fn is_identifier(name: &str) -> bool {
    let has_valid_start = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    has_valid_start && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The names that templates can refer to at one place of the scenario.
pub(super) struct KnownNames<'a> {
    pub(super) feeds: &'a Feeds,
    pub(super) captures: &'a BTreeSet<String>,
    /// Whether a name is a function of the template language.
    pub(super) globals: &'a dyn Fn(&str) -> bool,
}

impl KnownNames<'_> {
    /// Checks the paths that a template refers to, such as `n` and `feed.user.name`.
    pub(super) fn check(
        &self,
        paths: impl IntoIterator<Item = String>,
        source: &str,
    ) -> Result<References, TemplateProblem> {
        let mut references = References::default();
        // In sorted order, so that the same mistake always gives the same message.
        for path in paths.into_iter().collect::<BTreeSet<_>>() {
            let mut segments = path.split('.');
            let (first, second, third) =
                (segments.next().unwrap_or_default(), segments.next(), segments.next());
            match (first, second) {
                ("env", Some(variable)) => drop(references.variables.insert(variable.to_owned())),
                ("env", None) => return Err(unknown("env", source, "; write env.NAME")),
                ("feed", feed) => self.check_feed(feed, third, source)?,
                (name, _) if self.captures.contains(name) => references.has_captures = true,
                (name, _) if REQUEST_NAMES.contains(&name) || (self.globals)(name) => {}
                (name, _) => return Err(unknown(name, source, &self.hint(name))),
            }
        }
        Ok(references)
    }

    fn check_feed(
        &self,
        feed: Option<&str>,
        column: Option<&str>,
        source: &str,
    ) -> Result<(), TemplateProblem> {
        let Some(name) = feed else {
            return Err(unknown("feed", source, "; write feed.NAME"));
        };
        let Some(feed) = self.feeds.iter().find(|feed| feed.name == name) else {
            let names: Vec<&str> = self.feeds.iter().map(|feed| feed.name.as_str()).collect();
            let hint = match names.as_slice() {
                [] => "; the scenario has no [feed.NAME]".to_owned(),
                names => hint(name, "feed.", names),
            };
            return Err(unknown(&format!("feed.{name}"), source, &hint));
        };
        let Some(column) = column else { return Ok(()) };
        let hint = match &feed.columns {
            None => format!("; the rows of `{name}` are texts; write feed.{name}"),
            Some(columns) if columns.iter().any(|known| known == column) => return Ok(()),
            Some(columns) => {
                let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
                hint(column, &format!("feed.{name}."), &columns)
            }
        };
        Err(unknown(&format!("feed.{name}.{column}"), source, &hint))
    }

    fn hint(&self, name: &str) -> String {
        let feeds: Vec<String> = self.feeds.iter().map(|feed| format!("feed.{}", feed.name)).collect();
        let captures = self.captures.iter().map(String::as_str);
        let known = REQUEST_NAMES.into_iter().chain(captures).chain(feeds.iter().map(String::as_str));
        let known: Vec<&str> = known.chain(["env.NAME"]).chain(functions::NAMES).collect();
        hint(name, "", &known)
    }
}

/// Suggests the nearest of the known names, or lists all of them if none is near. Each is prefixed with `prefix`.
fn hint(name: &str, prefix: &str, known: &[&str]) -> String {
    // A name of one letter would be similar to all that begin with it.
    let similar = known.iter().copied().filter(|known| 2 * known.len() >= name.len());
    let with_prefix = |known: &str| format!("{prefix}{known}");
    let nearest = weir_pace::nearest(name, similar).map(with_prefix);
    Suggestion::of_names(nearest, known.iter().copied().map(with_prefix).collect()).to_string()
}

fn unknown(name: &str, source: &str, hint: &str) -> TemplateProblem {
    let before = source.split(name).next().unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    TemplateProblem::Unknown { name: name.to_owned(), line, hint: hint.to_owned() }
}
