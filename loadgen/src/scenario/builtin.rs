//! The built-in scenarios.

const BUILTIN: [(&str, &str); 9] = [
    ("agent-connector", include_str!("../../../config/scenarios/agent-connector.toml")),
    ("agent-workflows", include_str!("../../../config/scenarios/agent-workflows.toml")),
    ("chain-backend", include_str!("../../../config/scenarios/chain-backend.toml")),
    ("chat", include_str!("../../../config/scenarios/chat.toml")),
    ("chat-mixed", include_str!("../../../config/scenarios/chat-mixed.toml")),
    ("chat-streaming", include_str!("../../../config/scenarios/chat-streaming.toml")),
    ("long-context", include_str!("../../../config/scenarios/long-context.toml")),
    ("prompt-service", include_str!("../../../config/scenarios/prompt-service.toml")),
    ("workflow-observability", include_str!("../../../config/scenarios/workflow-observability.toml")),
];

pub(super) fn names() -> impl Iterator<Item = &'static str> {
    BUILTIN.iter().map(|(name, _)| *name)
}

pub(super) fn text(name: &str) -> Option<&'static str> {
    BUILTIN.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}
