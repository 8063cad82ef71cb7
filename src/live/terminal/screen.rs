//! The terminal, taken and given back.

use std::{
    io::{self, IsTerminal as _, Stderr},
    panic,
    sync::Once,
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

/// The alternate screen of the terminal behind stderr: stdout stays free for the report. It is given back when this is
/// dropped.
#[derive(Debug)]
pub(super) struct Screen {
    pub(super) terminal: Terminal<CrosstermBackend<Stderr>>,
}

/// Whether a full-screen view has where to be: stderr is a terminal that can move its cursor and is ours at the moment.
pub(crate) fn can_be_taken() -> bool {
    let able = std::env::var_os("TERM").is_none_or(|term| term != "dumb");
    able && io::stderr().is_terminal() && is_in_foreground() && size().is_ok()
}

/// A job in the background that changes the terminal's mode is stopped by the system.
#[cfg(unix)]
fn is_in_foreground() -> bool {
    use rustix::{process::getpgrp, termios::tcgetpgrp};
    // Without job control on this terminal nothing is in the background.
    tcgetpgrp(io::stderr()).map_or(true, |group| group == getpgrp())
}

#[cfg(not(unix))]
fn is_in_foreground() -> bool {
    true
}

/// Gives the terminal back if it is taken; from any thread, and more than once.
pub(crate) fn give_back() {
    if is_raw_mode_enabled().unwrap_or(false) {
        // Nothing is left to be done for a terminal that takes neither.
        let _ = execute!(io::stderr(), LeaveAlternateScreen, cursor::Show);
        let _ = disable_raw_mode();
    }
}

impl Screen {
    pub(super) fn take() -> io::Result<Self> {
        give_back_before_a_panic_is_told();
        enable_raw_mode()?;
        let taken = execute!(io::stderr(), EnterAlternateScreen, cursor::Hide)
            .and_then(|()| Terminal::new(CrosstermBackend::new(io::stderr())));
        match taken {
            Ok(terminal) => Ok(Self { terminal }),
            Err(error) => {
                give_back();
                Err(error)
            }
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

/// What a panic says would otherwise be lost with the alternate screen.
fn give_back_before_a_panic_is_told() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let tell = panic::take_hook();
        panic::set_hook(Box::new(move |panicked| {
            give_back();
            tell(panicked);
        }));
    });
}
