//! The simulated model for chains that run without a server.

use std::sync::Arc;

use weir_chains::{Llm, LlmCall, LlmStream, TimeScale};
use weir_model::{Catalog, ProfileEngine, ResponsePlanner, TokenCounter};
use weir_pace::{Clock, Seed};

use crate::{
    model_names::ModelNames,
    replies::{Cap, Replies},
    telemetry::Metrics,
};

/// Answers the LLM calls of chains as a server's model does, with any number of calls at once.
#[derive(Clone, Debug)]
pub struct SimulatedLlm {
    replies: Replies,
    time_scale: TimeScale,
}

impl SimulatedLlm {
    /// Simulates `models`; contents and delays are derived from `seed`.
    pub fn new(models: Catalog, seed: Seed, time_scale: TimeScale, clock: Clock) -> Self {
        let metrics = Arc::new(Metrics::new());
        let replies = Replies {
            models: Arc::new(ModelNames::new(Arc::new(models), None)),
            engine: Arc::new(ProfileEngine::new(seed, time_scale.factor())),
            planner: Arc::new(ResponsePlanner::new(seed)),
            counter: Arc::new(TokenCounter::new()),
            clock,
            cap: Cap::Unlimited,
            metrics,
            key: None,
        };
        Self { replies, time_scale }
    }

    /// Returns the same models in their initial state with `seed`: the same calls get the same contents and delays from all
    /// that are made with one `seed`.
    #[must_use]
    pub fn with_seed(&self, seed: Seed) -> Self {
        let engine = Arc::new(ProfileEngine::new(seed, self.time_scale.factor()));
        let planner = Arc::new(ResponsePlanner::new(seed));
        Self { replies: Replies { engine, planner, ..self.replies.clone() }, time_scale: self.time_scale }
    }
}

impl Llm for SimulatedLlm {
    fn call(&self, call: LlmCall) -> LlmStream {
        self.replies.call(call)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt as _;
    use weir_chains::{LlmEvent, TokenEvents};

    use super::*;

    fn call(model: &str) -> LlmCall {
        LlmCall {
            model: model.into(),
            prompt: "Why?".into(),
            max_tokens: Some(5),
            total: None,
            tokens: TokenEvents::Disabled,
            tools: Arc::default(),
        }
    }

    fn model(clock: &Clock, time_scale: f64) -> SimulatedLlm {
        let time_scale = TimeScale::try_from(time_scale).unwrap();
        SimulatedLlm::new(Catalog::embedded().unwrap(), Seed::new(1), time_scale, clock.clone())
    }

    /// Returns the text and its duration in milliseconds.
    async fn answer(llm: &SimulatedLlm, clock: &Clock) -> (String, u128) {
        let start = clock.now();
        let events: Vec<_> = llm.call(call("gpt-4o-mini")).collect().await;
        let [Ok(LlmEvent::Finished(output))] = &*events else { panic!("{events:?}") };
        (output.text.clone(), (clock.now() - start).as_millis())
    }

    #[test]
    fn call_pace_is_the_profile_times_the_time_scale() {
        weir_pace::simulate(|clock| async move {
            let steady = |llm: SimulatedLlm| {
                let clock = clock.clone();
                async move {
                    let start = clock.now();
                    llm.call(call("steady")).count().await;
                    (clock.now() - start).as_millis()
                }
            };
            // 200 ms and four gaps of 20 ms.
            assert_eq!(steady(model(&clock, 1.0)).await, 280);
            assert_eq!(steady(model(&clock, 0.5)).await, 140);
        });
    }

    #[test]
    fn with_seed_repeats_the_same_calls() {
        weir_pace::simulate(|clock| async move {
            let llm = model(&clock, 1.0);
            let (first, second) = (answer(&llm, &clock).await, answer(&llm, &clock).await);
            assert_eq!(first.0, second.0);
            assert_ne!(first.1, second.1);
            assert_eq!(answer(&llm.with_seed(Seed::new(1)), &clock).await, first);
            assert_ne!(answer(&llm.with_seed(Seed::new(2)), &clock).await, first);
        });
    }
}
