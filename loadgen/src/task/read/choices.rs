//! Which choices of an answer have begun, and which have a finish reason.

use serde::de::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// Choices by their index: the first 128, which is the most that OpenAI's API allows, each on its own, those beyond by
/// their number.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ChoiceMarks {
    begun: u128,
    finished: u128,
    /// The highest index, plus one.
    count: u32,
    /// Finish reasons of choices beyond the first 128.
    finished_beyond: u32,
}

impl ChoiceMarks {
    /// Adds an entry of a choice.
    pub(crate) fn add(&mut self, index: ChoiceIndex, has_finish_reason: bool) {
        let ChoiceIndex(index) = index;
        self.count = self.count.max(index.saturating_add(1));
        match 1_u128.checked_shl(index) {
            Some(bit) => {
                self.begun |= bit;
                self.finished |= if has_finish_reason { bit } else { 0 };
            }
            None => self.finished_beyond = self.finished_beyond.saturating_add(has_finish_reason.into()),
        }
    }

    /// Adds the entries of another event.
    pub(crate) fn merge(&mut self, other: Self) {
        self.begun |= other.begun;
        self.finished |= other.finished;
        self.count = self.count.max(other.count);
        self.finished_beyond = self.finished_beyond.saturating_add(other.finished_beyond);
    }

    /// The number of choices that have begun.
    pub(crate) fn begun(&self) -> u32 {
        self.begun.count_ones() + self.count.saturating_sub(u128::BITS)
    }

    /// The number of choices with a finish reason.
    pub(crate) fn finished(&self) -> u32 {
        self.finished.count_ones() + self.finished_beyond
    }

    /// Whether there are choices, and every one has a finish reason.
    pub(crate) fn are_finished(&self) -> bool {
        self.begun != 0
            && self.begun == self.finished
            && self.finished_beyond >= self.count.saturating_sub(u128::BITS)
    }
}

/// The index of a choice; 0 if it is missing or no number.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ChoiceIndex(pub(crate) u32);

impl<'de> Deserialize<'de> for ChoiceIndex {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = <&RawValue>::deserialize(deserializer)?;
        Ok(Self(json.get().trim_matches('"').parse().unwrap_or(0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn are_finished_needs_a_reason_of_each_choice() {
        for count in [1, 2, 128, 130, 200] {
            let mut marks = ChoiceMarks::default();
            assert!(!marks.are_finished());
            (0..count).for_each(|index| marks.add(ChoiceIndex(index), false));
            for index in 0..count {
                assert!(!marks.are_finished(), "{index} of {count}");
                let mut event = ChoiceMarks::default();
                event.add(ChoiceIndex(index), true);
                marks.merge(event);
            }
            assert!(marks.are_finished(), "{count}");
            assert_eq!((marks.begun(), marks.finished()), (count, count));
        }
    }
}
