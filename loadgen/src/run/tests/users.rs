//! What users do: starts and ends, feeds, captured values and checks.

use super::*;

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

/// Answers a login with a token for its user, and everything else with a document, after 10 ms.
fn backend(request: &ReceivedRequest) -> Reply {
    if request.line.starts_with("POST /login") {
        let user = request.body.chars().find(char::is_ascii_digit).unwrap_or('?');
        return Reply::json(MS(10), &format!(r#"{{"access_token":"t{user}"}}"#));
    }
    Reply::json(MS(10), r#"{"status":"ok","items":[1]}"#)
}

fn unauthorized(_: &ReceivedRequest) -> Reply {
    Reply::status(401, MS(10), "{}")
}

#[test]
fn users_log_in_once_work_and_log_out() {
    let load = "users = 3\nrun_time = \"100ms\"";
    let users = [LOGIN, "[user.u]\nthink = \"20ms\"", WORK, LOGOUT].concat();
    let run = simulate(load, &users, 2, backend);
    let summary = &run.summary;
    assert_eq!(summary.all.failed, 0, "{:?}", summary.all.failures);
    let names: Vec<_> = summary.tasks.iter().map(|task| task.name.as_str()).collect();
    assert_eq!(names, ["work", "login", "logout"]);
    assert_eq!(run.starts_of("POST /login"), [0, 0, 0]);
    assert_eq!(run.starts_of("GET /work"), [10, 10, 10, 40, 40, 40, 70, 70, 70]);
    // The next request would start at 100: the users leave before.
    assert_eq!(run.starts_of("GET /logout/t"), [80, 80, 80]);
    assert_eq!(summary.all.completed, 15);
    assert_eq!(summary.classes[0].figures, summary.all);
    let work = run.requests.iter().filter(|request| request.line.starts_with("GET /work"));
    let tokens: BTreeSet<_> = work.map(|request| &request.headers["authorization"]).collect();
    assert_eq!(tokens.len(), 3, "each user has a token");
    let bodies: BTreeSet<&str> =
        run.requests.iter().map(|request| request.body.as_str()).filter(|body| !body.is_empty()).collect();
    assert_eq!(bodies, [r#"{"user":"0"}"#, r#"{"user":"1"}"#, r#"{"user":"2"}"#].into());
}

#[test]
fn on_start_and_on_stop_are_not_part_of_the_number_of_requests() {
    let run = simulate("users = 2\nrequests = 10", &[LOGIN, WORK, LOGOUT].concat(), 1, backend);
    assert_eq!((of_task(&run.summary, "work").completed, run.summary.all.completed), (10, 14));
    assert_eq!(run.summary.window.ended, Some(EndReason::Requests));
}

#[test]
fn user_whose_start_fails_performs_no_task() {
    let run = simulate("users = 2\nrun_time = \"200ms\"", &[LOGIN, WORK, LOGOUT].concat(), 1, unauthorized);
    let summary = &run.summary;
    assert_eq!((of_task(summary, "login").failed, summary.all.failed, summary.all.completed), (2, 2, 0));
    assert_eq!(summary.window.unfinished, 0);
}

#[test]
fn failed_starts_count_as_requests() {
    let run = simulate("users = 2\nrequests = 2", &[LOGIN, WORK].concat(), 1, unauthorized);
    // Each user takes one, tries again after a second, and finds none left.
    assert_eq!(run.starts(), [0, 0, 1010, 1010]);
    assert_eq!((of_task(&run.summary, "login").failed, of_task(&run.summary, "work").failed), (4, 0));
}

#[test]
fn failed_start_is_repeated_after_a_second() {
    let run = simulate("users = 1\nrequests = 3", &[LOGIN, WORK].concat(), 1, |request| {
        if request.at.is_zero() { Reply::status(503, MS(10), "{}") } else { backend(request) }
    });
    assert_eq!(run.starts(), [0, 1010, 1020, 1030]);
    let login = of_task(&run.summary, "login");
    assert_eq!((login.failed, login.completed, of_task(&run.summary, "work").completed), (1, 1, 2));
}

#[test]
fn every_row_of_a_feed_is_sent_once_before_any_is_repeated() {
    let rows: Vec<String> = (0..20).map(|row| format!("\"r{row}\"")).collect();
    let users = format!(
        "[feed.row]\nrows = [{}]\n[[user.u.task]]\nrequest = {{ kind = \"http\", path = \"/{{{{ feed.row }}}}\" }}",
        rows.join(", ")
    );
    let run = simulate("users = 4\nrequests = 20", &users, 2, backend);
    let lines: BTreeSet<&str> = run.requests.iter().map(|request| request.line.as_str()).collect();
    assert_eq!((run.requests.len(), lines.len()), (20, 20));
}

#[test]
fn user_keeps_its_row_of_a_unique_feed() {
    let users = r#"
        [feed.account]
        rows = [{ name = "ada" }, { name = "bob" }, { name = "eve" }]
        order = "unique"
        [[user.u.task]]
        request = { kind = "http", path = "/{{ user }}/{{ feed.account.name }}" }
    "#;
    let run = simulate("users = 3\nrequests = 30", users, 2, backend);
    let lines: BTreeSet<&str> = run.requests.iter().map(|request| request.line.as_str()).collect();
    assert_eq!(lines, ["GET /0/ada", "GET /1/bob", "GET /2/eve"].into());
}

#[test]
fn answers_are_checked_and_captured_from() {
    let outcome = |task: &str, target: fn(&ReceivedRequest) -> Reply| {
        let run = simulate("users = 1\nrequests = 1", &format!("{GET}{task}"), 1, target);
        if run.summary.all.completed == 1 {
            return "passed".to_owned();
        }
        let (kind, _, example) = only_failure(&run.summary.all);
        format!("{kind}: {example}")
    };
    insta::assert_snapshot!(outcome(r#"check = { json = { "/status" = "ok", "/items" = { exists = true } } }"#, backend), @"passed");
    insta::assert_snapshot!(outcome(r#"check = { json = { "/items" = { equals = [2] } } }"#, backend), @"check: `/items` is [1]; expected [2]");
    insta::assert_snapshot!(outcome(r#"capture = { t = { json = "/items/0" }, h = { header = "content-type" } }"#, backend), @"passed");
    insta::assert_snapshot!(outcome(r#"capture = { t = { json = "/token" } }"#, backend), @"check: cannot capture `t`: the body has no `/token`");
    insta::assert_snapshot!(outcome(r#"capture = { h = { header = "x-id" } }"#, backend), @"check: cannot capture `h`: the answer has no header `x-id`");
    insta::assert_snapshot!(outcome(r#"check = { json = { "/a" = 1 } }"#, |_| Reply::json(MS(1), "<html>")), @"check: the body is not JSON, which a check or capture needs: expected value at line 1 column 1");
    insta::assert_snapshot!(outcome(r#"check = { body_contains = "x" }"#, |_| Reply::json(MS(1), "{}")), @r#"check: the body does not contain "x""#);
    insta::assert_snapshot!(outcome(r#"check = { over = "1ms" }"#, |_| Reply::json(MS(5), "{}")), @"check: e2e <= 1ms does not hold: it was 5.00 ms");
}

#[test]
fn header_of_a_stream_is_captured() {
    let chat = "request = { kind = \"openai.chat\", model = \"m\", prompt = \"p\", stream = true }";
    let again = chat.replace("\"p\"", "\"{{ kind | default('-') }}\"");
    let users = format!(
        "[[user.u.task]]\n{chat}\ncapture = {{ kind = {{ header = \"content-type\" }} }}\n[[user.u.task]]\nname = \"b\"\n{again}"
    );
    let run = simulate("users = 1\nrequests = 30", &users, 1, |_| Reply::stream(MS(1), &[LAST, "[DONE]"]));
    let all = &run.summary.all;
    assert_eq!((all.completed, all.failed), (30, 0), "{:?}", all.failures);
    assert!(run.requests.iter().any(|request| request.body.contains("text/event-stream")));
}

#[test]
fn value_that_is_not_captured_yet_is_a_failed_request() {
    let login = "[[user.u.task]]\nname = \"login\"\nrequest = { kind = \"http\", method = \"post\", path = \"/login\" }\ncapture = { token = { json = \"/access_token\" } }";
    let users = format!("{WORK}weight = 1000\n{login}");
    let run = simulate("users = 1\nrequests = 3", &users, 1, backend);
    let failures = &of_task(&run.summary, "work").failures;
    insta::assert_snapshot!(failures["request"].example, @"user.u.task[0].request.headers.authorization: `token` has not been captured yet by this user");
}
