//! The thread that draws what a run has come to, and listens to keys.

use std::{
    io,
    sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel},
    thread::{self, JoinHandle},
    time::Duration,
};

use ratatui::crossterm::event::{self, Event};
use weir_loadgen::{Control, RunProgress};

use super::{
    draw::{self, Ending, Shown},
    keys::{Wish, wish},
    screen::Screen,
};
use crate::live::{Watcher, view::View};

/// How long a key or a new figure may have to wait for the other.
const TICK: Duration = Duration::from_millis(50);

/// Views that may wait to be drawn: only the latest one matters.
const WAITING: usize = 2;

/// The full-screen view of one run. The terminal is given back when it is dropped.
#[derive(Debug)]
pub(crate) struct TerminalView {
    /// Closed when the view is to end.
    views: Option<SyncSender<View>>,
    drawing: Option<JoinHandle<()>>,
}

impl TerminalView {
    /// Takes the terminal, and begins to draw and to listen.
    pub(crate) fn start(title: &str, control: &Control) -> io::Result<Self> {
        let screen = Screen::take()?;
        let (views, inbox) = sync_channel(WAITING);
        let shown = Shown::new(title.to_owned());
        let desk = Desk { screen, shown, control: control.clone(), inbox };
        let drawing = thread::Builder::new().name("weir-view".to_owned()).spawn(move || desk.work())?;
        Ok(Self { views: Some(views), drawing: Some(drawing) })
    }
}

impl Watcher for TerminalView {
    fn second(&mut self, so_far: &RunProgress<'_>) {
        if let Some(views) = &self.views {
            // A screen that is slower than that shows the next one.
            let _ = views.try_send(View::of(&so_far.summary()));
        }
    }
}

impl Drop for TerminalView {
    fn drop(&mut self) {
        drop(self.views.take());
        if let Some(drawing) = self.drawing.take() {
            // A panic there has been told by its hook, and the run is worth more than its view.
            let _ = drawing.join();
        }
    }
}

struct Desk {
    screen: Screen,
    shown: Shown,
    control: Control,
    inbox: Receiver<View>,
}

impl Desk {
    /// Until the run has ended, or the terminal is gone: then the run goes on unseen.
    fn work(mut self) {
        let mut stale = true;
        loop {
            if stale && self.screen.terminal.draw(|frame| draw::screen(frame, &self.shown)).is_err() {
                return;
            }
            stale = match event::poll(TICK)
                .and_then(|ready| if ready { event::read().map(Some) } else { Ok(None) })
            {
                Ok(Some(happened)) => self.answer(&happened),
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
            // From outside, too: a signal.
            if self.control.is_stopped() && self.shown.ending == Ending::No {
                self.shown.ending = Ending::Soon;
                stale = true;
            }
        }
    }

    /// Does what was asked for, and says whether something else is to be seen now.
    fn answer(&mut self, happened: &Event) -> bool {
        match happened {
            Event::Key(key) => match wish(*key) {
                Some(wish) => {
                    self.grant(wish);
                    true
                }
                None => false,
            },
            Event::Resize(..) => true,
            Event::FocusGained | Event::FocusLost | Event::Mouse(_) | Event::Paste(_) => false,
        }
    }

    fn grant(&mut self, wish: Wish) {
        match wish {
            Wish::Stop if self.control.is_stopped() => {
                self.control.stop_now();
                self.shown.ending = Ending::Now;
            }
            Wish::Stop => {
                self.control.stop();
                self.shown.ending = Ending::Soon;
            }
            Wish::Users(change) => {
                if let Some(users) = self.control.users() {
                    let wanted = change.of(users);
                    // A run that has just ended has no users to change.
                    if self.control.set_users(wanted, None).is_ok() {
                        self.shown.users_wanted = Some(wanted);
                    }
                }
            }
            Wish::OtherTable => self.shown.turn_table(),
            Wish::Help => self.shown.turn_help(),
            Wish::Scroll(by) => self.shown.scroll_by(by),
        }
    }
}
