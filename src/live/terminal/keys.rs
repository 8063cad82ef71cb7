//! What keys ask for.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// End the run; asked again, at once.
    Stop,
    /// More users, or fewer.
    Users(Change),
    /// Figures by task or by class.
    OtherTable,
    Help,
    /// So many rows of the table further down.
    Scroll(isize),
}

/// How the number of users is to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    More(Size),
    Fewer(Size),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Size {
    /// A tenth of what there is, at least one.
    Step,
    /// Ten steps.
    Leap,
}

/// Rows that a page up or down moves.
const PAGE: isize = 5;

/// Nobody means more users than this by a key; it is what a scenario may have at most.
const USERS_MAX: u64 = 100_000;

pub(super) fn wish(key: KeyEvent) -> Option<Wish> {
    if key.kind == KeyEventKind::Release {
        return None;
    }
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    let size = if control { Size::Leap } else { Size::Step };
    match key.code {
        KeyCode::Char('c' | 'd') if control => Some(Wish::Stop),
        KeyCode::Char('q' | 'Q') => Some(Wish::Stop),
        KeyCode::Char('+' | '=') | KeyCode::Up => Some(Wish::Users(Change::More(size))),
        KeyCode::Char('-' | '_') | KeyCode::Down => Some(Wish::Users(Change::Fewer(size))),
        KeyCode::Char('p' | 'P') | KeyCode::Tab => Some(Wish::OtherTable),
        KeyCode::Char('?' | 'h') | KeyCode::F(1) => Some(Wish::Help),
        KeyCode::PageDown => Some(Wish::Scroll(PAGE)),
        KeyCode::PageUp => Some(Wish::Scroll(-PAGE)),
        _ => None,
    }
}

impl Change {
    /// How many users there are to be instead of `users`; one always stays.
    pub(super) fn of(self, users: u64) -> u64 {
        let step = (users / 10).max(1);
        let by = |size| match size {
            Size::Step => step,
            Size::Leap => step.saturating_mul(10),
        };
        match self {
            Self::More(size) => users.saturating_add(by(size)).min(USERS_MAX),
            Self::Fewer(size) => users.saturating_sub(by(size)).max(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pressed(code: KeyCode, modifiers: KeyModifiers) -> Option<Wish> {
        wish(KeyEvent::new(code, modifiers))
    }

    #[test]
    fn keys_mean_what_the_help_says() {
        let plain = |code| pressed(code, KeyModifiers::NONE);
        assert_eq!(plain(KeyCode::Char('q')), Some(Wish::Stop));
        assert_eq!(pressed(KeyCode::Char('c'), KeyModifiers::CONTROL), Some(Wish::Stop));
        assert_eq!(plain(KeyCode::Char('c')), None);
        assert_eq!(plain(KeyCode::Char('+')), Some(Wish::Users(Change::More(Size::Step))));
        let leap = pressed(KeyCode::Down, KeyModifiers::CONTROL);
        assert_eq!(leap, Some(Wish::Users(Change::Fewer(Size::Leap))));
        assert_eq!(plain(KeyCode::Char('p')), Some(Wish::OtherTable));
        assert_eq!(plain(KeyCode::Char('?')), Some(Wish::Help));
    }

    #[test]
    fn a_step_is_a_tenth_and_at_least_one_and_one_user_stays() {
        let (more, fewer) = (Change::More(Size::Step), Change::Fewer(Size::Step));
        assert_eq!([1, 5, 50, 1_000].map(|users| more.of(users)), [2, 6, 55, 1_100]);
        assert_eq!([1, 5, 50, 1_000].map(|users| fewer.of(users)), [1, 4, 45, 900]);
        assert_eq!(Change::More(Size::Leap).of(50), 100);
        assert_eq!(Change::Fewer(Size::Leap).of(50), 1);
        assert_eq!(more.of(99_999), USERS_MAX);
    }
}
