//! The schema and its resolvers.
//!
//! ```graphql
//! type Query  { health: Health!, agents(first: Int = 100): [Agent!]!, agent(id: String!): Agent }
//! type Health { status: String!, version: String!, agents: Int! }
//! type Agent  { id, status, registeredAt: String!, databaseType: String,
//!               queries, naturalQueries, failovers: Int!, costUsd: Float! }
//! ```

use serde_json::{Map, Value};

use super::{
    super::{agents::Agent, state::AgentConnector, status::HEALTHY},
    argument::Variables,
    document::Field,
    error::GraphQlError,
};

/// Listed agents: default and maximum.
const AGENTS_DEFAULT: u64 = 100;
const AGENTS_MAX: u64 = 1_000;
const TYPE_NAME: &str = "__typename";

const QUERY_FIELDS: &[&str] = &["health", "agents", "agent"];
const HEALTH_FIELDS: &[&str] = &["status", "version", "agents"];
const AGENT_FIELDS: &[&str] =
    &["id", "status", "databaseType", "registeredAt", "queries", "naturalQueries", "failovers", "costUsd"];

/// Resolves the fields of a query, or returns all errors in them.
pub(super) fn resolve(
    state: &AgentConnector,
    fields: &[Field<'_>],
    variables: Variables<'_>,
) -> Result<Value, Vec<GraphQlError>> {
    let (mut data, mut errors) = (Map::new(), Vec::new());
    for field in fields {
        match root(state, field, variables) {
            Ok(value) => drop(data.insert(field.key.to_owned(), value)),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(Value::Object(data)) } else { Err(errors) }
}

fn root(state: &AgentConnector, field: &Field<'_>, variables: Variables<'_>) -> Result<Value, GraphQlError> {
    match field.name {
        "health" => {
            check(field, "Health", &[], HEALTH_FIELDS)?;
            Ok(object(field, "Health", |name| health(state, name)))
        }
        "agents" => {
            check(field, "Agent", &["first"], AGENT_FIELDS)?;
            let most = first(field, variables)?;
            let agents = state.agents.first(most as usize);
            Ok(agents.iter().map(|agent| describe(field, agent)).collect())
        }
        "agent" => {
            check(field, "Agent", &["id"], AGENT_FIELDS)?;
            let id = variables.argument(field, "id")?;
            let Some(Value::String(id)) = id else {
                return Err(GraphQlError::new(
                    field.at,
                    "the argument id of 'agent' must be a text".to_owned(),
                ));
            };
            Ok(state.agents.get(&id).map_or(Value::Null, |agent| describe(field, &agent)))
        }
        TYPE_NAME => Ok(Value::from("Query")),
        unknown => Err(unknown_field(field, "Query", unknown, QUERY_FIELDS)),
    }
}

fn first(field: &Field<'_>, variables: Variables<'_>) -> Result<u64, GraphQlError> {
    let Some(value) = variables.argument(field, "first")? else { return Ok(AGENTS_DEFAULT) };
    value.as_u64().filter(|most| *most <= AGENTS_MAX).ok_or_else(|| {
        let message = format!("the argument first of 'agents' must be a whole number up to {AGENTS_MAX}");
        GraphQlError::new(field.at, message)
    })
}

/// A field whose value is an object, with its arguments and scalar fields.
fn check(field: &Field<'_>, type_name: &str, arguments: &[&str], known: &[&str]) -> Result<(), GraphQlError> {
    let name = field.name;
    if let Some((unknown, _)) = field.arguments.iter().find(|(key, _)| !arguments.contains(key)) {
        return Err(GraphQlError::new(field.at, format!("'{name}' takes no argument '{unknown}'")));
    }
    if field.fields.is_empty() {
        let known = known.join(", ");
        return Err(GraphQlError::new(
            field.at,
            format!("'{name}' needs a selection of its fields: {known}"),
        ));
    }
    for part in &field.fields {
        if part.name != TYPE_NAME && !known.contains(&part.name) {
            return Err(unknown_field(part, type_name, part.name, known));
        }
        if !part.fields.is_empty() {
            return Err(GraphQlError::new(part.at, format!("'{}' has no subfields", part.name)));
        }
        if let Some((unknown, _)) = part.arguments.first() {
            return Err(GraphQlError::new(part.at, format!("'{}' takes no argument '{unknown}'", part.name)));
        }
    }
    Ok(())
}

fn unknown_field(field: &Field<'_>, type_name: &str, name: &str, known: &[&str]) -> GraphQlError {
    let near = weir_pace::nearest(name, known.iter().copied());
    let hint = near.map(|near| format!(" (did you mean '{near}'?)")).unwrap_or_default();
    let known = known.join(", ");
    GraphQlError::new(field.at, format!("the type {type_name} has no field '{name}'{hint}; known: {known}"))
}

/// Resolves the requested fields of an object, whose names are checked.
fn object(field: &Field<'_>, type_name: &str, value: impl Fn(&str) -> Value) -> Value {
    let parts = field.fields.iter().map(|part| {
        let value = if part.name == TYPE_NAME { Value::from(type_name) } else { value(part.name) };
        (part.key.to_owned(), value)
    });
    Value::Object(parts.collect())
}

fn health(state: &AgentConnector, name: &str) -> Value {
    match name {
        "status" => HEALTHY.into(),
        "version" => env!("CARGO_PKG_VERSION").into(),
        "agents" => state.agents.count().into(),
        _ => Value::Null,
    }
}

fn describe(field: &Field<'_>, agent: &Agent) -> Value {
    let usage = agent.usage().clone();
    object(field, "Agent", |name| match name {
        "id" => (&*agent.id).into(),
        "status" => "active".into(),
        "databaseType" => agent.database_type.clone().into(),
        "registeredAt" => agent.registered_at().into(),
        "queries" => usage.queries.into(),
        "naturalQueries" => usage.natural_queries.into(),
        "failovers" => usage.failovers.into(),
        "costUsd" => usage.total().cost_usd.into(),
        _ => Value::Null,
    })
}
