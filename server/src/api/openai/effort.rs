//! The reasoning tokens of each effort. The provider publishes no figures; these quadruple from step to step,
//! and a medium effort is a few hundred tokens, as its reasoning models spend on everyday questions.

pub(super) const MINIMAL: u32 = 32;
pub(super) const LOW: u32 = 128;
pub(super) const MEDIUM: u32 = 512;
pub(super) const HIGH: u32 = 2_048;
pub(super) const XHIGH: u32 = 8_192;
pub(super) const MAX: u32 = 16_384;
