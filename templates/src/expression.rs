//! Writing expressions anew, with calls of the functions of `bounded` for what builds or compares values.

use minijinja::{
    Error,
    machinery::ast::{BinOp, BinOpKind, CallArg, CompareOpKind, Expr, IfExpr, List, Map, Slice, UnaryOpKind},
};

use crate::writer::Writer;

/// The names of the functions. Templates may call them too: they are as bounded as operators.
pub(crate) const CHECK: &str = "__check";
pub(crate) const FIELD: &str = "__field";
pub(crate) const LOOP: &str = "__loop";
pub(crate) const ADD: &str = "__add";
pub(crate) const CONCAT: &str = "__concat";
pub(crate) const MULTIPLY: &str = "__multiply";

/// Writes an expression; what is written can be an operand of anything.
pub(crate) fn write(out: &mut Writer, expression: &Expr<'_>) -> Result<(), Error> {
    match expression {
        Expr::Var(variable) => {
            out.go_to(variable.span());
            out.push(variable.id);
        }
        Expr::Const(constant) => out.push_literal(&constant.value)?,
        Expr::Slice(slice) => write_slice(out, slice)?,
        Expr::UnaryOp(unary) => {
            out.push(match unary.op {
                UnaryOpKind::Not => "(not ",
                UnaryOpKind::Neg => "(-",
            });
            write(out, &unary.expr)?;
            out.push(")");
        }
        Expr::BinOp(binary) => write_binary(out, binary)?,
        Expr::Compare(compare) => {
            out.push("(");
            write_compared(out, &compare.expr)?;
            for next in &compare.ops {
                out.push(compare_operator(next.op));
                write_compared(out, &next.expr)?;
            }
            out.push(")");
        }
        Expr::IfExpr(condition) => write_condition(out, condition)?,
        Expr::Filter(filter) => {
            if let Some(input) = &filter.expr {
                write(out, input)?;
                out.push("|");
            }
            out.go_to(filter.span());
            out.push(filter.name);
            write_arguments(out, &filter.args)?;
        }
        Expr::Test(test) => {
            out.push("(");
            write(out, &test.expr)?;
            out.push(" is ");
            out.push(test.name);
            if !test.args.is_empty() {
                write_arguments(out, &test.args)?;
            }
            out.push(")");
        }
        Expr::GetAttr(attribute) => {
            write(out, &attribute.expr)?;
            out.push(".");
            out.push(attribute.name);
        }
        Expr::GetItem(item) => {
            write(out, &item.expr)?;
            out.push("[");
            write(out, &item.subscript_expr)?;
            out.push("]");
        }
        Expr::Call(call) => {
            write(out, &call.expr)?;
            write_arguments(out, &call.args)?;
        }
        Expr::List(list) => write_list(out, list)?,
        Expr::Map(map) => write_map(out, map)?,
    }
    Ok(())
}

fn write_condition(out: &mut Writer, condition: &IfExpr<'_>) -> Result<(), Error> {
    out.push("(");
    write(out, &condition.true_expr)?;
    out.push(" if ");
    write(out, &condition.test_expr)?;
    if let Some(otherwise) = &condition.false_expr {
        out.push(" else ");
        write(out, otherwise)?;
    }
    out.push(")");
    Ok(())
}

fn write_list(out: &mut Writer, list: &List<'_>) -> Result<(), Error> {
    let is_literal = list.items.iter().all(|item| matches!(item, Expr::Const(_)));
    write_checked(out, is_literal, |out| {
        out.push("[");
        for item in &list.items {
            write(out, item)?;
            out.push(", ");
        }
        out.push("]");
        Ok(())
    })
}

fn write_map(out: &mut Writer, map: &Map<'_>) -> Result<(), Error> {
    let mut parts = map.keys.iter().chain(&map.values);
    let is_literal = parts.all(|part| matches!(part, Expr::Const(_)));
    write_checked(out, is_literal, |out| {
        out.push("{");
        for (key, value) in map.keys.iter().zip(&map.values) {
            write(out, key)?;
            out.push(": ");
            write(out, value)?;
            out.push(", ");
        }
        out.push("}");
        Ok(())
    })
}

/// Writes a call of a function with one argument.
pub(crate) fn write_call(out: &mut Writer, function: &str, argument: &Expr<'_>) -> Result<(), Error> {
    out.push(function);
    out.push("(");
    write(out, argument)?;
    out.push(")");
    Ok(())
}

fn write_checked(
    out: &mut Writer,
    is_literal: bool,
    content: impl FnOnce(&mut Writer) -> Result<(), Error>,
) -> Result<(), Error> {
    if is_literal {
        return content(out);
    }
    out.push(CHECK);
    out.push("(");
    content(out)?;
    out.push(")");
    Ok(())
}

