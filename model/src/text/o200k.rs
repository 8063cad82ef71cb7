//! Where the tokens of a text end.

/// Where each of the first `limit` tokens of `text` ends in the vocabulary `o200k_base`, in bytes, and where the last
/// does. A token that ends inside of a character ends before it here; the one that completes it has it whole.
pub(crate) fn ends(text: &str, limit: u32) -> (Vec<u32>, usize) {
    let vocabulary = bpe_openai::o200k_base();
    let mut ends = Vec::new();
    let (mut at, mut whole) = (0_usize, 0_usize);
    for token in vocabulary.encode(text).into_iter().take(limit as usize) {
        at += vocabulary.bpe.token_len(token);
        if text.is_char_boundary(at) {
            whole = at;
        }
        ends.push(u32::try_from(whole).unwrap_or(u32::MAX));
    }
    // What a cut leaves of a character is not said.
    let said = ends.partition_point(|end| (*end as usize) < whole) + 1;
    ends.truncate(if whole == 0 { 0 } else { said });
    (ends, whole)
}
