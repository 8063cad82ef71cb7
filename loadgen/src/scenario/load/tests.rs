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

fn refusal(load: &str) -> String {
    parse(load).unwrap_err()
}

fn changed(load: &str, overrides: &Overrides) -> Result<Scenario, String> {
    parse(load).unwrap().with(overrides).map_err(|error| error.to_string())
}

#[test]
fn stages_are_of_users_or_of_rates() {
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
fn stages_that_cannot_be_are_refused() {
    insta::assert_snapshot!(refusal("stages = []"), @r#"mine.toml:2: load.stages: missing: at least one stage, such as { for = "30s", users = 50 }"#);
    insta::assert_snapshot!(refusal("stages = [{ for = \"3s\" }]"), @r#"mine.toml:2: load.stages[0].users: missing: `users` (users = 50) or `rate` (rate = "50/s") says where the stage goes to"#);
    insta::assert_snapshot!(refusal("stages = [{ for = \"3s\", users = 5, rate = \"5/s\" }]"), @"mine.toml:2: load.stages[0].users: cannot stand beside `rate`: a stage is of users or of a rate");
    insta::assert_snapshot!(refusal("stages = [{ for = \"3s\", users = 5 }, { for = \"3s\", rate = \"5/s\" }]"), @"mine.toml:2: load.stages[1].rate: cannot stand beside `users`: all stages are of users or all of rates");
    insta::assert_snapshot!(refusal("stages = [{ for = \"3s\", users = 500000 }]"), @"mine.toml:2: load.stages[0].users: 500000 is out of range; a number from 0 to 100000 is needed");
    insta::assert_snapshot!(refusal("stages = [{ users = 5 }]"), @"mine.toml:2: load.stages: the stages last 0s; together they need to last longer");
    insta::assert_snapshot!(refusal("stages = [{ for = \"3s\", users = 5 }]\nrun_time = \"9s\""), @"mine.toml:3: load.run_time: cannot stand beside `stages`: the stages say how long they last");
    insta::assert_snapshot!(refusal("stages = [{ for = \"3s\", users = 5 }]\nspawn_rate = \"1/s\""), @"mine.toml:3: load.spawn_rate: cannot stand beside `stages`: only `users` are spawned");
    insta::assert_snapshot!(refusal("stages = [{ for = \"3s\", users = 5 }]\nusers = 5"), @"mine.toml:3: load.users: cannot stand beside `stages`: a load has one of `users`, `concurrency`, `rate`, `stages` and `search`");
    insta::assert_snapshot!(refusal("stages = [{ for = \"3s\", users = 5 }]\narrivals = \"poisson\""), @"mine.toml:3: load.arrivals: cannot stand beside `stages`: only arrivals at a `rate` have it");
    insta::assert_snapshot!(refusal("stages = [{ for = \"3s\", users = 5 }]\nwarm_up = \"4s\""), @"mine.toml:2: load.stages: 3s is out of range; more than the warm-up of 4s is needed");
    insta::assert_snapshot!(refusal("stages = [{ for = \"3s\", rate = \"-1/s\" }]"), @r#"mine.toml:2: load.stages[0].rate: "-1/s" is out of range; an amount of more than zero is needed"#);
}

#[test]
fn gamma_arrivals_say_how_bursty_they_are() {
    let arrivals = |rest: &str| parse(&format!("rate = \"5/s\"\nrun_time = \"3s\"\n{rest}"));
    let open = |rest: &str| match arrivals(rest).unwrap().load.start {
        Start::Open(open) => (open.kind_name(), open.burstiness()),
        Start::Closed(closed) => panic!("{closed:?}"),
    };
    assert_eq!(open("arrivals = \"gamma\"\nburstiness = 0.25"), ("gamma", Some(0.25)));
    assert_eq!(open("cv = 0.5"), ("gamma", Some(4.0)));
    assert_eq!(open("burstiness = 1"), ("gamma", Some(1.0)));
    let refusal = |rest: &str| arrivals(rest).unwrap_err();
    insta::assert_snapshot!(refusal("arrivals = \"gamma\""), @"mine.toml:1: load.burstiness: missing: how bursty gamma arrivals are (burstiness = 0.5; 1 is Poisson, less is more bursty)");
    insta::assert_snapshot!(refusal("arrivals = \"poisson\"\ncv = 2"), @r#"mine.toml:5: load.cv: cannot stand beside `arrivals`: only arrivals = "gamma" have it"#);
    insta::assert_snapshot!(refusal("burstiness = 1\ncv = 1"), @"mine.toml:4: load.burstiness: cannot stand beside `cv`: both say how bursty arrivals are: cv = 1 / sqrt(burstiness)");
    insta::assert_snapshot!(refusal("burstiness = 0"), @"mine.toml:4: load.burstiness: 0 is out of range; a number from 0.0001 to 10000 is needed");
    insta::assert_snapshot!(refusal("cv = -1"), @"mine.toml:4: load.cv: -1 is out of range; a number from 0.01 to 100 is needed");
}

#[test]
fn a_concurrency_is_of_users_who_do_not_think() {
    let scenario = parse("concurrency = 100\nrequests = 1000").unwrap();
    assert_eq!((scenario.load.start.shape().highest(), scenario.run_time()), (100.0, None));
    let thinking = format!("[user.u]\nthink = \"1s\"\n{TASK}");
    let paused = |load: &str| parse_with(load, &thinking).unwrap().load.start.pauses();
    assert_eq!(paused("concurrency = 5\nrequests = 10"), Pauses::None);
    assert_eq!(paused("rate = \"5/s\"\nrun_time = \"9s\""), Pauses::None);
    assert_eq!(paused("users = 5\nrun_time = \"9s\""), Pauses::Think);
    insta::assert_snapshot!(refusal("concurrency = 5\nspawn_rate = \"1/s\"\nrequests = 10"), @"mine.toml:3: load.spawn_rate: cannot stand beside `concurrency`: only `users` are spawned");
    insta::assert_snapshot!(refusal("concurrency = 0\nrequests = 10"), @"mine.toml:2: load.concurrency: 0 is out of range; a number of 1 or more is needed");
    insta::assert_snapshot!(refusal("concurrency = 5"), @r#"mine.toml:1: load.run_time: missing: `run_time` (run_time = "60s") or `requests` (requests = 1000) says when to stop"#);
    let users = parse_with("users = 5\nrun_time = \"9s\"", &thinking).unwrap();
    let quick = users.with(&Overrides { concurrency: Some(9), ..Overrides::default() }).unwrap();
    assert_eq!(quick.load.start.pauses(), Pauses::None);
}

#[test]
fn think_times_that_are_left_out_are_told() {
    let thinking = format!("[user.u]\nthink = \"1s\"\n{TASK}");
    let notes = |load: &str, user: &str| parse_with(load, user).unwrap().notes();
    let (users, rate) = ("users = 5\nrun_time = \"9s\"", "rate = \"5/s\"\nrun_time = \"9s\"");
    let left_out = ["think times were left out: arrivals at a rate wait for nobody"];
    assert_eq!(notes(rate, &thinking), left_out);
    assert_eq!(
        notes("concurrency = 5\nrequests = 10", &thinking),
        ["think times were left out: users of a `concurrency` do not pause"]
    );
    assert_eq!((notes(users, &thinking), notes(rate, TASK)), (vec![], vec![]));
    let faster = Overrides { rate: "5/s".parse().ok(), ..Overrides::default() };
    assert_eq!(parse_with(users, &thinking).unwrap().with(&faster).unwrap().notes(), left_out);
}

#[test]
fn a_search_takes_the_place_of_a_load() {
    let users = "users = 1\nrun_time = \"9s\"";
    let search = |range: &str| Overrides {
        search: range.parse().ok(),
        thresholds: vec!["errors < 1%".to_owned()],
        ..Overrides::default()
    };
    let poisson = Overrides { arrivals: Some("poisson".into()), ..search("10/s..100/s") };
    let scenario = changed(users, &poisson).unwrap();
    let probe = scenario.at_level(&scenario.search().unwrap(), 50.0);
    let Start::Open(open) = probe.load.start else { panic!("{:?}", probe.load) };
    assert_eq!((open.kind_name(), open.shape.highest()), ("poisson", 50.0));

    let refusal = |load: &str, overrides: Overrides| changed(load, &overrides).unwrap_err();
    let warm_up = Some(Duration::from_secs(1));
    insta::assert_snapshot!(refusal(users, Overrides { warm_up, ..search("1..9") }), @"command line: --warm-up: cannot stand beside `search`: a search says itself how much load there is, and how long");
    let own = "search = { limits = [\"errors < 1%\"] }";
    insta::assert_snapshot!(refusal(own, Overrides { warm_up, ..Overrides::default() }), @"command line: --warm-up: cannot stand beside `search`: a search says itself how much load there is, and how long");
    insta::assert_snapshot!(refusal(own, search("9..1")), @"command line: --search: 1 is out of range; a level from `from` up to what a load may have is needed");
    let run_time = Some(Duration::from_secs(60));
    let load = changed(own, &Overrides { run_time, ..Overrides::default() }).unwrap().load;
    assert_eq!(
        (load.search, load.run_time),
        (None, run_time),
        "a load of its own takes the place of a search"
    );
}

#[test]
fn a_search_needs_a_row_for_each_user_that_it_may_come_to() {
    let unique = format!("[feed.f]\nrows = [\"a\", \"b\"]\norder = \"unique\"\n{TASK}");
    let search = "search = { from = 2, to = 9, limits = [\"errors < 1%\"] }";
    insta::assert_snapshot!(parse_with(search, &unique).unwrap_err(), @"mine.toml:3: feed.f: 2 is out of range; a number of rows of at least 9, one for each user, is needed");
    let asked = |range: &str| {
        let scenario = parse_with("users = 2\nrun_time = \"9s\"", &unique).unwrap();
        scenario
            .with(&Overrides { search: range.parse().ok(), ..Overrides::default() })
            .unwrap_err()
            .to_string()
    };
    insta::assert_snapshot!(asked("2..9"), @"command line: feed.f: 2 is out of range; a number of rows of at least 9, one for each user, is needed");
    insta::assert_snapshot!(asked("2/s..9/s"), @"command line: feed.f.order: cannot stand beside `load.rate`: nobody keeps a row where arrivals come at a rate; give `users`, or another order");
}

#[test]
fn a_cool_down_needs_an_end_and_leaves_something_to_measure() {
    let scenario = parse("users = 1\nrun_time = \"10s\"\nwarm_up = \"2s\"\ncool_down = \"3s\"").unwrap();
    assert_eq!(scenario.load.cool_from(), Some(Duration::from_secs(7)));
    insta::assert_snapshot!(refusal("users = 1\nrequests = 9\ncool_down = \"3s\""), @"mine.toml:4: load.cool_down: cannot stand beside `requests`: only a load with a run_time knows its last seconds");
    insta::assert_snapshot!(refusal("users = 1\nrun_time = \"5s\"\nwarm_up = \"2s\"\ncool_down = \"3s\""), @"mine.toml:3: load.run_time: 5s is out of range; more than the warm-up of 2s and the cool-down of 3s together is needed");
}

#[test]
fn a_number_of_requests_takes_the_place_of_a_time() {
    let requests = Overrides { requests: Some(500), ..Overrides::default() };
    let load = changed("users = 5\nrun_time = \"10s\"\nwarm_up = \"5s\"\ncool_down = \"1s\"", &requests)
        .unwrap()
        .load;
    assert_eq!((load.run_time, load.requests.map(u64::from)), (None, Some(500)));
    assert_eq!((load.warm_up, load.cool_down), (Duration::ZERO, Duration::ZERO));
    let both = Overrides { run_time: Some(Duration::from_secs(3)), ..requests };
    let load = changed("users = 5\nrun_time = \"10s\"", &both).unwrap().load;
    assert_eq!((load.run_time, load.requests.map(u64::from)), (Some(Duration::from_secs(3)), Some(500)));
}

#[test]
fn a_shape_takes_the_place_of_another() {
    let stages = Overrides { stages: "10s:5,20s:0".parse().ok(), ..Overrides::default() };
    let load = changed("rate = \"5/s\"\nrun_time = \"99s\"", &stages).unwrap().load;
    assert_eq!((load.start.kind(), load.run_time), (LoadKind::Closed, Some(Duration::from_secs(30))));
    let users = Overrides { users: Some(7), ..Overrides::default() };
    let load = changed("stages = [{ for = \"20s\", users = 5 }]", &users).unwrap().load;
    assert_eq!((load.start.shape().highest(), load.run_time), (7.0, Some(Duration::from_secs(20))));
    let bursts = Overrides {
        rate: "9/s".parse().ok(),
        arrivals: Some("gamma".into()),
        burstiness: Some(0.5),
        ..Overrides::default()
    };
    let Start::Open(open) = changed("users = 1\nrun_time = \"9s\"", &bursts).unwrap().load.start else {
        panic!()
    };
    assert_eq!((open.kind_name(), open.burstiness().map(|b| (b * 1e6).round())), ("gamma", Some(5e5)));
}

#[test]
fn changes_that_contradict_are_named_like_their_flags() {
    let refusal = |load: &str, overrides: Overrides| changed(load, &overrides).unwrap_err();
    let users = "users = 1\nrun_time = \"9s\"";
    let staged = "stages = [{ for = \"20s\", users = 5 }]";
    let (second, stages) = (Some(Duration::from_secs(1)), "10s:5".parse().ok());
    insta::assert_snapshot!(refusal(staged, Overrides { run_time: second, ..Overrides::default() }), @"command line: --run-time: cannot stand beside `stages`: the stages say how long they last");
    insta::assert_snapshot!(refusal(users, Overrides { concurrency: Some(1), stages, ..Overrides::default() }), @"command line: --concurrency: cannot stand beside `--stages`: a load has one of --users, --concurrency, --rate and --stages");
    insta::assert_snapshot!(refusal(users, Overrides { arrivals: Some("poisson".into()), ..Overrides::default() }), @"command line: --arrivals: cannot stand beside `users`: only arrivals at a `rate` have it");
    insta::assert_snapshot!(refusal(staged, Overrides { spawn_rate: "1/s".parse().ok(), ..Overrides::default() }), @"command line: --spawn-rate: cannot stand beside `stages`: only `users` are spawned");
    insta::assert_snapshot!(refusal(users, Overrides { concurrency: Some(1), spawn_rate: "1/s".parse().ok(), ..Overrides::default() }), @"command line: --spawn-rate: cannot stand beside `concurrency`: only `users` are spawned");
    insta::assert_snapshot!(refusal(users, Overrides { cool_down: Some(Duration::from_secs(9)), ..Overrides::default() }), @"command line: --run-time: 9s is out of range; more than the warm-up of 0s and the cool-down of 9s together is needed");
    insta::assert_snapshot!(refusal(users, Overrides { requests: Some(0), ..Overrides::default() }), @"command line: --requests: 0 is out of range; a number of 1 or more is needed");
}

#[test]
fn a_load_says_when_to_start_and_when_to_stop() {
    insta::assert_snapshot!(refusal("run_time = \"3s\""), @r#"mine.toml:1: load.users: missing: `users` for a closed loop (users = 100), `rate` for an open one (rate = "50/s"), `concurrency` for users without pauses, `stages` for a load that changes, or `search` for the highest one"#);
    insta::assert_snapshot!(refusal("users = 1"), @r#"mine.toml:1: load.run_time: missing: `run_time` (run_time = "60s") or `requests` (requests = 1000) says when to stop"#);
    insta::assert_snapshot!(refusal("users = 1\nrate = \"5/s\"\nrun_time = \"3s\""), @"mine.toml:2: load.users: cannot stand beside `rate`: a load has one of `users`, `concurrency`, `rate`, `stages` and `search`");
    insta::assert_snapshot!(refusal("users = 0\nrun_time = \"3s\""), @"mine.toml:2: load.users: 0 is out of range; a number of 1 or more is needed");
    insta::assert_snapshot!(refusal("users = 1000000\nrun_time = \"3s\""), @"mine.toml:2: load.users: 1000000 is out of range; a number from 1 to 100000 is needed");
    insta::assert_snapshot!(refusal("users = 1\nrun_time = \"3s\"\nwarm_up = \"3s\""), @"mine.toml:3: load.run_time: 3s is out of range; more than the warm-up of 3s is needed");
    insta::assert_snapshot!(refusal("users = 1\nrequests = 0"), @"mine.toml:3: load.requests: 0 is out of range; a number of 1 or more is needed");
}

#[test]
fn what_belongs_to_the_other_kind_of_load_is_refused() {
    insta::assert_snapshot!(refusal("users = 1\narrivals = \"poisson\"\nrun_time = \"3s\""), @"mine.toml:3: load.arrivals: cannot stand beside `users`: only arrivals at a `rate` have it");
    insta::assert_snapshot!(refusal("rate = \"5/s\"\nspawn_rate = \"1/s\"\nrun_time = \"3s\""), @"mine.toml:3: load.spawn_rate: cannot stand beside `rate`: only `users` are spawned");
    insta::assert_snapshot!(refusal("rate = \"5/s\"\narrivals = \"poison\"\nrun_time = \"3s\""), @"mine.toml:3: load.arrivals: unknown value `poison` (did you mean `poisson`?)");
}
