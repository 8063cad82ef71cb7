//! Misbehaving targets: the run continues, each failure is counted under its kind, and memory stays bounded.

use std::{
    collections::BTreeMap,
    fs,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
    time::Duration,
};

use serde_json::Value;

use crate::{
    cli::weir,
    support::{Running, shared},
};

/// Maximum resident memory of a load of 50 users; about 40 MiB of it are independent of the target.
const MEMORY_MIB_MAX: u64 = 450;

const CHAT: &str = "kind = 'openai.chat', model = 'm', prompt = 'p'";
const STREAM: &str = "kind = 'openai.chat', model = 'm', prompt = 'p', stream = true";
const PLAIN: &str = "kind = 'http', path = '/'";

/// Longer than a run, so that only the behaviour under test ends a request, even on a busy machine.
const PATIENT: &str = "headers = '30s'\nidle = '30s'";

const STREAM_HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";

/// A server that handles all connections alike and runs until the process exits.
fn server(treat: impl Fn(TcpStream) -> std::io::Result<()> + Copy + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            // A client disconnect ends only its connection.
            thread::spawn(move || stream.and_then(treat));
        }
    });
    address
}

/// Waits for the first bytes of a request.
fn read_request(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.read(&mut [0; 4096]).map(|_| ())
}

/// Sends `head`, then `more` until the client disconnects.
fn endless(mut stream: TcpStream, head: &str, more: &[u8]) -> std::io::Result<()> {
    read_request(&mut stream)?;
    stream.write_all(head.as_bytes())?;
    loop {
        stream.write_all(more)?;
    }
}

/// The outcome of a load of 50 users for 4 s.
struct Outcome {
    /// Number of failures of each kind.
    failures: BTreeMap<String, u64>,
    load: Value,
    peak_mib: u64,
}

async fn load(url: &str, request: &str, timeouts: &str) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    let scenario = format!(
        "url = '{url}'
[load]
users = 50
run_time = '4s'
grace = '200ms'
[timeouts]
{timeouts}
[user.u]
think = '20ms'
[[user.u.task]]
request = {{ {request} }}
"
    );
    fs::write(folder.path().join("hostile.toml"), scenario).unwrap();
    let running = Running::start(&["load", "hostile.toml", "--out", "out"], folder.path());
    let peak_mib = peak_mib(&running).await;
    let output = running.ended();
    assert!(output.stdout.contains("weir load hostile"), "{}{}", output.stdout, output.stderr);
    let summary: Value =
        serde_json::from_slice(&fs::read(folder.path().join("out/summary.json")).unwrap()).unwrap();
    let load = summary["sections"][0]["measured"]["load"].clone();
    let failures = load["all"]["failures"].as_object().unwrap();
    let failures = failures.iter().map(|(kind, of)| (kind.clone(), of["count"].as_u64().unwrap())).collect();
    Outcome { failures, load, peak_mib }
}

/// Peak resident memory; waits until the process has ended.
async fn peak_mib(running: &Running) -> u64 {
    let status = format!("/proc/{}/status", running.id());
    let mut peak_kib = 0;
    // A zombie process has no memory.
    while let Some(kib) = fs::read_to_string(&status).ok().as_deref().and_then(high_water_mark) {
        peak_kib = kib;
        shared().clock.sleep(Duration::from_millis(50)).await;
    }
    peak_kib / 1024
}

