//! `weir faults`: the catalogue of simulated faults.

use std::fmt::Write as _;

use serde_json::{Value, json};
use weir_pace::Suggestion;
use weir_server::{FAULTS, FaultInfo, FaultScope, fault_info};

use crate::{
    exit::{Exit, Failure, Outcome},
    output,
};

/// The width of texts.
const WIDTH: usize = 100;

/// List the faults that the server can simulate, or explain one of them.
///
/// Rules in the settings (tables named fault) decide which requests meet a fault; the header x-weir-fault asks for one in a
/// single request.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Name of a fault.
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// Output format.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    /// Text for people.
    Text,
    /// A list of all faults, or one of them, in JSON.
    Json,
    /// Sections in Markdown (docs/faults.md).
    Markdown,
}

/// Prints the faults.
pub(crate) fn run(args: &Args) -> Outcome {
    let faults = match &args.name {
        None => FAULTS,
        Some(name) => match fault_info(name) {
            Some(info) => std::slice::from_ref(info),
            None => {
                let suggestion = Suggestion::new(name, FAULTS.iter().map(|info| info.name));
                return Err(Failure::usage(anyhow::anyhow!("unknown fault `{name}`{suggestion}")));
            }
        },
    };
    let text = match (args.format, args.name.is_some(), faults) {
        (Format::Text, false, all) => list(all),
        (Format::Text, true, chosen) => chosen.iter().map(explanation).collect(),
        (Format::Json, true, [info]) => pretty(&to_json(info))?,
        (Format::Json, _, all) => pretty(&all.iter().map(to_json).collect())?,
        (Format::Markdown, _, all) => markdown(all),
    };
    output::print(&text)?;
    Ok(Exit::Passed)
}

fn pretty(value: &Value) -> Result<String, Failure> {
    Ok(serde_json::to_string_pretty(value).map_err(Failure::invalid)? + "\n")
}

fn list(faults: &[FaultInfo]) -> String {
    let mut text = String::new();
    for info in faults {
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(text, "  {:<13} {}", info.name, info.summary);
    }
    text.push_str("\n`weir faults NAME` explains one, and how to ask for it.\n");
    text
}

fn explanation(info: &FaultInfo) -> String {
    let wrap = |text: &str, indent: &str| {
        let options = textwrap::Options::new(WIDTH).initial_indent(indent).subsequent_indent(indent);
        textwrap::fill(text, options)
    };
    let mut text = format!("{}: {}\n\n{}\n\n", info.name, info.summary, wrap(info.description, "  "));
    let _ = writeln!(text, "  concerns       {}", info.scope.as_str());
    for parameter in info.parameters {
        let _ = writeln!(text, "  {:<14} {}", parameter.name, parameter.description);
    }
    if let Some(header) = header(info) {
        let _ = write!(text, "\nIn one request:\n\n  {header}\n");
    }
    let _ = writeln!(text, "\nIn the settings:\n\n{}", textwrap::indent(&rule(info), "  "));
    text
}

/// The header that asks for the fault in one request.
fn header(info: &FaultInfo) -> Option<String> {
    match info.scope {
        FaultScope::Connections => None,
        FaultScope::Answers | FaultScope::Streams => Some(format!("x-weir-fault: {}", info.example)),
    }
}

/// A rule of the settings.
fn rule(info: &FaultInfo) -> String {
    let condition = match info.scope {
        FaultScope::Connections => "at  = \"30s\"\nfor = \"10s\"",
        FaultScope::Answers | FaultScope::Streams => "share = 0.01",
    };
    format!("[[fault]]\ndo = \"{}\"\n{condition}", info.example)
}

fn to_json(info: &FaultInfo) -> Value {
    let parameter = |parameter: &weir_server::FaultParameter| {
        let is_main = info.main == Some(parameter.name);
        json!({"name": parameter.name, "description": parameter.description, "main": is_main})
    };
    json!({
        "name": info.name,
        "summary": info.summary,
        "description": info.description,
        "concerns": info.scope.as_str(),
        "parameters": info.parameters.iter().map(parameter).collect::<Vec<_>>(),
        "header": header(info),
        "settings": rule(info),
    })
}

fn markdown(faults: &[FaultInfo]) -> String {
    let mut text = String::new();
    for info in faults {
        let _ = write!(text, "### `{}`\n\n{}.\n\n", info.name, info.summary);
        let _ =
            write!(text, "{}\n\nConcerns {}.\n", textwrap::fill(info.description, 120), info.scope.as_str());
        if !info.parameters.is_empty() {
            text.push_str("\n| parameter | meaning |\n|---|---|\n");
            for parameter in info.parameters {
                let main = if info.main == Some(parameter.name) {
                    format!(", or `{}=`", info.name)
                } else {
                    String::new()
                };
                let _ = writeln!(text, "| `{}`{main} | {} |", parameter.name, parameter.description);
            }
        }
        if let Some(header) = header(info) {
            let _ = write!(text, "\n```http\n{header}\n```\n");
        }
        let _ = write!(text, "\n```toml\n{}\n```\n\n", rule(info));
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}
