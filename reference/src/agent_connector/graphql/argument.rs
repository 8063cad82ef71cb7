//! The arguments of fields.

use graphql_parser::query::Value as Literal;
use serde_json::{Map, Value};

use super::{
    document::{Field, Operation},
    error::GraphQlError,
};

/// The values of a query's variables.
#[derive(Clone, Copy, Debug)]
pub(super) struct Variables<'a> {
    pub(super) operation: &'a Operation<'a>,
    pub(super) given: &'a Map<String, Value>,
}

impl Variables<'_> {
    /// Returns the argument `name` of `field`; `None` if it is absent or null.
    pub(super) fn argument(self, field: &Field<'_>, name: &str) -> Result<Option<Value>, GraphQlError> {
        let found = field.arguments.iter().find(|(key, _)| *key == name);
        let value = found.map(|(_, literal)| self.value(field, literal)).transpose()?;
        Ok(value.filter(|value| !value.is_null()))
    }

    fn value<'a>(self, field: &Field<'_>, literal: &Literal<'a, &'a str>) -> Result<Value, GraphQlError> {
        let Literal::Variable(name) = literal else { return plain(field, literal) };
        let defined = self.operation.variables.iter().find(|variable| variable.name == *name);
        let defined = defined.ok_or_else(|| {
            GraphQlError::new(field.at, format!("the variable ${name} is not defined by the operation"))
        })?;
        match (self.given.get(*name), &defined.default_value) {
            (Some(given), _) => Ok(given.clone()),
            (None, Some(default)) => plain(field, default),
            (None, None) => Ok(Value::Null),
        }
    }
}

fn plain<'a>(field: &Field<'_>, literal: &Literal<'a, &'a str>) -> Result<Value, GraphQlError> {
    match literal {
        Literal::String(text) => Ok(Value::from(text.as_str())),
        Literal::Int(number) => Ok(number.as_i64().map_or(Value::Null, Value::from)),
        Literal::Boolean(value) => Ok(Value::from(*value)),
        Literal::Null => Ok(Value::Null),
        Literal::Float(_)
        | Literal::Enum(_)
        | Literal::List(_)
        | Literal::Object(_)
        | Literal::Variable(_) => {
            let name = field.name;
            Err(GraphQlError::new(
                field.at,
                format!("an argument of '{name}' must be a text or a whole number"),
            ))
        }
    }
}
