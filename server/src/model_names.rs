//! The names of models in requests and chains: which profile answers to each. Unknown names are logged once.

use std::{
    collections::HashSet,
    sync::{Arc, PoisonError, RwLock},
};

use twox_hash::XxHash3_64;
use weir_model::{Catalog, NameMatch, Profile};

/// The number of names that are remembered, and logged. Further ones are not logged.
const NAMES_MAX: usize = 1_000;
/// The number of characters of a name in the log.
const NAME_SHOWN_MAX: usize = 100;

/// The names of models.
#[derive(Debug)]
pub(crate) struct ModelNames {
    catalog: Arc<Catalog>,
    /// The profile that answers to unknown names of no known family; `None`: unknown names are rejected.
    fallback: Option<String>,
    unknown: UnknownNames,
}

impl ModelNames {
    /// Unknown names are answered by the profile of their family, or by `fallback`.
    pub(crate) fn new(catalog: Arc<Catalog>, fallback: Option<String>) -> Self {
        Self { catalog, fallback, unknown: UnknownNames::default() }
    }

    /// Returns the profile that answers to `name`; `None` if it is unknown.
    pub(crate) fn profile(&self, name: &str) -> Option<&Arc<Profile>> {
        if let Some(profile) = self.catalog.get(name) {
            return Some(profile);
        }
        let fallback = self.fallback.as_ref()?;
        let profile = match self.catalog.find(name) {
            Some((profile, NameMatch::Name | NameMatch::Alias(_))) => return Some(profile),
            Some((profile, NameMatch::Family(_))) => profile,
            None => self.catalog.get(fallback)?,
        };
        self.unknown.log_first_use(name, &profile.name);
        Some(profile)
    }

    /// All known names.
    pub(crate) fn known(&self) -> impl Iterator<Item = &str> {
        self.catalog.names()
    }
}

/// The unknown model names that have been requested, by their hashes.
#[derive(Debug, Default)]
struct UnknownNames {
    requested: RwLock<HashSet<u64>>,
}

impl UnknownNames {
    /// Logs which profile answers to the unknown model name `name`, if it is requested for the first time.
    fn log_first_use(&self, name: &str, profile: &str) {
        if let Some(line) = self.line(name, profile) {
            tracing::info!(target: "weir::models", "{line}");
        }
    }

    /// The line to log, if there is one.
    fn line(&self, name: &str, profile: &str) -> Option<String> {
        let hash = XxHash3_64::oneshot(name.as_bytes());
        {
            let requested = self.requested.read().unwrap_or_else(PoisonError::into_inner);
            if requested.contains(&hash) || requested.len() > NAMES_MAX {
                return None;
            }
        }
        let mut requested = self.requested.write().unwrap_or_else(PoisonError::into_inner);
        if requested.len() > NAMES_MAX || !requested.insert(hash) {
            return None;
        }
        if requested.len() > NAMES_MAX {
            return Some(format!(
                "{NAMES_MAX} unknown model names have been requested: further ones are not logged"
            ));
        }
        let shown: String = name.chars().take(NAME_SHOWN_MAX).collect();
        Some(format!("the unknown model {shown:?} is answered by the profile {profile}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_is_written_once_per_name() {
        let names = UnknownNames::default();
        insta::assert_snapshot!(names.line("gpt-5", "gpt-4o-mini").unwrap(), @r#"the unknown model "gpt-5" is answered by the profile gpt-4o-mini"#);
        assert_eq!(names.line("gpt-5", "gpt-4o-mini"), None);
        insta::assert_snapshot!(names.line("a\u{1b}[0m\nb", "fast").unwrap(), @r#"the unknown model "a\u{1b}[0m\nb" is answered by the profile fast"#);
    }

    #[test]
    fn line_of_too_many_names_is_not_written() {
        let names = UnknownNames::default();
        let written = (0..3 * NAMES_MAX).filter(|name| names.line(&name.to_string(), "fast").is_some());
        assert_eq!(written.count(), NAMES_MAX + 1);
        assert_eq!(names.requested.read().unwrap().len(), NAMES_MAX + 1);
    }
}
