//! Where in a request something stands.

use std::fmt;

use crate::{api::anthropic::body::wrong, request::Problem};

/// A block of a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) of: Of,
    pub(super) block: usize,
    /// The block within it, of a tool's result.
    pub(super) inner: Option<usize>,
}

/// What a block is part of.
#[derive(Clone, Copy, Debug)]
pub(super) enum Of {
    System,
    Message(usize),
}

impl Place {
    /// A fault of the block.
    pub(super) fn wrong(self, message: &str) -> Problem {
        wrong(&self.to_string(), message)
    }

    /// A fault of a field of the block.
    pub(super) fn wrong_field(self, field: &str, message: &str) -> Problem {
        wrong(&format!("{self}.{field}"), message)
    }

    /// What a field of the block has.
    pub(super) fn given<T>(self, field: &str, value: Option<T>) -> Result<T, Problem> {
        value.ok_or_else(|| self.wrong_field(field, "Field required"))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.of {
            Of::System => write!(f, "system.{}", self.block)?,
            Of::Message(message) => write!(f, "messages.{message}.content.{}", self.block)?,
        }
        self.inner.map_or(Ok(()), |inner| write!(f, ".tool_result.content.{inner}"))
    }
}
