//! Checks raw profiles.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use weir_pace::{Amount, Latency};

use super::{
    BatchingConfig, EngineConfig, Price, Profile, batching,
    key_error::{KeyError, key_error},
    raw::{RawEngine, RawProfile, RawResponseMode},
    reasoning::RawReasoning,
};
use crate::{
    content::STEP_TOKENS_MAX,
    script::{ResponseMode, Script, unknown_script},
};

/// The maximum spread; a larger one would make the mean gap of answers meaningless.
const SPEED_SPREAD_MAX: f64 = 2.0;
/// The tokens of a short prompt.
const SHORT_PROMPT_TOKENS: u32 = 32;
/// The default context: a common size of today's models.
const CONTEXT_DEFAULT: u32 = 131_072;
/// The default answer length: the mean in the Azure conversation trace.
const OUTPUT_TOKENS_DEFAULT: u64 = 117;
/// The maximum size of a fixed text.
const FIXED_BYTES_MAX: usize = 256 << 10;

/// The default: that of OpenAI's text-embedding-3-small.
const EMBEDDING_DIMENSIONS_DEFAULT: u32 = 1_536;
/// The maximum: twice the largest of today's models.
const EMBEDDING_DIMENSIONS_MAX: u32 = 8_192;

/// Returns the profile `name`, with the scripts of `scripts`; fails at the first invalid key.
pub(super) fn check(
    name: &str,
    raw: RawProfile,
    scripts: &BTreeMap<String, Arc<Script>>,
) -> Result<Profile, KeyError> {
    let context = context(raw.context.unwrap_or(CONTEXT_DEFAULT))?;
    let engine = engine(raw.engine.clone(), context)?;
    let Delays { ttft, ttft_per_uncached_token, itl, speed_spread } = match &engine {
        EngineConfig::Independent => Delays::of(&raw)?,
        EngineConfig::Batching(config) => Delays::of_idle(config),
    };
    Ok(Profile {
        name: name.into(),
        source: source(raw.source, &raw.ancestors)?,
        owned_by: raw.owned_by.unwrap_or_else(|| "weir".to_owned()),
        engine,
        ttft,
        ttft_per_uncached_token,
        itl,
        tokens_per_event: raw.tokens_per_event.map_or_else(|| Ok(Amount::constant(1)), tokens_per_event)?,
        speed_spread,
        output_tokens: raw.output_tokens.unwrap_or_else(|| Amount::constant(OUTPUT_TOKENS_DEFAULT)),
        context,
        embedding_dimensions: embedding_dimensions(
            raw.embedding_dimensions.unwrap_or(EMBEDDING_DIMENSIONS_DEFAULT),
        )?,
        mode: raw.says.map(|raw| response_mode(raw, scripts)).transpose()?.unwrap_or_default(),
        price: raw.price.map(price).transpose()?,
        reasoning: raw.reasoning.map(RawReasoning::check).transpose()?,
        inherits: raw.ancestors,
        estimated: raw.estimated.map(estimated).transpose()?,
        aliases: raw.aliases.unwrap_or_default(),
        families: raw.families.unwrap_or_default(),
    })
}

/// The delays of a call that has a replica for itself.
struct Delays {
    ttft: Latency,
    ttft_per_uncached_token: Duration,
    itl: Latency,
    speed_spread: f64,
}

impl Delays {
    fn of(raw: &RawProfile) -> Result<Self, KeyError> {
        let delay = |key, given: &Option<Latency>| {
            given.clone().ok_or_else(|| {
                key_error(key, "this key is required, unless `inherits` names a profile that has it")
            })
        };
        Ok(Self {
            ttft: delay("ttft", &raw.ttft)?,
            ttft_per_uncached_token: raw
                .ttft_per_uncached_token
                .as_ref()
                .map_or(Duration::ZERO, |delay| delay.0),
            itl: delay("itl", &raw.itl)?,
            speed_spread: speed_spread(raw.speed_spread.unwrap_or(0.0))?,
        })
    }

