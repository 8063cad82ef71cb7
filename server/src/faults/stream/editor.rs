//! What a fault does to the events of a stream, as a function of the events alone.

use std::{collections::VecDeque, time::Duration};

use bytes::Bytes;

use super::{
    error_event::ErrorEvent,
    events::{data, has_content},
    usage::change_usage,
};
use crate::faults::fault::{Severance, StreamEffect, UsageFault};

/// What a body does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Send(Bytes),
    Wait(Duration),
    End(Ending),
}

/// How a stream ends early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// As if it were complete.
    Clean,
    Severed(Severance),
}

/// Changes the events of a stream.
#[derive(Debug)]
pub(super) struct Editor {
    change: Change,
    progress: Progress,
    error: ErrorEvent,
}

/// What an editor changes.
#[derive(Clone, Debug)]
pub(super) enum Change {
    /// Something at the event after this number of events with content.
    At { after: u32, effect: StreamEffect },
    /// Every usage.
    Usage(UsageFault),
}

#[derive(Debug)]
enum Progress {
    /// The place is not reached yet.
    Before { passed: u32 },
    /// The event is sent after the next one.
    Holding(Bytes),
    /// All further events are sent.
    After,
    /// No further event is sent.
    Ended,
}

impl Editor {
    /// `error` writes error events.
    pub(super) const fn new(change: Change, error: ErrorEvent) -> Self {
        Self { change, progress: Progress::Before { passed: 0 }, error }
    }

    /// Adds what follows from `event` to `actions`. Returns whether the fault took effect by it.
    pub(super) fn event(&mut self, event: Bytes, actions: &mut VecDeque<Action>) -> bool {
        self.error.observe(&event);
        let (after, effect) = match &self.change {
            Change::Usage(fault) => {
                let changed = data(&event).and_then(|at| replace(&event, at, *fault));
                let has_changed = changed.is_some();
                actions.push_back(Action::Send(changed.unwrap_or(event)));
                return has_changed;
            }
            Change::At { after, effect } => (*after, effect),
        };
        match std::mem::replace(&mut self.progress, Progress::After) {
            Progress::Ended => {
                self.progress = Progress::Ended;
                false
            }
            Progress::After => {
                actions.push_back(Action::Send(event));
                false
            }
            Progress::Holding(held) => {
                actions.extend([Action::Send(event), Action::Send(held)]);
                true
            }
            Progress::Before { passed } => {
                let is_content = has_content(&event);
                if passed >= after && (is_content || !needs_content(effect)) {
                    self.progress = apply(effect, event, &self.error, actions);
                    return !matches!(self.progress, Progress::Holding(_));
                }
                self.progress = Progress::Before { passed: passed.saturating_add(is_content.into()) };
                actions.push_back(Action::Send(event));
                false
            }
        }
    }

    /// Adds what is left at the end of the stream to `actions`.
    pub(super) fn finish(&mut self, rest: Option<Bytes>, actions: &mut VecDeque<Action>) {
        let held = match std::mem::replace(&mut self.progress, Progress::Ended) {
            Progress::Holding(held) => Some(held),
            Progress::Ended => return,
            Progress::Before { .. } | Progress::After => None,
        };
        actions.extend(held.into_iter().chain(rest).map(Action::Send));
    }
}

/// Whether the effect concerns an event with content, not a place between events.
const fn needs_content(effect: &StreamEffect) -> bool {
    match effect {
        StreamEffect::Malformed | StreamEffect::Duplicate | StreamEffect::Reorder => true,
        StreamEffect::Stall(_) | StreamEffect::Truncate | StreamEffect::Sever(_) | StreamEffect::Error(_) => {
            false
        }
    }
}

/// Adds the effect at `event`, and returns what is to be done with the next ones.
fn apply(
    effect: &StreamEffect,
    event: Bytes,
    error: &ErrorEvent,
    actions: &mut VecDeque<Action>,
) -> Progress {
    match effect {
        StreamEffect::Stall(time) => {
            actions.extend([Action::Wait(*time), Action::Send(event)]);
            Progress::After
        }
        StreamEffect::Truncate => {
            actions.push_back(Action::End(Ending::Clean));
            Progress::Ended
        }
        StreamEffect::Sever(how) => {
            actions.push_back(Action::End(Ending::Severed(*how)));
            Progress::Ended
        }
        StreamEffect::Error(_) => {
            actions.extend([Action::Send(error.written()), Action::End(Ending::Clean)]);
            Progress::Ended
        }
        StreamEffect::Malformed => {
            actions.push_back(Action::Send(broken(&event)));
            Progress::After
        }
        StreamEffect::Duplicate => {
            actions.extend([Action::Send(event.clone()), Action::Send(event)]);
            Progress::After
        }
        StreamEffect::Reorder => Progress::Holding(event),
    }
}

