//! Time: latency distributions to sample, deadlines to meet precisely, arrival processes, a simulated twin.
