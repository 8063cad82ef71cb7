//! The kinds of requests, one file each.

mod anthropic_messages;
mod chain;
mod draft;
mod events;
mod generation;
mod http;
pub(super) mod json;
mod openai_chat;
mod openai_completions;
mod openai_embeddings;
mod openai_responses;
mod prompt;
mod schema;

use ::http::uri::PathAndQuery;

use crate::task::{Blueprint, Templates, Text};

use super::error::{Invalid, ScenarioProblem};
use super::table::read_table;
use weir_pace::{SettingProblem, Suggestion};

pub(super) use schema::AnyRequest;

const KINDS: [&str; 8] = [
    "openai.chat",
    "openai.completions",
    "openai.responses",
    "openai.embeddings",
    "anthropic.messages",
    "chain",
    "chain_stream",
    "http",
];

/// A request that was checked, and what a task that has no name is called after it.
pub(super) struct Request {
    pub(super) title: String,
    pub(super) blueprint: Blueprint,
}

/// Checks a request by its `kind`; `key` is its place.
pub(super) fn check(
    mut table: toml::Table,
    key: &str,
    templates: &mut Templates,
) -> Result<Request, Invalid> {
    let kind = match table.remove("kind") {
        Some(toml::Value::String(kind)) => kind,
        Some(other) => {
            let expected = format!("one of `{}`", KINDS.join("`, `"));
            return Err(Invalid::unexpected(format!("{key}.kind"), expected, &other));
        }
        None => {
            let needed = "one of \"openai.chat\", \"openai.completions\", \"openai.responses\", \
                          \"openai.embeddings\", \"anthropic.messages\", \"chain\", \"chain_stream\", \"http\"";
            return Err(Invalid::new(format!("{key}.kind"), ScenarioProblem::Missing { needed }));
        }
    };
    match kind.as_str() {
        "openai.chat" => openai_chat::check(read_table(table, key)?, key, templates),
        "openai.completions" => openai_completions::check(read_table(table, key)?, key, templates),
        "openai.responses" => openai_responses::check(read_table(table, key)?, key, templates),
        "openai.embeddings" => openai_embeddings::check(read_table(table, key)?, key, templates),
        "anthropic.messages" => anthropic_messages::check(read_table(table, key)?, key, templates),
        "chain" => chain::check(read_table(table, key)?, chain::Answer::Whole, key, templates),
        "chain_stream" => chain::check(read_table(table, key)?, chain::Answer::Stream, key, templates),
        "http" => http::check(read_table(table, key)?, key, templates),
        _ => {
            let suggestion = Suggestion::new(&kind, KINDS);
            Err(Invalid::new(format!("{key}.kind"), SettingProblem::UnknownValue { value: kind, suggestion }))
        }
    }
}

/// A path, which a URL will stand before.
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

#[cfg(test)]
mod tests;
