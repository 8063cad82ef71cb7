//! Finds the first byte of a response after the informational ones (1xx) that may precede it.

/// The heads that were read so far. Bytes are examined only up to the status of the final head.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ResponseStart {
    position: Position,
    informational: u64,
}

/// The position in the heads.
#[derive(Clone, Copy, Debug)]
enum Position {
    /// In a status line, after this many bytes of it. Its status is not known yet.
    StatusLine(usize),
    /// In the rest of an informational head.
    Informational { is_line_empty: bool },
    /// The final head has begun.
    Found,
}

/// The place of the status in `HTTP/1.1 200`.
const STATUS_AT: usize = 9;

impl Default for Position {
    fn default() -> Self {
        Self::StatusLine(0)
    }
}

impl ResponseStart {
    /// Whether the last head that begins in `bytes`, the next ones of the connection, may be the final one. A later call
    /// corrects a head that turns out to be informational.
    pub(super) fn is_in(&mut self, bytes: &[u8]) -> bool {
        let mut begins_here = false;
        for &byte in bytes {
            self.position = match self.position {
                Position::Found => return begins_here,
                Position::StatusLine(STATUS_AT) if byte == b'1' => {
                    begins_here = false;
                    self.informational += 1;
                    Position::Informational { is_line_empty: false }
                }
                Position::StatusLine(STATUS_AT) => Position::Found,
                Position::StatusLine(length) => {
                    begins_here |= length == 0;
                    Position::StatusLine(length + 1)
                }
                Position::Informational { is_line_empty: true } if byte == b'\n' => Position::StatusLine(0),
                Position::Informational { is_line_empty } => Position::Informational {
                    is_line_empty: byte == b'\n' || (is_line_empty && byte == b'\r'),
                },
            };
        }
        begins_here
    }

    /// Returns the number of informational heads so far.
    pub(super) const fn informational(self) -> u64 {
        self.informational
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the index of the last piece in which the response began.
    fn start(pieces: &[&str]) -> Option<usize> {
        let mut start = ResponseStart::default();
        let found = pieces.iter().map(|piece| start.is_in(piece.as_bytes())).collect::<Vec<_>>();
        found.iter().rposition(|&is_in| is_in)
    }

    #[test]
    fn is_in_skips_informational_heads() {
        let early = "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n";
        let ok = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
        assert_eq!(start(&[ok, "body"]), Some(0));
        assert_eq!(start(&[early, ok, "body HTTP/1.1 103"]), Some(1));
        assert_eq!(start(&["HTTP/1.1 100 Continue\n\n", early, ok]), Some(2));
        assert_eq!(start(&[&[early, ok].concat(), ok]), Some(0));
        assert_eq!(start(&[&[early, "HTT"].concat(), "P/1.1 200 OK\r\n"]), Some(0));
    }

    #[test]
    fn is_in_heads_cut_at_any_byte_finds_the_same_start() {
        let early = "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n";
        let all = [early, early, "HTTP/1.1 200 OK\r\n\r\n"].concat();
        let pieces: Vec<&str> = all.split_inclusive(|_: char| true).collect();
        assert_eq!(start(&pieces), Some(2 * early.len()));
    }
}
