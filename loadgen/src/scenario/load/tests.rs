use std::time::Duration;

use super::super::{Overrides, Pauses, Scenario, Shape, Start};
use weir_results::{LoadKind, StageWay};

const TASK: &str = "[[user.u.task]]\nrequest = { kind = \"http\", path = \"/health\" }\n";

fn parse(load: &str) -> Result<Scenario, String> {
    parse_with(load, TASK)
}

fn parse_with(load: &str, user: &str) -> Result<Scenario, String> {
    let text = format!("[load]\n{load}\n{user}");
    Scenario::parse("mine", "mine.toml", &text, &|_| None).map_err(|error| error.to_string())
}

fn error_of(load: &str) -> String {
    parse(load).unwrap_err()
}

fn with(load: &str, overrides: &Overrides) -> Result<Scenario, String> {
    parse(load).unwrap().with(overrides).map_err(|error| error.to_string())
}

#[test]
fn parse_stages_of_users_or_of_rates_are_read() {
    let scenario = parse(
        "stages = [{ for = \"30s\", users = 50 }, { for = \"1m\", users = 100, jump = true }, { users = 10 }, { for = \"10s\", users = 0 }]",
    )
    .unwrap();
    assert_eq!(scenario.run_time(), Some(Duration::from_secs(100)));
    let Shape::Stages(stages) = scenario.load.start.shape() else { panic!("{:?}", scenario.load) };
    let read: Vec<_> = stages.iter().map(|stage| (stage.lasts.as_secs(), stage.to, stage.way)).collect();
    let expected = [
        (30, 50.0, StageWay::Ramp),
        (60, 100.0, StageWay::Jump),
        (0, 10.0, StageWay::Ramp),
        (10, 0.0, StageWay::Ramp),
    ];
    assert_eq!((scenario.load.start.kind(), read.as_slice()), (LoadKind::Closed, &expected[..]));
    let rates = parse(
        "stages = [{ for = \"5s\", rate = \"600/min\" }, { for = \"5s\", rate = \"0/s\" }]\narrivals = \"poisson\"",
    );
    let rates = rates.unwrap().load.start;
    assert_eq!((rates.kind(), rates.shape().highest()), (LoadKind::Open, 10.0));
}

