use super::*;

fn starter(url: &str) -> Starter {
    Starter { url: url.to_owned(), ..Starter::default() }
}

/// The table of the request of a run.
fn request(starter: &Starter) -> String {
    let (text, _) = starter.checked(Purpose::Run, &|_| None).unwrap();
    text.split_once("task.request]\n").unwrap().1.to_owned()
}

fn refusal(starter: &Starter) -> String {
    starter.scenario(&|_| None).unwrap_err().to_string()
}

#[test]
fn scenario_of_url_of_llm_api_has_its_kind() {
    for (path, kind) in [
        ("/v1/chat/completions", "openai.chat"),
        ("/v1/completions", "openai.completions"),
        ("/v1/responses", "openai.responses"),
        ("/v1/embeddings", "openai.embeddings"),
        ("/v1/messages", "anthropic.messages"),
    ] {
        let url = format!("https://h:8443/gateway{path}");
        for stream in [false, kind != "openai.embeddings"] {
            let starter = Starter { stream, ..starter(&url) };
            let table = request(&starter);
            assert!(table.starts_with(&format!("kind = \"{kind}\"\n")), "{table}");
            assert_eq!(table.contains("stream = true"), stream, "{table}");
            let scenario = starter.scenario(&|_| None).unwrap();
            assert_eq!(scenario.target().unwrap().to_string(), "https://h:8443/gateway");
        }
    }
    for base in ["/v1", "/v1/", "/proxy/v1"] {
        let base = format!("http://h{base}");
        let table = request(&Starter { model: Some("m".to_owned()), ..starter(&base) });
        assert!(table.starts_with("kind = \"openai.chat\"\nmodel = \"m\"\n"), "{base}: {table}");
        let body = Some("{}".to_owned());
        let table = request(&Starter { body, ..starter(&base) });
        assert!(table.contains("/v1/chat/completions\"\n"), "{base}: {table}");
        let method = Some("GET".to_owned());
        let table = request(&Starter { method, ..starter(&base) });
        assert!(table.contains("kind = \"http\"") && !table.contains("completions"), "{base}: {table}");
    }
    for other in ["/ask", "/messages", "/responses", "/v1/models", "", "/chat/completions/x"] {
        let table = request(&starter(&format!("http://h{other}")));
        assert!(table.starts_with("kind = \"http\"\n"), "{other}: {table}");
    }
}

