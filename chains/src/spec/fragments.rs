//! Reading a chain file in independent fragments, so that an error in one does not hide errors in another.

use std::{collections::BTreeSet, ops::Range};

use toml::{
    Spanned,
    de::{DeString, DeTable, DeValue},
};

use super::{RawChain, Source, SpecError, source::read};

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
        let root = self.root().get_ref();
        let mut fragments = Vec::new();
        collect(&[], root.clone(), &mut fragments);
        let mut invalid = BTreeSet::new();
        for fragment in fragments {
            let chain = fragment.chain();
            if let Err(error) = read(&fragment.into_table()) {
                parsed.errors.push(self.setting_error(error));
                invalid.extend(chain);
            }
            if parsed.errors.len() == REPORTED_ERRORS_MAX {
                return parsed;
            }
        }
        let mut valid = DeTable::new();
        for (key, value) in root.clone() {
            let span = value.span();
            if let ("chain", DeValue::Table(chains)) = (&**key.get_ref(), value.into_inner()) {
                let chains = chains.into_iter().filter(|(name, _)| !invalid.contains(&**name.get_ref()));
                valid.insert(key, Spanned::new(span, DeValue::Table(chains.collect())));
            }
        }
        match read(&valid) {
            Ok(chains) => parsed.chains = chains,
            Err(error) => parsed.errors.push(self.setting_error(error)),
        }
        parsed
    }
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
