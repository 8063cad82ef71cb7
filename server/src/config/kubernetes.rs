//! Variables that Kubernetes sets in containers for each service beside them, such as `WEIR_SERVER_PORT` for a service
//! called `weir-server`.

/// Whether Kubernetes sets this variable for a service. By its value,
/// `WEIR_SERVER_PORT=tcp://10.0.0.1:8000` differs from a setting of the same name.
pub(super) fn is_of_kubernetes(name: &str, value: &str) -> bool {
    const PORT: &str = "_PORT_";
    let describes_port =
        || name.match_indices(PORT).any(|(at, _)| name.get(at + PORT.len()..).is_some_and(is_description));
    let is_url = || ["tcp://", "udp://", "sctp://"].iter().any(|scheme| value.starts_with(scheme));
    name.ends_with("_SERVICE_HOST")
        || name.contains("_SERVICE_PORT")
        || (name.ends_with("_PORT") && is_url())
        || describes_port()
}

/// Whether this is the description of a port: `8000_TCP` or `8000_TCP_ADDR`.
fn is_description(text: &str) -> bool {
    let mut parts = text.split('_');
    parts.next().is_some_and(|port| port.parse::<u16>().is_ok())
        && parts.next().is_some_and(|protocol| matches!(protocol, "TCP" | "UDP" | "SCTP"))
        && parts.next().is_none_or(|part| matches!(part, "PROTO" | "PORT" | "ADDR"))
        && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_of_kubernetes_recognises_the_variables_of_services() {
        for (name, value) in [
            ("WEIR_SERVER_SERVICE_HOST", "10.0.0.1"),
            ("WEIR_SERVER_SERVICE_PORT", "8000"),
            ("WEIR_SERVER_SERVICE_PORT_HTTP", "8000"),
            ("WEIR_SERVER_PORT", "tcp://10.0.0.1:8000"),
            ("WEIR_SERVER_PORT_8000_TCP", "tcp://10.0.0.1:8000"),
            ("WEIR_SERVER_PORT_8000_TCP_PROTO", "tcp"),
            ("WEIR_SERVER_PORT_8000_TCP_PORT", "8000"),
            ("WEIR_SERVER_PORT_8000_TCP_ADDR", "10.0.0.1"),
            ("WEIR_SERVER_PORT_53_UDP", "udp://10.0.0.1:53"),
            ("WEIR_PORT", "tcp://10.0.0.1:8000"),
        ] {
            assert!(is_of_kubernetes(name, value), "{name}");
        }
        for (name, value) in [
            ("WEIR_SERVER_PORT", "8000"),
            ("WEIR_SERVER_BIND", "tcp://0.0.0.0"),
            ("WEIR_SERVER_PROT", "1"),
            ("WEIR_SERVER_PORT_8000", "1"),
            ("WEIR_PROMPT_SERVICE_CACHE_TTL", "1h"),
        ] {
            assert!(!is_of_kubernetes(name, value), "{name}");
        }
    }
}
