//! A completion request: the client's JSON → a `GenerationRequest`.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;
use weir_model::{Effort, Eos, GenerationRequest, Schemas, TokenCounter, Transcript};

use crate::{
    api::openai::{
        bounds::{decimal, integer, not_empty},
        output_format::{self, RawFormat},
        prompt::{PROMPTS_MAX, Prompt, Prompts},
        sampling::{Delivery, RawStreamOptions, Stops, check_min_tokens, check_stream_options},
        structured_outputs::{RawChoices, RawConstraints, RawStructuredOutputs},
    },
    request::{
        Problem,
        json::{self, AnyFields, Object, PositiveU32, Str},
    },
};

/// The default token limit (the provider's).
const MAX_TOKENS: u32 = 16;
/// Maximum bytes of echoed prompts in one answer, each counted as often as it occurs.
const ECHO_MAX: usize = 8 << 20;
/// The prompt of a request without one (the provider's default, one token).
const NO_PROMPT: &str = "<|endoftext|>";

#[derive(Debug, Deserialize)]
struct RawCompletion<'a> {
    #[serde(borrow)]
    model: Option<Str<'a>>,
    #[serde(borrow)]
    prompt: Option<Prompts<'a>>,
    max_tokens: Option<u32>,
    min_tokens: Option<u32>,
    ignore_eos: Option<bool>,
    #[serde(borrow)]
    response_format: Option<Object<RawFormat<'a>>>,
    #[serde(borrow)]
    structured_outputs: Option<Object<RawStructuredOutputs<'a>>>,
    #[serde(borrow)]
    guided_json: Option<&'a RawValue>,
    #[serde(borrow)]
    guided_regex: Option<Str<'a>>,
    #[serde(borrow)]
    guided_choice: Option<RawChoices<'a>>,
    #[serde(borrow)]
    guided_grammar: Option<&'a RawValue>,
    n: Option<PositiveU32>,
    best_of: Option<u32>,
    echo: Option<bool>,
    logprobs: Option<u32>,
    #[serde(borrow)]
    stop: Option<Stops<'a>>,
    stream: Option<bool>,
    stream_options: Option<Object<RawStreamOptions>>,
    temperature: Option<f64>,
    top_p: Option<f64>,
    frequency_penalty: Option<f64>,
    presence_penalty: Option<f64>,
    #[serde(rename = "suffix", borrow)]
    _suffix: Option<Str<'a>>,
    #[serde(rename = "seed")]
    _seed: Option<i64>,
    #[serde(rename = "user", borrow)]
    _user: Option<Str<'a>>,
    #[serde(rename = "logit_bias")]
    _logit_bias: Option<Object<AnyFields>>,
}

/// A completion request, checked.
#[derive(Debug)]
pub(super) struct CompletionRequest<'a> {
    /// `None`: the default model.
    pub(super) model: Option<Cow<'a, str>>,
    pub(super) generation_request: GenerationRequest<'a>,
    /// The prompts to echo at the beginning of each choice.
    pub(super) echo: Option<Echo>,
    /// The number of tokens per position, if log probabilities are requested.
    pub(super) logprobs: Option<usize>,
    pub(super) delivery: Delivery,
}

/// The echoed prompts, each for a number of choices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Echo {
    pub(super) prompts: Vec<String>,
    pub(super) choices: u32,
}

impl Echo {
    fn new(prompts: Vec<String>, choices: u32, logprobs: Option<u32>) -> Result<Self, Problem> {
        let bytes: usize = prompts.iter().map(String::len).sum();
        let bytes_total =
            bytes.saturating_mul(choices as usize).saturating_mul(1 + logprobs.unwrap_or(0) as usize);
        if bytes_total > ECHO_MAX {
            let message = format!(
                "Invalid 'echo': prompts of {bytes} bytes, before so many choices and with so many log \
                 probabilities, are too much to be repeated."
            );
            return Err(Problem::field("echo", "invalid_value", message));
        }
        Ok(Self { prompts, choices })
    }

    /// Returns the echoed prompt of a choice.
    pub(super) fn of_choice(&self, choice: u32) -> &str {
        let prompt = self.prompts.get((choice / self.choices.max(1)) as usize);
        prompt.map_or("", String::as_str)
    }
}

