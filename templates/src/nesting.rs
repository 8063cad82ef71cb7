//! Limits of the source of a template, checked before it is parsed: the parser, the compiler and the destructors of their
//! trees are recursive.

use minijinja::{
    Error, ErrorKind,
    machinery::{Token, WhitespaceConfig, tokenize},
    syntax::SyntaxConfig,
};

/// The longest source, in bytes.
pub const SOURCE_BYTES_MAX: usize = 1 << 20;
/// The largest number of operators, filters and attributes of an expression that are applied to each other's results, and
/// of blocks and `elif` that are nested.
pub const NESTING_MAX: usize = 100;
/// The largest number of blocks in each other. Each takes some kilobytes of the stack in the parser.
const BLOCKS_MAX: usize = 32;
/// The same of brackets.
const BRACKETS_MAX: usize = 32;

/// What a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Syntax {
    Template,
    Expression,
}

/// One pair of brackets: the operators and the deepest brackets within since its last comma.
#[derive(Clone, Copy, Default)]
struct Level {
    operators: usize,
    inner: usize,
    /// The depth of the deepest part before the last comma.
    widest: usize,
}

impl Level {
    const fn depth(self) -> usize {
        let current = self.operators + self.inner;
        if current > self.widest { current } else { self.widest }
    }
}

/// Checks the source.
///
/// # Errors
/// Fails if the source is too long, nested too deeply, or contains what is not a token.
pub(crate) fn check(source: &str, syntax: Syntax) -> Result<(), Error> {
    if source.len() > SOURCE_BYTES_MAX {
        let message =
            format!("expected a template of at most {SOURCE_BYTES_MAX} bytes, found {}", source.len());
        return Err(Error::new(ErrorKind::SyntaxError, message));
    }
    let mut levels = vec![Level::default()];
    let (mut blocks, mut branches) = (0_usize, 0_usize);
    let (mut is_first, mut is_capture) = (false, false);
    for token in tokenize(source, syntax == Syntax::Expression, SyntaxConfig, WhitespaceConfig::default()) {
        let (token, _) = token?;
        if std::mem::take(&mut is_first)
            && let Token::Ident(keyword) = &token
        {
            match *keyword {
                "elif" => branches += 1,
                "if" | "for" | "with" | "filter" | "autoescape" => blocks += 1,
                "set" => is_capture = true,
                end if end.starts_with("end") => blocks = blocks.saturating_sub(1),
                _ => {}
            }
        }
        match token {
            Token::BlockStart | Token::VariableStart => {
                levels = vec![Level::default()];
                is_first = true;
                continue;
            }
            // minijinja's parser of expressions panics at what follows.
            Token::VariableEnd if syntax == Syntax::Expression => {
                return Err(Error::new(
                    ErrorKind::SyntaxError,
                    "expected an expression, found `}}` after it",
                ));
            }
            Token::BlockEnd => {
                blocks += usize::from(std::mem::take(&mut is_capture));
                continue;
            }
            Token::TemplateData(_) | Token::VariableEnd => continue,
            // Only `set` without a value has a body.
            Token::Assign => is_capture = false,
            Token::ParenOpen | Token::BracketOpen | Token::BraceOpen => {
                if let Some(level) = levels.last_mut() {
                    level.operators += 1;
                }
                levels.push(Level::default());
            }
            Token::ParenClose | Token::BracketClose | Token::BraceClose if levels.len() > 1 => {
                let closed = levels.pop().unwrap_or_default();
                if let Some(level) = levels.last_mut() {
                    level.inner = level.inner.max(closed.depth());
                }
            }
            Token::Comma => {
                if let Some(level) = levels.last_mut() {
                    *level = Level { widest: level.depth(), ..Level::default() };
                }
            }
            Token::Ident(keyword)
                if !matches!(keyword, "not" | "and" | "or" | "if" | "else" | "in" | "is") => {}
            Token::Str(_) | Token::String(_) | Token::Int(_) | Token::Int128(_) | Token::Float(_) => {}
            Token::Colon => {}
            _ => {
                if let Some(level) = levels.last_mut() {
                    level.operators += 1;
                }
            }
        }
        let outer: usize = levels.iter().rev().skip(1).map(|level| level.operators).sum();
        let depth = outer + levels.last().map_or(0, |level| level.depth());
        if depth > NESTING_MAX || levels.len() > BRACKETS_MAX || blocks > BLOCKS_MAX || branches > NESTING_MAX
        {
            return Err(Error::new(ErrorKind::SyntaxError, "the template is nested too deeply"));
        }
    }
    Ok(())
}
