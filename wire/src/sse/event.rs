/// One event of a stream, borrowed from the decoder until its next call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// The `event:` field; `None` for the default type, `message`. Invalid UTF-8 is replaced, as specified.
    pub event: Option<&'a str>,
    /// The `data:` lines, joined by line feeds. The bytes are not checked for UTF-8, because a JSON parser does so anyway.
    pub data: &'a [u8],
    /// The last `id:` in the stream, of this event or an earlier one.
    pub id: Option<&'a str>,
}

impl Event<'_> {
    /// Whether this is `data: [DONE]`, which ends OpenAI's streams, with any white space around it. The decoder does not
    /// treat it specially: it also decodes what follows.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.data.trim_ascii() == b"[DONE]"
    }
}
