//! Tests of limits in the settings.

use std::fmt::Write as _;

use super::*;
use crate::config::{AdmissionConfig, Config, RawConfig};

fn admission(source: &str) -> Result<AdmissionConfig, ConfigError> {
    let raw = RawConfig::from_toml(source, "weir.toml", &[])?.over(RawConfig::defaults(&[])?);
    Config::try_from(raw).map(|config| config.admission)
}

fn limit(amount: u64, seconds: u64, algorithm: LimitAlgorithm) -> Limit {
    Limit { amount: amount.try_into().unwrap(), period: Duration::from_secs(seconds), algorithm }
}

#[test]
fn check_limits_in_every_form() {
    let config = admission(
        "[admission]
         requests = '60/m'
         tokens = { amount = '30000/min', algorithm = 'fixed_window' }
         input_tokens = [ '20k/min', { amount = '1M/day', algorithm = 'sliding_window' } ]
         output_tokens = { amount = '4.1k/10s' }
         concurrent = 3",
    );
    let limits = config.unwrap().unknown_limits;
    assert_eq!(limits.requests, [limit(60, 60, LimitAlgorithm::Bucket)]);
    assert_eq!(limits.tokens, [limit(30_000, 60, LimitAlgorithm::FixedWindow)]);
    let input =
        [limit(20_000, 60, LimitAlgorithm::Bucket), limit(1_000_000, 86_400, LimitAlgorithm::SlidingWindow)];
    assert_eq!(limits.input_tokens, input);
    assert_eq!(limits.output_tokens, [limit(4_100, 10, LimitAlgorithm::Bucket)]);
    assert_eq!(limits.concurrent, NonZeroU32::new(3));
}

#[test]
fn check_key_has_limits_of_its_tier_unless_it_has_others_of_the_kind() {
    let config = admission(
        "[tier.free]
         requests = ['3/min', '200/day']
         tokens = '40k/min'
         concurrent = 2
         [admission]
         tier = 'free'
         tokens = []
         [[key]]
         name = 'a'
         secret = 'a'
         tier = 'free'
         requests = '10/s'
         [[key]]
         name = 'b'
         secret = 'b'
         concurrent = 9",
    );
    let config = config.unwrap();
    let free = [limit(3, 60, LimitAlgorithm::Bucket), limit(200, 86_400, LimitAlgorithm::Bucket)];
    let tokens = [limit(40_000, 60, LimitAlgorithm::Bucket)];
    assert_eq!(config.unknown_limits.requests, free);
    assert_eq!(config.unknown_limits.tokens, []);
    assert_eq!(config.unknown_limits.concurrent, NonZeroU32::new(2));
    let [a, b] = &*config.keys else { panic!("two keys") };
    assert_eq!(a.limits.requests, [limit(10, 1, LimitAlgorithm::Bucket)]);
    assert_eq!((&*a.limits.tokens, a.limits.concurrent), (&tokens[..], NonZeroU32::new(2)));
    assert_eq!(b.limits, Limits { concurrent: NonZeroU32::new(9), ..Limits::default() });
}

#[test]
fn check_settings_of_the_documentation_succeeds() {
    let document = include_str!("../../../../docs/limits.md");
    let settings = document.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
    let config = admission(settings.unwrap()).unwrap();
    assert_eq!(config.unknown_limits.requests.len(), 2);
    assert_eq!(config.keys[0].limits.requests, [limit(500, 60, LimitAlgorithm::Bucket)]);
    assert_eq!(config.keys[0].limits.output_tokens, [limit(8_000, 60, LimitAlgorithm::Bucket)]);
}

/// Sources with one mistake each.
const MISTAKES: &[&str] = &[
    "[admission]\nrequests = '0/min'",
    "[admission]\nrequests = '-5/min'",
    "[admission]\nrequests = 500",
    "[admission]\nrequests = '500'",
    "[admission]\nrequests = '500/fortnight'",
    "[admission]\nrequests = '60/0s'",
    "[admission]\nrequests = '60/10'",
    "[admission]\nrequests = '60/40day'",
    "[admission]\nrequests = true",
    "[admission]\nrequests = { amount = '5/min', algorithm = 'leaky' }",
    "[admission]\nrequests = { amount = '5/min', algorithm = 'fixed-window' }",
    "[admission]\nrequests = { amuont = '5/min' }",
    "[admission]\nrequests = { algorithm = 'bucket' }",
    "[admission]\nrequests = ['5/min', '9/hour']",
    "[admission]\nrequests = ['5/min', '9/min']",
    "[admission]\nrequests = ['1/s','2/s','3/s','4/s','5/s','6/s','7/s','8/s','9/s']",
    "[admission]\ntokens = '0.5/s'",
    "[admission]\ntokens = '1000.5/min'",
    "[admission]\ntokens = '9999999M/day'",
    "[admission]\ntoken = '5/min'",
    "[admission]\nconcurrent = 0",
    "[admission]\ntier = 'free'",
    "[tier.free]\nrequests = '1/s'\n[admission]\ntier = 'fre'",
    "[tier.free]\nrequests = '1/s'\n[[key]]\nname = 'a'\nsecret = 'a'\ntier = 'gold'",
    "[tier.free]\nrequests = '0/s'",
    "[tier.free]\nrequest = '1/s'",
    "[tier.free]\ntokens = ['1/s', '2/s']",
    "[tier]\nfree = '1/s'",
    "[teir.free]\nrequests = '1/s'",
    "[[key]]\nname = 'a'\nsecret = 'a'\noutput_tokens = { amount = 5 }",
    "[[key]]\nname = 'a'\nsecret = 'a'\nlimit = '5/s'",
    "[[key]]\nname = 'a'\nsecret = 's'\n[[key]]\nname = 'b'\nsecret = 's'",
    "[[key]]\nname = 'a'\nsecret = 's'\n[[key]]\nname = 'a'\nsecret = 't'",
    "[[key]]\nsecret = 's'",
];

