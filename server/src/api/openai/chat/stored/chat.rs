//! A stored chat answer.

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::{Value, json, value::RawValue};

use crate::{
    api::openai::identity::{FINGERPRINT, now},
    request::Problem,
};

/// Fields of the request that are returned with the answer.
const RETURNED_FIELDS: [&str; 9] = [
    "temperature",
    "top_p",
    "presence_penalty",
    "frequency_penalty",
    "seed",
    "user",
    "tools",
    "tool_choice",
    "response_format",
];

/// A stored chat answer, as JSON texts: parsed values would use many times the memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::api::openai) struct StoredChat {
    /// The answer as it was sent.
    answer: Box<[u8]>,
    model: Box<str>,
    /// Fields of the request, each with its JSON.
    request_fields: Vec<(&'static str, Box<str>)>,
    messages: Box<str>,
    pub(super) metadata: BTreeMap<String, String>,
}

impl StoredChat {
    /// Returns the stored form of the `answer` of `model` to the request `body`, and its size in bytes.
    pub(in crate::api::openai::chat) fn new(
        body: &[u8],
        answer: &[u8],
        model: &str,
        metadata: BTreeMap<String, String>,
    ) -> Result<(Self, usize), Problem> {
        let fields: BTreeMap<Cow<'_, str>, &RawValue> =
            serde_json::from_slice(body).map_err(|error| Problem::bad_json(&error))?;
        let field = |name: &'static str| Some((name, fields.get(name)?.get().into()));
        let stored = Self {
            answer: answer.into(),
            model: model.into(),
            request_fields: RETURNED_FIELDS.into_iter().filter_map(field).collect(),
            messages: fields.get("messages").map_or("[]", |messages| messages.get()).into(),
            metadata,
        };
        let bytes = stored.bytes();
        Ok((stored, bytes))
    }

    /// Its approximate size in bytes.
    pub(super) fn bytes(&self) -> usize {
        /// What an entry of a map or list needs besides its texts.
        const ENTRY_BYTES: usize = 64;
        let fields = self.request_fields.iter().map(|(_, json)| json.len());
        let metadata = self.metadata.iter().map(|(key, value)| key.len() + value.len());
        let entries: usize = fields.chain(metadata).map(|bytes| bytes + ENTRY_BYTES).sum();
        size_of::<Self>() + self.answer.len() + self.model.len() + self.messages.len() + entries
    }

    /// Returns a made-up answer.
    pub(super) fn made_up(id: &str, model: &str) -> Self {
        let message = json!({"role": "assistant", "content": "", "refusal": null});
        let choice = json!({"index": 0, "message": message, "logprobs": null, "finish_reason": "stop"});
        let usage = json!({"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0});
        let answer = json!({
            "id": id, "object": "chat.completion", "created": now(), "model": model,
            "service_tier": "default", "system_fingerprint": FINGERPRINT, "choices": [choice], "usage": usage,
        });
        Self {
            answer: answer.to_string().into_bytes().into(),
            model: model.into(),
            request_fields: Vec::new(),
            messages: "[]".into(),
            metadata: BTreeMap::new(),
        }
    }

    pub(super) fn with_metadata(&self, metadata: BTreeMap<String, String>) -> Self {
        Self { metadata, ..self.clone() }
    }

    pub(super) fn model(&self) -> &str {
        &self.model
    }

    /// Encodes the answer, with some fields of its request.
    pub(super) fn object(&self) -> Value {
        let mut object: Value = serde_json::from_slice(&self.answer).unwrap_or_default();
        for field in RETURNED_FIELDS {
            let found = self.request_fields.iter().find(|(name, _)| *name == field);
            let value = found.and_then(|(_, text)| serde_json::from_str(text).ok());
            set(&mut object, field, value.unwrap_or_default());
        }
        set(&mut object, "metadata", json!(self.metadata));
        object
    }

    /// Encodes the messages of its request; a content of parts has a separate field.
    pub(super) fn messages(&self, id: &str) -> Vec<Value> {
        let messages: Vec<Value> = serde_json::from_str(&self.messages).unwrap_or_default();
        let messages = messages.into_iter().enumerate().map(|(index, mut message)| {
            set(&mut message, "id", format!("{id}-{index}").into());
            let content = message.get("content").cloned().unwrap_or_default();
            let parts = if content.is_array() { content } else { Value::Null };
            if parts.is_array() {
                set(&mut message, "content", Value::Null);
            }
            set(&mut message, "content_parts", parts);
            message
        });
        messages.collect()
    }
}

fn set(object: &mut Value, field: &str, value: Value) {
    if let Value::Object(fields) = object {
        fields.insert(field.to_owned(), value);
    }
}
