use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// The timestamps of one exchange, written by the transport, which hyper owns, and read by the connection.
///
/// Both are polled by the same task, so relaxed atomics suffice: a runtime that moves the task to another thread
/// synchronizes everything the task did.
#[derive(Debug)]
pub(super) struct SocketTimestamps {
    /// The instant from which the others count.
    origin: Instant,
    sent: AtomicInstant,
    first_read: AtomicInstant,
    last_read: AtomicInstant,
    closed: AtomicInstant,
    received_bytes: AtomicU64,
    informational: AtomicU64,
    write_blocked: AtomicBool,
    /// Reads that are still allowed before the connection has to yield.
    reads_left: AtomicU32,
}

/// The most reads before other tasks and the deadline have their turn. hyper itself reads on until a head is complete, which
/// it never is when the peer sends informational responses without end.
const READS_MAX: u32 = 8;

impl SocketTimestamps {
    pub(super) fn new() -> Self {
        Self {
            origin: Instant::now(),
            sent: AtomicInstant::default(),
            first_read: AtomicInstant::default(),
            last_read: AtomicInstant::default(),
            closed: AtomicInstant::default(),
            received_bytes: AtomicU64::new(0),
            informational: AtomicU64::new(0),
            write_blocked: AtomicBool::new(false),
            reads_left: AtomicU32::new(READS_MAX),
        }
    }

    /// Clears the timestamps of the last exchange.
    pub(super) fn reset(&self) {
        for instant in [&self.sent, &self.first_read, &self.last_read, &self.closed] {
            instant.0.store(0, Relaxed);
        }
        self.received_bytes.store(0, Relaxed);
        self.informational.store(0, Relaxed);
        self.write_blocked.store(false, Relaxed);
    }

    /// Allows more reads, because the connection is driven again.
    pub(super) fn allow_reads(&self) {
        self.reads_left.store(READS_MAX, Relaxed);
    }

    /// Takes one of the allowed reads; false if none is left.
    pub(super) fn take_read(&self) -> bool {
        let left = self.reads_left.load(Relaxed);
        self.reads_left.store(left.saturating_sub(1), Relaxed);
        left > 0
    }

    /// Records an accepted write that started at `at`.
    pub(super) fn wrote(&self, at: Instant) {
        self.sent.set_once(self.origin, at);
        self.write_blocked.store(false, Relaxed);
    }

    pub(super) fn write_blocked(&self) {
        self.write_blocked.store(true, Relaxed);
    }

    /// Records a read of `bytes` bytes that returned at `at`.
    pub(super) fn read(&self, bytes: usize, at: Instant) {
        self.last_read.set(self.origin, at);
        let before = self.received_bytes.load(Relaxed);
        self.received_bytes.store(before.saturating_add(bytes as u64), Relaxed);
    }

    /// Records that the first byte of the response was read at `at`. The last call counts: the responses before it were
    /// informational.
    pub(super) fn response_started(&self, at: Instant) {
        self.first_read.set(self.origin, at);
    }

    /// Records how many informational responses (1xx) came so far.
    pub(super) fn informational(&self, count: u64) {
        self.informational.store(count, Relaxed);
    }

    /// Records that a read found the end of the stream or an error.
    pub(super) fn closed(&self, at: Instant) {
        self.closed.set_once(self.origin, at);
    }

    pub(super) fn sent(&self) -> Option<Instant> {
        self.sent.get(self.origin)
    }

    pub(super) fn first_read(&self) -> Option<Instant> {
        self.first_read.get(self.origin)
    }

    pub(super) fn last_read(&self) -> Option<Instant> {
        self.last_read.get(self.origin)
    }

    pub(super) fn closed_at(&self) -> Option<Instant> {
        self.closed.get(self.origin)
    }

    pub(super) fn received_bytes(&self) -> u64 {
        self.received_bytes.load(Relaxed)
    }

    /// Returns the number of informational responses.
    pub(super) fn informational_count(&self) -> u64 {
        self.informational.load(Relaxed)
    }

    /// Whether the request is still being written to the socket.
    pub(super) fn is_sending(&self) -> bool {
        self.sent().is_none() || self.write_blocked.load(Relaxed)
    }
}

/// An optional instant, in nanoseconds since the connection was opened (a `u64` suffices for 584 years); 0 is `None`.
#[derive(Debug, Default)]
struct AtomicInstant(AtomicU64);

impl AtomicInstant {
    fn set(&self, origin: Instant, at: Instant) {
        let nanos = u64::try_from(at.saturating_duration_since(origin).as_nanos()).unwrap_or(u64::MAX);
        self.0.store(nanos.max(1), Relaxed);
    }

    fn set_once(&self, origin: Instant, at: Instant) {
        if self.0.load(Relaxed) == 0 {
            self.set(origin, at);
        }
    }

    fn get(&self, origin: Instant) -> Option<Instant> {
        match self.0.load(Relaxed) {
            0 => None,
            nanos => origin.checked_add(Duration::from_nanos(nanos)),
        }
    }
}
