//! The contents of a report.

use serde::{Deserialize, Serialize};

use crate::search::SearchSummary;
use crate::speedup::SpeedupSummary;
use crate::summary::{EndReason, RunVerdict, SCHEMA, Summary};

/// Everything that one command measured: the contents of `summary.json`, and the source of every other format.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// [`SCHEMA`] of the version that wrote it.
    pub schema: u32,
    /// The version of Weir that wrote it.
    pub weir: String,
    /// The command that ran, such as `weir bench`.
    pub title: String,
    /// The machine that it ran on: processor, cores, system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<String>,
    /// The command line, without secrets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// The measurements, in the order in which they ran.
    pub sections: Vec<Section>,
}

/// One measurement of a report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// A short name of letters, digits, `-` and `_`, for files: the `section` column and the tags of histograms.
    pub name: String,
    /// The heading, for people.
    pub title: String,
    /// The result.
    pub measured: Measured,
}

/// The result of a section.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measured {
    /// A load.
    Load(Box<Summary>),
    /// Parallel against sequential.
    Speedup(Box<SpeedupSummary>),
    /// A search for the highest load that meets its limits.
    Search(Box<SearchSummary>),
}

impl Report {
    /// A report without sections.
    pub fn new(title: impl Into<String>) -> Self {
        let weir = env!("CARGO_PKG_VERSION").to_owned();
        Self { schema: SCHEMA, weir, title: title.into(), machine: None, command: None, sections: Vec::new() }
    }

    /// Adds a section with a load.
    #[must_use]
    pub fn with_load(self, name: &str, title: &str, summary: Summary) -> Self {
        self.with(name, title, Measured::Load(Box::new(summary)))
    }

    /// Adds a section with a speedup.
    #[must_use]
    pub fn with_speedup(self, name: &str, title: &str, summary: SpeedupSummary) -> Self {
        self.with(name, title, Measured::Speedup(Box::new(summary)))
    }

    /// Adds a section with a search.
    #[must_use]
    pub fn with_search(self, name: &str, title: &str, summary: SearchSummary) -> Self {
        self.with(name, title, Measured::Search(Box::new(summary)))
    }

    fn with(mut self, name: &str, title: &str, measured: Measured) -> Self {
        self.sections.push(Section { name: name.to_owned(), title: title.to_owned(), measured });
        self
    }
}

impl Section {
    /// The target's URL.
    pub fn target(&self) -> &str {
        match &self.measured {
            Measured::Load(load) => &load.target,
            Measured::Speedup(speedup) => &speedup.target,
            Measured::Search(search) => &search.target,
        }
    }

    /// When it began: RFC 3339, in UTC.
    pub fn started(&self) -> &str {
        match &self.measured {
            Measured::Load(load) => &load.started,
            Measured::Speedup(speedup) => &speedup.started,
            Measured::Search(search) => &search.started,
        }
    }

    /// The seed of its random choices.
    pub fn seed(&self) -> u64 {
        match &self.measured {
            Measured::Load(load) => load.seed,
            Measured::Speedup(speedup) => speedup.seed,
            Measured::Search(search) => search.seed,
        }
    }

    /// How long it ran, in seconds.
    pub fn run_s(&self) -> f64 {
        match &self.measured {
            Measured::Load(load) => load.window.run_s,
            Measured::Speedup(speedup) => speedup.run_s,
            Measured::Search(search) => search.run_s(),
        }
    }

    /// The factor of all its waits.
    pub fn time_scale(&self) -> f64 {
        match &self.measured {
            Measured::Load(load) => load.time_scale,
            Measured::Speedup(speedup) => speedup.time_scale,
            Measured::Search(search) => search.time_scale,
        }
    }

    /// The verdict on its run.
    pub fn verdict(&self) -> RunVerdict {
        match &self.measured {
            Measured::Load(summary) => summary.verdict(),
            Measured::Speedup(speedup) => speedup.run_verdict(),
            Measured::Search(search) => search.verdict(),
        }
    }

    /// Why its run ended; `None` while it goes on, and for a search, whose probes end one by one.
    pub fn ended(&self) -> Option<EndReason> {
        match &self.measured {
            Measured::Load(summary) => summary.window.ended,
            Measured::Speedup(speedup) => Some(speedup.ended),
            Measured::Search(_) => None,
        }
    }
}
