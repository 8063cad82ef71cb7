//! Tool calls of earlier answers.

use serde::Deserialize;
use weir_model::TokenCounter;

use crate::request::{
    Problem,
    json::{self, Object, Str},
};

/// Tokens of a call besides its name and arguments, as for a message.
const TOKENS_PER_CALL: u32 = 3;

#[derive(Debug, Deserialize)]
pub(super) struct RawCall<'a> {
    #[serde(borrow)]
    pub(super) id: Str<'a>,
    #[serde(rename = "type", borrow)]
    kind: Option<Str<'a>>,
    #[serde(borrow)]
    function: Option<Object<RawCalled<'a>>>,
    #[serde(borrow)]
    custom: Option<Object<RawCalledCustom<'a>>>,
}

/// The function that was called.
#[derive(Debug, Deserialize)]
pub(super) struct RawCalled<'a> {
    #[serde(borrow)]
    name: Str<'a>,
    #[serde(borrow)]
    arguments: Str<'a>,
}

#[derive(Debug, Deserialize)]
struct RawCalledCustom<'a> {
    #[serde(borrow)]
    name: Str<'a>,
    #[serde(borrow)]
    input: Str<'a>,
}

impl<'a> RawCall<'a> {
    /// The tool's name and the tokens of the call.
    pub(super) fn read(
        &self,
        path: impl Fn() -> String,
        counter: &TokenCounter,
    ) -> Result<(Str<'a>, u32), Problem> {
        let needed = |field: &str| json::missing(&format!("{}.{field}", path()));
        match self.kind.as_deref().unwrap_or("function") {
            "function" => {
                let called = self.function.as_ref().ok_or_else(|| needed("function"))?;
                Ok((called.name.clone(), called.tokens(counter)))
            }
            "custom" => {
                let called = self.custom.as_ref().ok_or_else(|| needed("custom"))?;
                let tokens = TOKENS_PER_CALL + counter.count(&called.name);
                Ok((called.name.clone(), tokens.saturating_add(counter.count(&called.input))))
            }
            other => Err(json::unsupported(&format!("{}.type", path()), other, &["function", "custom"])),
        }
    }
}

impl RawCalled<'_> {
    pub(super) fn tokens(&self, counter: &TokenCounter) -> u32 {
        let tokens = TOKENS_PER_CALL + counter.count(&self.name);
        tokens.saturating_add(counter.count(&self.arguments))
    }
}
