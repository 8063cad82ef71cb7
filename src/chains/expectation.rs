//! The expected durations of steps, and of a chain with a given concurrency.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use anyhow::anyhow;
use weir_chains::{CriticalPath, ExecutionMode, Plan, Step, forecast};
use weir_model::{Catalog, Profile};

use super::named;

/// Up to this width, every width is listed; above, powers of two only.
const WIDTHS_ONE_BY_ONE: usize = 16;

/// The mean durations of a chain's steps.
#[derive(Debug)]
pub(super) struct Expectation<'p> {
    pub(super) plan: &'p Plan,
    /// In the order of the plan; `None` if neither the chain nor a profile has a duration.
    durations: Vec<Option<Duration>>,
}

/// The duration of a run with a given concurrency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Width {
    pub(super) at_once: NonZeroUsize,
    pub(super) wall: Duration,
}

impl<'p> Expectation<'p> {
    /// Durations that the chain does not fix are those of its models' profiles: the mean time to first token and the mean
    /// gaps after it, for the step's token limit or the profile's mean answer length. The prompt's share is left out,
    /// because it depends on the input.
    ///
    /// # Errors
    /// Fails if a step names an unknown model.
    pub(super) fn new(plan: &'p Plan, models: &Catalog) -> anyhow::Result<Self> {
        let durations =
            plan.steps().iter().map(|step| of_step(plan, step, models)).collect::<Result<_, _>>()?;
        Ok(Self { plan, durations })
    }

    /// The steps with their durations, if known.
    pub(super) fn steps(&self) -> impl Iterator<Item = (&'p Arc<Step>, Option<Duration>)> {
        self.plan.steps().iter().zip(self.durations.iter().copied())
    }

    /// The duration of one step; zero if it is unknown, or if the step is a fallback.
    fn duration(&self, step: &Step) -> Duration {
        let known = self.durations.get(step.index()).copied().flatten();
        known.filter(|_| !step.is_fallback()).unwrap_or_default()
    }

    /// Σ of all steps without failures.
    pub(super) fn sum(&self) -> Duration {
        self.plan.steps().iter().map(|step| self.duration(step)).sum()
    }

    pub(super) fn critical_path(&self) -> CriticalPath {
        self.plan.critical_path(|step| self.duration(step))
    }

    /// The duration of a run.
    pub(super) fn wall(&self, mode: ExecutionMode) -> Duration {
        forecast(self.plan, mode, |step| self.duration(step))
    }

    /// Concurrency 1, 2 and so on, up to the first width with the shortest duration.
    pub(super) fn widths(&self) -> Vec<Width> {
        let quickest = self.wall(ExecutionMode::Parallel { at_once: None });
        let mut widths = Vec::new();
        for at_once in (1..=self.plan.steps().len()).filter_map(NonZeroUsize::new) {
            let wall = self.wall(ExecutionMode::Parallel { at_once: Some(at_once) });
            let listed = at_once.get() <= WIDTHS_ONE_BY_ONE || at_once.is_power_of_two();
            if listed || wall == quickest {
                widths.push(Width { at_once, wall });
            }
            if wall == quickest {
                break;
            }
        }
        widths
    }
}

fn of_step(plan: &Plan, step: &Step, models: &Catalog) -> anyhow::Result<Option<Duration>> {
    if let Some(expected) = step.expected() {
        return Ok(Some(expected));
    }
    let Some(model) = step.model() else { return Ok(None) };
    let profile = models.get(model).ok_or_else(|| {
        let fault = named::unknown_model(model, models);
        anyhow!("chain `{}`, step `{}`: {fault}", plan.name(), step.name())
    })?;
    Ok(Some(of_answer(profile, step.max_tokens())))
}

/// The mean duration of an answer.
fn of_answer(profile: &Profile, max_tokens: Option<u32>) -> Duration {
    let reasoning = profile.reasoning.as_ref().map_or(0.0, |phase| phase.mean(None));
    let tokens = max_tokens.map_or_else(|| reasoning + profile.output_tokens.mean(), f64::from);
    let events = tokens / profile.tokens_per_event.mean();
    let gaps = profile.itl.mean().as_secs_f64() * (events - 1.0).max(0.0);
    // Means are at most a day, and tokens at most a billion: the product is far below the limit of a float.
    profile.ttft.mean().saturating_add(Duration::try_from_secs_f64(gaps).unwrap_or(Duration::MAX))
}

