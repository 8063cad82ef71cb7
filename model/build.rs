//! Compiles the vocabulary `o200k_base` and the character classes of its pre-tokenizer into tables that the library
//! reads in place, so that nothing is built when a program starts.

#![expect(clippy::indexing_slicing, reason = "a build script may panic")]

use std::{env, error::Error, fs, io::Read as _, path::PathBuf};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use regex_syntax::hir::{Class, HirKind};
use twox_hash::XxHash3_64;

const VOCABULARY: &str = "data/o200k_base.tiktoken.gz";
/// Slots of the hash table, about 2.6 for each token.
const SLOTS: usize = 1 << 19;
/// A slot has three bytes: a token plus one in its low bits and the high bits of the hash above them; zero is empty.
const TOKEN_BITS: u32 = 18;
const FINGERPRINT_BITS: u32 = 6;
/// The start of each token is stored for every n-th token only, and the lengths of all.
const TOKENS_PER_ANCHOR: usize = 16;
/// Characters per block of the table of character classes.
const BLOCK: usize = 128;
/// The character classes as `src/tokenizer/pieces.rs` numbers them; all other characters are of class 0.
const CLASSES: [(u8, &str); 7] = [
    (2, r"\s"),
    (1, r"[\r\n]"),
    (3, r"\p{N}"),
    (4, r"[\p{Lu}\p{Lt}]"),
    (5, r"\p{Ll}"),
    (6, r"[\p{Lm}\p{Lo}]"),
    (7, r"\p{M}"),
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={VOCABULARY}");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);

    let tokens = read_tokens()?;
    let (mut lengths, mut anchors, mut start) = (Vec::new(), Vec::new(), 0_u32);
    for (index, token) in tokens.iter().enumerate() {
        if index % TOKENS_PER_ANCHOR == 0 {
            anchors.extend(start.to_le_bytes());
        }
        lengths.push(u8::try_from(token.len())?);
        start += u32::try_from(token.len())?;
    }
    fs::write(out.join("o200k_bytes.bin"), tokens.concat())?;
    fs::write(out.join("o200k_lengths.bin"), lengths)?;
    fs::write(out.join("o200k_anchors.bin"), anchors)?;
    fs::write(out.join("o200k_slots.bin"), hash_table(&tokens)?)?;

    let (blocks, classes) = class_table()?;
    fs::write(out.join("class_blocks.bin"), blocks)?;
    fs::write(out.join("classes.bin"), classes)?;
    Ok(())
}

/// The bytes of each token, by rank.
fn read_tokens() -> Result<Vec<Vec<u8>>, Box<dyn Error>> {
    let mut text = String::new();
    flate2::read::GzDecoder::new(fs::File::open(VOCABULARY)?).read_to_string(&mut text)?;
    let mut tokens = Vec::new();
    for line in text.lines() {
        let (bytes, rank) = line.split_once(' ').ok_or("a line has no rank")?;
        if rank.parse::<usize>()? != tokens.len() {
            return Err("the ranks are not consecutive".into());
        }
        tokens.push(BASE64_STANDARD.decode(bytes)?);
    }
    Ok(tokens)
}

/// An open-addressing hash table from the bytes of a token to its rank.
fn hash_table(tokens: &[Vec<u8>]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut slots = vec![0_u32; SLOTS];
    for (token, bytes) in tokens.iter().enumerate() {
        let hash = XxHash3_64::oneshot(bytes);
        let mut index = hash as usize % SLOTS;
        while slots[index] != 0 {
            index = (index + 1) % SLOTS;
        }
        let fingerprint = (hash >> (64 - FINGERPRINT_BITS)) as u32;
        slots[index] = fingerprint << TOKEN_BITS | (u32::try_from(token)? + 1);
    }
    Ok(slots.iter().flat_map(|slot| slot.to_le_bytes().into_iter().take(3)).collect())
}

/// For each block of characters the index of its classes, and those classes block by block.
fn class_table() -> Result<(Vec<u8>, Vec<u8>), Box<dyn Error>> {
    let mut class_of = vec![0_u8; 0x11_0000];
    for (class, pattern) in CLASSES {
        let hir = regex_syntax::parse(pattern)?;
        let HirKind::Class(Class::Unicode(ranges)) = hir.kind() else {
            return Err("not a class of characters".into());
        };
        for range in ranges.iter() {
            class_of[range.start() as usize..=range.end() as usize].fill(class);
        }
    }
    let (mut blocks, mut distinct) = (Vec::new(), Vec::<&[u8]>::new());
    for block in class_of.chunks(BLOCK) {
        let index = distinct.iter().position(|known| *known == block).unwrap_or_else(|| {
            distinct.push(block);
            distinct.len() - 1
        });
        blocks.push(u8::try_from(index)?);
    }
    Ok((blocks, distinct.concat()))
}
