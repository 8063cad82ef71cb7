//! Writes strings of a format.

use super::Writer;
use crate::schema::node::Format;

/// Attempts to write a fitting text.
const ATTEMPTS: usize = 12;

/// Returns a text of the format that satisfies `fits`, if a few attempts find one.
pub(super) fn write(
    writer: &mut Writer<'_>,
    format: Format,
    (min, _): (usize, Option<usize>),
    fits: impl Fn(&str) -> bool,
) -> Option<String> {
    for _ in 0..ATTEMPTS {
        let text = text(writer, format);
        if fits(&text) {
            return Some(text);
        }
        let longer = longer(writer, format, &text, min);
        if fits(&longer) {
            return Some(longer);
        }
    }
    None
}

/// A text of that format.
pub(super) fn text(writer: &mut Writer<'_>, format: Format) -> String {
    let (word, other) = (writer.word(), writer.word());
    let mut number = |min, max| writer.between(min, max);
    match format {
        Format::Date => date(&mut number),
        Format::Time => format!("{}Z", time(&mut number)),
        Format::DateTime => format!("{}T{}Z", date(&mut number), time(&mut number)),
        Format::Duration => match number(0, 2) {
            0 => format!("P{}D", number(1, 30)),
            1 => format!("PT{}M", number(1, 59)),
            _ => format!("PT{}H{}M", number(1, 23), number(0, 59)),
        },
        Format::Email => format!("{word}.{other}@example.com"),
        Format::Hostname => format!("{word}.example.com"),
        // Of a range reserved for documentation (RFC 5737, 3849).
        Format::Ipv4 => format!("192.0.2.{}", number(1, 254)),
        Format::Ipv6 => format!("2001:db8::{:x}:{:x}", number(1, 0xffff), number(1, 0xffff)),
        Format::Uri => format!("https://example.com/{word}/{other}"),
        Format::UriReference => format!("/{word}/{other}"),
        Format::UriTemplate => format!("https://example.com/{word}/{{id}}"),
        Format::Uuid => uuid(&mut number),
        Format::JsonPointer => format!("/{word}/{}", number(0, 9)),
        Format::RelativeJsonPointer => format!("{}/{word}", number(0, 3)),
        Format::Regex => format!("^{word}[a-z]*$"),
    }
}

/// Extends a text to `min` characters, if the format allows longer ones.
fn longer(writer: &mut Writer<'_>, format: Format, text: &str, min: usize) -> String {
    let mut longer = text.to_owned();
    while longer.len() < min {
        let word = writer.word();
        match format {
            Format::Email | Format::Hostname => longer = format!("{word}.{longer}"),
            Format::Uri | Format::UriReference | Format::UriTemplate => longer = format!("{longer}/{word}"),
            Format::JsonPointer | Format::RelativeJsonPointer => longer = format!("{longer}/{word}"),
            Format::Regex => longer = format!("{longer}|{word}"),
            Format::DateTime
            | Format::Date
            | Format::Time
            | Format::Duration
            | Format::Ipv4
            | Format::Ipv6
            | Format::Uuid => return longer,
        }
    }
    longer
}

fn date(number: &mut impl FnMut(usize, usize) -> usize) -> String {
    format!("{}-{:02}-{:02}", number(2020, 2029), number(1, 12), number(1, 28))
}

fn time(number: &mut impl FnMut(usize, usize) -> usize) -> String {
    format!("{:02}:{:02}:{:02}", number(0, 23), number(0, 59), number(0, 59))
}

/// Of version 4 (RFC 9562).
fn uuid(number: &mut impl FnMut(usize, usize) -> usize) -> String {
    let (a, b, c) = (number(0, 0xffff_ffff), number(0, 0xffff), number(0, 0xfff));
    let (d, e) = (number(0x8000, 0xbfff), number(0, 0xffff_ffff_ffff));
    format!("{a:08x}-{b:04x}-4{c:03x}-{d:04x}-{e:012x}")
}
