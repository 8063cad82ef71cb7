//! How long steps should take, and what a chain comes to with so many of them at once.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use anyhow::anyhow;
use weir_chains::{CriticalPath, ExecutionMode, Plan, Step, forecast};
use weir_model::{Catalog, Profile};

use super::named;

/// Widths up to this one are told one by one; after it every width that is a power of two.
const WIDTHS_ONE_BY_ONE: usize = 16;

/// How long the steps of a chain take on average.
#[derive(Debug)]
pub(super) struct Expectation<'p> {
    pub(super) plan: &'p Plan,
    /// In the order of the plan; `None` where neither the chain nor a profile says.
    durations: Vec<Option<Duration>>,
}

/// What a run comes to with so many steps at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Width {
    pub(super) at_once: NonZeroUsize,
    pub(super) wall: Duration,
}

impl<'p> Expectation<'p> {
    /// Takes what the chain does not fix from the profiles of its models: the mean time to the first token and the mean
    /// gaps after it, as many as the step's limit of tokens or else the profile's mean answer asks for. What a prompt's
    /// length adds is left out: it depends on the input.
    ///
    /// # Errors
    /// When a step names a model that is not there.
    pub(super) fn new(plan: &'p Plan, models: &Catalog) -> anyhow::Result<Self> {
        let durations =
            plan.steps().iter().map(|step| of_step(plan, step, models)).collect::<Result<_, _>>()?;
        Ok(Self { plan, durations })
    }

    /// The steps, and how long each takes if that is known.
    pub(super) fn steps(&self) -> impl Iterator<Item = (&'p Arc<Step>, Option<Duration>)> {
        self.plan.steps().iter().zip(self.durations.iter().copied())
    }

    /// How long one step takes; nothing if that is not known, or if it is done only when another one fails.
    fn duration(&self, step: &Step) -> Duration {
        let known = self.durations.get(step.index()).copied().flatten();
        known.filter(|_| !step.is_fallback()).unwrap_or_default()
    }

    /// Σ of all steps, none of which fails.
    pub(super) fn sum(&self) -> Duration {
        self.plan.steps().iter().map(|step| self.duration(step)).sum()
    }

    pub(super) fn critical_path(&self) -> CriticalPath {
        self.plan.critical_path(|step| self.duration(step))
    }

    /// How long a run takes.
    pub(super) fn wall(&self, mode: ExecutionMode) -> Duration {
        forecast(self.plan, mode, |step| self.duration(step))
    }

    /// One step at once, two, and so on up to the first width that is as quick as any.
    pub(super) fn widths(&self) -> Vec<Width> {
        let quickest = self.wall(ExecutionMode::Parallel { at_once: None });
        let mut widths = Vec::new();
        for at_once in (1..=self.plan.steps().len()).filter_map(NonZeroUsize::new) {
            let wall = self.wall(ExecutionMode::Parallel { at_once: Some(at_once) });
            let told = at_once.get() <= WIDTHS_ONE_BY_ONE || at_once.is_power_of_two();
            if told || wall == quickest {
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
    let tokens = max_tokens.map_or_else(|| profile.output_tokens.mean(), f64::from);
    let gaps = profile.itl.mean().as_secs_f64() * (tokens - 1.0).max(0.0);
    // Means are a day at the most, and tokens a billion: the product is far from any limit of a float.
    profile.ttft.mean().saturating_add(Duration::try_from_secs_f64(gaps).unwrap_or(Duration::MAX))
}

/// `Σ / critical path`: 1 when nothing takes any time.
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
    fn a_fallback_counts_for_nothing() {
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
    fn steps_take_what_the_chain_or_else_the_profile_says() {
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
        // `steady`: 200 ms, then 20 ms a token; 64 tokens unless told otherwise.
        assert_eq!(ms, [2_000, 5_000, 400, 1_460]);
        assert_eq!(expected.sum().as_millis(), 8_860);
    }

    #[test]
    fn a_model_that_is_not_there_is_named() {
        let plan = plan("[chain.c.step.a]\nllm = { model = 'stedy', prompt = 'p' }");
        let error = Expectation::new(&plan, &Catalog::embedded().unwrap()).unwrap_err();
        insta::assert_snapshot!(error, @"chain `c`, step `a`: there is no model `stedy` (did you mean `steady`?)");
    }

    #[test]
    fn widths_end_where_more_gain_nothing() {
        let models = Catalog::default();
        let five = independent(5);
        let widths = Expectation::new(&five, &models).unwrap().widths();
        let told: Vec<_> = widths.iter().map(|width| (width.at_once.get(), width.wall.as_secs())).collect();
        // One, two, five at a time: the table of 5 steps of 2 s.
        assert_eq!(told, [(1, 10), (2, 6), (3, 4), (4, 4), (5, 2)]);

        let row = plan(
            "[chain.c.step.a]\ntool = { takes = '1s' }\n[chain.c.step.b]\nneeds = ['a']\ntool = { takes = '1s' }",
        );
        assert_eq!(Expectation::new(&row, &models).unwrap().widths().len(), 1);
    }

    #[test]
    fn of_many_widths_some_are_told() {
        let many = independent(100);
        let widths = Expectation::new(&many, &Catalog::default()).unwrap().widths();
        let told: Vec<_> = widths.iter().map(|width| width.at_once.get()).collect();
        assert_eq!(told, (1..=16).chain([32, 64, 100]).collect::<Vec<_>>());
    }
}
