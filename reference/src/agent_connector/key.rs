//! The key of one agent.

use std::fmt;

use weir_pace::Seed;

const PREFIX: &str = "ak_";
const HEX_DIGITS: usize = 32;

/// The key of one agent: it follows from the seed and the agent's id alone. So it holds after a restart, and
/// clients whose random ids collide do not lock each other out.
///
/// Kept as a number: two of them are compared in a time that says nothing of where they differ.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct AgentKey(u128);

impl AgentKey {
    pub(super) fn derived(seed: Seed, agent_id: &str) -> Self {
        let seed = seed.named("agent key").named(agent_id);
        Self(u128::from(seed.get()) << 64 | u128::from(seed.derive(1).get()))
    }

    /// The key that a client sends; `None` if it has not the form of one.
    pub(super) fn read(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(PREFIX)?;
        let is_key = digits.len() == HEX_DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        u128::from_str_radix(digits, 16).ok().filter(|_| is_key).map(Self)
    }

    /// The text for the agent that it belongs to, and for no one else.
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
    fn a_key_is_read_as_it_was_told_and_is_the_agents_own() {
        let key = AgentKey::derived(Seed::new(42), "agent-1");
        assert_eq!(AgentKey::read(&key.reveal()), Some(key));
        assert_eq!(AgentKey::derived(Seed::new(42), "agent-1"), key);
        assert_ne!(AgentKey::derived(Seed::new(42), "agent-2"), key);
        assert_ne!(AgentKey::derived(Seed::new(43), "agent-1"), key);
    }

    #[test]
    fn what_has_not_the_form_of_a_key_is_none() {
        let digits = "0".repeat(HEX_DIGITS - 1);
        for text in ["", "ak_", &format!("ak_{digits}"), &format!("ak_+{digits}"), &format!("ak_0{digits}0")]
        {
            assert_eq!(AgentKey::read(text), None, "{text}");
        }
    }

    #[test]
    fn a_key_is_not_shown_by_debug() {
        let key = AgentKey::derived(Seed::new(42), "agent-1");
        assert_eq!(format!("{key:?}"), "AgentKey(***)");
    }
}
