pub(super) mod mistakes;

use super::*;

const TASK: &str = "[[user.u.task]]\nrequest = { kind = \"http\", path = \"/health\" }\n";
const LOAD: &str = "[load]\nusers = 10\nrun_time = \"10s\"\n";

fn env(name: &str) -> Option<String> {
    match name {
        "KEY" => Some("sk-secret\n".to_owned()),
        "EMPTY" => Some(String::new()),
        _ => None,
    }
}

fn parse(text: &str) -> Result<Scenario, ScenarioError> {
    Scenario::parse("mine", "mine.toml", text, &env)
}

fn refusal(text: &str) -> String {
    parse(text).unwrap_err().to_string()
}

fn with_load(load: &str) -> String {
    format!("[load]\n{load}\n{TASK}")
}

fn with_request(request: &str) -> String {
    format!("{LOAD}[[user.u.task]]\nrequest = {{ {request} }}\n")
}

#[test]
fn the_built_in_ones_are_right() {
    for name in Scenario::builtin_names() {
        let scenario = Scenario::builtin(name, &env).unwrap();
        assert_eq!(scenario.name(), name);
        assert!(!scenario.about().is_empty() && scenario.target().is_some() && scenario.run_time().is_some());
    }
    let backend = Scenario::builtin("chain-backend", &env).unwrap();
    assert_eq!(backend.task_names(), ["chain", "llm", "chain stream", "health"]);
    assert_eq!(backend.users[0].tasks.iter().map(|task| task.weight).collect::<Vec<_>>(), [5, 3, 2, 1]);
    assert_eq!(backend.users[0].think.mean(), Duration::from_millis(1250));
}

#[test]
fn a_name_is_a_file_or_built_in() {
    insta::assert_snapshot!(
        Scenario::load("chatt", &env).unwrap_err(),
        @"there is no file and no built-in scenario `chatt`; built in are `chain-backend`, `chat`, `chat-streaming`"
    );
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("mine.toml");
    std::fs::write(&file, format!("{LOAD}{TASK}")).unwrap();
    let scenario = Scenario::load(file.to_str().unwrap(), &env).unwrap();
    assert_eq!((scenario.name(), scenario.task_names()), ("mine", vec!["GET /health".to_owned()]));
    let not_a_file = Scenario::load(dir.path().to_str().unwrap(), &env).unwrap_err();
    assert!(not_a_file.to_string().contains("cannot be read"), "{not_a_file}");
}

#[test]
fn an_unknown_key_is_told_the_nearest() {
    insta::assert_snapshot!(
        refusal("abot = 1"),
        @"mine.toml:1: abot: unknown key (did you mean `about`?)"
    );
    insta::assert_snapshot!(
        refusal(&with_load("users = 1\nrun_tim = \"3s\"")),
        @"mine.toml:3: load.run_tim: unknown key (did you mean `run_time`?)"
    );
    insta::assert_snapshot!(
        refusal(&with_request("kind = \"http\", path = \"/\", boddy = 1")),
        @"mine.toml:5: user.u.task[0].request.boddy: unknown key (did you mean `body`?)"
    );
    insta::assert_snapshot!(
        refusal(&with_request("kind = \"chains\", chain = \"x\"")),
        @"mine.toml:5: user.u.task[0].request.kind: `chains` is unknown (did you mean `chain`?)"
    );
}

