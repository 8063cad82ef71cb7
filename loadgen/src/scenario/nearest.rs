//! What may have been meant by a name that is none.

use std::fmt;

/// The nearest known name, or all of them where none is near, ready to be appended to a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Suggestion {
    /// The nearest.
    Nearest(String),
    /// All that are known.
    Known(Vec<String>),
}

impl Suggestion {
    /// Of what is known, the name that is nearest to `name`.
    pub(super) fn of<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        match weir_pace::nearest(name, known.iter().copied()) {
            Some(nearest) => Self::Nearest(nearest.to_owned()),
            None => Self::Known(known.into_iter().map(str::to_owned).collect()),
        }
    }
}

impl fmt::Display for Suggestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nearest(name) => write!(f, " (did you mean `{name}`?)"),
            Self::Known(names) if names.is_empty() => Ok(()),
            Self::Known(names) => write!(f, "; known here: {}", names.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_is_told_where_there_is_one() {
        assert_eq!(
            Suggestion::of("run_tim", ["users", "run_time"]).to_string(),
            " (did you mean `run_time`?)"
        );
        assert_eq!(Suggestion::of("x", ["users", "rate"]).to_string(), "; known here: users, rate");
        assert_eq!(Suggestion::of("x", []).to_string(), "");
    }
}
