//! The instruments: scenario, arrivals, client, samples, summary, reports.
