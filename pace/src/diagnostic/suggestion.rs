//! The known name that was most likely meant by an unknown one.

use std::fmt;

/// Names less similar to the unknown one than this (Jaro–Winkler) are not suggested.
const SIMILARITY_MIN: f64 = 0.75;

/// Returns the known name most similar to `unknown`, if one is similar enough.
pub fn nearest<'a>(unknown: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(unknown, name), name))
        .filter(|(similarity, _)| *similarity >= SIMILARITY_MIN)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
}

/// What to write instead of an unknown name. Its text is appended to a message: `" (did you mean `x`?)"`,
/// `"; expected one of `x`, `y`"`, or nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Suggestion {
    /// The most similar known name.
    Nearest(String),
    /// All known names, because none is similar.
    Known(Vec<String>),
}

impl Suggestion {
    /// Returns the known name nearest to `unknown`, or all of them.
    pub fn new<'a>(unknown: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        match nearest(unknown, known.iter().copied()) {
            Some(nearest) => Self::Nearest(nearest.to_owned()),
            None => Self::Known(known.into_iter().map(str::to_owned).collect()),
        }
    }

    /// Returns the nearest known name, or nothing. For names of which there may be very many.
    pub fn nearest<'a>(unknown: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        match nearest(unknown, known) {
            Some(nearest) => Self::Nearest(nearest.to_owned()),
            None => Self::Known(Vec::new()),
        }
    }
}

impl fmt::Display for Suggestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nearest(name) => write!(f, " (did you mean `{name}`?)"),
            Self::Known(names) => match &**names {
                [] => Ok(()),
                [only] => write!(f, "; expected `{only}`"),
                several => write!(f, "; expected one of `{}`", several.join("`, `")),
            },
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
