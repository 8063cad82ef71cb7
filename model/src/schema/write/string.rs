//! Strings.

use super::{Conjunction, WriteError, Writer, format};
use crate::{
    schema::{json::Json, node::Format, validate::is_valid_string},
    text::words::{ADJECTIVES, DETERMINERS, NOUNS, VERBS},
};

/// Texts for property names that contain a known word.
const KNOWN_NAMES: [(&str, &[&str]); 9] = [
    ("city", &["Oslo", "Lisbon", "Nairobi", "Kyoto", "Quito", "Cork"]),
    ("location", &["Oslo", "Lisbon", "Nairobi", "Kyoto", "Quito", "Cork"]),
    ("country", &["Norway", "Portugal", "Kenya", "Japan", "Ecuador", "Ireland"]),
    ("currency", &["EUR", "USD", "JPY", "NOK", "KES"]),
    ("language", &["English", "Norwegian", "Japanese", "Spanish", "Swahili"]),
    ("colo", &["red", "green", "blue", "white", "black"]),
    ("first_name", &["Ada", "Grace", "Alan", "Barbara", "Edsger"]),
    ("last_name", &["Moreno", "Larsen", "Okafor", "Tanaka", "Byrne"]),
    ("author", &["Ada Moreno", "Grace Larsen", "Alan Okafor", "Barbara Tanaka"]),
];
/// Property names that imply a format.
const FORMATS: [(&str, Format); 6] = [
    ("email", Format::Email),
    ("uuid", Format::Uuid),
    ("url", Format::Uri),
    ("website", Format::Uri),
    ("date", Format::Date),
    ("birthday", Format::Date),
];
/// Property names whose values are sentences.
const SENTENCE_NAMES: [&str; 8] =
    ["description", "summary", "explanation", "content", "text", "message", "reason", "comment"];

impl<'a> Writer<'a> {
    pub(super) fn string(&mut self, conjunction: &Conjunction<'a>, name: &str) -> Result<Json, WriteError> {
        let lengths = conjunction.lengths(|node| (node.string.min, node.string.max));
        let fits = |text: &str| conjunction.nodes().all(|node| is_valid_string(&node.string, text));
        if let (min, Some(max)) = lengths
            && max < min
        {
            return Err(
                conjunction.fault(&format!("no text has at least {min} and at most {max} characters"))
            );
        }
        let text = self.formatted(conjunction, lengths, fits)?;
        let text = text.unwrap_or_else(|| self.prose(name, lengths));
        self.work.spend_on_text(text.len());
        let left = self.characters.checked_sub(text.len());
        self.characters =
            left.ok_or_else(|| conjunction.fault("what it asks for is too large to be written"))?;
        Ok(Json::String(text))
    }

    /// Writes a text that satisfies formats and expressions, if there are any.
    fn formatted(
        &mut self,
        conjunction: &Conjunction<'a>,
        lengths: (usize, Option<usize>),
        fits: impl Fn(&str) -> bool,
    ) -> Result<Option<String>, WriteError> {
        let format = conjunction.nodes().find_map(|node| node.string.format);
        if let Some(format) = format
            && let Some(text) = format::write(self, format, lengths, &fits)
        {
            return Ok(Some(text));
        }
        let pattern = conjunction.nodes().find_map(|node| node.string.pattern.as_ref());
        let lengths = in_words(lengths);
        if let Some(pattern) = pattern {
            let text = pattern
                .write(&mut self.rng, &self.work, |text| fits(text) && conjunction.allows_format_of(text));
            let missing = || {
                conjunction.fault(&format!("no text was found that matches {:?}{lengths}", pattern.source()))
            };
            return text.map(Some).ok_or_else(missing);
        }
        match format {
            Some(_) => Err(conjunction.fault(&format!("no text of its `format` was found{lengths}"))),
            None => Ok(None),
        }
    }

    /// Writes a few words of a length from `min` to `max`.
    fn prose(&mut self, name: &str, (min, max): (usize, Option<usize>)) -> String {
        let max = max.unwrap_or(usize::MAX);
        if let Some(text) = self.known(name)
            && (min..=max).contains(&text.chars().count())
        {
            return text;
        }
        let mut text = if is_like(name, &SENTENCE_NAMES) { self.sentence() } else { self.phrase() };
        // All words are ASCII.
        while text.len() < min {
            text.push(' ');
            text.push_str(self.word());
        }
        text.truncate(max);
        if text.ends_with(' ') {
            text.pop();
            text.push('s');
        }
        text
    }

    fn known(&mut self, name: &str) -> Option<String> {
        let name = name.to_ascii_lowercase();
        if let Some((_, texts)) = KNOWN_NAMES.iter().find(|(part, _)| name.contains(part)) {
            return self.choose(texts).map(str::to_owned);
        }
        let (_, format) =
            FORMATS.iter().find(|(part, _)| name == *part || name.ends_with(&format!("_{part}")))?;
        Some(format::text(self, *format))
    }

    fn sentence(&mut self) -> String {
        let lists = [DETERMINERS, ADJECTIVES, NOUNS, VERBS, DETERMINERS, NOUNS];
        let words: String = lists.into_iter().filter_map(|words| self.choose(words)).collect();
        let mut characters = words.trim_start().chars();
        characters.next().into_iter().flat_map(char::to_uppercase).chain(characters).chain(['.']).collect()
    }

    fn phrase(&mut self) -> String {
        let (adjective, noun) = (self.choose(ADJECTIVES).unwrap_or_default(), self.word());
        if self.unit() < 0.5 { noun.to_owned() } else { format!("{} {noun}", adjective.trim_start()) }
    }

    pub(super) fn word(&mut self) -> &'static str {
        self.choose(NOUNS).unwrap_or_default().trim_start()
    }
}

fn is_like(name: &str, parts: &[&str]) -> bool {
    let name = name.to_ascii_lowercase();
    parts.iter().any(|part| name.contains(part))
}

fn in_words((min, max): (usize, Option<usize>)) -> String {
    match (min, max) {
        (0, None) => String::new(),
        (min, None) => format!(", with at least {min} characters"),
        (0, Some(max)) => format!(", with at most {max} characters"),
        (min, Some(max)) => format!(", with {min} to {max} characters"),
    }
}
