//! Iterates over a content step by step.

use super::{Choice, Content, Finish, Segment, TokenRun, Tokens, run::RunBuffer, step_sizes::DrawnSizes};

/// An event of a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// A segment begins; the number is its index in the choice.
    Begin(usize, &'a Segment),
    /// The tokens of the segment that a step emits: one, unless its size is larger.
    Tokens(TokenRun<'a>),
    /// The segment has ended.
    End(usize, &'a Segment),
    /// The choice has ended.
    Finish(Finish),
}

/// A position in a content; each step advances every choice by the tokens of the step.
#[derive(Debug)]
pub struct ContentCursor {
    choices: Vec<Cursor>,
}

#[derive(Debug)]
struct Cursor {
    choice: Choice,
    segment: usize,
    /// The remaining tokens of the current segment.
    tokens: Option<Tokens>,
    /// `None` if every step emits one token.
    sized: Option<Box<SizedSteps>>,
    is_over: bool,
}

/// Steps of several tokens.
#[derive(Debug)]
struct SizedSteps {
    sizes: DrawnSizes,
    buffer: RunBuffer,
}

impl ContentCursor {
    pub(super) fn new(content: &Content) -> Self {
        let cursor = |(index, choice): (u32, &Choice)| Cursor {
            choice: choice.clone(),
            segment: 0,
            tokens: None,
            sized: content
                .sizes
                .of_choice(index)
                .map(|sizes| Box::new(SizedSteps { sizes, buffer: RunBuffer::default() })),
            is_over: false,
        };
        Self { choices: (0..).zip(content.choices()).map(cursor).collect() }
    }

    /// Emits the tokens of the next step of each choice that has one, with the events before the first, between two and
    /// after the last token; `on_event` receives the index of the choice. A choice without tokens ends in the first step.
    pub fn advance(&mut self, mut on_event: impl FnMut(u32, Event<'_>)) {
        for (index, cursor) in (0..).zip(&mut self.choices) {
            cursor.advance(|event| on_event(index, event));
        }
    }
}

impl Cursor {
    fn advance(&mut self, mut on_event: impl FnMut(Event<'_>)) {
        // The tokens that this step may still emit.
        let mut left = self.sized.as_mut().map_or(1, |sized| sized.sizes.draw());
        while let Some(segment) = self.choice.segments.get(self.segment) {
            let tokens = match &mut self.tokens {
                Some(tokens) => tokens,
                None if left == 0 && segment.text.token_count() > 0 => return,
                empty @ None => {
                    on_event(Event::Begin(self.segment, segment));
                    empty.insert(segment.text.tokens())
                }
            };
            if left > 0 {
                let run = match &mut self.sized {
                    None => tokens.next_token().map(TokenRun::single),
                    Some(sized) => sized.buffer.take(tokens, left),
                };
                if let Some(run) = run {
                    left -= run.count();
                    on_event(Event::Tokens(run));
                }
            }
            if tokens.left() > 0 {
                return;
            }
            on_event(Event::End(self.segment, segment));
            self.tokens = None;
            self.segment += 1;
        }
        if !self.is_over {
            self.is_over = true;
            on_event(Event::Finish(self.choice.finish));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use weir_pace::{Amount, Seed};

    use super::*;
    use crate::content::{SegmentKind, StepSizes, Text};

    fn segment(kind: SegmentKind, text: &str) -> Segment {
        Segment { kind, text: Text::tokenized(text, u32::MAX) }
    }

    fn steps(content: &Content, count: u32) -> Vec<String> {
        let mut cursor = content.cursor();
        let step = |_| {
            let mut seen = Vec::new();
            cursor.advance(|choice, event| {
                seen.push(match event {
                    Event::Begin(place, _) => format!("{choice}<{place}"),
                    Event::Tokens(run) => {
                        let tokens: Vec<_> = run.tokens().collect();
                        assert_eq!(
                            (tokens.concat(), tokens.len() as u32),
                            (run.text().to_owned(), run.count())
                        );
                        format!("{choice}:{}", tokens.join("|"))
                    }
                    Event::End(place, _) => format!("{choice}{place}>"),
                    Event::Finish(finish) => format!("{choice} {finish:?}"),
                });
            });
            seen.join(" ")
        };
        (0..count).map(step).collect()
    }

    #[test]
    fn advance_interleaves_choices_and_orders_segments() {
        let call = SegmentKind::ToolCall { name: "find".into() };
        let first = vec![segment(SegmentKind::Reasoning, "Well"), segment(call, "{}")];
        let content = Content::new(vec![
            Choice { segments: first, finish: Finish::ToolCalls },
            Choice { segments: vec![segment(SegmentKind::Text, "One two three")], finish: Finish::Length },
        ]);
        assert_eq!((content.step_count(), content.token_count(), content.reasoning_count()), (3, 5, 1));
        insta::assert_snapshot!(steps(&content, 4).join("\n"), @r"
        0<0 0:Well 00> 1<0 1:One
        0<1 0:{} 01> 0 ToolCalls 1: two
        1: three 10> 1 Length
        ");
    }

    #[test]
    fn advance_of_empty_choice_ends_it_at_once() {
        let content = Content::natural(Seed::new(1), 0, Finish::Length);
        assert_eq!(steps(&content, 2), ["0<0 00> 0 Length", ""]);
        let none = Content::new(vec![Choice { segments: Vec::new(), finish: Finish::Stop }]);
        assert_eq!((steps(&none, 1), none.step_count()), (vec!["0 Stop".to_owned()], 0));
    }

    /// Steps of this many tokens.
    fn constant(tokens: u64) -> StepSizes {
        StepSizes::new(&Amount::constant(tokens), Seed::new(1))
    }

    #[test]
    fn advance_with_larger_steps_emits_the_tokens_of_one_segment_in_one_event() {
        let call = SegmentKind::ToolCall { name: "find".into() };
        let first = vec![segment(SegmentKind::Reasoning, "Well, one"), segment(call, "{}")];
        let content = Content::new(vec![
            Choice { segments: first, finish: Finish::ToolCalls },
            Choice { segments: vec![segment(SegmentKind::Text, "One two three")], finish: Finish::Length },
        ]);
        let content = content.with_step_sizes(constant(2));
        assert_eq!((content.step_count(), content.token_count(), content.reasoning_count()), (2, 7, 3));
        insta::assert_snapshot!(steps(&content, 3).join("\n"), @r"
        0<0 0:Well|, 1<0 1:One| two
        0: one 00> 0<1 0:{} 01> 0 ToolCalls 1: three 10> 1 Length
        ");
    }

    #[test]
    fn advance_of_an_empty_last_segment_ends_it_in_the_last_step() {
        let segments = vec![segment(SegmentKind::Reasoning, "Well"), segment(SegmentKind::Text, "")];
        let content = Content::new(vec![Choice { segments, finish: Finish::Stop }]);
        assert_eq!(steps(&content, content.step_count()), ["0<0 0:Well 00> 0<1 01> 0 Stop"]);
    }

    #[test]
    fn hidden_step_count_is_of_the_steps_with_reasoning_alone() {
        let choice = |reasoning: &str, text: &str| Choice {
            segments: vec![segment(SegmentKind::Reasoning, reasoning), segment(SegmentKind::Text, text)],
            finish: Finish::Stop,
        };
        let content =
            Content::new(vec![choice("one two three four five", "Six"), choice("one two three", "Six")]);
        let hidden = |tokens| {
            content.clone().with_step_sizes(constant(tokens)).with_hidden_reasoning().hidden_step_count()
        };
        assert_eq!([1, 2, 3, 4].map(hidden), [3, 1, 1, 0]);
        assert_eq!(content.hidden_step_count(), 0);
        let all = Content::new(vec![choice("one two three", "")]).with_hidden_reasoning();
        assert_eq!(all.hidden_step_count(), 2, "nothing is visible before the end");
    }

    proptest! {
        #[test]
        fn advance_in_drawn_steps_emits_every_token_once(
            lens in proptest::collection::vec(0_u32..60, 1..4), draft in 1_u32..8, acceptance in 0.0_f64..1.0, seed: u64,
        ) {
            let speculative = format!("x = {{ speculative = {{ draft = {draft}, acceptance = {acceptance} }} }}");
            let sizes: BTreeMap<String, Amount> = toml::from_str(&speculative).unwrap();
            let segment = |tokens: &u32| Segment {
                kind: SegmentKind::Text,
                text: Text::natural(Seed::new(u64::from(*tokens)), *tokens),
            };
            let choice = Choice { segments: lens.iter().map(segment).collect(), finish: Finish::Stop };
            let content = Content::new(vec![choice.clone(), choice]);
            let sized = content.clone().with_step_sizes(StepSizes::new(&sizes["x"], Seed::new(seed)));
            let texts = |content: &Content| {
                let (mut texts, mut finished) = ([String::new(), String::new()], 0);
                let mut cursor = content.cursor();
                for _ in 0..content.step_count().max(1) {
                    cursor.advance(|choice, event| match event {
                        Event::Tokens(run) => texts[choice as usize].push_str(run.text()),
                        Event::Finish(_) => finished += 1,
                        Event::Begin(..) | Event::End(..) => {}
                    });
                }
                (texts, finished)
            };
            prop_assert_eq!(texts(&sized), texts(&content));
            prop_assert_eq!(texts(&sized).1, 2);
            prop_assert_eq!(sized.token_count(), content.token_count());
            prop_assert!(sized.step_count() <= content.step_count());
        }
    }
}
