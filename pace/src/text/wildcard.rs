//! Names with wildcards.

/// Whether `name` matches `pattern`, in which `*` matches any text.
pub fn matches_wildcard(pattern: &str, name: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut name) = name.strip_prefix(first) else { return false };
    let (between, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    for piece in between.split('*') {
        match name.find(piece) {
            Some(at) => name = name.get(at + piece.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    name.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_wildcard_star_matches_any_text() {
        for (pattern, name, expected) in [
            ("gpt-4o", "gpt-4o", true),
            ("gpt-4o", "gpt-4o-mini", false),
            ("gpt-4o*", "gpt-4o-mini", true),
            ("gpt-4o*", "gpt-4", false),
            ("gpt-*", "xgpt-5", false),
            ("*-mini", "gpt-4o-mini", true),
            ("*-mini", "gpt-4o-mini-2", false),
            ("*claude-*", "us.anthropic.claude-3", true),
            ("llama*70b*", "llama-3.1-70b-instruct", true),
            ("llama*70b*", "llama-3.1-8b-instruct", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("*-*o", "gpt-4o", true),
            ("*ab", "aab", true),
            ("*ab", "aba", false),
            ("a*a", "a", false),
            ("ab*ba", "aba", false),
            ("gpt*gpt", "gpt", false),
            ("*", "", true),
            ("**", "x", true),
            ("o1", "", false),
            ("", "", true),
        ] {
            assert_eq!(matches_wildcard(pattern, name), expected, "{pattern} {name}");
        }
    }
}
