//! What a step gives to the steps after it.

use std::{fmt, sync::Arc};

use minijinja::value::{Object, ObjectRepr, Value};

use crate::llm::{Finish, LlmOutput, Usage};

/// The result of a completed step. In templates `{{ step }}` and `{{ step.text }}` are its text.
#[derive(Debug, PartialEq, Eq)]
pub struct StepOutput {
    text: Arc<str>,
    llm: Option<(Usage, Finish)>,
}

impl StepOutput {
    pub(crate) const fn tool(text: Arc<str>) -> Self {
        Self { text, llm: None }
    }

    pub(crate) fn llm(output: LlmOutput) -> Self {
        Self { text: output.text.into(), llm: Some((output.usage, output.finish)) }
    }

    /// The text.
    pub const fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// The tokens that an `llm` step used.
    pub fn usage(&self) -> Option<Usage> {
        self.llm.map(|(usage, _)| usage)
    }

    /// Why the answer of an `llm` step ended.
    pub fn finish(&self) -> Option<Finish> {
        self.llm.map(|(_, finish)| finish)
    }
}

impl Object for StepOutput {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        (key.as_str() == Some("text")).then(|| Value::from(Arc::clone(&self.text)))
    }

    fn is_true(self: &Arc<Self>) -> bool {
        !self.text.is_empty()
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
