//! The users of one worker, as they come and go.

use std::future::Future;
use std::rc::Rc;
use std::time::Instant;

use weir_pace::Seed;

use crate::control::Course;
use crate::engine::{Floor, after};

use super::Spread;
use super::moves::{Move, Moves, Way};
use super::stay::Stay;
use super::user::User;

/// Keeps the number of this worker's users on the course.
pub(super) struct Crew<'a> {
    floor: &'a Floor,
    course: Course,
    moves: Moves,
    /// Of the users who are to be here, the first to join first.
    stays: Vec<Rc<Stay>>,
    /// How many have been sent away.
    left: u64,
    classes: Spread,
    seed: Seed,
}

/// What is to happen next.
#[derive(Copy, Clone, Debug)]
pub(super) struct Due {
    pub(super) at: Instant,
    way: Way,
}

impl<'a> Crew<'a> {
    pub(super) fn new(floor: &'a Floor, course: Course) -> Self {
        let plan = &floor.plan;
        Self {
            floor,
            moves: moves(floor, &course),
            course,
            stays: Vec::new(),
            left: 0,
            classes: Spread::new(plan.classes.iter().map(|class| class.weight)),
            seed: plan.seed.named("users"),
        }
    }

    /// Goes on from the users that are there.
    pub(super) fn turn(&mut self, course: Course) {
        self.moves = moves(self.floor, &course);
        self.course = course;
    }

    /// What is to happen next, when anything is.
    pub(super) fn due(&mut self) -> Option<Due> {
        let Move { offset, way } = self.moves.next(self.stays.len())?;
        Some(Due { at: after(self.course.since(), offset), way })
    }

    /// Whether there should be anyone.
    pub(super) fn is_wanted(&self) -> bool {
        !self.stays.is_empty()
    }

    /// Does what is due; a user who joins is to be run.
    pub(super) fn act(&mut self, due: Due) -> Option<impl Future<Output = ()> + use<'a>> {
        match due.way {
            Way::Leave => {
                self.left += 1;
                self.stays.pop()?.end();
                None
            }
            Way::Join => {
                let (number, stay) = (self.moves.number(self.stays.len()), Rc::new(Stay::default()));
                self.stays.push(Rc::clone(&stay));
                let class = self.classes.class_of(usize::try_from(number).ok()?);
                let class = self.floor.plan.classes.get(class)?;
                // Who comes where someone has left is someone else.
                let rng = self.seed.derive(number).derive(self.left).rng();
                Some(User::new(self.floor, class, number, rng).live(self.floor, due.at, stay))
            }
        }
    }
}

fn moves(floor: &Floor, course: &Course) -> Moves {
    Moves::new(course.curve().clone(), floor.index(), floor.plan.workers.get())
}