#[test]
fn scenario_of_llm_url_at_another_path_sends_to_that_path() {
    let azure = starter("http://h/openai/deployments/d/chat/completions?api-version=2024-10-21");
    insta::assert_snapshot!(request(&Starter { stream: true, model: Some("m".to_owned()), ..azure }), @r#"
    kind = "http"
    path = "/openai/deployments/d/chat/completions?api-version=2024-10-21"
    body = '{"max_tokens":64,"messages":[{"content":"{{ uuid() }} Say something about rivers.","role":"user"}],"model":"m","stream":true}'
    headers = { "content-type" = "application/json" }
    events = "openai.chat"
    "#);
    let own_body = Starter {
        body: Some(r#"{"model":"m","messages":[]}"#.to_owned()),
        ..starter("http://h/v1/messages")
    };
    insta::assert_snapshot!(request(&own_body), @r#"
    kind = "http"
    path = "/v1/messages"
    body = '{"model":"m","messages":[]}'
    headers = { "content-type" = "application/json" }
    "#);
    let streamed = request(&Starter { stream: true, ..own_body });
    assert!(
        streamed.contains("\"stream\":true") && streamed.contains("events = \"anthropic.messages\""),
        "{streamed}"
    );
}

#[test]
fn scenario_of_other_url_is_http_request() {
    let own = Starter {
        body: Some(r#"{"question": "it's {{ n }}"}"#.to_owned()),
        headers: vec!["X-Team: search".to_owned()],
        method: Some("put".to_owned()),
        content: Some("/delta".to_owned()),
        ..starter("http://127.0.0.1:9000/api/ask?lang=en#top")
    };
    insta::assert_snapshot!(request(&own), @r#"
    kind = "http"
    method = "PUT"
    path = "/api/ask?lang=en"
    body = "{\"question\": \"it's {{ n }}\"}"
    headers = { "content-type" = "application/json", "x-team" = "search" }
    events = "any"
    content = "/delta"   # where an event has its text
    "#);
    let scenario = own.scenario(&|_| None).unwrap();
    assert_eq!((scenario.name(), scenario.task_names()), ("ask", vec!["ask".to_owned()]));
    let bare = starter("http://h").scenario(&|_| None).unwrap();
    assert_eq!(bare.task_names(), ["request"]);
}

#[test]
fn text_of_file_has_comments_and_is_a_scenario() {
    let text = starter("http://127.0.0.1:8000/v1/chat/completions").text().unwrap();
    insta::assert_snapshot!(text, @r#"
    # A scenario for `weir load`. docs/scenarios.md describes every key.

    about = "chat at http://127.0.0.1:8000"
    url = "http://127.0.0.1:8000"
    api_key_env = "OPENAI_API_KEY"   # its value is sent as the API key, if it is set

    [load]
    users = 10            # concurrent users; each waits for its answer before its next request
    # rate = "20/s"       # instead of users: requests started per second, however slow the target is
    run_time = "30s"
    warm_up = "3s"        # time at the beginning that is excluded from the results

    [user.visitor]
    # think = { between = ["1s", "3s"] }   # the pause of a user between two requests

    [[user.visitor.task]]
    name = "chat"

    [user.visitor.task.request]
    kind = "openai.chat"
    model = "gpt-4o-mini"
    prompt = "{{ uuid() }} Say something about rivers."
    max_tokens = 64

    # If one of these fails, the exit code is 1.
    [thresholds]
    all = ["errors < 1%"]   # also: "e2e.p95 < 2s", "ttft.p95 < 500ms", "rps > 50"
    "#);
    Scenario::parse("mine", "mine.toml", &text, &|_| None).unwrap();
    let own = Starter { stream: true, body: Some("plain".to_owned()), ..starter("http://h/ask") };
    Scenario::parse("mine", "mine.toml", &own.text().unwrap(), &|_| None).unwrap();
}

#[test]
fn scenario_of_invalid_flag_names_it() {
    let with = |change: fn(&mut Starter)| {
        let mut starter = starter("http://h/ask");
        change(&mut starter);
        refusal(&starter)
    };
    insta::assert_snapshot!(with(|s| s.url = "http://me:pw@h/ask".to_owned()), @"command line: URL: the URL must not contain a user name or password: send credentials in a header");
    insta::assert_snapshot!(with(|s| s.url = "http://h:99999/ask".to_owned()), @"command line: URL: `http://h:99999` has an invalid port `99999`: expected a number from 1 to 65535");
    insta::assert_snapshot!(with(|s| s.url = "http://h/a b".to_owned()), @"command line: URL: `/a b` is not valid in a request: spaces and such are written with a percent sign");
    insta::assert_snapshot!(with(|s| s.headers = vec!["secret".to_owned()]), @"command line: --header: missing: a colon between name and value (--header 'X-Team: search')");
    insta::assert_snapshot!(with(|s| s.headers = vec!["a: 1".to_owned(), "A: 2".to_owned()]), @"command line: --header: duplicate name `a`; names must be unique");
    insta::assert_snapshot!(with(|s| s.headers = vec!["a b: 1".to_owned()]), @"command line: --header: `a b` is not valid in a request: invalid HTTP header name");
    insta::assert_snapshot!(with(|s| s.content = Some("delta".to_owned())), @r#"command line: --content: `delta` is not a JSON pointer: it must begin with a slash, as in "/choices/0/text""#);
    insta::assert_snapshot!(with(|s| s.model = Some("m".to_owned())), @"command line: --model: conflicts with `URL`: its path is not that of an LLM API");
    insta::assert_snapshot!(with(|s| s.method = Some("G T".to_owned())), @"command line: --method: `G T` is not valid in a request: invalid HTTP method");
    insta::assert_snapshot!(with(|s| s.body = Some("{{ nope }}".to_owned())), @"command line: --body: invalid template: unknown name `nope`; expected one of `n`, `turn`, `user`, `env.NAME`, `pick`, `random`, `uuid`");
    let llm = Starter { content: Some("/x".to_owned()), ..starter("http://h/v1/messages") };
    insta::assert_snapshot!(refusal(&llm), @"command line: --content: conflicts with `URL`: the place of the content in events of this API is fixed");
}

#[test]
fn is_url_needs_http_scheme() {
    assert!(Starter::is_url("http://h") && Starter::is_url("HTTPS://h/x"));
    assert!(!Starter::is_url("chat:fast") && !Starter::is_url("ftp://h") && !Starter::is_url("h/x"));
}
