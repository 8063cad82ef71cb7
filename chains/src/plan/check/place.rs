//! Where in a chain a fault is reported.

use std::ops::Range;

use toml::Spanned;

use crate::{
    plan::{PlanError, Template, Written},
    spec::{Place, Source, SpecError},
};

/// The chain or step that is being checked.
#[derive(Clone, Copy)]
pub(super) struct At<'c> {
    pub(super) source: Source<'c>,
    pub(super) chain: &'c Spanned<String>,
    pub(super) step: Option<&'c Spanned<String>>,
}

impl<'c> At<'c> {
    pub(super) fn step(self, step: &'c Spanned<String>) -> Self {
        Self { step: Some(step), ..self }
    }

    /// A fault of the chain or step as a whole.
    pub(super) fn error(self, problem: PlanError) -> SpecError {
        let span = self.step.unwrap_or(self.chain).span();
        self.source.error(Some(span), self.place(None), problem)
    }

    /// A fault of one of its keys, whose value is at `span`.
    pub(super) fn key_error(self, key: &str, span: Range<usize>, problem: PlanError) -> SpecError {
        self.source.error(Some(span), self.place(Some(key)), problem)
    }

    /// Compiles the template of a key; `mention` judges each name that it mentions.
    pub(super) fn template(
        self,
        key: &str,
        text: &Spanned<String>,
        mention: impl Fn(&str) -> Result<(), PlanError>,
    ) -> Result<Template, SpecError> {
        let fault = |problem| self.key_error(key, text.span(), problem);
        let template = Template::compile(text.get_ref()).map_err(PlanError::Template).map_err(fault)?;
        template.mentions().try_for_each(mention).map_err(fault)?;
        Ok(template)
    }

    /// A value that is not of its kind.
    pub(super) fn value_error(self, key: &str, span: Range<usize>, message: String) -> SpecError {
        self.key_error(key, span, PlanError::Value { message })
    }

    /// Where `span` lies, for faults that show later.
    pub(super) fn written(self, span: Range<usize>) -> Written {
        self.source.written(span)
    }

    fn place(self, key: Option<&str>) -> Place {
        Place {
            chain: Some(self.chain.get_ref().clone()),
            step: self.step.map(|step| step.get_ref().clone()),
            key: key.map(str::to_owned),
        }
    }
}
