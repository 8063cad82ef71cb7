//! The bounded filters, tests and functions.

use minijinja::{
    Environment, Error, ErrorKind, State, UndefinedBehavior, escape_formatter, filters, functions, tests,
    value::{ObjectRepr, Rest, Value, ValueKind},
};

use crate::{
    budget::Budget,
    cost::{self, Cost},
    expression::{ADD, CHECK, CONCAT, FIELD, LOOP, MULTIPLY},
    value::{ENTRY, count, invalid, settle, weigh, weigh_part},
};

/// Replaces the filters, tests and functions of minijinja by bounded ones, and counts what is written. Templates have to be
/// rewritten (`rewrite`) before they are added.
///
/// `debug()` is removed: it would write all values, also those that the template does not refer to.
pub fn install(environment: &mut Environment<'_>) {
    add_filters(environment);
    add_tests(environment);
    environment.remove_global("debug");
    add_function(environment, "range", Value::from_function(functions::range), cost::range);
    add_function(environment, "dict", Value::from_function(functions::dict), cost::linear);
    add_function(environment, "namespace", Value::from_function(functions::namespace), cost::linear);
    environment.add_function(CHECK, |state: &State<'_, '_>, value: Value| settle(&Budget::of(state), value));
    environment.add_function(FIELD, |state: &State<'_, '_>, value: Value| {
        let budget = Budget::of(state);
        weigh_part(&budget, &value)?;
        settle(&budget, value)
    });
    environment.add_function(LOOP, |state: &State<'_, '_>, value: Value| -> Result<Value, Error> {
        let budget = Budget::of(state);
        budget.charge(count(&value).saturating_mul(ENTRY))?;
        match value.as_object() {
            Some(object) if object.repr() == ObjectRepr::Iterable => settle(&budget, value),
            _ => Ok(value),
        }
    });
    environment.add_function(ADD, |state: &State<'_, '_>, terms: Rest<Value>| fold(state, terms, add));
    environment
        .add_function(MULTIPLY, |state: &State<'_, '_>, factors: Rest<Value>| fold(state, factors, multiply));
    environment.add_function(CONCAT, |state: &State<'_, '_>, parts: Rest<Value>| concat(state, &parts));
    environment.set_formatter(|out, state, value| {
        weigh(&Budget::of(state), value)?;
        escape_formatter(out, state, value)
    });
}

fn add_filters(environment: &mut Environment<'_>) {
    macro_rules! add {
        ($cost:ident: $($name:ident)+) => {
            $(add_filter(environment, stringify!($name), Value::from_function(filters::$name), cost::$cost);)+
        };
    }
    add!(shallow: length default abs int float attr round first last bool);
    add!(linear: safe escape upper lower title capitalize trim);
    add!(entries: dictsort items reverse list string select selectattr reject rejectattr map chain zip pprint);
    add!(sorting: min max sort groupby unique);
    add!(groups: slice batch);
    add!(replace: replace);
    add!(join: join);
    add!(split: split lines);
    add!(indent: indent);
    add!(format: format);
    add!(json: tojson);
    add!(sum: sum);
    add_filter(environment, "urlencode", Value::from_function(filters::urlencode), cost::linear);
    add_filter(environment, "e", Value::from_function(filters::escape), cost::linear);
    add_filter(environment, "count", Value::from_function(filters::length), cost::shallow);
    add_filter(environment, "d", Value::from_function(filters::default), cost::shallow);
}

fn add_filter(environment: &mut Environment<'_>, name: &'static str, filter: Value, cost: Cost) {
    environment.add_filter(name, move |state: &State<'_, '_>, arguments: Rest<Value>| {
        call(state, &filter, &arguments, cost)
    });
}

fn add_function(environment: &mut Environment<'_>, name: &'static str, function: Value, cost: Cost) {
    environment.add_function(name, move |state: &State<'_, '_>, arguments: Rest<Value>| {
        call(state, &function, &arguments, cost)
    });
}

/// Calls a filter or function of minijinja.
fn call(state: &State<'_, '_>, function: &Value, arguments: &[Value], cost: Cost) -> Result<Value, Error> {
    let budget = Budget::of(state);
    cost(&budget, arguments)?;
    settle(&budget, function.call(state, arguments)?)
}

/// Replaces the tests that read whole values.
fn add_tests(environment: &mut Environment<'_>) {
    macro_rules! add {
        ($($test:ident: $($name:literal)+;)+) => {
            $($(add_test(environment, $name, Value::from_function(tests::$test));)+)+
        };
    }
    add! {
        is_eq: "eq" "equalto" "==";
        is_ne: "ne" "!=";
        is_lt: "lt" "lessthan" "<";
        is_le: "le" "<=";
        is_gt: "gt" "greaterthan" ">";
        is_ge: "ge" ">=";
        is_in: "in";
        is_startingwith: "startingwith";
        is_endingwith: "endingwith";
        is_lower: "lower";
        is_upper: "upper";
        is_sameas: "sameas";
    }
}

