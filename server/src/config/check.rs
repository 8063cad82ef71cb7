//! Checks raw settings.

use std::{
    collections::BTreeSet,
    net::{SocketAddr, ToSocketAddrs as _},
};

use weir_pace::Seed;

use super::{
    AdmissionConfig, ChainsConfig, Config, ConfigError, CorsOrigins, KeyConfig, Limits, ModelsConfig,
    RawConfig, StepOrder,
    extension::RawTables,
    named_secret,
    raw::{RawKey, RawOwnTables},
    setting::{invalid_setting, positive, required},
    sources::Sources,
    upstream::targets,
};

/// Maximum listed keys.
const KEYS_MAX: usize = 10_000;
/// Maximum listed origins.
const ORIGINS_MAX: usize = 100;
/// Bounds of the time scale: beyond them, figures are meaningless or a run never ends.
const TIME_SCALE: std::ops::RangeInclusive<f64> = 0.0..=100.0;

impl TryFrom<RawConfig> for Config {
    type Error = ConfigError;

    fn try_from(raw: RawConfig) -> Result<Self, ConfigError> {
        let RawConfig { own, backends, sources, warnings } = raw;
        match check(own, backends) {
            Ok(config) => Ok(Self { warnings, sources, ..config }),
            Err(error) => Err(sources.place(error)),
        }
    }
}

/// Checks all tables; the sources are added by the caller.
fn check(raw: RawOwnTables, backends: RawTables) -> Result<Config, ConfigError> {
    let server = raw.server;
    Ok(Config {
        bind: bind(&required("server.bind", server.bind)?, server.port)?,
        body_limit: required("server.body_limit", server.body_limit)?.0,
        drain: required("server.drain", server.drain)?.0,
        idle_timeout: positive("server.idle_timeout", server.idle_timeout)?,
        body_timeout: positive("server.body_timeout", server.body_timeout)?,
        write_timeout: positive("server.write_timeout", server.write_timeout)?,
        answer_memory: required("server.answer_memory", server.answer_memory)?.0,
        answer_memory_wait: required("server.answer_memory_wait", server.answer_memory_wait)?.0,
        connections_max: server.connections_max,
        workers: server.workers,
        time_scale: time_scale(required("server.time_scale", server.time_scale)?)?,
        seed: Seed::new(required("server.seed", server.seed)?),
        cors_origins: cors_origins(required("server.cors_origins", server.cors_origins)?)?,
        hosts: required("server.hosts", server.hosts)?,
        strictness: required("server.strictness", server.strictness)?,
        overrides: required("server.overrides", server.overrides)?,
        warnings: Vec::new(),
        models: ModelsConfig {
            unknown: required("models.unknown", raw.models.unknown)?,
            unknown_ids: required("models.unknown_ids", raw.models.unknown_ids)?,
            default: required("models.default", raw.models.default)?,
        },
        responses: raw.responses.checked()?,
        chains: ChainsConfig {
            steps: match required("chains.parallel", raw.chains.parallel)? {
                true => StepOrder::Parallel,
                false => StepOrder::Sequential,
            },
            llm_calls_max: required("chains.max_concurrent_llm_calls", raw.chains.max_concurrent_llm_calls)?,
            llm_waiting_max: required("chains.max_waiting_llm_calls", raw.chains.max_waiting_llm_calls)?,
            timeout: positive("chains.timeout", raw.chains.timeout)?,
            llm_calls_a_run_max: raw.chains.max_concurrent_llm_calls_per_run,
            http_targets: targets(raw.chains.http_targets.unwrap_or_default())?,
        },
        upstream: raw.upstream.check()?,
        admission: AdmissionConfig {
            unknown_keys: required("admission.unknown_keys", raw.admission.unknown_keys)?,
            unknown_limits: Limits { requests: raw.admission.requests, concurrent: raw.admission.concurrent },
            keys: keys(raw.key)?,
        },
        backends: backends.check()?,
        sources: Sources::default(),
    })
}

fn bind(text: &str, port: Option<u16>) -> Result<SocketAddr, ConfigError> {
    let wrong = |cause: &dyn std::fmt::Display| {
        invalid_setting(
            "server.bind",
            format!("{text:?} is not a valid address ({cause}); expected one like \"127.0.0.1:8000\""),
        )
    };
    let with_port = if text.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_ipv6()) {
        format!("[{text}]:8000")
    } else if text.contains(':') {
        text.to_owned()
    } else {
        format!("{text}:8000")
    };
    let mut found = with_port.to_socket_addrs().map_err(|error| wrong(&error))?;
    let mut address = found.next().ok_or_else(|| wrong(&"no address of that name"))?;
    if let Some(port) = port {
        address.set_port(port);
    }
    Ok(address)
}

