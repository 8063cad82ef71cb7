//! Sets up and restores the terminal.

use std::{
    io::{self, IsTerminal as _, Stderr},
    panic,
    sync::Once,
    time::Duration,
};

use ratatui::{
    Terminal,
    backend::CrosstermBackend,
    crossterm::{
        cursor, execute,
        terminal::{
            EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
            is_raw_mode_enabled, size,
        },
    },
};

/// The alternate screen of the terminal behind stderr: stdout stays free for the report. It is restored when this is
/// dropped.
#[derive(Debug)]
pub(super) struct Screen {
    pub(super) terminal: Terminal<CrosstermBackend<Stderr>>,
}

/// Whether a full-screen view is possible: stderr is a terminal that can move its cursor, and the process is in the foreground.
pub(crate) fn is_available() -> bool {
    let able = std::env::var_os("TERM").is_none_or(|term| term != "dumb");
    able && io::stderr().is_terminal() && is_in_foreground() && size().is_ok()
}

/// The system stops a background job that changes the terminal's mode.
#[cfg(unix)]
fn is_in_foreground() -> bool {
    use rustix::{process::getpgrp, termios::tcgetpgrp};
    // Without job control on this terminal, no job is in the background.
    tcgetpgrp(io::stderr()).map_or(true, |group| group == getpgrp())
}

#[cfg(not(unix))]
fn is_in_foreground() -> bool {
    true
}

/// Waits for input on the terminal for at most `limit`; fails if the terminal is gone. crossterm's own wait never returns
/// then.
#[cfg(unix)]
pub(super) fn wait_for_input(limit: Duration) -> io::Result<()> {
    use rustix::event::{PollFd, PollFlags, poll};
    let stderr = io::stderr();
    let mut terminal = [PollFd::new(&stderr, PollFlags::IN)];
    let limit = limit.try_into().map_err(io::Error::other)?;
    match poll(&mut terminal, Some(&limit)) {
        // A changed size is a signal, which interrupts the wait.
        Ok(_) | Err(rustix::io::Errno::INTR) => {}
        Err(error) => return Err(error.into()),
    }
    let gone = PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
    let is_gone = terminal.iter().any(|terminal| terminal.revents().intersects(gone));
    if is_gone { Err(io::ErrorKind::BrokenPipe.into()) } else { Ok(()) }
}

#[cfg(not(unix))]
pub(super) fn wait_for_input(limit: Duration) -> io::Result<()> {
    ratatui::crossterm::event::poll(limit).map(drop)
}

/// Restores the terminal if necessary; may be called from any thread, and repeatedly.
pub(crate) fn restore() {
    if is_raw_mode_enabled().unwrap_or(false) {
        // Errors are ignored: nothing else can be done.
        let _ = execute!(io::stderr(), LeaveAlternateScreen, cursor::Show);
        let _ = disable_raw_mode();
    }
}

impl Screen {
    pub(super) fn take() -> io::Result<Self> {
        restore_before_panic_message();
        enable_raw_mode()?;
        let taken = execute!(io::stderr(), EnterAlternateScreen, cursor::Hide)
            .and_then(|()| Terminal::new(CrosstermBackend::new(io::stderr())));
        match taken {
            Ok(terminal) => Ok(Self { terminal }),
            Err(error) => {
                restore();
                Err(error)
            }
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

/// Restores the terminal before a panic message, which would be lost with the alternate screen.
fn restore_before_panic_message() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |panicked| {
            restore();
            previous(panicked);
        }));
    });
}
