//! A TOML text of a user: reads it, and finds its keys again for errors.

use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    Diagnostic, SettingError, SettingProblem, TomlNode, path::quote_key, prefix::up_to_first_error,
    read_settings, secrets,
};

/// A TOML text and the name of its file.
#[derive(Debug)]
pub struct Document<'a> {
    origin: &'a str,
    text: &'a str,
    root: Spanned<DeTable<'a>>,
}

/// Where a key was found.
struct Found {
    key: Range<usize>,
    value: Range<usize>,
    /// Whether the key itself was found, not only a table or list around it.
    is_exact: bool,
}

impl<'a> Document<'a> {
    /// Parses `text`; `origin` is the name of its file, for errors.
    ///
    /// # Errors
    /// The text is not TOML, or has a key or table twice.
    pub fn parse(origin: &'a str, text: &'a str) -> Result<Self, Diagnostic> {
        match DeTable::parse(up_to_first_error(text)) {
            Ok(root) => Ok(Self { origin, text, root }),
            Err(error) => Err(syntax_error(origin, text, &error)),
        }
    }

    /// The name of its file.
    pub const fn origin(&self) -> &'a str {
        self.origin
    }

    /// The tree of the text, with spans.
    pub fn root(&self) -> &Spanned<DeTable<'a>> {
        &self.root
    }

    /// Reads the whole text as `T`.
    ///
    /// # Errors
    /// A key is unknown or missing, or its value is not valid.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Diagnostic> {
        read_settings(TomlNode::Root(self.root.get_ref())).map_err(|error| self.setting_error(&error))
    }

    /// Adds to `error` where its key is in the text.
    pub fn setting_error(&self, error: &SettingError) -> Diagnostic {
        let (key, problem) = (error.key.to_string(), &error.problem);
        let is_secret = secrets::is_secret_value(&key);
        let message = match problem {
            SettingProblem::Unexpected { expected, .. } if is_secret => {
                format!("expected {expected}, found another value")
            }
            SettingProblem::UnknownValue { .. } if is_secret => "unknown value".to_owned(),
            problem => problem.to_string(),
        };
        let found = self.find(&key);
        let span = found.map(|found| if problem.is_of_value() { found.value } else { found.key });
        self.diagnostic_at(span, &key, message).suggesting(problem.suggestion())
    }

    /// A diagnostic of the value at `key` (`user.u.task[0].name`), or of the innermost table around it that exists.
    pub fn diagnostic(&self, key: &str, message: impl Into<String>) -> Diagnostic {
        self.diagnostic_at(self.find(key).map(|found| found.value), key, message)
    }

    /// A diagnostic of the key `key` itself, not of its value, or of the innermost table around it that exists.
    pub fn diagnostic_of_key(&self, key: &str, message: impl Into<String>) -> Diagnostic {
        self.diagnostic_at(self.find(key).map(|found| found.key), key, message)
    }

    /// A diagnostic of `key` with a span that is known.
    pub fn diagnostic_at(
        &self,
        span: Option<Range<usize>>,
        key: &str,
        message: impl Into<String>,
    ) -> Diagnostic {
        let diagnostic = Diagnostic::new(self.origin, key, message);
        let Some(span) = span else { return diagnostic };
        let hides_excerpt =
            secrets::is_secret_key(key) || secrets::line_holds_secret(self.root.get_ref(), self.text, &span);
        diagnostic.at(self.text, span, hides_excerpt)
    }

    /// Whether the text has the key `key`.
    pub fn contains(&self, key: &str) -> bool {
        self.find(key).is_some_and(|found| found.is_exact)
    }

    fn find(&self, key: &str) -> Option<Found> {
        find(self.root.get_ref(), key)
    }
}

