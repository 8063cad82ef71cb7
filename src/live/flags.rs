//! The flags of `weir load` for watching a run.

use std::{convert::Infallible, net::SocketAddr, time::Duration};

use anyhow::anyhow;
use weir_server::Secret;

use super::{
    terminal,
    web::{Settings, StartMode, Token},
};
use crate::exit::Failure;

/// How a run is watched.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Display")]
pub(crate) struct Flags {
    /// Show one line of progress instead of the full-screen view.
    #[arg(long, visible_alias = "headless", alias = "only-summary", overrides_with = "plain")]
    plain: bool,
    /// Web UI: control and watch runs in a browser [default address: 127.0.0.1:8089].
    #[arg(long, value_name = "ADDR", num_args = 0..=1, default_missing_value = "127.0.0.1:8089")]
    web: Option<SocketAddr>,
    /// With --web: start the first run at once instead of from the page.
    #[arg(long, requires = "web")]
    autostart: bool,
    /// With --web: exit this long after a run instead of waiting for the next one.
    #[arg(long, requires = "web", value_name = "D", value_parser = weir_pace::parse_cli_duration)]
    autoquit: Option<Duration>,
    /// Access token of the web UI: http://ADDR/?token=TOKEN. Required unless the address is loopback.
    #[arg(long, value_name = "TOKEN", env = "WEIR_WEB_TOKEN", hide_env_values = true, value_parser = unseen)]
    web_token: Option<Secret>,
}

/// How a run is watched.
#[derive(Debug)]
pub(crate) enum Live {
    /// A line of progress.
    Line,
    /// The whole terminal.
    Screen,
    /// A web page that starts runs.
    Page(Settings),
}

impl Flags {
    /// Returns the requested way to watch, if it is available.
    pub(crate) fn wanted(&self) -> Result<Live, Failure> {
        let Some(address) = self.web else {
            let screen = !self.plain && terminal::is_available();
            return Ok(if screen { Live::Screen } else { Live::Line });
        };
        let token = self.web_token.as_ref().map(Token::check).transpose();
        let token = token.map_err(|error| Failure::usage(anyhow!("--web-token: {error}")))?;
        if !address.ip().is_loopback() && token.is_none() {
            return Err(Failure::usage(anyhow!(
                "--web {address}: others can reach this address, and could start loads from here; \
                 give --web-token TOKEN, or a loopback address such as 127.0.0.1:{}",
                address.port(),
            )));
        }
        let beginning = if self.autostart { StartMode::AtOnce } else { StartMode::FromPage };
        Ok(Live::Page(Settings { address, token, beginning, quit_after: self.autoquit }))
    }
}

/// Accepts any text, because clap's error messages would repeat an invalid one.
fn unseen(text: &str) -> Result<Secret, Infallible> {
    Ok(Secret::new(text.to_owned()))
}
