//! The figures of a model for programs.

use serde::Serialize;
use weir_model::{Effort, NameMatch, Profile, ReasoningVisibility};
use weir_results::units::to_ms;

use super::details::SATURATION_PROMPT_TOKENS;

/// The figures of one model.
#[derive(Debug, Serialize)]
pub(super) struct Record<'a> {
    name: &'a str,
    /// What of the model the given name matches: `name`, `alias` or `family`.
    matched_by: &'static str,
    /// The alias or pattern.
    matched: Option<&'a str>,
    owned_by: &'a str,
    expected_ttft_p50_ms: f64,
    tokens_per_second: Option<f64>,
    /// If calls share replicas.
    saturation: Option<SaturationRecord>,
    ttft_p50_ms: f64,
    ttft_p95_ms: f64,
    ttft_per_uncached_token_ms: f64,
    itl_mean_ms: f64,
    itl_p50_ms: f64,
    itl_p99_ms: f64,
    tokens_per_event: f64,
    speed_spread: f64,
    output_tokens: f64,
    context: u32,
    price: Option<PriceRecord>,
    reasoning: Option<ReasoningRecord>,
    source: &'a str,
    estimated: Option<&'a str>,
    inherits: &'a [String],
    aliases: &'a [String],
    families: &'a [String],
}

#[derive(Debug, Serialize)]
struct SaturationRecord {
    prompt_tokens: u32,
    tokens_per_second: f64,
    requests_per_second: f64,
}

#[derive(Debug, Serialize)]
struct PriceRecord {
    input_per_million: f64,
    output_per_million: f64,
    as_of: Option<String>,
}

#[derive(Debug, Serialize)]
struct ReasoningRecord {
    /// The mean with a medium effort.
    tokens: f64,
    default_effort: String,
    shown: bool,
}

impl<'a> Record<'a> {
    pub(super) fn new(profile: &'a Profile, name_match: NameMatch<'a>) -> Self {
        let (matched_by, matched) = match name_match {
            NameMatch::Name => ("name", None),
            NameMatch::Alias(alias) => ("alias", Some(alias)),
            NameMatch::Family(pattern) => ("family", Some(pattern)),
        };
        Self {
            name: &profile.name,
            matched_by,
            matched,
            owned_by: &profile.owned_by,
            expected_ttft_p50_ms: to_ms(profile.median_visible_ttft()),
            tokens_per_second: profile.tokens_per_second(),
            saturation: profile.saturation(SATURATION_PROMPT_TOKENS).map(|saturation| SaturationRecord {
                prompt_tokens: SATURATION_PROMPT_TOKENS,
                tokens_per_second: saturation.tokens_per_second,
                requests_per_second: saturation.requests_per_second,
            }),
            ttft_p50_ms: to_ms(profile.ttft.quantile(0.5)),
            ttft_p95_ms: to_ms(profile.ttft.quantile(0.95)),
            ttft_per_uncached_token_ms: to_ms(profile.ttft_per_uncached_token),
            itl_mean_ms: to_ms(profile.itl.mean()),
            itl_p50_ms: to_ms(profile.itl.quantile(0.5)),
            itl_p99_ms: to_ms(profile.itl.quantile(0.99)),
            tokens_per_event: profile.tokens_per_event.mean(),
            speed_spread: profile.speed_spread,
            output_tokens: profile.output_tokens.mean(),
            context: profile.context,
            price: profile.price.map(|price| PriceRecord {
                input_per_million: price.input_per_million,
                output_per_million: price.output_per_million,
                as_of: price.as_of.map(|month| month.to_string()),
            }),
            reasoning: profile.reasoning.as_ref().map(|phase| ReasoningRecord {
                tokens: phase.mean(Some(Effort::Medium)),
                default_effort: phase.default_effort.to_string(),
                shown: phase.visibility == ReasoningVisibility::Shown,
            }),
            source: &profile.source,
            estimated: profile.estimated.as_deref(),
            inherits: &profile.inherits,
            aliases: &profile.aliases,
            families: &profile.families,
        }
    }
}
