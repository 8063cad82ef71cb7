//! The compiled templates of a scenario.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use minijinja::value::Value;
use minijinja::{Environment, ErrorKind, UndefinedBehavior};
use weir_pace::{Rng, Seed};
use weir_templates::with_budget;

use crate::task::feed::{Cursors, Feeds};

use super::context::{TemplateContext, View};
use super::error::{TemplateError, TemplateProblem};
use super::functions;
use super::names::KnownNames;
use super::variables::Variables;

/// The largest number of instructions of a rendering.
const FUEL: u64 = 100_000;
/// The work that a rendering may do, in bytes read or built: about 20 ms. While it lasts, its worker sends nothing else.
const WORK_MAX: u64 = 32 << 20;

/// All templates of a scenario.
///
/// They can use `n` (the number of the request, from 0), `user` (the number of the user, from 0; with arrivals at a rate,
/// that of the worker), `turn` (of a conversation, from 1), `feed.NAME`, `env.NAME`, captured values by their names, the
/// functions `pick([…])`, `random(low, high)` and `uuid()`, and the filters of minijinja.
#[derive(Debug)]
pub(crate) struct Templates {
    environment: Environment<'static>,
    entries: Vec<Entry>,
    feeds: Arc<Feeds>,
    /// The captured values that new templates may refer to.
    captures: BTreeSet<String>,
    /// The environment variables, each with the key of the first template that refers to it.
    variables: BTreeMap<String, String>,
}

/// One template of [`Templates`].
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) struct TemplateId(usize);

#[derive(Debug)]
struct Entry {
    /// Its name in minijinja.
    name: String,
    /// Its key in the scenario.
    key: String,
    has_captures: bool,
}

impl Default for Templates {
    fn default() -> Self {
        Self::new(Arc::default())
    }
}

impl Templates {
    /// Returns an empty set of templates that may refer to these feeds.
    pub(crate) fn new(feeds: Arc<Feeds>) -> Self {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        weir_templates::install(&mut environment);
        functions::add_to(&mut environment);
        let (captures, variables) = (BTreeSet::new(), BTreeMap::new());
        Self { environment, entries: Vec::new(), feeds, captures, variables }
    }

    /// Sets the captured values that templates added from now on may refer to.
    pub(crate) fn set_captures(&mut self, captures: BTreeSet<String>) {
        self.captures = captures;
    }

    pub(crate) fn feeds(&self) -> &Arc<Feeds> {
        &self.feeds
    }

    /// Compiles a template, and checks the names that it refers to.
    pub(super) fn add(&mut self, key: &str, source: &str) -> Result<TemplateId, TemplateError> {
        let id = TemplateId(self.entries.len());
        let name = format!("#{}", id.0);
        let error_of = |problem| TemplateError { key: key.to_owned(), problem };
        let bounded = weir_templates::rewrite(source, weir_templates::TrailingNewline::Remove);
        bounded
            .and_then(|bounded| self.environment.add_template_owned(name.clone(), bounded))
            .map_err(|error| error_of(error.into()))?;
        let template = self.environment.get_template(&name).map_err(|error| error_of(error.into()))?;
        let globals = |name: &str| self.environment.globals().any(|(known, _)| known == name);
        let known = KnownNames { feeds: &self.feeds, captures: &self.captures, globals: &globals };
        let references = known.check(template.undeclared_variables(true), source).map_err(error_of)?;
        for variable in references.variables {
            self.variables.entry(variable).or_insert_with(|| key.to_owned());
        }
        self.entries.push(Entry { name, key: key.to_owned(), has_captures: references.has_captures });
        Ok(id)
    }

    /// Looks up the environment variables, and renders every template once to find most mistakes before the run. Returns
    /// the values of the variables, which are secret.
    ///
    /// # Errors
    /// Fails if a variable is not set, or a template does not render.
    pub(crate) fn validate(
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
            .try_for_each(|(index, entry)| self.try_render(TemplateId(index), entry))?;
        Ok(secrets)
    }

    /// Renders a template once. Captured values are unknown, so errors that may depend on them are ignored.
    fn try_render(&self, id: TemplateId, entry: &Entry) -> Result<(), TemplateError> {
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
                if entry.has_captures && is_value_dependent(error.kind()) =>
            {
                Ok(())
            }
            Err(TemplateError { problem: TemplateProblem::NotCaptured { .. }, .. }) | Ok(_) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn render(&self, id: TemplateId, view: &Arc<View>) -> Result<String, TemplateError> {
        #[expect(clippy::expect_used, reason = "rendering an empty text instead would send a wrong request")]
        let entry = self.entries.get(id.0).expect("the id is from these templates");
        let template = self.environment.get_template(&entry.name);
        let root = Value::from_dyn_object(Arc::clone(view));
        let rendered = template.and_then(|template| with_budget(WORK_MAX, || template.render(root)).0);
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

    /// Returns a name that the template refers to and that its user has not captured yet.
    fn not_captured(&self, entry: &Entry, view: &Arc<View>) -> Option<String> {
        let template = self.environment.get_template(&entry.name).ok()?;
        let is_known = |name: &String| {
            let root = Value::from_dyn_object(Arc::clone(view));
            let is_captured = root.get_attr(name).is_ok_and(|value| !value.is_undefined());
            is_captured || self.environment.globals().any(|(global, _)| global == name.as_str())
        };
        template.undeclared_variables(false).into_iter().filter(|name| !is_known(name)).min()
    }
}

/// Whether an error may depend on captured values.
fn is_value_dependent(kind: ErrorKind) -> bool {
    !matches!(
        kind,
        ErrorKind::UnknownFilter
            | ErrorKind::UnknownFunction
            | ErrorKind::UnknownMethod
            | ErrorKind::UnknownTest
            | ErrorKind::OutOfFuel
    )
}

/// The rendering of the templates of one request.
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

    /// Returns the turn of the conversation, from 1.
    pub(crate) fn turn(&self) -> u32 {
        self.view.turn()
    }

    /// Draws from the random generator of the request.
    pub(crate) fn draw<T>(&self, draw: impl FnOnce(&mut Rng) -> T) -> T {
        draw(&mut self.view.rng())
    }

    /// Returns the random generator in its current state.
    pub(crate) fn rng(&self) -> Rng {
        self.view.rng().clone()
    }
}
