//! A running command that a test interrupts.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, ChildStderr, Stdio},
};

use rustix::process::{Pid, Signal, kill_process_group};

use super::bare;
use crate::cli::CommandOutput;

/// A running command, which ends by itself in a bounded time.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    stderr: BufReader<ChildStderr>,
    printed: String,
}

impl Running {
    /// Starts the command in `folder`.
    pub(crate) fn start(arguments: &[&str], folder: &Path) -> Self {
        let mut command = bare();
        command.args(arguments).current_dir(folder).process_group(0);
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        Self { child, stderr, printed: String::new() }
    }

    /// Waits until it prints `words` to stderr.
    pub(crate) fn until_printed(&mut self, words: &str) {
        while !self.printed.contains(words) {
            let read = self.stderr.read_line(&mut self.printed).unwrap();
            assert!(read > 0, "it ended without printing {words:?}: {}", self.printed);
        }
    }

    /// The process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The rest of the line on stderr that contains `words`.
    pub(crate) fn printed_after(&mut self, words: &str) -> String {
        self.until_printed(words);
        let (_, behind) = self.printed.rsplit_once(words).unwrap();
        behind.lines().next().unwrap().to_owned()
    }

    /// Sends a signal to it and its children, as a terminal does.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process_group(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits for the end and returns the output.
    pub(crate) fn ended(mut self) -> CommandOutput {
        let mut stdout = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
        self.stderr.read_to_string(&mut self.printed).unwrap();
        CommandOutput { code: self.child.wait().unwrap().code(), stdout, stderr: self.printed }
    }
}
