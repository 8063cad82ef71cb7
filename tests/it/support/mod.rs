//! The program as a child process, and clients for it.

mod api;
mod program;
mod raw;
mod reply;
mod running;
mod weir;

pub(crate) use api::{Api, chat, get, post};
pub(crate) use program::{Program, Setup, bare, wrapped};
pub(crate) use raw::Raw;
pub(crate) use reply::{Reply, events};
pub(crate) use running::Running;
pub(crate) use weir::{Weir, shared};
