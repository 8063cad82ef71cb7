//! A virtual user and what it does.

mod attempts;
mod perform;
mod stop_signal;
mod user_loop;
mod virtual_user;

pub(crate) use perform::perform;
pub(crate) use stop_signal::StopSignal;
pub(crate) use user_loop::{StartOutcome, UserLoop};
pub(crate) use virtual_user::VirtualUser;
