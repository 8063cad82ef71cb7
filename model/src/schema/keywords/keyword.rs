//! One keyword, with accessors of its value.

use serde_json::Number;

use crate::schema::{SchemaError, json::Json, node::NodeId, pattern::Pattern, subschemas::Subschemas};

/// One keyword of a schema.
pub(super) struct Keyword<'a> {
    pub(super) name: &'a str,
    pub(super) value: &'a Json,
    /// The schema that contains the keyword.
    pub(super) schema: &'a Json,
    /// The pointer of its value.
    pub(super) at: String,
}

impl<'a> Keyword<'a> {
    /// The keyword `name` of the `schema` at `pointer`.
    pub(super) fn new(pointer: &str, name: &'a str, value: &'a Json, schema: &'a Json) -> Self {
        Self { name, value, schema, at: below(pointer, name) }
    }

    pub(super) fn error(&self, message: impl Into<String>) -> SchemaError {
        SchemaError::new(&self.at, message)
    }

    /// An error of a rule that cannot be honoured.
    pub(super) fn not_honoured(&self, message: impl Into<String>) -> SchemaError {
        SchemaError::not_honoured(&self.at, message)
    }

    fn wrong(&self, needed: &str) -> SchemaError {
        let mut found = self.value.to_string();
        if found.chars().count() > 40 {
            found = found.chars().take(37).chain("...".chars()).collect();
        }
        self.error(format!("expected {needed}, found {found}"))
    }

    pub(super) fn text(&self) -> Result<&'a str, SchemaError> {
        let Json::String(text) = self.value else { return Err(self.wrong("a text")) };
        Ok(text)
    }

    pub(super) fn number(&self) -> Result<&'a Number, SchemaError> {
        let Json::Number(number) = self.value else { return Err(self.wrong("a number")) };
        Ok(number)
    }

    pub(super) fn flag(&self) -> Result<bool, SchemaError> {
        let Json::Bool(flag) = self.value else { return Err(self.wrong("true or false")) };
        Ok(*flag)
    }

    /// The value as a count.
    pub(super) fn count(&self) -> Result<usize, SchemaError> {
        let count = self.number()?.as_f64().filter(|count| *count >= 0.0 && count.fract() == 0.0);
        count.map(|count| count as usize).ok_or_else(|| self.wrong("a whole number of at least 0"))
    }

    /// The value as a minimum count of at most `max`.
    pub(super) fn min_count(&self, max: usize) -> Result<usize, SchemaError> {
        let count = self.count()?;
        if count > max {
            return Err(self.not_honoured(format!("is {count}: at most {max} can be written")));
        }
        Ok(count)
    }

    pub(super) fn list(&self) -> Result<&'a [Json], SchemaError> {
        let Json::Array(items) = self.value else { return Err(self.wrong("a list")) };
        Ok(items)
    }

    /// A list that is not empty.
    pub(super) fn non_empty_list(&self) -> Result<&'a [Json], SchemaError> {
        Some(self.list()?)
            .filter(|items| !items.is_empty())
            .ok_or_else(|| self.wrong("a list of one or more"))
    }

    /// The value as a list of at most `max` strings.
    pub(super) fn texts(&self, max: usize) -> Result<Vec<String>, SchemaError> {
        if self.list()?.len() > max {
            return Err(
                self.not_honoured(format!("has {} names: at most {max} can be written", self.list()?.len()))
            );
        }
        let text = |item: &Json| match item {
            Json::String(text) => Ok(text.clone()),
            _ => Err(self.wrong("a list of texts")),
        };
        self.list()?.iter().map(text).collect()
    }

    /// The members of the value, with their pointers.
    pub(super) fn members(&self) -> Result<impl Iterator<Item = (&'a str, String, &'a Json)>, SchemaError> {
        let Json::Object(members) = self.value else { return Err(self.wrong("an object")) };
        Ok(members.iter().map(|(name, value)| (&**name, below(&self.at, name), value)))
    }

    pub(super) fn schema(&self, subschemas: &mut Subschemas<'a>) -> Result<NodeId, SchemaError> {
        subschemas.part(&self.at, self.value)
    }

    pub(super) fn schemas(&self, subschemas: &mut Subschemas<'a>) -> Result<Vec<NodeId>, SchemaError> {
        let items = self.non_empty_list()?.iter().enumerate();
        items.map(|(index, item)| subschemas.part(&format!("{}/{index}", self.at), item)).collect()
    }

    /// Returns the keyword of that name in the same schema.
    pub(super) fn sibling(&self, name: &'a str) -> Option<Self> {
        let value = self.schema.member(name)?;
        let pointer = self.at.rsplit_once('/').map_or("", |(pointer, _)| pointer);
        Some(Self::new(pointer, name, value, self.schema))
    }
}

/// Compiles the regular expression `source` at `at`.
pub(super) fn pattern(
    subschemas: &mut Subschemas<'_>,
    at: &str,
    source: &str,
) -> Result<Pattern, SchemaError> {
    subschemas.count_pattern(at)?;
    Pattern::new(source).map_err(|message| SchemaError::not_honoured(at, message))
}

/// Returns the pointer of the member `name` of `pointer`.
fn below(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}
