//! What is measured: windows, phases, streams, limits and costs.

use super::*;
use crate::scenario::ModelPrice;
use weir_results::{Outcome, TokenSource};

fn in_phase(run: &SimulatedRun, phase: Phase) -> u64 {
    let seconds = run.summary.timeline.iter().filter(|second| second.phase == phase);
    seconds.map(|second| second.completed).sum()
}

#[test]
fn warm_up_and_cool_down_are_in_the_timeline_and_not_in_the_figures() {
    let load = "users = 1\nrun_time = \"10s\"\nwarm_up = \"2s\"\ncool_down = \"3s\"";
    let run = simulate(load, GET, 1, after(100));
    assert_eq!(run.requests.len(), 100);
    // Requests that should start from 2 s up to 7 s.
    assert_eq!((run.summary.all.completed, run.summary.all.rps), (50, 10.0));
    let window = &run.summary.window;
    assert_eq!((window.measured_s, window.warm_up_s, window.cool_down_s), (5.0, 2.0, 3.0));
    let phases = [Phase::WarmUp, Phase::Measured, Phase::CoolDown].map(|phase| in_phase(&run, phase));
    assert_eq!(phases.iter().sum::<u64>(), 100);
    assert_eq!(run.completed(), [9, 10, 10, 10, 10, 10, 10, 10, 10, 10, 1]);
}

#[test]
fn warm_up_of_arrivals_counts_by_intended_start() {
    let load = "rate = \"10/s\"\nrun_time = \"3s\"\nwarm_up = \"1s\"";
    let run = simulate(load, GET, 2, after(500));
    assert_eq!((run.requests.len(), run.summary.all.completed), (30, 20));
    // Fifteen of them end before the end of the window, and five of the warm-up end within it.
    assert_eq!((run.summary.window.measured_s, run.summary.all.rps), (2.0, 10.0));
}

#[test]
fn stream_is_timed_by_its_content_events() {
    let usage = r#"{"choices":[],"usage":{"completion_tokens":4}}"#;
    let users =
        "[[user.u.task]]\nrequest = { kind = \"openai.chat\", model = \"m\", prompt = \"p\", stream = true }";
    let role = r#"{"choices":[{"delta":{"role":"assistant","content":""}}]}"#;
    let run = simulate("users = 2\nrequests = 6", users, 1, move |_| {
        let timing = "planned_ttft;dur=20, delivered_ttft;dur=19, delivered_total;dur=58, queue;dur=0";
        Reply::stream(MS(10), &[role, CONTENT, CONTENT, LAST, usage, "[DONE]"]).with_server_timing(timing)
    });
    let all = &run.summary.all;
    assert_eq!((all.completed, all.failed), (6, 0), "{:?}", all.failures);
    assert!(is_always(&all.ttfb, 10) && is_always(&all.ttft, 20) && is_always(&all.e2e, 60));
    assert!(is_always(&all.itl, 10) && all.itl.count() == 12);
    // (e2e − TTFT) / (tokens − 1) = 40 ms / 3.
    assert!(all.tpot.max().is_some_and(|tpot| (MS(13)..MS(14)).contains(&tpot)), "{:?}", all.tpot.max());
    assert_eq!((all.events, all.output_tokens, all.token_source), (18, 24, TokenSource::Usage));
    let truth = all.ground_truth.as_ref().unwrap();
    assert_eq!((truth.samples, truth.ttft_error.count(), truth.e2e_error.count()), (6, 6, 6));
    let body: serde_json::Value = serde_json::from_str(&run.requests[0].body).unwrap();
    assert_eq!(body["stream_options"]["include_usage"], true);
    assert_eq!(run.requests[0].headers["te"], "trailers");
}

