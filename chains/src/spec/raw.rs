//! The shape of a chain file. Spans are kept where a later check may have to point at them.

use std::{collections::BTreeMap, num::NonZeroU32, time::Duration};

use serde::Deserialize;
use toml::Spanned;
use weir_pace::Latency;

/// The keys of each table, for the hint beside an unknown one. `deny_unknown_fields` below is what
/// finds it.
pub(super) const FILE_KEYS: &[&str] = &["chain"];
pub(super) const CHAIN_KEYS: &[&str] = &["about", "timeout", "result", "step"];
pub(super) const STEP_KEYS: &[&str] = &["tool", "llm", "needs", "stream"];
pub(super) const TOOL_KEYS: &[&str] = &["takes", "gives"];
pub(super) const LLM_KEYS: &[&str] = &["model", "prompt", "max_tokens", "total"];

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
    #[serde(default)]
    pub(crate) needs: Vec<Spanned<String>>,
    pub(crate) stream: Option<Spanned<bool>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct RawTool {
    pub(crate) takes: Latency,
    pub(crate) gives: Option<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct RawLlm {
    pub(crate) model: Spanned<String>,
    pub(crate) prompt: Spanned<String>,
    pub(crate) max_tokens: Option<NonZeroU32>,
    pub(crate) total: Option<RawDuration>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct RawDuration(#[serde(with = "weir_pace::duration_text")] pub(crate) Duration);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_of_keys_are_those_that_are_read() {
        let tables = [
            ("", FILE_KEYS),
            ("[chain.c]", CHAIN_KEYS),
            ("[chain.c.step.s]", STEP_KEYS),
            ("[chain.c.step.s.tool]", TOOL_KEYS),
            ("[chain.c.step.s.llm]", LLM_KEYS),
        ];
        for (table, keys) in tables {
            let error = toml::from_str::<RawFile>(&format!("{table}\nzzz = 1\n")).unwrap_err();
            let (_, expected) = error.message().split_once("expected ").unwrap();
            let read: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
            assert_eq!(read, keys, "{table}");
        }
    }
}
