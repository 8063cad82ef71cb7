//! The grammar.
//!
//! ```text
//! threshold  = subject comparison value
//! subject    = [ ( "task" | "class" ) "(" name ")" "." ] measure
//! measure    = timing "." statistic | scalar | "goodput" "(" limits ")"
//! limits     = timing comparison duration { "," timing comparison duration }
//! comparison = "<" | "<=" | ">" | ">="
//! ```

use weir_pace::Suggestion;

use super::bound::Kind;
use super::bound::{Bound, Comparison};
use super::cursor::{Cursor, Token};
use super::error::{ThresholdError, ThresholdProblem};
use super::limit::Threshold;
use super::measure::{self, GOODPUT, Measure, Scalar};
use super::request::{RequestLimit, RequestLimits};
use super::scope::Scope;
use super::stat::{self, Stat, StatError};
use super::subject::Subject;
use super::timing::{RequestTiming, Timing};

type Parsed<T> = Result<T, ThresholdError>;

/// The maximum number of limits; a request has fewer durations.
const LIMITS_MAX: usize = 8;

impl Threshold {
    /// Reads `[task("…").|class("…").]FIGURE[.STATISTIC] < VALUE`.
    ///
    /// # Errors
    ///
    /// Fails if the text is invalid; the error marks the character.
    pub fn parse(text: &str) -> Result<Self, ThresholdError> {
        threshold(text)
    }
}

impl Subject {
    /// Reads a threshold up to its comparison.
    ///
    /// # Errors
    ///
    /// Fails if the text is invalid; the error marks the character.
    pub fn parse(text: &str) -> Result<Self, ThresholdError> {
        subject(text)
    }
}

impl RequestLimits {
    /// Reads `ttft < 500ms, tpot < 30ms`.
    ///
    /// # Errors
    ///
    /// Fails if the text is invalid; the error marks the character.
    pub fn parse(text: &str) -> Result<Self, ThresholdError> {
        request_limits(text)
    }
}

pub(super) fn threshold(text: &str) -> Parsed<Threshold> {
    let mut cursor = Cursor::new(text)?;
    let subject = read_subject(&mut cursor)?;
    let comparison = read_comparison(&mut cursor)?;
    let bound = read_bound(&mut cursor, &subject)?;
    cursor.expect_end()?;
    Ok(Threshold { subject, comparison, bound })
}

pub(super) fn subject(text: &str) -> Parsed<Subject> {
    let mut cursor = Cursor::new(text)?;
    let subject = read_subject(&mut cursor)?;
    cursor.expect_end()?;
    Ok(subject)
}

pub(super) fn request_limits(text: &str) -> Parsed<RequestLimits> {
    let mut cursor = Cursor::new(text)?;
    let limits = read_limits(&mut cursor)?;
    cursor.expect_end()?;
    Ok(limits)
}

fn read_subject(cursor: &mut Cursor<'_>) -> Parsed<Subject> {
    let word = cursor.word("a figure, such as ttft.p95")?;
    let scope: fn(String) -> Scope = match word.text {
        "task" => Scope::Task,
        "class" => Scope::Class,
        _ => return Ok(Subject { scope: Scope::All, measure: read_measure(cursor, word, &Scope::All)? }),
    };
    cursor.expect_char('(', &format!("a name in brackets, {}(\"…\")", word.text))?;
    let scope = scope(read_name(cursor)?);
    cursor.expect_char(')', "`)`")?;
    cursor.expect_char('.', "`.` before the figure")?;
    let word = cursor.word("a figure, such as ttft.p95")?;
    let measure = read_measure(cursor, word, &scope)?;
    Ok(Subject { scope, measure })
}

/// Reads a name in single or double quotes; a backslash escapes the next character.
fn read_name(cursor: &mut Cursor<'_>) -> Parsed<String> {
    let quote = ['"', '\''].into_iter().find(|quote| cursor.eat(*quote));
    let quote = quote.ok_or_else(|| cursor.expected("a name in quotes"))?;
    let (mut name, mut is_escaped) = (String::new(), false);
    cursor.take_name(|character| {
        let ends = character == quote && !is_escaped;
        is_escaped = character == '\\' && !is_escaped;
        if !ends && !is_escaped {
            name.push(character);
        }
        !ends
    });
    cursor.expect_char(quote, &format!("the quote `{quote}` that ends the name"))?;
    Ok(name)
}

