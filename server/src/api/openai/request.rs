//! A chat request: what the client sent → what the model is asked.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{self, SeqAccess, Visitor},
};
use weir_model::TokenCounter;

use crate::api::{Problem, json};

/// Tokens that OpenAI's chat format adds to each message, and to the whole (their cookbook's figures
/// for gpt-4o).
const TOKENS_PER_MESSAGE: u32 = 3;
const TOKENS_OF_REPLY_PRIMING: u32 = 3;
/// Messages that one request may hold.
const MESSAGES_MAX: usize = 16_384;

/// A chat request, checked; everything that the answer depends on apart from the words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ChatRequest {
    /// `None`: the default model.
    pub(super) model: Option<String>,
    pub(super) prompt_tokens: u32,
    pub(super) max_tokens: Option<u32>,
    pub(super) delivery: DeliveryKind,
}

/// How the answer is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DeliveryKind {
    Plain,
    Stream { usage: UsageChunk },
}

/// Whether a stream ends with a chunk of usage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UsageChunk {
    Wanted,
    NotWanted,
}

impl ChatRequest {
    /// Reads and checks a body. Unknown fields are left alone, as by the provider's older versions.
    pub(super) fn read(body: &[u8], counter: &TokenCounter) -> Result<Self, Problem> {
        let raw: RawChat<'_> = json::read(body)?;
        raw.refuse_what_cannot_be_had()?;
        if raw.messages.is_empty() || raw.messages.len() > MESSAGES_MAX {
            return Err(wrong("messages", &format!("from 1 to {MESSAGES_MAX} messages are needed")));
        }
        let usage = match raw.stream_options {
            Some(RawStreamOptions { include_usage: Some(true) }) => UsageChunk::Wanted,
            Some(_) | None => UsageChunk::NotWanted,
        };
        Ok(Self {
            prompt_tokens: raw
                .messages
                .iter()
                .fold(TOKENS_OF_REPLY_PRIMING, |sum, message| sum.saturating_add(message.tokens(counter))),
            max_tokens: raw.max_completion_tokens.or(raw.max_tokens),
            delivery: match raw.stream {
                Some(true) => DeliveryKind::Stream { usage },
                Some(false) | None => DeliveryKind::Plain,
            },
            model: raw.model.map(Cow::into_owned),
        })
    }
}

fn wrong(param: &str, message: &str) -> Problem {
    Problem::invalid(Some(param.to_owned()), format!("{param}: {message}"))
}

#[derive(Deserialize)]
#[serde(expecting = "a chat request, a JSON object")]
struct RawChat<'a> {
    #[serde(borrow)]
    model: Option<Cow<'a, str>>,
    #[serde(borrow)]
    messages: Vec<RawMessage<'a>>,
    max_tokens: Option<u32>,
    max_completion_tokens: Option<u32>,
    stream: Option<bool>,
    stream_options: Option<RawStreamOptions>,
    n: Option<u32>,
    logprobs: Option<bool>,
    #[serde(borrow)]
    response_format: Option<RawResponseFormat<'a>>,
}

impl RawChat<'_> {
    /// What this version of the server cannot give is an error rather than left out in silence.
    fn refuse_what_cannot_be_had(&self) -> Result<(), Problem> {
        if self.n.is_some_and(|choices| choices != 1) {
            return Err(wrong("n", "only one choice can be had"));
        }
        if self.logprobs == Some(true) {
            return Err(wrong("logprobs", "log probabilities cannot be had"));
        }
        match &self.response_format {
            Some(format) if format.kind != "text" => {
                Err(wrong("response_format", "only the type \"text\" can be had"))
            }
            Some(_) | None => Ok(()),
        }
    }
}

#[derive(Deserialize)]
#[serde(expecting = "options of a stream, a JSON object")]
struct RawStreamOptions {
    include_usage: Option<bool>,
}

#[derive(Deserialize)]
#[serde(expecting = "a response format, a JSON object")]
struct RawResponseFormat<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(expecting = "a message, a JSON object")]
struct RawMessage<'a> {
    role: Role,
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    content: Content<'a>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Role {
    System,
    Developer,
    User,
    Assistant,
    Tool,
    Function,
}

impl RawMessage<'_> {
    fn tokens(&self, counter: &TokenCounter) -> u32 {
        let role = match self.role {
            Role::System | Role::Developer | Role::User | Role::Assistant | Role::Tool | Role::Function => 1,
        };
        let name = self.name.as_ref().map_or(0, |name| counter.count(name) + 1);
        self.content
            .0
            .iter()
            .map(|text| counter.count(text))
            .fold(TOKENS_PER_MESSAGE + role + name, u32::saturating_add)
    }
}

/// The texts of a message: one where the content is a text, one a text part where it is a list of parts.
#[derive(Default)]
struct Content<'a>(Vec<Cow<'a, str>>);

#[derive(Deserialize)]
#[serde(expecting = "a part of a message, a JSON object")]
struct Part<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    text: Option<Cow<'a, str>>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Content<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextOrParts;
        impl<'de> Visitor<'de> for TextOrParts {
            type Value = Content<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, a list of parts like {\"type\": \"text\", \"text\": \"...\"}, or null")
            }

            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Content<'de>, E> {
                Ok(Content(vec![Cow::Borrowed(text)]))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Content<'de>, E> {
                Ok(Content(vec![Cow::Owned(text.to_owned())]))
            }

            fn visit_unit<E: de::Error>(self) -> Result<Content<'de>, E> {
                Ok(Content(Vec::new()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Content<'de>, A::Error> {
                let mut texts = Vec::new();
                while let Some(part) = parts.next_element::<Part<'de>>()? {
                    match (&*part.kind, part.text) {
                        ("text" | "input_text", Some(text)) => texts.push(text),
                        ("text" | "input_text", None) => return Err(de::Error::missing_field("text")),
                        // Pictures and sound are accepted, and cost no tokens here.
                        _ => {}
                    }
                }
                Ok(Content(texts))
            }
        }
        deserializer.deserialize_any(TextOrParts)
    }
}
