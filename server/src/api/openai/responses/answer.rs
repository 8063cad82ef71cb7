//! The response object, which plain and streamed answers have in common.

use std::sync::OnceLock;

use bytes::{Bytes, BytesMut};
use weir_model::{Content, Finish};

use super::items::Items;
use crate::{
    api::openai::identity::now,
    request::json::{write_number, write_string},
};

/// The identity of an answer, and the fields from its request.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) id: String,
    /// Seconds since 1970.
    pub(super) created: u64,
    /// Its end in seconds since 1970, if it is planned or has passed.
    pub(super) completed: OnceLock<u64>,
    pub(super) input_tokens: u32,
    /// Of the input tokens.
    pub(super) cached_tokens: u32,
    pub(super) items: Items,
    /// The fields from the request, to the end of the object.
    pub(super) echo: Bytes,
}

/// The status of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Queued,
    InProgress,
    Ended(Finish),
    Cancelled,
}

/// The token counts of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) output_tokens: u32,
    pub(super) reasoning_tokens: u32,
}

impl Counts {
    pub(super) fn of(content: &Content) -> Self {
        Self { output_tokens: content.token_count(), reasoning_tokens: content.reasoning_count() }
    }
}

impl Status {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::InProgress => "in_progress",
            Self::Ended(Finish::Length) => "incomplete",
            Self::Ended(Finish::Stop | Finish::StopSequence(_) | Finish::ToolCalls | Finish::Refused) => {
                "completed"
            }
            Self::Cancelled => "cancelled",
        }
    }
}

impl Head {
    /// Notes that the answer has ended.
    pub(super) fn set_completed(&self) {
        self.completed.get_or_init(now);
    }

    /// The response object of an unfinished or cancelled answer.
    pub(super) fn write_open(&self, out: &mut BytesMut, status: Status) {
        self.write_status(out, status);
        out.extend_from_slice(b"\"output\":[],\"usage\":null");
        out.extend_from_slice(&self.echo);
    }

    /// The response object of a finished answer, with encoded items.
    pub(super) fn write_ended(&self, out: &mut BytesMut, finish: Finish, items: &[u8], counts: Counts) {
        self.write_status(out, Status::Ended(finish));
        out.extend_from_slice(b"\"output\":[");
        out.extend_from_slice(items);
        out.extend_from_slice(b"],\"usage\":");
        write_usage(out, (self.input_tokens, self.cached_tokens), counts);
        out.extend_from_slice(&self.echo);
    }

    /// The whole object.
    pub(super) fn object(&self, status: Status, content: &Content) -> Bytes {
        let size = 512 + self.echo.len() + 8 * content.token_count() as usize;
        let mut out = BytesMut::with_capacity(size);
        match status {
            Status::Queued | Status::InProgress | Status::Cancelled => self.write_open(&mut out, status),
            Status::Ended(finish) => {
                let mut items = BytesMut::with_capacity(8 * content.token_count() as usize);
                if let Some(choice) = content.choices().first() {
                    self.items.write_all(&mut items, choice);
                }
                self.write_ended(&mut out, finish, &items, Counts::of(content));
            }
        }
        out.freeze()
    }

    /// Writes from the beginning of the object to before its output.
    fn write_status(&self, out: &mut BytesMut, status: Status) {
        out.extend_from_slice(b"{\"id\":");
        write_string(out, &self.id);
        out.extend_from_slice(b",\"object\":\"response\",\"created_at\":");
        write_number(out, self.created);
        out.extend_from_slice(b",\"status\":\"");
        out.extend_from_slice(status.name().as_bytes());
        out.extend_from_slice(b"\",\"completed_at\":");
        match status {
            Status::Ended(Finish::Length) | Status::Queued | Status::InProgress | Status::Cancelled => {
                out.extend_from_slice(b"null");
            }
            Status::Ended(Finish::Stop | Finish::StopSequence(_) | Finish::ToolCalls | Finish::Refused) => {
                write_number(out, self.completed.get().copied().unwrap_or_else(now));
            }
        }
        out.extend_from_slice(b",\"error\":null,\"incomplete_details\":");
        out.extend_from_slice(match status {
            Status::Ended(Finish::Length) => b"{\"reason\":\"max_output_tokens\"},".as_slice(),
            Status::Ended(_) | Status::Queued | Status::InProgress | Status::Cancelled => b"null,",
        });
    }
}

/// Writes the usage object.
pub(super) fn write_usage(out: &mut BytesMut, (input_tokens, cached_tokens): (u32, u32), counts: Counts) {
    let Counts { output_tokens, reasoning_tokens } = counts;
    out.extend_from_slice(b"{\"input_tokens\":");
    write_number(out, input_tokens.into());
    out.extend_from_slice(b",\"input_tokens_details\":{\"cached_tokens\":");
    write_number(out, cached_tokens.into());
    out.extend_from_slice(b",\"cache_write_tokens\":0},\"output_tokens\":");
    write_number(out, output_tokens.into());
    out.extend_from_slice(b",\"output_tokens_details\":{\"reasoning_tokens\":");
    write_number(out, reasoning_tokens.into());
    out.extend_from_slice(b"},\"total_tokens\":");
    write_number(out, u64::from(input_tokens) + u64::from(output_tokens));
    out.extend_from_slice(b"}");
}
