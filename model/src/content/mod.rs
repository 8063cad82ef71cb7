//! The content of one LLM response.

mod cursor;
mod run;
mod step_sizes;
mod text;

use std::sync::Arc;

use weir_pace::Seed;

pub use cursor::{ContentCursor, Event};
pub use run::TokenRun;
pub(crate) use step_sizes::STEP_TOKENS_MAX;
pub use step_sizes::StepSizes;
pub use text::{Text, Tokens};

/// How a choice ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// The model completed its answer.
    Stop,
    /// The answer was cut at the request's token limit.
    Length,
    /// The answer was cut before the stop sequence with this index in the request.
    StopSequence(usize),
    /// The model waits for the results of the tools that it called.
    ToolCalls,
    /// The model refused to answer.
    Refused,
}

/// The content of one response: one or more choices, which are streamed in parallel. Natural text is not stored: its
/// words are derived from a seed, one at a time, so an open answer of any length uses a few bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Content {
    choices: Box<[Choice]>,
    sizes: StepSizes,
    /// The number of steps.
    steps: u32,
    /// The number of steps of each choice, added up.
    events: u32,
    /// Of these, the first ones, which have no token that the client receives.
    hidden_steps: u32,
}

/// One of the answers to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The segments, in order.
    pub segments: Vec<Segment>,
    /// How it ends.
    pub finish: Finish,
}

/// A part of a choice that is of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The kind.
    pub kind: SegmentKind,
    /// The text; of a tool call, its arguments in JSON.
    pub text: Text,
}

/// The kind of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SegmentKind {
    /// The reasoning before the answer.
    Reasoning,
    /// The answer.
    Text,
    /// The refusal of an answer.
    Refusal,
    /// A tool call.
    ToolCall {
        /// The tool's name.
        name: Arc<str>,
    },
}

impl Content {
    /// A content of parallel choices.
    #[must_use]
    pub fn new(choices: Vec<Choice>) -> Self {
        let steps = choices.iter().map(Choice::token_count).max().unwrap_or(0);
        let events = choices.iter().map(Choice::token_count).sum();
        Self { choices: choices.into(), sizes: StepSizes::One, steps, events, hidden_steps: 0 }
    }

    /// Returns the same content with other sizes of its steps.
    #[must_use]
    pub fn with_step_sizes(self, sizes: StepSizes) -> Self {
        let steps = (0..).zip(&self.choices).map(|(index, choice)| sizes.steps(index, choice.token_count()));
        let (most, sum) = steps.fold((0, 0), |(most, sum): (u32, u32), steps| (most.max(steps), sum + steps));
        Self { steps: most, events: sum, sizes, ..self }
    }

    /// Returns the same content, whose reasoning the client does not receive.
    #[must_use]
    pub fn with_hidden_reasoning(self) -> Self {
        let hidden = (0..).zip(&self.choices).map(|(index, choice)| match choice.first_reasoning() {
            0 => 0,
            tokens => self.sizes.step_after(index, tokens),
        });
        let hidden_steps = hidden.min().unwrap_or(0).min(self.steps.saturating_sub(1));
        Self { hidden_steps, ..self }
    }

    /// A single choice of natural text derived from `seed`.
    #[must_use]
    pub fn natural(seed: Seed, tokens: u32, finish: Finish) -> Self {
        let segment = Segment { kind: SegmentKind::Text, text: Text::natural(seed, tokens) };
        Self::new(vec![Choice { segments: vec![segment], finish }])
    }

    /// The answers, in the order of their indices.
    #[must_use]
    pub fn choices(&self) -> &[Choice] {
        &self.choices
    }

    /// The number of all tokens, as reported in `usage`.
    #[must_use]
    pub fn token_count(&self) -> u32 {
        self.choices.iter().map(Choice::token_count).sum()
    }

    /// Of these, the tokens of reasoning.
    #[must_use]
    pub fn reasoning_count(&self) -> u32 {
        let segments = self.choices.iter().flat_map(|choice| &choice.segments);
        segments
            .filter(|segment| segment.kind == SegmentKind::Reasoning)
            .map(|segment| segment.text.token_count())
            .sum()
    }

    /// The number of steps: every step emits one token of each choice, or as many as its [`StepSizes`] decide.
    #[must_use]
    pub const fn step_count(&self) -> u32 {
        self.steps
    }

    /// The number of events with tokens: in each step, one of each choice that still has tokens.
    #[must_use]
    pub const fn event_count(&self) -> u32 {
        self.events
    }

    /// Of these, the events that the client receives.
    #[must_use]
    pub fn visible_event_count(&self) -> u32 {
        let choices = u32::try_from(self.choices.len()).unwrap_or(u32::MAX);
        self.events.saturating_sub(self.hidden_steps.saturating_mul(choices))
    }

    /// The number of steps before the first with a token that the client receives.
    #[must_use]
    pub const fn hidden_step_count(&self) -> u32 {
        self.hidden_steps
    }

    /// The text of the first choice, without reasoning, refusals and tool calls.
    #[must_use]
    pub fn text(&self) -> String {
        self.choices.first().map(Choice::text).unwrap_or_default()
    }

    /// The size of the stored texts, in bytes.
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

    /// Returns a cursor at the beginning.
    #[must_use]
    pub fn cursor(&self) -> ContentCursor {
        ContentCursor::new(self)
    }
}

impl Choice {
    /// The number of its tokens.
    #[must_use]
    pub fn token_count(&self) -> u32 {
        self.segments.iter().map(|segment| segment.text.token_count()).sum()
    }

    /// The number of tokens of reasoning at its beginning.
    fn first_reasoning(&self) -> u32 {
        let segments = self.segments.iter().take_while(|segment| segment.kind == SegmentKind::Reasoning);
        segments.map(|segment| segment.text.token_count()).sum()
    }

    /// Its text, without reasoning, refusals and tool calls.
    #[must_use]
    pub fn text(&self) -> String {
        let texts = self.segments.iter().filter(|segment| segment.kind == SegmentKind::Text);
        texts.map(|segment| segment.text.to_string()).collect()
    }
}
