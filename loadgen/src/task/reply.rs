//! What a model answered, as far as a conversation carries it on.

use serde_json::Value;

/// A conversation carries on at most this much of an answer.
pub(super) const ANSWER_BYTES_MAX: usize = 256 << 10;

/// The most tool calls of one answer that are carried on.
const CALLS_MAX: usize = 128;

/// The text and the tool calls of an answer, in memory that is limited.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Reply {
    text: String,
    calls: Vec<ToolCall>,
    /// Blocks that an API expects before the calls of the same answer, with their indexes: thinking of Anthropic's models.
    blocks: Vec<(u64, Value)>,
    /// The size of calls and blocks.
    bytes: usize,
    /// Calls or blocks were too large: none of them is carried on.
    is_cut: bool,
}

/// A call of a tool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ToolCall {
    /// Its index in the answer, by which the events of a stream refer to it.
    pub(crate) index: u64,
    pub(crate) id: String,
    pub(crate) name: String,
    /// JSON, or the text of a custom tool.
    pub(crate) arguments: String,
    pub(crate) kind: CallKind,
}

/// The form of a call.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum CallKind {
    #[default]
    Function,
    /// A custom tool of OpenAI, whose argument is any text.
    Custom,
    /// `function_call` of OpenAI's chat completions, which tool calls replaced.
    Legacy,
}

/// The answer of a tool.
#[derive(Copy, Clone, Debug)]
pub(crate) struct ToolResult<'a> {
    pub(crate) call: &'a ToolCall,
    pub(crate) output: &'a str,
    pub(crate) is_error: bool,
}

/// How an API writes the messages of a conversation. Each message has a comma behind it.
pub(crate) trait History: Sync {
    /// Writes an answer with its calls.
    fn write_reply(&self, reply: &Reply, out: &mut String);

    /// Writes the answers of the tools.
    fn write_results(&self, results: &[ToolResult<'_>], out: &mut String);
}

impl Reply {
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The calls in their order; those without a name are none.
    pub(crate) fn calls(&self) -> &[ToolCall] {
        if self.is_cut { &[] } else { &self.calls }
    }

    /// The blocks before the calls.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = &Value> {
        self.blocks.iter().map(|(_, block)| block).filter(|_| !self.is_cut)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty() && self.calls.is_empty() && self.blocks.is_empty()
    }

    /// Adds text, up to the limit.
    pub(crate) fn push_text(&mut self, text: &str) {
        let mut end = text.len().min(ANSWER_BYTES_MAX.saturating_sub(self.text.len()));
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        self.text.push_str(text.get(..end).unwrap_or_default());
    }

    /// Adds a part of a call: to the last call with this index, or as a new one if its identifier differs.
    pub(crate) fn push_call(&mut self, part: ToolCall) {
        if !self.take_room(part.id.len() + part.name.len() + part.arguments.len()) {
            return;
        }
        let has_room = self.calls.len() < CALLS_MAX;
        let known = self.calls.iter_mut().rfind(|call| call.index == part.index);
        let is_other = |call: &ToolCall| !part.id.is_empty() && !call.id.is_empty() && part.id != call.id;
        match known.filter(|call| !is_other(call)) {
            Some(call) => {
                if call.id.is_empty() {
                    call.id = part.id;
                }
                if call.name.is_empty() {
                    call.name = part.name;
                }
                call.arguments.push_str(&part.arguments);
                if part.kind != CallKind::Function {
                    call.kind = part.kind;
                }
            }
            None if has_room => self.calls.push(part),
            None => self.is_cut = true,
        }
    }

    /// Sets a whole call, in place of its parts so far.
    pub(crate) fn set_call(&mut self, call: ToolCall) {
        self.calls.retain(|known| known.index != call.index);
        self.push_call(call);
    }

    /// Adds a block that precedes the calls.
    pub(crate) fn push_block(&mut self, index: u64, block: Value) {
        if self.blocks.len() < CALLS_MAX && self.take_room(block.to_string().len()) {
            self.blocks.push((index, block));
        }
    }

    /// Appends a text to a member of a block.
    pub(crate) fn extend_block(&mut self, index: u64, member: &str, text: &str) {
        if text.is_empty() || !self.take_room(text.len()) {
            return;
        }
        let block = self.blocks.iter_mut().rfind(|(known, _)| *known == index);
        let Some((_, Value::Object(members))) = block else { return };
        match members.get_mut(member) {
            Some(Value::String(so_far)) => so_far.push_str(text),
            _ => {
                members.insert(member.to_owned(), text.into());
            }
        }
    }

    /// Completes the calls when the answer has ended: those without a name are dropped, and missing identifiers are made.
    pub(crate) fn finish(&mut self) {
        self.calls.retain(|call| !call.name.is_empty());
        self.calls.sort_by_key(|call| call.index);
        for (number, call) in self.calls.iter_mut().enumerate() {
            if call.id.is_empty() {
                call.id = format!("call_{number}");
            }
            if call.arguments.trim().is_empty() && call.kind != CallKind::Custom {
                "{}".clone_into(&mut call.arguments);
            }
        }
    }

    /// Whether this number of further bytes of calls and blocks is within the limit.
    fn take_room(&mut self, bytes: usize) -> bool {
        self.bytes = self.bytes.saturating_add(bytes);
        self.is_cut |= self.bytes > ANSWER_BYTES_MAX;
        !self.is_cut
    }
}

impl ToolCall {
    /// The arguments as JSON; an empty object if they are none.
    pub(crate) fn arguments_object(&self) -> Value {
        let parsed = serde_json::from_str(&self.arguments).ok();
        parsed.filter(Value::is_object).unwrap_or_else(|| Value::Object(serde_json::Map::new()))
    }
}

/// Appends a message and a comma.
pub(crate) fn push_message(out: &mut String, message: &Value) {
    out.push_str(&message.to_string());
    out.push(',');
}

/// Returns a value as the text of arguments: texts as they are, others as JSON, nothing for `null`.
pub(crate) fn arguments_text(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// Returns a text member; empty if there is none.
pub(crate) fn member(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(index: u64, id: &str, name: &str, arguments: &str) -> ToolCall {
        let [id, name, arguments] = [id, name, arguments].map(str::to_owned);
        ToolCall { index, id, name, arguments, kind: CallKind::Function }
    }

    #[test]
    fn push_call_joins_parts_and_separates_identifiers() {
        let mut reply = Reply::default();
        for (index, id, name, arguments) in [
            (0, "a", "get", "{\"x\""),
            (0, "", "", ":1}"),
            // A server that numbers all calls 0.
            (0, "b", "put", ""),
            (1, "", "other", "{}"),
            (7, "", "", "{}"),
        ] {
            reply.push_call(part(index, id, name, arguments));
        }
        reply.finish();
        let calls =
            [part(0, "a", "get", "{\"x\":1}"), part(0, "b", "put", "{}"), part(1, "call_2", "other", "{}")];
        assert_eq!(reply.calls(), calls);
    }

    #[test]
    fn push_call_beyond_the_limit_keeps_no_call() {
        let mut reply = Reply::default();
        reply.push_call(part(0, "a", "get", &"x".repeat(ANSWER_BYTES_MAX)));
        assert_eq!(reply.calls(), []);
        reply.push_text(&"é".repeat(ANSWER_BYTES_MAX));
        assert_eq!(reply.text().len(), ANSWER_BYTES_MAX);
    }
}
