//! What a step gives to the steps after it.

use std::{fmt, sync::Arc};

use minijinja::value::{Object, ObjectRepr, Value};

use crate::llm::{Finish, LlmOutput, Usage};

/// What an ended step gives. In templates `{{ step }}` and `{{ step.text }}` are its text, `{{ step.json }}` is what
/// that says as JSON, `{{ step.items }}` are the outputs of its fan-out, and `{{ step.error }}` is why it failed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct StepOutput {
    text: Arc<str>,
    llm: Option<(Usage, Finish)>,
    items: Box<[Arc<Self>]>,
    error: Option<Arc<str>>,
}

impl StepOutput {
    pub(crate) fn text_of(text: Arc<str>) -> Self {
        Self { text, ..Self::default() }
    }

    pub(crate) fn llm(output: LlmOutput) -> Self {
        Self { text: output.text.into(), llm: Some((output.usage, output.finish)), ..Self::default() }
    }

    /// The outputs of a fan-out, and their texts a line each.
    pub(crate) fn joined(items: Vec<Arc<Self>>) -> Self {
        let texts: Vec<&str> = items.iter().map(|item| &*item.text).collect();
        Self { text: texts.join("\n").into(), items: items.into(), ..Self::default() }
    }

    /// Of a step that failed, in a run that goes on.
    pub(crate) fn failed(error: &impl fmt::Display) -> Self {
        Self { error: Some(error.to_string().into()), ..Self::default() }
    }

    /// The text.
    pub const fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// The tokens that an `llm` step used; those of all items of a fan-out together.
    pub fn usage(&self) -> Option<Usage> {
        let own = self.llm.map(|(usage, _)| usage);
        own.into_iter().chain(self.items.iter().filter_map(|item| item.usage())).reduce(|sum, usage| Usage {
            prompt_tokens: sum.prompt_tokens + usage.prompt_tokens,
            completion_tokens: sum.completion_tokens + usage.completion_tokens,
        })
    }

    /// Why the answer of an `llm` step ended.
    pub fn finish(&self) -> Option<Finish> {
        self.llm.map(|(_, finish)| finish)
    }

    /// The outputs of a fan-out, in the order of its list.
    pub const fn items(&self) -> &[Arc<Self>] {
        &self.items
    }
}

impl Object for StepOutput {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str()? {
            "text" => Some(Value::from(Arc::clone(&self.text))),
            "json" => serde_json::from_str::<serde_json::Value>(&self.text)
                .ok()
                .map(|json| Value::from_serialize(&json)),
            "items" => Some(self.items.iter().map(|item| Value::from_dyn_object(Arc::clone(item))).collect()),
            "error" => self.error.as_ref().map(|error| Value::from(Arc::clone(error))),
            _ => None,
        }
    }

    fn is_true(self: &Arc<Self>) -> bool {
        !self.text.is_empty()
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
