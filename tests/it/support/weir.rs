//! A server together with a client for it.

use std::{
    sync::LazyLock,
    time::{Duration, Instant},
};

use super::{Api, Program, Setup};

/// A server of a test's own, and a client for it.
#[derive(Debug)]
pub(crate) struct Weir {
    pub(crate) program: Program,
    pub(crate) api: Api,
}

impl Weir {
    pub(crate) fn start(setup: Setup) -> Self {
        let program = setup.start();
        let api = Api::new(program.address);
        Self { program, api }
    }

    /// Waits for it to end by itself, and tells its exit code.
    pub(crate) async fn ended(&mut self, within: Duration) -> Option<i32> {
        let start = Instant::now();
        loop {
            if let Some(status) = self.program.exit_status() {
                return status.code();
            }
            assert!(start.elapsed() < within, "the server has not ended within {within:?}");
            self.api.clock.sleep(Duration::from_millis(10)).await;
        }
    }
}

/// A client for the server that tests share which need nothing special: defaults, a tenth of all delays.
pub(crate) fn shared() -> Api {
    static PROGRAM: LazyLock<Program> = LazyLock::new(|| Setup::new().time_scale("0.1").start());
    Api::new(PROGRAM.address)
}
