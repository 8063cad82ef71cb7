//! What an answer says, for conversations that carry it on. Only they pay for it.

use serde_json::Value;

use crate::task::{PlainKind, Reading, StreamKind};

/// Appends what an event of a stream says.
pub(super) fn append(kind: &StreamKind, event: &[u8], text: &mut String) {
    let Ok(event) = serde_json::from_slice::<Value>(event) else { return };
    let said = match kind {
        StreamKind::Chat => event.pointer("/choices/0/delta/content"),
        StreamKind::Completions => event.pointer("/choices/0/text"),
        StreamKind::Messages => event.pointer("/delta/text"),
        StreamKind::Responses if is_type(&event, "response.output_text.delta") => event.get("delta"),
        StreamKind::Responses | StreamKind::Chain | StreamKind::Any { .. } => None,
    };
    text.push_str(said.and_then(Value::as_str).unwrap_or_default());
}

/// What an answer of one piece says; nothing where it holds no text.
pub(crate) fn text_of_answer(reading: &Reading, body: &[u8]) -> String {
    let Reading::Plain(kind) = reading else { return String::new() };
    let Ok(answer) = serde_json::from_slice::<Value>(body) else { return String::new() };
    let text_at = |pointer| answer.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    match kind {
        PlainKind::Chat => text_at("/choices/0/message/content"),
        PlainKind::Completions => text_at("/choices/0/text"),
        PlainKind::Messages => texts(answer.get("content"), "text"),
        PlainKind::Responses => {
            let items = answer.get("output").and_then(Value::as_array).into_iter().flatten();
            items.map(|item| texts(item.get("content"), "output_text")).collect()
        }
        PlainKind::Embeddings | PlainKind::Chain => String::new(),
    }
}

/// The texts of the parts of a message that have this type.
fn texts(parts: Option<&Value>, kind: &str) -> String {
    let parts = parts.and_then(Value::as_array).into_iter().flatten().filter(|part| is_type(part, kind));
    parts.filter_map(|part| part.get("text")?.as_str()).collect()
}

fn is_type(value: &Value, kind: &str) -> bool {
    value.get("type").and_then(Value::as_str) == Some(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_answer(kind: PlainKind, body: &str) -> String {
        text_of_answer(&Reading::Plain(kind), body.as_bytes())
    }

    #[test]
    fn the_text_of_an_answer_is_what_it_says_aloud() {
        let chat = r#"{"choices":[{"message":{"content":"Hi","reasoning_content":"hm"}}]}"#;
        assert_eq!(of_answer(PlainKind::Chat, chat), "Hi");
        let tool = r#"{"choices":[{"message":{"content":null,"tool_calls":[{}]}}]}"#;
        assert_eq!(of_answer(PlainKind::Chat, tool), "");
        let message = r#"{"content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"A"},{"type":"text","text":"B"}]}"#;
        assert_eq!(of_answer(PlainKind::Messages, message), "AB");
        let response = r#"{"output":[{"type":"reasoning","summary":[]},{"type":"message","content":[{"type":"output_text","text":"Hi"}]}]}"#;
        assert_eq!(of_answer(PlainKind::Responses, response), "Hi");
    }
}
