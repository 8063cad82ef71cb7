//! Bodies with faults.
//!
//! # Layout
//! - `events`: splits a stream into events; `usage`: changes usage; `error_event`: writes the error of a stream
//! - `editor`: what a fault does to events; `body`: the body that delivers it
//! - `trickle`: a body in small pieces

mod body;
mod editor;
mod error_event;
mod events;
mod trickle;
mod usage;

use std::time::Duration;

use axum::body::Body;
use serde_json::Value;

pub(super) use self::{body::Delivery, usage::change_usage};
use self::{
    body::FaultyStream,
    editor::{Change, Editor},
    error_event::ErrorEvent,
    trickle::TrickledBody,
};
use super::{
    fault::{StreamEffect, UsageFault},
    report::FaultReport,
};

/// Returns the body of a stream with an effect after `after` events with content; `error` is the body of an error event.
pub(super) fn with_effect(
    body: Body,
    (after, effect): (u32, StreamEffect),
    error: Value,
    delivery: Delivery,
    report: FaultReport,
) -> Body {
    let editor = Editor::new(Change::At { after, effect }, ErrorEvent::new(error));
    Body::new(FaultyStream::new(body, editor, delivery, report))
}

/// Returns the body of a stream with changed usage.
pub(super) fn with_usage(body: Body, fault: UsageFault, delivery: Delivery, report: FaultReport) -> Body {
    let editor = Editor::new(Change::Usage(fault), ErrorEvent::new(Value::Null));
    Body::new(FaultyStream::new(body, editor, delivery, report))
}

/// Returns the body in pieces of `bytes` bytes.
pub(super) fn trickled(body: Body, bytes: usize, every: Duration, delivery: Delivery) -> Body {
    let Delivery { clock, log, time_scale, .. } = delivery;
    Body::new(TrickledBody::new(body, (bytes, every.mul_f64(time_scale)), clock, log))
}

#[cfg(test)]
mod tests;
