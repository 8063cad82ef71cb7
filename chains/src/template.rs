//! Texts with `{{ … }}` placeholders: compiled when a chain is checked, rendered when its steps run.

use std::{
    collections::BTreeSet,
    fmt, io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

pub(crate) use expression::{Condition, ListExpression};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value};
use weir_templates::{TrailingNewline, WORK_MAX, is_over_budget, with_budget};

/// The longest text to which a template may render, in bytes.
pub const RENDERED_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Template instructions that one rendering may use: about 10 ms of work. A loop over a thousand
/// inputs needs about ten thousand.
const FUEL_MAX: u64 = 200_000;
/// The work that a rendering may do on the event loop, in bytes read or built: less than a millisecond.
const INLINE_WORK_MAX: u64 = 1 << 20;
/// The work that all renderings of a run may do, with its nested runs, in bytes read or built: about a
/// second. It bounds the outputs that a run keeps as well.
pub(crate) const RUN_WORK_MAX: u64 = 1 << 30;
/// The name of the run's input in templates.
pub(crate) const INPUT: &str = "input";
/// The names of the list entry of a fan-out and its index, in templates.
pub(crate) const ITEM: &str = "item";
pub(crate) const INDEX: &str = "index";
/// The name of the only template in each environment.
const NAME: &str = "template";

/// A compiled template.
#[derive(Debug)]
pub(crate) enum Template {
    /// Without placeholders: never rendered.
    Text(Arc<str>),
    /// With placeholders.
    Compiled(Box<Compiled>),
}

/// A minijinja template and the names it refers to.
pub(crate) struct Compiled {
    environment: Environment<'static>,
    references: BTreeSet<String>,
}

/// Why a template cannot be compiled.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the template: {message}")]
pub struct TemplateError {
    /// Counted from 1, within the template.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

/// Why a template could not be rendered.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The text would exceed [`RENDERED_BYTES_MAX`].
    #[error("the template's text is longer than {RENDERED_BYTES_MAX} bytes")]
    TooLong,
    /// The template executes too many instructions.
    #[error("the template needs more than {FUEL_MAX} instructions")]
    TooMuchWork,
    /// The template reads or builds too much text or data, which need not be part of its text.
    #[error("the template reads or builds more than {WORK_MAX} bytes of text and data")]
    TooMuchData,
    /// The templates of a run read or build too much text or data in total.
    #[error("the templates of the run read or build more than {RUN_WORK_MAX} bytes of text and data")]
    RunOverBudget,
    /// An expression cannot be evaluated with these values.
    #[error(transparent)]
    Value(TemplateError),
}

impl Template {
    /// Compiles `source`, with or without placeholders.
    pub(crate) fn compile(source: &str) -> Result<Self, TemplateError> {
        if !["{{", "{%", "{#"].iter().any(|mark| source.contains(mark)) {
            return Ok(Self::Text(source.into()));
        }
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        environment.set_undefined_behavior(UndefinedBehavior::Chainable);
        environment.set_fuel(Some(FUEL_MAX));
        weir_templates::install(&mut environment);
        let source =
            weir_templates::rewrite(source, TrailingNewline::Keep).map_err(|error| template_error(&error))?;
        environment.add_template_owned(NAME, source).map_err(|error| template_error(&error))?;
        let template = environment.get_template(NAME).map_err(|error| template_error(&error))?;
        let mut references: BTreeSet<String> = template.undeclared_variables(false).into_iter().collect();
        references.retain(|name| environment.globals().all(|(global, _)| global != name));
        let compiled = Compiled { environment, references };
        compiled.reject_unknown_functions()?;
        Ok(Self::Compiled(Box::new(compiled)))
    }

    /// Returns the names that the template looks up: `input` and steps.
    pub(crate) fn references(&self) -> impl Iterator<Item = &str> {
        let references = match self {
            Self::Text(_) => None,
            Self::Compiled(compiled) => Some(&compiled.references),
        };
        references.into_iter().flatten().map(String::as_str)
    }

    /// Renders the text; `look_up` returns the value of each name that the template refers to. The work is taken from
    /// `work_left`. More than a little of it leaves the event loop.
    pub(crate) fn render(
        &self,
        look_up: impl Fn(&str) -> Value,
        work_left: &AtomicU64,
    ) -> Result<Arc<str>, RenderError> {
        match self {
            Self::Text(text) => Ok(Arc::clone(text)),
            Self::Compiled(compiled) => compiled.render(look_up, work_left),
        }
    }
}

impl Compiled {
    fn render(
        &self,
        look_up: impl Fn(&str) -> Value,
        work_left: &AtomicU64,
    ) -> Result<Arc<str>, RenderError> {
        let scope: Value = self.references.iter().map(|name| (name.as_str(), look_up(name))).collect();
        let (mut result, mut used) = with_budget(INLINE_WORK_MAX, || self.render_to_text(scope.clone()));
        if matches!(result, Err(RenderError::TooMuchData)) {
            let again = || with_budget(WORK_MAX, || self.render_to_text(scope));
            let (second, more) = weir_pace::block_in_place(again);
            result = second;
            used += more;
        }
        let spend = |left: u64| left.checked_sub(used);
        work_left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, spend)
            .map_err(|_| RenderError::RunOverBudget)?;
        result
    }

    fn render_to_text(&self, scope: Value) -> Result<Arc<str>, RenderError> {
        let mut text = BoundedBuffer::default();
        self.write(scope, &mut text).map_err(|error| text.classify(&error))?;
        // minijinja writes whole `str`s only, so this never replaces anything.
        Ok(String::from_utf8_lossy(&text.bytes).into())
    }

    fn write(&self, scope: Value, text: &mut BoundedBuffer) -> Result<(), Error> {
        self.environment.get_template(NAME)?.render_captured_to(scope, text).map(drop)
    }

    /// Renders once without values to find unknown filters and tests, which minijinja reports on rendering only. Other
    /// errors may be caused by the missing values.
    fn reject_unknown_functions(&self) -> Result<(), TemplateError> {
        match self.write(Value::UNDEFINED, &mut BoundedBuffer::default()) {
            Err(error) if matches!(error.kind(), ErrorKind::UnknownFilter | ErrorKind::UnknownTest) => {
                Err(template_error(&error))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

/// A writer that collects at most [`RENDERED_BYTES_MAX`].
#[derive(Default)]
struct BoundedBuffer {
    bytes: Vec<u8>,
    full: bool,
}

impl BoundedBuffer {
    fn classify(&self, error: &Error) -> RenderError {
        match error.kind() {
            ErrorKind::OutOfFuel => RenderError::TooMuchWork,
            _ if is_over_budget(error) => RenderError::TooMuchData,
            _ if self.full => RenderError::TooLong,
            _ => RenderError::Value(template_error(error)),
        }
    }
}

impl io::Write for BoundedBuffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > RENDERED_BYTES_MAX {
            self.full = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Debug for Compiled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Compiled").field("references", &self.references).finish_non_exhaustive()
    }
}

fn template_error(error: &Error) -> TemplateError {
    let message = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    TemplateError { line: error.line().unwrap_or(1), message }
}

mod expression;
