//! Tests of `chain` and `http` steps.

use insta::assert_snapshot;
use weir_pace::simulate;

use super::in_parallel;
use crate::{
    Effects, HttpClient, HttpRequest, HttpResponse, HttpResponseFuture, Step, run,
    testing::{FakeLlm, PARALLEL, options, plan},
};

#[test]
fn chain_step_runs_nested_chain() {
    let source = "
        [chain.a.step.before]
        tool = { takes = '1ms', gives = 'B' }
        [chain.a.step.inner]
        needs = ['before']
        chain = { name = 'inner', input = { word = '{{ before }}' } }
        stream = true
        [chain.inner.step.say]
        llm = { model = 'm', prompt = 'say {{ input.word }}', total = '10ms' }
        stream = true
    ";
    assert_snapshot!(in_parallel(source), @r#"
    0ns before starts
    1ms before completed after 1ms: "B"
    1ms inner starts
    inner token "[say "
    inner token "B]"
    11ms inner completed after 10ms: "[say B]"
    11ms result "[say B]"
    "#);
    assert_snapshot!(in_parallel(&source.replace("say {{ input.word }}", "FAIL")), @r#"
    0ns before starts
    1ms before completed after 1ms: "B"
    1ms inner starts
    inner token "[FAIL]"
    11ms inner failed after 10ms: ""
    11ms step `inner` failed: chain `inner`: step `say` failed: overloaded: too many calls
    "#);
    let inherits =
        source.replace(", input = { word = '{{ before }}' }", "").replace("input.word", "input.text");
    assert!(in_parallel(&inherits).ends_with("result \"[say weirs]\""), "{}", in_parallel(&inherits));
    let timed =
        source.replace("[chain.inner.step.say]", "[chain.inner]\ntimeout = '5ms'\n[chain.inner.step.say]");
    assert!(in_parallel(&timed).contains("timed out after 5ms"), "{}", in_parallel(&timed));
}

#[test]
fn nested_fan_outs_stop_at_attempt_limit() {
    let source = "
        [chain.a.step.outer]
        foreach = { over = 'range(1000) | list', at_most = 1000 }
        chain = { name = 'inner', input = {} }
        [chain.inner.step.each]
        foreach = { over = 'range(1000) | list', at_most = 1000 }
        tool = { takes = '0s' }
    ";
    let event_log = in_parallel(source);
    assert!(event_log.contains("the run has already started 100000 attempts"), "{event_log}");
}

/// Returns the request as the response.
struct Echo;

impl HttpClient for Echo {
    fn send(&self, request: HttpRequest) -> HttpResponseFuture {
        let body =
            format!("{} {} {:?} {:?}", request.method.as_str(), request.url, request.headers, request.body);
        Box::pin(async move { Ok(HttpResponse { status: 200, body }) })
    }
}

#[test]
fn http_step_sends_rendered_request() {
    let source = "
        [chain.c.step.ask]
        http = { url = 'http://127.0.0.1:9/{{ input.text }}', body = '{{ input.list | tojson }}', headers = { x-a = '{{ input.text }}' } }
    ";
    let result = |effects: fn(Effects) -> Effects| {
        simulate(async |clock| {
            let input = serde_json::json!({ "text": "weirs", "list": [1] });
            let effects = effects(crate::testing::effects(FakeLlm::new(&clock)));
            run(plan(source), input, options(PARALLEL), effects, clock).outcome().await
        })
    };
    let echoed = result(|effects| Effects { http: std::sync::Arc::new(Echo), ..effects });
    assert_snapshot!(echoed.result, @r#""POST http://127.0.0.1:9/weirs [(\"x-a\", \"weirs\")] Some(\"[1]\")""#);
    let refused = result(|effects| effects);
    assert_snapshot!(format!("{:?}", refused.status), @r#"Failed(Step { step: "ask", error: Http(NotAllowed { host: "http://127.0.0.1:9/weirs" }) })"#);
}

#[test]
fn step_reports_kind_and_nested_chain() {
    let plan =
        plan("[chain.c.step.a]\nchain = { name = 'b' }\n[chain.c.step.h]\nhttp = { url = 'http://x' }");
    let event_log =
        |step: &Step| (step.kind().as_str(), step.nested().map(ToString::to_string), step.expected());
    assert_eq!(event_log(&plan.steps()[0]), ("chain", Some("b".to_owned()), None));
    assert_eq!(event_log(&plan.steps()[1]), ("http", None, None));
}
