//! `weir serve` as a child process.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    net::SocketAddr,
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// The reference systems' variables, which the server reads besides its own.
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

/// Variables that change the layout of help and errors.
const TERMINAL_VARIABLES: [&str; 3] = ["COLUMNS", "CLICOLOR_FORCE", "NO_COLOR"];

/// The variable that makes a run write outside its folder.
const JOB_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// The setup of a server: on a free port, without the settings of the environment.
#[derive(Debug)]
pub(crate) struct Setup {
    command: Command,
    folder: TempDir,
}

impl Setup {
    pub(crate) fn new() -> Self {
        let mut setup = Self::ignoring_stdin();
        setup.command.arg("--until-stdin-closes");
        setup
    }

    /// A server that ignores its stdin.
    pub(crate) fn ignoring_stdin() -> Self {
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

    /// Multiplies all simulated delays by `scale`.
    pub(crate) fn time_scale(self, scale: &str) -> Self {
        self.flag("--time-scale", scale)
    }

    /// Adds settings in TOML.
    pub(crate) fn config(self, settings: &str) -> Self {
        self.file("--config", "weir.toml", settings)
    }

    /// Adds chains in TOML to the built-in ones.
    pub(crate) fn chains(self, chains: &str) -> Self {
        self.file("--chains", "chains.toml", chains)
    }

    /// Adds models and scripts in TOML to the built-in ones.
    pub(crate) fn models(self, models: &str) -> Self {
        self.file("--models", "models.toml", models)
    }

    fn file(mut self, flag: &str, name: &str, text: &str) -> Self {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        self.command.arg(flag).arg(path);
        self
    }

    /// Starts the server, and waits until it listens.
    pub(crate) fn start(self) -> Program {
        let Self { mut command, folder } = self;
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut first_line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut first_line).unwrap();
        let Some(address) = first_line.trim_end().strip_prefix("listening on http://") else {
            let mut complaint = String::new();
            child.stderr.as_mut().unwrap().read_to_string(&mut complaint).unwrap();
            panic!("the server did not print its address: {first_line:?} {complaint:?}");
        };
        Program { address: address.parse().unwrap(), stdin: child.stdin.take(), child, _folder: folder }
    }
}

/// The program without arguments, and without the settings of the environment.
pub(crate) fn bare() -> Command {
    without_settings(Command::new(env!("CARGO_BIN_EXE_weir")))
}

/// The same, started by another program.
pub(crate) fn wrapped(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).arg(env!("CARGO_BIN_EXE_weir"));
    without_settings(command)
}

fn without_settings(mut command: Command) -> Command {
    let ours = std::env::vars_os().map(|(name, _)| name);
    for name in ours.filter(|name| name.to_str().is_some_and(|name| name.starts_with("WEIR_"))) {
        command.env_remove(name);
    }
    for name in FOREIGN_VARIABLES.iter().chain(&TERMINAL_VARIABLES).chain([&JOB_SUMMARY]) {
        command.env_remove(name);
    }
    command
}

/// A running server. It is killed when this is dropped, and exits with the test process.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) address: SocketAddr,
    stdin: Option<ChildStdin>,
    child: Child,
    _folder: TempDir,
}

impl Program {
    /// The process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits for the end of the server, and returns what it wrote to stderr.
    pub(crate) fn stderr(&mut self) -> String {
        let mut written = String::new();
        self.child.stderr.as_mut().unwrap().read_to_string(&mut written).unwrap();
        written
    }

    /// Closes the stdin of the server.
    pub(crate) fn close_stdin(&mut self) {
        self.stdin = None;
    }

    /// Returns the exit status; `None` while it runs.
    pub(crate) fn exit_status(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Killing fails if the process has ended, which is not an error.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
