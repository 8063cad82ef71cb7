//! The events of the answer of an `http` request.

use std::sync::Arc;

use weir_pace::{SettingProblem, Suggestion};

use crate::task::Pointer;
use crate::task::read::EventReader;

use super::super::error::{Invalid, ScenarioProblem};
use super::DIALECTS;
use super::any_events::AnyEvents;

/// Checks `events` and `content`, two keys of the request at `key`. Returns `None` if the answer is not a stream.
pub(super) fn check(
    events: Option<&str>,
    content: Option<&str>,
    key: &str,
) -> Result<Option<Arc<dyn EventReader>>, Invalid> {
    let named = match (events, content) {
        (None, None) => return Ok(None),
        (None, Some(_)) => {
            let needed = "`events = \"any\"`, whose content it points at";
            return Err(Invalid::new(format!("{key}.events"), ScenarioProblem::Missing { needed }));
        }
        (Some("any"), content) => {
            let content = content.map(|text| pointer(text, key)).transpose()?;
            return Ok(Some(Arc::new(AnyEvents { content })));
        }
        (Some(name), _) => name,
    };
    let mut streams = DIALECTS.iter().filter_map(|dialect| Some((dialect.kind(), dialect.events()?)));
    let Some((_, reader)) = streams.find(|(kind, _)| *kind == named) else {
        let streams = DIALECTS.iter().filter(|dialect| dialect.events().is_some());
        let names: Vec<&str> = std::iter::once("any").chain(streams.map(|dialect| dialect.kind())).collect();
        let suggestion = Suggestion::new(named, names);
        let problem = SettingProblem::UnknownValue { value: named.to_owned(), suggestion };
        return Err(Invalid::new(format!("{key}.events"), problem));
    };
    if content.is_some() {
        let because = "the place of the content in these events is fixed; only `any` events need it";
        let problem = ScenarioProblem::Conflict { other: "events", because };
        return Err(Invalid::new(format!("{key}.content"), problem));
    }
    Ok(Some(reader))
}

fn pointer(text: &str, key: &str) -> Result<Pointer, Invalid> {
    Pointer::parse(text).map_err(|error| Invalid::new(format!("{key}.content"), error))
}
