//! Reading a chain file in independent fragments, so that an error in one does not hide errors in another.

use std::{collections::BTreeSet, ops::Range};

use serde::Deserialize as _;
use toml::{
    Spanned,
    de::{DeString, DeTable, DeValue, Deserializer, Error},
};

use super::{RawChain, Source, SpecError, raw::RawFile};

/// The largest number of errors reported for one file. Users correct some before they read more, and each error rescans the
/// file for its line number.
pub const REPORTED_ERRORS_MAX: usize = 100;

/// The chains and errors of a file.
#[derive(Debug)]
pub(crate) struct ParsedChains {
    /// The chains without an error so far, in file order.
    pub(crate) chains: Vec<(Spanned<String>, RawChain)>,
    pub(crate) errors: Vec<SpecError>,
}

/// A step, or any other key of a chain or of the file, with its path of keys and the spans of their values.
struct Fragment<'s> {
    path: Vec<(Spanned<DeString<'s>>, Range<usize>)>,
    value: DeValue<'s>,
}

impl Source<'_> {
    /// Deserializes each fragment separately, then all chains whose fragments are valid.
    pub(crate) fn parse_fragments(self) -> ParsedChains {
        let mut parsed = ParsedChains { chains: Vec::new(), errors: Vec::new() };
        let Err(error) = self.read_into(&mut parsed) else { return parsed };
        parsed.errors.push(self.toml_error(&error));
        parsed
    }

    /// # Errors
    /// Fails if the text is not TOML.
    fn read_into(self, parsed: &mut ParsedChains) -> Result<(), Error> {
        let root = DeTable::parse(self.text())?;
        let span = root.span();
        let mut fragments = Vec::new();
        collect(&[], root.get_ref().clone(), &mut fragments);
        let mut invalid = BTreeSet::new();
        for fragment in fragments {
            let chain = fragment.chain();
            if let Err(error) = read(fragment.into_table(), span.clone()) {
                parsed.errors.push(self.toml_error(&error));
                invalid.extend(chain);
            }
            if parsed.errors.len() == REPORTED_ERRORS_MAX {
                return Ok(());
            }
        }
        let mut sound = DeTable::new();
        for (key, value) in root.into_inner() {
            let span = value.span();
            if let ("chain", DeValue::Table(chains)) = (&**key.get_ref(), value.into_inner()) {
                let chains = chains.into_iter().filter(|(name, _)| !invalid.contains(&**name.get_ref()));
                sound.insert(key, Spanned::new(span, DeValue::Table(chains.collect())));
            }
        }
        parsed.chains = read(sound, span)?.into_iter().collect();
        parsed.chains.sort_by_key(|(name, _)| name.span().start);
        Ok(())
    }
}

fn read(
    table: DeTable<'_>,
    span: Range<usize>,
) -> Result<impl IntoIterator<Item = (Spanned<String>, RawChain)>, Error> {
    RawFile::deserialize(Deserializer::from(Spanned::new(span, table))).map(|file| file.chain)
}

/// Splits a table into fragments, down to steps.
fn collect<'s>(
    path: &[(Spanned<DeString<'s>>, Range<usize>)],
    table: DeTable<'s>,
    fragments: &mut Vec<Fragment<'s>>,
) {
    for (key, value) in table {
        let mut path = path.to_vec();
        path.push((key, value.span()));
        let keys: Vec<&str> = path.iter().map(|(key, _)| &**key.get_ref()).collect();
        let is_split = matches!(*keys, ["chain"] | ["chain", _] | ["chain", _, "step"]);
        match value.into_inner() {
            DeValue::Table(table) if is_split => collect(&path, table, fragments),
            value => fragments.push(Fragment { path, value }),
        }
    }
}

impl<'s> Fragment<'s> {
    /// Returns the chain that contains it.
    fn chain(&self) -> Option<String> {
        match &*self.path {
            [(first, _), (name, _), ..] if first.get_ref() == "chain" => Some(name.get_ref().to_string()),
            _ => None,
        }
    }

    /// Returns a file that contains nothing else.
    fn into_table(self) -> DeTable<'s> {
        let nest = |value, (key, span): (Spanned<DeString<'s>>, Range<usize>)| {
            let mut table = DeTable::new();
            table.insert(key, Spanned::new(span, value));
            DeValue::Table(table)
        };
        match self.path.into_iter().rev().fold(self.value, nest) {
            DeValue::Table(table) => table,
            _ => DeTable::new(),
        }
    }
}
