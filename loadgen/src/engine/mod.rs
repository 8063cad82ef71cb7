//! The machinery of a run: worker threads that share nothing, and the caller's thread, which adds their figures up.

mod aggregate;
mod closing;
mod cost;
mod delivery;
mod exchange;
mod finish;
mod floor;
mod held;
mod options;
mod persona;
mod plan;
mod preflight;
mod run;
mod session;
mod so_far;
mod timeline;
mod timer;
mod worker;

pub(crate) use exchange::{Slot, Sought};
pub(crate) use floor::{Floor, Parting, Woken};
pub use options::{RunError, RunOptions};
pub(crate) use persona::Persona;
pub(crate) use plan::{ClassPlan, Plan, after};
pub use run::run;
pub use so_far::SoFar;
pub(crate) use timer::ClockTimer;

#[cfg(test)]
mod tests;
