//! The prompt: a text, or a number of generated words.

use serde_json::Value;
use weir_pace::Amount;

use crate::task::{PROMPT_TOKENS_MAX, Prompt, PromptText, Text};

use super::super::error::{Invalid, ScenarioProblem};
use super::draft::Draft;
use super::json;

/// Its keys.
#[derive(Debug)]
pub(super) struct RawPrompt {
    pub(super) prompt: Option<String>,
    pub(super) prompt_tokens: Option<Amount>,
    pub(super) shared_prefix_tokens: Option<u64>,
}

/// The member with the messages, whose name is its key in the scenario, too.
#[derive(Copy, Clone, Debug)]
pub(super) struct Messages {
    pub(super) name: &'static str,
    /// What can be given.
    pub(super) needed: &'static str,
}

impl Messages {
    /// Those that most APIs have.
    pub(super) const MESSAGES: Self = Self {
        name: "messages",
        needed: "`prompt` (text), `prompt_tokens` (how many) or `messages` (a list of { role, content })",
    };
}

impl RawPrompt {
    /// `None` where none of the keys is there.
    pub(super) fn check(self, draft: &mut Draft<'_>) -> Result<Option<Prompt>, Invalid> {
        let text = match (self.prompt, self.prompt_tokens) {
            (Some(_), Some(_)) => {
                let because = "a prompt is either written or made up";
                let problem = ScenarioProblem::Conflict { other: "prompt_tokens", because };
                return Err(Invalid::new(draft.key_of("prompt"), problem));
            }
            (Some(text), None) => {
                PromptText::Text(Text::parse(&text, &draft.key_of("prompt"), draft.templates())?)
            }
            (None, Some(count)) => {
                if count.mean() > PROMPT_TOKENS_MAX as f64 {
                    return Err(too_many(draft.key_of("prompt_tokens"), count.mean()));
                }
                PromptText::Tokens(count)
            }
            (None, None) if self.shared_prefix_tokens.is_some() => {
                let needed = "`prompt` or `prompt_tokens`, which the prefix precedes";
                let problem = ScenarioProblem::Missing { needed };
                return Err(Invalid::new(draft.key_of("shared_prefix_tokens"), problem));
            }
            (None, None) => return Ok(None),
        };
        let prefix = self.shared_prefix_tokens.unwrap_or(0);
        if prefix > PROMPT_TOKENS_MAX {
            return Err(too_many(draft.key_of("shared_prefix_tokens"), prefix as f64));
        }
        Ok(Some(Prompt::new(text, prefix)))
    }
}

/// Writes the messages: `opening`, the earlier messages and the prompt, or the given list.
pub(super) fn messages(
    draft: &mut Draft<'_>,
    of: Messages,
    opening: Option<Value>,
    prompt: RawPrompt,
    list: Option<toml::Value>,
) -> Result<(), Invalid> {
    match (prompt.check(draft)?, list) {
        (Some(prompt), None) => {
            let opening =
                opening.map(|message| Text::parse_json(&message, &draft.key_of("system"), draft.templates()));
            let opening = opening.transpose()?;
            let body = draft.member(of.name);
            body.push_literal("[");
            if let Some(message) = opening {
                body.push_text(message);
                body.push_literal(",");
            }
            body.push_messages(prompt);
            body.push_literal("]");
            Ok(())
        }
        (None, Some(toml::Value::Array(list))) => {
            let list = json::from_toml(toml::Value::Array(list), &draft.key_of(of.name))?;
            let mut all: Vec<Value> = opening.into_iter().collect();
            if let Value::Array(list) = list {
                all.extend(list);
            }
            draft.json(of.name, Some(all))
        }
        (None, Some(other)) => Err(Invalid::unexpected(draft.key_of(of.name), "a list of messages", &other)),
        (Some(_), Some(_)) => {
            let because = "a prompt is a conversation of one message";
            let problem = ScenarioProblem::Conflict { other: of.name, because };
            Err(Invalid::new(draft.key_of("prompt"), problem))
        }
        (None, None) => {
            Err(Invalid::new(draft.key_of("prompt"), ScenarioProblem::Missing { needed: of.needed }))
        }
    }
}

fn too_many(key: String, tokens: f64) -> Invalid {
    Invalid::range(key, &tokens, format!("a number of at most {PROMPT_TOKENS_MAX} tokens"))
}
