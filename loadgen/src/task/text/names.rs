//! What templates may mention, checked before anything runs.

use std::collections::BTreeSet;

use weir_pace::Suggestion;

use crate::task::feed::Feeds;

use super::draws;
use super::fault::TemplateProblem;

/// What every template knows beside functions, feeds and captured values.
const FACTS: [&str; 3] = ["n", "turn", "user"];

/// Words that templates or their language have taken.
const RESERVED: [&str; 13] =
    ["and", "else", "env", "false", "feed", "if", "in", "is", "loop", "none", "not", "or", "true"];

/// What a template relies on.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Mentions {
    /// Environment variables.
    pub(super) variables: BTreeSet<String>,
    pub(super) captures: Captures,
}

/// Whether a template relies on values that no one knows before the run.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Captures {
    #[default]
    None,
    Some,
}

/// Whether a name can be a captured value's: a word, and no other thing's name.
pub(crate) fn is_free(name: &str) -> bool {
    is_word(name) && !FACTS.contains(&name) && !RESERVED.contains(&name) && !draws::NAMES.contains(&name)
}

/// Whether templates can write it as a name.
pub(crate) fn is_word(name: &str) -> bool {
    let begins_well = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    begins_well && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// What can be mentioned at one place of the scenario.
pub(super) struct Known<'a> {
    pub(super) feeds: &'a Feeds,
    pub(super) captures: &'a BTreeSet<String>,
    /// Functions of the template language.
    pub(super) globals: &'a dyn Fn(&str) -> bool,
}

impl Known<'_> {
    /// Checks the paths that a template mentions, such as `n` and `feed.user.name`.
    pub(super) fn check(
        &self,
        paths: impl IntoIterator<Item = String>,
        source: &str,
    ) -> Result<Mentions, TemplateProblem> {
        let mut mentions = Mentions::default();
        // In one order, whatever the set's was: the same mistake gives the same message.
        for path in paths.into_iter().collect::<BTreeSet<_>>() {
            let mut words = path.split('.');
            let (first, second, third) = (words.next().unwrap_or_default(), words.next(), words.next());
            match (first, second) {
                ("env", Some(variable)) => drop(mentions.variables.insert(variable.to_owned())),
                ("env", None) => return Err(unknown("env", source, "; write env.NAME")),
                ("feed", feed) => self.check_feed(feed, third, source)?,
                (name, _) if self.captures.contains(name) => mentions.captures = Captures::Some,
                (name, _) if FACTS.contains(&name) || (self.globals)(name) => {}
                (name, _) => return Err(unknown(name, source, &self.hint(name))),
            }
        }
        Ok(mentions)
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
            None => format!("; the rows of `{name}` are texts, write feed.{name}"),
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
        let known = FACTS.into_iter().chain(captures).chain(feeds.iter().map(String::as_str));
        let known: Vec<&str> = known.chain(["env.NAME"]).chain(draws::NAMES).collect();
        hint(name, "", &known)
    }
}

/// The nearest of the known names, or all of them where none is near; `path` stands before each.
fn hint(name: &str, path: &str, known: &[&str]) -> String {
    // A name of one letter is like any that begins with it.
    let similar = known.iter().copied().filter(|known| 2 * known.len() >= name.len());
    let with_path = |known: &str| format!("{path}{known}");
    let nearest = weir_pace::nearest(name, similar).map(with_path);
    Suggestion::of_names(nearest, known.iter().copied().map(with_path).collect()).to_string()
}

fn unknown(name: &str, source: &str, hint: &str) -> TemplateProblem {
    let before = source.split(name).next().unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    TemplateProblem::Unknown { name: name.to_owned(), line, hint: hint.to_owned() }
}
