//! Texts with `{{ … }}` in them, compiled when a chain is checked and rendered when its steps run.

use std::{collections::BTreeSet, fmt, io, sync::Arc};

use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value};

/// The longest text that a template may render to.
pub const RENDERED_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Template instructions that one rendering may use: about 10 ms of work. A loop over a thousand
/// inputs needs about ten thousand.
const FUEL_MAX: u64 = 200_000;
/// The name by which templates see the input of a run.
pub(crate) const INPUT: &str = "input";
/// The names by which the templates of a fan-out see the entry that they are for, and its place in the list.
pub(crate) const ITEM: &str = "item";
pub(crate) const INDEX: &str = "index";
/// The only name in each template's own environment.
const NAME: &str = "template";

/// A checked text.
#[derive(Debug)]
pub(crate) enum Template {
    /// Without anything to fill in: never rendered, only handed out.
    Text(Arc<str>),
    /// With something to fill in.
    Compiled(Box<Compiled>),
}

/// A text with something to fill in.
pub(crate) struct Compiled {
    environment: Environment<'static>,
    mentions: BTreeSet<String>,
}

/// Why a template cannot be compiled.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the template: {message}")]
pub struct TemplateFault {
    /// Counted from 1, within the template.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

/// Why a template could not be rendered.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The text would be longer than [`RENDERED_BYTES_MAX`].
    #[error("the template's text is longer than {RENDERED_BYTES_MAX} bytes")]
    TooLong,
    /// The template loops for too long.
    #[error("the template takes more than {FUEL_MAX} instructions")]
    TooMuchWork,
    /// The template asks for something that cannot be done with these values.
    #[error(transparent)]
    Value(TemplateFault),
}

impl Template {
    /// Compiles `source`, which need not have anything to fill in.
    pub(crate) fn compile(source: &str) -> Result<Self, TemplateFault> {
        if !["{{", "{%", "{#"].iter().any(|mark| source.contains(mark)) {
            return Ok(Self::Text(source.into()));
        }
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        environment.set_undefined_behavior(UndefinedBehavior::Chainable);
        environment.set_keep_trailing_newline(true);
        environment.set_fuel(Some(FUEL_MAX));
        environment.add_template_owned(NAME, source.to_owned()).map_err(|error| fault(&error))?;
        let template = environment.get_template(NAME).map_err(|error| fault(&error))?;
        let mut mentions: BTreeSet<String> = template.undeclared_variables(false).into_iter().collect();
        mentions.retain(|name| environment.globals().all(|(global, _)| global != name));
        let compiled = Compiled { environment, mentions };
        compiled.reject_unknown_functions()?;
        Ok(Self::Compiled(Box::new(compiled)))
    }

    /// The names that the template looks up: `input` and steps.
    pub(crate) fn mentions(&self) -> impl Iterator<Item = &str> {
        let mentions = match self {
            Self::Text(_) => None,
            Self::Compiled(compiled) => Some(&compiled.mentions),
        };
        mentions.into_iter().flatten().map(String::as_str)
    }

    /// The text, with what `look_up` gives for each name that the template mentions.
    pub(crate) fn render(&self, look_up: impl Fn(&str) -> Value) -> Result<Arc<str>, RenderError> {
        match self {
            Self::Text(text) => Ok(Arc::clone(text)),
            Self::Compiled(compiled) => compiled.render(look_up),
        }
    }
}

impl Compiled {
    fn render(&self, look_up: impl Fn(&str) -> Value) -> Result<Arc<str>, RenderError> {
        let scope = self.mentions.iter().map(|name| (name.as_str(), look_up(name))).collect();
        let mut text = BoundedText::default();
        self.write(scope, &mut text).map_err(|error| text.classify(&error))?;
        // minijinja writes nothing but whole `str`s, so this never replaces anything.
        Ok(String::from_utf8_lossy(&text.bytes).into())
    }

    fn write(&self, scope: Value, text: &mut BoundedText) -> Result<(), Error> {
        self.environment.get_template(NAME)?.render_captured_to(scope, text).map(drop)
    }

    /// Names of filters and tests are looked up on rendering only: render once with nothing in it to find
    /// the misspelt ones. Other errors may come from the missing values.
    fn reject_unknown_functions(&self) -> Result<(), TemplateFault> {
        match self.write(Value::UNDEFINED, &mut BoundedText::default()) {
            Err(error) if matches!(error.kind(), ErrorKind::UnknownFilter | ErrorKind::UnknownTest) => {
                Err(fault(&error))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

/// Collects what is rendered, up to [`RENDERED_BYTES_MAX`].
#[derive(Default)]
struct BoundedText {
    bytes: Vec<u8>,
    full: bool,
}

impl BoundedText {
    fn classify(&self, error: &Error) -> RenderError {
        match error.kind() {
            ErrorKind::OutOfFuel => RenderError::TooMuchWork,
            _ if self.full => RenderError::TooLong,
            _ => RenderError::Value(fault(error)),
        }
    }
}

impl io::Write for BoundedText {
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
        f.debug_struct("Compiled").field("mentions", &self.mentions).finish_non_exhaustive()
    }
}

pub(super) fn fault(error: &Error) -> TemplateFault {
    let message = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    TemplateFault { line: error.line().unwrap_or(1), message }
}
