//! What is to be watched.

use std::fmt;
use std::str::FromStr;

/// What to watch of a target while it is loaded; nothing by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Watch {
    /// A process of this machine: its processor time and resident memory.
    pub pid: Option<u32>,
    /// Series of the target's `/metrics`.
    pub series: Vec<SeriesName>,
}

impl Watch {
    pub(crate) fn is_nothing(&self) -> bool {
        self.pid.is_none() && self.series.is_empty()
    }
}

/// A series of a Prometheus exposition: `name`, or `name{label="value"}` for those of its samples that carry the label.
/// All samples that match are added up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesName {
    text: String,
    pub(super) name: String,
    pub(super) labels: Vec<(String, String)>,
}

/// Why a text names no series.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no series: {because}; `name` or `name{{label=\"value\"}}` is needed")]
pub struct SeriesNameError {
    text: String,
    because: &'static str,
}

impl SeriesName {
    /// Whether it only ever rises, so that its change a second is what one wants to see.
    pub(super) fn is_counter(&self) -> bool {
        ["_total", "_count", "_sum", "_bucket"].iter().any(|ending| self.name.ends_with(ending))
    }
}

impl FromStr for SeriesName {
    type Err = SeriesNameError;

    fn from_str(text: &str) -> Result<Self, SeriesNameError> {
        let refusal = |because| SeriesNameError { text: text.to_owned(), because };
        let (name, labels) = match text.split_once('{') {
            None => (text, ""),
            Some((name, rest)) => {
                (name, rest.strip_suffix('}').ok_or_else(|| refusal("its labels do not end with `}`"))?)
            }
        };
        let is_name = |name: &str| {
            !name.is_empty()
                && name.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '_' | ':'))
        };
        if !is_name(name) {
            return Err(refusal("a name is made of letters, digits, `_` and `:`"));
        }
        let labels = labels.split(',').filter(|label| !label.is_empty()).map(|label| {
            let (name, value) = label.split_once('=')?;
            let value = value.strip_prefix('"')?.strip_suffix('"')?;
            is_name(name).then(|| (name.to_owned(), value.to_owned()))
        });
        let labels = labels.collect::<Option<_>>().ok_or_else(|| refusal("a label is `name=\"value\"`"))?;
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
    fn series_are_named_as_in_an_exposition() {
        let named: SeriesName = r#"llm_tokens_total{model="m",kind="output"}"#.parse().unwrap();
        assert_eq!(named.name, "llm_tokens_total");
        assert_eq!(named.labels, [("model".into(), "m".into()), ("kind".into(), "output".into())]);
        assert!(named.is_counter() && !"queue_depth".parse::<SeriesName>().unwrap().is_counter());
    }

    #[test]
    fn other_texts_are_refused() {
        let told = ["", "a b", "a{b=\"c\"", "a{b=c}", "a{=\"c\"}"]
            .map(|text| text.parse::<SeriesName>().unwrap_err().to_string());
        insta::assert_snapshot!(told.join("\n"), @r#"
        `` is no series: a name is made of letters, digits, `_` and `:`; `name` or `name{label="value"}` is needed
        `a b` is no series: a name is made of letters, digits, `_` and `:`; `name` or `name{label="value"}` is needed
        `a{b="c"` is no series: its labels do not end with `}`; `name` or `name{label="value"}` is needed
        `a{b=c}` is no series: a label is `name="value"`; `name` or `name{label="value"}` is needed
        `a{="c"}` is no series: a label is `name="value"`; `name` or `name{label="value"}` is needed
        "#);
    }
}
