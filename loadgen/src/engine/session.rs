//! One go of a task: a request, or a conversation of several.

use std::time::Instant;

use weir_pace::Rng;

use crate::scenario::Session;
use crate::task::Conversation;

use super::exchange::{Slot, Sought};
use super::floor::{Floor, Woken};
use super::persona::Persona;
use super::plan::after;

impl Slot {
    /// Does a task once. The caller has been admitted for its first request, which should start at `intended`; the
    /// later turns of a conversation follow by themselves.
    pub(crate) async fn perform(
        &mut self,
        floor: &Floor,
        task: usize,
        intended: Instant,
        who: &Persona,
        rng: &mut Rng,
    ) -> Sought {
        match floor.plan.tasks.get(task).and_then(|plan| plan.session.as_ref()) {
            None => self.ask(floor, task, intended, who, rng, None).await,
            // Apart, so that users who do not converse are not larger for it.
            Some(session) => Box::pin(self.converse(floor, task, session, intended, who, rng)).await,
        }
    }

    /// Asks turn by turn, until the conversation has as many as were drawn for it, or one fails, or no more requests
    /// are to be started.
    async fn converse(
        &mut self,
        floor: &Floor,
        task: usize,
        session: &Session,
        mut intended: Instant,
        who: &Persona,
        rng: &mut Rng,
    ) -> Sought {
        let turns = session.turns.sample(rng);
        let mut conversation = Conversation::default();
        loop {
            let (turn, reach) = (conversation.turn(), conversation.reach());
            let sought = self.ask(floor, task, intended, who, rng, Some(&mut conversation)).await;
            if conversation.reach() != reach {
                floor.recorder.borrow_mut().record_shortened();
            }
            let was_answered = conversation.turn() > turn;
            let is_over = !was_answered || u64::from(turn) >= turns;
            if is_over || !wait_for_turn(floor, session, &mut intended, rng).await {
                return sought;
            }
        }
    }
}

/// Waits for the pause between two turns, and sets the instant of the next; `false` when there is to be none.
async fn wait_for_turn(floor: &Floor, session: &Session, intended: &mut Instant, rng: &mut Rng) -> bool {
    let pause = session.pause.sample(rng);
    *intended = after(Instant::now(), pause);
    if !pause.is_zero() {
        if floor.wait(*intended).await == Woken::Closing {
            return false;
        }
        floor.recorder.borrow_mut().record_lateness(*intended, Instant::now());
    }
    floor.admit()
}