#[test]
fn what_is_not_toml_is_told_its_line() {
    insta::assert_snapshot!(refusal("about = \"x\"\nurl ="), @"mine.toml:2: not TOML: string values must be quoted, expected literal string");
    insta::assert_snapshot!(refusal(&with_load("users = 1\nrun_time = 60")), @r#"mine.toml:3: load.run_time: 60 has no unit; write "60s" or "60ms" if that is what is meant"#);
    insta::assert_snapshot!(refusal(&with_load("users = \"ten\"")), @r#"mine.toml:2: load.users: the text "ten" where a whole number of zero or more is needed"#);
}

#[test]
fn a_load_says_when_to_start_and_when_to_stop() {
    insta::assert_snapshot!(refusal(&with_load("run_time = \"3s\"")), @r#"mine.toml:1: load.users: missing: `users` for a closed loop (users = 100), or `rate` for an open one (rate = "50/s")"#);
    insta::assert_snapshot!(refusal(&with_load("users = 1")), @r#"mine.toml:1: load.run_time: missing: `run_time` (run_time = "60s") or `requests` (requests = 1000) says when to stop"#);
    insta::assert_snapshot!(refusal(&with_load("users = 1\nrate = \"5/s\"\nrun_time = \"3s\"")), @"mine.toml:2: load.users: cannot stand beside `rate`: give users for a closed loop, or a rate for an open one");
    insta::assert_snapshot!(refusal(&with_load("users = 0\nrun_time = \"3s\"")), @"mine.toml:2: load.users: 0 is out of range; a number of 1 or more is needed");
    insta::assert_snapshot!(refusal(&with_load("users = 1000000\nrun_time = \"3s\"")), @"mine.toml:2: load.users: 1000000 is out of range; a number from 1 to 100000 is needed");
    insta::assert_snapshot!(refusal(&with_load("users = 1\nrun_time = \"3s\"\nwarm_up = \"3s\"")), @"mine.toml:3: load.run_time: 3s is out of range; more than the warm-up of 3s is needed");
    insta::assert_snapshot!(refusal(&with_load("users = 1\nrequests = 0")), @"mine.toml:3: load.requests: 0 is out of range; a number of 1 or more is needed");
}

#[test]
fn what_belongs_to_the_other_kind_of_load_is_refused() {
    insta::assert_snapshot!(refusal(&with_load("users = 1\narrivals = \"poisson\"\nrun_time = \"3s\"")), @"mine.toml:3: load.arrivals: cannot stand beside `users`: only arrivals at a `rate` have it");
    insta::assert_snapshot!(refusal(&with_load("rate = \"5/s\"\nspawn_rate = \"1/s\"\nrun_time = \"3s\"")), @"mine.toml:3: load.spawn_rate: cannot stand beside `rate`: only `users` are spawned");
    insta::assert_snapshot!(refusal(&with_load("rate = \"5/s\"\narrivals = \"poison\"\nrun_time = \"3s\"")), @"mine.toml:3: load.arrivals: `poison` is unknown (did you mean `poisson`?)");
    let thinking = format!("[load]\nrate = \"5/s\"\nrun_time = \"3s\"\n[user.u]\nthink = \"1s\"\n{TASK}");
    insta::assert_snapshot!(refusal(&thinking), @"mine.toml:5: user.u.think: cannot stand beside `load.rate`: arrivals at a rate do not think; remove it, or give `users`");
    let thinking = format!("[load]\nrate = \"5/s\"\nrun_time = \"3s\"\n{TASK}think = \"1s\"\n");
    insta::assert_snapshot!(refusal(&thinking), @"mine.toml:6: user.u.task[0].think: cannot stand beside `load.rate`: arrivals at a rate do not think; remove it, or give `users`");
}

#[test]
fn a_request_says_what_it_needs() {
    insta::assert_snapshot!(refusal(&with_request("path = \"/\"")), @r#"mine.toml:5: user.u.task[0].request.kind: missing: one of "openai.chat", "chain", "chain_stream", "http""#);
    insta::assert_snapshot!(refusal(&with_request("kind = \"http\"")), @"mine.toml:5: user.u.task[0].request.path: missing: this key is needed");
    insta::assert_snapshot!(refusal(&with_request("kind = \"http\", path = \"health\"")), @"mine.toml:5: user.u.task[0].request.path: `health` cannot stand in a request: a path begins with a slash");
    insta::assert_snapshot!(refusal(&with_request("kind = \"http\", path = \"/a b\"")), @"mine.toml:5: user.u.task[0].request.path: `/a b` cannot stand in a request: spaces and such are written with a percent sign");
    insta::assert_snapshot!(refusal(&with_request("kind = \"chain\", chain = \"a b\"")), @"mine.toml:5: user.u.task[0].request.chain: `/api/chains/a b` cannot stand in a request: spaces and such are written with a percent sign");
    insta::assert_snapshot!(refusal(&with_request("kind = \"http\", path = \"/\", method = \"G T\"")), @"mine.toml:5: user.u.task[0].request.method: `G T` cannot stand in a request: invalid HTTP method");
    insta::assert_snapshot!(refusal(&with_request("kind = \"http\", path = \"/{{ nn }}\"")), @"mine.toml:5: user.u.task[0].request.path: bad template: `nn` is unknown (did you mean `n`?)");
    insta::assert_snapshot!(refusal(&with_request("kind = \"http\", path = \"/\", body = [1, nan]")), @"mine.toml:5: user.u.task[0].request.body[1]: NaN is out of range; a finite number, as JSON has it, is needed");
    insta::assert_snapshot!(refusal(&with_request("kind = \"openai.chat\", model = \"m\"")), @"mine.toml:5: user.u.task[0].request.prompt: missing: `prompt` (text) or `messages` (a list of { role, content })");
    insta::assert_snapshot!(refusal(&with_request("kind = \"openai.chat\", prompt = \"p\"")), @"mine.toml:5: user.u.task[0].request.model: missing: this key is needed");
    insta::assert_snapshot!(refusal(&with_request("kind = \"chain\", chain = \"\"")), @"mine.toml:5: user.u.task[0].request.chain: missing: the chain's name");
}

#[test]
fn tasks_and_their_checks_are_checked() {
    let task = |rest: &str| format!("{LOAD}{TASK}{rest}");
    insta::assert_snapshot!(refusal(LOAD), @"mine.toml: user: missing: at least one user class with a task ([[user.NAME.task]])");
    insta::assert_snapshot!(refusal(&format!("{LOAD}[user.u]\nthink = \"1s\"")), @"mine.toml:4: user.u.task: missing: a class needs a task ([[user.NAME.task]])");
    insta::assert_snapshot!(refusal(&task("weight = 0")), @"mine.toml:6: user.u.task[0].weight: 0 is out of range; a number of 1 or more is needed");
    insta::assert_snapshot!(refusal(&task("check = { status = [200, 99] }")), @"mine.toml:6: user.u.task[0].check.status: 99 is out of range; a final HTTP status (200 to 599) is needed");
    insta::assert_snapshot!(refusal(&task(TASK)), @"mine.toml:6: user.u.task[1].name: `GET /health` is there twice; each needs a name of its own");
    let stream = "kind = \"openai.chat\", model = \"m\", prompt = \"p\", stream = true";
    let contains = format!("{}check = {{ body_contains = \"x\" }}", with_request(stream));
    insta::assert_snapshot!(refusal(&contains), @"mine.toml:6: user.u.task[0].check.body_contains: cannot stand beside `request.stream`: a stream is read as it comes and not kept");
    let many: String = (0..257).map(|index| format!("{TASK}name = \"t{index}\"\n")).collect();
    insta::assert_snapshot!(refusal(&format!("{LOAD}{many}")), @"mine.toml:4: user.*.task: 257 is out of range; a number of at most 256 over all classes is needed");
}

#[test]
fn a_url_that_is_none_is_refused_without_its_password() {
    let refusal = refusal(&format!("url = \"http://me:hunter2@h\"\n{LOAD}{TASK}"));
    insta::assert_snapshot!(refusal, @"mine.toml:1: url: the URL must not hold a user name or password before its host: send them as a header");
}

#[test]
fn headers_may_come_from_the_environment() {
    let scenario = parse(&format!(
        "api_key_env = \"KEY\"\n[headers]\nx-a = \"1\"\n[headers_env]\nx-b = \"KEY\"\n{LOAD}{TASK}"
    ))
    .unwrap();
    assert_eq!(scenario.headers["authorization"], "Bearer sk-secret");
    assert_eq!(
        (&scenario.headers["x-a"], &scenario.headers["x-b"]),
        (&"1".parse().unwrap(), &"sk-secret".parse().unwrap())
    );
    assert!(scenario.headers["authorization"].is_sensitive());
    assert_eq!(scenario.secrets, ["sk-secret", "sk-secret"]);
    assert!(scenario.notes.is_empty());
}

#[test]
fn variables_in_templates_are_secrets() {
    let scenario = parse(&with_request("kind = \"http\", path = \"/{{ env.KEY }}\"")).unwrap();
    assert_eq!(scenario.secrets, ["sk-secret"]);
    assert_eq!(scenario.task_names(), ["GET /{{ env.KEY }}"]);
}

#[test]
fn errands_are_listed_after_the_tasks_of_their_class() {
    let errand = |list: &str, name: &str| TASK.replace("task", list) + &format!("name = \"{name}\"\n");
    let other = TASK.replace(".u.", ".v.");
    let text = [LOAD, &errand("on_stop", "out"), &errand("on_start", "in"), TASK, &other].concat();
    assert_eq!(parse(&text).unwrap().task_names(), ["u.GET /health", "in", "out", "v.GET /health"]);
}

#[test]
fn a_key_that_is_not_there_is_told() {
    let scenario = parse(&format!("api_key_env = \"EMPTY\"\n{LOAD}{TASK}")).unwrap();
    assert_eq!(scenario.notes, ["EMPTY is not set: requests carried no key"]);
    assert!(!scenario.headers.contains_key("authorization"));
    insta::assert_snapshot!(refusal(&format!("headers_env = {{ x-b = \"NONE\" }}\n{LOAD}{TASK}")), @"mine.toml:1: headers_env.x-b: the environment variable `NONE` is not set");
    insta::assert_snapshot!(refusal(&format!("headers = {{ \"x b\" = \"1\" }}\n{LOAD}{TASK}")), @"mine.toml:1: headers.x b: `x b` cannot stand in a request: invalid HTTP header name");
}

#[test]
fn tasks_of_one_name_are_told_apart_by_their_class() {
    let two = format!(
        "{LOAD}{TASK}name = \"a\"\n{}name = \"a\"\n{}name = \"b\"\n",
        TASK.replace(".u.", ".v."),
        TASK.replace(".u.", ".v.")
    );
    assert_eq!(parse(&two).unwrap().task_names(), ["u.a", "v.a", "b"]);
}

#[test]
fn the_command_line_changes_the_load() {
    let scenario =
        parse(&format!("[load]\nusers = 10\nspawn_rate = \"2/s\"\nrun_time = \"10s\"\n{TASK}")).unwrap();
    let changed = |overrides: Overrides| scenario.clone().with(&overrides);
    let users = changed(Overrides { users: Some(50), ..Overrides::default() }).unwrap();
    let Start::Closed(closed) = &users.load.start else { panic!("{:?}", users.load) };
    assert_eq!((closed.users.get(), closed.spawn_rate), (50, "2/s".parse().ok()));
    let rate = changed(Overrides {
        rate: "5/s".parse().ok(),
        url: Some("http://h/v1".into()),
        ..Overrides::default()
    });
    let rate = rate.unwrap();
    let Start::Open(open) = &rate.load.start else { panic!("{:?}", rate.load) };
    assert_eq!((open.rate.per_second(), open.kind_name()), (5.0, "constant"));
    assert_eq!(rate.target().map(ToString::to_string).as_deref(), Some("http://h/v1"));
    let short =
        changed(Overrides { run_time: Some(Duration::from_secs(2)), ..Overrides::default() }).unwrap();
    assert_eq!(short.run_time(), Some(Duration::from_secs(2)));
}

#[test]
fn a_time_scale_shortens_what_users_think() {
    let thinking =
        format!("{LOAD}[user.u]\nthink = \"1s\"\n{TASK}think = \"3s\"\nweight = 3\n{TASK}name = \"b\"\n");
    let overrides = Overrides { time_scale: Some(0.1), ..Overrides::default() };
    let scenario = parse(&thinking).unwrap().with(&overrides).unwrap();
    assert_eq!(scenario.users[0].think.mean(), Duration::from_millis(100));
    assert!((scenario.users[0].think_mean_s() - 0.25).abs() < 1e-9, "(3 × 0.3 s + 1 × 0.1 s) / 4");
    assert!((scenario.time_scale - 0.1).abs() < f64::EPSILON);
}

#[test]
fn a_change_that_cannot_be_is_named_like_its_flag() {
    let scenario =
        parse(&format!("[load]\nusers = 1\nrun_time = \"10s\"\nwarm_up = \"5s\"\n{TASK}")).unwrap();
    let refusal = |overrides: Overrides| scenario.clone().with(&overrides).unwrap_err().to_string();
    let rate = "5/s".parse().ok();
    insta::assert_snapshot!(refusal(Overrides { users: Some(1), rate, ..Overrides::default() }), @"command line: --users: cannot stand beside `--rate`: give users for a closed loop, or a rate for an open one");
    insta::assert_snapshot!(refusal(Overrides { rate, spawn_rate: rate, ..Overrides::default() }), @"command line: --spawn-rate: cannot stand beside `rate`: only users are spawned");
    insta::assert_snapshot!(refusal(Overrides { users: Some(0), ..Overrides::default() }), @"command line: --users: 0 is out of range; a number of 1 or more is needed");
    insta::assert_snapshot!(refusal(Overrides { run_time: Some(Duration::from_secs(5)), ..Overrides::default() }), @"command line: --run-time: 5s is out of range; more than the warm-up of 5s is needed");
    let unique = format!("{LOAD}[feed.f]\nrows = [{}]\norder = \"unique\"\n{TASK}", "\"r\", ".repeat(10));
    let scenario = parse(&unique).unwrap();
    let feeds = |overrides: Overrides| scenario.clone().with(&overrides).unwrap_err().to_string();
    insta::assert_snapshot!(feeds(Overrides { users: Some(11), ..Overrides::default() }), @"command line: feed.f: 10 is out of range; a number of rows of at least 11, one for each user, is needed");
    insta::assert_snapshot!(feeds(Overrides { rate, ..Overrides::default() }), @"command line: feed.f.order: cannot stand beside `load.rate`: nobody keeps a row where arrivals come at a rate; give `users`, or another order");
    insta::assert_snapshot!(refusal(Overrides { url: Some("h".into()), ..Overrides::default() }), @"command line: --url: `h` must begin with http:// or https://");
    insta::assert_snapshot!(refusal(Overrides { time_scale: Some(0.0), ..Overrides::default() }), @"command line: --time-scale: 0 is out of range; a factor of more than zero is needed");
}
