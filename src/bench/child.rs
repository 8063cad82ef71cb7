//! A child server process, which always ends with this process.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, ChildStdin, Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, bail};
use weir_server::RawConfig;

/// The timeout of the health check.
const CHECK_TIMEOUT: Duration = Duration::from_secs(5);

/// A running `weir serve`. It ends when its stdin closes: when this is dropped, or when this process ends.
#[derive(Debug)]
pub(crate) struct ServerChild {
    child: Child,
    stdin: Option<ChildStdin>,
    url: String,
}

impl ServerChild {
    /// Starts a server on a free loopback port, and checks that it answers.
    pub(crate) fn start(time_scale: f64, seed: u64) -> anyhow::Result<Self> {
        let program = std::env::current_exe().context("cannot find this program to start a server with")?;
        let mut command = Command::new(program);
        command.args(["serve", "--bind", "127.0.0.1", "--port", "0", "--until-stdin-closes"]);
        command.args(["--time-scale", &time_scale.to_string(), "--seed", &seed.to_string()]);
        let backends = weir_reference::backends();
        let settings = RawConfig::variable_names(backends.tables());
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy();
            // Variables would change the standard suite.
            let is_setting = settings.iter().any(|setting| *setting == name);
            if is_setting || (name.starts_with("WEIR_") && name != "WEIR_LOG") {
                command.env_remove(&*name);
            }
        }
        // Ctrl-C applies to this process only: the server is needed until the run has ended.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the server")?;
        let stdin = child.stdin.take();
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line).context("cannot read the server's output")?;
        }
        let Some(url) = line.trim().strip_prefix("listening on ").map(str::to_owned) else {
            bail!("the server did not start: its output is {:?}", line.trim());
        };
        let server = Self { child, stdin, url };
        Self::check(&server.url)?;
        Ok(server)
    }

    /// The URL of the server.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Checks the health of the server at `url`.
    pub(crate) fn check(url: &str) -> anyhow::Result<()> {
        let address = url.trim_start_matches("http://");
        let ask = || -> std::io::Result<String> {
            let mut stream = TcpStream::connect(address)?;
            stream.set_read_timeout(Some(CHECK_TIMEOUT))?;
            stream.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok(answer)
        };
        let answer = ask().with_context(|| format!("the server at {url} does not answer"))?;
        if answer.starts_with("HTTP/1.1 200") {
            return Ok(());
        }
        bail!(
            "health check of the server at {url} failed: {}",
            answer.lines().next().unwrap_or("empty response")
        )
    }
}

impl Drop for ServerChild {
    fn drop(&mut self) {
        drop(self.stdin.take());
        // The server ends by itself; waiting avoids a zombie process.
        let _ = self.child.wait();
    }
}
