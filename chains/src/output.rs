//! Outputs of steps.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use minijinja::value::{Object, ObjectRepr, Value};

use crate::llm::{FinishReason, LlmOutput, Usage};

/// The output of a step that has ended. In templates, `{{ step }}` and `{{ step.text }}` are its text, `{{ step.json }}`
/// is the text parsed as JSON, `{{ step.items }}` are the outputs of its fan-out, and `{{ step.error }}` is why it failed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct StepOutput {
    text: Arc<str>,
    llm: Option<(Usage, FinishReason)>,
    items: Box<[Arc<Self>]>,
    error: Option<Arc<str>>,
    views: Views,
}

/// Values of templates that are made of an output on first use, because a loop may use them often.
#[derive(Debug, Default)]
struct Views {
    json: OnceLock<Option<Value>>,
    items: OnceLock<Value>,
}

/// They follow from the rest of the output.
impl PartialEq for Views {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Views {}

impl StepOutput {
    pub(crate) fn from_text(text: Arc<str>) -> Self {
        Self { text, ..Self::default() }
    }

    pub(crate) fn from_llm(output: LlmOutput) -> Self {
        Self { text: output.text.into(), llm: Some((output.usage, output.finish)), ..Self::default() }
    }

    /// The output of a fan-out: its items, and their texts on one line each.
    pub(crate) fn from_items(items: Vec<Arc<Self>>) -> Self {
        let texts: Vec<&str> = items.iter().map(|item| &*item.text).collect();
        Self { text: texts.join("\n").into(), items: items.into(), ..Self::default() }
    }

    /// The output of a failed step in a run that continues.
    pub(crate) fn from_error(error: &impl fmt::Display) -> Self {
        Self { error: Some(error.to_string().into()), ..Self::default() }
    }

    /// The text.
    pub const fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// The tokens used by an `llm` step, or by all items of a fan-out.
    pub fn usage(&self) -> Option<Usage> {
        let usage = self.llm.map(|(usage, _)| usage);
        usage.into_iter().chain(self.items.iter().filter_map(|item| item.usage())).reduce(|sum, usage| {
            Usage {
                prompt_tokens: sum.prompt_tokens + usage.prompt_tokens,
                completion_tokens: sum.completion_tokens + usage.completion_tokens,
            }
        })
    }

    /// Why the response of an `llm` step ended.
    pub fn finish(&self) -> Option<FinishReason> {
        self.llm.map(|(_, finish)| finish)
    }

    /// The outputs of a fan-out, in list order.
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
            "json" => {
                let parse = || {
                    let json = serde_json::from_str::<serde_json::Value>(&self.text).ok()?;
                    Some(Value::from_serialize(&json))
                };
                self.views.json.get_or_init(parse).clone()
            }
            "items" => {
                let list =
                    || self.items.iter().map(|item| Value::from_dyn_object(Arc::clone(item))).collect();
                Some(self.views.items.get_or_init(list).clone())
            }
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
