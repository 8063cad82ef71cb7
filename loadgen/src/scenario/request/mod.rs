//! The kinds of requests: a folder for each API.

mod anthropic_messages;
mod any_events;
mod chain;
mod dialect;
mod draft;
mod event_types;
mod events;
mod generation;
mod http;
pub(super) mod json;
mod openai;
mod openai_chat;
mod openai_completions;
mod openai_delta;
mod openai_embeddings;
mod openai_responses;
mod prompt;
mod schema;

use ::http::uri::PathAndQuery;
use weir_pace::{SettingProblem, Suggestion};

use crate::task::{Blueprint, Templates, Text};

use super::error::{Invalid, ScenarioProblem};

use self::anthropic_messages::AnthropicMessages;
use self::chain::{Chain, ChainStream};
use self::dialect::Dialect;
use self::http::Http;
use self::openai_chat::OpenaiChat;
use self::openai_completions::OpenaiCompletions;
use self::openai_embeddings::OpenaiEmbeddings;
use self::openai_responses::OpenaiResponses;

pub(super) use schema::AnyRequest;

/// All kinds of requests.
const DIALECTS: [&dyn Dialect; 8] = [
    &OpenaiChat,
    &OpenaiCompletions,
    &OpenaiResponses,
    &OpenaiEmbeddings,
    &AnthropicMessages,
    &Chain,
    &ChainStream,
    &Http,
];

/// A checked request.
pub(super) struct Request {
    /// The name of a task without one.
    pub(super) title: String,
    pub(super) blueprint: Blueprint,
}

/// Checks a request by its `kind`; the request is at `key` in the scenario.
pub(super) fn check(
    mut table: toml::Table,
    key: &str,
    templates: &mut Templates,
) -> Result<Request, Invalid> {
    let kinds = DIALECTS.map(Dialect::kind);
    let kind = match table.remove("kind") {
        Some(toml::Value::String(kind)) => kind,
        Some(other) => {
            let expected = format!("one of `{}`", kinds.join("`, `"));
            return Err(Invalid::unexpected(format!("{key}.kind"), expected, &other));
        }
        None => {
            let problem = format!("missing: one of \"{}\"", kinds.join("\", \""));
            return Err(Invalid::new(format!("{key}.kind"), SettingProblem::Invalid(problem)));
        }
    };
    match DIALECTS.into_iter().find(|dialect| dialect.kind() == kind) {
        Some(dialect) => dialect.check(table, key, templates),
        None => {
            let suggestion = Suggestion::new(&kind, kinds);
            Err(Invalid::new(format!("{key}.kind"), SettingProblem::UnknownValue { value: kind, suggestion }))
        }
    }
}

/// A path, which is appended to a base URL.
fn path(source: &str, key: &str, templates: &mut Templates) -> Result<Text, Invalid> {
    let refusal = |because: &str| {
        let problem = ScenarioProblem::Http { value: source.to_owned(), because: because.to_owned() };
        Err(Invalid::new(key, problem))
    };
    let text = Text::parse(source, key, templates)?;
    match text.fixed() {
        Some(path) if !path.starts_with('/') => refusal("a path begins with a slash"),
        Some(path) if PathAndQuery::try_from(path.as_ref()).is_err() || path.contains('#') => {
            refusal("spaces and such are written with a percent sign")
        }
        _ => Ok(text),
    }
}

/// The reader of the streams of a dialect.
#[cfg(test)]
pub(crate) fn events_of(kind: &str) -> std::sync::Arc<dyn crate::task::read::EventReader> {
    DIALECTS.iter().find(|dialect| dialect.kind() == kind).and_then(|dialect| dialect.events()).unwrap()
}

#[cfg(test)]
mod tests;
