//! The scenarios that come with Weir.

const BUILTIN: [(&str, &str); 3] = [
    ("chain-backend", include_str!("../../../config/scenarios/chain-backend.toml")),
    ("chat", include_str!("../../../config/scenarios/chat.toml")),
    ("chat-streaming", include_str!("../../../config/scenarios/chat-streaming.toml")),
];

pub(super) fn names() -> impl Iterator<Item = &'static str> {
    BUILTIN.iter().map(|(name, _)| *name)
}

pub(super) fn text(name: &str) -> Option<&'static str> {
    BUILTIN.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}
