//! The templates of a scenario, compiled once.

use std::sync::Arc;

use minijinja::value::Value;
use minijinja::{Environment, UndefinedBehavior, context};
use weir_pace::{Rng, Seed};

use super::draws::{self, Draws};

/// A template that runs for more instructions than this is taken for an endless one.
const FUEL: u64 = 100_000;

/// All templates of a scenario. They can use `n` (the number of the request, from 0), `turn` (its place in a
/// conversation, from 1), `pick([…])` and `uuid()`.
#[derive(Clone, Debug)]
pub(crate) struct Templates {
    environment: Environment<'static>,
    names: Vec<String>,
}

/// One template of [`Templates`].
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) struct TemplateId(usize);

/// Which request a text is rendered for.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Occasion {
    /// The number of the request, from 0.
    pub(crate) number: u64,
    /// Its place in a conversation, from 1.
    pub(crate) turn: u32,
}

/// A template that does not compile, or does not render.
#[derive(Debug, thiserror::Error)]
#[error("{key}: {}", Oneline(.source))]
pub(crate) struct TemplateError {
    /// Where it stands in the scenario.
    pub(crate) key: String,
    source: minijinja::Error,
}

impl TemplateError {
    /// What is wrong, for where the key is told apart.
    pub(crate) fn to_string_without_key(&self) -> String {
        Oneline(&self.source).to_string()
    }
}

impl Default for Templates {
    fn default() -> Self {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        environment.add_function("pick", |state: &minijinja::State<'_, '_>, items: Value| {
            draws::pick(state, &items)
        });
        environment.add_function("uuid", draws::uuid);
        Self { environment, names: Vec::new() }
    }
}

impl Templates {
    /// Compiles a template and renders it once, so that a wrong name is found before the run.
    pub(super) fn add(&mut self, key: &str, source: &str) -> Result<TemplateId, TemplateError> {
        let id = TemplateId(self.names.len());
        // Keys repeat over user classes with tasks of one name; the number keeps them apart.
        let name = format!("{key}#{}", id.0);
        self.environment
            .add_template_owned(name.clone(), source.to_owned())
            .map_err(|source| TemplateError { key: key.to_owned(), source })?;
        self.names.push(name);
        self.render(id, Occasion { number: 0, turn: 1 }, &mut Seed::new(0).rng())?;
        Ok(id)
    }

    pub(super) fn render(
        &self,
        id: TemplateId,
        occasion: Occasion,
        rng: &mut Rng,
    ) -> Result<String, TemplateError> {
        let name = self.names.get(id.0).map_or("", String::as_str);
        let draws = Arc::new(Draws::new(rng.clone()));
        let Occasion { number, turn } = occasion;
        let context = context! { n => number, turn, __draws => Value::from_dyn_object(Arc::clone(&draws)) };
        let rendered = self.environment.get_template(name).and_then(|template| template.render(context));
        rng.clone_from(&draws.rng());
        rendered.map_err(|source| TemplateError {
            key: name.rsplit_once('#').map_or(name, |(key, _)| key).to_owned(),
            source,
        })
    }
}

/// minijinja's message with its line, without the source listing of its debug output.
struct Oneline<'a>(&'a minijinja::Error);

impl std::fmt::Display for Oneline<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "bad template: {}", self.0.kind())?;
        if let Some(detail) = self.0.detail() {
            write!(f, ": {detail}")?;
        }
        match self.0.line() {
            Some(line) if line > 1 => write!(f, " (its line {line})"),
            _ => Ok(()),
        }
    }
}
