//! Decodes bodies with a content encoding.

use std::io::Read;

use bytes::Bytes;
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use http::{HeaderMap, header};

use super::Problem;

/// The encoding of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Gzip,
    Deflate,
}

impl Encoding {
    /// Returns the encoding that the headers name, if it is not the identity; fails if it cannot be decoded here.
    pub(super) fn of(headers: &HeaderMap) -> Result<Option<Self>, Problem> {
        let Some(value) = headers.get(header::CONTENT_ENCODING) else { return Ok(None) };
        let name = value.to_str().unwrap_or_default().trim().to_ascii_lowercase();
        match &*name {
            "" | "identity" => Ok(None),
            "gzip" | "x-gzip" => Ok(Some(Self::Gzip)),
            "deflate" => Ok(Some(Self::Deflate)),
            _ => {
                let message =
                    format!("the content encoding {name:?} is not supported; expected gzip or deflate");
                Err(Problem::invalid(None, message))
            }
        }
    }

    /// Decodes a body of at most `limit` bytes.
    pub(super) fn decode(self, body: &[u8], limit: usize) -> Result<Bytes, Problem> {
        match self {
            Self::Gzip => read(MultiGzDecoder::new(body), limit),
            Self::Deflate => read(ZlibDecoder::new(body), limit),
        }
    }
}

fn read(decoder: impl Read, limit: usize) -> Result<Bytes, Problem> {
    let mut decoded = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    decoder.take(most).read_to_end(&mut decoded).map_err(|error| {
        Problem::invalid(
            None,
            format!("the body does not have the content encoding that its headers name: {error}"),
        )
    })?;
    if decoded.len() > limit {
        return Err(Problem::too_large(limit));
    }
    Ok(decoded.into())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::{Compression, write::GzEncoder, write::ZlibEncoder};
    use http::StatusCode;

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn decode_returns_the_original_body() {
        assert_eq!(Encoding::Gzip.decode(&gzip(b"{}"), 2).unwrap(), "{}");
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(b"[1]").unwrap();
        assert_eq!(Encoding::Deflate.decode(&encoder.finish().unwrap(), 100).unwrap(), "[1]");
    }

    #[test]
    fn decode_stops_at_the_limit() {
        let bomb = gzip(&vec![b' '; 10 << 20]);
        assert_eq!(
            Encoding::Gzip.decode(&bomb, 1 << 20).unwrap_err().status(),
            StatusCode::PAYLOAD_TOO_LARGE
        );
    }

    #[test]
    fn decode_of_other_bytes_fails() {
        let cut = gzip(b"some text");
        for body in [b"{}".as_slice(), b"", &cut[..cut.len() - 4]] {
            assert_eq!(Encoding::Gzip.decode(body, 100).unwrap_err().status(), StatusCode::BAD_REQUEST);
        }
    }

    #[test]
    fn of_names_the_encoding() {
        let of = |name: &str| {
            Encoding::of(&HeaderMap::from_iter([(header::CONTENT_ENCODING, name.parse().unwrap())]))
        };
        assert_eq!(of("GZIP").unwrap(), Some(Encoding::Gzip));
        assert_eq!(of("identity").unwrap(), None);
        insta::assert_snapshot!(of("br").unwrap_err().message, @r#"the content encoding "br" is not supported; expected gzip or deflate"#);
    }
}
