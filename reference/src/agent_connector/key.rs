//! The key of one agent.

use std::fmt;

use weir_pace::Seed;

const PREFIX: &str = "ak_";
const HEX_DIGITS: usize = 32;

/// The key of one agent, derived from the seed and the agent's id alone. So it is valid after a restart, and
/// clients whose random ids collide do not lock each other out.
///
/// Stored as a number, so that a comparison takes constant time.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct AgentKey(u128);

impl AgentKey {
    pub(super) fn derived(seed: Seed, agent_id: &str) -> Self {
        let seed = seed.named("agent key").named(agent_id);
        Self(u128::from(seed.get()) << 64 | u128::from(seed.derive(1).get()))
    }

    /// Parses the key of a client; `None` if its format is invalid.
    pub(super) fn read(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(PREFIX)?;
        let is_key = digits.len() == HEX_DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        u128::from_str_radix(digits, 16).ok().filter(|_| is_key).map(Self)
    }

    /// Returns the text, which only the agent may receive.
    pub(super) fn reveal(self) -> String {
        format!("{PREFIX}{:032x}", self.0)
    }
}

impl fmt::Debug for AgentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AgentKey(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_of_displayed_key_returns_it() {
        let key = AgentKey::derived(Seed::new(42), "agent-1");
        assert_eq!(AgentKey::read(&key.reveal()), Some(key));
        assert_eq!(AgentKey::derived(Seed::new(42), "agent-1"), key);
        assert_ne!(AgentKey::derived(Seed::new(42), "agent-2"), key);
        assert_ne!(AgentKey::derived(Seed::new(43), "agent-1"), key);
    }

    #[test]
    fn parse_of_invalid_key_is_none() {
        let digits = "0".repeat(HEX_DIGITS - 1);
        for text in ["", "ak_", &format!("ak_{digits}"), &format!("ak_+{digits}"), &format!("ak_0{digits}0")]
        {
            assert_eq!(AgentKey::read(text), None, "{text}");
        }
    }

    #[test]
    fn debug_hides_the_key() {
        let key = AgentKey::derived(Seed::new(42), "agent-1");
        assert_eq!(format!("{key:?}"), "AgentKey(***)");
    }
}
