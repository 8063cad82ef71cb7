//! `weir serve` as a child process.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    net::SocketAddr,
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// The reference systems' variables, which the server reads beside its own.
const FOREIGN_VARIABLES: [&str; 8] = [
    "MAX_CONCURRENT_LLM_CALLS",
    "ENABLE_PARALLEL_STEPS",
    "CHAIN_TIMEOUT_SECONDS",
    "WORKER_CONNECTIONS",
    "ENABLE_LANGFUSE_EXPORT",
    "ENABLE_ASYNC_TRACE_EXPORT",
    "TRACK_MODEL_COSTS",
    "ENABLE_SIMILARITY_LOGGING",
];

/// What changes how help and errors are laid out.
const TERMINAL_VARIABLES: [&str; 3] = ["COLUMNS", "CLICOLOR_FORCE", "NO_COLOR"];

/// Where a run would leave its mark outside of its folder.
const JOB_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// How a server is to be started: on a free port, without the settings of whoever runs the tests.
#[derive(Debug)]
pub(crate) struct Setup {
    command: Command,
    folder: TempDir,
}

impl Setup {
    pub(crate) fn new() -> Self {
        let mut setup = Self::staying();
        setup.command.arg("--until-stdin-closes");
        setup
    }

    /// One that does not care for its stdin.
    pub(crate) fn staying() -> Self {
        let mut command = bare();
        command.args(["serve", "--port", "0"]);
        Self { command, folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn flag(mut self, name: &str, value: &str) -> Self {
        self.command.args([name, value]);
        self
    }

    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// With every simulated delay `scale` times as long.
    pub(crate) fn time_scale(self, scale: &str) -> Self {
        self.flag("--time-scale", scale)
    }

    /// With these settings, TOML.
    pub(crate) fn config(self, settings: &str) -> Self {
        self.file("--config", "weir.toml", settings)
    }

    /// With these chains beside those that come with the program, TOML.
    pub(crate) fn chains(self, chains: &str) -> Self {
        self.file("--chains", "chains.toml", chains)
    }

    /// With these models and scripts beside those that come with the program, TOML.
    pub(crate) fn models(self, models: &str) -> Self {
        self.file("--models", "models.toml", models)
    }

    fn file(mut self, flag: &str, name: &str, text: &str) -> Self {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        self.command.arg(flag).arg(path);
        self
    }

    /// Starts it, and waits until it listens.
    pub(crate) fn start(self) -> Program {
        let Self { mut command, folder } = self;
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut first_line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut first_line).unwrap();
        let Some(address) = first_line.trim_end().strip_prefix("listening on http://") else {
            let mut complaint = String::new();
            child.stderr.as_mut().unwrap().read_to_string(&mut complaint).unwrap();
            panic!("the server did not say where it listens: {first_line:?} {complaint:?}");
        };
        Program { address: address.parse().unwrap(), stdin: child.stdin.take(), child, _folder: folder }
    }
}

/// The program without arguments, and without the settings of whoever runs the tests.
pub(crate) fn bare() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_weir"));
    let ours = std::env::vars_os().map(|(name, _)| name);
    for name in ours.filter(|name| name.to_str().is_some_and(|name| name.starts_with("WEIR_"))) {
        command.env_remove(name);
    }
    for name in FOREIGN_VARIABLES.iter().chain(&TERMINAL_VARIABLES).chain([&JOB_SUMMARY]) {
        command.env_remove(name);
    }
    command
}

/// A running server. It is killed when this is dropped, and ends by itself with the process of the tests.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) address: SocketAddr,
    stdin: Option<ChildStdin>,
    child: Child,
    _folder: TempDir,
}

impl Program {
    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Closes its stdin.
    pub(crate) fn close_stdin(&mut self) {
        self.stdin = None;
    }

    /// How it ended; `None` as long as it runs.
    pub(crate) fn exit_status(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // One that has ended already cannot be killed, and that is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
