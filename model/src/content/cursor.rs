//! Iterates over a content step by step.

use super::{Choice, Content, Finish, Segment, Tokens};

/// An event of a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// A segment begins; the number is its index in the choice.
    Begin(usize, &'a Segment),
    /// A token of the segment. Its text is empty if the token ends within a character.
    Token(&'a str),
    /// The segment has ended.
    End(usize, &'a Segment),
    /// The choice has ended.
    Finish(Finish),
}

/// A position in a content; each step advances every choice by one token.
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
    is_over: bool,
}

impl ContentCursor {
    pub(super) fn new(content: &Content) -> Self {
        let cursor =
            |choice: &Choice| Cursor { choice: choice.clone(), segment: 0, tokens: None, is_over: false };
        Self { choices: content.choices().iter().map(cursor).collect() }
    }

    /// Emits the next token of each choice that has one, with the events before the first, between two and after the
    /// last token; `on_event` receives the index of the choice. A choice without tokens ends in the first step.
    pub fn advance(&mut self, mut on_event: impl FnMut(u32, Event<'_>)) {
        for (index, cursor) in (0..).zip(&mut self.choices) {
            cursor.advance(|event| on_event(index, event));
        }
    }
}

impl Cursor {
    fn advance(&mut self, mut on_event: impl FnMut(Event<'_>)) {
        let mut is_said = false;
        while let Some(segment) = self.choice.segments.get(self.segment) {
            let tokens = match &mut self.tokens {
                Some(tokens) => tokens,
                None if is_said => return,
                empty @ None => {
                    on_event(Event::Begin(self.segment, segment));
                    empty.insert(segment.text.tokens())
                }
            };
            if !is_said && let Some(token) = tokens.next_token() {
                on_event(Event::Token(token));
                is_said = true;
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
    use weir_pace::Seed;

    use super::*;
    use crate::content::{SegmentKind, Text};

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
                    Event::Token(token) => format!("{choice}:{token}"),
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
}
