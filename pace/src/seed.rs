//! Seeds: the source of all random values, split by label.

use rand::SeedableRng;

/// The random number generator of this project. Its published algorithm fixes its output, so it is the same with every
/// version of every dependency (`StdRng` does not guarantee this).
pub type Rng = rand_xoshiro::Xoshiro256PlusPlus;

/// The fraction of the golden ratio in 64 bits: the increment of SplitMix64 (Steele, Lea, Flood 2014).
const GOLDEN_GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;
/// Offset basis and prime of 64-bit FNV-1a (RFC 9923).
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;

/// A seed, which can be split into independent seeds by number or by name.
///
/// The same seed and labels yield the same random values on every machine and in every version.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Seed(u64);

impl Seed {
    /// Creates a seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Returns the number of the seed.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Derives the seed of the part numbered `label`; neighbouring labels yield unrelated seeds.
    #[must_use]
    pub const fn derive(self, label: u64) -> Self {
        Self(mix(mix(self.0).wrapping_add(mix(label))))
    }

    /// Derives the seed of the part named `name`.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        let hash =
            name.bytes().fold(FNV_OFFSET, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME));
        self.derive(hash)
    }

    /// Returns one uniform random number from 0 (inclusive) to 1 (exclusive), without a generator.
    pub const fn unit(self) -> f64 {
        // The upper 53 bits, the precision of an `f64`.
        (mix(self.0) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Returns a generator with this seed.
    pub fn rng(self) -> Rng {
        Rng::seed_from_u64(self.0)
    }
}

/// One step of SplitMix64: every bit of the input changes half of the bits of the output.
const fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(GOLDEN_GAMMA);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand::RngCore;

    #[test]
    fn rng_output_is_stable() {
        // Reports contain seeds, so these must never change.
        let mut rng = Seed::new(42).rng();
        let drawn = [rng.next_u64(), rng.next_u64()];
        insta::assert_snapshot!(
            format!("{drawn:x?} {:x} {:x}", Seed::new(42).derive(1).get(), Seed::new(42).named("users").get()),
            @"[d0764d4f4476689f, 519e4174576f3791] 59d06ad777727d88 cb3a13f398b881ac"
        );
    }

    #[test]
    fn unit_is_uniform() {
        let figures: Vec<f64> = (0..10_000).map(|label| Seed::new(3).derive(label).unit()).collect();
        assert!(figures.iter().all(|figure| (0.0..1.0).contains(figure)));
        let mean = figures.iter().sum::<f64>() / 10_000.0;
        // Six standard errors of the mean of 10 000 uniform values.
        assert!((mean - 0.5).abs() < 6.0 * (1.0_f64 / 12.0 / 10_000.0).sqrt(), "{mean}");
    }

    proptest! {
        #[test]
        fn derived_seeds_differ(seed: u64, label: u64) {
            let seed = Seed::new(seed);
            prop_assert_ne!(seed.derive(label), seed);
            prop_assert_ne!(seed.derive(label), seed.derive(label.wrapping_add(1)));
            // The order of derivation matters: "user 1, task 2" must differ from "user 2, task 1".
            prop_assert_ne!(seed.derive(label).derive(label ^ 1), seed.derive(label ^ 1).derive(label));
            prop_assert_ne!(seed.named(&label.to_string()), seed.named("other"));
        }
    }
}
