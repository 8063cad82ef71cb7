//! A chain file read piece by piece: what is wrong in one piece hides nothing in another.

use std::{collections::BTreeSet, ops::Range};

use serde::Deserialize as _;
use toml::{
    Spanned,
    de::{DeString, DeTable, DeValue, Deserializer, Error},
};

use super::{RawChain, Source, SpecError, raw::RawFile};

/// Faults of one file that are told: whoever has as many mends some before reading on, and each of them reads the
/// file again for its line.
pub const FAULTS_MAX: usize = 100;

/// What could be read of a file.
#[derive(Debug)]
pub(crate) struct Readable {
    /// The chains without a fault so far, in the order of the file.
    pub(crate) chains: Vec<(Spanned<String>, RawChain)>,
    pub(crate) faults: Vec<SpecError>,
}

/// A step, or any other key of a chain or of the file, with the keys that lead to it and the spans of what they hold.
struct Piece<'s> {
    path: Vec<(Spanned<DeString<'s>>, Range<usize>)>,
    value: DeValue<'s>,
}

impl Source<'_> {
    /// Reads each piece by itself, then all chains whose pieces can be read.
    pub(crate) fn readable(self) -> Readable {
        let mut readable = Readable { chains: Vec::new(), faults: Vec::new() };
        let Err(error) = self.read_into(&mut readable) else { return readable };
        readable.faults.push(self.toml_error(&error));
        readable
    }

    /// # Errors
    /// When the text is no TOML at all.
    fn read_into(self, readable: &mut Readable) -> Result<(), Error> {
        let root = DeTable::parse(self.text())?;
        let span = root.span();
        let mut pieces = Vec::new();
        collect(&[], root.get_ref().clone(), &mut pieces);
        let mut faulty = BTreeSet::new();
        for piece in pieces {
            let chain = piece.chain();
            if let Err(error) = read(piece.into_table(), span.clone()) {
                readable.faults.push(self.toml_error(&error));
                faulty.extend(chain);
            }
            if readable.faults.len() == FAULTS_MAX {
                return Ok(());
            }
        }
        let mut sound = DeTable::new();
        for (key, value) in root.into_inner() {
            let span = value.span();
            if let ("chain", DeValue::Table(chains)) = (&**key.get_ref(), value.into_inner()) {
                let chains = chains.into_iter().filter(|(name, _)| !faulty.contains(&**name.get_ref()));
                sound.insert(key, Spanned::new(span, DeValue::Table(chains.collect())));
            }
        }
        readable.chains = read(sound, span)?.into_iter().collect();
        readable.chains.sort_by_key(|(name, _)| name.span().start);
        Ok(())
    }
}

fn read(
    table: DeTable<'_>,
    span: Range<usize>,
) -> Result<impl IntoIterator<Item = (Spanned<String>, RawChain)>, Error> {
    RawFile::deserialize(Deserializer::from(Spanned::new(span, table))).map(|file| file.chain)
}

/// Takes a table apart, down to steps.
fn collect<'s>(
    path: &[(Spanned<DeString<'s>>, Range<usize>)],
    table: DeTable<'s>,
    pieces: &mut Vec<Piece<'s>>,
) {
    for (key, value) in table {
        let mut path = path.to_vec();
        path.push((key, value.span()));
        let keys: Vec<&str> = path.iter().map(|(key, _)| &**key.get_ref()).collect();
        let apart = matches!(*keys, ["chain"] | ["chain", _] | ["chain", _, "step"]);
        match value.into_inner() {
            DeValue::Table(table) if apart => collect(&path, table, pieces),
            value => pieces.push(Piece { path, value }),
        }
    }
}

impl<'s> Piece<'s> {
    /// The chain that it is of.
    fn chain(&self) -> Option<String> {
        match &*self.path {
            [(first, _), (name, _), ..] if first.get_ref() == "chain" => Some(name.get_ref().to_string()),
            _ => None,
        }
    }

    /// A file with nothing else in it.
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