fn time_scale(scale: f64) -> Result<f64, ConfigError> {
    if TIME_SCALE.contains(&scale) {
        return Ok(scale);
    }
    let (low, high) = (TIME_SCALE.start(), TIME_SCALE.end());
    Err(invalid_setting(
        "server.time_scale",
        format!("expected a factor from {low} to {high}, found {scale}"),
    ))
}

/// The origins: all, or a list like `["http://localhost:5173"]`.
fn cors_origins(origins: Vec<String>) -> Result<CorsOrigins, ConfigError> {
    if origins.iter().any(|origin| origin == "*") {
        return Ok(CorsOrigins::Any);
    }
    let is_origin = |origin: &String| {
        let host = origin.split_once("://").map(|(_, host)| host);
        host.is_some_and(|host| !host.is_empty() && !host.contains('/'))
            && http::HeaderValue::from_str(origin).is_ok()
    };
    match origins.iter().find(|origin| !is_origin(origin)) {
        Some(wrong) => Err(invalid_setting(
            "server.cors_origins",
            format!("expected \"*\" or origins such as \"http://localhost:5173\", found {wrong:?}"),
        )),
        None if origins.len() > ORIGINS_MAX => {
            let message = format!("expected at most {ORIGINS_MAX} origins, found {}", origins.len());
            Err(invalid_setting("server.cors_origins", message))
        }
        None => Ok(CorsOrigins::Listed(origins)),
    }
}

fn keys(raw: Vec<RawKey>) -> Result<Vec<KeyConfig>, ConfigError> {
    if raw.len() > KEYS_MAX {
        return Err(invalid_setting("key", format!("has {} entries: {KEYS_MAX} at the most", raw.len())));
    }
    let (mut names, mut secrets) = (BTreeSet::new(), BTreeSet::new());
    let keys = raw.into_iter().enumerate().map(key).collect::<Result<Vec<_>, _>>()?;
    for (index, key) in keys.iter().enumerate() {
        let name = &key.name;
        if !names.insert(name) {
            return Err(invalid_setting(
                format!("key[{index}].name"),
                format!("{name:?} is already the name of another key"),
            ));
        }
        if !secrets.insert(key.secret.reveal()) {
            return Err(invalid_setting(
                format!("key[{index}]"),
                format!("{name:?} has the secret of another key"),
            ));
        }
    }
    Ok(keys)
}