/// The event with the first half of its JSON text.
fn broken(event: &Bytes) -> Bytes {
    let Some(data) = data(event) else { return event.clone() };
    let mut end = data.start + data.len() / 2;
    let continues = |at: usize| event.get(at).is_some_and(|byte| byte & 0xc0 == 0x80);
    while end > data.start && continues(end) {
        end -= 1;
    }
    [event.get(..end).unwrap_or_default(), b"\n\n"].concat().into()
}

/// The event with changed usage, if its data has any.
fn replace(event: &Bytes, data: std::ops::Range<usize>, fault: UsageFault) -> Option<Bytes> {
    let changed = change_usage(event.get(data.clone())?, fault)?;
    let (before, after) = (event.get(..data.start)?, event.get(data.end..)?);
    Some([before, &changed, after].concat().into())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use weir_model::ScriptedError;

    use super::*;

    const FIRST: &str = "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n";
    const LAST: &str = "data: {\"choices\":[{\"delta\":{}}]}\n\n";
    const DONE: &str = "data: [DONE]\n\n";

    fn token(text: &str) -> String {
        format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n")
    }

    /// The actions for a stream of three tokens, and whether the fault took effect.
    fn edit(after: u32, effect: StreamEffect) -> (Vec<Action>, bool) {
        let error = ErrorEvent::new(serde_json::json!({"error": {"message": "m"}}));
        let mut editor = Editor::new(Change::At { after, effect }, error);
        let (mut actions, mut has_effect) = (VecDeque::new(), false);
        for event in [FIRST, &token("a"), &token("b"), &token("c"), LAST, DONE] {
            let took = editor.event(Bytes::copy_from_slice(event.as_bytes()), &mut actions);
            assert!(!(took && has_effect), "once");
            has_effect |= took;
        }
        editor.finish(None, &mut actions);
        (actions.into(), has_effect)
    }

    fn sent(events: &[&str]) -> Vec<Action> {
        events.iter().map(|event| Action::Send(Bytes::copy_from_slice(event.as_bytes()))).collect()
    }

    #[test]
    fn event_stall_waits_before_the_next() {
        let (actions, has_effect) = edit(1, StreamEffect::Stall(Duration::from_secs(2)));
        let mut expected = sent(&[FIRST, &token("a")]);
        expected.push(Action::Wait(Duration::from_secs(2)));
        expected.extend(sent(&[&token("b"), &token("c"), LAST, DONE]));
        assert_eq!((actions, has_effect), (expected, true));
    }

    #[test]
    fn event_ending_sends_nothing_more() {
        let reset = Severance::Reset;
        for (effect, ending) in
            [(StreamEffect::Truncate, Ending::Clean), (StreamEffect::Sever(reset), Ending::Severed(reset))]
        {
            let (actions, has_effect) = edit(2, effect.clone());
            let mut expected = sent(&[FIRST, &token("a"), &token("b")]);
            expected.push(Action::End(ending));
            assert_eq!((actions, has_effect), (expected, true));
            // After the last token, before the final events.
            let (actions, _) = edit(3, effect.clone());
            assert_eq!(actions.len(), 5);
            let (actions, _) = edit(0, effect);
            assert_eq!(actions, [Action::End(ending)]);
        }
    }

    #[test]
    fn event_error_is_the_last() {
        let error = ScriptedError {
            status: 529,
            kind: None,
            code: None,
            message: "m".to_owned(),
            retry_after: None,
            delay: Duration::ZERO,
        };
        let (actions, has_effect) = edit(1, StreamEffect::Error(Arc::new(error)));
        let mut expected = sent(&[FIRST, &token("a"), "data: {\"error\":{\"message\":\"m\"}}\n\n"]);
        expected.push(Action::End(Ending::Clean));
        assert_eq!((actions, has_effect), (expected, true));
    }

    #[test]
    fn event_malformed_is_half() {
        let (actions, has_effect) = edit(1, StreamEffect::Malformed);
        let half = "data: {\"choices\":[{\"delta\n\n";
        let expected = sent(&[FIRST, &token("a"), half, &token("c"), LAST, DONE]);
        assert_eq!((actions, has_effect), (expected, true));
        assert_eq!(broken(&Bytes::from_static("data: \"ää\"\n\n".as_bytes())), "data: \"ä\n\n");
    }

    #[test]
    fn event_duplicate_and_reorder_concern_content() {
        let (actions, _) = edit(0, StreamEffect::Duplicate);
        assert_eq!(actions, sent(&[FIRST, &token("a"), &token("a"), &token("b"), &token("c"), LAST, DONE]));
        let (actions, has_effect) = edit(1, StreamEffect::Reorder);
        let expected = sent(&[FIRST, &token("a"), &token("c"), &token("b"), LAST, DONE]);
        assert_eq!((actions, has_effect), (expected, true));
    }

    #[test]
    fn event_in_short_stream_has_no_effect() {
        for effect in [StreamEffect::Truncate, StreamEffect::Malformed, StreamEffect::Reorder] {
            let (actions, has_effect) = edit(4, effect);
            let expected = sent(&[FIRST, &token("a"), &token("b"), &token("c"), LAST, DONE]);
            assert_eq!((actions, has_effect), (expected, false));
        }
    }
}
