//! The shape of a chain file. Spans are kept where a later check may have to point at them.

use std::{
    collections::BTreeMap,
    fmt,
    num::{NonZeroU32, NonZeroUsize},
    time::Duration,
};

use serde::{Deserialize, Deserializer, de};
use toml::Spanned;
use weir_pace::Latency;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct RawFile {
    #[serde(default)]
    pub(super) chain: BTreeMap<Spanned<String>, RawChain>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct RawChain {
    pub(crate) about: Option<String>,
    pub(crate) timeout: Option<Spanned<RawDuration>>,
    pub(crate) result: Option<Spanned<String>>,
    #[serde(default)]
    pub(crate) step: BTreeMap<Spanned<String>, RawStep>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct RawStep {
    pub(crate) tool: Option<Spanned<RawTool>>,
    pub(crate) llm: Option<Spanned<RawLlm>>,
    pub(crate) http: Option<Spanned<RawHttp>>,
    pub(crate) chain: Option<Spanned<RawNested>>,
    #[serde(default)]
    pub(crate) needs: Vec<Spanned<String>>,
    #[serde(default)]
    pub(crate) join: Join,
    pub(crate) when: Option<Spanned<String>>,
    pub(crate) foreach: Option<Spanned<RawForeach>>,
    pub(crate) retry: Option<Spanned<RawRetry>>,
    pub(crate) timeout: Option<Spanned<RawDuration>>,
    #[serde(default)]
    pub(crate) on_error: OnError,
    pub(crate) fallback: Option<Spanned<String>>,
    pub(crate) stream: Option<Spanned<bool>>,
}

/// When a step with several needs starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Join {
    /// Once all have ended.
    #[default]
    All,
    /// Once one has completed, or all have ended.
    Any,
}

/// What a failed step means for its run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OnError {
    /// The run fails.
    #[default]
    Fail,
    /// The run continues; the output of the step is an empty text.
    Continue,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct RawTool {
    pub(crate) takes: Latency,
    pub(crate) gives: Option<Spanned<String>>,
    pub(crate) fails: Option<Spanned<f64>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct RawLlm {
    pub(crate) model: Spanned<String>,
    pub(crate) prompt: Spanned<String>,
    pub(crate) max_tokens: Option<NonZeroU32>,
    pub(crate) total: Option<RawDuration>,
    #[serde(default)]
    pub(crate) tools: Vec<RawLlmTool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawLlmTool {
    pub(crate) name: Spanned<String>,
    pub(crate) description: Option<String>,
    pub(crate) parameters: Option<Spanned<serde_json::Value>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawHttp {
    pub(crate) url: Spanned<String>,
    pub(crate) method: Option<Spanned<String>>,
    #[serde(default)]
    pub(crate) headers: BTreeMap<Spanned<String>, Spanned<String>>,
    pub(crate) body: Option<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawNested {
    pub(crate) name: Spanned<String>,
    pub(crate) input: Option<BTreeMap<String, Spanned<String>>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawRetry {
    pub(crate) times: Spanned<u32>,
    pub(crate) backoff: Option<RawDuration>,
    pub(crate) factor: Option<Spanned<f64>>,
    pub(crate) jitter: Option<Spanned<f64>>,
    pub(crate) at_most: Option<RawDuration>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct RawDuration(#[serde(with = "weir_pace::duration_text")] pub(crate) Duration);

/// The list over which a step fans out, and the limits of the fan-out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub(crate) struct RawForeach {
    /// An expression that evaluates to a list.
    pub(crate) over: String,
    pub(crate) at_once: Option<NonZeroUsize>,
    pub(crate) at_most: Option<usize>,
}

impl<'de> Deserialize<'de> for RawForeach {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ForeachVisitor)
    }
}

/// Accepts an expression or a table.
struct ForeachVisitor;

impl<'de> de::Visitor<'de> for ForeachVisitor {
    type Value = RawForeach;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "an expression that evaluates to a list, such as \"input.items\", or a table with it as `over`",
        )
    }

    fn visit_str<E: de::Error>(self, over: &str) -> Result<RawForeach, E> {
        Ok(RawForeach { over: over.to_owned(), at_once: None, at_most: None })
    }

    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<RawForeach, A::Error> {
        RawForeach::deserialize(de::value::MapAccessDeserializer::new(map))
    }
}
