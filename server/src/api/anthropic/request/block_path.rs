//! The path of a block in a request.

use std::fmt;

use crate::{api::anthropic::body::wrong, request::Problem};

/// The path of a block in a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct BlockPath {
    pub(super) of: BlockParent,
    pub(super) block: usize,
    /// The index of a block within a tool result.
    pub(super) inner: Option<usize>,
}

/// The parent of a block.
#[derive(Clone, Copy, Debug)]
pub(super) enum BlockParent {
    System,
    Message(usize),
}

impl BlockPath {
    /// Returns an error of the block.
    pub(super) fn wrong(self, message: &str) -> Problem {
        wrong(&self.to_string(), message)
    }

    /// Returns an error of a field of the block.
    pub(super) fn wrong_field(self, field: &str, message: &str) -> Problem {
        wrong(&format!("{self}.{field}"), message)
    }

    /// Returns the value of a required field of the block.
    pub(super) fn given<T>(self, field: &str, value: Option<T>) -> Result<T, Problem> {
        value.ok_or_else(|| self.wrong_field(field, "Field required"))
    }
}

impl fmt::Display for BlockPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.of {
            BlockParent::System => write!(f, "system.{}", self.block)?,
            BlockParent::Message(message) => write!(f, "messages.{message}.content.{}", self.block)?,
        }
        self.inner.map_or(Ok(()), |inner| write!(f, ".tool_result.content.{inner}"))
    }
}
