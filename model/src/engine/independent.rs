//! The engine of hosted APIs: calls do not slow each other down.

use std::sync::Arc;

use rand_distr::{Distribution as _, LogNormal};
use weir_pace::{Rng, Seed};

use super::{Engine, Job, Lease, turns::TurnTable};
use crate::{
    profile::Profile,
    refusal::Refusal,
    schedule::{PlannedTimes, Schedule},
};

/// Every call has a separate replica. Delays depend on
/// (seed, body, number of earlier requests with that body), so the multiset of delays is the same at any
/// concurrency, and a load of one prompt still samples the whole distribution.
#[derive(Debug)]
pub struct IndependentEngine {
    seed: Seed,
    time_scale: f64,
    turns: TurnTable,
}

impl IndependentEngine {
    /// An engine that multiplies all delays by `time_scale`.
    pub fn new(seed: Seed, time_scale: f64) -> Self {
        Self { seed, time_scale, turns: TurnTable::new() }
    }

    fn schedule(&self, job: &Job, mut rng: Rng) -> PlannedTimes {
        let profile = Arc::clone(&job.profile);
        let prefill = profile.ttft_per_uncached_token.saturating_mul(job.prompt_tokens);
        let ttft = profile.ttft.sample(&mut rng).saturating_add(prefill).saturating_add(job.delay);
        let pace = answer_pace(&profile, &mut rng);
        let steps = job.content.step_count();
        let gap = move |rng: &mut Rng| {
            let gap = profile.itl.sample(rng);
            if pace == 1.0 { gap } else { gap.mul_f64(pace) }
        };
        let mut schedule = PlannedTimes::new(job.start, ttft, steps, rng, gap);
        if let Some(total) = job.total {
            schedule = schedule.with_total(total);
        }
        if self.time_scale == 1.0 { schedule } else { schedule.scaled(self.time_scale) }
    }
}

impl Engine for IndependentEngine {
    fn admit(&self, job: Job) -> Result<Lease, Refusal> {
        let turn = self.turns.next(job.body);
        let rng = self.seed.derive(job.body).derive(turn.label()).rng();
        let schedule = self.schedule(&job, rng);
        Ok(Lease { content: job.content, schedule: Schedule::Planned(schedule), cached_tokens: None })
    }
}

/// The factor between this answer's gaps and the profile's: log-normal with mean 1.
fn answer_pace(profile: &Profile, rng: &mut Rng) -> f64 {
    if profile.speed_spread == 0.0 {
        return 1.0;
    }
    LogNormal::from_mean_cv(1.0, profile.speed_spread).map_or(1.0, |spread| spread.sample(rng))
}

#[cfg(test)]
mod tests;
