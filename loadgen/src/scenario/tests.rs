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
        for (variant, about) in scenario.variants() {
            let asked = format!("{name}:{variant}");
            let variant = Scenario::builtin(&asked, &env).unwrap();
            assert_eq!((variant.name(), variant.about()), (asked.as_str(), about.as_str()));
            assert!(!about.is_empty(), "{asked}");
        }
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
        @"there is no file and no built-in scenario `chatt` (did you mean `chat`?); built in are `agent-connector`, `agent-workflows`, `chain-backend`, `chat`, `chat-mixed`, `chat-streaming`, `long-context`, `prompt-service`, `workflow-observability`"
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
    insta::assert_snapshot!(refusal(&with_load("run_time = \"3s\"")), @r#"mine.toml:1: load.users: missing: `users` for a closed loop (users = 100), `rate` for an open one (rate = "50/s"), `concurrency` for users without pauses, `stages` for a load that changes, or `search` for the highest one"#);
    insta::assert_snapshot!(refusal(&with_load("users = 1")), @r#"mine.toml:1: load.run_time: missing: `run_time` (run_time = "60s") or `requests` (requests = 1000) says when to stop"#);
    insta::assert_snapshot!(refusal(&with_load("users = 1\nrate = \"5/s\"\nrun_time = \"3s\"")), @"mine.toml:2: load.users: cannot stand beside `rate`: a load has one of `users`, `concurrency`, `rate`, `stages` and `search`");
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
}

#[test]
fn a_request_says_what_it_needs() {
    insta::assert_snapshot!(refusal(&with_request("path = \"/\"")), @r#"mine.toml:5: user.u.task[0].request.kind: missing: one of "openai.chat", "openai.completions", "openai.responses", "openai.embeddings", "anthropic.messages", "chain", "chain_stream", "http""#);
    insta::assert_snapshot!(refusal(&with_request("kind = \"http\"")), @"mine.toml:5: user.u.task[0].request.path: missing: this key is needed");
    insta::assert_snapshot!(refusal(&with_request("kind = \"http\", path = \"health\"")), @"mine.toml:5: user.u.task[0].request.path: `health` cannot stand in a request: a path begins with a slash");
    insta::assert_snapshot!(refusal(&with_request("kind = \"http\", path = \"/a b\"")), @"mine.toml:5: user.u.task[0].request.path: `/a b` cannot stand in a request: spaces and such are written with a percent sign");
    insta::assert_snapshot!(refusal(&with_request("kind = \"chain\", chain = \"a b\"")), @"mine.toml:5: user.u.task[0].request.chain: `/api/chains/a b` cannot stand in a request: spaces and such are written with a percent sign");
    insta::assert_snapshot!(refusal(&with_request("kind = \"http\", path = \"/\", method = \"G T\"")), @"mine.toml:5: user.u.task[0].request.method: `G T` cannot stand in a request: invalid HTTP method");
    insta::assert_snapshot!(refusal(&with_request("kind = \"http\", path = \"/{{ nn }}\"")), @"mine.toml:5: user.u.task[0].request.path: bad template: `nn` is unknown (did you mean `n`?)");
    insta::assert_snapshot!(refusal(&with_request("kind = \"http\", path = \"/\", body = [1, nan]")), @"mine.toml:5: user.u.task[0].request.body[1]: NaN is out of range; a finite number, as JSON has it, is needed");
    insta::assert_snapshot!(refusal(&with_request("kind = \"openai.chat\", model = \"m\"")), @"mine.toml:5: user.u.task[0].request.prompt: missing: `prompt` (text), `prompt_tokens` (how many) or `messages` (a list of { role, content })");
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
fn a_conversation_needs_something_to_say() {
    let chat = |keys: &str, rest: &str| {
        format!("{}{rest}\n", with_request(&format!("kind = \"openai.chat\", model = \"m\", {keys}")))
    };
    let scenario = parse(&chat("prompt = \"p\"", "turns = { between = [2, 5] }\npause = \"1s\"")).unwrap();
    let session = scenario.users[0].tasks[0].session.clone().unwrap();
    assert!((session.turns.mean() - 3.5).abs() < 1e-9);
    assert_eq!(session.pause.mean(), Duration::from_secs(1));
    let overrides = Overrides { time_scale: Some(0.1), ..Overrides::default() };
    let scaled = scenario.with(&overrides).unwrap().users[0].tasks[0].session.clone().unwrap();
    assert_eq!(scaled.pause.mean(), Duration::from_millis(100));
    insta::assert_snapshot!(refusal(&chat("prompt = \"p\"", "turns = 0")), @"mine.toml:6: user.u.task[0].turns: 0 is out of range; a number of 1 or more is needed");
    insta::assert_snapshot!(refusal(&chat("messages = []", "turns = 3")), @"mine.toml:6: user.u.task[0].turns: cannot stand beside `request`: a conversation is made of a `prompt` or `prompt_tokens`, by openai.chat, openai.responses or anthropic.messages");
    insta::assert_snapshot!(refusal(&format!("{LOAD}{TASK}turns = 3")), @"mine.toml:6: user.u.task[0].turns: cannot stand beside `request`: a conversation is made of a `prompt` or `prompt_tokens`, by openai.chat, openai.responses or anthropic.messages");
    insta::assert_snapshot!(refusal(&chat("prompt = \"p\"", "pause = \"1s\"")), @"mine.toml:4: user.u.task[0].turns: missing: `turns` (turns = 5): a pause stands between the turns of a conversation");
}

#[test]
fn prices_are_of_models() {
    let priced = |price: &str| format!("{LOAD}{TASK}[price.\"gpt-4o*\"]\n{price}\n");
    let scenario = parse(&priced("input_per_million = 0.15\noutput_per_million = 1")).unwrap();
    let price = ModelPrice { input_per_million: 0.15, output_per_million: 1.0 };
    assert_eq!((scenario.prices.of("gpt-4o-mini"), scenario.prices.of("x")), (Some(price), None));
    let known = ModelPrice { input_per_million: 3.0, output_per_million: 15.0 };
    let scenario = scenario.with_prices([("x".to_owned(), known)]);
    assert_eq!((scenario.prices.of("gpt-4o"), scenario.prices.of("x")), (Some(price), Some(known)));
    insta::assert_snapshot!(refusal(&priced("input_per_million = -1\noutput_per_million = 1")), @r#"mine.toml:6: price."gpt-4o*".input_per_million: -1 is out of range; a number of dollars of 0 or more is needed"#);
    insta::assert_snapshot!(refusal(&priced("input_per_milion = 1")), @"mine.toml:7: price.gpt-4o*.input_per_milion: unknown key (did you mean `input_per_million`?)");
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
    let (headers, other) = (scenario.headers_with(Auth::Bearer), scenario.headers_with(Auth::ApiKey));
    assert_eq!(headers["authorization"], "Bearer sk-secret");
    assert_eq!((&headers["x-a"], &headers["x-b"]), (&"1".parse().unwrap(), &"sk-secret".parse().unwrap()));
    assert_eq!((&other["x-api-key"], other.get("authorization")), (&"sk-secret".parse().unwrap(), None));
    assert!(headers["authorization"].is_sensitive() && other["x-api-key"].is_sensitive());
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
    assert!(!scenario.headers_with(Auth::Bearer).contains_key("authorization"));
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
    assert_eq!(closed.shape, Shape::Level { level: 50.0, spawn_rate: "2/s".parse().ok() });
    let rate = changed(Overrides {
        rate: "5/s".parse().ok(),
        url: Some("http://h/v1".into()),
        ..Overrides::default()
    });
    let rate = rate.unwrap();
    let Start::Open(open) = &rate.load.start else { panic!("{:?}", rate.load) };
    assert_eq!((open.shape.highest(), open.kind_name()), (5.0, "constant"));
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
    insta::assert_snapshot!(refusal(Overrides { users: Some(1), rate, ..Overrides::default() }), @"command line: --users: cannot stand beside `--rate`: a load has one of --users, --concurrency, --rate and --stages");
    insta::assert_snapshot!(refusal(Overrides { rate, spawn_rate: rate, ..Overrides::default() }), @"command line: --spawn-rate: cannot stand beside `rate`: only `users` are spawned");
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

const VARIED: &str = r#"
about = "as usual"
classes = ["a"]
[load]
users = 1
run_time = "1s"
[[user.a.task]]
request = { kind = "http", path = "/a" }
[[user.b.task]]
request = { kind = "http", path = "/b" }
[variant.fast]
about = "at a rate"
classes = ["b", "a"]
load = { rate = "5/s", run_time = "2s" }
[variant.b]
classes = ["b"]
"#;

#[test]
fn a_variant_is_another_run_of_the_same_scenario() {
    let chosen = |name: &str| {
        let scenario = Scenario::parse(name, "mine.toml", VARIED, &|_| None).unwrap();
        let classes: Vec<String> = scenario.users.iter().map(|class| class.name.clone()).collect();
        (scenario.about().to_owned(), classes.join(" "), scenario.run_time().unwrap().as_secs())
    };
    let of = |about: &str, classes: &str, seconds| (about.to_owned(), classes.to_owned(), seconds);
    assert_eq!(chosen("mine"), of("as usual", "a", 1));
    assert_eq!(chosen("mine:fast"), of("at a rate", "a b", 2));
    assert_eq!(chosen("mine:b"), of("as usual", "b", 1));
    let scenario = Scenario::parse("mine:b", "mine.toml", VARIED, &|_| None).unwrap();
    assert_eq!(scenario.name(), "mine:b");
    let variants: Vec<&str> = scenario.variants().iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(variants, ["b", "fast"]);
}

#[test]
fn a_variant_that_nobody_asks_for_is_checked_too() {
    let refusal =
        |name: &str, text: &str| Scenario::parse(name, "mine.toml", text, &|_| None).unwrap_err().to_string();
    insta::assert_snapshot!(refusal("mine:fats", VARIED), @"mine.toml:11: variant: `fats` is unknown (did you mean `fast`?)");
    let no_class = VARIED.replace("[\"b\", \"a\"]", "[\"b\", \"aa\"]");
    insta::assert_snapshot!(refusal("mine", &no_class), @"mine.toml:13: variant.fast.classes[1]: `aa` is unknown (did you mean `a`?)");
    let nobody = VARIED.replace("[\"b\", \"a\"]", "[]");
    insta::assert_snapshot!(refusal("mine", &nobody), @"mine.toml:13: variant.fast.classes: missing: at least one class; without `classes` all of them take part");
    let no_rate = VARIED.replace("rate = \"5/s\", ", "");
    insta::assert_snapshot!(refusal("mine", &no_rate), @r#"mine.toml:14: variant.fast.load.users: missing: `users` for a closed loop (users = 100), `rate` for an open one (rate = "50/s"), `concurrency` for users without pauses, `stages` for a load that changes, or `search` for the highest one"#);
}

#[test]
fn a_variant_of_a_file_is_asked_for_behind_a_colon() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml");
    std::fs::write(&path, VARIED).unwrap();
    let scenario = Scenario::load(&format!("{}:fast", path.display()), &|_| None).unwrap();
    assert_eq!((scenario.name(), scenario.about()), ("mine:fast", "at a rate"));
}

fn with_criteria(criteria: &str) -> String {
    let task = |class: &str, name: &str| {
        format!("{}name = \"{name}\"\n", TASK.replace(".u.", &format!(".{class}.")))
    };
    format!(
        "{LOAD}{}{}{}{criteria}\n",
        task("readers", "chat"),
        task("readers", "list"),
        task("writers", "post")
    )
}

fn rules(scenario: &Scenario) -> Vec<String> {
    let rules = scenario.criteria.rules.iter();
    rules.map(|rule| format!("{} {:?}", rule.threshold, rule.watch)).collect()
}

#[test]
fn thresholds_are_of_a_task_a_class_or_all() {
    let scenario = parse(&with_criteria(
        r#"
        [thresholds]
        all = ["rps > 60", { limit = "errors < 20%", abort = true }, "task('list').errors < 1%", "lateness.p99 < 5ms"]
        chat = { limit = "goodput(ttft < 500ms) > 0.9", abort = true, after = "3s" }
        writers = "e2e.p95 < 1s"
        "#,
    ))
    .unwrap();
    insta::assert_snapshot!(rules(&scenario).join("\n"), @r#"
    rps > 60 AtEnd
    errors < 20% Throughout { after: 10s }
    task("list").errors < 1% AtEnd
    lateness.p99 < 5ms AtEnd
    task("chat").goodput(ttft < 500ms) > 90% Throughout { after: 3s }
    class("writers").e2e.p95 < 1s AtEnd
    "#);
    let more = Overrides {
        thresholds: vec!["task(\"post\").rps > 1".into()],
        abort_on: vec!["failures < 100".into()],
        goodput: vec!["e2e < 1s".into(), "ttft < 500ms".into()],
        ..Overrides::default()
    };
    let scenario = scenario.with(&more).unwrap();
    insta::assert_snapshot!(rules(&scenario)[6..].join("\n"), @r#"
    task("post").rps > 1 AtEnd
    failures < 100 Throughout { after: 10s }
    "#);
    let goals: Vec<String> = scenario.criteria.goals.iter().map(ToString::to_string).collect();
    assert_eq!(goals, ["ttft < 500ms", "e2e < 1s"], "each is counted once");
}

#[test]
fn bands_replace_those_by_default() {
    assert_eq!(parse(&with_criteria("")).unwrap().criteria.bands.len(), 3);
    let own = "bands = { rps = [200, 100.5], \"goodput(ttft < 1s)\" = [\"99%\"] }\n";
    let scenario = parse(&format!("{own}{}", with_criteria(""))).unwrap();
    let shown: Vec<String> =
        scenario.criteria.bands.iter().map(|band| serde_json::to_string(band).unwrap()).collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    {"figure":"goodput(ttft < 1s)","bounds":["99%"]}
    {"figure":"rps","bounds":["200","100.5"]}
    "#);
    assert_eq!(scenario.criteria.goals.len(), 1, "a band's goodput is counted too");
}

#[test]
fn criteria_that_cannot_be_are_told() {
    let threshold = |text: &str| refusal(&with_criteria(&format!("[thresholds]\n{text}")));
    insta::assert_snapshot!(threshold("all = \"tttf.p95 < 1s\""), @"mine.toml:14: thresholds.all: `tttf.p95 < 1s`, character 1: unknown figure `tttf` (did you mean `ttft`?)");
    insta::assert_snapshot!(threshold("chatt = \"rps > 1\""), @"mine.toml:14: thresholds.chatt: there is no task or class `chatt` (did you mean `chat`?)");
    insta::assert_snapshot!(threshold("chat = [\"rps > 1\", \"errors < 5\"]"), @"mine.toml:14: thresholds.chat[1]: `errors < 5`, character 10: `5` cannot be compared with `errors`; give a share, such as 5% or 0.05");
    insta::assert_snapshot!(threshold("all = \"task('reders').rps > 1\""), @"mine.toml:14: thresholds.all: there is no task `reders`; known here: chat, list, post");
    insta::assert_snapshot!(threshold("all = \"class('reders').rps > 1\""), @"mine.toml:14: thresholds.all: there is no class `reders` (did you mean `readers`?)");
    insta::assert_snapshot!(threshold("chat = \"task('list').rps > 1\""), @"mine.toml:14: thresholds.chat: cannot stand beside `task(…) or class(…)`: the key says of whom the figure is; write it under `all`");
    insta::assert_snapshot!(threshold("chat = \"lateness.p99 < 1ms\""), @"mine.toml:14: thresholds.chat: cannot stand beside `a task or class`: the figure is the generator's own; write it under `all`");
    insta::assert_snapshot!(threshold("all = { limit = \"rps > 1\", after = \"5s\" }"), @"mine.toml:14: thresholds.all.after: missing: `abort = true`: only a threshold that ends the run waits");
    insta::assert_snapshot!(threshold("all = { limit = \"rps > 1\", abbort = true }"), @"mine.toml:14: thresholds.all.abbort: unknown key (did you mean `abort`?)");
    insta::assert_snapshot!(threshold("all = { abort = true }"), @"mine.toml:14: thresholds.all.limit: missing: this key is needed");
    insta::assert_snapshot!(threshold("all = 5"), @r#"mine.toml:14: thresholds.all: 5 where a threshold such as "ttft.p95 < 500ms", or a list of them is needed"#);
    insta::assert_snapshot!(threshold("all = [5]"), @r#"mine.toml:14: thresholds.all[0]: 5 where a threshold such as "ttft.p95 < 500ms", or { limit = "…", abort = true } is needed"#);
    let bands = |text: &str| refusal(&with_criteria(&format!("[bands]\n{text}")));
    insta::assert_snapshot!(bands("e2e.p95 = [\"1s\"]"), @r#"mine.toml:14: bands.e2e: a table where a list of bounds (a figure with a point in it stands in quotes: "e2e.p95" = ["1s"]) is needed"#);
    insta::assert_snapshot!(bands("\"e2e.p95\" = [\"1s\", \"100ms\"]"), @r#"mine.toml:13: bands."e2e.p95": bound `100ms` is no worse than `1s`, which stands before it; the best comes first"#);
    insta::assert_snapshot!(bands("rps = [true]"), @r#"mine.toml:14: bands.rps[0]: true where a bound such as "500ms", "1%" or 100 is needed"#);
    insta::assert_snapshot!(bands("\"task('x').rps\" = [1]"), @r#"mine.toml:13: bands."task('x').rps": there is no task `x`; known here: chat, list, post"#);
    let goodput = |sets: &str| refusal(&format!("goodput = {sets}\n{}", with_criteria("")));
    insta::assert_snapshot!(goodput("[\"ttft < 1\"]"), @"mine.toml:1: goodput[0]: `ttft < 1`, character 8: `1` cannot be compared with `ttft`; give a duration with its unit, such as 500ms");
    let many: Vec<String> = (1..=17).map(|ms| format!("\"e2e < {ms}ms\"")).collect();
    insta::assert_snapshot!(goodput(&format!("[{}]", many.join(","))), @"mine.toml:1: goodput: 17 is out of range; a number of sets of limits of at most 16, thresholds included is needed");
    let many: Vec<String> = (1..=257).map(|_| "\"rps > 1\"".to_owned()).collect();
    insta::assert_snapshot!(threshold(&format!("all = [{}]", many.join(","))), @"mine.toml:13: thresholds: 257 is out of range; a number of thresholds of at most 256 is needed");
}

#[test]
fn a_mistake_in_a_threshold_is_shown() {
    let scenario = parse(&with_criteria("")).unwrap();
    let wrong = Overrides { thresholds: vec!["errors < 20".into()], ..Overrides::default() };
    let error = scenario.with(&wrong).unwrap_err();
    insta::assert_snapshot!(error, @"command line: --threshold: `errors < 20`, character 10: `20` cannot be compared with `errors`; give a share, such as 5% or 0.05");
    insta::assert_snapshot!(error.excerpt().unwrap(), @r"
    errors < 20
             ^^
    ");
    assert_eq!(parse("abot = 1").unwrap_err().excerpt(), None);
}
