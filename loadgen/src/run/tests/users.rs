//! What users do: feeds, captured values, checks of JSON, starts and ends.

use super::*;

/// Answers a login with a token of its own, and everything else with whom it came from.
fn backend() -> Server {
    let logins = std::sync::atomic::AtomicUsize::new(0);
    Server::start(move |seen: &Seen| {
        if seen.line.starts_with("POST /login") {
            let nth = logins.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            return ok(&format!(r#"{{"access_token":"t{nth}"}}"#));
        }
        ok(r#"{"status":"ok","items":[1]}"#)
    })
}

const LOGIN: &str = r#"
[[user.u.on_start]]
name = "login"
request = { kind = "http", method = "post", path = "/login", body = { user = "{{ user }}" } }
capture = { token = { json = "/access_token" } }
"#;
const WORK: &str = r#"
[[user.u.task]]
name = "work"
request = { kind = "http", path = "/work", headers = { authorization = "Bearer {{ token }}" } }
"#;
const LOGOUT: &str = r#"
[[user.u.on_stop]]
name = "logout"
request = { kind = "http", path = "/logout/{{ token }}" }
"#;

fn run_text(server: &Server, load: &str, users: &str, workers: usize) -> Summary {
    let text = format!("url = \"{}\"\n[load]\n{load}\n{users}", server.url());
    let scenario = Scenario::parse("test", "test", &text, &|_| None).unwrap();
    run(&scenario, options(workers), &Control::new(), |_| ()).unwrap()
}

fn lines(server: &Server, beginning: &str) -> Vec<String> {
    let lines = server.seen().into_iter().map(|seen| seen.line);
    lines.filter(|line| line.starts_with(beginning)).collect()
}

fn of_task<'a>(summary: &'a Summary, name: &str) -> &'a Figures {
    &summary.tasks.iter().find(|task| task.name == name).unwrap().figures
}

fn tokens(server: &Server) -> BTreeSet<String> {
    let headers = server.seen().into_iter().flat_map(|seen| seen.headers);
    headers.filter(|header| header.starts_with("authorization: ")).collect()
}

#[test]
fn users_log_in_once_work_and_log_out() {
    let server = backend();
    let load = "users = 3\nrun_time = \"300ms\"";
    let summary = run_text(&server, load, &[LOGIN, "[user.u]\nthink = \"20ms\"", WORK, LOGOUT].concat(), 2);
    assert_eq!(summary.all.failed, 0, "{:?}", summary.all.failures);
    assert_eq!(
        summary.tasks.iter().map(|task| task.name.as_str()).collect::<Vec<_>>(),
        ["work", "login", "logout"]
    );
    assert_eq!((of_task(&summary, "login").completed, of_task(&summary, "logout").completed), (3, 3));
    let work = of_task(&summary, "work").completed;
    assert!(work >= 3, "{work}");
    assert_eq!(summary.all.completed, work + 6);
    assert_eq!(summary.classes[0].figures, summary.all);
    assert_eq!(tokens(&server).len(), 3, "each user has a token of its own");
    assert_eq!(lines(&server, "GET /logout/t").len(), 3);
    let users: BTreeSet<String> =
        server.seen().into_iter().map(|seen| seen.body).filter(|body| !body.is_empty()).collect();
    assert_eq!(users, [0, 1, 2].map(|user| format!(r#"{{"user":"{user}"}}"#)).into());
}

#[test]
fn starts_and_ends_come_on_top_of_the_requests_asked_for() {
    let server = backend();
    let summary = run_text(&server, "users = 2\nrequests = 10", &[LOGIN, WORK, LOGOUT].concat(), 1);
    assert_eq!((of_task(&summary, "work").completed, summary.all.completed), (10, 14));
    assert_eq!(summary.window.ended, Some(EndReason::Requests));
}

#[test]
fn a_user_who_cannot_start_does_no_task() {
    let server = Server::always(answer("401 Unauthorized", "application/json", "{}"));
    let summary = run_text(&server, "users = 2\nrun_time = \"200ms\"", &[LOGIN, WORK, LOGOUT].concat(), 1);
    assert_eq!((of_task(&summary, "login").failed, summary.all.failed, summary.all.completed), (2, 2, 0));
    assert_eq!(summary.window.unfinished, 0);
}

#[test]
fn a_limit_on_requests_ends_a_run_in_which_nobody_gets_in() {
    let server = Server::always(answer("401 Unauthorized", "application/json", "{}"));
    let summary = run_text(&server, "users = 2\nrequests = 2", &[LOGIN, WORK].concat(), 1);
    // Each user takes one, tries again after a second, and finds none left.
    assert_eq!((of_task(&summary, "login").failed, of_task(&summary, "work").failed), (4, 0));
}

#[test]
fn a_start_is_tried_again() {
    let nth = std::sync::atomic::AtomicUsize::new(0);
    let server =
        Server::start(move |_: &Seen| match nth.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
            0 => answer("503 Service Unavailable", "application/json", "{}"),
            _ => ok(r#"{"access_token":"t"}"#),
        });
    let summary = run_text(&server, "users = 1\nrequests = 3", &[LOGIN, WORK].concat(), 1);
    let login = of_task(&summary, "login");
    assert_eq!((login.failed, login.completed, of_task(&summary, "work").completed), (1, 1, 2));
}

#[test]
fn nobody_logs_out_of_a_run_that_is_stopped() {
    let server = backend();
    let text = format!(
        "url = \"{}\"\n[load]\nusers = 2\nrun_time = \"10m\"\n{LOGIN}[user.u]\nthink = \"10ms\"\n{WORK}{LOGOUT}",
        server.url()
    );
    let scenario = Scenario::parse("test", "test", &text, &|_| None).unwrap();
    let stop = Control::new();
    let summary = run(&scenario, options(1), &stop, |_| stop.stop()).unwrap();
    assert_eq!(summary.window.ended, Some(EndReason::Interrupted));
    assert!(of_task(&summary, "work").completed > 0);
    assert_eq!(of_task(&summary, "logout").completed, 0);
}

#[test]
fn arrivals_share_the_login_of_their_worker() {
    let server = backend();
    let load = "rate = \"100/s\"\nrun_time = \"500ms\"";
    let summary = run_text(&server, load, &[LOGIN, WORK, LOGOUT].concat(), 2);
    assert_eq!(summary.all.failed, 0, "{:?}", summary.all.failures);
    let counts = summary.generator.arrivals.unwrap();
    assert_eq!((counts.planned, counts.started, of_task(&summary, "work").completed), (50, 50, 50));
    assert_eq!((of_task(&summary, "login").completed, of_task(&summary, "logout").completed), (2, 2));
    assert_eq!(tokens(&server).len(), 2);
}

#[test]
fn arrivals_wait_for_the_login_and_are_shed_if_there_is_none() {
    let server = Server::always(answer("401 Unauthorized", "application/json", "{}"));
    let summary = run_text(&server, "rate = \"100/s\"\nrun_time = \"300ms\"", &[LOGIN, WORK].concat(), 1);
    let counts = summary.generator.arrivals.unwrap();
    assert_eq!((counts.planned, counts.started, counts.shed), (30, 0, 30), "{counts:?}");
    assert_eq!((of_task(&summary, "login").failed, summary.all.completed), (1, 0));
}

#[test]
fn every_row_of_a_feed_is_sent_once_before_any_comes_again() {
    let server = backend();
    let rows: Vec<String> = (0..20).map(|row| format!("\"r{row}\"")).collect();
    let users = format!(
        "[feed.row]\nrows = [{}]\n[[user.u.task]]\nrequest = {{ kind = \"http\", path = \"/{{{{ feed.row }}}}\" }}",
        rows.join(", ")
    );
    run_text(&server, "users = 4\nrequests = 20", &users, 2);
    let paths = lines(&server, "GET /r");
    assert_eq!((paths.len(), paths.into_iter().collect::<BTreeSet<_>>().len()), (20, 20));
}

#[test]
fn a_user_keeps_its_row_of_a_unique_feed() {
    let server = backend();
    let users = r#"
        [feed.account]
        rows = [{ name = "ada" }, { name = "bob" }, { name = "eve" }]
        order = "unique"
        [[user.u.task]]
        request = { kind = "http", path = "/{{ user }}/{{ feed.account.name }}" }
    "#;
    run_text(&server, "users = 3\nrequests = 30", users, 2);
    let paths: BTreeSet<String> = lines(&server, "GET /").into_iter().collect();
    assert_eq!(paths, ["/0/ada", "/1/bob", "/2/eve"].map(|path| format!("GET {path} HTTP/1.1")).into());
}

#[test]
fn answers_are_checked_and_captured_from() {
    let server = backend();
    let outcome = |task: &str| {
        let summary = summary(&server, "users = 1\nrequests = 1", &format!("{}\n{task}", get("/")));
        if summary.all.completed == 1 {
            return "passed".to_owned();
        }
        let (kind, _, example) = only_failure(&summary.all);
        format!("{kind}: {example}")
    };
    insta::assert_snapshot!(outcome(r#"check = { json = { "/status" = "ok", "/items" = { exists = true } } }"#), @"passed");
    insta::assert_snapshot!(outcome(r#"check = { json = { "/items" = { equals = [2] } } }"#), @"check: `/items` is [1]; [2] is needed");
    insta::assert_snapshot!(outcome(r#"capture = { t = { json = "/items/0" }, h = { header = "content-type" } }"#), @"passed");
    insta::assert_snapshot!(outcome(r#"capture = { t = { json = "/token" } }"#), @"check: cannot capture `t`: the body has no `/token`");
    insta::assert_snapshot!(outcome(r#"capture = { h = { header = "x-id" } }"#), @"check: cannot capture `h`: the answer has no header `x-id`");
    let server = Server::always(ok("<html>"));
    let summary = summary(
        &server,
        "users = 1\nrequests = 1",
        &format!("{}\ncheck = {{ json = {{ \"/a\" = 1 }} }}", get("/")),
    );
    insta::assert_snapshot!(only_failure(&summary.all).2, @"the body is not JSON, which a check or capture needs: expected value at line 1 column 1");
}

#[test]
fn a_header_of_a_stream_is_captured() {
    let mut steps = stream(Duration::ZERO, &[CONTENT, "[DONE]"]);
    steps.push(end(""));
    let server = Server::always(steps);
    let again = "[[user.u.task]]\nname = \"b\"\nrequest = { kind = \"openai.chat\", model = \"m\", prompt = \"{{ kind | default('-') }}\", stream = true }";
    let task = format!("{CHAT_STREAM}\ncapture = {{ kind = {{ header = \"content-type\" }} }}\n{again}");
    let summary = summary(&server, "users = 1\nrequests = 30", &task);
    assert_eq!((summary.all.completed, summary.all.failed), (30, 0), "{:?}", summary.all.failures);
    assert!(server.seen().iter().any(|seen| seen.body.contains("text/event-stream")));
}

#[test]
fn a_value_that_is_not_captured_yet_is_a_failed_request() {
    let server = backend();
    let login = "[[user.u.task]]\nname = \"login\"\nrequest = { kind = \"http\", method = \"post\", path = \"/login\" }\ncapture = { token = { json = \"/access_token\" } }";
    let users = format!("{WORK}weight = 1000\n{login}");
    let summary = run_text(&server, "users = 1\nrequests = 3", &users, 1);
    let failures = &of_task(&summary, "work").failures;
    insta::assert_snapshot!(failures["request"].example, @"user.u.task[0].request.headers.authorization: `token` has not been captured yet: no answer of this user held it so far");
}

#[test]
fn a_task_may_have_a_think_time_of_its_own() {
    let server = backend();
    let users = format!(
        "[user.u]\nthink = \"1h\"\n{WORK}think = \"0s\"\ncapture = {{ token = {{ json = \"/status\" }} }}"
    )
    .replace("{{ token }}", "x");
    let summary = run_text(&server, "users = 1\nrequests = 5", &users, 1);
    assert_eq!((summary.all.completed, summary.load.think_mean_s), (5, Some(0.0)));
}
