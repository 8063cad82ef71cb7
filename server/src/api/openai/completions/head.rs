//! Encodes a completion.

use bytes::{Bytes, BytesMut};
use weir_model::{Choice, Content, Finish};

use super::{
    logprobs::{LogprobLists, characters},
    request::Echo,
};
use crate::{
    api::openai::{
        identity::{FINGERPRINT, Identity, write_usage_start},
        logprobs::{ChoiceLogprobs, Logprobs},
    },
    request::json::{write_escaped, write_number, write_tokens},
};

/// All of a completion but its content.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) identity: Identity,
    pub(super) prompt_tokens: u32,
    pub(super) echo: Option<Echo>,
    /// Set if log probabilities are requested.
    pub(super) logprobs: Option<Logprobs>,
}

/// The provider's finish reason.
pub(super) const fn finish_reason(finish: Finish) -> &'static [u8] {
    match finish {
        Finish::Stop | Finish::StopSequence(_) | Finish::ToolCalls | Finish::Refused => b"stop",
        Finish::Length => b"length",
    }
}

impl Head {
    /// Writes from the first field to the inside of the list of choices.
    pub(super) fn write_start(&self, out: &mut BytesMut) {
        self.identity.write(out, "cmpl-", "text_completion");
        out.extend_from_slice(b",\"system_fingerprint\":\"");
        out.extend_from_slice(FINGERPRINT.as_bytes());
        out.extend_from_slice(b"\",\"choices\":[");
    }

    /// Writes the usage object.
    pub(super) fn write_usage(&self, out: &mut BytesMut, completion_tokens: u32) {
        write_usage_start(out, self.prompt_tokens, completion_tokens);
        out.extend_from_slice(b"}");
    }

    /// The echoed prompt of the choice.
    pub(super) fn echo(&self, choice: u32) -> &str {
        self.echo.as_ref().map_or("", |echo| echo.of_choice(choice))
    }

    /// A whole answer.
    pub(super) fn plain(&self, content: &Content) -> Bytes {
        let mut out = BytesMut::with_capacity(512 + 8 * content.token_count() as usize);
        out.extend_from_slice(b"{");
        self.write_start(&mut out);
        for (index, choice) in (0..).zip(content.choices()) {
            out.extend_from_slice(if index == 0 { b"{\"text\":\"" } else { b",{\"text\":\"" });
            self.write_choice(&mut out, index, choice);
        }
        out.extend_from_slice(b"],\"usage\":");
        self.write_usage(&mut out, content.token_count());
        out.extend_from_slice(b"}");
        out.freeze()
    }

    fn write_choice(&self, out: &mut BytesMut, index: u32, choice: &Choice) {
        write_escaped(out, self.echo(index));
        for segment in &choice.segments {
            write_tokens(out, &segment.text);
        }
        out.extend_from_slice(b"\",\"index\":");
        write_number(out, index.into());
        out.extend_from_slice(b",\"logprobs\":");
        match self.logprobs {
            Some(logprobs) => self.write_choice_logprobs(out, logprobs.of_choice(index), (index, choice)),
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(b",\"finish_reason\":\"");
        out.extend_from_slice(finish_reason(choice.finish));
        out.extend_from_slice(b"\"}");
    }

    fn write_choice_logprobs(
        &self,
        out: &mut BytesMut,
        mut logprobs: ChoiceLogprobs,
        (index, choice): (u32, &Choice),
    ) {
        let mut lists = LogprobLists::default();
        let mut offset = lists.add_prompt(self.echo(index), &mut logprobs);
        for segment in &choice.segments {
            let mut tokens = segment.text.tokens();
            while let Some(token) = tokens.next_token() {
                lists.add(token, logprobs.draw(), offset);
                offset += characters(token);
            }
        }
        lists.write(out);
    }
}
