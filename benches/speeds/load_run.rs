//! One run of `weir load` on the clients' core.

use std::{
    fs,
    process::{Child, ChildStderr, Command, Stdio},
};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use tempfile::TempDir;

use crate::server::{Server, WEIR};

/// A running `weir load`.
#[derive(Debug)]
pub(crate) struct LoadRun {
    child: Child,
    folder: TempDir,
}

impl LoadRun {
    /// Starts `weir load` with a scenario, given as TOML, against `server`.
    pub(crate) fn start(server: &Server, scenario: &str) -> Result<Self> {
        Self::with(server, scenario, |command| {
            command.stderr(Stdio::null());
        })
    }

    /// Starts it after `more` has added flags and redirected stderr.
    pub(crate) fn with(server: &Server, scenario: &str, more: impl FnOnce(&mut Command)) -> Result<Self> {
        let folder = tempfile::tempdir().context("cannot make a folder")?;
        let file = folder.path().join("scenario.toml");
        fs::write(&file, scenario).context("cannot write the scenario")?;
        let mut command = Command::new(WEIR);
        command
            .arg("load")
            .arg(&file)
            .args(["--url", &format!("http://{}", server.address()), "--workers", "1", "--out"])
            .arg(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        more(&mut command);
        let child = command.spawn().context("cannot start weir load")?;
        Ok(Self { child, folder })
    }

    /// Its stderr, if that is a pipe.
    pub(crate) fn take_stderr(&mut self) -> Option<ChildStderr> {
        self.child.stderr.take()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits for its end and returns the load summary, which an invalid run has too.
    pub(crate) fn summary(mut self) -> Result<Value> {
        let status = self.child.wait().context("cannot wait for weir load")?;
        let path = self.folder.path().join("summary.json");
        let text = fs::read_to_string(&path).with_context(|| format!("weir load ended with {status}"))?;
        let mut report: Value = serde_json::from_str(&text).context("summary.json is not JSON")?;
        let summary = report.pointer_mut("/sections/0/measured/load").map(Value::take);
        summary.context("summary.json holds no load")
    }
}

impl Drop for LoadRun {
    fn drop(&mut self) {
        // It has ended if its summary was read; otherwise it is no longer needed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The figure at a JSON pointer.
pub(crate) fn figure(summary: &Value, pointer: &str) -> Result<f64> {
    let Some(figure) = summary.pointer(pointer).and_then(Value::as_f64) else {
        bail!("the summary holds no figure at {pointer}")
    };
    Ok(figure)
}

/// A scenario of users who repeat the same chat request. They start over two seconds, so that their tokens are
/// not due together, and are measured from the third second.
pub(crate) fn chat_scenario(model: &str, users: u32, tokens: u32, stream: bool, seconds: u32) -> String {
    format!(
        "[load]\nusers = {users}\nspawn_rate = \"{}/s\"\nrun_time = \"{seconds}s\"\nwarm_up = \"3s\"\n\
         [[user.reader.task]]\nname = \"chat\"\n\
         request = {{ kind = \"openai.chat\", model = \"{model}\", prompt = \"Say something about rivers.\", \
         max_tokens = {tokens}, stream = {stream} }}\n",
        users.div_ceil(2)
    )
}