#[test]
fn check_mistake_names_file_line_key_and_what_is_expected() {
    let mut errors = String::new();
    for source in MISTAKES {
        let error = admission(source).map(|_| ()).unwrap_err().to_string();
        assert!(error.starts_with("weir.toml:") && !error.contains('\n'), "{source}: {error}");
        writeln!(errors, "{error}").unwrap();
    }
    insta::assert_snapshot!(errors, @r#"
    weir.toml:2: admission.requests: "0/min" is out of range: expected an amount of more than zero
    weir.toml:2: admission.requests: "-5/min" is out of range: expected an amount of more than zero
    weir.toml:2: admission.requests: "500" has no period; write "500/s" or "500/min" if that is what is meant
    weir.toml:2: admission.requests: "500" has no period; write "500/s" or "500/min" if that is what is meant
    weir.toml:2: admission.requests: "500/fortnight": unknown period "fortnight"; s, min, h and day are known
    weir.toml:2: admission.requests: "60/0s": expected a period above zero, such as "10s"
    weir.toml:2: admission.requests: "60/10": the period "10" has no unit; s, min, h and day are known
    weir.toml:2: admission.requests: "60/40day": expected a period of at most 31 days
    weir.toml:2: admission.requests: expected an amount such as "500/min", or a table such as { amount = "500/min", algorithm = "fixed_window" }, or a list of these, found true
    weir.toml:2: admission.requests.algorithm: unknown value `leaky`; expected one of `bucket`, `fixed_window`, `sliding_window`
    weir.toml:2: admission.requests.algorithm: unknown value `fixed-window` (did you mean `fixed_window`?)
    weir.toml:2: admission.requests.amuont: unknown key (did you mean `amount`?)
    weir.toml:2: admission.requests.amount: this key is required
    weir.toml:2: admission.requests[1]: "9/hour": unknown period "hour"; s, min, h and day are known
    weir.toml:2: admission.requests: expected limits with different periods or algorithms, found two for 60s
    weir.toml:2: admission.requests: expected at most 8 limits
    weir.toml:2: admission.tokens: "0.5/s": expected a whole amount from 1 to 1000000M, found 0.5
    weir.toml:2: admission.tokens: "1000.5/min": expected a whole amount from 1 to 1000000M, found 1000.5
    weir.toml:2: admission.tokens: "9999999M/day": expected a whole amount from 1 to 1000000M, found 9999999000000
    weir.toml:2: admission.token: unknown key (did you mean `tokens`?)
    weir.toml:2: admission.concurrent: expected a whole number from 1 to 4294967295, found 0
    weir.toml:2: admission.tier: unknown tier `free`; no table [tier.free] is in the settings
    weir.toml:4: admission.tier: unknown tier `fre` (did you mean `free`?)
    weir.toml:6: key[0].tier: unknown tier `gold`; expected `free`
    weir.toml:2: tier.free.requests: "0/s" is out of range: expected an amount of more than zero
    weir.toml:2: tier.free.request: unknown key (did you mean `requests`?)
    weir.toml:2: tier.free.tokens: expected limits with different periods or algorithms, found two for 1s
    weir.toml:2: tier.free: expected a table, found the text "1/s"
    weir.toml:1: teir: unknown key (did you mean `tier`?)
    weir.toml:4: key[0].output_tokens.amount: "5" has no period; write "5/s" or "5/min" if that is what is meant
    weir.toml:4: key[0].limit: unknown key; expected one of `name`, `secret`, `secret_env`, `tier`, `requests`, `tokens`, `input_tokens`, `output_tokens`, `concurrent`
    weir.toml:4: key[1]: "b" has the secret of another key
    weir.toml:5: key[1].name: "a" is already the name of another key
    weir.toml:1: key[0].name: this key is required
    "#);
}
