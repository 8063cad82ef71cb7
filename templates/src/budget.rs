//! The budget of a rendering.

use std::{
    cell::RefCell,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use minijinja::{Error, ErrorKind, State, value::Object};

/// The work that a rendering may do, in bytes read or built. It bounds memory as well: what is built is counted.
pub const WORK_MAX: u64 = 128 << 20;
/// The name of the budget among minijinja's temporary values of a rendering.
const NAME: &str = "weir.budget";

thread_local! {
    static CURRENT: RefCell<Option<Arc<Budget>>> = const { RefCell::new(None) };
}

/// The work that is left to a rendering.
#[derive(Debug)]
pub(crate) struct Budget {
    left: AtomicU64,
}

impl Object for Budget {}

/// The cause of the error of a rendering that used up its budget.
#[derive(Debug)]
struct OverBudget;

impl fmt::Display for OverBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the budget of the rendering is used up")
    }
}

impl std::error::Error for OverBudget {}

/// Runs `render`, in which all renderings together may do `work` (at most [`WORK_MAX`]), in bytes read or built. Returns
/// its result and the work that was done. Without this, each rendering may do [`WORK_MAX`].
pub fn with_budget<T>(work: u64, render: impl FnOnce() -> T) -> (T, u64) {
    /// Restores the budget, also after a panic.
    struct Restore(Option<Arc<Budget>>);
    impl Drop for Restore {
        fn drop(&mut self) {
            CURRENT.replace(self.0.take());
        }
    }
    let work = work.min(WORK_MAX);
    let budget = Arc::new(Budget { left: AtomicU64::new(work) });
    let _restore = Restore(CURRENT.replace(Some(Arc::clone(&budget))));
    let result = render();
    (result, work.saturating_sub(budget.left.load(Ordering::Relaxed)))
}

/// Whether a rendering failed because it used up its budget.
pub fn is_over_budget(error: &Error) -> bool {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = next {
        if error.is::<OverBudget>() {
            return true;
        }
        next = error.source();
    }
    false
}

impl Budget {
    /// Returns the budget of the rendering.
    pub(crate) fn of(state: &State<'_, '_>) -> Arc<Self> {
        let current = CURRENT.with_borrow(Option::clone);
        current
            .unwrap_or_else(|| state.get_or_set_temp_object(NAME, || Self { left: AtomicU64::new(WORK_MAX) }))
    }

    /// Counts work of `bytes` bytes.
    ///
    /// # Errors
    /// Fails if the budget does not cover it.
    pub(crate) fn charge(&self, bytes: usize) -> Result<(), Error> {
        let bytes = bytes as u64;
        let spend = |left: u64| left.checked_sub(bytes);
        match self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, spend) {
            Ok(_) => Ok(()),
            Err(_) => {
                // Nothing that follows may succeed.
                self.left.store(0, Ordering::Relaxed);
                Err(Error::new(ErrorKind::InvalidOperation, "the template builds too much text or data")
                    .with_source(OverBudget))
            }
        }
    }

    /// Fails unless the budget covers work of `bytes` bytes, without counting it.
    pub(crate) fn require(&self, bytes: usize) -> Result<(), Error> {
        if self.left.load(Ordering::Relaxed) >= bytes as u64 { Ok(()) } else { self.charge(usize::MAX) }
    }
}
