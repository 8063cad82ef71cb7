//! Progress of a run: a bar on a terminal, plain lines elsewhere.

use std::{io::IsTerminal as _, time::Duration};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use weir_loadgen::SpeedupProgress;
use weir_results::Second;

/// Seconds between two plain lines.
const PLAIN_EVERY_S: u64 = 5;

/// The progress of one part of a run.
#[derive(Debug)]
pub(crate) struct Progress {
    name: &'static str,
    shape: Shape,
}

#[derive(Debug)]
enum Shape {
    Bar(ProgressBar),
    Lines { total_s: Option<u64> },
}

impl Progress {
    /// A part of duration `length`, if known; shown on stderr.
    pub(crate) fn of_time(name: &'static str, length: Option<Duration>) -> Self {
        Self::new(name, length.map(|length| length.as_secs().max(1)))
    }

    /// A part of `blocks` blocks.
    pub(crate) fn of_blocks(name: &'static str, blocks: u32) -> Self {
        Self::new(name, Some(u64::from(blocks)))
    }

    fn new(name: &'static str, total: Option<u64>) -> Self {
        if !std::io::stderr().is_terminal() {
            progress_line!("{name} ...");
            return Self { name, shape: Shape::Lines { total_s: total } };
        }
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr());
        let template = if total.is_some() {
            "{prefix:<22} {bar:30} {pos:>3}/{len} {msg}"
        } else {
            "{prefix:<22} {spinner} {pos:>3} s {msg}"
        };
        // The templates above are valid; otherwise indicatif's default style is used.
        bar.set_style(
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        bar.set_prefix(name);
        Self { name, shape: Shape::Bar(bar) }
    }

    /// Shows a completed second.
    pub(crate) fn second(&self, second: &Second) {
        let figures = figures(second);
        match &self.shape {
            Shape::Bar(bar) => {
                bar.set_position(second.at_s + 1);
                bar.set_message(figures);
            }
            Shape::Lines { total_s } => {
                let at = second.at_s + 1;
                if at.is_multiple_of(PLAIN_EVERY_S) {
                    progress_line!("{}: {}, {figures}", self.name, elapsed(at, *total_s));
                }
            }
        }
    }

    /// Shows a completed block.
    pub(crate) fn block(&self, progress: &SpeedupProgress<'_>) {
        if let Shape::Bar(bar) = &self.shape {
            bar.set_position(u64::from(progress.blocks_done));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Shape::Bar(bar) = &self.shape {
            bar.finish_and_clear();
        }
    }
}

/// Seconds since the start of a part; requests may outlast it.
fn elapsed(at_s: u64, total_s: Option<u64>) -> String {
    match total_s {
        Some(total) if at_s <= total => format!("{at_s} of {total} s"),
        Some(_) => format!("{at_s} s, waiting for the last requests"),
        None => format!("{at_s} s"),
    }
}

fn figures(second: &Second) -> String {
    let Second { users, completed, failed, .. } = second;
    let failed = if *failed == 0 { String::new() } else { format!(", {failed} failed") };
    format!("{users} users, {completed} req/s{failed}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elapsed_after_the_end_names_the_last_requests() {
        assert_eq!(elapsed(5, Some(5)), "5 of 5 s");
        assert_eq!(elapsed(10, Some(5)), "10 s, waiting for the last requests");
        assert_eq!(elapsed(5, None), "5 s");
    }
}
