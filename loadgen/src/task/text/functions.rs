//! The random functions of templates: `pick([…])`, `random(low, high)` and `uuid()`, on the random generator of the
//! request.

use minijinja::value::Value;
use minijinja::{Environment, Error, ErrorKind, State};
use rand::Rng as _;
use weir_pace::Rng;

use super::context::View;

/// The names of the functions.
pub(super) const NAMES: [&str; 3] = ["pick", "random", "uuid"];

/// Adds the functions to the environment.
pub(super) fn add_to(environment: &mut Environment<'_>) {
    environment.add_function("pick", |state: &State<'_, '_>, items: Value| pick(state, &items));
    environment.add_function("random", random);
    environment.add_function("uuid", uuid);
}

/// Returns a random item of a list, uniformly.
fn pick(state: &State<'_, '_>, items: &Value) -> Result<Value, Error> {
    let count = items.len().filter(|count| *count > 0);
    let count = count.ok_or_else(|| invalid("pick expects a list of at least one item"))?;
    let index = with_rng(state, |rng| rng.random_range(0..count))?;
    items.get_item(&Value::from(index))
}

/// Returns a random integer from `low` to `high`, both included, uniformly.
fn random(state: &State<'_, '_>, low: i64, high: i64) -> Result<i64, Error> {
    if low > high {
        return Err(invalid(format!("random expects the lower bound first: {low} is more than {high}")));
    }
    with_rng(state, |rng| rng.random_range(low..=high))
}

/// Returns a random (version 4) UUID.
fn uuid(state: &State<'_, '_>) -> Result<String, Error> {
    let bits: u128 = with_rng(state, rand::Rng::random)?;
    // RFC 9562, section 5.4: four bits of version, two bits of variant.
    let bits = bits & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{bits:032x}");
    let groups = [hex.get(..8), hex.get(8..12), hex.get(12..16), hex.get(16..20), hex.get(20..)];
    Ok(groups.map(Option::unwrap_or_default).join("-"))
}

fn with_rng<T>(state: &State<'_, '_>, draw: impl FnOnce(&mut Rng) -> T) -> Result<T, Error> {
    let view = state.lookup(View::SELF_NAME);
    let view = view.as_ref().and_then(|value| value.downcast_object_ref::<View>());
    let view = view.ok_or_else(|| invalid("no random generator"))?;
    Ok(draw(&mut view.rng()))
}

fn invalid(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidOperation, message)
}
