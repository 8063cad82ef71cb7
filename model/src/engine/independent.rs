//! The engine of hosted APIs: calls do not slow each other down.

use rand_distr::{Distribution as _, LogNormal};
use weir_pace::{Rng, Seed};

use super::{Engine, Job, Lease, Refusal, turns::TurnTable};
use crate::{
    content::{Content, Finish},
    profile::Profile,
    token_clock::{Schedule, TokenClock},
};

/// Every call has a replica of its own. What is said depends on (seed, body); delays depend on
/// (seed, body, how often that body has come), so the multiset of delays is the same at any
/// concurrency, and a load of one prompt still samples the whole distribution.
#[derive(Debug)]
pub struct IndependentEngine {
    seed: Seed,
    time_scale: f64,
    turns: TurnTable,
}

impl IndependentEngine {
    /// An engine whose delays are all multiplied by `time_scale`.
    pub fn new(seed: Seed, time_scale: f64) -> Self {
        Self { seed, time_scale, turns: TurnTable::new() }
    }

    fn schedule(&self, job: &Job, tokens: u32, rng: &mut Rng) -> Schedule {
        let profile = &*job.profile;
        let prefill = profile.ttft_per_uncached_token.saturating_mul(job.prompt_tokens);
        let ttft = profile.ttft.sample(rng).saturating_add(prefill);
        let pace = answer_pace(profile, rng);
        let mut schedule = Schedule::new(job.start, ttft, tokens, || profile.itl.sample(rng).mul_f64(pace));
        if let Some(total) = job.total {
            schedule = schedule.lasting(total);
        }
        if self.time_scale == 1.0 { schedule } else { schedule.scaled(self.time_scale) }
    }
}

impl Engine for IndependentEngine {
    fn admit(&self, job: &Job) -> Result<Lease, Refusal> {
        let said = self.seed.derive(job.body);
        let (tokens, finish) = answer_length(job, said)?;
        let turn = self.turns.next(job.body);
        let mut rng = said.derive(turn.label()).rng();
        let schedule = self.schedule(job, tokens, &mut rng);
        Ok(Lease { content: Content::natural(said, tokens, finish), clock: TokenClock::Planned(schedule) })
    }
}

/// The factor by which this answer's gaps differ from the profile's: log-normal with mean 1.
fn answer_pace(profile: &Profile, rng: &mut Rng) -> f64 {
    if profile.speed_spread == 0.0 {
        return 1.0;
    }
    LogNormal::from_mean_cv(1.0, profile.speed_spread).map_or(1.0, |spread| spread.sample(rng))
}

/// The asked number of tokens, or one of the model's own choosing where nothing was asked.
fn answer_length(job: &Job, said: Seed) -> Result<(u32, Finish), Refusal> {
    let context = job.profile.context;
    let exceeded =
        |max_tokens| Refusal::ContextExceeded { context, prompt_tokens: job.prompt_tokens, max_tokens };
    let room = context.checked_sub(job.prompt_tokens).ok_or_else(|| exceeded(job.max_tokens.unwrap_or(0)))?;
    match job.max_tokens {
        Some(max_tokens) if max_tokens > room => Err(exceeded(max_tokens)),
        Some(max_tokens) => Ok((max_tokens, Finish::Length)),
        None => {
            let natural = job.profile.output_tokens.sample(&mut said.named("length").rng());
            let tokens = u32::try_from(natural).unwrap_or(u32::MAX).max(1);
            Ok(if tokens > room { (room, Finish::Length) } else { (tokens, Finish::Stop) })
        }
    }
}

#[cfg(test)]
mod tests;
