//! Encodes embeddings.

use std::{io::Write as _, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::{BufMut as _, Bytes, BytesMut};
use weir_model::{EmbeddingInput, Profile, embed};
use weir_pace::Seed;

use super::request::{EmbeddingsRequest, Encoding};
use crate::{
    api::openai::prompt::Prompt,
    request::json::{write_escaped, write_number},
};

/// An embeddings response to encode.
#[derive(Debug)]
pub(super) struct EmbeddingsResponse {
    pub(super) request: EmbeddingsRequest,
    pub(super) seed: Seed,
    pub(super) profile: Arc<Profile>,
    /// Dimensions of each vector.
    pub(super) dimensions: u32,
}

impl EmbeddingsResponse {
    /// The number of values in all vectors.
    const fn figures(&self) -> usize {
        self.request.inputs.len() * self.dimensions as usize
    }

    /// The work of computing and encoding it, in units of some nanoseconds.
    pub(super) const fn work(&self) -> u64 {
        self.figures() as u64 / 2 + self.request.prompt_tokens as u64 * 5
    }

    /// The bytes of the answer, approximately.
    pub(super) const fn bytes(&self) -> usize {
        // A value has 4 bytes, 4/3 of that in base64, and about 12 digits in decimal.
        let of_figure = match self.request.encoding {
            Encoding::Float => 14,
            Encoding::Base64 => 6,
        };
        256 + self.figures() * of_figure
    }

    pub(super) fn write(&self) -> Bytes {
        let mut out = BytesMut::with_capacity(self.bytes());
        out.put_slice(b"{\"object\":\"list\",\"data\":[");
        for (index, input) in (0..).zip(&self.request.inputs) {
            if index > 0 {
                out.put_u8(b',');
            }
            out.put_slice(b"{\"object\":\"embedding\",\"index\":");
            write_number(&mut out, index);
            out.put_slice(b",\"embedding\":");
            self.write_vector(&mut out, input);
            out.put_u8(b'}');
        }
        out.put_slice(b"],\"model\":\"");
        write_escaped(&mut out, self.request.model.as_deref().unwrap_or_default());
        out.put_slice(b"\",\"usage\":{\"prompt_tokens\":");
        write_number(&mut out, self.request.prompt_tokens.into());
        out.put_slice(b",\"total_tokens\":");
        write_number(&mut out, self.request.prompt_tokens.into());
        out.put_slice(b"}}");
        out.freeze()
    }

    fn write_vector(&self, out: &mut BytesMut, input: &Prompt<'_>) {
        let embedded = match input {
            Prompt::Text(text) => EmbeddingInput::Text(text),
            Prompt::Tokens(tokens) => EmbeddingInput::Tokens(tokens),
        };
        let vector = embed(self.seed, embedded, self.profile.embedding_dimensions, self.dimensions);
        match self.request.encoding {
            Encoding::Float => write_figures(out, &vector),
            Encoding::Base64 => write_base64(out, &vector),
        }
    }
}

fn write_figures(out: &mut BytesMut, vector: &[f32]) {
    out.put_u8(b'[');
    let mut writer = out.writer();
    for (index, figure) in vector.iter().enumerate() {
        let before = if index == 0 { "" } else { "," };
        // Writing to memory cannot fail. The digits are sufficient to read the same `f32` back.
        drop(write!(writer, "{before}{figure:?}"));
    }
    out.put_u8(b']');
}

fn write_base64(out: &mut BytesMut, vector: &[f32]) {
    let bytes: Vec<u8> = vector.iter().flat_map(|figure| figure.to_le_bytes()).collect();
    out.put_u8(b'"');
    let start = out.len();
    out.resize(start + bytes.len().div_ceil(3) * 4, 0);
    if let Some(place) = out.get_mut(start..) {
        // The buffer is as long as the text: it cannot fail.
        drop(STANDARD.encode_slice(&bytes, place));
    }
    out.put_u8(b'"');
}

#[cfg(test)]
mod tests {
    use weir_model::{Catalog, TokenCounter};

    use super::*;

    fn answer(format: &str) -> serde_json::Value {
        let body = format!(
            r#"{{"model":"fast","input":["a river","[]"],"encoding_format":"{format}","dimensions":5}}"#
        );
        let request = EmbeddingsRequest::read(body.as_bytes(), &TokenCounter::new()).unwrap();
        let profile = Arc::clone(Catalog::embedded().unwrap().get("fast").unwrap());
        let answer = EmbeddingsResponse { request, seed: Seed::new(1), profile, dimensions: 5 };
        serde_json::from_slice(&answer.write()).unwrap()
    }

    #[test]
    fn vectors_are_equal_in_both_encodings() {
        let (floats, text) = (answer("float"), answer("base64"));
        insta::assert_snapshot!(floats, @r#"{"data":[{"embedding":[0.009329103,-0.9969867,-0.043952525,-0.05439529,-0.032246746],"index":0,"object":"embedding"},{"embedding":[0.39298826,0.10743717,0.6721277,-0.36389926,-0.4998391],"index":1,"object":"embedding"}],"model":"fast","object":"list","usage":{"prompt_tokens":3,"total_tokens":3}}"#);
        for index in 0..2 {
            let of = |answer: &serde_json::Value| answer["data"][index]["embedding"].clone();
            let figures: Vec<f32> = serde_json::from_value(of(&floats)).unwrap();
            let bytes = STANDARD.decode(of(&text).as_str().unwrap()).unwrap();
            let decoded: Vec<f32> =
                bytes.chunks(4).map(|four| f32::from_le_bytes(four.try_into().unwrap())).collect();
            assert_eq!(figures, decoded);
        }
    }
}