#[test]
fn parse_invalid_stages_are_an_error() {
    insta::assert_snapshot!(error_of("stages = []"), @r#"mine.toml:2: load.stages: missing: at least one stage, such as { for = "30s", users = 50 }"#);
    insta::assert_snapshot!(error_of("stages = [{ for = \"3s\" }]"), @r#"mine.toml:2: load.stages[0].users: missing: `users` (users = 50) or `rate` (rate = "50/s")"#);
    insta::assert_snapshot!(error_of("stages = [{ for = \"3s\", users = 5, rate = \"5/s\" }]"), @"mine.toml:2: load.stages[0].users: conflicts with `rate`: a stage has either users or a rate");
    insta::assert_snapshot!(error_of("stages = [{ for = \"3s\", users = 5 }, { for = \"3s\", rate = \"5/s\" }]"), @"mine.toml:2: load.stages[1].rate: conflicts with `users`: all stages must be of users, or all of rates");
    insta::assert_snapshot!(error_of("stages = [{ for = \"3s\", users = 500000 }]"), @"mine.toml:2: load.stages[0].users: 500000 is out of range; expected a number from 0 to 100000");
    insta::assert_snapshot!(error_of("stages = [{ users = 5 }]"), @"mine.toml:2: load.stages: the sum of the stages is 0s; it must be longer");
    insta::assert_snapshot!(error_of("stages = [{ for = \"3s\", users = 5 }]\nrun_time = \"9s\""), @"mine.toml:3: load.run_time: conflicts with `stages`: the run time is the sum of the stages");
    insta::assert_snapshot!(error_of("stages = [{ for = \"3s\", users = 5 }]\nspawn_rate = \"1/s\""), @"mine.toml:3: load.spawn_rate: conflicts with `stages`: only `users` and `concurrency` have a spawn rate");
    insta::assert_snapshot!(error_of("stages = [{ for = \"3s\", users = 5 }]\nusers = 5"), @"mine.toml:3: load.users: conflicts with `stages`: a load has only one of `users`, `concurrency`, `rate`, `stages` and `search`");
    insta::assert_snapshot!(error_of("stages = [{ for = \"3s\", users = 5 }]\narrivals = \"poisson\""), @"mine.toml:3: load.arrivals: conflicts with `stages`: only arrivals at a `rate` have an arrival process");
    insta::assert_snapshot!(error_of("stages = [{ for = \"3s\", users = 5 }]\nwarm_up = \"4s\""), @"mine.toml:2: load.stages: 3s is out of range; expected more than the warm-up of 4s");
    insta::assert_snapshot!(error_of("stages = [{ for = \"3s\", rate = \"-1/s\" }]"), @r#"mine.toml:2: load.stages[0].rate: "-1/s" is out of range: expected an amount of more than zero"#);
}

#[test]
fn parse_gamma_arrivals_need_burstiness_or_cv() {
    let arrivals = |rest: &str| parse(&format!("rate = \"5/s\"\nrun_time = \"3s\"\n{rest}"));
    let open = |rest: &str| match arrivals(rest).unwrap().load.start {
        Start::Open(open) => (open.kind_name(), open.burstiness()),
        Start::Closed(closed) => panic!("{closed:?}"),
    };
    assert_eq!(open("arrivals = \"gamma\"\nburstiness = 0.25"), ("gamma", Some(0.25)));
    assert_eq!(open("cv = 0.5"), ("gamma", Some(4.0)));
    assert_eq!(open("burstiness = 1"), ("gamma", Some(1.0)));
    let error_of = |rest: &str| arrivals(rest).unwrap_err();
    insta::assert_snapshot!(error_of("arrivals = \"gamma\""), @"mine.toml:1: load.burstiness: missing: the burstiness of gamma arrivals (burstiness = 0.5; 1 is Poisson, less is more bursty)");
    insta::assert_snapshot!(error_of("arrivals = \"poisson\"\ncv = 2"), @r#"mine.toml:5: load.cv: conflicts with `arrivals`: only arrivals = "gamma" have a burstiness"#);
    insta::assert_snapshot!(error_of("burstiness = 1\ncv = 1"), @"mine.toml:4: load.burstiness: conflicts with `cv`: both set the burstiness of arrivals: cv = 1 / sqrt(burstiness)");
    insta::assert_snapshot!(error_of("burstiness = 0"), @"mine.toml:4: load.burstiness: 0 is out of range; expected a number from 0.0001 to 10000");
    insta::assert_snapshot!(error_of("cv = -1"), @"mine.toml:4: load.cv: -1 is out of range; expected a number from 0.01 to 100");
}

#[test]
fn parse_concurrency_has_no_pauses() {
    let scenario = parse("concurrency = 100\nrequests = 1000").unwrap();
    assert_eq!((scenario.load.start.shape().highest(), scenario.run_time()), (100.0, None));
    let thinking = format!("[user.u]\nthink = \"1s\"\n{TASK}");
    let paused = |load: &str| parse_with(load, &thinking).unwrap().load.start.pauses();
    assert_eq!(paused("concurrency = 5\nrequests = 10"), Pauses::None);
    assert_eq!(paused("rate = \"5/s\"\nrun_time = \"9s\""), Pauses::None);
    assert_eq!(paused("users = 5\nrun_time = \"9s\""), Pauses::Think);
    let spread = parse("concurrency = 5\nspawn_rate = \"1/s\"\nrequests = 10").unwrap();
    assert_eq!(spread.load.start.shape().spawn_time(), Duration::from_secs(5));
    insta::assert_snapshot!(error_of("concurrency = 0\nrequests = 10"), @"mine.toml:2: load.concurrency: 0 is out of range; expected a number of 1 or more");
    insta::assert_snapshot!(error_of("concurrency = 5"), @r#"mine.toml:1: load.run_time: missing: `run_time` (run_time = "60s") or `requests` (requests = 1000)"#);
    let users = parse_with("users = 5\nrun_time = \"9s\"", &thinking).unwrap();
    let spawn_rate = "3/s".parse().ok();
    let fast = users.with(&Overrides { concurrency: Some(9), spawn_rate, ..Overrides::default() }).unwrap();
    assert_eq!(
        (fast.load.start.pauses(), fast.load.start.shape().spawn_time()),
        (Pauses::None, Duration::from_secs(3))
    );
}

#[test]
fn notes_think_times_left_out_are_noted() {
    let thinking = format!("[user.u]\nthink = \"1s\"\n{TASK}");
    let notes = |load: &str, user: &str| parse_with(load, user).unwrap().notes();
    let (users, rate) = ("users = 5\nrun_time = \"9s\"", "rate = \"5/s\"\nrun_time = \"9s\"");
    let left_out = ["think times are left out: arrivals at a rate do not wait for users"];
    assert_eq!(notes(rate, &thinking), left_out);
    assert_eq!(
        notes("concurrency = 5\nrequests = 10", &thinking),
        ["think times are left out: users of a `concurrency` do not pause"]
    );
    assert_eq!((notes(users, &thinking), notes(rate, TASK)), (vec![], vec![]));
    let faster = Overrides { rate: "5/s".parse().ok(), ..Overrides::default() };
    assert_eq!(parse_with(users, &thinking).unwrap().with(&faster).unwrap().notes(), left_out);
}

#[test]
fn notes_start_of_users_that_outlasts_the_warm_up_is_noted() {
    let notes = |load: &str| parse(load).unwrap().notes();
    let load = "users = 100\nspawn_rate = \"20/s\"\nrun_time = \"9s\"";
    insta::assert_snapshot!(notes(&format!("{load}\nwarm_up = \"1s\"")).join("\n"), @"users were still being started in the measured window, until 5s after the start of the run: a longer warm_up excludes that time");
    assert_eq!(notes(&format!("{load}\nwarm_up = \"5s\"")), [""; 0]);
}

#[test]
fn with_search_replaces_load() {
    let users = "users = 1\nrun_time = \"9s\"";
    let search = |range: &str| Overrides {
        search: range.parse().ok(),
        thresholds: vec!["errors < 1%".to_owned()],
        ..Overrides::default()
    };
    let poisson = Overrides { arrivals: Some("poisson".into()), ..search("10/s..100/s") };
    let scenario = with(users, &poisson).unwrap();
    let probe = scenario.at_level(&scenario.search().unwrap(), 50.0);
    let Start::Open(open) = probe.load.start else { panic!("{:?}", probe.load) };
    assert_eq!((open.kind_name(), open.shape.highest()), ("poisson", 50.0));

    let error_of = |load: &str, overrides: Overrides| with(load, &overrides).unwrap_err();
    let warm_up = Some(Duration::from_secs(1));
    insta::assert_snapshot!(error_of(users, Overrides { warm_up, ..search("1..9") }), @"command line: --warm-up: conflicts with `search`: a search sets the level and the length of the load");
    let own = "search = { limits = [\"errors < 1%\"] }";
    insta::assert_snapshot!(error_of(own, Overrides { warm_up, ..Overrides::default() }), @"command line: --warm-up: conflicts with `search`: a search sets the level and the length of the load");
    insta::assert_snapshot!(error_of(own, search("9..1")), @"command line: --search: 1 is out of range; expected a level from `from` to the largest level of a load");
    let run_time = Some(Duration::from_secs(60));
    let load = with(own, &Overrides { run_time, ..Overrides::default() }).unwrap().load;
    assert_eq!((load.search, load.run_time), (None, run_time), "a run time replaces the search");
}

#[test]
fn parse_search_with_unique_feed_needs_row_for_each_user() {
    let unique = format!("[feed.f]\nrows = [\"a\", \"b\"]\norder = \"unique\"\n{TASK}");
    let search = "search = { from = 2, to = 9, limits = [\"errors < 1%\"] }";
    insta::assert_snapshot!(parse_with(search, &unique).unwrap_err(), @"mine.toml:3: feed.f: 2 is out of range; expected at least 9 rows, one for each user");
    let error_with = |range: &str| {
        let scenario = parse_with("users = 2\nrun_time = \"9s\"", &unique).unwrap();
        scenario
            .with(&Overrides { search: range.parse().ok(), ..Overrides::default() })
            .unwrap_err()
            .to_string()
    };
    insta::assert_snapshot!(error_with("2..9"), @"command line: feed.f: 2 is out of range; expected at least 9 rows, one for each user");
    insta::assert_snapshot!(error_with("2/s..9/s"), @"command line: feed.f.order: conflicts with `load.rate`: arrivals at a rate have no users who keep a row; use `users` or another order");
}

#[test]
fn parse_cool_down_needs_longer_run_time() {
    let scenario = parse("users = 1\nrun_time = \"10s\"\nwarm_up = \"2s\"\ncool_down = \"3s\"").unwrap();
    assert_eq!(scenario.load.cool_from(), Some(Duration::from_secs(7)));
    insta::assert_snapshot!(error_of("users = 1\nrequests = 9\ncool_down = \"3s\""), @"mine.toml:4: load.cool_down: conflicts with `requests`: only a load with a `run_time` has a cool-down");
    insta::assert_snapshot!(error_of("users = 1\nrun_time = \"5s\"\nwarm_up = \"2s\"\ncool_down = \"3s\""), @"mine.toml:3: load.run_time: 5s is out of range; expected more than the warm-up of 2s and the cool-down of 3s together");
}

#[test]
fn with_requests_replaces_times() {
    let requests = Overrides { requests: Some(500), ..Overrides::default() };
    let load =
        with("users = 5\nrun_time = \"10s\"\nwarm_up = \"5s\"\ncool_down = \"1s\"", &requests).unwrap().load;
    assert_eq!((load.run_time, load.requests.map(u64::from)), (None, Some(500)));
    assert_eq!((load.warm_up, load.cool_down), (Duration::ZERO, Duration::ZERO));
    let both = Overrides { run_time: Some(Duration::from_secs(3)), ..requests };
    let load = with("users = 5\nrun_time = \"10s\"", &both).unwrap().load;
    assert_eq!((load.run_time, load.requests.map(u64::from)), (Some(Duration::from_secs(3)), Some(500)));
}

#[test]
fn with_shape_replaces_other_shape() {
    let stages = Overrides { stages: "10s:5,20s:0".parse().ok(), ..Overrides::default() };
    let load = with("rate = \"5/s\"\nrun_time = \"99s\"", &stages).unwrap().load;
    assert_eq!((load.start.kind(), load.run_time), (LoadKind::Closed, Some(Duration::from_secs(30))));
    let users = Overrides { users: Some(7), ..Overrides::default() };
    let load = with("stages = [{ for = \"20s\", users = 5 }]", &users).unwrap().load;
    assert_eq!((load.start.shape().highest(), load.run_time), (7.0, Some(Duration::from_secs(20))));
    let bursts = Overrides {
        rate: "9/s".parse().ok(),
        arrivals: Some("gamma".into()),
        burstiness: Some(0.5),
        ..Overrides::default()
    };
    let Start::Open(open) = with("users = 1\nrun_time = \"9s\"", &bursts).unwrap().load.start else {
        panic!()
    };
    assert_eq!((open.kind_name(), open.burstiness().map(|b| (b * 1e6).round())), ("gamma", Some(5e5)));
}

#[test]
fn with_conflicting_changes_names_their_flags() {
    let error_of = |load: &str, overrides: Overrides| with(load, &overrides).unwrap_err();
    let users = "users = 1\nrun_time = \"9s\"";
    let staged = "stages = [{ for = \"20s\", users = 5 }]";
    let (second, stages) = (Some(Duration::from_secs(1)), "10s:5".parse().ok());
    insta::assert_snapshot!(error_of(staged, Overrides { run_time: second, ..Overrides::default() }), @"command line: --run-time: conflicts with `stages`: the run time is the sum of the stages");
    insta::assert_snapshot!(error_of(users, Overrides { concurrency: Some(1), stages, ..Overrides::default() }), @"command line: --concurrency: conflicts with `--stages`: a load has only one of --users, --concurrency, --rate and --stages");
    insta::assert_snapshot!(error_of(users, Overrides { arrivals: Some("poisson".into()), ..Overrides::default() }), @"command line: --arrivals: conflicts with `users`: only arrivals at a `rate` have an arrival process");
    insta::assert_snapshot!(error_of(staged, Overrides { spawn_rate: "1/s".parse().ok(), ..Overrides::default() }), @"command line: --spawn-rate: conflicts with `stages`: only `users` and `concurrency` have a spawn rate");
    insta::assert_snapshot!(error_of(users, Overrides { cool_down: Some(Duration::from_secs(9)), ..Overrides::default() }), @"command line: --run-time: 9s is out of range; expected more than the warm-up of 0s and the cool-down of 9s together");
    insta::assert_snapshot!(error_of(users, Overrides { requests: Some(0), ..Overrides::default() }), @"command line: --requests: 0 is out of range; expected a number of 1 or more");
}

#[test]
fn parse_load_needs_start_and_end() {
    insta::assert_snapshot!(error_of("run_time = \"3s\""), @r#"mine.toml:1: load.users: missing: `users` for a closed loop (users = 100), `rate` for an open one (rate = "50/s"), `concurrency` for users without pauses, `stages` for a load that changes, or `search` for the highest one"#);
    insta::assert_snapshot!(error_of("users = 1"), @r#"mine.toml:1: load.run_time: missing: `run_time` (run_time = "60s") or `requests` (requests = 1000)"#);
    insta::assert_snapshot!(error_of("users = 1\nrate = \"5/s\"\nrun_time = \"3s\""), @"mine.toml:2: load.users: conflicts with `rate`: a load has only one of `users`, `concurrency`, `rate`, `stages` and `search`");
    insta::assert_snapshot!(error_of("users = 0\nrun_time = \"3s\""), @"mine.toml:2: load.users: 0 is out of range; expected a number of 1 or more");
    insta::assert_snapshot!(error_of("users = 1000000\nrun_time = \"3s\""), @"mine.toml:2: load.users: 1000000 is out of range; expected a number from 1 to 100000");
    insta::assert_snapshot!(error_of("users = 1\nrun_time = \"3s\"\nwarm_up = \"3s\""), @"mine.toml:3: load.run_time: 3s is out of range; expected more than the warm-up of 3s");
    insta::assert_snapshot!(error_of("users = 1\nrequests = 0"), @"mine.toml:3: load.requests: 0 is out of range; expected a number of 1 or more");
}

#[test]
fn parse_keys_of_other_kind_of_load_are_an_error() {
    insta::assert_snapshot!(error_of("users = 1\narrivals = \"poisson\"\nrun_time = \"3s\""), @"mine.toml:3: load.arrivals: conflicts with `users`: only arrivals at a `rate` have an arrival process");
    insta::assert_snapshot!(error_of("rate = \"5/s\"\nspawn_rate = \"1/s\"\nrun_time = \"3s\""), @"mine.toml:3: load.spawn_rate: conflicts with `rate`: only `users` and `concurrency` have a spawn rate");
    insta::assert_snapshot!(error_of("rate = \"5/s\"\narrivals = \"poison\"\nrun_time = \"3s\""), @"mine.toml:3: load.arrivals: unknown value `poison` (did you mean `poisson`?)");
}