impl RawCompletion<'_> {
    /// Checks options with bounds.
    fn check(&self) -> Result<(), Problem> {
        check_stream_options(self.stream, self.stream_options.is_some())?;
        integer("n", self.n.map(|PositiveU32(n)| n), &(1..=128))?;
        integer("best_of", self.best_of, &(0..=20))?;
        integer("logprobs", self.logprobs, &(0..=5))?;
        decimal("temperature", self.temperature, &(0.0..=2.0))?;
        decimal("top_p", self.top_p, &(0.0..=1.0))?;
        decimal("frequency_penalty", self.frequency_penalty, &(-2.0..=2.0))?;
        decimal("presence_penalty", self.presence_penalty, &(-2.0..=2.0))?;
        let (n, best_of) = (self.n.map_or(1, |PositiveU32(n)| n), self.best_of.unwrap_or(0));
        if best_of > 0 && best_of < n {
            let message = format!("Invalid 'best_of': {n} choices cannot be the best of {best_of}.");
            return Err(Problem::field("best_of", "invalid_value", message));
        }
        if best_of > 1 && self.stream == Some(true) {
            let message = "Invalid 'best_of': which choices are the best is known at their end, so they cannot be \
                           streamed.";
            return Err(Problem::field("best_of", "invalid_value", message.to_owned()));
        }
        Ok(())
    }
}

impl<'a> CompletionRequest<'a> {
    /// Reads and checks a body.
    pub(super) fn read(body: &'a [u8], counter: &TokenCounter, schemas: &Schemas) -> Result<Self, Problem> {
        let raw: RawCompletion<'a> = json::read(body)?;
        raw.check()?;
        let max_tokens = raw.max_tokens.unwrap_or(MAX_TOKENS);
        let min_tokens = check_min_tokens(raw.min_tokens, Some(max_tokens))?;
        let prompts =
            raw.prompt.map_or_else(|| vec![Prompt::Text(Cow::Borrowed(NO_PROMPT))], |Prompts(all)| all);
        not_empty("prompt", &prompts)?;
        let n = raw.n.map_or(1, |PositiveU32(n)| n);
        let choices = prompts.len() * n as usize;
        if choices > PROMPTS_MAX {
            let message = format!("Invalid 'n': {choices} choices in all are more than {PROMPTS_MAX}.");
            return Err(Problem::field("n", "invalid_value", message));
        }
        let (format, _) = output_format::read(raw.response_format, counter, schemas)?;
        let constraints = RawConstraints {
            structured_outputs: raw.structured_outputs,
            guided_json: raw.guided_json,
            guided_regex: raw.guided_regex,
            guided_choice: raw.guided_choice,
            guided_grammar: raw.guided_grammar,
        };
        let format = constraints.read(format, schemas)?;
        let prompt_tokens =
            prompts.iter().fold(0, |sum: u32, prompt| sum.saturating_add(prompt.tokens(counter)));
        let echo = match raw.echo {
            Some(true) => Some(Echo::new(texts(&prompts)?, n, raw.logprobs)?),
            Some(false) | None => None,
        };
        let last_user = match prompts.into_iter().next() {
            Some(Prompt::Text(text)) => text,
            Some(Prompt::Tokens(_)) | None => Cow::Borrowed(""),
        };
        let generation_request = GenerationRequest {
            prompt_tokens,
            max_tokens: Some(max_tokens),
            min_tokens,
            eos: if raw.ignore_eos == Some(true) { Eos::Ignored } else { Eos::Heeded },
            more_choices: u32::try_from(choices.saturating_sub(1)).unwrap_or(0),
            stop: raw.stop.unwrap_or_default().into_sequences(),
            format,
            transcript: Transcript { last_user, ..Transcript::default() },
            // The prompt is continued: it has no place for reasoning.
            effort: Some(Effort::None),
            ..GenerationRequest::default()
        };
        Ok(Self {
            model: raw.model.map(|model| model.0),
            generation_request,
            echo,
            logprobs: raw.logprobs.map(|top| top as usize),
            delivery: Delivery::new(raw.stream, raw.stream_options),
        })
    }
}

fn texts(prompts: &[Prompt<'_>]) -> Result<Vec<String>, Problem> {
    let unknown = || {
        let message = "Invalid 'prompt': its tokens make no text in the vocabulary o200k_base.".to_owned();
        Problem::field("prompt", "invalid_value", message)
    };
    prompts.iter().map(|prompt| prompt.text().ok_or_else(unknown)).collect()
}
