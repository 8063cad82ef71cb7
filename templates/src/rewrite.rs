//! Writing a template anew, so that everything that builds or compares values, and every text that is written, is counted.

use minijinja::{
    Error, ErrorKind,
    machinery::{
        Span, WhitespaceConfig,
        ast::{Expr, ForLoop, IfCond, Set, Stmt},
        parse, parse_expr,
    },
    syntax::SyntaxConfig,
};

use crate::{
    expression::{self, FIELD, LOOP},
    nesting::{self, Syntax},
    writer::Writer,
};

/// Whether a newline at the end of a template is part of its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrailingNewline {
    /// It is.
    Keep,
    /// It is not, as in Jinja.
    Remove,
}

/// Returns the source of a template that renders the same text in an environment of [`install`](crate::install), within
/// the budget of the rendering. Lines of expressions stay the same.
///
/// # Errors
/// Fails if the source is too long, nested too deeply, or not valid.
pub fn rewrite(source: &str, newline: TrailingNewline) -> Result<String, Error> {
    nesting::check(source, Syntax::Template)?;
    let whitespace = WhitespaceConfig {
        keep_trailing_newline: newline == TrailingNewline::Keep,
        ..WhitespaceConfig::default()
    };
    let template = parse(source, "template", SyntaxConfig, whitespace)?;
    let mut out = Writer::new(source.len());
    write_statement(&mut out, &template)?;
    Ok(out.into_text())
}

/// Checks that a source is one expression, without evaluating any part of it.
///
/// # Errors
/// Fails if the source is too long, nested too deeply, or not valid.
pub fn check_expression(source: &str) -> Result<(), Error> {
    nesting::check(source, Syntax::Expression)?;
    parse_expr(source).map(drop)
}

fn write_all(out: &mut Writer, statements: &[Stmt<'_>]) -> Result<(), Error> {
    statements.iter().try_for_each(|statement| write_statement(out, statement))
}

fn write_statement(out: &mut Writer, statement: &Stmt<'_>) -> Result<(), Error> {
    match statement {
        Stmt::Template(template) => write_all(out, &template.children)?,
        Stmt::EmitRaw(raw) => {
            out.push("{{");
            out.push_str(raw.raw);
            out.push(if out.escapes { "|safe}}" } else { "}}" });
        }
        Stmt::EmitExpr(emitted) => {
            out.push("{{");
            out.go_to(emitted.span());
            expression::write(out, &emitted.expr)?;
            out.push("}}");
        }
        Stmt::ForLoop(repeated) => {
            open_tag(out, repeated.span(), "");
            write_loop(out, repeated)?;
        }
        Stmt::IfCond(condition) => {
            open_tag(out, condition.span(), "");
            write_condition(out, condition)?;
        }
        Stmt::WithBlock(with) => {
            open_tag(out, with.span(), "with ");
            for (position, (target, value)) in with.assignments.iter().enumerate() {
                out.push(if position > 0 { ", " } else { "" });
                write_target(out, target)?;
                out.push("=");
                expression::write(out, value)?;
            }
            write_body(out, &with.body, "endwith")?;
        }
        Stmt::Set(set) => {
            open_tag(out, set.span(), "set ");
            write_set(out, set)?;
        }
        Stmt::SetBlock(set) => {
            open_tag(out, set.span(), "set ");
            write_target(out, &set.target)?;
            if let Some(filter) = &set.filter {
                out.push("|");
                expression::write(out, filter)?;
            }
            write_body(out, &set.body, "endset")?;
        }
        Stmt::AutoEscape(escape) => {
            open_tag(out, escape.span(), "autoescape ");
            expression::write(out, &escape.enabled)?;
            let before = std::mem::replace(&mut out.escapes, true);
            write_body(out, &escape.body, "endautoescape")?;
            out.escapes = before;
        }
        Stmt::FilterBlock(filter) => {
            open_tag(out, filter.span(), "filter ");
            expression::write(out, &filter.filter)?;
            write_body(out, &filter.body, "endfilter")?;
        }
        Stmt::Do(action) => {
            open_tag(out, action.span(), "do ");
            expression::write(out, &action.call.expr)?;
            expression::write_arguments(out, &action.call.args)?;
            out.push("%}");
        }
        #[expect(unreachable_patterns, reason = "other features of minijinja have more statements")]
        _ => return Err(Error::new(ErrorKind::SyntaxError, "this statement is not supported")),
    }
    Ok(())
}

/// Begins the tag of the statement at `span`.
fn open_tag(out: &mut Writer, span: Span, keyword: &'static str) {
    out.push("{%");
    out.go_to(span);
    out.push(keyword);
}

fn write_set(out: &mut Writer, set: &Set<'_>) -> Result<(), Error> {
    write_target(out, &set.target)?;
    out.push("=");
    match set.target {
        Expr::GetAttr(_) => expression::write_call(out, FIELD, &set.expr)?,
        _ => expression::write(out, &set.expr)?,
    }
    out.push("%}");
    Ok(())
}

/// Ends the tag of a block, and writes its body and its end.
fn write_body(out: &mut Writer, body: &[Stmt<'_>], end: &str) -> Result<(), Error> {
    out.push("%}");
    write_all(out, body)?;
    out.push("{%");
    out.push(end);
    out.push("%}");
    Ok(())
}

fn write_loop(out: &mut Writer, repeated: &ForLoop<'_>) -> Result<(), Error> {
    if repeated.recursive {
        return Err(Error::new(ErrorKind::SyntaxError, "recursive loops are not supported"));
    }
    out.push("for ");
    write_target(out, &repeated.target)?;
    out.push(" in ");
    expression::write_call(out, LOOP, &repeated.iter)?;
    if let Some(filter) = &repeated.filter_expr {
        out.push(" if ");
        expression::write(out, filter)?;
    }
    out.push("%}");
    write_all(out, &repeated.body)?;
    if !repeated.else_body.is_empty() {
        out.push("{%else%}");
        write_all(out, &repeated.else_body)?;
    }
    out.push("{%endfor%}");
    Ok(())
}

/// Writes a condition; the tag is open. `elif` stays `elif`, so that branches are not nested.
fn write_condition(out: &mut Writer, condition: &IfCond<'_>) -> Result<(), Error> {
    out.push("if ");
    expression::write(out, &condition.expr)?;
    out.push("%}");
    write_all(out, &condition.true_body)?;
    let mut otherwise = &condition.false_body;
    while let [Stmt::IfCond(next)] = otherwise.as_slice() {
        out.push("{%");
        out.go_to(next.span());
        out.push("elif ");
        expression::write(out, &next.expr)?;
        out.push("%}");
        write_all(out, &next.true_body)?;
        otherwise = &next.false_body;
    }
    if !otherwise.is_empty() {
        out.push("{%else%}");
        write_all(out, otherwise)?;
    }
    out.push("{%endif%}");
    Ok(())
}

/// Writes the target of an assignment.
fn write_target(out: &mut Writer, target: &Expr<'_>) -> Result<(), Error> {
    match target {
        Expr::List(list) => {
            out.push("(");
            for item in &list.items {
                write_target(out, item)?;
                out.push(", ");
            }
            out.push(")");
            Ok(())
        }
        other => expression::write(out, other),
    }
}
