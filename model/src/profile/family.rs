//! Patterns of model names: which profile answers to a name that is not in the catalogue.

use std::collections::BTreeMap;

use weir_pace::matches_wildcard;

/// Limits of patterns: their number, and the length of one.
pub(super) const FAMILIES_MAX: usize = 1_024;
const PATTERN_BYTES_MAX: usize = 100;
/// Longer names belong to no family.
const NAME_BYTES_MAX: usize = 256;

/// The profiles of families of models, by the pattern of their names.
#[derive(Clone, Debug, Default)]
pub(super) struct Families {
    /// Patterns in lower case, and the name of the profile.
    profiles: BTreeMap<String, String>,
}

impl Families {
    /// Adds the pattern of a profile, instead of an earlier profile with the same pattern.
    pub(super) fn add(&mut self, pattern: &str, profile: &str) -> Result<(), String> {
        let is_empty = pattern.bytes().all(|byte| byte == b'*');
        if is_empty || pattern.len() > PATTERN_BYTES_MAX {
            return Err(format!(
                "expected a pattern such as \"gpt-*\" of at most {PATTERN_BYTES_MAX} bytes, found {pattern:?}"
            ));
        }
        self.profiles.insert(pattern.to_ascii_lowercase(), profile.to_owned());
        if self.profiles.len() > FAMILIES_MAX {
            return Err(format!("at most {FAMILIES_MAX} patterns are allowed"));
        }
        Ok(())
    }

    /// Returns the most specific pattern that matches `name`, or its part after the last slash, and its profile. ASCII
    /// letters match in either case.
    pub(super) fn pattern_and_profile(&self, name: &str) -> Option<(&str, &str)> {
        if name.len() > NAME_BYTES_MAX {
            return None;
        }
        let name = name.to_ascii_lowercase();
        let last = name.rsplit('/').next().unwrap_or(&name);
        let found = self
            .profiles
            .iter()
            .filter(|(pattern, _)| matches_wildcard(pattern, &name) || matches_wildcard(pattern, last));
        let found = found.max_by_key(|(pattern, _)| literal_bytes(pattern));
        found.map(|(pattern, profile)| (&**pattern, &**profile))
    }

    /// The profile of that pattern.
    #[cfg(test)]
    fn profile(&self, name: &str) -> Option<&str> {
        self.pattern_and_profile(name).map(|(_, profile)| profile)
    }
}

/// The number of bytes of a pattern that are not `*`: the more, the more specific it is.
fn literal_bytes(pattern: &str) -> usize {
    pattern.bytes().filter(|byte| *byte != b'*').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profile_is_of_the_most_specific_pattern() {
        let mut families = Families::default();
        for (pattern, profile) in [("llama*", "small"), ("Llama*70b*", "large"), ("gpt-*", "hosted")] {
            families.add(pattern, profile).unwrap();
        }
        assert_eq!(families.profile("meta-llama/Llama-3.1-70B-Instruct"), Some("large"));
        assert_eq!(families.profile("meta-llama/Llama-3.1-8B-Instruct"), Some("small"));
        assert_eq!(families.profile("openai/GPT-4o"), Some("hosted"));
        assert_eq!(families.profile("mine"), None);
        assert_eq!(families.profile(&"gpt-".repeat(100)), None);
    }

    #[test]
    fn add_pattern_without_text_is_an_error() {
        let mut families = Families::default();
        assert!(families.add("*", "all").is_err());
        assert!(families.add("", "all").is_err());
        assert!(families.add(&"x".repeat(PATTERN_BYTES_MAX + 1), "all").is_err());
    }
}
