//! JSON on the hot path, and what is wrong with it.

mod fault;
mod node;
mod object;

use bytes::{BufMut as _, BytesMut};
use http::HeaderValue;
use serde::Deserialize;
use serde_json::value::RawValue;
use weir_model::Text;
use weir_pace::{Expected, SettingError, SettingProblem, read_settings};

use self::node::JsonNode;
pub(crate) use self::{
    fault::{above, below, missing, mistyped, mistyped_value, unsupported},
    object::{AnyFields, List, Object, PositiveU32, Str, U32, read_list},
};
use super::Problem;

pub(crate) const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("application/json");

/// Writes `text` as the inside of a JSON string.
pub fn write_escaped(out: &mut BytesMut, text: &str) {
    let plain = |byte: u8| byte >= 0x20 && byte != b'"' && byte != b'\\';
    if text.bytes().all(plain) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    for character in text.chars() {
        match character {
            '"' => out.put_slice(b"\\\""),
            '\\' => out.put_slice(b"\\\\"),
            '\n' => out.put_slice(b"\\n"),
            '\r' => out.put_slice(b"\\r"),
            '\t' => out.put_slice(b"\\t"),
            control if control < ' ' => out.put_slice(format!("\\u{:04x}", u32::from(control)).as_bytes()),
            other => out.put_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

/// Writes `text` as a JSON string.
pub(crate) fn write_string(out: &mut BytesMut, text: &str) {
    out.put_u8(b'"');
    write_escaped(out, text);
    out.put_u8(b'"');
}

/// Writes all tokens of `text` as the inside of a JSON string.
pub(crate) fn write_tokens(out: &mut BytesMut, text: &Text) {
    let mut tokens = text.tokens();
    while let Some(token) = tokens.next_token() {
        write_escaped(out, token);
    }
}

/// Writes a number in decimal.
pub fn write_number(out: &mut BytesMut, number: u64) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// Why a body cannot be read.
pub(crate) enum Fault {
    /// It is not JSON, or continues after its end.
    Text(serde_json::Error),
    /// A value is not valid; `cause` is the parser's error, with line and column.
    Value { error: SettingError, cause: serde_json::Error },
}

/// Reads a request. An error has OpenAI's wording: the field, the expected value and the given one.
pub(crate) fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Problem> {
    parse(bytes).map(|Object(request)| request).map_err(|fault| fault::problem("", fault))
}

/// Reads the part of a request at `place`. An error has OpenAI's wording.
pub(crate) fn read_part<'a, T: Deserialize<'a>>(place: &str, part: &'a RawValue) -> Result<T, Problem> {
    parse(part.get().as_bytes()).map_err(|fault| fault::problem(place, fault))
}

/// Reads a request. A problem names its place: the path to the value, line and column.
///
/// # Errors
/// Fails if the bytes are not valid JSON or not a `T`.
pub fn read_with_place<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Problem> {
    parse(bytes).map(|Object(request)| request).map_err(|fault| {
        let (SettingError { key, problem }, cause) = match fault {
            Fault::Value { error, cause } => (error, cause),
            Fault::Text(cause) => return Problem::bad_json(&cause),
        };
        let path = match (&problem, key.segments()) {
            // The cause names the field.
            (SettingProblem::Missing | SettingProblem::Duplicate, [around @ .., _]) => around,
            (_, path) => path,
        };
        let path = fault::path_within("", path);
        match problem {
            _ if !path.is_empty() => Problem::invalid(Some(path.clone()), format!("{path}: {cause}")),
            SettingProblem::Unexpected { expected: Expected::Table, .. } => {
                Problem::invalid(None, format!("the body must be a JSON object: {cause}"))
            }
            _ => Problem::bad_json(&cause),
        }
    })
}

/// Reads JSON. Keeping track of the place costs time, so the body is read a second time if it is invalid.
pub(crate) fn parse<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Fault> {
    serde_json::from_slice(bytes).map_err(|cause| {
        let json: &RawValue = match serde_json::from_slice(bytes) {
            Ok(json) => json,
            Err(error) => return Fault::Text(error),
        };
        match read_settings::<T, _>(JsonNode(json)) {
            Err(error) => Fault::Value { error, cause },
            Ok(_) => Fault::Text(cause),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn escaped_text_is_read_back(text in "\\PC{0,20}[\"\\\\\n\r\t\u{0}-\u{1f}]{0,5}\\PC{0,20}") {
            let mut out = BytesMut::from(&b"\""[..]);
            write_escaped(&mut out, &text);
            out.put_u8(b'"');
            prop_assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
        }
    }

    #[derive(Debug, Deserialize)]
    struct Body<'a> {
        #[serde(borrow)]
        text: Str<'a>,
        limit: Option<u32>,
        share: Option<f64>,
        kind: Option<Named>,
        few: Option<List<String, 2>>,
        count: Option<PositiveU32>,
        notes: Option<std::collections::BTreeMap<String, u8>>,
        list: Option<Vec<Object<Item<'a>>>>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Named {
        One,
        Two,
        Three,
    }

    #[derive(Debug, Deserialize)]
    struct Item<'a> {
        #[serde(borrow)]
        raw: Option<&'a RawValue>,
        name: Str<'a>,
    }

    fn fault(body: &str) -> String {
        let Problem { message, param, code, .. } = read::<Body<'_>>(body.as_bytes()).unwrap_err();
        format!("{} {} {message}", param.as_deref().unwrap_or("-"), code.unwrap_or("-"))
    }

    #[test]
    fn read_invalid_body_has_the_wording_of_the_provider() {
        let faults = [
            r#"{"text": "a", "limit": }"#,
            r#"{"text": "a"} {}"#,
            r#"{} and more"#,
            "",
            "5",
            " [1]",
            "{}",
            r#"{"text": 5}"#,
            r#"{"text": null}"#,
            r#"{"text": "a", "limit": "x, expected y"}"#,
            r#"{"text": "a", "limit": 1.5}"#,
            r#"{"text": "a", "limit": -1}"#,
            r#"{"text": "a", "limit": 4294967296}"#,
            r#"{"text": "a", "share": true}"#,
            r#"{"text": "a", "kind": "four"}"#,
            r#"{"text": "a", "kind": 4}"#,
            r#"{"text": "a", "few": ["a", "b", "c"]}"#,
            r#"{"text": "a", "list": {}}"#,
            r#"{"text": "a", "list": [["b", "c"]]}"#,
            r#"{"text": "a", "list": [{"raw": [1, {"x": 2}], "name": "b"}, {"raw": {}}]}"#,
            r#"{"text": "a", "list": [{"raw": {"x": 1}, "name": {}}]}"#,
            r#"{"text": "a", "text": "b"}"#,
            r#"{"text": "a", "count": 0}"#,
            r#"{"text": "a", "count": -1}"#,
            r#"{"text": "a", "count": 5000000000}"#,
            r#"{"text": "a", "count": "1"}"#,
            r#"{"text": "a", "kind": {"five": 1}}"#,
            r#"{"text": "a", "notes": {"a b.c": 256}}"#,
            "{\r\n\t\"notes\": {\"\u{65e5}\\u00e9\": true}, \"text\": \"a\"\r\n}",
        ];
        insta::assert_snapshot!(faults.map(fault).join("\n"), @"
        - - We could not parse the JSON body of your request: expected value at line 1 column 24
        - - We could not parse the JSON body of your request: trailing characters at line 1 column 15
        - - We could not parse the JSON body of your request: trailing characters at line 1 column 4
        - - We could not parse the JSON body of your request: EOF while parsing a value at line 1 column 0
        - invalid_type Invalid body: expected an object, but got an integer instead.
        - invalid_type Invalid body: expected an object, but got an array instead.
        text missing_required_parameter Missing required parameter: 'text'.
        text invalid_type Invalid type for 'text': expected a string, but got an integer instead.
        text invalid_type Invalid type for 'text': expected a string, but got null instead.
        limit invalid_type Invalid type for 'limit': expected an integer, but got a string instead.
        limit invalid_type Invalid type for 'limit': expected an integer, but got a decimal instead.
        limit integer_below_min_value Invalid 'limit': integer below minimum value. Expected a value >= 0, but got -1 instead.
        limit integer_above_max_value Invalid 'limit': integer above maximum value. Expected a value <= 4294967295, but got 4294967296 instead.
        share invalid_type Invalid type for 'share': expected a decimal, but got a boolean instead.
        kind invalid_value Invalid value: 'four'. Supported values are: 'one', 'two', and 'three'.
        kind invalid_type Invalid type for 'kind': expected a string, but got another value instead.
        few array_above_max_length Invalid 'few': array too long. Expected an array with maximum length 2, but got an array with length 3 instead.
        list invalid_type Invalid type for 'list': expected an array, but got an object instead.
        list[0] invalid_type Invalid type for 'list[0]': expected an object, but got an array instead.
        list[1].name missing_required_parameter Missing required parameter: 'list[1].name'.
        list[0].name invalid_type Invalid type for 'list[0].name': expected a string, but got an object instead.
        text duplicate_parameter Duplicate parameter: 'text'.
        count integer_below_min_value Invalid 'count': integer below minimum value. Expected a value >= 1, but got 0 instead.
        count integer_below_min_value Invalid 'count': integer below minimum value. Expected a value >= 1, but got -1 instead.
        count integer_above_max_value Invalid 'count': integer above maximum value. Expected a value <= 4294967295, but got 5000000000 instead.
        count invalid_type Invalid type for 'count': expected an integer, but got a string instead.
        kind invalid_value Invalid value: 'five'. Supported values are: 'one', 'two', and 'three'.
        notes.a b.c integer_above_max_value Invalid 'notes.a b.c': integer above maximum value. Expected a value <= 255, but got 256 instead.
        notes.日é invalid_type Invalid type for 'notes.日é': expected an integer, but got a boolean instead.
        ");
    }

    #[test]
    fn strings_are_borrowed_where_they_can_be() {
        let body: Body<'_> = read(br#"{"text": "plain", "list": [{"name": "a\nb"}]}"#).unwrap();
        assert!(matches!(body.text, Str(std::borrow::Cow::Borrowed("plain"))));
        let items = body.list.unwrap();
        assert!(items[0].raw.is_none() && &*items[0].name == "a\nb");
        assert!(body.limit.is_none() && body.share.is_none());
        assert!(body.kind.is_none() && body.few.is_none());
        assert!(body.count.is_none() && body.notes.is_none());
    }
}
