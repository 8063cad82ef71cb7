//! Errors as users see them: the message, the line of their file with the wrong part underlined, and what to write
//! instead.

use std::io::IsTerminal;

use annotate_snippets::{AnnotationKind, Group, Level, Message, Renderer, Snippet, normalize_untrusted_str};
use weir_chains::SpecError;
use weir_loadgen::ScenarioError;
use weir_pace::Diagnostic;
use weir_results::visible;
use weir_server::{ConfigError, StartError};

use crate::{exit::Failure, system};

/// Prints the error that ends a command or a part of it.
pub(crate) fn print(failure: &Failure) {
    progress_line!("{}", render(failure, None, &renderer(&std::io::stderr())));
}

/// Prints an error and what follows from it.
pub(crate) fn print_with_note(failure: &Failure, note: &'static str) {
    progress_line!("{}", render(failure, Some(note), &renderer(&std::io::stderr())));
}

/// An error in a list that is printed on stdout: the first line is `FILE:LINE: KEY: MESSAGE`.
pub(crate) fn list_item(diagnostic: &Diagnostic) -> String {
    let title = diagnostic.headline();
    let group = Group::with_title(Level::ERROR.no_name().primary_title(title));
    renderer(&std::io::stdout()).render(&[annotated(group, diagnostic)])
}

/// Returns the error of a file that is behind `error`, if there is one.
fn diagnostic(error: &anyhow::Error) -> Option<&Diagnostic> {
    error.chain().find_map(|cause| {
        cause
            .downcast_ref()
            .or_else(|| cause.downcast_ref().map(SpecError::diagnostic))
            .or_else(|| cause.downcast_ref().and_then(ScenarioError::diagnostic))
            .or_else(|| cause.downcast_ref().and_then(ConfigError::diagnostic))
            .or_else(|| cause.downcast_ref().and_then(StartError::diagnostic))
    })
}

fn render(failure: &Failure, note: Option<&'static str>, renderer: &Renderer) -> String {
    let mut title = failure.to_string();
    let diagnostic = diagnostic(failure.cause());
    if let Some(diagnostic) = diagnostic
        && let Some(before) = title.strip_suffix(&diagnostic.to_string())
    {
        title = format!("{before}{}", diagnostic.headline());
    }
    let title: Vec<_> = title.split('\n').map(visible).collect();
    let mut group = Group::with_title(Level::ERROR.primary_title(title.join("\n")));
    if let Some(diagnostic) = diagnostic {
        group = annotated(group, diagnostic);
    }
    if let Some(note) = note {
        group = group.element(Level::NOTE.message(note));
    }
    renderer.render(&[group])
}

/// Adds the line of the file and the suggestion.
fn annotated<'a>(mut group: Group<'a>, diagnostic: &'a Diagnostic) -> Group<'a> {
    if let Some(excerpt) = diagnostic.excerpt() {
        let mark = AnnotationKind::Primary.span(excerpt.span.clone());
        let line = diagnostic.line().unwrap_or(1);
        group = group.element(Snippet::source(&excerpt.text).line_start(line).annotation(mark));
    }
    match help(diagnostic) {
        Some(help) => group.element(help),
        None => group,
    }
}

fn help(diagnostic: &Diagnostic) -> Option<Message<'_>> {
    let help = diagnostic.suggestion()?.help()?;
    Some(Level::HELP.message(normalize_untrusted_str(&help)))
}

/// With colours if `stream` is a terminal and the user wants them.
fn renderer(stream: &impl IsTerminal) -> Renderer {
    if stream.is_terminal() && system::colour_wanted() { Renderer::styled() } else { Renderer::plain() }
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;
    use insta::assert_snapshot;
    use weir_loadgen::Scenario;

    use super::*;

    const MODELS: &str = "[model.a]\ninherits = 'stedy'\n";

    fn model_error() -> anyhow::Error {
        weir_model::Catalog::embedded().unwrap().add(MODELS, "mine.toml").unwrap_err().into()
    }

    fn plain(cause: anyhow::Error) -> String {
        render(&Failure::usage(cause), None, &Renderer::plain())
    }

    #[test]
    fn render_error_without_place_is_one_line() {
        assert_snapshot!(plain(anyhow::anyhow!("cannot read x")), @"error: cannot read x");
        assert_snapshot!(plain(anyhow::anyhow!("a\u{1b}[31m file\u{202e} name")), @r"error: a\u{1b}[31m file\u{202e} name");
    }

    #[test]
    fn render_error_with_context_keeps_place_and_suggestion() {
        let outer = model_error().context("cannot start the child");
        assert_snapshot!(plain(outer), @"
        error: cannot start the child: mine.toml:2: model.a.inherits: unknown profile `stedy`
          |
        2 | inherits = 'stedy'
          |            ^^^^^^^
          |
          = help: did you mean `steady`?
        ");
    }

    #[test]
    fn render_note_is_last() {
        let failure = Failure::invalid(model_error());
        assert_snapshot!(render(&failure, Some("the report is kept"), &Renderer::plain()), @"
        error: mine.toml:2: model.a.inherits: unknown profile `stedy`
          |
        2 | inherits = 'stedy'
          |            ^^^^^^^
          |
          = help: did you mean `steady`?
          = note: the report is kept
        ");
    }

    #[test]
    fn render_with_colours_has_the_same_text() {
        let failure = Failure::usage(model_error());
        let styled = render(&failure, None, &Renderer::styled());
        assert!(styled.contains("\u{1b}["), "{styled:?}");
        let bare: String = styled
            .split('\u{1b}')
            .enumerate()
            .map(|(index, part)| if index == 0 { part } else { part.split_once('m').unwrap_or_default().1 })
            .collect();
        assert_eq!(bare, plain(model_error()));
    }

    #[test]
    fn diagnostic_is_found_in_every_type_of_error() {
        let scenario = Scenario::parse("x", "x.toml", "abot = 1", &|_| None).unwrap_err();
        let chain = weir_chains::Catalog::parse("[chain.a]\nabot = 1", "x.toml").unwrap_err();
        let settings = weir_server::RawConfig::from_toml("abot = 1", "x.toml", &[]).unwrap_err();
        let start =
            StartError::from(weir_server::RawConfig::from_toml("abot = 1", "x.toml", &[]).unwrap_err());
        for error in [scenario.into(), chain.into(), settings.into(), start.into()] {
            let error: anyhow::Error = error;
            assert!(diagnostic(&error).is_some_and(|found| found.excerpt().is_some()), "{error}");
            let wrapped = Err::<(), _>(error).context("outer").unwrap_err();
            assert!(diagnostic(&wrapped).is_some(), "{wrapped}");
        }
    }
}