/// Writes what is compared: comparing reads all of it.
fn write_compared(out: &mut Writer, operand: &Expr<'_>) -> Result<(), Error> {
    match operand {
        Expr::Const(constant) => out.push_literal(&constant.value),
        other => write_call(out, CHECK, other),
    }
}

fn write_slice(out: &mut Writer, slice: &Slice<'_>) -> Result<(), Error> {
    out.push(CHECK);
    out.push("(");
    write_call(out, CHECK, &slice.expr)?;
    out.push("[");
    for (position, bound) in [&slice.start, &slice.stop, &slice.step].into_iter().enumerate() {
        if position > 0 && (position == 1 || bound.is_some()) {
            out.push(":");
        }
        if let Some(bound) = bound {
            write(out, bound)?;
        }
    }
    out.push("])");
    Ok(())
}

fn write_binary(out: &mut Writer, binary: &BinOp<'_>) -> Result<(), Error> {
    let operator = match binary.op {
        BinOpKind::Add => return write_folded(out, ADD, binary),
        BinOpKind::Concat => return write_folded(out, CONCAT, binary),
        BinOpKind::Mul => return write_folded(out, MULTIPLY, binary),
        BinOpKind::Eq => return write_comparison(out, " == ", binary),
        BinOpKind::Ne => return write_comparison(out, " != ", binary),
        BinOpKind::Lt => return write_comparison(out, " < ", binary),
        BinOpKind::Lte => return write_comparison(out, " <= ", binary),
        BinOpKind::Gt => return write_comparison(out, " > ", binary),
        BinOpKind::Gte => return write_comparison(out, " >= ", binary),
        BinOpKind::In => return write_comparison(out, " in ", binary),
        BinOpKind::ScAnd => " and ",
        BinOpKind::ScOr => " or ",
        BinOpKind::Sub => " - ",
        BinOpKind::Div => " / ",
        BinOpKind::FloorDiv => " // ",
        BinOpKind::Rem => " % ",
        BinOpKind::Pow => " ** ",
    };
    out.push("(");
    for (position, operand) in operands(binary).into_iter().enumerate() {
        if position > 0 {
            out.push(operator);
        }
        write(out, operand)?;
    }
    out.push(")");
    Ok(())
}

fn write_comparison(out: &mut Writer, operator: &str, binary: &BinOp<'_>) -> Result<(), Error> {
    out.push("(");
    write_compared(out, &binary.left)?;
    out.push(operator);
    write_compared(out, &binary.right)?;
    out.push(")");
    Ok(())
}

/// Writes `a + b + c` as one call, so that long sums are not nested.
fn write_folded(out: &mut Writer, function: &str, binary: &BinOp<'_>) -> Result<(), Error> {
    out.push(function);
    out.push("(");
    for operand in operands(binary) {
        write(out, operand)?;
        out.push(", ");
    }
    out.push(")");
    Ok(())
}

/// The operands of an operator that is applied several times, from left to right.
fn operands<'e, 's>(binary: &'e BinOp<'s>) -> Vec<&'e Expr<'s>> {
    let mut operands = vec![&binary.right];
    let mut left = &binary.left;
    while let Expr::BinOp(inner) = left
        && std::mem::discriminant(&inner.op) == std::mem::discriminant(&binary.op)
    {
        operands.push(&inner.right);
        left = &inner.left;
    }
    operands.push(left);
    operands.reverse();
    operands
}

pub(crate) fn write_arguments(out: &mut Writer, arguments: &[CallArg<'_>]) -> Result<(), Error> {
    out.push("(");
    for argument in arguments {
        let value = match argument {
            CallArg::Pos(value) => value,
            CallArg::PosSplat(value) => {
                out.push("*");
                value
            }
            CallArg::KwargSplat(value) => {
                out.push("**");
                value
            }
            CallArg::Kwarg(name, value) => {
                out.push(name);
                out.push("=");
                value
            }
        };
        write(out, value)?;
        out.push(", ");
    }
    out.push(")");
    Ok(())
}

const fn compare_operator(operator: CompareOpKind) -> &'static str {
    match operator {
        CompareOpKind::Eq => " == ",
        CompareOpKind::Ne => " != ",
        CompareOpKind::Lt => " < ",
        CompareOpKind::Lte => " <= ",
        CompareOpKind::Gt => " > ",
        CompareOpKind::Gte => " >= ",
        CompareOpKind::In => " in ",
        CompareOpKind::NotIn => " not in ",
    }
}
