//! What may have been meant by a name that is none.

use std::fmt;

/// The nearest known name, ready to be appended to a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    nearest: Option<String>,
}

impl Suggestion {
    /// Of what is known, the name that is nearest to `name`.
    pub(super) fn of<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        Self { nearest: weir_pace::nearest(name, known).map(str::to_owned) }
    }
}

impl fmt::Display for Suggestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.nearest {
            Some(nearest) => write!(f, " (did you mean `{nearest}`?)"),
            None => Ok(()),
        }
    }
}

/// The unknown key and the known ones, from serde's message for a struct that denies unknown fields.
pub(super) fn unknown_field(message: &str) -> Option<(&str, Vec<&str>)> {
    let rest = message.strip_prefix("unknown field ")?;
    // Names stand in backquotes: every second piece is one.
    let mut names = rest.split('`').skip(1).step_by(2);
    Some((names.next()?, names.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Known {
        #[expect(dead_code, reason = "only its name matters")]
        users: u64,
        #[expect(dead_code, reason = "only its name matters")]
        run_time: u64,
    }

    #[test]
    fn serde_says_which_fields_it_knows() {
        let error = toml::from_str::<Known>("run_tim = 1").unwrap_err();
        let (unknown, known) = unknown_field(error.message()).unwrap();
        assert_eq!((unknown, known.as_slice()), ("run_tim", &["users", "run_time"][..]));
        assert_eq!(Suggestion::of(unknown, known).to_string(), " (did you mean `run_time`?)");
        assert_eq!(unknown_field("missing field `users`"), None);
        assert_eq!(Suggestion::of("x", []).to_string(), "");
    }
}
