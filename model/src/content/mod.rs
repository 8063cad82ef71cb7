//! What one LLM call will say.

mod cursor;
mod text;

use std::sync::Arc;

use weir_pace::Seed;

pub use cursor::{ContentCursor, Event};
pub use text::{Text, Tokens};

/// How a choice ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// The model had said what it had to say.
    Stop,
    /// The answer was cut at the request's token limit.
    Length,
    /// The answer was cut before the stop sequence with this index in the request.
    StopSequence(usize),
    /// The model waits for what the tools say that it called.
    ToolCalls,
    /// The model does not want to answer.
    Refused,
}

/// What one call will say: one or more choices, which are said side by side. Natural text is not held: its words follow
/// from a seed, one at a time, so an open answer of any length costs a few bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    choices: Box<[Choice]>,
}

/// One of the answers to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What is said, in this order.
    pub segments: Vec<Segment>,
    /// How it ends.
    pub finish: Finish,
}

/// A part of a choice that is of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// What it is.
    pub kind: Kind,
    /// What it says; of a call, its arguments in JSON.
    pub text: Text,
}

/// What a segment is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What the model thinks before it answers.
    Reasoning,
    /// The answer.
    Text,
    /// Why there is none.
    Refusal,
    /// The call of a tool.
    ToolCall {
        /// The tool's name.
        name: Arc<str>,
    },
}

impl Content {
    /// Choices that are said side by side.
    #[must_use]
    pub fn new(choices: Vec<Choice>) -> Self {
        Self { choices: choices.into() }
    }

    /// One choice of natural text that `seed` stands for.
    #[must_use]
    pub fn natural(seed: Seed, tokens: u32, finish: Finish) -> Self {
        let segment = Segment { kind: Kind::Text, text: Text::natural(seed, tokens) };
        Self::new(vec![Choice { segments: vec![segment], finish }])
    }

    /// The answers, in the order of their indices.
    #[must_use]
    pub fn choices(&self) -> &[Choice] {
        &self.choices
    }

    /// How many tokens will be said in all: what usage tells.
    #[must_use]
    pub fn token_count(&self) -> u32 {
        self.choices.iter().map(Choice::token_count).sum()
    }

    /// Of these, the tokens of reasoning.
    #[must_use]
    pub fn reasoning_count(&self) -> u32 {
        let segments = self.choices.iter().flat_map(|choice| &choice.segments);
        segments
            .filter(|segment| segment.kind == Kind::Reasoning)
            .map(|segment| segment.text.token_count())
            .sum()
    }

    /// How many instants it takes to say them: choices are said side by side, a token of each at a time.
    #[must_use]
    pub fn step_count(&self) -> u32 {
        self.choices.iter().map(Choice::token_count).max().unwrap_or(0)
    }

    /// The answers' text, without reasoning, refusals and calls; that of the first choice.
    #[must_use]
    pub fn text(&self) -> String {
        self.choices.first().map(Choice::text).unwrap_or_default()
    }

    /// What its texts take that are held, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let segments = self.choices.iter().flat_map(|choice| &choice.segments);
        segments.map(|segment| size_of::<Segment>() + segment.text.bytes()).sum()
    }

    /// How the first choice ends.
    #[must_use]
    pub fn finish(&self) -> Finish {
        self.choices.first().map_or(Finish::Stop, |choice| choice.finish)
    }

    /// ResponseMode it step by step.
    #[must_use]
    pub fn cursor(&self) -> ContentCursor {
        ContentCursor::new(self)
    }
}

impl Choice {
    /// How many tokens it says.
    #[must_use]
    pub fn token_count(&self) -> u32 {
        self.segments.iter().map(|segment| segment.text.token_count()).sum()
    }

    /// Its text, without reasoning, refusals and calls.
    #[must_use]
    pub fn text(&self) -> String {
        let texts = self.segments.iter().filter(|segment| segment.kind == Kind::Text);
        texts.map(|segment| segment.text.to_string()).collect()
    }
}
