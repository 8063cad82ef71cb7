//! The location of errors found in a check.

use std::ops::Range;

use toml::Spanned;
use weir_pace::Diagnostic;

use crate::{
    spec::{Source, SpecError, SpecErrorKind, key_path},
    template::Template,
};

/// The chain or step that is being checked.
#[derive(Clone, Copy)]
pub(super) struct CheckContext<'c> {
    pub(super) source: Source<'c>,
    pub(super) chain: &'c Spanned<String>,
    pub(super) step: Option<&'c Spanned<String>>,
}

impl<'c> CheckContext<'c> {
    pub(super) fn step(self, step: &'c Spanned<String>) -> Self {
        Self { step: Some(step), ..self }
    }

    /// Returns an error of the chain or step as a whole.
    pub(super) fn error(self, kind: SpecErrorKind) -> SpecError {
        let span = self.step.unwrap_or(self.chain).span();
        self.source.error(Some(span), &self.key(None), kind)
    }

    /// Returns an error of one of its keys, whose value is at `span`.
    pub(super) fn key_error(self, key: &str, span: Range<usize>, kind: SpecErrorKind) -> SpecError {
        self.source.error(Some(span), &self.key(Some(key)), kind)
    }

    /// Compiles the template of a key; `check_reference` checks each name that it refers to.
    pub(super) fn template(
        self,
        key: &str,
        text: &Spanned<String>,
        check_reference: impl Fn(&str) -> Result<(), SpecErrorKind>,
    ) -> Result<Template, SpecError> {
        let at_key = |kind| self.key_error(key, text.span(), kind);
        let template = Template::compile(text.get_ref()).map_err(SpecErrorKind::Template).map_err(at_key)?;
        template.references().try_for_each(check_reference).map_err(at_key)?;
        Ok(template)
    }

    /// An invalid value.
    pub(super) fn value_error(self, key: &str, span: Range<usize>, message: String) -> SpecError {
        self.key_error(key, span, SpecErrorKind::Value { message })
    }

    /// Returns the place of a key, whose value is at `span`, for errors found later.
    pub(super) fn place(self, key: &str, span: Range<usize>) -> Diagnostic {
        self.source.place(Some(span), &self.key(Some(key)))
    }

    /// The path of a key, or of the chain or step itself.
    fn key(self, key: Option<&str>) -> String {
        key_path(self.chain.get_ref(), self.step.map(|step| &**step.get_ref()), key)
    }
}
