/// A parsed line of a stream. The field `retry` sets the reconnection time of a browser; this decoder never reconnects
/// and ignores it like unknown fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field<'a> {
    /// A blank line: the event is complete.
    Dispatch,
    Data(&'a [u8]),
    Event(&'a [u8]),
    Id(&'a [u8]),
    /// A comment, or a field that the decoder ignores.
    Ignored,
}

impl<'a> Field<'a> {
    /// Parses `line`, which does not contain its line end.
    pub(super) fn parse(line: &'a [u8]) -> Self {
        // Nearly every line of a token stream starts like this, so it is compared before the search for a colon.
        if let Some(value) = line.strip_prefix(b"data:") {
            return Self::Data(strip_space(value));
        }
        if line.is_empty() {
            return Self::Dispatch;
        }
        let (name, value) = match memchr::memchr(b':', line) {
            Some(colon) => {
                let (name, rest) = line.split_at(colon);
                (name, strip_space(rest.get(1..).unwrap_or_default()))
            }
            None => (line, &[][..]),
        };
        match name {
            b"data" => Self::Data(value),
            b"event" => Self::Event(value),
            // The specification ignores an id that contains NUL.
            b"id" if memchr::memchr(0, value).is_none() => Self::Id(value),
            _ => Self::Ignored,
        }
    }
}

/// Removes the one space after the colon that belongs to the syntax.
fn strip_space(value: &[u8]) -> &[u8] {
    value.strip_prefix(b" ").unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_removes_one_space_after_colon() {
        assert_eq!(Field::parse(b"data:x"), Field::Data(b"x"));
        assert_eq!(Field::parse(b"data: x"), Field::Data(b"x"));
        assert_eq!(Field::parse(b"data:  x"), Field::Data(b" x"));
        assert_eq!(Field::parse(b"event:ping"), Field::Event(b"ping"));
        assert_eq!(Field::parse(b"id: 7"), Field::Id(b"7"));
    }

    #[test]
    fn parse_field_without_colon_has_empty_value() {
        assert_eq!(Field::parse(b"data"), Field::Data(b""));
        assert_eq!(Field::parse(b"event"), Field::Event(b""));
    }

    #[test]
    fn parse_ignores_comments_and_unknown_fields() {
        for line in
            [&b": keep-alive"[..], b":", b"retry: 10", b"Data: x", b"data : x", b" data: x", b"id: a\0b"]
        {
            assert_eq!(Field::parse(line), Field::Ignored, "{line:?}");
        }
        assert_eq!(Field::parse(b""), Field::Dispatch);
    }
}
