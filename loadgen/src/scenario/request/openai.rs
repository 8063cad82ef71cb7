//! What the answers of OpenAI's chat completions, completions and embeddings have in common.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::record::Problem;
use crate::task::read::{
    BodyContent, ChoiceIndex, ChoiceMarks, Count, Deltas, InputDetails, Merge, Merged, ParsedEvent, Presence,
    Usage, error_in_answer, fail_on_error, parse, protocol_problem, read_usage,
};

use super::openai_delta::Delta;

/// `usage` of an answer or event.
#[derive(Copy, Clone, Debug, Deserialize)]
pub(super) struct Counts {
    #[serde(default)]
    prompt_tokens: Count,
    #[serde(default)]
    prompt_tokens_details: InputDetails,
    /// Another name for the cached tokens.
    #[serde(default)]
    prompt_cache_hit_tokens: Count,
    #[serde(default)]
    completion_tokens: Count,
}

impl From<Counts> for Usage {
    fn from(counts: Counts) -> Self {
        let Counts { prompt_tokens: input, completion_tokens: output, prompt_cache_hit_tokens, .. } = counts;
        let cached = counts.prompt_tokens_details.cached_tokens;
        Self {
            input: input.value,
            cached: cached.value.or(prompt_cache_hit_tokens.value),
            output: output.value,
            is_odd: Count::any_odd(&[input, output, cached, prompt_cache_hit_tokens]),
        }
    }
}

/// An event of a stream, or a plain answer.
#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow, default)]
    choices: Merged<Choice<'a>, Choices<'a>>,
    #[serde(borrow, default)]
    usage: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
    #[serde(borrow, default)]
    object: Presence<'a>,
}

/// A choice: `text` in completions, `delta` in streamed and `message` in plain chat completions.
#[derive(Deserialize)]
struct Choice<'a> {
    #[serde(default)]
    index: ChoiceIndex,
    #[serde(borrow, default)]
    text: Presence<'a>,
    #[serde(borrow, default)]
    delta: Option<Delta<'a>>,
    #[serde(borrow, default)]
    message: Option<Delta<'a>>,
    #[serde(borrow, default)]
    finish_reason: Presence<'a>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
    #[serde(borrow, default)]
    usage: Option<&'a RawValue>,
}

/// All choices of an event or answer.
#[derive(Default)]
struct Choices<'a> {
    deltas: Deltas<'a>,
    marks: ChoiceMarks,
    usage: Option<&'a RawValue>,
    failure: Option<ChoiceFailure<'a>>,
}

enum ChoiceFailure<'a> {
    Error(&'a RawValue),
    /// A finish reason of a choice that failed.
    Reason(&'a str),
}

/// The finish reasons of choices that failed.
const FAILED: [&str; 5] = ["error", "abort", "aborted", "cancelled", "insufficient_system_resource"];

impl<'a> Merge<Choice<'a>> for Choices<'a> {
    fn add(&mut self, choice: Choice<'a>) {
        // Where there are both, the message repeats the deltas.
        let delta = choice.delta.or(choice.message).map(Deltas::from).unwrap_or_default();
        self.deltas = self.deltas.and(delta).and(Deltas::output(choice.text));
        let reason = choice.finish_reason.text().filter(|reason| *reason != "null");
        self.marks.add(choice.index, reason.is_some());
        self.usage = choice.usage.or(self.usage);
        let failed = reason.filter(|reason| FAILED.contains(reason)).map(ChoiceFailure::Reason);
        let error = choice.error.filter(|error| fail_on_error(Some(error)).is_err());
        self.failure = self.failure.take().or(error.map(ChoiceFailure::Error)).or(failed);
    }
}

impl<'a> Answer<'a> {
    /// Parses an event or answer, and fails on the errors in it.
    fn read(json: &'a [u8]) -> Result<Self, Problem> {
        let answer: Self = parse(json)?;
        fail_on_error(answer.error)?;
        if answer.object == Presence::Text("error") {
            return Err(error_in_answer(&String::from_utf8_lossy(json)));
        }
        match answer.choices.sum.failure {
            None => Ok(answer),
            Some(ChoiceFailure::Error(error)) => Err(error_in_answer(error.get())),
            Some(ChoiceFailure::Reason(reason)) => {
                Err(error_in_answer(&format!("a choice ended with the finish reason {reason:?}")))
            }
        }
    }

    fn usage(&self) -> Usage {
        read_usage::<Counts>(self.usage).or(read_usage::<Counts>(self.choices.sum.usage))
    }
}

/// Reads an event.
pub(super) fn read_chunk(data: &[u8]) -> Result<ParsedEvent<'_>, Problem> {
    let chunk = Answer::read(data)?;
    let Choices { deltas, marks, .. } = chunk.choices.sum;
    Ok(ParsedEvent { deltas, usage: chunk.usage(), choices: marks, ..ParsedEvent::default() })
}

/// Reads an answer with `choices`.
pub(super) fn read_choices(body: &[u8]) -> Result<BodyContent, Problem> {
    let answer = Answer::read(body)?;
    if answer.choices.sum.marks.begun() == 0 {
        return Err(protocol_problem("the answer holds no choices"));
    }
    Ok(BodyContent { usage: answer.usage(), is_empty: !answer.choices.sum.deltas.content })
}
