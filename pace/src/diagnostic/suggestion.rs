//! The known name that was most likely meant by an unknown one.

use std::fmt;

/// Names less similar to the unknown one than this (Jaro–Winkler) are not suggested.
const SIMILARITY_MIN: f64 = 0.75;

/// Returns the known name most similar to `unknown`, if one is similar enough.
pub fn nearest<'a>(unknown: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(unknown, name), name))
        .filter(|(similarity, name)| *similarity >= SIMILARITY_MIN && is_near(unknown, name))
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
}

/// Whether at most half of the characters differ. The similarity alone gives much weight to a common start.
fn is_near(unknown: &str, name: &str) -> bool {
    let length = unknown.chars().count().max(name.chars().count());
    2 * strsim::osa_distance(unknown, name) <= length
}

/// What to write instead of an unknown name. Its text is appended to a message: `" (did you mean `x`?)"`,
/// `"; expected one of `x`, `y`"`, or nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    nearest: Option<String>,
    known: Vec<String>,
}

impl Suggestion {
    /// Returns the known name nearest to `unknown`, or all of them.
    pub fn new<'a>(unknown: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let known: Vec<String> = known.into_iter().map(str::to_owned).collect();
        let nearest = nearest(unknown, known.iter().map(String::as_str)).map(str::to_owned);
        Self { nearest, known }
    }

    /// Returns the nearest known name, or nothing. For names of which there may be very many.
    pub fn nearest<'a>(unknown: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        Self { nearest: nearest(unknown, known).map(str::to_owned), known: Vec::new() }
    }

    /// A suggestion whose nearest name is chosen by the caller; without one all known names are listed.
    pub fn of_names(nearest: Option<String>, known: Vec<String>) -> Self {
        Self { nearest, known }
    }

    /// The known names; none if they may be very many.
    pub fn known(&self) -> &[String] {
        &self.known
    }

    /// The suggestion as a sentence without a period: "did you mean `x`?", "expected one of `x`, `y`". `None` if there is
    /// nothing to suggest.
    pub fn help(&self) -> Option<String> {
        match (&self.nearest, &*self.known) {
            (Some(name), _) => Some(format!("did you mean `{name}`?")),
            (None, []) => None,
            (None, [only]) => Some(format!("expected `{only}`")),
            (None, several) => Some(format!("expected one of `{}`", several.join("`, `"))),
        }
    }
}

impl fmt::Display for Suggestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.help(), &self.nearest) {
            (None, _) => Ok(()),
            (Some(help), Some(_)) => write!(f, " ({help})"),
            (Some(help), None) => write!(f, "; {help}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_dissimilar_names_returns_none() {
        assert_eq!(nearest("gpt-4o-mni", ["fast", "gpt-4o-mini", "gpt-4o"]), Some("gpt-4o-mini"));
        assert_eq!(nearest("qqq", ["fast", "slow"]), None);
        assert_eq!(nearest("prompt_tokens_count", ["prompt"]), None);
        assert_eq!(nearest("detla", ["delta"]), Some("delta"));
    }

    #[test]
    fn suggestion_lists_known_names_if_none_is_similar() {
        assert_eq!(
            Suggestion::new("run_tim", ["users", "run_time"]).to_string(),
            " (did you mean `run_time`?)"
        );
        assert_eq!(Suggestion::new("x", ["users", "rate"]).to_string(), "; expected one of `users`, `rate`");
        assert_eq!(Suggestion::new("x", ["users"]).to_string(), "; expected `users`");
        assert_eq!(Suggestion::new("x", []).to_string(), "");
        assert_eq!(Suggestion::nearest("x", ["users"]).to_string(), "");
    }
}
