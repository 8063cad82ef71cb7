//! The values that the templates of a run can refer to.

use std::{
    cell::OnceCell,
    sync::{Arc, atomic::AtomicU64},
};

use minijinja::Value;
use serde_json::{Map, Value as Json};

use super::record::StepRecords;
use crate::{
    output::StepOutput,
    plan::Plan,
    template::{INDEX, INPUT, ITEM, RenderError, Template},
};

/// The input of a run.
pub(super) struct RunInput {
    json: Json,
    /// Converted on first use, because many chains have no template that refers to it.
    value: OnceCell<Value>,
}

impl RunInput {
    pub(super) const fn new(json: Json) -> Self {
        Self { json, value: OnceCell::new() }
    }

    pub(super) const fn json(&self) -> &Json {
        &self.json
    }

    fn value(&self) -> Value {
        self.value.get_or_init(|| Value::from_serialize(&self.json)).clone()
    }
}

/// The values that templates can refer to: the input of the run and the outputs of the steps that have ended.
pub(super) struct TemplateScope<'r> {
    pub(super) plan: &'r Plan,
    pub(super) input: &'r RunInput,
    pub(super) record: &'r StepRecords,
    /// The entry of a fan-out and its index.
    pub(super) item: Option<(&'r Value, usize)>,
    /// The work that renderings may still do.
    pub(super) work_left: &'r AtomicU64,
}

impl TemplateScope<'_> {
    pub(super) fn render(&self, template: &Template) -> Result<Arc<str>, RenderError> {
        template.render(|name| self.look_up(name), self.work_left)
    }

    fn look_up(&self, name: &str) -> Value {
        match (name, self.item) {
            (INPUT, _) => self.input.value(),
            (ITEM, Some((item, _))) => item.clone(),
            (INDEX, Some((_, index))) => Value::from(index),
            (step, _) => self
                .output(step)
                .map_or(Value::UNDEFINED, |output| Value::from_dyn_object(Arc::clone(output))),
        }
    }

    /// Returns the result of a run whose steps have all ended.
    pub(super) fn result(&self) -> Result<Json, RenderError> {
        if let Some(template) = &self.plan.result {
            return Ok(Json::from(&*self.render(template)?));
        }
        let text =
            |index| self.record.output(index).map_or(Json::Null, |output| Json::from(&**output.text()));
        if let [only] = *self.plan.last {
            return Ok(text(only));
        }
        let last = self.plan.last.iter().map(|index| self.plan.step(*index));
        let texts = last.map(|step| (step.name().to_string(), text(step.index())));
        Ok(Json::Object(texts.collect::<Map<_, _>>()))
    }

    fn output(&self, name: &str) -> Option<&Arc<StepOutput>> {
        self.record.output(*self.plan.index_by_name.get(name)?)
    }
}
