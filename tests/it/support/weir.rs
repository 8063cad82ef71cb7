//! A server together with a client for it.

use std::{
    sync::LazyLock,
    time::{Duration, Instant},
};

use super::{Api, Program, Setup};

/// A separate server for a test, and a client for it.
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

    /// Waits until it exits by itself, and returns its exit code.
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

/// A client for the shared server, with default settings and a tenth of all delays.
pub(crate) fn shared() -> Api {
    static PROGRAM: LazyLock<Program> = LazyLock::new(|| Setup::new().time_scale("0.1").start());
    Api::new(PROGRAM.address)
}