fn high_water_mark(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

/// Runs against a server and asserts that all failures are of `kind`, and that memory is bounded.
async fn fails_as(kind: &str, request: &str, treat: fn(TcpStream) -> std::io::Result<()>) {
    fails_within(PATIENT, kind, request, treat).await;
}

/// Like `fails_as`, with other timeouts.
async fn fails_within(
    timeouts: &str,
    kind: &str,
    request: &str,
    treat: fn(TcpStream) -> std::io::Result<()>,
) {
    let outcome = load(&format!("http://{}", server(treat)), request, timeouts).await;
    let kinds: Vec<&str> = outcome.failures.keys().map(String::as_str).collect();
    assert_eq!(kinds, [kind], "{}", outcome.load["all"]["failures"]);
    assert!(outcome.peak_mib < MEMORY_MIB_MAX, "{kind}: {} MiB", outcome.peak_mib);
}

#[tokio::test]
async fn broken_connections_are_reported_as_failures() {
    // Closing a socket with unread bytes resets the connection.
    fails_as("reset", PLAIN, |stream| stream.peek(&mut [0; 1]).map(|_| ())).await;
    fails_as("protocol", PLAIN, |mut stream| {
        read_request(&mut stream)?;
        stream.write_all(b"220 mail.example.org ready\r\n")
    })
    .await;
    fails_as("truncated", PLAIN, |mut stream| {
        read_request(&mut stream)?;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf")
    })
    .await;
}

#[tokio::test]
async fn missing_responses_are_reported_as_failures() {
    fails_within("headers = '500ms'\nidle = '30s'", "timeout_headers", PLAIN, |mut stream| {
        read_request(&mut stream)?;
        read_request(&mut stream)
    })
    .await;
    fails_within("headers = '30s'\nidle = '500ms'", "timeout_idle", STREAM, |mut stream| {
        read_request(&mut stream)?;
        stream.write_all(STREAM_HEAD.as_bytes())?;
        read_request(&mut stream)
    })
    .await;
}

#[tokio::test]
async fn unfinished_responses_are_reported_as_failures() {
    fails_as("too_large", PLAIN, |stream| endless(stream, "HTTP/1.1 200 OK\r\n", b"x-more: and more\r\n"))
        .await;
    fails_as("too_large", CHAT, |stream| {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1073741824\r\n\r\n";
        endless(stream, head, &[b' '; 1 << 16])
    })
    .await;
    fails_as("too_large", STREAM, |stream| endless(stream, STREAM_HEAD, &[b'x'; 1 << 16])).await;
}

#[tokio::test]
async fn endless_stream_ends_with_run() {
    let event = b"data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n";
    let address = server(move |stream| endless(stream, STREAM_HEAD, &event.repeat(100)));
    let outcome = load(&format!("http://{address}"), STREAM, PATIENT).await;
    let unfinished = outcome.load["window"]["unfinished"].as_u64();
    // On a busy machine, some streams may not have started.
    assert!(unfinished > Some(25), "{}", outcome.load["window"]);
    assert!(outcome.peak_mib < MEMORY_MIB_MAX, "{} MiB", outcome.peak_mib);
}

#[tokio::test]
async fn target_without_tls_fails_in_handshake() {
    let address = server(|mut stream| {
        read_request(&mut stream)?;
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    });
    let outcome = load(&format!("https://{address}"), PLAIN, PATIENT).await;
    assert_eq!(outcome.failures.keys().collect::<Vec<_>>(), ["tls"], "{:?}", outcome.failures);
}

#[test]
fn unresolvable_host_is_reported_before_run() {
    let folder = tempfile::tempdir().unwrap();
    let output = weir(&["load", "chat", "--url", "http://no-such-host.invalid"], folder.path(), &[]);
    assert_eq!(output.code, Some(3), "{}", output.stderr);
    assert!(output.stderr.contains("cannot reach http://no-such-host.invalid"), "{}", output.stderr);
}

/// A scenario of one user against the shared server.
fn patient_scenario(folder: &std::path::Path) -> String {
    let scenario = "[load]\nusers = 2\nrun_time = '30s'\n[user.u]\n[[user.u.task]]\nrequest = { kind = 'http', path = '/health' }\n";
    fs::write(folder.join("patient.toml"), scenario).unwrap();
    format!("http://{}", shared().address)
}

/// Waits until the summary of a run in `folder` is there.
async fn until_saved(folder: &std::path::Path) {
    let path = folder.join("out/summary.json");
    for _ in 0..600 {
        if path.exists() {
            return;
        }
        shared().clock.sleep(Duration::from_millis(50)).await;
    }
    panic!("no partial summary was saved");
}

#[tokio::test]
async fn killed_load_leaves_a_report_that_says_cut_short() {
    let folder = tempfile::tempdir().unwrap();
    let url = patient_scenario(folder.path());
    let running = Running::start(&["load", "patient.toml", "--url", &url, "--out", "out"], folder.path());
    until_saved(folder.path()).await;
    running.signal(rustix::process::Signal::KILL);
    assert_eq!(running.ended().code, None);
    let report = weir(&["report", "out", "--out", "again"], folder.path(), &[]);
    assert!(report.stdout.contains("cut short"), "{}{}", report.stdout, report.stderr);
}

#[tokio::test]
async fn killed_search_and_bench_leave_reports_that_say_cut_short() {
    let folder = tempfile::tempdir().unwrap();
    let url = patient_scenario(folder.path());
    let search = ["load", "patient.toml", "--url", &url, "--search", "2..50", "--threshold", "errors < 1%"];
    for command in [&search[..], &["bench", "--quick"]] {
        let running = Running::start(&[command, &["--out", "out", "--force"]].concat(), folder.path());
        until_saved(folder.path()).await;
        running.signal(rustix::process::Signal::KILL);
        assert_eq!(running.ended().code, None);
        let report = weir(&["report", "out", "--out", "again", "--force"], folder.path(), &[]);
        assert!(report.stdout.contains("cut short"), "{}{}", report.stdout, report.stderr);
        fs::remove_dir_all(folder.path().join("out")).unwrap();
    }
}

#[tokio::test]
async fn out_with_a_report_is_refused_and_one_in_use_gets_a_number() {
    let folder = tempfile::tempdir().unwrap();
    let url = patient_scenario(folder.path());
    let long = Running::start(&["load", "patient.toml", "--url", &url, "--out", "out"], folder.path());
    until_saved(folder.path()).await;
    let short = ["load", "patient.toml", "--url", &url, "--requests", "2", "--out", "out"];
    let second = weir(&short, folder.path(), &[]);
    assert_eq!(second.code, Some(0), "{}", second.stderr);
    assert!(second.stderr.contains("another run uses out: this one reports to out-2"), "{}", second.stderr);
    assert!(folder.path().join("out-2/report.html").exists());
    long.signal(rustix::process::Signal::KILL);
    assert_eq!(long.ended().code, None);
    let before = fs::read(folder.path().join("out/summary.json")).unwrap();
    let refused = weir(&short, folder.path(), &[]);
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
    assert!(refused.stderr.contains("--force"), "{}", refused.stderr);
    assert_eq!(fs::read(folder.path().join("out/summary.json")).unwrap(), before);
    let forced = weir(&[&short[..], &["--force"]].concat(), folder.path(), &[]);
    assert_eq!(forced.code, Some(0), "{}", forced.stderr);
}

#[tokio::test]
async fn disk_that_fills_up_keeps_every_file_that_fits() {
    let folder = tempfile::tempdir().unwrap();
    let url = patient_scenario(folder.path());
    // At most 16 KiB a file: the HTML report does not fit.
    let command = "ulimit -f 16; exec \"$0\" load patient.toml --url \"$1\" --requests 2 --out out";
    let ended = std::process::Command::new("bash")
        .args(["-c", command, env!("CARGO_BIN_EXE_weir"), &url])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(3), "{stderr}");
    assert!(stderr.contains("cannot write out/report.html"), "{stderr}");
    for name in ["summary.json", "summary.md", "timeline.csv", "junit.xml", "weir_stats.csv"] {
        assert!(folder.path().join("out").join(name).is_file(), "{name}");
    }
}

