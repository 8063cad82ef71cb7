//! Changes by the command line.

use std::path::PathBuf;

use weir_wire::TlsRoots;

use super::*;

#[test]
fn with_overrides_change_load() {
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
fn with_time_scale_shortens_think_times() {
    let thinking =
        format!("{LOAD}[user.u]\nthink = \"1s\"\n{TASK}think = \"3s\"\nweight = 3\n{TASK}name = \"b\"\n");
    let overrides = Overrides { time_scale: Some(0.1), ..Overrides::default() };
    let scenario = parse(&thinking).unwrap().with(&overrides).unwrap();
    assert_eq!(scenario.users[0].think.mean(), Duration::from_millis(100));
    assert!((scenario.users[0].think_mean_s() - 0.25).abs() < 1e-9, "(3 × 0.3 s + 1 × 0.1 s) / 4");
    assert!((scenario.time_scale - 0.1).abs() < f64::EPSILON);
}

#[test]
fn with_invalid_change_names_its_flag() {
    let scenario =
        parse(&format!("[load]\nusers = 1\nrun_time = \"10s\"\nwarm_up = \"5s\"\n{TASK}")).unwrap();
    let error_of = |overrides: Overrides| scenario.clone().with(&overrides).unwrap_err().to_string();
    let rate = "5/s".parse().ok();
    insta::assert_snapshot!(error_of(Overrides { users: Some(1), rate, ..Overrides::default() }), @"command line: --users: conflicts with `--rate`: a load has only one of --users, --concurrency, --rate and --stages");
    insta::assert_snapshot!(error_of(Overrides { rate, spawn_rate: rate, ..Overrides::default() }), @"command line: --spawn-rate: conflicts with `rate`: only `users` and `concurrency` have a spawn rate");
    insta::assert_snapshot!(error_of(Overrides { users: Some(0), ..Overrides::default() }), @"command line: --users: 0 is out of range; expected a number of 1 or more");
    insta::assert_snapshot!(error_of(Overrides { run_time: Some(Duration::from_secs(5)), ..Overrides::default() }), @"command line: --run-time: 5s is out of range; expected more than the warm-up of 5s");
    let unique = format!("{LOAD}[feed.f]\nrows = [{}]\norder = \"unique\"\n{TASK}", "\"r\", ".repeat(10));
    let scenario = parse(&unique).unwrap();
    let feeds = |overrides: Overrides| scenario.clone().with(&overrides).unwrap_err().to_string();
    insta::assert_snapshot!(feeds(Overrides { users: Some(11), ..Overrides::default() }), @"command line: feed.f: 10 is out of range; expected at least 11 rows, one for each user");
    insta::assert_snapshot!(feeds(Overrides { rate, ..Overrides::default() }), @"command line: feed.f.order: conflicts with `load.rate`: arrivals at a rate have no users who keep a row; use `users` or another order");
    insta::assert_snapshot!(error_of(Overrides { url: Some("h".into()), ..Overrides::default() }), @"command line: --url: `h` must begin with http:// or https://");
    insta::assert_snapshot!(error_of(Overrides { time_scale: Some(0.0), ..Overrides::default() }), @"command line: --time-scale: 0 is out of range; expected a factor of more than zero");
}

#[test]
fn with_tls_flags_replace_authorities_of_scenario() {
    let tls = |keys: &str, overrides: Overrides| {
        let scenario =
            parse(&format!("url = \"https://h\"\n{keys}{LOAD}{TASK}")).unwrap().with(&overrides).unwrap();
        (scenario.client.tls.clone(), scenario.notes())
    };
    let file = |path: &str| Some(PathBuf::from(path));
    let (own, no_file) = ("ca_file = \"own.pem\"\n", Overrides::default());
    let of_variable = Overrides { default_ca_file: file("env.pem"), ..Overrides::default() };
    let of_flag = Overrides { ca_file: file("flag.pem"), ..of_variable.clone() };
    assert_eq!(tls("", no_file.clone()).0, TlsRoots::Webpki);
    assert_eq!(tls(own, no_file).0, TlsRoots::CaFile("own.pem".into()));
    assert_eq!(tls("", of_variable.clone()).0, TlsRoots::CaFile("env.pem".into()));
    assert_eq!(tls(own, of_variable).0, TlsRoots::CaFile("own.pem".into()));
    assert_eq!(tls(own, of_flag.clone()).0, TlsRoots::CaFile("flag.pem".into()));
    let (any, notes) = tls(own, Overrides { insecure: true, ..of_flag });
    assert_eq!(any, TlsRoots::AcceptAny);
    assert_eq!(notes, ["the certificate of the target was not checked (--insecure)"]);
}
