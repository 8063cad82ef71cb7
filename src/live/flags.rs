//! The flags of `weir load` that are about watching.

use std::{convert::Infallible, net::SocketAddr, time::Duration};

use anyhow::anyhow;
use weir_server::Secret;

use super::{
    terminal,
    web::{Beginning, Settings, Token},
};
use crate::exit::Failure;

/// How a run is watched.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Watching")]
pub(crate) struct Flags {
    /// One line of progress, also on a terminal that could show the full-screen view.
    #[arg(long)]
    plain: bool,
    /// Start, watch, change and stop runs from a page in the browser [default address: 127.0.0.1:8089].
    #[arg(long, value_name = "ADDR", num_args = 0..=1, default_missing_value = "127.0.0.1:8089")]
    web: Option<SocketAddr>,
    /// With --web: start at once, not when the page is told to.
    #[arg(long, requires = "web")]
    autostart: bool,
    /// With --web: end so long after a run has ended, instead of waiting for another one.
    #[arg(long, requires = "web", value_name = "D", value_parser = weir_pace::parse_cli_duration)]
    autoquit: Option<Duration>,
    /// What a browser has to know: http://ADDR/?token=TOKEN. Needed for an --web address that others can reach.
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
    /// A page, from which runs are started.
    Page(Settings),
}

impl Flags {
    /// What is asked for, and can be had here.
    pub(crate) fn wanted(&self) -> Result<Live, Failure> {
        let Some(address) = self.web else {
            let screen = !self.plain && terminal::can_be_taken();
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
        let beginning = if self.autostart { Beginning::AtOnce } else { Beginning::FromPage };
        Ok(Live::Page(Settings { address, token, beginning, quit_after: self.autoquit }))
    }
}

/// Takes any text: what clap says of a wrong one would repeat it.
fn unseen(text: &str) -> Result<Secret, Infallible> {
    Ok(Secret::new(text.to_owned()))
}
