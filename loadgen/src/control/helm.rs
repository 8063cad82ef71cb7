//! Changing a load while it runs.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::watch;

use weir_results::{LoadChange, LoadKind};

use super::course::Course;

/// Changes of one run that its summary tells; of those that follow, only the effect is seen.
const CHANGES_TOLD: usize = 1_000;

/// Holds a run on its course. Clones hold the same run.
#[derive(Clone, Debug)]
pub(crate) struct Helm {
    kind: LoadKind,
    epoch: Instant,
    heading: Arc<watch::Sender<Heading>>,
}

#[derive(Clone, Debug)]
struct Heading {
    course: Course,
    changes: Vec<LoadChange>,
}

/// A worker's view of the course.
#[derive(Debug)]
pub(crate) struct Lookout(watch::Receiver<Heading>);

impl Helm {
    pub(crate) fn new(kind: LoadKind, epoch: Instant, course: Course) -> Self {
        let heading = Heading { course, changes: Vec::new() };
        Self { kind, epoch, heading: Arc::new(watch::Sender::new(heading)) }
    }

    pub(crate) fn kind(&self) -> LoadKind {
        self.kind
    }

    /// What is to be at this moment.
    pub(crate) fn level(&self) -> f64 {
        self.heading.borrow().course.level_at(Instant::now())
    }

    /// Goes to another level from now on, at once or by so much a second.
    pub(crate) fn turn(&self, level: f64, per_second: Option<f64>) {
        let now = Instant::now();
        let at_s = now.saturating_duration_since(self.epoch).as_secs_f64();
        self.heading.send_modify(|heading| {
            heading.course = heading.course.turned(now, level, per_second);
            if heading.changes.len() < CHANGES_TOLD {
                heading.changes.push(LoadChange { at_s, to: level, per_second });
            }
        });
    }

    /// What was changed so far.
    pub(crate) fn changes(&self) -> Vec<LoadChange> {
        self.heading.borrow().changes.clone()
    }

    /// The course as it is now, and a view of its changes.
    pub(crate) fn follow(&self) -> (Course, Lookout) {
        let mut receiver = self.heading.subscribe();
        let course = receiver.borrow_and_update().course.clone();
        (course, Lookout(receiver))
    }
}

impl Lookout {
    /// Waits for the next change; never comes back when there can be none any more.
    pub(crate) async fn changed(mut self) -> (Course, Self) {
        if self.0.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
        let course = self.0.borrow_and_update().course.clone();
        (course, self)
    }
}
