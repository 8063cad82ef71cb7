//! The events of the answer of an `http` request.

use std::sync::Arc;

use weir_pace::{SettingProblem, Suggestion};

use crate::task::read::EventReader;
use crate::task::{Pointer, Reading};

use super::super::error::{Invalid, ScenarioProblem};
use super::DIALECTS;
use super::any_events::AnyEvents;

/// The keys that decide how an answer is read.
#[derive(Debug)]
pub(super) struct RawEvents {
    pub(super) stream: Option<bool>,
    pub(super) events: Option<String>,
    pub(super) event: Vec<String>,
    pub(super) content: Option<String>,
}

impl RawEvents {
    /// Checks the keys, which belong to the request at `key`.
    pub(super) fn check(self, key: &str) -> Result<Reading, Invalid> {
        let of_any = match (&self.content, &*self.event) {
            (Some(_), _) => Some("content"),
            (None, [_, ..]) => Some("event"),
            (None, []) => None,
        };
        let events_key = || format!("{key}.events");
        let by_key = if self.events.is_some() { "request.events" } else { "request.stream" };
        let as_stream = |events| Ok(Reading::Stream { events, key: by_key });
        match (self.stream, self.events.as_deref()) {
            (Some(false), Some(_)) => {
                conflict(format!("{key}.stream"), "events", "the answer is a stream or it is not")
            }
            (Some(false) | None, None) if of_any.is_some() => {
                let needed = "`events = \"any\"`, to whose events `content` and `event` refer";
                Err(Invalid::new(events_key(), ScenarioProblem::Missing { needed }))
            }
            (Some(false) | None, None) => Ok(Reading::Opaque),
            (_, Some("any")) | (Some(true), None) => as_stream(self.any(key)?),
            (Some(true), Some("auto")) => conflict(
                format!("{key}.stream"),
                "events",
                "`events = \"auto\"` reads streams and other answers",
            ),
            (None, Some("auto")) => Ok(Reading::ByContentType(self.any(key)?)),
            (_, Some(name)) => {
                let reader = of_dialect(name).map_err(|problem| Invalid::new(events_key(), problem))?;
                match of_any {
                    None => as_stream(reader),
                    Some(given) => conflict(
                        format!("{key}.{given}"),
                        "events",
                        "the place of the content in these events is fixed; only those of `any` and `auto` need it",
                    ),
                }
            }
        }
    }

    /// The reader of the events of an unsupported API.
    fn any(self, key: &str) -> Result<Arc<dyn EventReader>, Invalid> {
        let content = self.content.map(|text| pointer(&text, key)).transpose()?;
        Ok(Arc::new(AnyEvents::new(content, self.event)))
    }
}

fn of_dialect(named: &str) -> Result<Arc<dyn EventReader>, SettingProblem> {
    let mut streams = DIALECTS.iter().filter_map(|dialect| Some((dialect.kind(), dialect.events()?)));
    streams.find(|(kind, _)| *kind == named).map(|(_, reader)| reader).ok_or_else(|| {
        let streams = DIALECTS.iter().filter(|dialect| dialect.events().is_some());
        let names: Vec<&str> =
            ["any", "auto"].into_iter().chain(streams.map(|dialect| dialect.kind())).collect();
        let suggestion = Suggestion::new(named, names);
        SettingProblem::UnknownValue { value: named.to_owned(), suggestion }
    })
}

fn conflict<T>(key: String, other: &'static str, because: &'static str) -> Result<T, Invalid> {
    Err(Invalid::new(key, ScenarioProblem::Conflict { other, because }))
}

fn pointer(text: &str, key: &str) -> Result<Pointer, Invalid> {
    Pointer::parse(text).map_err(|error| Invalid::new(format!("{key}.content"), error))
}