#[test]
fn requests_that_meet_their_limits_are_counted() {
    let text = r#"
        url = "http://target"
        goodput = ["e2e < 1h", "ttft < 1h"]
        load = { users = 1, requests = 40 }
        thresholds = { slow = "goodput(e2e < 40ms) <= 0%", all = ["goodput(e2e < 40ms) > 0%", "errors <= 0%"] }
        user.u.task = [
            { name = "fast", request = { kind = "http", path = "/fast" } },
            { name = "slow", request = { kind = "http", path = "/slow" } },
        ]"#;
    let scenario = Scenario::parse("test", "test", text, &|_| None).unwrap();
    let target = |request: &ReceivedRequest| {
        Reply::json(MS(if request.line.contains("/slow") { 50 } else { 10 }), "{}")
    };
    let run = simulate_run(&scenario, options(1), &Control::new(), target, |_| ());
    let good = |figures: &Figures| -> Vec<(String, u64)> {
        figures.goodput.iter().map(|goodput| (goodput.limits.clone(), goodput.good)).collect()
    };
    let (all, fast, slow) = (&run.summary.all, &run.summary.tasks[0].figures, &run.summary.tasks[1].figures);
    assert_eq!(good(all)[..2], [("e2e < 1h".to_owned(), 40), ("ttft < 1h".to_owned(), 0)]);
    assert_eq!((good(fast)[0].1, good(slow)[0].1), (fast.completed, slow.completed));
    assert_eq!((good(all)[2].1, good(fast)[2].1, good(slow)[2].1), (fast.completed, fast.completed, 0));
    assert_eq!(run.summary.classes[0].figures.goodput, all.goodput);
    assert_eq!(run.summary.thresholds.len(), 3);
    let last = run.summary.thresholds.last().unwrap();
    assert_eq!((last.scope.as_str(), last.outcome), ("task slow", Outcome::Passed));
}

#[test]
fn expected_429_is_rate_limited_and_others_fail() {
    let task = "request = { kind = \"openai.chat\", model = \"m\", prompt = \"p\" }";
    let target = |_: &ReceivedRequest| Reply::status(429, MS(5), "{}");
    let expected = format!("[[user.u.task]]\n{task}\nexpect_429 = true");
    let run = simulate("users = 1\nrequests = 3", &expected, 1, target);
    assert_eq!((run.summary.all.rate_limited, run.summary.all.failed), (3, 0));
    assert!(is_always(&run.summary.all.rate_limited_e2e, 5) && run.summary.all.e2e.is_empty());
    let run = simulate("users = 1\nrequests = 3", &format!("[[user.u.task]]\n{task}"), 1, target);
    assert_eq!(only_failure(&run.summary.all).0, "http_429");
}

/// A scenario with a plain chat of each model.
fn chats(head: &str, models: &[&str]) -> Scenario {
    let task = |model: &&str| {
        format!(
            "[[user.u.task]]\nname = \"{model}\"\nrequest = {{ kind = \"openai.chat\", model = \"{model}\", prompt = \"p\" }}\n"
        )
    };
    let tasks: String = models.iter().map(task).collect();
    scenario("http://target", &format!("users = 1\nrequests = 40\n{head}"), &tasks)
}

fn run_chats(scenario: &Scenario, body: &'static str) -> Summary {
    simulate_run(scenario, options(1), &Control::new(), move |_| Reply::json(MS(1), body), |_| ()).summary
}

#[test]
fn cost_is_tokens_times_price_of_each_model() {
    let price = "[price.\"a*\"]\ninput_per_million = 2\noutput_per_million = 10\n";
    let scenario = chats(price, &["a-1", "b-1", "c-1"])
        .with_prices([("b-1".to_owned(), ModelPrice { input_per_million: 1.0, output_per_million: 1.0 })]);
    let summary =
        run_chats(&scenario, r#"{"choices":[{}],"usage":{"prompt_tokens":1000,"completion_tokens":500}}"#);
    let cost = |task: usize| summary.tasks[task].figures.cost_usd;
    let each = |task: usize| summary.tasks[task].figures.completed as f64;
    let near = |found: Option<f64>, expected: f64| found.is_some_and(|found| (found - expected).abs() < 1e-9);
    assert!(near(cost(0), 0.007 * each(0)) && near(cost(1), 0.0015 * each(1)), "{:?} {:?}", cost(0), cost(1));
    assert_eq!(cost(2), None);
    assert!(near(summary.all.cost_usd, 0.007 * each(0) + 0.0015 * each(1)));
    assert_eq!(summary.classes[0].figures.cost_usd, summary.all.cost_usd);
    assert_eq!(summary.notes, ["the cost leaves out `c-1`, for which there is no price"]);
}

#[test]
fn cost_without_input_tokens_has_a_note() {
    let body = r#"{"choices":[{}],"usage":{"completion_tokens":500}}"#;
    let price = "[price.a]\ninput_per_million = 2\noutput_per_million = 10\n";
    let summary = run_chats(&chats(price, &["a"]), body);
    insta::assert_snapshot!(summary.notes.join("\n"), @"the cost of `a` is too low: 40 of its 40 answers did not report their input tokens");
    let summary = run_chats(&chats("", &["a"]), body);
    assert_eq!((summary.all.cost_usd, summary.notes.len()), (None, 0));
}
