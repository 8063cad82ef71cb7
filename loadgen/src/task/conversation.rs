//! A conversation of several turns: each request repeats the messages before it.

use std::collections::VecDeque;

use super::text::push_json_string;

/// A conversation keeps this many bytes of its messages, as JSON; beyond it, the oldest turns are left out, as chat
/// programs do.
const BYTES_MAX: usize = 1 << 20;

/// The number of bytes of an answer that are kept.
pub(super) const ANSWER_BYTES_MAX: usize = 256 << 10;

/// The messages so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Conversation {
    /// The messages of each turn that is over, in JSON, each message with a comma behind it.
    turns: VecDeque<String>,
    /// Of all `turns`.
    bytes: usize,
    /// The prompt of this turn.
    question: String,
    /// Turns that were answered.
    answered: u32,
    reach: Reach,
}

/// How far back a conversation remembers.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Reach {
    #[default]
    Beginning,
    /// Turns had to be left out.
    Shortened,
}

impl Conversation {
    /// The number of the turn that is next, or under way: from 1.
    pub(crate) fn turn(&self) -> u32 {
        self.answered + 1
    }

    pub(crate) fn reach(&self) -> Reach {
        self.reach
    }

    /// Sets the prompt of this turn.
    pub(super) fn ask(&mut self, prompt: &str) {
        prompt.clone_into(&mut self.question);
    }

    /// Ends a turn. An answer without text, such as a tool call, leaves only the question in the history.
    pub(crate) fn answer(&mut self, text: &str) {
        let mut end = text.len().min(ANSWER_BYTES_MAX);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let mut turn = String::new();
        push_message(&mut turn, "user", &self.question);
        if let Some(text) = text.get(..end).filter(|text| !text.is_empty()) {
            push_message(&mut turn, "assistant", text);
        }
        self.bytes += turn.len();
        self.turns.push_back(turn);
        self.answered += 1;
        while self.bytes > BYTES_MAX
            && let Some(oldest) = self.turns.pop_front()
        {
            self.bytes -= oldest.len();
            self.reach = Reach::Shortened;
        }
    }

    /// Appends the messages so far, each with a comma behind it.
    pub(super) fn write_earlier(&self, out: &mut String) {
        out.reserve(self.bytes);
        self.turns.iter().for_each(|turn| out.push_str(turn));
    }
}

/// All three APIs that converse write a message like this.
fn push_message(out: &mut String, role: &str, text: &str) {
    out.push_str("{\"role\":\"");
    out.push_str(role);
    out.push_str("\",\"content\":");
    push_json_string(out, text);
    out.push_str("},");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn earlier(conversation: &Conversation) -> String {
        let mut out = String::new();
        conversation.write_earlier(&mut out);
        out
    }

    #[test]
    fn write_earlier_has_questions_and_answers() {
        let mut conversation = Conversation::default();
        assert_eq!((conversation.turn(), earlier(&conversation)), (1, String::new()));
        conversation.ask("what \"is\" a weir?");
        conversation.answer("a dam");
        conversation.ask("use the tool");
        conversation.answer("");
        assert_eq!(conversation.turn(), 3);
        insta::assert_snapshot!(earlier(&conversation), @r#"{"role":"user","content":"what \"is\" a weir?"},{"role":"assistant","content":"a dam"},{"role":"user","content":"use the tool"},"#);
    }

    #[test]
    fn answer_beyond_limit_drops_oldest_turns() {
        let mut conversation = Conversation::default();
        let long = "é".repeat(ANSWER_BYTES_MAX);
        for turn in 1..=10 {
            assert_eq!(conversation.reach(), if turn <= 4 { Reach::Beginning } else { Reach::Shortened });
            conversation.ask(&format!("question {turn}."));
            conversation.answer(&long);
        }
        let earlier = earlier(&conversation);
        assert!(earlier.len() <= BYTES_MAX && earlier.len() > BYTES_MAX / 2, "{}", earlier.len());
        assert!(earlier.contains("question 10.") && !earlier.contains("question 1."));
        assert_eq!(conversation.turn(), 11);
    }
}
