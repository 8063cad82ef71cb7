//! A command on its way, which a test interrupts.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, ChildStderr, Stdio},
};

use rustix::process::{Pid, Signal, kill_process_group};

use super::bare;
use crate::cli::Said;

/// A command that ends by itself in a bounded time, with or without the test's doing.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    stderr: BufReader<ChildStderr>,
    told: String,
}

impl Running {
    /// Starts it, in `folder`.
    pub(crate) fn start(arguments: &[&str], folder: &Path) -> Self {
        let mut command = bare();
        command.args(arguments).current_dir(folder).process_group(0);
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        Self { child, stderr, told: String::new() }
    }

    /// Waits until it says `words` on stderr.
    pub(crate) fn until_told(&mut self, words: &str) {
        while !self.told.contains(words) {
            let read = self.stderr.read_line(&mut self.told).unwrap();
            assert!(read > 0, "it ended without saying {words:?}: {}", self.told);
        }
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The rest of the line on stderr that contains `words`.
    pub(crate) fn told_behind(&mut self, words: &str) -> String {
        self.until_told(words);
        let (_, behind) = self.told.rsplit_once(words).unwrap();
        behind.lines().next().unwrap().to_owned()
    }

    /// Sends a signal to it and its children, as a terminal does.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process_group(Pid::from_child(&self.child), signal).unwrap();
    }

    /// What it came to.
    pub(crate) fn ended(mut self) -> Said {
        let mut stdout = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
        self.stderr.read_to_string(&mut self.told).unwrap();
        Said { code: self.child.wait().unwrap().code(), stdout, stderr: self.told }
    }
}
