//! From what users write to what can be run.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use weir_pace::Amount;

use super::{
    Price, Profile,
    raw::{RawProfile, RawSays},
};
use crate::planner::{ResponseMode, Script, unknown_script};

/// A spread above this would make the mean gap of answers meaningless.
const SPEED_SPREAD_MAX: f64 = 2.0;
/// Context of a profile that does not say: a common size of today's models.
const CONTEXT_DEFAULT: u32 = 131_072;
/// Answer length of a profile that does not say: the mean in the Azure conversation trace.
const OUTPUT_TOKENS_DEFAULT: u64 = 117;
/// Of a text that is always said.
const FIXED_BYTES_MAX: usize = 256 << 10;

/// Of a profile that does not say: those of OpenAI's text-embedding-3-small.
const EMBEDDING_DIMENSIONS_DEFAULT: u32 = 1_536;
/// Twice the largest of today's.
const EMBEDDING_DIMENSIONS_MAX: u32 = 8_192;

/// What is wrong with one key of a profile.
#[derive(Debug)]
pub(super) struct BadKey {
    pub(super) key: &'static str,
    pub(super) message: String,
}

fn bad(key: &'static str, message: impl Into<String>) -> BadKey {
    BadKey { key, message: message.into() }
}

/// The profile `name`; scripts are those of `scripts`.
pub(super) fn check(
    name: &str,
    raw: RawProfile,
    scripts: &BTreeMap<String, Arc<Script>>,
) -> Result<Profile, BadKey> {
    let missing = |key| bad(key, "this key is required, unless `inherits` names a profile that has it");
    Ok(Profile {
        name: name.into(),
        source: raw
            .source
            .ok_or_else(|| bad("source", "this key is required: it names where the figures come from"))?,
        owned_by: raw.owned_by.unwrap_or_else(|| "weir".to_owned()),
        ttft: raw.ttft.ok_or_else(|| missing("ttft"))?,
        ttft_per_uncached_token: raw.ttft_per_uncached_token.map_or(Duration::ZERO, |delay| delay.0),
        itl: raw.itl.ok_or_else(|| missing("itl"))?,
        speed_spread: speed_spread(raw.speed_spread.unwrap_or(0.0))?,
        output_tokens: raw.output_tokens.unwrap_or_else(|| Amount::constant(OUTPUT_TOKENS_DEFAULT)),
        context: context(raw.context.unwrap_or(CONTEXT_DEFAULT))?,
        embedding_dimensions: embedding_dimensions(
            raw.embedding_dimensions.unwrap_or(EMBEDDING_DIMENSIONS_DEFAULT),
        )?,
        says: raw.says.map(|says| self::says(says, scripts)).transpose()?.unwrap_or_default(),
        price: raw.price.map(price).transpose()?,
    })
}

fn embedding_dimensions(count: u32) -> Result<u32, BadKey> {
    if (1..=EMBEDDING_DIMENSIONS_MAX).contains(&count) {
        return Ok(count);
    }
    let message = format!("expected a whole number from 1 to {EMBEDDING_DIMENSIONS_MAX}, found {count}");
    Err(bad("embedding_dimensions", message))
}

fn says(raw: RawSays, scripts: &BTreeMap<String, Arc<Script>>) -> Result<ResponseMode, BadKey> {
    Ok(match raw {
        RawSays::Natural => ResponseMode::Natural,
        RawSays::Echo => ResponseMode::Echo,
        RawSays::Fixed(text) if text.len() > FIXED_BYTES_MAX => {
            return Err(bad(
                "says.fixed",
                format!("expected at most {FIXED_BYTES_MAX} bytes, found {}", text.len()),
            ));
        }
        RawSays::Fixed(text) => ResponseMode::Fixed(text.into()),
        RawSays::Script(name) => {
            let known = scripts.get(&name).map(|script| ResponseMode::Script(Arc::clone(script)));
            let names = scripts.keys().map(String::as_str);
            known.ok_or_else(|| bad("says.script", unknown_script(&name, names)))?
        }
    })
}

fn speed_spread(spread: f64) -> Result<f64, BadKey> {
    if (0.0..=SPEED_SPREAD_MAX).contains(&spread) {
        return Ok(spread);
    }
    Err(bad(
        "speed_spread",
        format!("expected a coefficient of variation from 0 to {SPEED_SPREAD_MAX}, found {spread}"),
    ))
}

fn context(tokens: u32) -> Result<u32, BadKey> {
    if tokens > 0 {
        Ok(tokens)
    } else {
        Err(bad("context", "expected a whole number of at least 1, found 0"))
    }
}

fn price(price: Price) -> Result<Price, BadKey> {
    for (key, value) in [
        ("price.input_per_million", price.input_per_million),
        ("price.output_per_million", price.output_per_million),
    ] {
        if !(value.is_finite() && value >= 0.0) {
            return Err(bad(key, format!("expected a number of at least 0, found {value}")));
        }
    }
    Ok(price)
}