#[tokio::test]
async fn hangup_and_quit_end_a_load_with_its_report() {
    for signal in [rustix::process::Signal::HUP, rustix::process::Signal::QUIT] {
        let folder = tempfile::tempdir().unwrap();
        let url = patient_scenario(folder.path());
        let running = Running::start(&["load", "patient.toml", "--url", &url, "--out", "out"], folder.path());
        until_saved(folder.path()).await;
        running.signal(signal);
        let output = running.ended();
        assert_eq!(output.code, Some(130), "{}", output.stderr);
        assert!(folder.path().join("out/report.html").exists());
    }
}

#[tokio::test]
async fn closed_or_full_outputs_do_not_end_a_load() {
    let url = format!("http://{}", shared().address);
    for redirection in ["2>&-", ">&-", ">&- 2>&-", ">/dev/full 2>&1", "2>&1 | head -c 1"] {
        let folder = tempfile::tempdir().unwrap();
        patient_scenario(folder.path());
        let program = env!("CARGO_BIN_EXE_weir");
        let command =
            format!("{program} load patient.toml --run-time 1s --url {url} --out out {redirection}");
        let script = format!("set -o pipefail; {command}");
        let output =
            std::process::Command::new("bash").args(["-c", &script]).current_dir(folder.path()).output();
        let output = output.unwrap();
        assert_eq!(output.status.code(), Some(0), "{redirection}: {output:?}");
        assert!(folder.path().join("out/report.html").exists(), "{redirection}");
    }
}

#[test]
fn commands_that_print_data_fail_on_a_full_stdout_and_not_on_a_closed_pipe() {
    let program = env!("CARGO_BIN_EXE_weir");
    for command in
        ["load list", "load show chat", "schema scenario", "completions bash", "chains list", "models"]
    {
        for (redirection, code) in [(">/dev/full", 3), ("| true", 0)] {
            let script = format!("set -o pipefail; {program} {command} {redirection}");
            let output = std::process::Command::new("bash").args(["-c", &script]).output().unwrap();
            let errors = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(code), "{script}: {errors}");
            assert_eq!(errors.contains("cannot write to stdout"), code == 3, "{script}: {errors}");
        }
    }
}

#[test]
fn files_without_end_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let commands: [&[&str]; 4] = [
        &["load", "/dev/zero"],
        &["serve", "--port", "0", "--config", "/dev/zero"],
        &["chains", "check", "/dev/zero"],
        &["report", "/dev/zero"],
    ];
    for command in commands {
        let output = weir(command, folder.path(), &[]);
        assert_eq!(output.code, Some(2), "{command:?}: {}", output.stderr);
        assert!(output.stderr.contains("large"), "{command:?}: {}", output.stderr);
    }
}
