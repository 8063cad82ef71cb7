//! The body of a stream with a fault.

use std::{
    collections::VecDeque,
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use axum::{BoxError, body::Body};
use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body as _, Frame};
use weir_pace::{Clock, Sleep};

use super::{
    editor::{Action, Editor, Ending},
    events::{EventSplitter, has_content},
};
use crate::{
    connection::{Mark, WriteLog},
    faults::{fault::Severance, report::FaultReport},
    request::Trailers,
    telemetry::FramePart,
};

/// Where a stream with a fault is delivered.
#[derive(Debug)]
pub(in crate::faults) struct Delivery {
    pub(in crate::faults) clock: Clock,
    /// The writes of its connection.
    pub(in crate::faults) log: Arc<WriteLog>,
    pub(in crate::faults) trailers: Trailers,
    /// Factor on the duration of stalls.
    pub(in crate::faults) time_scale: f64,
}

/// The body of a stream whose events a fault changes. It holds the original body, with all of its guards, until its end.
#[derive(Debug)]
pub(super) struct FaultyStream {
    /// `None` after its end.
    inner: Option<Body>,
    splitter: EventSplitter,
    editor: Editor,
    /// What follows from the events read so far.
    actions: VecDeque<Action>,
    wait: Option<Sleep>,
    /// Whether an event with content was sent.
    has_begun: bool,
    delivery: Delivery,
    report: FaultReport,
}

/// The error that makes the connection end.
#[derive(Debug)]
struct Severed;

impl fmt::Display for Severed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a simulated fault ends the connection")
    }
}

impl std::error::Error for Severed {}

type PollFrame = Poll<Option<Result<Frame<Bytes>, BoxError>>>;

impl FaultyStream {
    pub(super) fn new(inner: Body, editor: Editor, delivery: Delivery, report: FaultReport) -> Self {
        Self {
            inner: Some(inner),
            splitter: EventSplitter::default(),
            editor,
            actions: VecDeque::new(),
            wait: None,
            has_begun: false,
            delivery,
            report,
        }
    }

    /// Ends the stream early. What was sent must have been written before the connection ends.
    fn poll_end(&mut self, context: &Context<'_>, ending: Ending) -> PollFrame {
        match ending {
            Ending::Clean => {
                self.inner = None;
                self.actions.clear();
                if self.delivery.trailers == Trailers::NotWanted {
                    return Poll::Ready(None);
                }
                let mut trailers = HeaderMap::with_capacity(1);
                self.report.write_to(&mut trailers);
                Poll::Ready(Some(Ok(Frame::trailers(trailers))))
            }
            Ending::Severed(how) => {
                if self.delivery.log.poll_written(context).is_pending() {
                    self.actions.push_front(Action::End(ending));
                    return Poll::Pending;
                }
                self.inner = None;
                self.actions.clear();
                if how == Severance::Reset {
                    self.delivery.log.reset_at_end();
                }
                Poll::Ready(Some(Err(Severed.into())))
            }
        }
    }

    /// Reads more of the original body. Ready if a frame follows at once.
    fn poll_inner(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let Some(inner) = &mut self.inner else { return Poll::Ready(None) };
        match ready!(Pin::new(inner).poll_frame(context)) {
            Some(Ok(frame)) => match frame.into_data() {
                Ok(data) => {
                    let Self { splitter, editor, actions, report, .. } = self;
                    splitter.feed(data, |event| {
                        if editor.event(event, actions) {
                            report.took_effect();
                        }
                    });
                    Poll::Ready(Some(Ok(Frame::data(Bytes::new()))))
                }
                Err(frame) => {
                    let frame = match frame.into_trailers() {
                        Ok(mut trailers) => {
                            self.report.write_to(&mut trailers);
                            Frame::trailers(trailers)
                        }
                        Err(frame) => frame,
                    };
                    Poll::Ready(Some(Ok(frame)))
                }
            },
            Some(Err(error)) => {
                self.inner = None;
                Poll::Ready(Some(Err(error.into())))
            }
            None => {
                self.inner = None;
                let rest = self.splitter.finish();
                self.editor.finish(rest, &mut self.actions);
                Poll::Ready(Some(Ok(Frame::data(Bytes::new()))))
            }
        }
    }
}

impl http_body::Body for FaultyStream {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> PollFrame {
        let this = &mut *self;
        loop {
            if let Some(wait) = &mut this.wait {
                ready!(Pin::new(wait).poll(context));
                this.wait = None;
                // What follows was announced before, and is written now.
                let part = if this.has_begun { FramePart::Middle } else { FramePart::First };
                this.delivery.log.expect(Mark::new(part));
            }
            match this.actions.pop_front() {
                Some(Action::Send(bytes)) => {
                    this.has_begun = this.has_begun || has_content(&bytes);
                    return Poll::Ready(Some(Ok(Frame::data(bytes))));
                }
                Some(Action::Wait(time)) => {
                    let time = time.mul_f64(this.delivery.time_scale);
                    this.wait = Some(this.delivery.clock.sleep(time));
                }
                Some(Action::End(ending)) => return this.poll_end(context, ending),
                None => match ready!(this.poll_inner(context)) {
                    // What was read became actions.
                    Some(Ok(frame)) if frame.data_ref().is_some() => {}
                    other => return Poll::Ready(other),
                },
            }
        }
    }
}
