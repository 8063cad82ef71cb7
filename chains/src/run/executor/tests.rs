use insta::assert_snapshot;
use serde_json::json;
use weir_pace::simulate;

use super::*;
use crate::{
    ExecutionMode, LlmCall, LlmError, StepError, StepTrace, TimeScale, TokenEvents,
    testing::{FakeLlm, PARALLEL, at_once, effects, event_log, ms, options, plan},
};

/// Two lookups and a streamed response.
const ANSWER: &str = "
    [chain.answer]
    [chain.answer.step.docs]
    tool = { takes = '20ms', gives = 'docs on {{ input.text }}' }
    [chain.answer.step.web]
    llm = { model = 'fast', prompt = 'search {{ input.text }}', max_tokens = 7, total = '30ms' }
    [chain.answer.step.answer]
    needs = ['docs', 'web']
    llm = { model = 'slow', prompt = '{{ docs }} + {{ web.text }}', total = '10ms' }
    stream = true
";

fn outcome_of(source: &str, options: RunOptions) -> Arc<RunOutcome> {
    let plan = plan(source);
    simulate(|clock| {
        run(plan, json!({ "text": "weirs" }), options, effects(FakeLlm::new(&clock)), clock).outcome()
    })
}

fn names_and_statuses(outcome: &RunOutcome) -> Vec<(&str, &str)> {
    outcome.trace.steps.iter().map(|step| (&**step.step.name(), step.status.as_str())).collect()
}

