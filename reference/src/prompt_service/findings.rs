//! Deterministic findings about a prompt, without a model.

use std::collections::BTreeSet;

/// Maximum analysed words; further words are ignored.
const WORDS_MAX: usize = 1_000;
/// Maximum keywords, and their minimum length in letters.
const KEYWORDS_MAX: usize = 5;
const KEYWORD_LETTERS_MIN: usize = 5;

/// Intents by words of the prompt; the first match counts.
const INTENTS: [(&str, &[&str]); 7] = [
    ("summarization", &["summarize", "summarise", "summary", "shorten", "tldr"]),
    ("translation", &["translate", "translation"]),
    ("debugging", &["fix", "debug", "error", "bug", "crash", "fails", "broken"]),
    ("analysis", &["analyze", "analyse", "compare", "evaluate", "assess", "review"]),
    ("creation", &["write", "create", "generate", "draft", "compose", "build", "implement", "design"]),
    ("explanation", &["explain", "describe", "teach", "define"]),
    ("question", &["what", "why", "how", "when", "where", "who", "which", "can", "is", "are", "does", "do"]),
];

/// The findings about a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PromptFindings {
    pub(super) intent: &'static str,
    pub(super) complexity: &'static str,
    pub(super) keywords: Vec<String>,
    pub(super) words: usize,
}

/// Analyses the words of `prompt`.
pub(super) fn findings(prompt: &str) -> PromptFindings {
    let all = || prompt.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let words: Vec<String> = all().take(WORDS_MAX).map(str::to_lowercase).collect();
    let mentions = |known: &[&str]| words.iter().any(|word| known.contains(&word.as_str()));
    let intent = INTENTS.iter().find(|(_, known)| mentions(known)).map(|(intent, _)| *intent);
    let fallback = if prompt.trim_end().ends_with('?') { "question" } else { "statement" };
    let count = all().count();
    PromptFindings {
        intent: intent.unwrap_or(fallback),
        complexity: match count {
            0..=12 => "simple",
            13..=60 => "moderate",
            _ => "complex",
        },
        keywords: keywords(&words),
        words: count,
    }
}

/// Returns the longest words, in the order of occurrence.
fn keywords(words: &[String]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut candidates: Vec<(usize, &String)> = words
        .iter()
        .enumerate()
        .filter(|(_, word)| word.chars().count() >= KEYWORD_LETTERS_MIN && seen.insert(word.as_str()))
        .collect();
    candidates.sort_by_key(|(place, word)| (std::cmp::Reverse(word.chars().count()), *place));
    candidates.truncate(KEYWORDS_MAX);
    candidates.sort_unstable();
    candidates.into_iter().map(|(_, word)| word.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_intent_depends_on_the_words() {
        for (prompt, intent) in [
            ("What is a weir?", "question"),
            ("Is it raining", "question"),
            ("Rain tomorrow?", "question"),
            ("Summarize this: why it rains", "summarization"),
            ("TRANSLATE it, please", "translation"),
            ("Why does this error occur?", "debugging"),
            ("Compare a with b", "analysis"),
            ("Write a poem", "creation"),
            ("Explain how to write", "creation"),
            ("Explain rain", "explanation"),
            ("It rains.", "statement"),
            ("...", "statement"),
        ] {
            assert_eq!(findings(prompt).intent, intent, "{prompt}");
        }
    }

    #[test]
    fn findings_keywords_are_distinct_longest_words() {
        let found = findings(
            "The weir regulates a stream; the Stream measures the regulated river's current and depth",
        );
        assert_eq!(found.keywords, ["regulates", "stream", "measures", "regulated", "current"]);
        assert_eq!((found.words, found.complexity), (15, "moderate"));
        assert_eq!(findings("a b c").keywords, [""; 0]);
        assert_eq!(findings(&"word ".repeat(2_000)).words, 2_000);
        assert_eq!(findings(&"word ".repeat(61)).complexity, "complex");
    }
}
