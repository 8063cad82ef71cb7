//! The error event of a stream, in the form of its other events.

use bytes::{Bytes, BytesMut};
use serde_json::{Value, json};
use weir_wire::sse;

use super::events::name;

/// Writes the error event of a stream.
#[derive(Debug)]
pub(super) struct ErrorEvent {
    /// The body of the error as a plain answer.
    body: Value,
    /// The events so far.
    events: u64,
    form: EventForm,
}

/// The form of a stream's events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum EventForm {
    /// Data only.
    Plain,
    /// With a name.
    Named,
    /// With a name, a type and a number: the Responses API's.
    Numbered,
}

impl ErrorEvent {
    pub(super) const fn new(body: Value) -> Self {
        Self { body, events: 0, form: EventForm::Plain }
    }

    /// Notes the form of an event of the stream.
    pub(super) fn observe(&mut self, event: &[u8]) {
        if self.events == 0 {
            self.form = match name(event) {
                None => EventForm::Plain,
                Some(name) if name.starts_with(b"response.") => EventForm::Numbered,
                Some(_) => EventForm::Named,
            };
        }
        self.events += 1;
    }

    /// Returns the event in the place of the one that was observed last.
    pub(super) fn written(&self) -> Bytes {
        let mut out = BytesMut::new();
        match self.form {
            EventForm::Plain => sse::write_data(&mut out, self.body.to_string().as_bytes()),
            EventForm::Named => sse::write_event(&mut out, "error", self.body.to_string().as_bytes()),
            EventForm::Numbered => {
                let error = self.body.get("error");
                let field = |name| error.and_then(|error| error.get(name)).filter(|value| !value.is_null());
                let event = json!({
                    "type": "error", "code": field("code").or(field("type")), "message": field("message"),
                    "param": field("param"),
                    "sequence_number": self.events.saturating_sub(1),
                });
                sse::write_event(&mut out, "error", event.to_string().as_bytes());
            }
        }
        out.freeze()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(events: &[&str]) -> String {
        let body = json!({"error": {"message": "m", "type": "server_error", "code": null, "param": null}});
        let mut error = ErrorEvent::new(body);
        events.iter().for_each(|event| error.observe(event.as_bytes()));
        String::from_utf8(error.written().to_vec()).unwrap()
    }

    #[test]
    fn written_has_the_form_of_the_stream() {
        insta::assert_snapshot!(written(&["data: {}\n\n"]).trim_end(), @r#"data: {"error":{"code":null,"message":"m","param":null,"type":"server_error"}}"#);
        insta::assert_snapshot!(written(&["event: message_start\ndata: {}\n\n"]).trim_end(), @r#"
        event: error
        data: {"error":{"code":null,"message":"m","param":null,"type":"server_error"}}
        "#);
        insta::assert_snapshot!(written(&["event: response.created\ndata: {}\n\n", "event: response.in_progress\ndata: {}\n\n"]).trim_end(), @r#"
        event: error
        data: {"code":"server_error","message":"m","param":null,"sequence_number":1,"type":"error"}
        "#);
    }
}
