//! Command line options of `cargo bench --bench speeds --`.

use anyhow::{Result, bail};

/// Duration of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Length {
    /// At most 15 s per row.
    Full,
    /// Shorter, with more variation.
    Quick,
}

/// Command line options.
#[derive(Debug)]
pub(crate) struct Options {
    filter: Option<String>,
    pub(crate) length: Length,
}

impl Options {
    /// `None` if not started by `cargo bench`, which always passes `--bench`.
    pub(crate) fn parse(arguments: &[String]) -> Result<Option<Self>> {
        let (mut is_bench, mut options) = (false, Self { filter: None, length: Length::Full });
        for argument in arguments {
            match argument.as_str() {
                "--bench" => is_bench = true,
                "--quick" => options.length = Length::Quick,
                flag if flag.starts_with('-') => bail!("{flag} is not known; [FILTER] [--quick] is"),
                filter => options.filter = Some(filter.to_owned()),
            }
        }
        Ok(is_bench.then_some(options))
    }

    /// Whether the filter selects the group of rows.
    pub(crate) fn selects(&self, group: &str) -> bool {
        self.filter.as_ref().is_none_or(|filter| group.contains(filter.as_str()))
    }
}
