/// One line of a stream, taken apart. The specification's fourth field, `retry`, tells a browser when to
/// reconnect; nothing here reconnects, so it is ignored with the unknown ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field<'a> {
    /// A blank line: the event is complete.
    Dispatch,
    Data(&'a [u8]),
    Event(&'a [u8]),
    Id(&'a [u8]),
    /// A comment, or a field that this reader gives no meaning to.
    Ignored,
}

impl<'a> Field<'a> {
    /// Reads `line`, which holds no line end.
    pub(super) fn parse(line: &'a [u8]) -> Self {
        // Nearly every line of a token stream: worth a comparison of its own before the search for a colon.
        if let Some(value) = line.strip_prefix(b"data:") {
            return Self::Data(without_space(value));
        }
        if line.is_empty() {
            return Self::Dispatch;
        }
        let (name, value) = match memchr::memchr(b':', line) {
            Some(colon) => {
                let (name, rest) = line.split_at(colon);
                (name, without_space(rest.get(1..).unwrap_or_default()))
            }
            None => (line, &[][..]),
        };
        match name {
            b"data" => Self::Data(value),
            b"event" => Self::Event(value),
            // An id with a NUL in it is to be ignored.
            b"id" if memchr::memchr(0, value).is_none() => Self::Id(value),
            _ => Self::Ignored,
        }
    }
}

/// Exactly one space after the colon belongs to the syntax; any further one is the sender's.
fn without_space(value: &[u8]) -> &[u8] {
    value.strip_prefix(b" ").unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_space_after_the_colon_is_optional_and_only_one_is_dropped() {
        assert_eq!(Field::parse(b"data:x"), Field::Data(b"x"));
        assert_eq!(Field::parse(b"data: x"), Field::Data(b"x"));
        assert_eq!(Field::parse(b"data:  x"), Field::Data(b" x"));
        assert_eq!(Field::parse(b"event:ping"), Field::Event(b"ping"));
        assert_eq!(Field::parse(b"id: 7"), Field::Id(b"7"));
    }

    #[test]
    fn a_field_without_a_colon_has_an_empty_value() {
        assert_eq!(Field::parse(b"data"), Field::Data(b""));
        assert_eq!(Field::parse(b"event"), Field::Event(b""));
    }

    #[test]
    fn comments_and_fields_that_mean_nothing_are_ignored() {
        for line in
            [&b": keep-alive"[..], b":", b"retry: 10", b"Data: x", b"data : x", b" data: x", b"id: a\0b"]
        {
            assert_eq!(Field::parse(line), Field::Ignored, "{line:?}");
        }
        assert_eq!(Field::parse(b""), Field::Dispatch);
    }
}
