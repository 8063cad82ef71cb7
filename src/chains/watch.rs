//! Shows a running chain: growing bars on a terminal, otherwise a line per event.

use std::{io::IsTerminal as _, time::Duration};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use weir_chains::RunEvent;
use weir_results::units;

use super::{bars::bars, step_timeline::StepTimeline};

/// The maximum number of steps shown during a run, the latest ones: more would scroll off a terminal.
const STEPS_SHOWN_MAX: usize = 20;

/// Shows runs on stderr.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Watch {
    /// Growing bars.
    Bars,
    /// Lines.
    Lines(Detail),
}

/// The detail of lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// Each step's start and end.
    Steps,
    /// Each run.
    Runs,
}

/// The display of one run.
#[derive(Debug)]
pub(super) struct RunDisplay {
    title: String,
    shape: DisplayKind,
}

#[derive(Debug)]
enum DisplayKind {
    Bars { display: ProgressBar, axis: Duration },
    Lines(Detail),
}

impl Watch {
    /// Returns bars if stderr is a terminal, else lines.
    pub(super) fn new(detail: Detail) -> Self {
        if std::io::stderr().is_terminal() { Self::Bars } else { Self::Lines(detail) }
    }

    /// Begins to show a run with an expected duration.
    pub(super) fn begin(self, title: String, expected: Duration) -> RunDisplay {
        let shape = match self {
            Self::Lines(detail) => {
                progress_line!("{title} ...");
                DisplayKind::Lines(detail)
            }
            Self::Bars => {
                let display = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
                // The template is valid; otherwise indicatif's default style is used.
                let style = ProgressStyle::with_template("{msg}");
                display.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
                DisplayKind::Bars { display, axis: expected }
            }
        };
        RunDisplay { title, shape }
    }
}

impl RunDisplay {
    /// Prints an event.
    pub(super) fn print_event(&self, event: &RunEvent) {
        if let DisplayKind::Lines(Detail::Steps) = self.shape
            && let Some(line) = line(event)
        {
            progress_line!("{line}");
        }
    }

    /// Redraws the bars.
    pub(super) fn refresh(&self, timeline: &StepTimeline, now: Duration) {
        if let DisplayKind::Bars { display, axis } = &self.shape {
            let hidden = timeline.spans.len().saturating_sub(STEPS_SHOWN_MAX);
            let shown = timeline.spans.get(hidden..).unwrap_or_default();
            let bars = bars(shown, now, now.max(*axis));
            display.set_message(format!("{}\n{}", self.title, bars.trim_end()));
        }
    }
}

impl Drop for RunDisplay {
    fn drop(&mut self) {
        if let DisplayKind::Bars { display, .. } = &self.shape {
            display.finish_and_clear();
        }
    }
}

fn line(event: &RunEvent) -> Option<String> {
    let (at, name, what) = match event {
        RunEvent::StepStarted { step, at } => (*at, step.name(), "started".to_owned()),
        RunEvent::StepRetried { step, attempt, error, pause, at } => {
            let again = units::duration(*pause);
            (*at, step.name(), format!("failed attempt {attempt}, {error}: again in {again}"))
        }
        RunEvent::StepFinished(trace) => {
            let took = units::duration(trace.elapsed());
            (trace.ended, trace.step.name(), format!("{} after {took}", trace.status.as_str()))
        }
        RunEvent::Token { .. } | RunEvent::RunFinished(_) => return None,
    };
    Some(format!("{:>9}  {name} {what}", units::duration(at)))
}
