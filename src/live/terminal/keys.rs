//! The actions of keys.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// The action of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyAction {
    /// End the run; the second time, at once.
    Stop,
    /// More users, or fewer.
    Users(UserChange),
    /// Figures by task or by class.
    OtherTable,
    Help,
    /// Scroll the table down by a number of rows.
    Scroll(isize),
}

/// A change of the number of users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UserChange {
    More(StepSize),
    Fewer(StepSize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StepSize {
    /// A tenth of the users, at least one.
    Step,
    /// Ten steps.
    Leap,
}

/// Rows of a page up or down.
const PAGE: isize = 5;

/// The maximum number of users that keys can set, which is that of a scenario.
const USERS_MAX: u64 = 100_000;

pub(super) fn key_action(key: KeyEvent) -> Option<KeyAction> {
    if key.kind == KeyEventKind::Release {
        return None;
    }
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    let size = if control { StepSize::Leap } else { StepSize::Step };
    match key.code {
        KeyCode::Char('c' | 'd') if control => Some(KeyAction::Stop),
        KeyCode::Char('q' | 'Q') => Some(KeyAction::Stop),
        KeyCode::Char('+' | '=') | KeyCode::Up => Some(KeyAction::Users(UserChange::More(size))),
        KeyCode::Char('-' | '_') | KeyCode::Down => Some(KeyAction::Users(UserChange::Fewer(size))),
        KeyCode::Char('p' | 'P') | KeyCode::Tab => Some(KeyAction::OtherTable),
        KeyCode::Char('?' | 'h') | KeyCode::F(1) => Some(KeyAction::Help),
        KeyCode::PageDown => Some(KeyAction::Scroll(PAGE)),
        KeyCode::PageUp => Some(KeyAction::Scroll(-PAGE)),
        _ => None,
    }
}

impl UserChange {
    /// Returns the new number of users, at least one.
    pub(super) fn of(self, users: u64) -> u64 {
        let step = (users / 10).max(1);
        let by = |size| match size {
            StepSize::Step => step,
            StepSize::Leap => step.saturating_mul(10),
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

    fn pressed(code: KeyCode, modifiers: KeyModifiers) -> Option<KeyAction> {
        key_action(KeyEvent::new(code, modifiers))
    }

    #[test]
    fn key_action_matches_the_help() {
        let plain = |code| pressed(code, KeyModifiers::NONE);
        assert_eq!(plain(KeyCode::Char('q')), Some(KeyAction::Stop));
        assert_eq!(pressed(KeyCode::Char('c'), KeyModifiers::CONTROL), Some(KeyAction::Stop));
        assert_eq!(plain(KeyCode::Char('c')), None);
        assert_eq!(plain(KeyCode::Char('+')), Some(KeyAction::Users(UserChange::More(StepSize::Step))));
        let leap = pressed(KeyCode::Down, KeyModifiers::CONTROL);
        assert_eq!(leap, Some(KeyAction::Users(UserChange::Fewer(StepSize::Leap))));
        assert_eq!(plain(KeyCode::Char('p')), Some(KeyAction::OtherTable));
        assert_eq!(plain(KeyCode::Char('?')), Some(KeyAction::Help));
    }

    #[test]
    fn user_change_is_a_tenth_and_keeps_one_user() {
        let (more, fewer) = (UserChange::More(StepSize::Step), UserChange::Fewer(StepSize::Step));
        assert_eq!([1, 5, 50, 1_000].map(|users| more.of(users)), [2, 6, 55, 1_100]);
        assert_eq!([1, 5, 50, 1_000].map(|users| fewer.of(users)), [1, 4, 45, 900]);
        assert_eq!(UserChange::More(StepSize::Leap).of(50), 100);
        assert_eq!(UserChange::Fewer(StepSize::Leap).of(50), 1);
        assert_eq!(more.of(99_999), USERS_MAX);
    }
}
