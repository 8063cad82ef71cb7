//! What templates can draw: `pick([…])` and `uuid()`, from the generator handed in with the request.

use std::sync::{Mutex, MutexGuard, PoisonError};

use minijinja::value::{Object, Value};
use minijinja::{Error, ErrorKind, State};
use rand::Rng as _;
use weir_pace::Rng;

/// The name under which a rendering holds its generator.
pub(super) const VARIABLE: &str = "__draws";

/// The generator of one rendering.
#[derive(Debug)]
pub(super) struct Draws {
    rng: Mutex<Rng>,
}

impl Object for Draws {}

impl Draws {
    pub(super) fn new(rng: Rng) -> Self {
        Self { rng: Mutex::new(rng) }
    }

    /// The generator after what was drawn.
    pub(super) fn rng(&self) -> MutexGuard<'_, Rng> {
        self.rng.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One of the items of a list, each as likely as the others.
pub(super) fn pick(state: &State<'_, '_>, items: &Value) -> Result<Value, Error> {
    let refusal = |what| Error::new(ErrorKind::InvalidOperation, what);
    let count = items.len().filter(|count| *count > 0);
    let count = count.ok_or_else(|| refusal("pick needs a list of at least one item"))?;
    let index = with_rng(state, |rng| rng.random_range(0..count))?;
    items.get_item(&Value::from(index))
}

/// A random (version 4) UUID.
pub(super) fn uuid(state: &State<'_, '_>) -> Result<String, Error> {
    let bits: u128 = with_rng(state, rand::Rng::random)?;
    // RFC 9562 §5.4: four bits of version, two of variant.
    let bits = bits & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{bits:032x}");
    let groups = [hex.get(..8), hex.get(8..12), hex.get(12..16), hex.get(16..20), hex.get(20..)];
    Ok(groups.map(Option::unwrap_or_default).join("-"))
}

fn with_rng<T>(state: &State<'_, '_>, draw: impl FnOnce(&mut Rng) -> T) -> Result<T, Error> {
    let variable = state.lookup(VARIABLE);
    let draws = variable.as_ref().and_then(|value| value.downcast_object_ref::<Draws>());
    let draws = draws.ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "nothing to draw from"))?;
    Ok(draw(&mut draws.rng()))
}
