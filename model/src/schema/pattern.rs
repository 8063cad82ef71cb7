//! Strings that match a regular expression.

use rand::distr::Distribution as _;
use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Repetition};
use weir_pace::Rng;

use super::work::Work;

/// Memory limits of compiled expressions, in bytes: the smallest sufficient one is the estimated size.
const COMPILED_BYTES: [usize; 3] = [1 << 14, 1 << 17, 1 << 20];
/// Maximum repetitions of an unbounded repetition, in the order of attempts.
const REPEATS: [u32; 4] = [6, 12, 24, 96];
/// The length, in bytes, that the longest match of a generator may have: nested repetitions multiply.
const GENERATED_MAX: usize = 64 << 10;
/// Attempts for each of these.
const ATTEMPTS: usize = 12;
/// Maximum characters of a match.
const MATCH_MAX: usize = 4_096;

/// A regular expression of a schema, with generators of matching texts.
#[derive(Debug)]
pub(super) struct Pattern {
    source: String,
    regex: regex::Regex,
    writers: Vec<rand_regex::Regex>,
    /// The estimated size in bytes.
    compiled_bytes: usize,
}

impl Pattern {
    pub(super) fn new(source: &str) -> Result<Self, String> {
        let translated = translate(source);
        let cannot = |error: String| {
            let cause = error.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            format!("{source:?} cannot be used: {cause}")
        };
        let (regex, compiled_bytes) = compiled(&translated).map_err(|error| cannot(error.to_string()))?;
        let hir = regex_syntax::parse(&translated).map_err(|error| cannot(error.to_string()))?;
        if hir.properties().minimum_len().is_none_or(|length| length > MATCH_MAX) {
            return Err(cannot("nothing short enough matches it".to_owned()));
        }
        let hir = plain(&hir);
        let is_bounded = |repeats: &u32| longest(&hir, *repeats) <= GENERATED_MAX;
        // Without any of these, each unbounded repetition occurs once at most.
        let repeats = REPEATS.into_iter().filter(is_bounded).chain([1]).filter(is_bounded);
        let writers = repeats.map(|repeats| rand_regex::Regex::with_hir(hir.clone(), repeats));
        let writers: Vec<_> = writers.collect::<Result<_, _>>().map_err(|error| cannot(error.to_string()))?;
        if writers.is_empty() {
            return Err(cannot(format!("it matches texts of more than {GENERATED_MAX} bytes")));
        }
        Ok(Self { source: source.to_owned(), regex, writers, compiled_bytes })
    }

    pub(super) fn source(&self) -> &str {
        &self.source
    }

    /// The approximate size in bytes: a generator is about as large as the expression.
    pub(super) const fn bytes(&self) -> usize {
        self.compiled_bytes * (1 + REPEATS.len())
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// Returns a matching text that satisfies `fits`, if a few attempts find one.
    pub(super) fn write(&self, rng: &mut Rng, work: &Work, fits: impl Fn(&str) -> bool) -> Option<String> {
        self.writers.iter().flat_map(|writer| std::iter::repeat_n(writer, ATTEMPTS)).find_map(|writer| {
            if work.is_used_up() {
                return None;
            }
            let bytes: Vec<u8> = writer.sample(rng);
            // Generating and matching take longer than comparing.
            work.spend(8 + bytes.len());
            let text = String::from_utf8(bytes).ok()?;
            (self.matches(&text) && fits(&text)).then_some(text)
        })
    }
}

/// Returns the compiled expression and its estimated size.
fn compiled(source: &str) -> Result<(regex::Regex, usize), regex::Error> {
    let [small, middle, large] = COMPILED_BYTES
        .map(|limit| move || Ok((regex::RegexBuilder::new(source).size_limit(limit).build()?, limit)));
    small().or_else(|_: regex::Error| middle()).or_else(|_: regex::Error| large())
}

/// Translates from JSON Schema's syntax (ECMA 262) to the crate `regex`: `\d` and `\w` mean ASCII, and within a class `[` is
/// an ordinary character.
fn translate(source: &str) -> String {
    let mut translated = String::with_capacity(source.len());
    let mut characters = source.chars();
    let mut in_class = false;
    while let Some(character) = characters.next() {
        match character {
            '\\' => match (characters.next(), in_class) {
                (Some('d'), false) => translated.push_str("[0-9]"),
                (Some('d'), true) => translated.push_str("0-9"),
                (Some('w'), false) => translated.push_str("[0-9A-Za-z_]"),
                (Some('w'), true) => translated.push_str("0-9A-Za-z_"),
                (Some('D'), _) => translated.push_str("[^0-9]"),
                (Some('W'), _) => translated.push_str("[^0-9A-Za-z_]"),
                (Some(other), _) => translated.extend(['\\', other]),
                (None, _) => translated.push('\\'),
            },
            '[' if in_class => translated.push_str("\\["),
            '[' => {
                in_class = true;
                translated.push('[');
            }
            ']' => {
                in_class = false;
                translated.push(']');
            }
            '&' | '~' if in_class => translated.extend(['\\', character]),
            other => translated.push(other),
        }
    }
    translated
}

/// Removes the anchors (written texts are checked against them), and prefers printable ASCII where it is allowed.
/// Its recursion depth is limited by the parser.
fn plain(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Look(_) | HirKind::Empty => Hir::empty(),
        HirKind::Literal(literal) => Hir::literal(literal.0.clone()),
        HirKind::Class(Class::Unicode(class)) => {
            let mut printable = class.clone();
            printable.intersect(&ClassUnicode::new([ClassUnicodeRange::new(' ', '~')]));
            let is_empty = printable.ranges().is_empty();
            Hir::class(Class::Unicode(if is_empty { class.clone() } else { printable }))
        }
        HirKind::Class(class @ Class::Bytes(_)) => Hir::class(class.clone()),
        HirKind::Repetition(repetition) => {
            let Repetition { min, max, greedy, ref sub } = *repetition;
            Hir::repetition(Repetition { min, max, greedy, sub: Box::new(plain(sub)) })
        }
        HirKind::Capture(capture) => plain(&capture.sub),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(plain).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(plain).collect()),
    }
}

