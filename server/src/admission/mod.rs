//! What may enter: keys, request limits, calls at once.

mod gate;
mod key;
mod places;

pub(crate) use gate::{Admission, Admitted, GivenKey, Rejection};
pub(crate) use key::RateView;
pub(crate) use places::{NoPlace, Place, Places};
