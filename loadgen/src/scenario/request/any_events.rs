//! Events of an unknown API, of an `http` request.

use crate::record::Problem;
use crate::task::Pointer;
use crate::task::read::{Completion, Deltas, EventReader, ParsedEvent, Presence, look_up};

#[derive(Debug)]
pub(super) struct AnyEvents {
    /// An event is content if it has something there; without a pointer, if it has data.
    pub(super) content: Option<Pointer>,
}

impl EventReader for AnyEvents {
    fn read_event<'d>(&self, data: &'d [u8]) -> Result<ParsedEvent<'d>, Problem> {
        let presence = match &self.content {
            Some(pointer) => look_up(data, pointer),
            None if data.is_empty() => Presence::Absent,
            None => Presence::NonEmpty,
        };
        Ok(ParsedEvent { deltas: Deltas::output(presence), ..ParsedEvent::default() })
    }

    fn completion(&self) -> Completion {
        Completion::Body
    }

    fn is_json(&self) -> bool {
        false
    }

    fn end_mark(&self) -> Option<&'static str> {
        None
    }
}
