//! The mock over HTTP: LLM dialects, chain target, admission, telemetry.
