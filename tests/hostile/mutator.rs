//! Changes valid inputs into hostile ones: bytes, tokens, numbers, nesting.

use std::ops::Range;

use crate::dice::Dice;

/// The largest input.
const BYTES_MAX: usize = 256 << 10;

/// The most changes of one input.
const CHANGES_MAX: usize = 6;

/// Numbers at or beyond the limits of usual types.
const NUMBERS: [&str; 18] = [
    "0",
    "-1",
    "-0",
    "1e400",
    "-1e400",
    "1e-400",
    "255",
    "65536",
    "2147483648",
    "4294967296",
    "9007199254740993",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551615",
    "340282366920938463463374607431768211456",
    "0.1e1",
    "nan",
    "inf",
];

/// Texts that are special in one of the formats.
const SPECIAL: [&str; 40] = [
    "null",
    "true",
    "{}",
    "[]",
    "\"\"",
    "''",
    "\"",
    "'",
    "\"\"\"",
    "'''",
    "\\",
    "\\u0000",
    "\\ud800",
    "\\u001b[2J",
    "\u{0}",
    "\u{1b}[2J",
    "\u{7f}",
    "\u{9b}",
    "\u{202e}",
    "\u{feff}",
    "\u{2028}",
    "🙂",
    "\r",
    "\n",
    "\r\n\r\n",
    "\t",
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "$ref",
    "#/",
    "..",
    "--",
    "/*",
    ";",
    ",,",
    "=",
    "data: ",
];

/// What opens and closes one level of nesting.
const BRACKETS: [(&str, &str); 14] = [
    ("[", "]"),
    ("{\"a\":", "}"),
    ("{\"items\":", "}"),
    ("{\"anyOf\":[", "]}"),
    ("{\"properties\":{\"a\":", "}}"),
    ("(", ")"),
    ("{a", "}"),
    ("{a=", "}"),
    ("{{", "}}"),
    ("{% if 1 %}", "{% endif %}"),
    ("not ", ""),
    ("-", ""),
    ("a.", ""),
    ("\"", "\""),
];

/// Returns a changed copy of `input`. `others` are further inputs of the same format.
pub(crate) fn mutate(input: &[u8], others: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = input.to_vec();
    // Most parsers refuse an input for its first mistake.
    let changes = if dice.below(2) == 0 { 1 } else { 1 + dice.below(CHANGES_MAX) };
    for _ in 0..changes {
        let other = &others[dice.below(others.len())];
        change(&mut bytes, other, dice);
        bytes.truncate(BYTES_MAX);
    }
    bytes
}

fn change(bytes: &mut Vec<u8>, other: &[u8], dice: &mut Dice) {
    match dice.below(12) {
        0 => flip_bit(bytes, dice),
        1 => drop(bytes.drain(dice.range(bytes.len()))),
        2 => repeat(bytes, dice),
        3 => bytes.truncate(dice.below(bytes.len() + 1)),
        4 => {
            let (to, from) = (dice.range(bytes.len()), dice.range(other.len()));
            drop(bytes.splice(to, other[from].iter().copied()));
        }
        5 => {
            let at = dice.below(bytes.len() + 1);
            drop(bytes.splice(at..at, dice.pick(&SPECIAL).bytes()));
        }
        6 => nest(bytes, dice),
        7 => replace_number(bytes, dice),
        8 => {
            let (to, text) = (token(bytes, dice), dice.pick(&SPECIAL));
            drop(bytes.splice(to, text.bytes()));
        }
        9 => {
            let (to, from) = (token(bytes, dice), token(other, dice));
            drop(bytes.splice(to, other[from].iter().copied()));
        }
        10 => drop(bytes.drain(token(bytes, dice))),
        _ => move_token(bytes, dice),
    }
}

fn flip_bit(bytes: &mut [u8], dice: &mut Dice) {
    let at = dice.below(bytes.len());
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1 << dice.below(8);
    }
}

/// Repeats a part up to 4 000 times.
fn repeat(bytes: &mut Vec<u8>, dice: &mut Dice) {
    let part = dice.range(bytes.len());
    let times = dice.pick(&[1, 1, 2, 10, 300, 4000]).min(BYTES_MAX / part.len().max(1));
    let copies = bytes[part.clone()].repeat(times);
    drop(bytes.splice(part.end..part.end, copies));
}

/// Nests a part up to 10 000 levels deep, or leaves the levels open.
fn nest(bytes: &mut Vec<u8>, dice: &mut Dice) {
    let part = if dice.below(2) == 0 { token(bytes, dice) } else { dice.range(bytes.len()) };
    let (open, close) = dice.pick(&BRACKETS);
    let levels = dice.pick(&[1, 2, 20, 60, 130, 1000, 10_000]);
    let closed = if dice.below(4) == 0 { 0 } else { levels };
    let inner = bytes[part.clone()].to_vec();
    let nested = [open.repeat(levels).into_bytes(), inner, close.repeat(closed).into_bytes()].concat();
    drop(bytes.splice(part, nested));
}

fn replace_number(bytes: &mut Vec<u8>, dice: &mut Dice) {
    let from = dice.below(bytes.len());
    let digits = |byte: &u8| byte.is_ascii_digit();
    let Some(start) = bytes[from..].iter().position(digits).map(|at| from + at) else { return };
    let length = bytes[start..].iter().take_while(|byte| digits(byte)).count();
    drop(bytes.splice(start..start + length, dice.pick(&NUMBERS).bytes()));
}

fn move_token(bytes: &mut Vec<u8>, dice: &mut Dice) {
    let moved: Vec<u8> = bytes.drain(token(bytes, dice)).collect();
    let at = token(bytes, dice).start;
    drop(bytes.splice(at..at, moved));
}

/// The range of one word, one quoted text or one punctuation mark.
fn token(bytes: &[u8], dice: &mut Dice) -> Range<usize> {
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.-$".contains(byte) || !byte.is_ascii();
    let at = dice.below(bytes.len());
    let Some(byte) = bytes.get(at) else { return 0..0 };
    let after = |start: usize, inside: &dyn Fn(&u8) -> bool| {
        start + bytes[start..].iter().take_while(|byte| inside(byte)).count()
    };
    if word(byte) {
        let start = bytes[..at].iter().rposition(|byte| !word(byte)).map_or(0, |before| before + 1);
        return start..after(at, &word);
    }
    if b"\"'".contains(byte) {
        let end = after(at + 1, &|inner| inner != byte && *inner != b'\n');
        return at..(end + 1).min(bytes.len());
    }
    at..at + 1
}