fn read_measure(cursor: &mut Cursor<'_>, word: Token<'_>, scope: &Scope) -> Parsed<Measure> {
    if let Some(timing) = Timing::named(word.text) {
        if timing.is_generator() && *scope != Scope::All {
            let problem = ThresholdProblem::OfGenerator { figure: word.text.to_owned() };
            return Err(cursor.fail_at(word, problem));
        }
        return Ok(Measure::Timing(timing, read_statistic(cursor, word)?));
    }
    if let Some(scalar) = Scalar::named(word.text) {
        let measure = Measure::Scalar(scalar);
        if cursor.peek() == Some('.') {
            let example = match measure.kind() {
                Kind::Share => "< 5%",
                Kind::Count => "< 100",
                Kind::Mean => "< 1.5",
                Kind::Cost => "< 5",
                Kind::PerSecond | Kind::Time | Kind::Goodput => "> 100",
            };
            let figure = word.text.to_owned();
            return Err(cursor.fail(ThresholdProblem::NotADistribution { figure, example }));
        }
        return Ok(measure);
    }
    if word.text == GOODPUT {
        cursor.expect_char('(', "`(` and limits, such as goodput(ttft < 500ms)")?;
        let limits = read_limits(cursor)?;
        cursor.expect_char(')', "`,` and a limit, or `)`")?;
        return Ok(Measure::Goodput(limits));
    }
    let suggestion = Suggestion::new(word.text, measure::names());
    let problem = ThresholdProblem::UnknownFigure { word: word.text.to_owned(), suggestion };
    Err(cursor.fail_at(word, problem))
}

fn read_statistic(cursor: &mut Cursor<'_>, figure: Token<'_>) -> Parsed<Stat> {
    if !cursor.eat('.') {
        return Err(cursor.fail_at(figure, ThresholdProblem::NoStatistic { figure: figure.text.to_owned() }));
    }
    let token = cursor.statistic();
    if token.text.is_empty() {
        return Err(cursor.expected("a statistic, such as p95 or mean"));
    }
    Stat::parse(token.text).map_err(|error| {
        let word = token.text.to_owned();
        let problem = match error {
            StatError::OutOfRange => ThresholdProblem::PercentileRange { word },
            StatError::Unknown => {
                let suggestion = Suggestion::new(token.text, stat::KNOWN);
                ThresholdProblem::UnknownStatistic { word, suggestion }
            }
        };
        cursor.fail_at(token, problem)
    })
}

fn read_limits(cursor: &mut Cursor<'_>) -> Parsed<RequestLimits> {
    let mut limits = vec![read_limit(cursor)?];
    while cursor.eat(',') {
        if limits.len() == LIMITS_MAX {
            return Err(cursor.fail(ThresholdProblem::TooMany { most: LIMITS_MAX }));
        }
        limits.push(read_limit(cursor)?);
    }
    Ok(RequestLimits::new(limits))
}

fn read_limit(cursor: &mut Cursor<'_>) -> Parsed<RequestLimit> {
    let word = cursor.word("a limit, such as ttft < 500ms")?;
    let Some(Timing::Request(timing)) = Timing::named(word.text) else {
        let suggestion = Suggestion::new(word.text, RequestTiming::names());
        let problem = ThresholdProblem::NotOfRequest { word: word.text.to_owned(), suggestion };
        return Err(cursor.fail_at(word, problem));
    };
    let comparison = read_comparison(cursor)?;
    let value = read_value(cursor, Kind::Time)?;
    match Bound::parse(value.text, Kind::Time) {
        Some(Bound::Time(bound)) => Ok(RequestLimit { timing, comparison, bound }),
        _ => Err(wrong_value(cursor, value, word.text, Kind::Time)),
    }
}

fn read_comparison(cursor: &mut Cursor<'_>) -> Parsed<Comparison> {
    let is_less = cursor.eat('<');
    if !is_less && !cursor.eat('>') {
        return Err(cursor.expected("a comparison, `<`, `<=`, `>` or `>=`"));
    }
    Ok(match (is_less, cursor.eat('=')) {
        (true, false) => Comparison::Less,
        (true, true) => Comparison::AtMost,
        (false, false) => Comparison::More,
        (false, true) => Comparison::AtLeast,
    })
}

fn read_bound(cursor: &mut Cursor<'_>, subject: &Subject) -> Parsed<Bound> {
    let kind = subject.measure.kind();
    let value = read_value(cursor, kind)?;
    Bound::parse(value.text, kind).ok_or_else(|| wrong_value(cursor, value, &subject.to_string(), kind))
}

/// Reads all characters that a value of any kind can contain, so that an error marks the whole value.
fn read_value<'a>(cursor: &mut Cursor<'a>, kind: Kind) -> Parsed<Token<'a>> {
    let value = cursor.take_while(|character| character.is_alphanumeric() || " .%/+-_".contains(character));
    if value.text.is_empty() {
        return Err(cursor.expected(kind.needed()));
    }
    Ok(value.trimmed())
}

fn wrong_value(cursor: &Cursor<'_>, value: Token<'_>, subject: &str, kind: Kind) -> ThresholdError {
    let problem = ThresholdProblem::Value {
        value: value.text.to_owned(),
        subject: subject.to_owned(),
        needed: kind.needed(),
    };
    cursor.fail_at(value, problem)
}