fn key((index, raw): (usize, RawKey)) -> Result<KeyConfig, ConfigError> {
    let place = format!("key[{index}]");
    let secret =
        named_secret(&place, ["secret", "secret_env"], raw.secret, raw.secret_env)?.ok_or_else(|| {
            invalid_setting(
                &place,
                format!("{:?} has neither secret nor secret_env: expected one of them", raw.name),
            )
        })?;
    Ok(KeyConfig {
        name: raw.name,
        secret,
        limits: Limits { requests: raw.requests, concurrent: raw.concurrent },
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use insta::assert_snapshot;

    fn checked(source: &str) -> Result<Config, ConfigError> {
        RawConfig::from_toml(source, "weir.toml", &[])?.over(RawConfig::defaults(&[])?).try_into()
    }

    fn fault(source: &str) -> String {
        checked(source).unwrap_err().to_string()
    }

    fn variables(pairs: &[(&str, &str)]) -> Result<RawConfig, ConfigError> {
        RawConfig::from_variables(pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())), &[])
    }

    #[test]
    fn check_defaults_succeeds() {
        let config = checked("").unwrap();
        assert_eq!(config.bind.to_string(), "127.0.0.1:8000");
        assert_eq!(config.body_limit, 32 << 20);
    }

    #[test]
    fn over_prefers_later_sources() {
        let file =
            RawConfig::from_toml("[chains]\ntimeout = '10s'\nparallel = true", "weir.toml", &[]).unwrap();
        let environment =
            variables(&[("CHAIN_TIMEOUT_SECONDS", "20"), ("WEIR_CHAINS_TIMEOUT", "30s")]).unwrap();
        let config: Config =
            environment.over(file).over(RawConfig::defaults(&[]).unwrap()).try_into().unwrap();
        assert_eq!(config.chains.timeout, Duration::from_secs(30));
        assert_eq!(config.chains.steps, StepOrder::Parallel);
    }

    #[test]
    fn check_address_without_port_uses_the_default() {
        for (text, address) in
            [("127.0.0.1", "127.0.0.1:8000"), ("::1", "[::1]:8000"), ("[::1]:9", "[::1]:9")]
        {
            assert_eq!(bind(text, None).unwrap().to_string(), address);
        }
        assert_eq!(bind("127.0.0.1:8000", Some(0)).unwrap().port(), 0);
    }

    #[test]
    fn check_invalid_value_names_key_value_and_need() {
        assert_snapshot!(fault("[server]\nbnd = 'x'"), @"weir.toml:2: server.bnd: unknown key (did you mean `bind`?)");
        assert_snapshot!(fault("[server]\nbind = '127.0.0.1:99999'"), @r#"weir.toml:2: server.bind: "127.0.0.1:99999" is not a valid address (invalid port value); expected one like "127.0.0.1:8000""#);
        assert_snapshot!(fault("[server]\ntime_scale = -1.0"), @"weir.toml:2: server.time_scale: expected a factor from 0 to 100, found -1");
        assert_snapshot!(fault("[server]\nbody_limit = '32'"), @r#"weir.toml:2: server.body_limit: "32" is not a size: expected a whole number and a unit, such as "32MiB" or "64KiB""#);
        assert_snapshot!(fault("[chains]\ntimeout = '0s'"), @"weir.toml:2: chains.timeout: expected a duration above zero, found 0");
        assert_snapshot!(fault("[chains]\nmax_concurrent_llm_calls = 0"), @"weir.toml:2: chains.max_concurrent_llm_calls: expected a whole number of at least 1, found 0");
        assert_snapshot!(fault("[[key]]\nname = 'a'"), @r#"weir.toml:1: key[0]: "a" has neither secret nor secret_env: expected one of them"#);
        assert_snapshot!(fault("[[key]]\nname = 'a'\nsecret_env = 'WEIR_TEST_NOT_SET'"), @"weir.toml:3: key[0].secret_env: the environment variable WEIR_TEST_NOT_SET gives no secret: environment variable not found");
        assert_snapshot!(fault("[[key]]\nname = 'a'\nsecret = 's'\n[[key]]\nname = 'b'\nsecret = 's'"), @r#"weir.toml:4: key[1]: "b" has the secret of another key"#);
    }

    #[test]
    fn from_variables_invalid_value_names_the_variable() {
        let fault = |pairs| variables(pairs).unwrap_err().to_string();
        assert_snapshot!(fault(&[("ENABLE_PARALLEL_STEPS", "maybe")]), @r#"environment: ENABLE_PARALLEL_STEPS="maybe": expected true or false"#);
        assert_snapshot!(fault(&[("MAX_CONCURRENT_LLM_CALLS", "0")]), @r#"environment: MAX_CONCURRENT_LLM_CALLS="0": expected a whole number of at least 1"#);
        assert_snapshot!(fault(&[("WEIR_MODELS_UNKNOWN", "perhaps")]), @r#"environment: WEIR_MODELS_UNKNOWN="perhaps": unknown value `perhaps`; expected one of `accept`, `reject`"#);
    }

    #[test]
    fn from_variables_unknown_variable_is_a_warning() {
        let warnings = |pairs| variables(pairs).unwrap().warnings.join("\n");
        assert_snapshot!(warnings(&[("WEIR_SERVER_PROT", "1"), ("WEIR_LOG", "debug"), ("OTHER", "x")]), @r#"
        environment: "WEIR_SERVER_PROT" is not a setting and has no effect (did you mean `WEIR_SERVER_PORT`?)
        "#);
        assert_eq!(
            warnings(&[("WEIR_SERVER_PORT", "tcp://10.0.0.1:8000"), ("WEIR_SERVER_PORT_8000_TCP", "x")]),
            ""
        );
    }

    #[test]
    fn check_origins_are_all_or_a_list() {
        let origins = |list: &str| {
            checked(&format!("[server]\ncors_origins = {list}")).map(|config| config.cors_origins)
        };
        assert_eq!(origins("['*']").unwrap(), CorsOrigins::Any);
        assert_eq!(origins("[]").unwrap(), CorsOrigins::Listed(Vec::new()));
        assert_eq!(origins("['http://a:1']").unwrap(), CorsOrigins::Listed(vec!["http://a:1".to_owned()]));
        assert_snapshot!(origins("['localhost']").unwrap_err(), @r#"weir.toml:2: server.cors_origins: expected "*" or origins such as "http://localhost:5173", found "localhost""#);
    }

    #[test]
    fn from_toml_unknown_table_names_line_and_nearest_table() {
        assert_snapshot!(fault("\n[servr]\nport = 1"), @"weir.toml:2: servr: unknown key (did you mean `server`?)");
    }

    #[test]
    fn debug_of_secrets_hides_them() {
        let config = checked("[[key]]\nname = 'a'\nsecret = 'hush'").unwrap();
        assert!(!format!("{config:?}").contains("hush"));
    }
}
