//! The order of the arms.

use rand::Rng as _;
use weir_pace::Seed;
use weir_results::Arm;

/// Returns the order of the arms, pair by pair: ABBA, so that a linear drift of the machine over four blocks cancels out.
/// Which arm is A is drawn for every two pairs, so that periodic disturbances favour neither arm.
pub(super) fn abba(pairs: u32, seed: Seed) -> Vec<[Arm; 2]> {
    let mut rng = seed.rng();
    let mut order = Vec::new();
    let mut mirrored = None;
    for _ in 0..pairs {
        let pair = match mirrored.take() {
            Some(pair) => pair,
            None => {
                let first = if rng.random::<bool>() { Arm::Sequential } else { Arm::Parallel };
                mirrored = Some([first.other(), first]);
                [first, first.other()]
            }
        };
        order.push(pair);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters(pairs: u32, seed: u64) -> String {
        let letter = |arm: &Arm| if *arm == Arm::Sequential { 's' } else { 'p' };
        abba(pairs, Seed::new(seed)).iter().flatten().map(letter).collect()
    }

    #[test]
    fn abba_every_two_pairs_are_mirrored() {
        for seed in 0..20 {
            let order = letters(9, seed);
            assert_eq!(order.len(), 18);
            for four in order.as_bytes().chunks_exact(4) {
                assert!(matches!(four, b"spps" | b"pssp"), "{order}");
            }
        }
    }

    #[test]
    fn abba_same_seed_same_order_and_either_arm_may_be_first() {
        assert_eq!(letters(12, 3), letters(12, 3));
        let firsts: Vec<char> = (0..20).filter_map(|seed| letters(1, seed).chars().next()).collect();
        assert!(firsts.contains(&'s') && firsts.contains(&'p'), "{firsts:?}");
    }
}
