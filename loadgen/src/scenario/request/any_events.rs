//! Events of an unsupported API, of an `http` request.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;
use weir_pace::Suggestion;

use crate::record::{Problem, visible_start};
use crate::task::Pointer;
use crate::task::read::{Completion, Deltas, EventReader, ParsedEvent, Presence, look_up};

/// Which events count as content.
#[derive(Debug, Default)]
pub(super) struct AnyEvents {
    /// Those with a value here that is not empty. Without a pointer, those with data.
    content: Option<Pointer>,
    /// Those of these types. If it is empty, a pointer looks into every event; without a pointer, events without a type,
    /// or of the type `message`, which is the default in browsers, count.
    names: Vec<String>,
    /// What was found in events that did not count.
    skipped: Skipped,
}

impl AnyEvents {
    pub(super) fn new(content: Option<Pointer>, names: Vec<String>) -> Self {
        Self { content, names, skipped: Skipped::default() }
    }
}

impl EventReader for AnyEvents {
    fn read_event<'d>(&self, data: &'d [u8]) -> Result<ParsedEvent<'d>, Problem> {
        let presence = match &self.content {
            Some(pointer) => look_up(data, pointer),
            None if data.is_empty() => Presence::Absent,
            None => Presence::NonEmpty,
        };
        if presence == Presence::Absent && self.content.is_some() {
            self.skipped.look_for_texts(data);
        }
        Ok(ParsedEvent { deltas: Deltas::output(presence), ..ParsedEvent::default() })
    }

    fn completion(&self) -> Completion {
        Completion::Body
    }

    fn is_json(&self) -> bool {
        false
    }

    fn end_mark(&self) -> Option<&'static str> {
        None
    }

    fn selects_by_name(&self) -> bool {
        self.content.is_none() || !self.names.is_empty()
    }

    fn reads_event_named(&self, name: Option<&str>) -> bool {
        let is_read = match (&*self.names, &self.content) {
            ([], Some(_)) => true,
            ([], None) => name.is_none_or(|name| name == "message"),
            (names, _) => names.iter().any(|known| known == name.unwrap_or("message")),
        };
        if !is_read {
            self.skipped.names.add(name.unwrap_or("message"));
        }
        is_read
    }

    fn without_content(&self) -> Option<String> {
        let (names, pointers) = (self.skipped.names.all(), self.skipped.pointers.all());
        if let Some(pointer) = self.content.as_ref().filter(|_| names.is_empty() || !pointers.is_empty()) {
            let suggestion = Suggestion::nearest(&pointer.to_string(), pointers.iter().copied());
            let found = match (suggestion.help(), &*pointers) {
                (Some(help), _) => format!("; {help}"),
                (None, []) => String::new(),
                (None, several) => format!("; texts were found at {}", several.join(", ")),
            };
            return Some(format!("none had {pointer}{found}"));
        }
        let first = names.first()?;
        Some(match &*self.names {
            [] => format!(
                "all had a type ({}), and only those without one count as content; add the type that is content to \
                 the request, such as  event = \"{first}\"",
                names.join(", ")
            ),
            listed => {
                format!("none was of the type {}; their types were {}", listed.join(" or "), names.join(", "))
            }
        })
    }
}

/// The largest number of events that are searched for texts.
const SEARCHED_MAX: u32 = 64;

/// What was found in events that did not count: the first few names and places of texts.
#[derive(Debug, Default)]
struct Skipped {
    names: FirstFew,
    pointers: FirstFew,
    searched: AtomicU32,
}

impl Skipped {
    /// Looks for the places of texts in an event. Only the first few events are searched.
    fn look_for_texts(&self, data: &[u8]) {
        if self.searched.load(Ordering::Relaxed) >= SEARCHED_MAX {
            return;
        }
        self.searched.fetch_add(1, Ordering::Relaxed);
        if let Ok(event) = serde_json::from_slice::<Value>(data) {
            self.add_texts(&event, "");
        }
    }

    /// Adds the pointers to the texts in a value, which serde_json has limited in depth.
    fn add_texts(&self, value: &Value, pointer: &str) {
        match value {
            Value::String(text) if !text.is_empty() => self.pointers.add(pointer),
            Value::Object(members) => {
                for (name, member) in members {
                    let name = name.replace('~', "~0").replace('/', "~1");
                    self.add_texts(member, &format!("{pointer}/{name}"));
                }
            }
            Value::Array(items) => {
                items.first().into_iter().for_each(|item| self.add_texts(item, &format!("{pointer}/0")));
            }
            Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// The longest text that is kept, in characters.
const TEXT_CHARS_MAX: usize = 64;

/// The first few different texts of many. Reading them takes no lock.
#[derive(Debug, Default)]
struct FirstFew([OnceLock<String>; 4]);

impl FirstFew {
    fn add(&self, text: &str) {
        let mut visible = None;
        for place in &self.0 {
            if place.get().is_none() {
                let new = visible.get_or_insert_with(|| visible_start(text, TEXT_CHARS_MAX)).clone();
                // Another worker may have been faster.
                let _ = place.set(new);
            }
            if place.get().is_some_and(|known| known == text || visible.as_ref() == Some(known)) {
                return;
            }
        }
    }

    fn all(&self) -> Vec<&str> {
        self.0.iter().filter_map(|place| place.get().map(String::as_str)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointer(text: &str) -> Option<Pointer> {
        Some(Pointer::parse(text).unwrap())
    }

    #[test]
    fn reads_event_named_counts_unnamed_events_unless_names_or_pointer_are_given() {
        let plain = AnyEvents::default();
        assert!(plain.reads_event_named(None) && plain.reads_event_named(Some("message")));
        assert!(!plain.reads_event_named(Some("status")));
        let pointed = AnyEvents::new(pointer("/delta"), Vec::new());
        assert!(pointed.reads_event_named(Some("status")) && !pointed.selects_by_name());
        let named = AnyEvents::new(None, vec!["token".to_owned()]);
        assert!(named.reads_event_named(Some("token")) && !named.reads_event_named(None));
        let both = AnyEvents::new(pointer("/delta"), vec!["token".to_owned()]);
        assert!(both.selects_by_name() && !both.reads_event_named(Some("status")));
    }

    #[test]
    fn without_content_names_what_was_found() {
        let mistyped = AnyEvents::new(pointer("/detla"), Vec::new());
        mistyped.read_event(br#"{"id":7,"delta":"x","usage":{"by":"y"}}"#).unwrap();
        insta::assert_snapshot!(mistyped.without_content().unwrap(), @"none had /detla; did you mean `/delta`?");

        let elsewhere = AnyEvents::new(pointer("/text"), Vec::new());
        elsewhere.read_event(br#"{"choices":[{"message":{"a/b":"x"}}],"id":"9"}"#).unwrap();
        insta::assert_snapshot!(elsewhere.without_content().unwrap(), @"none had /text; texts were found at /choices/0/message/a~1b, /id");

        let named = AnyEvents::default();
        for name in ["status", "token", "token", "\u{1b}[31m", "d", "e"] {
            named.reads_event_named(Some(name));
        }
        insta::assert_snapshot!(named.without_content().unwrap(), @r#"all had a type (status, token, \u{1b}[31m, d), and only those without one count as content; add the type that is content to the request, such as  event = "status""#);

        let other = AnyEvents::new(None, vec!["tokne".to_owned()]);
        other.reads_event_named(Some("token"));
        insta::assert_snapshot!(other.without_content().unwrap(), @"none was of the type tokne; their types were token");
        assert_eq!(AnyEvents::default().without_content(), None);
    }
}
