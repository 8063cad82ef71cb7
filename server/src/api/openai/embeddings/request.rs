//! A request for embeddings: the client's JSON → the inputs.

use std::borrow::Cow;

use serde::Deserialize;
use weir_model::TokenCounter;

use crate::{
    api::openai::{
        bounds::not_empty,
        prompt::{Prompt, Prompts},
    },
    request::{
        Problem, ProblemKind,
        json::{self, PositiveU32, Str},
    },
};

/// Maximum tokens of one text, and of all texts of a request: the provider's limits.
const INPUT_TOKENS_MAX: u32 = 8_192;
const TOKENS_MAX: u32 = 300_000;

/// A request for embeddings, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EmbeddingsRequest {
    pub(super) model: Option<String>,
    pub(super) inputs: Vec<Prompt<'static>>,
    pub(super) encoding: Encoding,
    /// `None`: the model's default.
    pub(super) dimensions: Option<u32>,
    /// Tokens of all inputs.
    pub(super) prompt_tokens: u32,
    /// Tokens of the longest input.
    longest: u32,
}

/// The encoding of vectors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Encoding {
    #[default]
    Float,
    /// Base64 of little-endian `f32` values.
    Base64,
}

impl EmbeddingsRequest {
    /// Reads and checks a body.
    pub(super) fn read(body: &[u8], counter: &TokenCounter) -> Result<Self, Problem> {
        let raw: RawEmbeddings<'_> = json::read(body)?;
        let Prompts(inputs) = raw.input;
        not_empty("input", &inputs)?;
        let (mut all, mut longest) = (0_u32, 0_u32);
        for (index, input) in inputs.iter().enumerate() {
            let tokens = input.tokens(counter);
            if tokens == 0 {
                return Err(wrong(&format!("input {index} is empty")));
            }
            all = all.saturating_add(tokens);
            longest = longest.max(tokens);
        }
        if all > TOKENS_MAX {
            let message = format!("Requested {all} tokens, max {TOKENS_MAX} tokens per request.");
            return Err(Problem::field("input", "max_tokens_per_request", message));
        }
        Ok(Self {
            model: raw.model.map(Cow::into_owned),
            inputs: inputs.into_iter().map(Prompt::into_owned).collect(),
            encoding: raw.encoding_format.map_or(Ok(Encoding::default()), |Str(name)| encoding(&name))?,
            dimensions: raw.dimensions.map(|PositiveU32(dimensions)| dimensions),
            prompt_tokens: all,
            longest,
        })
    }

    /// Fails if a text exceeds the model's `context`.
    pub(super) fn check_length(&self, context: u32) -> Result<(), Problem> {
        let most = context.min(INPUT_TOKENS_MAX);
        if self.longest <= most {
            return Ok(());
        }
        let message = format!(
            "This model's maximum context length is {most} tokens, however an input of {} tokens was given.",
            self.longest
        );
        Err(Problem { param: Some("input".to_owned()), ..Problem::new(ProblemKind::ContextLength, message) })
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
struct RawEmbeddings<'a> {
    #[serde(borrow)]
    model: Option<Cow<'a, str>>,
    #[serde(borrow)]
    input: Prompts<'a>,
    #[serde(borrow)]
    encoding_format: Option<Str<'a>>,
    dimensions: Option<PositiveU32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(input: &str) -> Result<EmbeddingsRequest, String> {
        let body = format!(r#"{{"model":"m","input":{input}}}"#);
        let request = EmbeddingsRequest::read(body.as_bytes(), &TokenCounter::new());
        let checked = request.and_then(|request| request.check_length(100_000).map(|()| request));
        checked.map_err(|problem| problem.message)
    }

    #[test]
    fn read_input_accepts_four_forms() {
        let text = |text: &'static str| Prompt::Text(Cow::Borrowed(text));
        assert_eq!(read("\"a b\"").unwrap().inputs, [text("a b")]);
        assert_eq!(read("[\"a\",\"b\"]").unwrap().inputs, [text("a"), text("b")]);
        assert_eq!(read("[1,2]").unwrap().inputs, [Prompt::Tokens(vec![1, 2])]);
        let lists = read("[[1,2],[3]]").unwrap();
        assert_eq!(lists.inputs, [Prompt::Tokens(vec![1, 2]), Prompt::Tokens(vec![3])]);
        assert_eq!((lists.prompt_tokens, read("\"a b\"").unwrap().prompt_tokens), (3, 2));
    }

    #[test]
    fn read_invalid_input_fails() {
        let many = |text: &str, times: usize| format!("[{}]", vec![format!("{text:?}"); times].join(","));
        insta::assert_snapshot!(read("[]").unwrap_err(), @"Invalid 'input': empty array. Expected an array with minimum length 1, but got an empty array instead.");
        insta::assert_snapshot!(read("\"\"").unwrap_err(), @"Invalid 'input': input 0 is empty.");
        insta::assert_snapshot!(read(&format!("{:?}", "the ".repeat(9_000))).unwrap_err(), @"This model's maximum context length is 8192 tokens, however an input of 9001 tokens was given.");
        insta::assert_snapshot!(read(&many(&"the ".repeat(3_000), 101)).unwrap_err(), @"Requested 303101 tokens, max 300000 tokens per request.");
        insta::assert_snapshot!(read(&many("the", 2_049)).unwrap_err(), @"Invalid 'input': array too long. Expected an array with maximum length 2048, but got an array with length 2049 instead.");
        for wrong in ["[1,\"a\"]", "[[1],2]", "[-1]", "7", "null", "[[\"a\"]]", "[5000000000]"] {
            read(wrong).unwrap_err();
        }
    }

    #[test]
    fn check_context_of_a_long_input_fails() {
        let request = read("[[1,2,3]]").unwrap();
        assert!(request.check_length(3).is_ok());
        let Problem { kind, param, .. } = request.check_length(2).unwrap_err();
        assert_eq!((kind, param.as_deref()), (ProblemKind::ContextLength, Some("input")));
    }
}
