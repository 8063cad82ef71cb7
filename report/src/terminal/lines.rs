//! Lines with a heading or a label, broken at the width of the page.

use std::borrow::Cow;

use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};

use super::paint::Page;
use super::table::LABEL_WIDTH;

/// A title and its details: on one line, or on two if they do not fit.
pub(super) fn headed(title: &str, about: &str, page: Page) -> Vec<String> {
    if title.chars().count() + 2 + about.chars().count() <= page.width() {
        return vec![format!("{}  {}", page.style.strong(title), page.style.faint(about))];
    }
    let mut lines: Vec<String> =
        wrapped(page, "", title).iter().map(|line| page.style.strong(line)).collect();
    lines.extend(wrapped(page, "  ", about).iter().map(|line| page.style.faint(line)));
    lines
}

/// Wraps `text` at spaces; the lines after the first are indented by the width of `mark`.
pub(super) fn wrapped(page: Page, mark: &str, text: &str) -> Vec<String> {
    let indent = " ".repeat(textwrap::core::display_width(mark));
    let options = Options::new(page.width())
        .initial_indent(mark)
        .subsequent_indent(&indent)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit)
        .break_words(false);
    textwrap::wrap(text, options).into_iter().map(Cow::into_owned).collect()
}

/// A label in the tables' first column, then text.
pub(super) fn labelled(label: &str, text: &str) -> String {
    let width = usize::from(LABEL_WIDTH);
    format!("  {label:<width$} {text}")
}

/// A label in the tables' first column, then a text of any length.
pub(super) fn labelled_lines(page: Page, label: &str, text: &str) -> Vec<String> {
    wrapped(page, &labelled(label, ""), text)
}