fn syntax_error(origin: &str, text: &str, error: &toml::de::Error) -> Diagnostic {
    let message = format!("invalid TOML: {}", error.message().trim().replace('\n', " "));
    let Some(span) = error.span() else { return Diagnostic::new(origin, "", message) };
    // The text at the error may be a secret that lacks its quotes: only keys are repeated.
    let (at, after) = (text.get(span.clone()).unwrap_or_default(), text.get(span.end..).unwrap_or_default());
    let is_key = !at.trim().is_empty()
        && at.chars().all(|c| c.is_ascii_alphanumeric() || "_-.\"'".contains(c))
        && after.trim_start_matches([' ', '\t']).starts_with(['=', '.', ']']);
    let message = if is_key { format!("{message} `{}`", at.trim()) } else { message };
    let hides_excerpt = secrets::text_may_hold_secret(text, &span);
    Diagnostic::new(origin, "", message).at(text, span, hides_excerpt)
}

/// The key at `path`, or the innermost key around it that exists. Names may be quoted, as in `price."gpt-4o*"`, or lack
/// the quotes that they need.
fn find(table: &DeTable<'_>, path: &str) -> Option<Found> {
    let members = table.iter().filter_map(|(name, value)| {
        let known = name.get_ref().as_ref();
        let quoted = quote_key(known);
        let rest =
            [known, &*quoted, &format!("\"{known}\"")].iter().find_map(|name| path.strip_prefix(name))?;
        (rest.is_empty() || rest.starts_with(['.', '['])).then_some((name, value, rest))
    });
    // A name may contain a dot.
    let (name, value, rest) = members.max_by_key(|(name, ..)| name.get_ref().len())?;
    find_in(value, rest).or_else(|| {
        let key = name.span();
        // The value of a table with a header is spread over the file: its key is the better place.
        let is_leaf = rest.is_empty() && !matches!(value.get_ref(), DeValue::Table(_));
        let is_exact = rest.is_empty();
        Some(Found { value: if is_leaf { value.span() } else { key.clone() }, key, is_exact })
    })
}

fn find_in(value: &Spanned<DeValue<'_>>, path: &str) -> Option<Found> {
    match value.get_ref() {
        DeValue::Table(table) => find(table, path.strip_prefix('.')?),
        DeValue::Array(items) => {
            let (index, rest) = path.strip_prefix('[')?.split_once(']')?;
            let item = items.get(index.parse::<usize>().ok()?)?;
            let is_exact = rest.is_empty();
            find_in(item, rest).or_else(|| Some(Found { key: item.span(), value: item.span(), is_exact }))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn diagnostic_finds_keys_in_every_notation() {
        let text = "about = '''\nx\n'''\nurl = \"u\"\n[load]\nusers = 1\n\n[user.\"a.b\"]\nthink = \"1s\"\n[[user.\"a.b\".task]]\nname = \"one\"\n# what\n[[user.\"a.b\".task]]\nname = \"two\"\nrequest = { path = \"/\",\n  headers = { x = \"y\" } }\ncheck.status = [\n  200,\n  99,\n]\n[user.\"a.b\".task.capture]\ntoken = {}\n";
        let document = Document::parse("mine.toml", text).unwrap();
        let keys = [
            ("url", 4),
            ("load.users", 6),
            ("load.rate", 5),
            ("user.a.b.think", 9),
            ("user.\"a.b\".think", 9),
            ("user.a.b.task[0].name", 11),
            ("user.a.b.task[0].weight", 10),
            ("user.a.b.task[1].name", 14),
            ("user.a.b.task[1].request.headers.x", 16),
            ("user.a.b.task[1].request.body.a[3]", 15),
            ("user.a.b.task[1].check.status[1]", 19),
            ("user.a.b.task[1].capture.token.json", 22),
            ("user.a.b.task[7]", 10),
        ];
        for (key, line) in keys {
            assert_eq!(document.diagnostic(key, "wrong").line(), Some(line), "{key}");
        }
        assert_eq!(document.diagnostic("price", "wrong").line(), None);
        for (key, is_contained) in [
            ("url", true),
            ("user", true),
            ("user.\"a.b\".task[1].check.status[1]", true),
            ("user.\"a.b\".task[1]", true),
            ("load.rate", false),
            ("user.\"a.b\".task[2]", false),
            ("url.x", false),
            ("", false),
        ] {
            assert_eq!(document.contains(key), is_contained, "{key}");
        }
    }
}
