//! What an answer costs, before it is planned.

use super::{Format, GenerationRequest, ResponsePlanner, reasoning};
use crate::{profile::Profile, schema::Schemas, script::ResponseMode};

/// The work that may be spent on the choices of one response. When it is used up, the remaining choices repeat the first.
pub(super) const WORK_MAX: u64 = 8_000_000;
/// The most tools that are called in one choice.
const CALLS_MAX: u64 = 2;
/// An answer without a limit rarely has more tokens than this multiple of the mean.
const LONG_ANSWER: f64 = 4.0;
/// Bytes of text of a token, approximately.
const BYTES_PER_TOKEN: u64 = 4;

/// What an answer costs, approximately.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// The work of planning its content, in units of some nanoseconds.
    pub work: u64,
    /// The bytes of its content until it ends.
    pub bytes: u64,
    /// The tokens of all choices.
    pub tokens: u64,
}

impl ResponsePlanner {
    /// Returns what the answer to `request` costs; `None` if `schemas` must not compile a schema of it.
    pub fn cost(
        &self,
        profile: &Profile,
        request: &GenerationRequest<'_>,
        schemas: &Schemas,
    ) -> Option<Cost> {
        let choices = 1 + u64::from(request.more_choices);
        let mode = request.mode.as_ref().unwrap_or(&profile.mode);
        let reasoning = match &profile.reasoning {
            Some(_) => (reasoning::mean_tokens(profile, request) * LONG_ANSWER) as u64,
            None => reasoning::mean_tokens(profile, request) as u64,
        };
        let given = match mode {
            ResponseMode::Natural if request.is_for_calls() => Some(calls_cost(request, schemas)?),
            ResponseMode::Natural => match &request.format {
                Format::Text => None,
                Format::JsonObject => Some(schemas.any_object().work()),
                Format::Schema(schema) | Format::StringOf(schema) => Some(schemas.work(schema)?),
            },
            ResponseMode::Fixed(text) => Some(text.len() as u64),
            ResponseMode::Echo | ResponseMode::Script(_) => Some(request.transcript.last_user.len() as u64),
        };
        let cost = match given {
            // The work of a written text is at least its length.
            Some(each) => {
                let work = each.saturating_mul(choices).min(WORK_MAX.saturating_add(each));
                let tokens = (work / BYTES_PER_TOKEN).saturating_add(reasoning * choices);
                Cost { work, bytes: 2 * work, tokens }
            }
            None => {
                let each = prose_tokens(profile, request, reasoning);
                let tokens = each.saturating_mul(choices);
                // Prose is derived from its seed, unless stop sequences are searched in it.
                let work =
                    tokens.saturating_mul(request.stop.len() as u64).min(WORK_MAX.saturating_add(each));
                Cost {
                    work,
                    bytes: if work > 0 { BYTES_PER_TOKEN * 2 * tokens.min(WORK_MAX) } else { 0 },
                    tokens,
                }
            }
        };
        // The size of each step is drawn once to count the steps.
        let steps = if profile.tokens_per_event.fixed() == Some(1) { 0 } else { cost.tokens };
        Some(Cost { work: cost.work.saturating_add(steps), ..cost })
    }
}

/// The tokens of prose in one choice: as many as requested, or rarely more than this.
fn prose_tokens(profile: &Profile, request: &GenerationRequest<'_>, reasoning: u64) -> u64 {
    let limit = u64::from(request.max_tokens.unwrap_or(profile.context).min(profile.context));
    if !request.has_natural_length() {
        return limit;
    }
    let natural = ((profile.output_tokens.mean() * LONG_ANSWER) as u64).max(u64::from(request.min_tokens));
    natural.saturating_add(reasoning).min(limit)
}

/// The work of the most expensive calls; `None` if a schema must be compiled first.
fn calls_cost(request: &GenerationRequest<'_>, schemas: &Schemas) -> Option<u64> {
    let parameters = request.tools.iter().filter_map(|tool| tool.parameters);
    let mut works = parameters.map(|schema| schemas.work(schema));
    let most = works.try_fold(0, |most: u64, work| Some(most.max(work?)))?;
    Some(most.saturating_mul(CALLS_MAX))
}