    /// Those of a batching engine follow from its steps.
    fn of_idle(config: &BatchingConfig) -> Self {
        Self {
            ttft: Latency::constant(config.idle_ttft(SHORT_PROMPT_TOKENS)),
            ttft_per_uncached_token: Duration::ZERO,
            itl: Latency::constant(config.step.duration(0, 1, 0.0)),
            speed_spread: 0.0,
        }
    }
}

fn engine(raw: Option<RawEngine>, context: u32) -> Result<EngineConfig, KeyError> {
    Ok(match raw {
        None | Some(RawEngine::Independent) => EngineConfig::Independent,
        Some(RawEngine::Batching(raw)) => EngineConfig::Batching(Arc::new(batching::check(*raw, context)?)),
    })
}

fn source(source: Option<String>, ancestors: &[String]) -> Result<String, KeyError> {
    source
        .or_else(|| Some(format!("derived from {}", ancestors.first()?)))
        .ok_or_else(|| key_error("source", "this key is required: it names where the figures come from"))
}

fn tokens_per_event(tokens: Amount) -> Result<Amount, KeyError> {
    let mean = tokens.mean();
    if (1.0..=f64::from(STEP_TOKENS_MAX)).contains(&mean) {
        return Ok(tokens);
    }
    let message = format!("expected 1 to {STEP_TOKENS_MAX} tokens on average, found {mean}");
    Err(key_error("tokens_per_event", message))
}

fn estimated(from: String) -> Result<String, KeyError> {
    if from.trim().is_empty() {
        return Err(key_error(
            "estimated",
            "expected a text that names what it was estimated from, found \"\"",
        ));
    }
    Ok(from)
}

fn embedding_dimensions(count: u32) -> Result<u32, KeyError> {
    if (1..=EMBEDDING_DIMENSIONS_MAX).contains(&count) {
        return Ok(count);
    }
    let message = format!("expected a whole number from 1 to {EMBEDDING_DIMENSIONS_MAX}, found {count}");
    Err(key_error("embedding_dimensions", message))
}

fn response_mode(
    raw: RawResponseMode,
    scripts: &BTreeMap<String, Arc<Script>>,
) -> Result<ResponseMode, KeyError> {
    Ok(match raw {
        RawResponseMode::Natural => ResponseMode::Natural,
        RawResponseMode::Echo => ResponseMode::Echo,
        RawResponseMode::Fixed(text) if text.len() > FIXED_BYTES_MAX => {
            return Err(key_error(
                "says.fixed",
                format!("expected at most {FIXED_BYTES_MAX} bytes, found {}", text.len()),
            ));
        }
        RawResponseMode::Fixed(text) => ResponseMode::Fixed(text.into()),
        RawResponseMode::Script(name) => {
            let known = scripts.get(&name).map(|script| ResponseMode::Script(Arc::clone(script)));
            let names = scripts.keys().map(String::as_str);
            known.ok_or_else(|| key_error("says.script", unknown_script(&name, names)))?
        }
    })
}

fn speed_spread(spread: f64) -> Result<f64, KeyError> {
    if (0.0..=SPEED_SPREAD_MAX).contains(&spread) {
        return Ok(spread);
    }
    Err(key_error(
        "speed_spread",
        format!("expected a coefficient of variation from 0 to {SPEED_SPREAD_MAX}, found {spread}"),
    ))
}

fn context(tokens: u32) -> Result<u32, KeyError> {
    if tokens > 0 {
        Ok(tokens)
    } else {
        Err(key_error("context", "expected a whole number of at least 1, found 0"))
    }
}

fn price(price: Price) -> Result<Price, KeyError> {
    for (key, value) in [
        ("price.input_per_million", price.input_per_million),
        ("price.output_per_million", price.output_per_million),
    ] {
        if !(value.is_finite() && value >= 0.0) {
            return Err(key_error(key, format!("expected a number of at least 0, found {value}")));
        }
    }
    Ok(price)
}
