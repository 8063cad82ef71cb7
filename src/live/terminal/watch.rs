//! The thread that draws a run and reads keys.

use std::{
    io,
    sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel},
    thread::{self, JoinHandle},
    time::Duration,
};

use ratatui::crossterm::event::{self, Event};
use weir_loadgen::{Control, RunProgress};
use weir_results::visible;

use super::{
    draw::{self, Ending, Shown},
    keys::{KeyAction, key_action},
    screen::{Screen, wait_for_input},
};
use crate::live::{Watcher, view::View};

/// The maximum delay of a key or a new view.
const TICK: Duration = Duration::from_millis(50);

/// Maximum queued views: only the latest one matters.
const WAITING: usize = 2;

/// The full-screen view of one run. The terminal is restored when it is dropped.
#[derive(Debug)]
pub(crate) struct TerminalView {
    /// Closed when the view is to end.
    views: Option<SyncSender<View>>,
    drawing: Option<JoinHandle<()>>,
}

impl TerminalView {
    /// Sets up the terminal, and starts to draw and to read keys.
    pub(crate) fn start(title: &str, control: &Control) -> io::Result<Self> {
        let screen = Screen::take()?;
        let (views, inbox) = sync_channel(WAITING);
        let shown = Shown::new(visible(title).into_owned());
        let desk = ViewLoop { screen, shown, control: control.clone(), inbox };
        let drawing = thread::Builder::new().name("weir-view".to_owned()).spawn(move || desk.run())?;
        Ok(Self { views: Some(views), drawing: Some(drawing) })
    }
}

impl Watcher for TerminalView {
    fn second(&mut self, so_far: &RunProgress<'_>) {
        if let Some(views) = &self.views {
            // A slower screen shows the next view.
            let _ = views.try_send(View::of(&so_far.summary()));
        }
    }
}

impl Drop for TerminalView {
    fn drop(&mut self) {
        drop(self.views.take());
        if let Some(drawing) = self.drawing.take() {
            // A panic of the thread was reported by its hook, and the run continues without a view.
            let _ = drawing.join();
        }
    }
}

/// Returns the next event, if there is one within a tick.
fn next_event() -> io::Result<Option<Event>> {
    wait_for_input(Duration::ZERO)?;
    // Some events may have been read already.
    if !event::poll(Duration::ZERO)? {
        wait_for_input(TICK)?;
        if !event::poll(Duration::ZERO)? {
            return Ok(None);
        }
    }
    event::read().map(Some)
}

struct ViewLoop {
    screen: Screen,
    shown: Shown,
    control: Control,
    inbox: Receiver<View>,
}

impl ViewLoop {
    /// Runs until the run has ended, or the terminal is gone; then the run continues without a view.
    fn run(mut self) {
        let mut stale = true;
        loop {
            if stale && self.screen.terminal.draw(|frame| draw::screen(frame, &self.shown)).is_err() {
                return;
            }
            stale = match next_event() {
                Ok(Some(happened)) => self.handle(&happened),
                Ok(None) => false,
                Err(_) => return,
            };
            loop {
                match self.inbox.try_recv() {
                    Ok(view) => {
                        self.shown.users_wanted = self.control.users();
                        self.shown.view = Some(view);
                        stale = true;
                    }
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => return,
                }
            }
            // The run can be stopped by a signal, too.
            if self.control.is_stopped() && self.shown.ending == Ending::No {
                self.shown.ending = Ending::Soon;
                stale = true;
            }
        }
    }

    /// Handles an event; returns whether the screen must be redrawn.
    fn handle(&mut self, happened: &Event) -> bool {
        match happened {
            Event::Key(key) => match key_action(*key) {
                Some(key_action) => {
                    self.apply(key_action);
                    true
                }
                None => false,
            },
            Event::Resize(..) => true,
            Event::FocusGained | Event::FocusLost | Event::Mouse(_) | Event::Paste(_) => false,
        }
    }

    fn apply(&mut self, action: KeyAction) {
        match action {
            KeyAction::Stop if self.control.is_stopped() => {
                self.control.stop_now();
                self.shown.ending = Ending::Now;
            }
            KeyAction::Stop => {
                self.control.stop();
                self.shown.ending = Ending::Soon;
            }
            KeyAction::Users(change) => {
                if let Some(users) = self.control.users() {
                    let wanted = change.of(users);
                    // A run that has just ended has no users to change.
                    if self.control.set_users(wanted, None).is_ok() {
                        self.shown.users_wanted = Some(wanted);
                    }
                }
            }
            KeyAction::OtherTable => self.shown.turn_table(),
            KeyAction::Help => self.shown.turn_help(),
            KeyAction::Scroll(by) => self.shown.scroll_by(by),
        }
    }
}
