//! Options of the observation of a target.

use std::fmt;
use std::str::FromStr;

/// What is observed of a target while it is loaded; nothing by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Watch {
    /// A process of this machine, for its CPU time and resident memory.
    pub pid: Option<u32>,
    /// Series of the `/metrics` of the target.
    pub series: Vec<SeriesName>,
}

impl Watch {
    pub(crate) fn is_empty(&self) -> bool {
        self.pid.is_none() && self.series.is_empty()
    }
}

/// A series of the Prometheus text format: `name`, or `name{label="value"}` for the samples with this label. All matching
/// samples are added up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesName {
    text: String,
    pub(super) name: String,
    pub(super) labels: Vec<(String, String)>,
}

/// A text is not the name of a series.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a series: {because}; expected `name` or `name{{label=\"value\"}}`")]
pub struct SeriesNameError {
    text: String,
    because: &'static str,
}

impl SeriesName {
    /// Whether the series is a counter, which is reported as its increase per second.
    pub(super) fn is_counter(&self) -> bool {
        ["_total", "_count", "_sum", "_bucket"].iter().any(|ending| self.name.ends_with(ending))
    }
}

impl FromStr for SeriesName {
    type Err = SeriesNameError;

    fn from_str(text: &str) -> Result<Self, SeriesNameError> {
        let error = |because| SeriesNameError { text: text.to_owned(), because };
        let (name, labels) = match text.split_once('{') {
            None => (text, ""),
            Some((name, rest)) => {
                (name, rest.strip_suffix('}').ok_or_else(|| error("the labels must end with `}`"))?)
            }
        };
        let is_name = |name: &str| {
            !name.is_empty()
                && name.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '_' | ':'))
        };
        if !is_name(name) {
            return Err(error("a name consists of letters, digits, `_` and `:`"));
        }
        let labels = labels.split(',').filter(|label| !label.is_empty()).map(|label| {
            let (name, value) = label.split_once('=')?;
            let value = value.strip_prefix('"')?.strip_suffix('"')?;
            is_name(name).then(|| (name.to_owned(), value.to_owned()))
        });
        let labels =
            labels.collect::<Option<_>>().ok_or_else(|| error("a label has the form `name=\"value\"`"))?;
        Ok(Self { text: text.to_owned(), name: name.to_owned(), labels })
    }
}

impl fmt::Display for SeriesName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_str_name_and_labels_are_read() {
        let named: SeriesName = r#"llm_tokens_total{model="m",kind="output"}"#.parse().unwrap();
        assert_eq!(named.name, "llm_tokens_total");
        assert_eq!(named.labels, [("model".into(), "m".into()), ("kind".into(), "output".into())]);
        assert!(named.is_counter() && !"queue_depth".parse::<SeriesName>().unwrap().is_counter());
    }

    #[test]
    fn from_str_invalid_text_is_an_error() {
        let errors = ["", "a b", "a{b=\"c\"", "a{b=c}", "a{=\"c\"}"]
            .map(|text| text.parse::<SeriesName>().unwrap_err().to_string());
        insta::assert_snapshot!(errors.join("\n"), @r#"
        `` is not a series: a name consists of letters, digits, `_` and `:`; expected `name` or `name{label="value"}`
        `a b` is not a series: a name consists of letters, digits, `_` and `:`; expected `name` or `name{label="value"}`
        `a{b="c"` is not a series: the labels must end with `}`; expected `name` or `name{label="value"}`
        `a{b=c}` is not a series: a label has the form `name="value"`; expected `name` or `name{label="value"}`
        `a{="c"}` is not a series: a label has the form `name="value"`; expected `name` or `name{label="value"}`
        "#);
    }
}
