//! One run after another, as the page says.

use std::{
    net::TcpListener,
    path::PathBuf,
    sync::mpsc::{Receiver, RecvTimeoutError},
    time::Duration,
};

use anyhow::Context as _;
use weir_loadgen::{Control, Overrides, RunProgress, Scenario};
use weir_results::Summary;

use super::{
    Beginning, Settings,
    desk::{Desk, Order},
    site,
};
use crate::{
    diagnostics,
    exit::{Exit, Failure, Outcome},
    live::Watcher,
    progress::Progress,
    system,
};

/// One run that was asked for.
pub(crate) struct Run<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) control: &'a Control,
    /// Of this session, from 1.
    pub(crate) number: u64,
    pub(crate) watcher: Box<dyn Watcher>,
}

/// What became of a run that ended: where its report is.
pub(crate) struct Reported {
    pub(crate) folder: PathBuf,
    pub(crate) exit: Exit,
}

/// Serves the page and makes the runs that it asks for, until the program is told to end. The exit is that of the last
/// run.
pub(crate) fn hold(
    settings: Settings,
    scenario: &Scenario,
    mut make: impl FnMut(Run<'_>) -> Result<Reported, Failure>,
) -> Outcome {
    let Settings { address, token, beginning, quit_after } = settings;
    let listen = || format!("--web: cannot listen on {address}");
    let listener = TcpListener::bind(address).with_context(listen).map_err(Failure::usage)?;
    let (desk, orders) = Desk::new(scenario);
    let url = site::open(listener, token, desk.clone()).with_context(listen).map_err(Failure::invalid)?;
    eprintln!("page: {url}");
    let quitter = desk.clone();
    system::when_asked_to_end(move |_| quitter.quit());
    if beginning == Beginning::AtOnce {
        desk.start(&Overrides::default()).map_err(Failure::usage)?;
    }

    let (mut exit, mut number) = (Exit::Passed, 0);
    while let Some((scenario, control)) = next(&orders, quit_after.filter(|_| number > 0)) {
        number += 1;
        let progress = Progress::of_time("load", scenario.run_time());
        let watcher = Box::new(LineAndPage { progress, desk: desk.clone() });
        exit = match make(Run { scenario: &scenario, control: &control, number, watcher }) {
            Ok(Reported { folder, exit }) => {
                desk.close(Some(folder), None);
                exit
            }
            Err(failure) => {
                diagnostics::print(&failure);
                desk.close(None, Some(failure.to_string()));
                failure.exit
            }
        };
        if desk.is_quitting() {
            break;
        }
    }
    Ok(exit)
}

/// The next run, or `None` at the session's end.
fn next(orders: &Receiver<Order>, patience: Option<Duration>) -> Option<(Box<Scenario>, Control)> {
    let order = match patience {
        Some(patience) => orders.recv_timeout(patience),
        None => orders.recv().map_err(RecvTimeoutError::from),
    };
    match order {
        Ok(Order::Start(scenario, control)) => Some((scenario, control)),
        Ok(Order::Quit) | Err(_) => None,
    }
}

/// Who looks at the terminal sees that something goes on, too.
struct LineAndPage {
    progress: Progress,
    desk: Desk,
}

impl Watcher for LineAndPage {
    fn second(&mut self, so_far: &RunProgress<'_>) {
        self.progress.second(so_far.second());
        self.desk.second(so_far);
    }

    fn ended(&mut self, summary: &Summary) {
        Watcher::ended(&mut self.desk, summary);
    }
}
