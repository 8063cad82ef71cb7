//! Parses a query to fields that can be resolved.

use graphql_parser::{
    Pos,
    query::{
        Definition, Directive, Document, OperationDefinition, Selection, SelectionSet, Value as Literal,
        VariableDefinition,
    },
};

use super::error::GraphQlError;

/// The maximum length of a query; parsing takes about 10 ms at worst.
const QUERY_BYTES_MAX: usize = 16 << 10;
/// Maximum fields of one query on all levels. With the limit on listed agents, this bounds the response.
const FIELDS_MAX: usize = 100;

/// The requested operation.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Operation<'a> {
    pub(super) fields: Vec<Field<'a>>,
    pub(super) variables: Vec<VariableDefinition<'a, &'a str>>,
}

/// One requested field.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field<'a> {
    /// Its name in the response.
    pub(super) key: &'a str,
    pub(super) name: &'a str,
    pub(super) at: Pos,
    pub(super) arguments: Vec<(&'a str, Literal<'a, &'a str>)>,
    pub(super) fields: Vec<Self>,
}

impl<'a> Operation<'a> {
    /// Parses the operation of that name, or the only one.
    pub(super) fn read(query: &'a str, name: Option<&str>) -> Result<Self, GraphQlError> {
        if query.len() > QUERY_BYTES_MAX {
            let bytes = query.len();
            let message = format!("the query has {bytes} bytes: {QUERY_BYTES_MAX} at the most");
            return Err(GraphQlError::whole(message));
        }
        let document = graphql_parser::parse_query::<&str>(query);
        let document = document.map_err(|error| GraphQlError::syntax(&error.to_string()))?;
        let (set, variables) = chosen(document, name)?;
        let mut left = FIELDS_MAX;
        Ok(Self { fields: fields(set, &mut left)?, variables })
    }
}

type Chosen<'a> = (SelectionSet<'a, &'a str>, Vec<VariableDefinition<'a, &'a str>>);

fn chosen<'a>(document: Document<'a, &'a str>, name: Option<&str>) -> Result<Chosen<'a>, GraphQlError> {
    let mut operations = Vec::new();
    for definition in document.definitions {
        match definition {
            Definition::Operation(operation) => operations.push(operation),
            Definition::Fragment(fragment) => return Err(unavailable(fragment.position, "fragments")),
        }
    }
    if let Some(name) = name {
        operations.retain(|operation| name_of(operation) == Some(name));
    }
    let count = operations.len();
    match (operations.pop(), count, name) {
        (Some(operation), 1, _) => query_of(operation),
        (_, 0, Some(name)) => Err(GraphQlError::whole(format!("no operation has the name '{name}'"))),
        _ => Err(GraphQlError::whole(format!("operationName must choose one of {count} operations"))),
    }
}

fn name_of<'a>(operation: &OperationDefinition<'a, &'a str>) -> Option<&'a str> {
    match operation {
        OperationDefinition::SelectionSet(_) => None,
        OperationDefinition::Query(query) => query.name,
        OperationDefinition::Mutation(mutation) => mutation.name,
        OperationDefinition::Subscription(subscription) => subscription.name,
    }
}

fn query_of<'a>(operation: OperationDefinition<'a, &'a str>) -> Result<Chosen<'a>, GraphQlError> {
    match operation {
        OperationDefinition::SelectionSet(set) => Ok((set, Vec::new())),
        OperationDefinition::Query(query) => {
            no_directives(&query.directives)?;
            Ok((query.selection_set, query.variable_definitions))
        }
        OperationDefinition::Mutation(mutation) => Err(unavailable(mutation.position, "mutations")),
        OperationDefinition::Subscription(subscription) => {
            Err(unavailable(subscription.position, "subscriptions"))
        }
    }
}

/// `left` is the number of further fields that the query may have. The parser has bounded the depth.
fn fields<'a>(set: SelectionSet<'a, &'a str>, left: &mut usize) -> Result<Vec<Field<'a>>, GraphQlError> {
    let mut read: Vec<Field<'a>> = Vec::new();
    for selection in set.items {
        let field = match selection {
            Selection::Field(field) => field,
            Selection::FragmentSpread(spread) => return Err(unavailable(spread.position, "fragments")),
            Selection::InlineFragment(fragment) => return Err(unavailable(fragment.position, "fragments")),
        };
        no_directives(&field.directives)?;
        let Some(fewer) = left.checked_sub(1) else {
            let message = format!("the query has too many fields: {FIELDS_MAX} at the most");
            return Err(GraphQlError::new(field.position, message));
        };
        *left = fewer;
        let key = field.alias.unwrap_or(field.name);
        if read.iter().any(|earlier| earlier.key == key) {
            let message =
                format!("'{key}' is requested twice: give one of them an alias, as in other: {key}");
            return Err(GraphQlError::new(field.position, message));
        }
        read.push(Field {
            key,
            name: field.name,
            at: field.position,
            arguments: field.arguments,
            fields: fields(field.selection_set, left)?,
        });
    }
    Ok(read)
}

