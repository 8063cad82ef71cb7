//! What is wrong with a TOML text, told to the one who wrote it.

use std::fmt;

/// Names further from the wrong one than this (Jaro–Winkler) are no help.
const NEAR: f64 = 0.75;

/// The known name that looks most like `wrong`, when one does.
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(wrong, name), name))
        .filter(|(likeness, _)| *likeness >= NEAR)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
}

/// A fault in a TOML text: its file, its line, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TomlFault {
    origin: String,
    line: Option<usize>,
    message: String,
}

impl TomlFault {
    /// The fault that reading `source`, the text of the file `origin`, brought up.
    pub fn new(origin: &str, source: &str, error: &toml::de::Error) -> Self {
        let line = error
            .span()
            .and_then(|span| source.get(..span.start))
            .map(|before| before.lines().count().max(1) + usize::from(before.ends_with('\n')));
        Self { origin: origin.to_owned(), line, message: message(error.message()) }
    }

    /// The line, from 1, where it is known.
    pub fn line(&self) -> Option<usize> {
        self.line
    }
}

impl fmt::Display for TomlFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { origin, line, message } = self;
        match line {
            Some(line) => write!(f, "{origin}:{line}: {message}"),
            None => write!(f, "{origin}: {message}"),
        }
    }
}

impl std::error::Error for TomlFault {}

/// serde's words for an unknown key list all known ones: name the nearest instead, where there is one.
fn message(words: &str) -> String {
    let words = words.trim();
    let Some(rest) = words.strip_prefix("unknown field `") else { return words.replace('\n', " ") };
    let mut names = rest.split('`').step_by(2);
    let wrong = names.next().unwrap_or_default();
    let known: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
    match nearest(wrong, known.iter().copied()) {
        Some(near) => format!("unknown key `{wrong}` (did you mean `{near}`?)"),
        None => format!("unknown key `{wrong}` (known here: {})", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read to see what reading it says")]
    struct File {
        bind: String,
        port: u16,
    }

    fn fault(source: &str) -> String {
        let error = toml::from_str::<File>(source).unwrap_err();
        TomlFault::new("weir.toml", source, &error).to_string()
    }

    #[test]
    fn file_line_and_nearest_key_are_named() {
        assert_eq!(fault("port = 1\nbnd = 'x'"), "weir.toml:2: unknown key `bnd` (did you mean `bind`?)");
        assert_eq!(fault("zzz = 1"), "weir.toml:1: unknown key `zzz` (known here: bind, port)");
        assert_eq!(fault("\n\nport = 'x'"), "weir.toml:3: invalid type: string \"x\", expected u16");
    }

    #[test]
    fn the_nearest_name_is_near() {
        assert_eq!(nearest("gpt-4o-mni", ["fast", "gpt-4o-mini", "gpt-4o"]), Some("gpt-4o-mini"));
        assert_eq!(nearest("qqq", ["fast", "slow"]), None);
    }
}
