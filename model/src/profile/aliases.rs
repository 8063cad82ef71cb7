//! Other names of profiles, and where each name was defined.

use std::{collections::BTreeMap, fmt};

/// Limits of aliases: their number, and the length of one.
pub(super) const ALIASES_MAX: usize = 1_024;
const ALIAS_BYTES_MAX: usize = 256;

/// Where a name was defined: a line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) file: String,
    pub(super) line: Option<usize>,
    /// Whether the file is part of the program.
    pub(super) is_embedded: bool,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        self.line.map_or(Ok(()), |line| write!(f, ":{line}"))
    }
}

/// An alias of a profile.
#[derive(Clone, Debug)]
struct Alias {
    profile: String,
    place: Place,
}

/// The profiles of all aliases.
#[derive(Clone, Debug, Default)]
pub(super) struct Aliases(BTreeMap<String, Alias>);

impl Aliases {
    /// The alias `name` and its profile.
    pub(super) fn get(&self, name: &str) -> Option<(&str, &str)> {
        self.0.get_key_value(name).map(|(name, alias)| (&**name, &*alias.profile))
    }

    /// All aliases.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Adds an alias of a profile, instead of one that is part of the program. Fails with a message if another profile has
    /// it.
    pub(super) fn add(&mut self, name: &str, profile: &str, place: Place) -> Result<(), String> {
        if name.is_empty() || name.len() > ALIAS_BYTES_MAX || name.contains('*') {
            return Err(format!(
                "expected a name of 1 to {ALIAS_BYTES_MAX} bytes without `*`, found {name:?}; \
                 patterns such as \"gpt-*\" belong into `families`"
            ));
        }
        match self.0.get(name) {
            Some(earlier) if earlier.place.is_embedded && !place.is_embedded => {}
            Some(Alias { profile, place }) => {
                return Err(format!("`{name}` is already an alias of `{profile}` ({place})"));
            }
            None => {}
        }
        self.0.insert(name.to_owned(), Alias { profile: profile.to_owned(), place });
        if self.0.len() > ALIASES_MAX {
            return Err(format!("at most {ALIASES_MAX} aliases are allowed"));
        }
        Ok(())
    }

    /// Removes the aliases of a profile that is defined again.
    pub(super) fn remove_of(&mut self, profile: &str) {
        self.0.retain(|_, alias| alias.profile != profile);
    }

    /// Makes room for a profile named `name`: removes an alias that is part of the program. Fails with a message if the
    /// alias is the user's.
    pub(super) fn give_way(&mut self, name: &str) -> Result<(), String> {
        match self.0.get(name) {
            Some(Alias { profile, place }) if !place.is_embedded => {
                Err(format!("`{name}` is already an alias of `{profile}` ({place})"))
            }
            _ => {
                self.0.remove(name);
                Ok(())
            }
        }
    }
}
