//! Graphs of steps: spec, plan, run, trace.
