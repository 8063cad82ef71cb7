/// One event of a stream, borrowed from the decoder until its next call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// The `event:` field; `None` stands for the default type, `message`. Invalid UTF-8 is replaced, as the
    /// specification has it.
    pub event: Option<&'a str>,
    /// The `data:` lines, joined by a line feed. These are the bytes as sent: a JSON parser checks the UTF-8
    /// anyway, so doing it here too would be done twice.
    pub data: &'a [u8],
    /// The last `id:` seen in the stream, this event's own or an earlier one's.
    pub id: Option<&'a str>,
}

impl Event<'_> {
    /// Whether this is `data: [DONE]`, with which OpenAI's streams end. The decoder gives it no meaning:
    /// what follows it is decoded all the same.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.data == b"[DONE]"
    }
}
