//! What the templates of a run see.

use std::{cell::OnceCell, sync::Arc};

use minijinja::Value;
use serde_json::{Map, Value as Json};

use super::record::Record;
use crate::{
    output::StepOutput,
    plan::{INDEX, INPUT, ITEM, Plan, RenderError, Template},
};

/// The input of a run.
pub(super) struct Input {
    json: Json,
    /// Made when the first template asks for it: many chains have none that does.
    value: OnceCell<Value>,
}

impl Input {
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

/// What the templates of a run see: its input, and the outputs of the steps that have ended.
pub(super) struct Scope<'r> {
    pub(super) plan: &'r Plan,
    pub(super) input: &'r Input,
    pub(super) record: &'r Record,
    /// The entry of a fan-out that it is for, and its place in the list.
    pub(super) item: Option<(&'r Value, usize)>,
}

impl Scope<'_> {
    pub(super) fn render(&self, template: &Template) -> Result<Arc<str>, RenderError> {
        template.render(|name| self.look_up(name))
    }

    pub(super) fn look_up(&self, name: &str) -> Value {
        match (name, self.item) {
            (INPUT, _) => self.input.value(),
            (ITEM, Some((item, _))) => item.clone(),
            (INDEX, Some((_, index))) => Value::from(index),
            (step, _) => self
                .output(step)
                .map_or(Value::UNDEFINED, |output| Value::from_dyn_object(Arc::clone(output))),
        }
    }

    /// The result of a run whose steps have all ended.
    pub(super) fn result(&self) -> Result<Json, RenderError> {
        if let Some(template) = &self.plan.result {
            return Ok(Json::from(&*self.render(template)?));
        }
        let text =
            |index| self.record.output(index).map_or(Json::Null, |output| Json::from(&**output.text()));
        if let [only] = *self.plan.last {
            return Ok(text(only));
        }
        let last = self.plan.last.iter().filter_map(|index| self.plan.steps().get(*index));
        let texts = last.map(|step| (step.name().to_string(), text(step.index())));
        Ok(Json::Object(texts.collect::<Map<_, _>>()))
    }

    fn output(&self, name: &str) -> Option<&Arc<StepOutput>> {
        self.record.output(*self.plan.places.get(name)?)
    }
}
