//! The full-screen view of `weir load`, on a pseudo-terminal.

use std::{
    fs::File,
    io::{ErrorKind, Read, Write as _},
    path::Path,
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use rustix::{
    io::Errno,
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{Winsize, tcsetwinsize},
};

use crate::support::{shared, wrapped};

/// Longer than any run in these tests.
const TIMEOUT: Duration = Duration::from_secs(60);
const ENTERED: &str = "\u{1b}[?1049h";
const LEFT: &str = "\u{1b}[?1049l";

/// A load whose stdin and stderr are a terminal; its report goes to a pipe.
struct OnTerminal {
    child: Child,
    terminal: File,
    seen: String,
}

impl OnTerminal {
    fn start(folder: &Path, flags: &[&str], variables: &[(&str, &str)]) -> Self {
        let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&terminal).unwrap();
        unlockpt(&terminal).unwrap();
        let size = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&terminal, size).unwrap();
        let name = ptsname(&terminal, Vec::new()).unwrap().into_string().unwrap();
        let other_end = || Stdio::from(File::options().read(true).write(true).open(&name).unwrap());
        let url = format!("http://{}", shared().address);
        // As in a window: the terminal controls a session, whose processes get a signal when it is closed.
        let mut command = wrapped("setsid", &["--ctty"]);
        command
            .args(["load", "chat-streaming", "--url", &url, "--users", "4", "--out", "out", "--force"])
            .args(flags);
        command.env("TERM", "xterm-256color").envs(variables.iter().copied()).current_dir(folder);
        command.stdin(other_end()).stderr(other_end()).stdout(Stdio::piped());
        let child = command.spawn().unwrap();
        Self { child, terminal: terminal.into(), seen: String::new() }
    }

    /// Reads what is drawn until `word` has been; between words the cursor may only have moved.
    fn until_seen(&mut self, word: &str) {
        while !self.seen.contains(word) {
            assert!(self.read(), "it ended without showing {word:?}: {:?}", self.seen);
        }
    }

    /// Returns whether there was more to read.
    fn read(&mut self) -> bool {
        let mut piece = [0; 4096];
        match self.terminal.read(&mut piece) {
            Ok(0) => false,
            Ok(length) => {
                self.seen.push_str(&String::from_utf8_lossy(&piece[..length]));
                true
            }
            // The error of a read after the other end has closed.
            Err(error) if error.raw_os_error() == Some(Errno::IO.raw_os_error()) => false,
            Err(error) if error.kind() == ErrorKind::Interrupted => true,
            Err(error) => panic!("{error}"),
        }
    }

    fn press(&mut self, keys: &str) {
        self.terminal.write_all(keys.as_bytes()).unwrap();
    }

    /// Its exit code, stdout, and everything that was drawn.
    fn ended(mut self) -> (Option<i32>, String, String) {
        while self.read() {}
        let mut stdout = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
        (self.child.wait().unwrap().code(), stdout, self.seen)
    }
}

#[tokio::test]
async fn terminal_view_quit_key_stops_run_and_restores_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let mut load = OnTerminal::start(folder.path(), &[], &[]);
    load.until_seen(ENTERED);
    load.until_seen("warm-up");
    load.press("?");
    load.until_seen("tenth");
    load.press("?");
    load.press("q");
    let (code, stdout, seen) = load.ended();
    assert_eq!(code, Some(130), "{stdout}");
    assert!(seen.ends_with("report.html\r\n") && seen.contains(LEFT), "{seen:?}");
    assert!(stdout.contains("weir load chat-streaming") && !stdout.contains('\u{1b}'), "{stdout}");
    assert!(folder.path().join("out/report.html").is_file());
}

#[tokio::test]
async fn terminal_that_is_closed_ends_the_run_with_its_report() {
    let folder = tempfile::tempdir().unwrap();
    let mut load = OnTerminal::start(folder.path(), &["--run-time", "3s", "--warm-up", "1s"], &[]);
    load.until_seen("starting");
    let OnTerminal { mut child, terminal, .. } = load;
    drop(terminal);
    let start = Instant::now();
    let code = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status.code();
        }
        if start.elapsed() > TIMEOUT {
            child.kill().unwrap();
            panic!("the run has not ended");
        }
        shared().clock.sleep(Duration::from_millis(20)).await;
    };
    assert_eq!(code, Some(130));
    assert!(folder.path().join("out/report.html").is_file());
}

#[tokio::test]
async fn terminal_view_plus_key_adds_users() {
    let folder = tempfile::tempdir().unwrap();
    let mut load = OnTerminal::start(folder.path(), &[], &[]);
    load.until_seen("warm-up");
    load.press("+q");
    let (code, stdout, _) = load.ended();
    assert_eq!(code, Some(130), "{stdout}");
    let summary: serde_json::Value =
        serde_json::from_slice(&std::fs::read(folder.path().join("out/summary.json")).unwrap()).unwrap();
    let changes = &summary["sections"][0]["measured"]["load"]["load"]["changes"];
    assert_eq!(changes[0]["to"], 5.0, "{changes}");
}

#[tokio::test]
async fn unsuitable_terminal_shows_progress_line() {
    let folder = tempfile::tempdir().unwrap();
    let short = ["--run-time", "4s"];
    let plain: (&[&str], &[(&str, &str)]) = (&["--run-time", "4s", "--plain"], &[]);
    for (flags, variables) in [plain, (&short, &[("TERM", "dumb")])] {
        let (code, stdout, seen) = OnTerminal::start(folder.path(), flags, variables).ended();
        assert!(matches!(code, Some(0 | 3)), "{seen}");
        assert!(!seen.contains(ENTERED), "{seen:?}");
        assert!(stdout.contains("weir load chat-streaming"), "{stdout}");
    }
}

#[tokio::test]
async fn error_on_terminal_has_colours_unless_no_color_is_set() {
    let folder = tempfile::tempdir().unwrap();
    let cases: [(&[(&str, &str)], bool); 3] =
        [(&[], true), (&[("NO_COLOR", "")], true), (&[("NO_COLOR", "1")], false)];
    for (variables, has_colours) in cases {
        let (code, _, seen) =
            OnTerminal::start(folder.path(), &["--threshold", "tttf.p95 < 1s"], variables).ended();
        assert_eq!(code, Some(2), "{seen}");
        assert_eq!(seen.contains('\u{1b}'), has_colours, "{seen:?}");
        assert!(seen.contains("unknown figure `tttf`") && seen.contains("^^^^"), "{seen:?}");
    }
}