/// The largest length of a text that is generated from `hir`, in bytes.
fn longest(hir: &Hir, repeats: u32) -> usize {
    match hir.kind() {
        HirKind::Look(_) | HirKind::Empty => 0,
        HirKind::Literal(literal) => literal.0.len(),
        HirKind::Class(_) => 4,
        HirKind::Repetition(repetition) => {
            let most = repetition.max.unwrap_or_else(|| repetition.min.saturating_add(repeats));
            longest(&repetition.sub, repeats).saturating_mul(most as usize)
        }
        HirKind::Capture(capture) => longest(&capture.sub, repeats),
        HirKind::Concat(parts) => {
            parts.iter().map(|part| longest(part, repeats)).fold(0, usize::saturating_add)
        }
        HirKind::Alternation(parts) => parts.iter().map(|part| longest(part, repeats)).max().unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use weir_pace::Seed;

    use super::*;

    fn written(source: &str) -> Vec<String> {
        let pattern = Pattern::new(source).unwrap();
        let mut rng = Seed::new(1).rng();
        (0..3).map(|_| pattern.write(&mut rng, &Work::new(), |_| true).unwrap()).collect()
    }

    #[test]
    fn write_matches_with_printable_characters() {
        for source in [
            r"^\d{4}-\d{2}$",
            r"^[\w.-]+@[\w-]+\.[a-z]{2,}$",
            "^(foo|ba[rz])+$",
            "a$",
            r"^[^\s]{3,}$",
            r"^\S+\/\S+$",
            r"^\bword\b.*$",
            "[[x]]",
            "é",
        ] {
            assert!(written(source).iter().all(|text| text.is_ascii() || source == "é"), "{source}");
        }
        insta::assert_snapshot!(written(r"^[A-Z]{2}-\d{3,}$").join(" "), @"VT-715 ZN-193 BK-154");
    }

    #[test]
    fn new_with_invalid_pattern_fails() {
        let fault = |source| Pattern::new(source).unwrap_err();
        insta::assert_snapshot!(fault("("), @r#""(" cannot be used: unclosed group"#);
        insta::assert_snapshot!(fault("^(?!x)y$"), @r#""^(?!x)y$" cannot be used: look-around, including look-ahead and look-behind, is not supported"#);
        insta::assert_snapshot!(fault("((a{100}){100}){100}"), @r#""((a{100}){100}){100}" cannot be used: Compiled regex exceeds size limit of 1048576 bytes."#);
        insta::assert_snapshot!(fault("[^\\s\\S]"), @r#""[^\\s\\S]" cannot be used: nothing short enough matches it"#);
    }
}
