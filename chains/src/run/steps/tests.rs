//! Tests of conditions, fan-outs, retries, timeouts, fallbacks and joins.

mod effects;
mod properties;

use insta::assert_snapshot;
use weir_pace::simulate;

use crate::{
    ExecutionMode, RunOptions, run,
    testing::{FakeLlm, PARALLEL, at_once, effects, event_log, ms, options, plan},
};

fn in_parallel(source: &str) -> String {
    event_log(source, options(PARALLEL))
}

#[test]
fn step_with_false_condition_is_skipped() {
    let source = "
        [chain.c.step.look]
        tool = { takes = '10ms', gives = 'found' }
        [chain.c.step.more]
        needs = ['look']
        when = \"look.text == 'nothing' or input.text | length > 99\"
        tool = { takes = '10ms', gives = 'more' }
        [chain.c.step.answer]
        needs = ['look', 'more']
        tool = { takes = '1ms', gives = '{{ look }}{{ more }}.' }
    ";
    assert_snapshot!(in_parallel(source), @r#"
    0ns look starts
    10ms look completed after 10ms: "found"
    10ms more skipped after 0ns: ""
    10ms answer starts
    11ms answer completed after 1ms: "found."
    11ms result "found."
    "#);
}

#[test]
fn foreach_runs_step_for_each_entry() {
    let source = "
        [chain.c.step.each]
        foreach = 'input.list'
        tool = { takes = '10ms', gives = '{{ index }}={{ item }}' }
        [chain.c.step.last]
        needs = ['each']
        tool = { takes = '0s', gives = '{{ each.items | join(\", \") }} of {{ each.items | length }}' }
    ";
    assert_snapshot!(in_parallel(source), @r#"
    0ns each starts
    10ms each completed after 10ms: "0=a\n1=b\n2=c"
    10ms last starts
    10ms last completed after 0ns: "0=a, 1=b, 2=c of 3"
    10ms result "0=a, 1=b, 2=c of 3"
    "#);
    let wall = |source: &str, mode| {
        let plan = plan(source);
        simulate(async |clock| {
            let input = serde_json::json!({ "list": [1, 2, 3, 4, 5] });
            run(plan, input, options(mode), effects(FakeLlm::new(&clock)), clock).outcome().await.trace.wall
        })
    };
    assert_eq!(wall(source, ExecutionMode::Sequential), ms(50));
    assert_eq!(wall(source, at_once(2)), ms(30));
    for mode in [PARALLEL, ExecutionMode::Sequential] {
        let plan = plan(source);
        let outcome = simulate(async |clock| {
            let input = serde_json::json!({ "list": [1, 2, 3, 4, 5] });
            run(plan, input, options(mode), effects(FakeLlm::new(&clock)), clock).outcome().await
        });
        let longest = outcome.trace.critical_path().duration;
        assert_eq!((outcome.trace.sum_of_steps(), longest), (ms(50), ms(10)), "{mode:?}");
    }
    let narrow = source.replace("'input.list'", "{ over = 'input.list', at_once = 3 }");
    assert_eq!(wall(&narrow, PARALLEL), ms(20));
}

#[test]
fn foreach_list_from_step_or_empty_is_valid() {
    let source = "
        [chain.c.step.list]
        tool = { takes = '1ms', gives = '[1, {\"a\": 2}]' }
        [chain.c.step.each]
        needs = ['list']
        foreach = 'list.json'
        tool = { takes = '1ms', gives = '{{ item.a }};' }
        [chain.c.step.nobody]
        foreach = '[]'
        tool = { takes = '1ms' }
    ";
    assert_snapshot!(in_parallel(source), @r#"
    0ns list starts
    0ns nobody starts
    0ns nobody completed after 0ns: ""
    1ms list completed after 1ms: "[1, {\"a\": 2}]"
    1ms each starts
    2ms each completed after 1ms: ";\n2;"
    2ms result {"each":";\n2;","nobody":""}
    "#);
}

#[test]
fn foreach_non_list_or_long_list_fails() {
    let each =
        |foreach: &str| format!("[chain.c.step.each]\nforeach = {foreach}\ntool = {{ takes = '1ms' }}");
    assert_snapshot!(in_parallel(&each("'input.text'")), @r#"
    0ns each starts
    0ns each failed after 0ns: ""
    0ns step `each` failed: `foreach` evaluated to a string; expected a list
    "#);
    assert_snapshot!(in_parallel(&each("'input.missing'")), @r#"
    0ns each starts
    0ns each failed after 0ns: ""
    0ns step `each` failed: `foreach` evaluated to nothing; expected a list
    "#);
    assert_snapshot!(in_parallel(&each("{ over = 'input.list', at_most = 2 }")), @r#"
    0ns each starts
    0ns each failed after 0ns: ""
    0ns step `each` failed: `foreach` evaluated to a list of 3 entries; at most 2 are allowed here (`foreach.at_most`)
    "#);
}

#[test]
fn foreach_failed_entry_cancels_others() {
    let source = "
        [chain.c.step.each]
        foreach = '[\"p\", \"FAIL\", \"q\"]'
        llm = { model = 'm', prompt = '{{ item }}', total = '10ms' }
        [chain.c.step.other]
        tool = { takes = '20ms' }
    ";
    assert_snapshot!(event_log(source, options(at_once(3))), @r#"
    0ns each starts
    10ms other starts
    10ms each failed after 10ms: ""
    10ms other cancelled after 0ns: ""
    10ms step `each` failed: overloaded: too many calls
    "#);
    let goes_on = source.replace("foreach", "on_error = 'continue'\nforeach");
    assert_snapshot!(event_log(&goes_on, options(at_once(3))), @r#"
    0ns each starts
    10ms other starts
    10ms each completed after 10ms: "[p]\n\n[q]"
    30ms other completed after 20ms: "[simulated result of other]"
    30ms result {"each":"[p]\n\n[q]","other":"[simulated result of other]"}
    "#);
}

#[test]
fn retry_starts_after_pause() {
    let source = "
        [chain.c.step.a]
        llm = { model = 'm', prompt = 'TWICE', total = '10ms' }
        retry = { times = 2, backoff = '100ms', jitter = 0, factor = 3 }
    ";
    assert_snapshot!(in_parallel(source), @r#"
    0ns a starts
    10ms a failed attempt 1: overloaded: too many calls; again in 100ms
    120ms a failed attempt 2: overloaded: too many calls; again in 300ms
    430ms a completed after 430ms: "[TWICE]"
    430ms result "[TWICE]"
    "#);
    assert_snapshot!(in_parallel(&source.replace("times = 2", "times = 1")), @r#"
    0ns a starts
    10ms a failed attempt 1: overloaded: too many calls; again in 100ms
    120ms a failed after 120ms: ""
    120ms step `a` failed: overloaded: too many calls
    "#);
    let outcome = simulate(async |clock| {
        let effects = effects(FakeLlm::new(&clock));
        run(plan(source), serde_json::json!({}), options(PARALLEL), effects, clock).outcome().await
    });
    assert_eq!(outcome.trace.steps[0].attempts, 3);
}

#[test]
fn permanent_error_is_not_retried() {
    let source = "
        [chain.c.step.a]
        tool = { takes = '1ms', gives = '{{ input.text + 1 }}' }
        retry = { times = 5 }
    ";
    assert_snapshot!(in_parallel(source), @r#"
    0ns a starts
    0ns a failed after 0ns: ""
    0ns step `a` failed: line 1 of the template: tried to use + operator on unsupported types string and number
    "#);
}

#[test]
fn jitter_shortens_pauses_reproducibly() {
    let source = "
        [chain.c.step.a]
        llm = { model = 'm', prompt = 'TWICE', total = '10ms' }
        retry = { times = 2, backoff = '100ms', at_most = '150ms', jitter = 0.5 }
    ";
    let wall = |seed| {
        let options = RunOptions { seed: weir_pace::Seed::new(seed), ..options(PARALLEL) };
        simulate(async |clock| {
            let effects = effects(FakeLlm::new(&clock));
            run(plan(source), serde_json::json!({}), options, effects, clock).outcome().await.trace.wall
        })
    };
    assert_eq!(wall(1), wall(1));
    assert_ne!(wall(1), wall(2));
    for seed in 0..20 {
        // Three attempts of 10 ms, with pauses of 50 to 100 ms and of 75 to 150 ms.
        assert!((ms(155)..=ms(280)).contains(&wall(seed)), "{:?}", wall(seed));
    }
}

#[test]
fn attempt_timeout_fails_attempt() {
    let source = "
        [chain.c.step.a]
        llm = { model = 'm', prompt = 'p', total = '60s' }
        timeout = '50ms'
        retry = { times = 1, backoff = '10ms', jitter = 0 }
    ";
    assert_snapshot!(in_parallel(source), @r#"
    0ns a starts
    50ms a failed attempt 1: timed out after 50ms; again in 10ms
    110ms a failed after 110ms: ""
    110ms step `a` failed: timed out after 50ms
    "#);
}

#[test]
fn fallback_runs_only_on_failure() {
    let source = |prompt: &str| {
        format!(
            "
        [chain.c.step.main]
        llm = {{ model = 'm', prompt = '{prompt}', total = '10ms' }}
        fallback = 'cheap'
        [chain.c.step.cheap]
        tool = {{ takes = '5ms', gives = 'cheap, for {{{{ main.error }}}}' }}
        [chain.c.step.after]
        needs = ['main']
        tool = {{ takes = '1ms', gives = '<{{{{ main }}}}>' }}
    "
        )
    };
    assert_snapshot!(in_parallel(&source("p")), @r#"
    0ns main starts
    10ms main completed after 10ms: "[p]"
    10ms after starts
    11ms after completed after 1ms: "<[p]>"
    11ms result "<[p]>"
    "#);
    assert_snapshot!(in_parallel(&source("FAIL")), @r#"
    0ns main starts
    10ms main failed after 10ms: ""
    10ms cheap starts
    15ms cheap completed after 5ms: "cheap, for overloaded: too many calls"
    15ms after starts
    16ms after completed after 1ms: "<cheap, for overloaded: too many calls>"
    16ms result "<cheap, for overloaded: too many calls>"
    "#);
    assert_eq!(event_log(&source("FAIL"), options(ExecutionMode::Sequential)), in_parallel(&source("FAIL")));
}

#[test]
fn fallback_of_fallback_becomes_result() {
    let source = "
        [chain.c.step.one]
        llm = { model = 'm', prompt = 'FAIL', total = '10ms' }
        fallback = 'two'
        [chain.c.step.two]
        llm = { model = 'm', prompt = 'FAIL', total = '10ms' }
        fallback = 'three'
        [chain.c.step.three]
        tool = { takes = '5ms', gives = 'third' }
    ";
    assert_snapshot!(in_parallel(source), @r#"
    0ns one starts
    10ms one failed after 10ms: ""
    10ms two starts
    20ms two failed after 10ms: ""
    20ms three starts
    25ms three completed after 5ms: "third"
    25ms result "third"
    "#);
}

#[test]
fn on_error_continue_completes_run() {
    let source = "
        [chain.c.step.a]
        llm = { model = 'm', prompt = 'FAIL', total = '10ms' }
        on_error = 'continue'
        [chain.c.step.b]
        needs = ['a']
        tool = { takes = '1ms', gives = '{% if a.error %}without a{% else %}{{ a }}{% endif %}' }
    ";
    assert_snapshot!(in_parallel(source), @r#"
    0ns a starts
    10ms a failed after 10ms: ""
    10ms b starts
    11ms b completed after 1ms: "without a"
    11ms result "without a"
    "#);
}

#[test]
fn join_any_starts_after_first_need() {
    let source = "
        [chain.c.step.fails]
        llm = { model = 'm', prompt = 'FAIL', total = '5ms' }
        on_error = 'continue'
        [chain.c.step.slow]
        tool = { takes = '50ms', gives = 'slow' }
        [chain.c.step.quick]
        tool = { takes = '10ms', gives = 'quick' }
        [chain.c.step.first]
        needs = ['fails', 'slow', 'quick']
        join = 'any'
        tool = { takes = '1ms', gives = '{{ slow }}{{ quick }}' }
    ";
    assert_snapshot!(in_parallel(source), @r#"
    0ns fails starts
    0ns slow starts
    0ns quick starts
    5ms fails failed after 5ms: ""
    10ms quick completed after 10ms: "quick"
    10ms first starts
    11ms first completed after 1ms: "quick"
    50ms slow completed after 50ms: "slow"
    50ms result "quick"
    "#);
    let outcome = simulate(async |clock| {
        let effects = effects(FakeLlm::new(&clock));
        run(plan(source), serde_json::json!({}), options(PARALLEL), effects, clock).outcome().await
    });
    assert_eq!(outcome.trace.critical_path().duration, ms(50), "`first` did not wait for `slow`");
}

#[test]
fn tool_fails_at_configured_rate() {
    let source = "
        [chain.c.step.each]
        foreach = { over = 'range(1000) | list', at_most = 1000 }
        tool = { takes = '1ms', gives = 'x', fails = 0.2 }
        on_error = 'continue'
    ";
    let outcome = simulate(async |clock| {
        let effects = effects(FakeLlm::new(&clock));
        run(plan(source), serde_json::json!({}), options(PARALLEL), effects, clock).outcome().await
    });
    let items = outcome.trace.steps[0].output.as_ref().unwrap().items();
    let failed = items.iter().filter(|item| item.text().is_empty()).count() as f64;
    // Six standard errors of a share of 0.2 among 1 000.
    assert!((failed - 200.0).abs() < 6.0 * (0.2_f64 * 0.8 * 1_000.0).sqrt(), "{failed}");
}
