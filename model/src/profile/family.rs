//! Patterns of model names: which profile answers to a name that is not in the catalogue.

use std::collections::BTreeMap;

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

    /// Returns the profile of the most specific pattern that matches `name`, or its part after the last slash.
    pub(super) fn profile(&self, name: &str) -> Option<&str> {
        if name.len() > NAME_BYTES_MAX {
            return None;
        }
        let last = name.rsplit('/').next().unwrap_or(name);
        let found = self.profiles.iter().filter(|(pattern, _)| {
            matches(pattern.as_bytes(), name.as_bytes()) || matches(pattern.as_bytes(), last.as_bytes())
        });
        found.max_by_key(|(pattern, _)| literal_bytes(pattern)).map(|(_, profile)| &**profile)
    }
}

/// The number of bytes of a pattern that are not `*`: the more, the more specific it is.
fn literal_bytes(pattern: &str) -> usize {
    pattern.bytes().filter(|byte| *byte != b'*').count()
}

/// Whether `name` matches `pattern`, in which `*` stands for any text. ASCII letters match in either case.
fn matches(mut pattern: &[u8], mut name: &[u8]) -> bool {
    // Behind the last `*` of the pattern, and the rest of the name that it was tried with.
    let mut retry: Option<(&[u8], &[u8])> = None;
    loop {
        match (pattern.split_first(), name.split_first()) {
            (Some((b'*', rest)), _) => {
                pattern = rest;
                retry = Some((rest, name));
            }
            (Some((wanted, rest)), Some((found, behind))) if *wanted == found.to_ascii_lowercase() => {
                (pattern, name) = (rest, behind);
            }
            (None, None) => return true,
            _ => {
                let Some((after, [_, behind @ ..])) = retry else { return false };
                (pattern, name) = (after, behind);
                retry = Some((after, behind));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_finds_texts_for_stars() {
        for (pattern, name, is_match) in [
            ("gpt-*", "gpt-5", true),
            ("gpt-*", "GPT-5", true),
            ("gpt-*", "xgpt-5", false),
            ("*claude-*", "us.anthropic.claude-3", true),
            ("llama*70b*", "llama-3.1-70b-instruct", true),
            ("llama*70b*", "llama-3.1-8b-instruct", false),
            ("*ab", "aab", true),
            ("*ab", "aba", false),
            ("o1", "o1", true),
            ("o1", "o1-mini", false),
            ("o1", "", false),
        ] {
            assert_eq!(matches(pattern.as_bytes(), name.as_bytes()), is_match, "{pattern} {name}");
        }
    }

    #[test]
    fn profile_is_of_the_most_specific_pattern() {
        let mut families = Families::default();
        for (pattern, profile) in [("llama*", "small"), ("Llama*70b*", "large"), ("gpt-*", "hosted")] {
            families.add(pattern, profile).unwrap();
        }
        assert_eq!(families.profile("meta-llama/Llama-3.1-70B-Instruct"), Some("large"));
        assert_eq!(families.profile("meta-llama/Llama-3.1-8B-Instruct"), Some("small"));
        assert_eq!(families.profile("openai/gpt-4o"), Some("hosted"));
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