fn no_directives<'a>(directives: &[Directive<'a, &'a str>]) -> Result<(), GraphQlError> {
    directives.first().map_or(Ok(()), |directive| Err(unavailable(directive.position, "directives")))
}

fn unavailable(at: Pos, what: &str) -> GraphQlError {
    GraphQlError::new(at, format!("{what} cannot be had here"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use insta::assert_snapshot;

    fn error(query: &str) -> String {
        Operation::read(query, None).unwrap_err().describe().to_string()
    }

    #[test]
    fn read_of_expensive_query_fails_early() {
        let deep = |open: &str, inside: &str, close: &str| {
            error(&format!("{}{inside}{}", open.repeat(2_000), close.repeat(2_000)))
        };
        assert_snapshot!(deep("{a", "", "}"), @r#"{"locations":[{"column":101,"line":1}],"message":"the query is nested too deeply: 50 levels at the most"}"#);
        assert_snapshot!(error(&"{a".repeat(2_000)), @r#"{"locations":[{"column":101,"line":1}],"message":"the query is nested too deeply: 50 levels at the most"}"#);
        for (before, open, inside, close, after) in [
            ("{a(x:", "[", "1", "]", ")}"),
            ("{a(x:", "{a:", "1", "}", ")}"),
            ("query q($x: ", "[", "Int", "]", ") {a}"),
            ("{", "... {", "a", "}", "}"),
        ] {
            let query = format!("{before}{}{inside}{}{after}", open.repeat(1_000), close.repeat(1_000));
            assert!(error(&query).contains("nested too deeply: 50 levels"), "{open}: {}", error(&query));
        }
        let wide: String = (0..=FIELDS_MAX).map(|number| format!("a{number}: health ")).collect();
        assert_snapshot!(error(&format!("{{{wide}}}")), @r#"{"locations":[{"column":1192,"line":1}],"message":"the query has too many fields: 100 at the most"}"#);
        assert_snapshot!(error(&"a".repeat(QUERY_BYTES_MAX + 1)), @r#"{"message":"the query has 16385 bytes: 16384 at the most"}"#);
    }

    #[test]
    fn read_of_invalid_query_names_the_position() {
        assert_snapshot!(error("query { health { status }"), @r#"{"locations":[{"column":26,"line":1}],"message":"syntax error: Unexpected end of input; Expected }"}"#);
        assert_snapshot!(error("{ health\n  { status ? } }"), @r#"{"locations":[{"column":12,"line":2}],"message":"syntax error: Unexpected character '?'; Expected }"}"#);
        assert_snapshot!(error(""), @r#"{"locations":[{"column":1,"line":1}],"message":"syntax error: Unexpected end of input; Expected {, query, mutation, subscription or fragment"}"#);
        assert_snapshot!(error("mutation { a }"), @r#"{"locations":[{"column":1,"line":1}],"message":"mutations cannot be had here"}"#);
        assert_snapshot!(error("{ ...f } fragment f on Query { a }"), @r#"{"locations":[{"column":10,"line":1}],"message":"fragments cannot be had here"}"#);
        assert_snapshot!(error("{ health @skip(if: true) { status } }"), @r#"{"locations":[{"column":10,"line":1}],"message":"directives cannot be had here"}"#);
        assert_snapshot!(error("{ health { status } health { status } }"), @r#"{"locations":[{"column":21,"line":1}],"message":"'health' is requested twice: give one of them an alias, as in other: health"}"#);
        assert_snapshot!(error("query a { b } query c { d }"), @r#"{"message":"operationName must choose one of 2 operations"}"#);
    }

    #[test]
    fn read_chooses_the_operation_by_name() {
        let query = "query a { b } query c { x: d }";
        let operation = Operation::read(query, Some("c")).unwrap();
        assert_eq!((operation.fields[0].key, operation.fields[0].name), ("x", "d"));
        let error = Operation::read(query, Some("z")).unwrap_err();
        assert_eq!(error, GraphQlError::whole("no operation has the name 'z'".to_owned()));
    }
}
