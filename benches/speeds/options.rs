//! What can be typed after `cargo bench --bench speeds --`.

use anyhow::{Result, bail};

/// How long rows take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Length {
    /// Up to 15 s a row.
    Full,
    /// A look: the figures swing more.
    Quick,
}

/// What can be typed.
#[derive(Debug)]
pub(crate) struct Options {
    filter: Option<String>,
    pub(crate) length: Length,
}

impl Options {
    /// `None`: not started by `cargo bench`, which always says `--bench`.
    pub(crate) fn parse(arguments: &[String]) -> Result<Option<Self>> {
        let (mut asked, mut options) = (false, Self { filter: None, length: Length::Full });
        for argument in arguments {
            match argument.as_str() {
                "--bench" => asked = true,
                "--quick" => options.length = Length::Quick,
                flag if flag.starts_with('-') => bail!("{flag} is not known; [FILTER] [--quick] is"),
                filter => options.filter = Some(filter.to_owned()),
            }
        }
        Ok(asked.then_some(options))
    }

    /// Whether the group of rows is to be measured.
    pub(crate) fn wants(&self, group: &str) -> bool {
        self.filter.as_ref().is_none_or(|filter| group.contains(filter.as_str()))
    }
}
