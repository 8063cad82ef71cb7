//! Properties of runs of arbitrary graphs with policies, in simulated time.

use std::sync::atomic::Ordering;

use futures_util::StreamExt as _;
use proptest::prelude::*;
use weir_pace::simulate;

use crate::{
    RunEvent, run,
    testing::{FakeLlm, at_once, effects, options, plan},
};

/// A step with one of the policies, which needs some of those before it.
fn any_step() -> impl Strategy<Value = (u64, usize, usize, Vec<usize>)> {
    (1_u64..50, 0_usize..8, 0_usize..3, prop::collection::vec(0_usize..100, 0..3))
}

fn source_of(steps: &[(u64, usize, usize, Vec<usize>)]) -> String {
    let mut source = String::new();
    for (index, (took, policy, prompt, needs)) in steps.iter().enumerate() {
        let needs: std::collections::BTreeSet<usize> =
            needs.iter().filter(|_| index > 0).map(|need| need % index.max(1)).collect();
        let needs: Vec<String> = needs.iter().map(|need| format!("'s{need}'")).collect();
        let policy = match policy {
            0 => "",
            1 => "foreach = 'range(4) | list'",
            2 => "foreach = { over = 'range(4) | list', at_once = 2 }\non_error = 'continue'",
            3 => "retry = { times = 2, backoff = '5ms' }",
            4 => "on_error = 'continue'\ntimeout = '20ms'",
            5 => "when = 'input.text == \"x\"'",
            6 => "join = 'any'\non_error = 'continue'",
            _ => "fallback = 'other'",
        };
        // Only one step may have the fallback.
        let policy = if policy.starts_with("fallback") && source.contains("fallback") { "" } else { policy };
        let prompt = ["some words", "FAIL", "TWICE"][*prompt];
        source.push_str(&format!(
            "[chain.c.step.s{index}]\nneeds = [{}]\n{policy}\nllm = {{ model = 'm', prompt = '{prompt}', total = '{took}ms' }}\n",
            needs.join(", ")
        ));
    }
    source + "[chain.c.step.other]\ntool = { takes = '3ms' }\n"
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// At most `cap` steps run at the same time, each started step ends, and no call stays open.
    #[test]
    fn run_with_policies_respects_cap_and_closes_calls(
        steps in prop::collection::vec(any_step(), 1..12), cap in 1_usize..5,
    ) {
        let plan = plan(&source_of(&steps));
        let (most, open, events) = simulate(async |clock| {
            let llm = FakeLlm::new(&clock);
            let input = serde_json::json!({ "text": "y" });
            let run = run(plan, input, options(at_once(cap)), effects(llm.clone()), clock);
            let events: Vec<RunEvent> = run.collect().await;
            (llm.most_open.load(Ordering::SeqCst), llm.open_calls(), events)
        });
        prop_assert!(most <= cap, "{} at once", most);
        prop_assert_eq!(open, 0);
        let count = |is: fn(&RunEvent) -> bool| events.iter().filter(|event| is(event)).count();
        let skipped = count(|event| matches!(event, RunEvent::StepFinished(step) if step.attempts == 0));
        let started = count(|event| matches!(event, RunEvent::StepStarted { .. }));
        prop_assert_eq!(started + skipped, count(|event| matches!(event, RunEvent::StepFinished(_))));
        prop_assert!(matches!(events.last(), Some(RunEvent::RunFinished(_))));
    }
}