/// `Σ / critical path`; 1 if all durations are zero.
pub(super) fn speedup(one_by_one: Duration, at_once: Duration) -> f64 {
    if at_once.is_zero() { 1.0 } else { one_by_one.as_secs_f64() / at_once.as_secs_f64() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chains::testing::plan;

    fn independent(steps: usize) -> Arc<Plan> {
        plan(
            &(0..steps)
                .map(|i| format!("[chain.c.step.s{i}]\ntool = {{ takes = '2s' }}\n"))
                .collect::<String>(),
        )
    }

    #[test]
    fn sum_excludes_fallback_steps() {
        let plan = plan(
            "[chain.c.step.main]
             tool = { takes = '10ms' }
             fallback = 'spare'
             [chain.c.step.spare]
             tool = { takes = '5ms' }",
        );
        let expected = Expectation::new(&plan, &Catalog::default()).unwrap();
        let all =
            [expected.sum(), expected.critical_path().duration, expected.wall(ExecutionMode::Sequential)];
        assert_eq!(all, [Duration::from_millis(10); 3]);
    }

    #[test]
    fn duration_counts_reasoning_and_events_of_several_tokens() {
        let plan = plan(
            "[chain.c.step.free]
             llm = { model = 'mine', prompt = 'p' }
             [chain.c.step.limited]
             llm = { model = 'mine', prompt = 'p', max_tokens = 8 }",
        );
        let mut models = Catalog::embedded().unwrap();
        let mine = "[model.mine]
            inherits = 'steady'
            tokens_per_event = 4
            reasoning = { tokens = 16 }";
        models.add(mine, "mine.toml").unwrap();
        let expected = Expectation::new(&plan, &models).unwrap();
        let durations: Vec<_> = expected.steps().map(|(_, took)| took.unwrap().as_millis()).collect();
        // 200 ms, and 20 ms between 20 events of 64 and 16 tokens, or between 2 events.
        assert_eq!(durations, [200 + 19 * 20, 200 + 20]);
    }

    #[test]
    fn duration_is_from_the_chain_or_the_profile() {
        let plan = plan(
            "[chain.c.step.tool]
             tool = { takes = { between = ['1s', '3s'] } }
             [chain.c.step.fixed]
             llm = { model = 'steady', prompt = 'p', total = '5s', max_tokens = 4 }
             [chain.c.step.limited]
             llm = { model = 'steady', prompt = 'p', max_tokens = 11 }
             [chain.c.step.free]
             llm = { model = 'steady', prompt = 'p' }",
        );
        let expected = Expectation::new(&plan, &Catalog::embedded().unwrap()).unwrap();
        let ms: Vec<u128> = expected.steps().map(|(_, took)| took.unwrap().as_millis()).collect();
        // `steady`: 200 ms, then 20 ms per token; 64 tokens by default.
        assert_eq!(ms, [2_000, 5_000, 400, 1_460]);
        assert_eq!(expected.sum().as_millis(), 8_860);
    }

    #[test]
    fn new_with_unknown_model_names_it() {
        let plan = plan("[chain.c.step.a]\nllm = { model = 'stedy', prompt = 'p' }");
        let error = Expectation::new(&plan, &Catalog::embedded().unwrap()).unwrap_err();
        insta::assert_snapshot!(error, @"chain `c`, step `a`: unknown model `stedy` (did you mean `steady`?)");
    }

    #[test]
    fn widths_end_at_the_fastest() {
        let models = Catalog::default();
        let five = independent(5);
        let widths = Expectation::new(&five, &models).unwrap().widths();
        let listed: Vec<_> = widths.iter().map(|width| (width.at_once.get(), width.wall.as_secs())).collect();
        // One, two, five at a time: the table of 5 steps of 2 s.
        assert_eq!(listed, [(1, 10), (2, 6), (3, 4), (4, 4), (5, 2)]);

        let row = plan(
            "[chain.c.step.a]\ntool = { takes = '1s' }\n[chain.c.step.b]\nneeds = ['a']\ntool = { takes = '1s' }",
        );
        assert_eq!(Expectation::new(&row, &models).unwrap().widths().len(), 1);
    }

    #[test]
    fn widths_of_a_wide_chain_are_powers_of_two() {
        let many = independent(100);
        let widths = Expectation::new(&many, &Catalog::default()).unwrap().widths();
        let listed: Vec<_> = widths.iter().map(|width| width.at_once.get()).collect();
        assert_eq!(listed, (1..=16).chain([32, 64, 100]).collect::<Vec<_>>());
    }
}