#[test]
fn parallel_run_yields_events_in_order() {
    assert_snapshot!(event_log(ANSWER, options(PARALLEL)), @r#"
        0ns docs starts
        0ns web starts
        20ms docs completed after 20ms: "docs on weirs"
        30ms web completed after 30ms: "[search weirs]"
        30ms answer starts
        answer token "[docs "
        answer token "on "
        answer token "weirs "
        answer token "+ "
        answer token "[search "
        answer token "weirs]]"
        40ms answer completed after 10ms: "[docs on weirs + [search weirs]]"
        40ms result "[docs on weirs + [search weirs]]"
    "#);
}

#[test]
fn sequential_run_executes_steps_one_by_one() {
    assert_snapshot!(event_log(ANSWER, RunOptions { tokens: TokenEvents::Disabled, ..options(ExecutionMode::Sequential) }), @r#"
        0ns docs starts
        20ms docs completed after 20ms: "docs on weirs"
        20ms web starts
        50ms web completed after 30ms: "[search weirs]"
        50ms answer starts
        60ms answer completed after 10ms: "[docs on weirs + [search weirs]]"
        60ms result "[docs on weirs + [search weirs]]"
    "#);
}

#[test]
fn llm_call_has_parameters_of_step() {
    let plan = plan(ANSWER);
    let calls = simulate(async |clock| {
        let llm = FakeLlm::new(&clock);
        run(plan, json!({ "text": "x" }), options(PARALLEL), effects(llm.clone()), clock).outcome().await;
        llm.calls.lock().unwrap().clone()
    });
    assert_eq!(
        calls[0],
        LlmCall {
            model: "fast".into(),
            prompt: "search x".into(),
            max_tokens: Some(7),
            total: Some(ms(30)),
            tokens: TokenEvents::Disabled,
            tools: Arc::default(),
        }
    );
    assert_eq!(calls[1].tokens, TokenEvents::Enabled);
}

#[test]
fn llm_call_has_tools_of_step() {
    let source = "
        [chain.c.step.a]
        llm = { model = 'm', prompt = 'p', tools = [{ name = 'look', description = 'Looks', parameters = { type = 'object' } }] }
    ";
    let plan = plan(source);
    let calls = simulate(async |clock| {
        let llm = FakeLlm::new(&clock);
        run(plan, json!({}), options(PARALLEL), effects(llm.clone()), clock).outcome().await;
        llm.calls.lock().unwrap().clone()
    });
    let [tool] = &*calls[0].tools else { panic!("{calls:?}") };
    assert_eq!((&*tool.name, tool.description.as_deref()), ("look", Some("Looks")));
    assert_eq!(tool.parameters, json!({ "type": "object" }));
}

#[test]
fn five_steps_of_two_seconds_take_documented_time() {
    let five: String = (0..5)
        .map(|i| format!("[chain.five.step.s{i}]\nllm = {{ model = 'm', prompt = 'p', total = '2s' }}\n"))
        .collect();
    let wall = |mode| outcome_of(&five, options(mode)).trace.wall;
    assert_eq!(wall(ExecutionMode::Sequential), ms(10_000));
    assert_eq!(wall(at_once(2)), ms(6_000));
    assert_eq!(wall(at_once(5)), ms(2_000));
    assert_eq!(wall(PARALLEL), ms(2_000));
}

#[test]
fn trace_has_sum_critical_path_and_ideal_speedup() {
    let outcome = outcome_of(ANSWER, options(at_once(1)));
    let path = outcome.trace.critical_path();
    assert_eq!(outcome.trace.sum_of_steps(), ms(60));
    assert_eq!(path.steps.iter().map(|name| &**name).collect::<Vec<_>>(), ["web", "answer"]);
    assert_eq!(path.duration, ms(40));
    assert!((outcome.trace.ideal_speedup() - 1.5).abs() < 1e-9);
    assert_eq!(outcome.trace.wall, ms(60));
    assert_eq!(outcome.trace.steps[1].output.as_ref().unwrap().usage().unwrap().completion_tokens, 2);
}

#[test]
fn capped_run_starts_steps_in_ready_order() {
    let source = "
        [chain.c.step.long]
        tool = { takes = '50ms' }
        [chain.c.step.short]
        tool = { takes = '10ms' }
        [chain.c.step.after_short]
        needs = ['short']
        tool = { takes = '10ms' }
        [chain.c.step.free]
        tool = { takes = '10ms' }
    ";
    let outcome = outcome_of(source, options(at_once(2)));
    let started: Vec<_> =
        outcome.trace.steps.iter().map(|step| (&**step.step.name(), step.started)).collect();
    assert_eq!(started, [("long", ms(0)), ("short", ms(0)), ("after_short", ms(20)), ("free", ms(10))]);
}

#[test]
fn result_is_last_steps_or_rendered_template() {
    let steps = "[chain.c.step.a]\ntool = { takes = '0s', gives = 'A' }\n[chain.c.step.b]\ntool = { takes = '0s', gives = '{{ input.missing.deeply }}B' }\n";
    let result = |source: &str| outcome_of(source, options(PARALLEL)).result.clone();
    assert_eq!(result(steps), json!({ "a": "A", "b": "B" }));
    assert_eq!(
        result(&format!(
            "{steps}[chain.c.step.d]\nneeds = ['a', 'b']\ntool = {{ takes = '0s', gives = '{{{{ a | lower }}}}{{{{ b }}}}' }}\n"
        )),
        "aB"
    );
    assert_eq!(result(&format!("[chain.c]\nresult = '<{{{{ a.text }}}}>'\n{steps}")), "<A>");
}

#[test]
fn failed_step_cancels_running_and_keeps_completed() {
    let source = "
        [chain.c.step.done]
        tool = { takes = '5ms', gives = 'kept' }
        [chain.c.step.working]
        llm = { model = 'm', prompt = 'p', total = '60s' }
        [chain.c.step.fails]
        llm = { model = 'm', prompt = 'FAIL', total = '10ms' }
        [chain.c.step.never]
        needs = ['fails']
        tool = { takes = '1ms' }
    ";
    assert_snapshot!(event_log(source, options(PARALLEL)), @r#"
        0ns done starts
        0ns working starts
        0ns fails starts
        5ms done completed after 5ms: "kept"
        10ms fails failed after 10ms: ""
        10ms working cancelled after 10ms: ""
        10ms step `fails` failed: overloaded: too many calls
    "#);
    let outcome = simulate(async |clock| {
        let llm = FakeLlm::new(&clock);
        let mut run = run(plan(source), json!({}), options(PARALLEL), effects(llm.clone()), clock);
        while run.next().await.is_some() {}
        assert_eq!(llm.open_calls(), 0);
        run.outcome().await
    });
    assert_eq!(
        names_and_statuses(&outcome),
        [("done", "completed"), ("working", "cancelled"), ("fails", "failed")]
    );
    assert!(matches!(
        &outcome.status,
        RunStatus::Failed(RunError::Step { error, .. }) if matches!(**error, StepError::Llm(LlmError::Overloaded { .. }))
    ));
}

#[test]
fn truncated_response_fails_step() {
    let source = "[chain.c.step.a]\nllm = { model = 'm', prompt = 'BREAK', total = '1ms' }";
    assert_snapshot!(event_log(source, options(PARALLEL)), @r#"
        0ns a starts
        1ms a failed after 1ms: ""
        1ms step `a` failed: the response ended before it was complete
    "#);
}

#[test]
fn render_error_fails_step_or_result() {
    let step = |gives: &str| format!("[chain.c.step.a]\ntool = {{ takes = '1ms', gives = \"{gives}\" }}");
    assert_snapshot!(event_log(&step("one\\n{{ input.text + 1 }}"), options(PARALLEL)), @r#"
        0ns a starts
        0ns a failed after 0ns: ""
        0ns step `a` failed: line 2 of the template: tried to use + operator on unsupported types string and number
    "#);
    assert_snapshot!(event_log(&step("{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}"), options(PARALLEL)), @r#"
        0ns a starts
        0ns a failed after 0ns: ""
        0ns step `a` failed: the template needs more than 200000 instructions
    "#);
    assert_snapshot!(event_log(&step("{% for a in range(9999) %}{{ 'x' * 9999 }}{% endfor %}"), options(PARALLEL)), @r#"
        0ns a starts
        0ns a failed after 0ns: ""
        0ns step `a` failed: the template's text is longer than 16777216 bytes
    "#);
    assert_snapshot!(event_log(&step("{{ ('x' * 60000)|replace('x', 'x' * 60000) }}"), options(PARALLEL)), @r#"
        0ns a starts
        0ns a failed after 0ns: ""
        0ns step `a` failed: the template reads or builds more than 134217728 bytes of text and data
    "#);
    let result =
        "[chain.c]\nresult = '{{ a.text + 1 }}'\n[chain.c.step.a]\ntool = { takes = '1ms', gives = 'x' }";
    assert_snapshot!(event_log(result, options(PARALLEL)), @r#"
        0ns a starts
        1ms a completed after 1ms: "x"
        1ms the result failed: line 1 of the template: tried to use + operator on unsupported types string and number
    "#);
}

#[test]
fn templates_of_a_run_share_a_budget() {
    let step = "foreach = 'range(90)'\ntool = { takes = '1ms', gives = \"{{ ('x' * 8000000)|length }}\" }";
    let source = format!("[chain.c.step.a]\n{step}");
    let log = event_log(&source, options(PARALLEL));
    assert!(
        log.ends_with("the templates of the run read or build more than 1073741824 bytes of text and data"),
        "{log}"
    );
}

#[test]
fn run_timeout_keeps_completed_steps() {
    let source = "
        [chain.c]
        timeout = '100ms'
        [chain.c.step.done]
        tool = { takes = '40ms', gives = 'kept' }
        [chain.c.step.working]
        needs = ['done']
        llm = { model = 'm', prompt = '{{ done }}', total = '61ms' }
    ";
    assert_snapshot!(event_log(source, options(PARALLEL)), @r#"
        0ns done starts
        40ms done completed after 40ms: "kept"
        40ms working starts
        100ms working cancelled after 60ms: ""
        100ms timed out after 100ms
    "#);
    let longer = outcome_of(source, RunOptions { timeout: Some(ms(101)), ..options(PARALLEL) });
    assert!(matches!(longer.status, RunStatus::Completed), "a step that ends with the time is done");
    let shorter = outcome_of(source, RunOptions { timeout: Some(ms(10)), ..options(PARALLEL) });
    assert_eq!(names_and_statuses(&shorter), [("done", "cancelled")]);
}

#[test]
fn dropped_run_cancels_calls() {
    let source = "[chain.c.step.a]\nllm = { model = 'm', prompt = 'p', total = '60s' }\n[chain.c.step.b]\nllm = { model = 'm', prompt = 'p', total = '60s' }";
    simulate(async |clock| {
        let llm = FakeLlm::new(&clock);
        let mut run = run(plan(source), json!({}), options(PARALLEL), effects(llm.clone()), clock.clone());
        assert_eq!(llm.open_calls(), 0, "nothing starts before the first poll");
        assert!(matches!(run.next().await, Some(RunEvent::StepStarted { .. })));
        assert_eq!(llm.open_calls(), 2);
        drop(run);
        assert_eq!(llm.open_calls(), 0);
    });
}

#[test]
fn delays_depend_on_seed_and_time_scale_only() {
    let source = "[chain.c.step.a]\ntool = { takes = { p50 = '100ms', p95 = '400ms' } }\n[chain.c.step.b]\ntool = { takes = { p50 = '100ms', p95 = '400ms' } }";
    let took = |options| {
        let outcome = outcome_of(source, options);
        outcome.trace.steps.iter().map(StepTrace::elapsed).collect::<Vec<_>>()
    };
    let first = took(options(PARALLEL));
    assert_eq!(first, took(options(ExecutionMode::Sequential)));
    assert_ne!(first[0], first[1]);
    assert_ne!(first, took(RunOptions { seed: Seed::new(2), ..options(PARALLEL) }));
    let half = took(RunOptions { time_scale: TimeScale::try_from(0.5).unwrap(), ..options(PARALLEL) });
    assert!(
        first
            .iter()
            .zip(&half)
            .all(|(whole, half)| (whole.as_secs_f64() / 2.0 - half.as_secs_f64()).abs() < 1e-6)
    );
    let none = took(RunOptions { time_scale: TimeScale::try_from(0.0).unwrap(), ..options(PARALLEL) });
    assert_eq!(none, [ms(0), ms(0)]);
}

#[test]
fn time_scale_rejects_invalid_numbers() {
    for bad in [-0.1, f64::NAN, f64::INFINITY, 1e7] {
        assert!(TimeScale::try_from(bad).is_err(), "{bad}");
    }
    assert_snapshot!(TimeScale::try_from(-0.1).unwrap_err(), @"invalid time scale -0.1: expected a number from 0 to 1000000");
}

#[test]
fn ended_run_keeps_outcome() {
    let source = "[chain.c.step.a]\ntool = { takes = '1ms', gives = 'x' }";
    simulate(async |clock| {
        let mut run = run(plan(source), json!({}), options(PARALLEL), effects(FakeLlm::new(&clock)), clock);
        while run.next().await.is_some() {}
        assert!(run.next().await.is_none());
        assert_eq!(run.outcome().await.result, "x");
    });
}
