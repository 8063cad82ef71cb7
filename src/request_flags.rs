//! The flags that describe one request, for a URL instead of a scenario.

use std::path::Path;

use anyhow::anyhow;
use weir_loadgen::Starter;

use crate::{catalogs, exit::Failure};

/// The flags of a request to a URL.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Request to a URL")]
pub(crate) struct RequestFlags {
    /// Body of the request, or @FILE; it may contain templates such as {{ uuid() }}.
    #[arg(long, value_name = "TEXT")]
    body: Option<String>,
    /// Header of the request: "X-Team: search". Repeatable.
    #[arg(long, value_name = "NAME: VALUE")]
    header: Vec<String>,
    /// Method [default: POST with a body, otherwise GET].
    #[arg(long, value_name = "METHOD")]
    method: Option<String>,
    /// Ask an LLM API for a stream; read the answer of any other URL as a stream of server-sent events.
    #[arg(long)]
    stream: bool,
    /// JSON pointer to the text in the events of a stream, such as /delta.
    #[arg(long, value_name = "POINTER")]
    content: Option<String>,
    /// Model of an LLM API.
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
}

impl RequestFlags {
    /// Returns the name of the first flag that is given.
    pub(crate) fn first_given(&self) -> Option<&'static str> {
        let given = [
            ("--body", self.body.is_some()),
            ("--header", !self.header.is_empty()),
            ("--method", self.method.is_some()),
            ("--stream", self.stream),
            ("--content", self.content.is_some()),
            ("--model", self.model.is_some()),
        ];
        given.into_iter().find(|(_, is_given)| *is_given).map(|(flag, _)| flag)
    }

    /// Returns the request to `url`; reads the file of the body.
    pub(crate) fn request_to(&self, url: &str) -> Result<Starter, Failure> {
        let body = match self.body.as_deref().map(|body| (body, body.strip_prefix('@'))) {
            None => None,
            Some((_, Some(path))) => {
                Some(read_body(Path::new(path)).map_err(|error| Failure::usage(error.context("--body")))?)
            }
            Some((text, None)) => Some(text.to_owned()),
        };
        Ok(Starter {
            url: url.to_owned(),
            method: self.method.clone(),
            headers: self.header.clone(),
            body,
            stream: self.stream,
            content: self.content.clone(),
            model: self.model.clone(),
        })
    }
}

/// The largest body: that of the server's limit.
const BODY_BYTES_MAX: u64 = 32 << 20;

fn read_body(path: &Path) -> anyhow::Result<String> {
    let size = std::fs::metadata(path).map_or(0, |file| file.len());
    if size > BODY_BYTES_MAX {
        return Err(anyhow!("{} is larger than {} MiB", path.display(), BODY_BYTES_MAX >> 20));
    }
    catalogs::read(path)
}
