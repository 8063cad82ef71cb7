//! Raw chat requests.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    message::RawMessages,
    tool_choice::RawToolChoice,
    tools::{RawFunction, RawTool, TOOLS_MAX},
};
use crate::{
    api::openai::{
        output_format::RawFormat,
        sampling::{RawStreamOptions, Stops},
        structured_outputs::{RawChoices, RawStructuredOutputs},
    },
    request::json::{AnyFields, List, Object, PositiveU32, Str},
};

/// `logit_bias`: vLLM's and the provider's clients send a few entries.
type Biases = Object<AnyFields>;

/// A raw chat request. Fields that begin with an underscore are checked for their type only: they do not change
/// anything that is simulated.
#[derive(Debug, Deserialize)]
pub(super) struct RawChat<'a> {
    #[serde(borrow)]
    pub(super) model: Option<Str<'a>>,
    #[serde(borrow)]
    pub(super) messages: RawMessages<'a>,
    pub(super) max_tokens: Option<u32>,
    pub(super) max_completion_tokens: Option<u32>,
    pub(super) n: Option<PositiveU32>,
    #[serde(borrow)]
    pub(super) stop: Option<Stops<'a>>,
    pub(super) stream: Option<bool>,
    pub(super) stream_options: Option<Object<RawStreamOptions>>,
    pub(super) temperature: Option<f64>,
    pub(super) top_p: Option<f64>,
    pub(super) frequency_penalty: Option<f64>,
    pub(super) presence_penalty: Option<f64>,
    pub(super) logprobs: Option<bool>,
    pub(super) top_logprobs: Option<u32>,
    #[serde(borrow)]
    pub(super) tools: Option<List<Object<RawTool<'a>>, TOOLS_MAX>>,
    #[serde(borrow)]
    pub(super) tool_choice: Option<RawToolChoice<'a>>,
    pub(super) parallel_tool_calls: Option<bool>,
    #[serde(borrow)]
    pub(super) functions: Option<List<Object<RawFunction<'a>>, TOOLS_MAX>>,
    #[serde(borrow)]
    pub(super) function_call: Option<RawToolChoice<'a>>,
    #[serde(borrow)]
    pub(super) response_format: Option<Object<RawFormat<'a>>>,
    #[serde(borrow)]
    pub(super) reasoning_effort: Option<Str<'a>>,
    #[serde(borrow)]
    pub(super) service_tier: Option<Str<'a>>,
    pub(super) store: Option<bool>,
    pub(super) metadata: Option<BTreeMap<String, String>>,
    pub(super) ignore_eos: Option<bool>,
    pub(super) min_tokens: Option<u32>,
    #[serde(borrow)]
    pub(super) structured_outputs: Option<Object<RawStructuredOutputs<'a>>>,
    #[serde(borrow)]
    pub(super) guided_json: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) guided_regex: Option<Str<'a>>,
    #[serde(borrow)]
    pub(super) guided_choice: Option<RawChoices<'a>>,
    #[serde(borrow)]
    pub(super) guided_grammar: Option<&'a RawValue>,
    #[serde(rename = "seed")]
    _seed: Option<i64>,
    #[serde(rename = "user", borrow)]
    _user: Option<Str<'a>>,
    #[serde(rename = "logit_bias")]
    _logit_bias: Option<Biases>,
    #[serde(rename = "top_k")]
    _top_k: Option<i64>,
    #[serde(rename = "repetition_penalty")]
    _repetition_penalty: Option<f64>,
}
