//! `weir init`: writes a scenario.

use std::{
    fs::OpenOptions,
    io::{BufRead as _, ErrorKind, IsTerminal as _, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, anyhow};
use weir_loadgen::Starter;

use crate::{
    exit::{Exit, Failure, Outcome},
    output,
    request_flags::RequestFlags,
};

/// Write a commented scenario for `weir load`.
///
/// Asks for the URL, the request and the kind of answer; --url answers all three, for scripts.
/// Example: weir init --url http://127.0.0.1:9000/ask --body '{"question": "Why?"}' --content /delta
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// File to write.
    #[arg(value_name = "FILE", default_value = "scenario.toml")]
    file: PathBuf,
    /// URL to load, with its path. The path of an LLM API (/v1/chat/completions) selects that API.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Replace the file if it exists.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    request: RequestFlags,
}

/// Writes the scenario.
pub(crate) fn run(args: &Args) -> Outcome {
    if !args.force && args.file.exists() {
        return Err(exists(&args.file));
    }
    let starter = match &args.url {
        Some(url) => args.request.request_to(url)?,
        None => ask(&args.request)?,
    };
    let text = starter.text()?;
    write(&args.file, &text, args.force)?;
    output::print(&format!("{}\n", args.file.display()))?;
    progress_line!("next: weir load {}", args.file.display());
    Ok(Exit::Passed)
}

fn exists(path: &Path) -> Failure {
    Failure::usage(anyhow!("{} exists: --force replaces it", path.display()))
}

fn write(path: &Path, text: &str, force: bool) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    let options = if force { options.create(true).truncate(true) } else { options.create_new(true) };
    let written = options.write(true).open(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => exists(path),
        _ => Failure::usage(anyhow::Error::from(error).context(format!("cannot write {}", path.display()))),
    })
}

/// Asks for what the flags leave open.
fn ask(flags: &RequestFlags) -> Result<Starter, Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::usage(anyhow!("stdin is not a terminal: give the URL with --url")));
    }
    if let Some(flag) = flags.first_given() {
        return Err(Failure::usage(anyhow!("{flag} needs --url")));
    }
    let url = answer("URL to load, with its path: ")?;
    let mut starter = Starter { url, ..Starter::default() };
    if let Some(model) = starter.default_model()? {
        starter.model = given(answer(&format!("Model [{model}]: "))?);
        starter.stream = !answer("Stream the answer? [Y/n] ")?.to_ascii_lowercase().starts_with('n');
        return Ok(starter);
    }
    starter.body = given(answer("Request body (empty: GET without a body): ")?);
    starter.content = given(answer(
        "If the answer streams events: JSON pointer to their text, such as /delta (empty: it does not, or their \
         data is the text): ",
    )?);
    Ok(starter)
}

fn given(answer: String) -> Option<String> {
    Some(answer).filter(|answer| !answer.is_empty())
}

/// Asks a question on stderr and reads a line.
fn answer(question: &str) -> Result<String, Failure> {
    progress_text!("{question}");
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    match read.context("cannot read the answer").map_err(Failure::usage)? {
        0 => Err(Failure::usage(anyhow!("the questions were not answered; nothing was written"))),
        _ => Ok(line.trim().to_owned()),
    }
}
