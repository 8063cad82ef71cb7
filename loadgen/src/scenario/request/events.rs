//! Whose events the answer of an `http` request holds.

use crate::task::{Pointer, StreamKind};

use super::super::error::{Invalid, ScenarioProblem};
use weir_pace::{SettingProblem, Suggestion};

const DIALECTS: [&str; 6] =
    ["any", "openai.chat", "openai.completions", "openai.responses", "anthropic.messages", "chain"];

/// Checks `events` and `content`, two keys of the request at `key`; `None` where it is no stream.
pub(super) fn check(
    events: Option<&str>,
    content: Option<&str>,
    key: &str,
) -> Result<Option<StreamKind>, Invalid> {
    let kind = match events {
        None => None,
        Some("any") => Some(StreamKind::Any { content: content.map(|text| pointer(text, key)).transpose()? }),
        Some("openai.chat") => Some(StreamKind::Chat),
        Some("openai.completions") => Some(StreamKind::Completions),
        Some("openai.responses") => Some(StreamKind::Responses),
        Some("anthropic.messages") => Some(StreamKind::Messages),
        Some("chain") => Some(StreamKind::Chain),
        Some(other) => {
            let suggestion = Suggestion::new(other, DIALECTS);
            let problem = SettingProblem::UnknownValue { value: other.to_owned(), suggestion };
            return Err(Invalid::new(format!("{key}.events"), problem));
        }
    };
    match kind {
        Some(StreamKind::Any { .. }) => Ok(kind),
        _ if content.is_none() => Ok(kind),
        None => {
            let needed = "`events = \"any\"`, whose content it points at";
            Err(Invalid::new(format!("{key}.events"), ScenarioProblem::Missing { needed }))
        }
        Some(_) => {
            let because = "where these events have their content is known; only `any` events need it said";
            let problem = ScenarioProblem::Conflict { other: "events", because };
            Err(Invalid::new(format!("{key}.content"), problem))
        }
    }
}

fn pointer(text: &str, key: &str) -> Result<Pointer, Invalid> {
    Pointer::parse(text).map_err(|error| Invalid::new(format!("{key}.content"), error))
}
