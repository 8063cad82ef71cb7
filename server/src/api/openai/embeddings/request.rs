//! A request for embeddings: what the client sent → what is embedded.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{self, SeqAccess, Visitor},
};
use weir_model::TokenCounter;

use crate::api::{
    Problem,
    json::{self, Str},
};

/// Texts that one request may hold, and tokens that each of them may have: the provider's limits.
const INPUTS_MAX: usize = 2_048;
const INPUT_TOKENS_MAX: u32 = 8_192;

/// A request for embeddings, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EmbeddingsRequest {
    pub(super) model: String,
    pub(super) inputs: Vec<Input>,
    pub(super) encoding: Encoding,
    /// `None`: as many as the model makes.
    pub(super) dimensions: Option<u32>,
    pub(super) prompt_tokens: u32,
}

/// What is embedded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Input {
    Text(String),
    Tokens(Vec<u32>),
}

/// How vectors are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Encoding {
    #[default]
    Float,
    /// Of the figures as little-endian `f32`.
    Base64,
}

impl EmbeddingsRequest {
    pub(super) fn read(body: &[u8], counter: &TokenCounter) -> Result<Self, Problem> {
        let raw: RawEmbeddings<'_> = json::read(body)?;
        let inputs = raw.input.0;
        if inputs.is_empty() || inputs.len() > INPUTS_MAX {
            return Err(wrong(&format!(
                "from 1 to {INPUTS_MAX} inputs are needed, and {} came",
                inputs.len()
            )));
        }
        let mut prompt_tokens = 0_u32;
        for (index, input) in inputs.iter().enumerate() {
            let tokens = match input {
                Input::Text(text) => counter.count(text),
                Input::Tokens(tokens) => u32::try_from(tokens.len()).unwrap_or(u32::MAX),
            };
            if tokens == 0 || tokens > INPUT_TOKENS_MAX {
                return Err(wrong(&format!(
                    "input {index} has {tokens} tokens: from 1 to {INPUT_TOKENS_MAX} are needed"
                )));
            }
            prompt_tokens = prompt_tokens.saturating_add(tokens);
        }
        Ok(Self {
            model: raw.model.into_owned(),
            inputs,
            encoding: raw.encoding_format.map_or(Ok(Encoding::default()), |Str(name)| encoding(&name))?,
            dimensions: raw.dimensions,
            prompt_tokens,
        })
    }
}

fn encoding(name: &str) -> Result<Encoding, Problem> {
    match name {
        "float" => Ok(Encoding::Float),
        "base64" => Ok(Encoding::Base64),
        other => Err(json::unsupported("encoding_format", other, &["float", "base64"])),
    }
}

fn wrong(message: &str) -> Problem {
    Problem::field("input", "invalid_value", format!("Invalid 'input': {message}."))
}

#[derive(Deserialize)]
#[serde(expecting = "a request for embeddings, a JSON object")]
struct RawEmbeddings<'a> {
    #[serde(borrow)]
    model: Cow<'a, str>,
    input: Inputs,
    #[serde(borrow)]
    encoding_format: Option<Str<'a>>,
    dimensions: Option<u32>,
}

/// One input or several.
struct Inputs(Vec<Input>);

/// What a list may hold.
enum Item {
    Text(String),
    Token(u32),
    Tokens(Vec<u32>),
}

impl<'de> Deserialize<'de> for Inputs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany;
        impl<'de> Visitor<'de> for OneOrMany {
            type Value = Inputs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, a list of texts, a list of tokens or a list of such lists")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Inputs, E> {
                Ok(Inputs(vec![Input::Text(text.to_owned())]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Inputs, A::Error> {
                let (mut inputs, mut tokens) = (Vec::new(), Vec::new());
                while let Some(item) = items.next_element::<Item>()? {
                    match item {
                        Item::Text(text) => inputs.push(Input::Text(text)),
                        Item::Tokens(tokens) => inputs.push(Input::Tokens(tokens)),
                        Item::Token(token) => tokens.push(token),
                    }
                }
                match (inputs.is_empty(), tokens.is_empty()) {
                    (_, true) => Ok(Inputs(inputs)),
                    (true, false) => Ok(Inputs(vec![Input::Tokens(tokens)])),
                    (false, false) => Err(de::Error::custom("tokens stand beside other inputs")),
                }
            }
        }
        deserializer.deserialize_any(OneOrMany)
    }
}

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyItem;
        impl<'de> Visitor<'de> for AnyItem {
            type Value = Item;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, a token or a list of tokens")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Item, E> {
                Ok(Item::Text(text.to_owned()))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Item, E> {
                let token = u32::try_from(number);
                token.map(Item::Token).map_err(|_| E::custom(format!("{number} is no token")))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut numbers: A) -> Result<Item, A::Error> {
                let mut tokens = Vec::new();
                while let Some(token) = numbers.next_element()? {
                    tokens.push(token);
                }
                Ok(Item::Tokens(tokens))
            }
        }
        deserializer.deserialize_any(AnyItem)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(input: &str) -> Result<EmbeddingsRequest, String> {
        let body = format!(r#"{{"model":"m","input":{input}}}"#);
        EmbeddingsRequest::read(body.as_bytes(), &TokenCounter::new()).map_err(|problem| problem.message)
    }

    #[test]
    fn inputs_come_in_four_forms() {
        let text = |text: &str| Input::Text(text.to_owned());
        assert_eq!(read("\"a b\"").unwrap().inputs, [text("a b")]);
        assert_eq!(read("[\"a\",\"b\"]").unwrap().inputs, [text("a"), text("b")]);
        assert_eq!(read("[1,2]").unwrap().inputs, [Input::Tokens(vec![1, 2])]);
        let lists = read("[[1,2],[3]]").unwrap();
        assert_eq!(lists.inputs, [Input::Tokens(vec![1, 2]), Input::Tokens(vec![3])]);
        assert_eq!((lists.prompt_tokens, read("\"a b\"").unwrap().prompt_tokens), (3, 2));
    }

    #[test]
    fn what_cannot_be_embedded_is_told() {
        insta::assert_snapshot!(read("[]").unwrap_err(), @"Invalid 'input': from 1 to 2048 inputs are needed, and 0 came.");
        insta::assert_snapshot!(read("\"\"").unwrap_err(), @"Invalid 'input': input 0 has 0 tokens: from 1 to 8192 are needed.");
        insta::assert_snapshot!(read(&format!("{:?}", "the ".repeat(9_000))).unwrap_err(), @"Invalid 'input': input 0 has 9001 tokens: from 1 to 8192 are needed.");
        for wrong in ["[1,\"a\"]", "[[1],2]", "[-1]", "7", "null", "[[\"a\"]]", "[5000000000]"] {
            read(wrong).unwrap_err();
        }
    }
}
