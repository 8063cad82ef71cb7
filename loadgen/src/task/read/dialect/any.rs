//! Events of which nothing is known but where their content stands, if that.

use crate::task::Pointer;
use crate::task::read::pointer::holds_something;

use super::super::held::{Deltas, Held};

pub(in super::super) fn event(data: &[u8], content: Option<&Pointer>) -> Held {
    let present = content.map_or(!data.is_empty(), |pointer| holds_something(data, pointer));
    Held { deltas: Deltas::output(present), ..Held::default() }
}
