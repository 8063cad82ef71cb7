//! Events of which nothing is known but where their content stands, if that.

use crate::task::Pointer;
use crate::task::read::pointer::look_up;

use super::super::held::{Deltas, Held, Present};

pub(in super::super) fn event<'d>(data: &'d [u8], content: Option<&Pointer>) -> Held<'d> {
    let present = match content {
        Some(pointer) => look_up(data, pointer),
        None if data.is_empty() => Present::Nothing,
        None => Present::Something,
    };
    Held { deltas: Deltas::output(present), ..Held::default() }
}