fn add_test(environment: &mut Environment<'_>, name: &'static str, test: Value) {
    environment.add_test(name, move |state: &State<'_, '_>, arguments: Rest<Value>| -> Result<bool, Error> {
        cost::linear(&Budget::of(state), &arguments)?;
        Ok(test.call(state, &arguments)?.is_true())
    });
}

/// Fails for an undefined value where undefined values must not be used.
fn require_defined(state: &State<'_, '_>, value: &Value) -> Result<(), Error> {
    let is_strict =
        matches!(state.env().undefined_behavior(), UndefinedBehavior::Strict | UndefinedBehavior::SemiStrict);
    if is_strict && value.is_undefined() { Err(ErrorKind::UndefinedError.into()) } else { Ok(()) }
}

/// Joins values as texts.
fn concat(state: &State<'_, '_>, parts: &[Value]) -> Result<Value, Error> {
    let budget = Budget::of(state);
    let mut text = String::new();
    for part in parts {
        require_defined(state, part)?;
        weigh(&budget, part)?;
        match part.as_str() {
            Some(part) => text.push_str(part),
            None => text.push_str(&part.to_string()),
        }
    }
    Ok(Value::from(text))
}

/// Applies an operator to the first two values, then to the result and the third, and so on.
fn fold(
    state: &State<'_, '_>,
    values: Rest<Value>,
    apply: fn(&Budget, &Value, &Value) -> Result<Value, Error>,
) -> Result<Value, Error> {
    let budget = Budget::of(state);
    values.iter().try_for_each(|value| require_defined(state, value))?;
    let mut values = values.0.into_iter();
    let first = values.next().ok_or_else(|| invalid("expected at least one value"))?;
    values.try_fold(first, |result, value| apply(&budget, &result, &value))
}

fn add(budget: &Budget, left: &Value, right: &Value) -> Result<Value, Error> {
    if let (Some(left), Some(right)) = (left.as_str(), right.as_str()) {
        budget.charge(left.len() + right.len())?;
        return Ok(Value::from([left, right].concat()));
    }
    let is_list = |value: &Value| matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable);
    if is_list(left) && is_list(right) {
        budget.require((count(left) + count(right)).saturating_mul(ENTRY))?;
        let entries: Vec<Value> = left.try_iter()?.chain(right.try_iter()?).collect();
        return settle(budget, Value::from(entries));
    }
    number(left, right, "+", i128::checked_add, |left, right| left + right)
}

fn multiply(budget: &Budget, left: &Value, right: &Value) -> Result<Value, Error> {
    for (value, times) in [(left, right), (right, left)] {
        let is_list = matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable);
        if value.as_str().is_none() && !is_list {
            continue;
        }
        let times = times.as_usize().ok_or_else(|| {
            let kind = if is_list { "sequences and iterables" } else { "strings" };
            invalid(format!("{kind} can only be multiplied with integers"))
        })?;
        let Some(text) = value.as_str() else {
            budget.charge(count(value).saturating_mul(times).saturating_mul(ENTRY).saturating_add(times))?;
            let entries: Vec<Value> = value.try_iter()?.collect();
            return settle(budget, std::iter::repeat_n(entries, times).flatten().collect());
        };
        budget.charge(text.len().saturating_mul(times))?;
        return Ok(Value::from(text.repeat(times)));
    }
    number(left, right, "*", i128::checked_mul, |left, right| left * right)
}

/// Applies an operator to numbers: exactly to integers, as floats otherwise.
fn number(
    left: &Value,
    right: &Value,
    operator: &str,
    exact: fn(i128, i128) -> Option<i128>,
    float: fn(f64, f64) -> f64,
) -> Result<Value, Error> {
    let is_number = |value: &Value| matches!(value.kind(), ValueKind::Number | ValueKind::Bool);
    if !is_number(left) || !is_number(right) {
        let kinds = (left.kind(), right.kind());
        return Err(invalid(format!(
            "tried to use {operator} operator on unsupported types {} and {}",
            kinds.0, kinds.1
        )));
    }
    let is_float = |value: &Value| value.kind() == ValueKind::Number && !value.is_integer();
    if is_float(left) || is_float(right) {
        let as_float = |value: &Value| {
            f64::try_from(value.clone()).or_else(|_| i64::try_from(value.clone()).map(|whole| whole as f64))
        };
        return Ok(Value::from(float(as_float(left)?, as_float(right)?)));
    }
    let result = exact(i128::try_from(left.clone())?, i128::try_from(right.clone())?);
    let result = result.ok_or_else(|| invalid(format!("unable to calculate {left} {operator} {right}")))?;
    Ok(i64::try_from(result).map_or_else(|_| Value::from(result), Value::from))
}
