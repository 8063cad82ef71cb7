//! What is seen of a run while it goes on: bars that grow on a terminal, a line an event elsewhere.

use std::{io::IsTerminal as _, time::Duration};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use weir_chains::RunEvent;
use weir_results::units;

use super::{bars::bars, board::Board};

/// Steps that are shown while a run goes on, the latest: more would scroll off a terminal.
const STEPS_SHOWN_MAX: usize = 20;

/// Shows runs on stderr.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Watch {
    /// Growing bars.
    Bars,
    /// Lines.
    Lines(Detail),
}

/// What lines tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// Each step's start and end.
    Steps,
    /// Each run.
    Runs,
}

/// One run as it is shown.
#[derive(Debug)]
pub(super) struct View {
    title: String,
    shape: Shape,
}

#[derive(Debug)]
enum Shape {
    Bars { display: ProgressBar, axis: Duration },
    Lines(Detail),
}

impl Watch {
    /// Bars if stderr is a terminal, else lines.
    pub(super) fn new(detail: Detail) -> Self {
        if std::io::stderr().is_terminal() { Self::Bars } else { Self::Lines(detail) }
    }

    /// Begins to show a run that should take about as long as `expected`.
    pub(super) fn begin(self, title: String, expected: Duration) -> View {
        let shape = match self {
            Self::Lines(detail) => {
                eprintln!("{title} ...");
                Shape::Lines(detail)
            }
            Self::Bars => {
                let display = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
                // The template is sound; if it were not, indicatif's own style would do.
                let style = ProgressStyle::with_template("{msg}");
                display.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
                Shape::Bars { display, axis: expected }
            }
        };
        View { title, shape }
    }
}

impl View {
    /// Shows that something has happened.
    pub(super) fn tell(&self, event: &RunEvent) {
        if let Shape::Lines(Detail::Steps) = self.shape
            && let Some(line) = line(event)
        {
            eprintln!("{line}");
        }
    }

    /// Shows how things stand.
    pub(super) fn refresh(&self, board: &Board, now: Duration) {
        if let Shape::Bars { display, axis } = &self.shape {
            let hidden = board.stints.len().saturating_sub(STEPS_SHOWN_MAX);
            let shown = board.stints.get(hidden..).unwrap_or_default();
            let bars = bars(shown, now, now.max(*axis));
            display.set_message(format!("{}\n{}", self.title, bars.trim_end()));
        }
    }
}

impl Drop for View {
    fn drop(&mut self) {
        if let Shape::Bars { display, .. } = &self.shape {
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
