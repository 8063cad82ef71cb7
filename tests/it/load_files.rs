//! Files of a load, and failures to write them.

use std::{fs, path::Path, time::Duration};

use rustix::process::Signal;
use serde_json::Value;

use crate::{
    cli::weir,
    load::{SCENARIO, load},
    support::{Running, Setup, Weir, shared},
};

#[tokio::test]
async fn unwritable_report_is_still_printed() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("out/summary.json")).unwrap();
    let output = load(folder.path(), &format!("http://{}", shared().address));
    assert_eq!(output.code, Some(3), "{}", output.stderr);
    assert!(output.stdout.contains("weir load one"), "{}", output.stdout);
    assert!(output.stderr.contains("summary.json"), "{}", output.stderr);
}

#[tokio::test]
async fn flags_of_locust_are_accepted() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("one.toml"),
        SCENARIO.replace("users = 1", "users = 9\nwarm_up = \"100ms\""),
    )
    .unwrap();
    let host = format!("http://{}", shared().address);
    let arguments = [
        "load",
        "one.toml",
        "-H",
        &host,
        "-u",
        "2",
        "-r",
        "50",
        "-t",
        "600ms",
        "--headless",
        "--only-summary",
    ];
    let copies = ["--csv", "results/agents", "--html", "report.html", "--out", "out"];
    let output = weir(&[&arguments[..], &copies].concat(), folder.path(), &[]);
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    let stats = fs::read_to_string(folder.path().join("results/agents_stats.csv")).unwrap();
    assert_eq!(stats, fs::read_to_string(folder.path().join("out/weir_stats.csv")).unwrap());
    for name in [
        "results/agents_stats_history.csv",
        "results/agents_failures.csv",
        "results/agents_exceptions.csv",
        "report.html",
    ] {
        assert!(folder.path().join(name).is_file(), "{name}");
    }
    let output =
        weir(&[&arguments[..], &["--csv", "one.toml/x", "--out", "two"]].concat(), folder.path(), &[]);
    assert_eq!(output.code, Some(3), "{}", output.stderr);
    assert!(output.stderr.contains("cannot write one.toml/x_stats.csv"), "{}", output.stderr);
}

/// The name of the only request log in `out`.
fn request_log(out: &Path) -> String {
    let names = fs::read_dir(out).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let logs: Vec<String> = names.filter(|name| name.starts_with("performance_report_")).collect();
    let [name] = logs.as_slice() else { panic!("{logs:?}") };
    name.clone()
}

#[tokio::test]
async fn request_log_is_accepted_as_baseline_input() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    fs::create_dir(&out).unwrap();
    let out_name = out.display();
    let settings =
        format!("[agent_connector]\nresults_folder = '{out_name}'\nbaselines_folder = '{out_name}/b'");
    let weir = Weir::start(Setup::new().time_scale("0.1").config(&settings));
    let url = format!("http://{}", weir.api.address);
    fs::write(folder.path().join("one.toml"), SCENARIO.replace("users = 1", "users = 1\nrequests = 5"))
        .unwrap();
    let output =
        self::weir(&["load", "one.toml", "--url", &url, "--out", "out", "--request-log"], folder.path(), &[]);
    let name = request_log(&out);
    assert!(output.stderr.contains(&format!("{name} (5 rows)")), "{}", output.stderr);

    let body = serde_json::json!({"test_results_file": name});
    let made = weir.api.post("/api/load-test/baseline", &body).await;
    assert_eq!(made.status, 200, "{}", made.text());
    let baseline = made.json();
    assert_eq!((&baseline["total_requests"], &baseline["concurrent_users"]), (&5.into(), &1.into()));
    let metric = &baseline["metrics"][0];
    assert_eq!((&metric["endpoint"], &metric["method"]), (&"chat".into(), &"POST".into()));
    assert_eq!((&metric["sample_size"], &metric["error_rate"]), (&5.into(), &0.0.into()));
}

#[tokio::test]
async fn interrupted_request_log_is_limited_and_complete() {
    let folder = tempfile::tempdir().unwrap();
    let weir = Weir::start(Setup::new().time_scale("0.1"));
    fs::write(folder.path().join("one.toml"), SCENARIO).unwrap();
    let url = format!("http://{}", weir.api.address);
    let arguments = ["load", "one.toml", "--url", &url, "--out", "out", "--request-log=2"];
    let running = Running::start(&arguments, folder.path());
    weir.api.until_health("requests_in_flight", 1).await;
    weir.api.clock.sleep(Duration::from_secs(1)).await;
    running.signal(Signal::INT);
    let output = running.ended();
    assert_eq!(output.code, Some(130), "{}", output.stderr);
    let out = folder.path().join("out");
    let log: Value = serde_json::from_slice(&fs::read(out.join(request_log(&out))).unwrap()).unwrap();
    assert_eq!((log["metrics"].as_array().unwrap().len(), &log["summary"]["complete"]), (2, &true.into()));
    let total = log["total_requests"].as_u64().unwrap();
    assert_eq!(log["summary"]["rows_left_out"].as_u64().unwrap() + 2, total);
    assert!(output.stderr.contains("(2 rows, "), "{}", output.stderr);
}

#[test]
fn unwritable_folder_fails_before_run() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("one.toml"), SCENARIO).unwrap();
    // Not even root can create files there.
    let output = weir(&["load", "one.toml", "--out", "/proc/self"], folder.path(), &[]);
    assert_eq!((output.code, output.stdout.as_str()), (Some(2), ""), "{}", output.stderr);
    assert!(
        output.stderr.starts_with("error: cannot write into the folder /proc/self: "),
        "{}",
        output.stderr
    );
}

#[tokio::test]
async fn full_disk_at_end_still_prints_report() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("one.toml"), SCENARIO.replace("users = 1", "users = 1\nrequests = 5"))
        .unwrap();
    let url = format!("http://{}", shared().address);
    // Files of at most 512 bytes: a write beyond that fails, as it does on a full disk.
    let script = "ulimit -f 1; exec \"$0\" \"$@\"";
    let mut command = std::process::Command::new("sh");
    command.args([
        "-c",
        script,
        env!("CARGO_BIN_EXE_weir"),
        "load",
        "one.toml",
        "--url",
        &url,
        "--out",
        "out",
    ]);
    let output = command.current_dir(folder.path()).output().unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(3), "{stderr}");
    assert!(stdout.contains("weir load one"), "{stdout}");
    assert!(stderr.contains("error: cannot write out/summary.json: "), "{stderr}");
    assert!(!folder.path().join("out/summary.json").exists(), "nothing half written stays");
}
