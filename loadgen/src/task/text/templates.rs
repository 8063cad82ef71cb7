//! The templates of a scenario, compiled once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use minijinja::value::Value;
use minijinja::{Environment, ErrorKind, UndefinedBehavior};
use weir_pace::{Rng, Seed};

use crate::task::feed::{Cursors, Feeds};

use super::context::{TemplateContext, View};
use super::draws;
use super::fault::{TemplateError, TemplateProblem};
use super::names::{Captures, Known};
use super::variables::Variables;

/// A template that runs for more instructions than this is taken for an endless one.
const FUEL: u64 = 100_000;

/// All templates of a scenario.
///
/// They can use `n` (the number of the request, from 0), `user` (that of the user, from 0; with arrivals at a rate, that
/// of the worker), `turn` (of a conversation, from 1), `feed.NAME`, `env.NAME`, values captured from answers by their
/// names, the functions `pick([…])`, `random(low, high)` and `uuid()`, and minijinja's filters.
#[derive(Debug)]
pub(crate) struct Templates {
    environment: Environment<'static>,
    entries: Vec<Entry>,
    feeds: Arc<Feeds>,
    /// What the templates that are added now may know from answers.
    captures: BTreeSet<String>,
    /// Environment variables, each with the place of the first template that needs it.
    variables: BTreeMap<String, String>,
}

/// One template of [`Templates`].
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) struct TemplateId(usize);

#[derive(Debug)]
struct Entry {
    /// Its name within the engine.
    name: String,
    /// Where it stands in the scenario.
    key: String,
    captures: Captures,
}

impl Default for Templates {
    fn default() -> Self {
        Self::new(Arc::default())
    }
}

impl Templates {
    /// None yet; those to come may mention these feeds.
    pub(crate) fn new(feeds: Arc<Feeds>) -> Self {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        draws::add_to(&mut environment);
        let (captures, variables) = (BTreeSet::new(), BTreeMap::new());
        Self { environment, entries: Vec::new(), feeds, captures, variables }
    }

    /// From here on, templates may mention these captured values and no others.
    pub(crate) fn know(&mut self, captures: BTreeSet<String>) {
        self.captures = captures;
    }

    pub(crate) fn feeds(&self) -> &Arc<Feeds> {
        &self.feeds
    }

    /// Compiles a template, and checks that all it mentions is there.
    pub(super) fn add(&mut self, key: &str, source: &str) -> Result<TemplateId, TemplateError> {
        let id = TemplateId(self.entries.len());
        let name = format!("#{}", id.0);
        let refusal = |problem| TemplateError { key: key.to_owned(), problem };
        self.environment
            .add_template_owned(name.clone(), source.to_owned())
            .map_err(|error| refusal(error.into()))?;
        let template = self.environment.get_template(&name).map_err(|error| refusal(error.into()))?;
        let globals = |name: &str| self.environment.globals().any(|(known, _)| known == name);
        let known = Known { feeds: &self.feeds, captures: &self.captures, globals: &globals };
        let mentions = known.check(template.undeclared_variables(true), source).map_err(refusal)?;
        for variable in mentions.variables {
            self.variables.entry(variable).or_insert_with(|| key.to_owned());
        }
        self.entries.push(Entry { name, key: key.to_owned(), captures: mentions.captures });
        Ok(id)
    }

    /// Looks up the environment variables that templates mention, renders every template once, so that most mistakes
    /// are found before the run, and hands back the variables' values: they are secrets.
    ///
    /// # Errors
    ///
    /// A variable is not set, or a template does not render.
    pub(crate) fn prove(
        &mut self,
        env: impl Fn(&str) -> Option<String>,
    ) -> Result<Vec<String>, TemplateError> {
        let mut values = BTreeMap::new();
        for (variable, key) in std::mem::take(&mut self.variables) {
            let Some(value) = env(&variable) else {
                return Err(TemplateError { key, problem: TemplateProblem::NotSet { variable } });
            };
            values.insert(variable, value);
        }
        let secrets = values.values().cloned().collect();
        if !values.is_empty() {
            self.environment.add_global("env", Value::from(values));
        }
        self.entries
            .iter()
            .enumerate()
            .try_for_each(|(index, entry)| self.try_out(TemplateId(index), entry))?;
        Ok(secrets)
    }

    /// What will be captured is not known yet; a template that needs it can only be tried in part.
    fn try_out(&self, id: TemplateId, entry: &Entry) -> Result<(), TemplateError> {
        let mut rng = Seed::new(0).rng();
        let context = TemplateContext {
            number: 0,
            user: 0,
            turn: 1,
            variables: &Variables::default(),
            cursors: &Arc::new(Cursors::new(&self.feeds, 0, 1)),
            rng: &mut rng,
        };
        match Rendering::new(self, &context).render(id) {
            Err(TemplateError { problem: TemplateProblem::Engine(error), .. })
                if entry.captures == Captures::Some && !is_certain(error.kind()) =>
            {
                Ok(())
            }
            Err(TemplateError { problem: TemplateProblem::NotCaptured { .. }, .. }) | Ok(_) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn render(&self, id: TemplateId, view: &Arc<View>) -> Result<String, TemplateError> {
        #[expect(
            clippy::expect_used,
            reason = "an empty text in place of a template would be sent as a request"
        )]
        let entry = self.entries.get(id.0).expect("these templates gave out the id");
        let template = self.environment.get_template(&entry.name);
        let rendered =
            template.and_then(|template| template.render(Value::from_dyn_object(Arc::clone(view))));
        rendered.map_err(|error| {
            let problem = match self.not_captured(entry, view) {
                Some(name) if error.kind() == ErrorKind::UndefinedError => {
                    TemplateProblem::NotCaptured { name }
                }
                _ => error.into(),
            };
            TemplateError { key: entry.key.clone(), problem }
        })
    }

    /// A value that the template mentions and its user has not captured yet.
    fn not_captured(&self, entry: &Entry, view: &Arc<View>) -> Option<String> {
        let template = self.environment.get_template(&entry.name).ok()?;
        let is_there = |name: &String| {
            let root = Value::from_dyn_object(Arc::clone(view));
            let is_seen = root.get_attr(name).is_ok_and(|value| !value.is_undefined());
            is_seen || self.environment.globals().any(|(global, _)| global == name.as_str())
        };
        template.undeclared_variables(false).into_iter().filter(|name| !is_there(name)).min()
    }
}

/// Mistakes that no captured value could mend.
fn is_certain(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::UnknownFilter
            | ErrorKind::UnknownFunction
            | ErrorKind::UnknownMethod
            | ErrorKind::UnknownTest
            | ErrorKind::OutOfFuel
    )
}

/// The templates of one request at work.
pub(crate) struct Rendering<'a> {
    templates: &'a Templates,
    view: Arc<View>,
}

impl<'a> Rendering<'a> {
    pub(crate) fn new(templates: &'a Templates, context: &TemplateContext<'_>) -> Self {
        Self { templates, view: Arc::new(View::of(context, &templates.feeds)) }
    }

    pub(super) fn render(&self, id: TemplateId) -> Result<String, TemplateError> {
        self.templates.render(id, &self.view)
    }

    /// The turn of a conversation, from 1.
    pub(crate) fn turn(&self) -> u32 {
        self.view.turn()
    }

    /// Draws from the request's generator.
    pub(crate) fn draw<T>(&self, draw: impl FnOnce(&mut Rng) -> T) -> T {
        draw(&mut self.view.rng())
    }

    /// The generator after what was drawn.
    pub(crate) fn rng(&self) -> Rng {
        self.view.rng().clone()
    }
}
