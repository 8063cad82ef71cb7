//! A conversation of several turns: each request repeats the messages before it.

use std::collections::VecDeque;

use serde_json::json;

use crate::record::TurnRecord;

use super::reply::{History, Reply, push_message};
use super::tools::{self, Tools};

/// A conversation keeps this many bytes of its messages, as JSON; beyond it, the oldest turns are left out, as chat
/// programs do.
const BYTES_MAX: usize = 1 << 20;

/// The messages so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Conversation {
    /// The messages of each turn that is over, in JSON, each message with a comma behind it.
    turns: VecDeque<String>,
    /// The size of all `turns`.
    bytes: usize,
    /// The prompt of this turn.
    question: String,
    /// The messages of this turn, if tools were called and the model has not answered their results yet.
    current: String,
    /// Turns that were answered.
    answered: u32,
    reach: Reach,
    record: TurnRecord,
}

/// Whether a conversation has all of its messages.
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

    /// Whether the next request sends the results of tools, without a prompt.
    pub(crate) fn is_in_turn(&self) -> bool {
        !self.current.is_empty()
    }

    /// Sets the prompt of this turn.
    pub(super) fn ask(&mut self, prompt: &str) {
        prompt.clone_into(&mut self.question);
    }

    /// Adds the answer to the last request. The turn is over, unless the answer calls tools and the task has some. Without
    /// tools, or at the limit of requests, the calls get results in the history, because APIs refuse calls without one.
    pub(crate) fn answer(&mut self, mut reply: Reply, history: &dyn History, tools: Option<&Tools>) {
        reply.finish();
        let mut messages = std::mem::take(&mut self.current);
        if messages.is_empty() {
            self.record = TurnRecord::default();
            push_message(&mut messages, &json!({ "role": "user", "content": self.question }));
        }
        if !reply.is_empty() {
            history.write_reply(&reply, &mut messages);
        }
        let results = tools::answer(tools, reply.calls());
        if !results.is_empty() {
            history.write_results(&results, &mut messages);
        }
        self.record.requests += 1;
        self.record.tool_calls += results.len() as u64;
        self.record.unknown_tools += results.iter().filter(|result| result.is_error).count() as u64;
        if !results.is_empty()
            && let Some(tools) = tools
        {
            if self.record.requests < tools.loops_max && messages.len() <= BYTES_MAX {
                self.current = messages;
                return;
            }
            self.record.is_cut = true;
        }
        self.end_turn(messages);
    }

    /// The record of the last turn that is over.
    pub(crate) fn last_turn(&self) -> TurnRecord {
        self.record
    }

    fn end_turn(&mut self, messages: String) {
        self.bytes += messages.len();
        self.turns.push_back(messages);
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
        out.reserve(self.bytes + self.current.len());
        self.turns.iter().for_each(|turn| out.push_str(turn));
        out.push_str(&self.current);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::reply::{ANSWER_BYTES_MAX, ToolCall, ToolResult};

    /// Writes roles and texts.
    struct Plain;

    impl History for Plain {
        fn write_reply(&self, reply: &Reply, out: &mut String) {
            let calls: Vec<&str> = reply.calls().iter().map(|call| call.name.as_str()).collect();
            push_message(out, &json!([reply.text(), calls]));
        }

        fn write_results(&self, results: &[ToolResult<'_>], out: &mut String) {
            results.iter().for_each(|result| push_message(out, &json!(result.output)));
        }
    }

    fn text(text: &str) -> Reply {
        let mut reply = Reply::default();
        reply.push_text(text);
        reply
    }

    fn call(name: &str) -> Reply {
        let mut reply = Reply::default();
        reply.push_call(ToolCall { name: name.to_owned(), ..ToolCall::default() });
        reply
    }

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
        conversation.answer(text("a dam"), &Plain, None);
        conversation.ask("say nothing");
        conversation.answer(text(""), &Plain, None);
        assert_eq!(conversation.turn(), 3);
        insta::assert_snapshot!(earlier(&conversation), @r#"{"content":"what \"is\" a weir?","role":"user"},["a dam",[]],{"content":"say nothing","role":"user"},"#);
    }

    #[test]
    fn answer_with_calls_goes_on_until_text_or_the_limit() {
        let tools = Tools { answers: [("get".to_owned(), "4".to_owned())].into(), loops_max: 3 };
        let mut conversation = Conversation::default();
        conversation.ask("q");
        conversation.answer(call("get"), &Plain, Some(&tools));
        assert!(conversation.is_in_turn() && conversation.turn() == 1);
        conversation.answer(text("done"), &Plain, Some(&tools));
        assert!(!conversation.is_in_turn() && conversation.turn() == 2);
        let record = TurnRecord { requests: 2, tool_calls: 1, unknown_tools: 0, is_cut: false };
        assert_eq!(conversation.last_turn(), record);
        insta::assert_snapshot!(earlier(&conversation), @r#"{"content":"q","role":"user"},["",["get"]],"4",["done",[]],"#);
        for _ in 0..3 {
            conversation.answer(call("put"), &Plain, Some(&tools));
        }
        let record = TurnRecord { requests: 3, tool_calls: 3, unknown_tools: 3, is_cut: true };
        assert_eq!((conversation.turn(), conversation.last_turn()), (3, record));
    }

    #[test]
    fn answer_with_calls_and_without_tools_has_results_in_the_history() {
        let mut conversation = Conversation::default();
        conversation.ask("q");
        conversation.answer(call("get"), &Plain, None);
        assert!(!conversation.is_in_turn());
        insta::assert_snapshot!(earlier(&conversation), @r#"{"content":"q","role":"user"},["",["get"]],"error: unknown tool","#);
    }

    #[test]
    fn answer_beyond_limit_drops_oldest_turns() {
        let mut conversation = Conversation::default();
        let long = "é".repeat(ANSWER_BYTES_MAX);
        for turn in 1..=10 {
            assert_eq!(conversation.reach(), if turn <= 4 { Reach::Beginning } else { Reach::Shortened });
            conversation.ask(&format!("question {turn}."));
            conversation.answer(text(&long), &Plain, None);
        }
        let earlier = earlier(&conversation);
        assert!(earlier.len() <= BYTES_MAX && earlier.len() > BYTES_MAX / 2, "{}", earlier.len());
        assert!(earlier.contains("question 10.") && !earlier.contains("question 1."));
        assert_eq!(conversation.turn(), 11);
    }
}
