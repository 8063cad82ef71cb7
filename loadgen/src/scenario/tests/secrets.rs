//! Keys, headers and URLs: values from the environment, and secrets.

use super::*;

#[test]
fn parse_url_with_password_is_an_error_without_it() {
    let error = error_of(&format!("url = \"http://me:hunter2@h\"\n{LOAD}{TASK}"));
    insta::assert_snapshot!(error, @"mine.toml:1: url: the URL must not contain a user name or password: send credentials in a header");
}

#[test]
fn headers_with_environment_has_secret_headers() {
    let scenario = parse(&format!(
        "api_key_env = \"KEY\"\n[headers]\nx-a = \"1\"\n[headers_env]\nx-b = \"KEY\"\n{LOAD}{TASK}"
    ))
    .unwrap();
    let (headers, other) = (scenario.headers_with(Auth::Bearer), scenario.headers_with(Auth::ApiKey));
    assert_eq!(headers["authorization"], "Bearer sk-secret");
    assert_eq!((&headers["x-a"], &headers["x-b"]), (&"1".parse().unwrap(), &"sk-secret".parse().unwrap()));
    assert_eq!((&other["x-api-key"], other.get("authorization")), (&"sk-secret".parse().unwrap(), None));
    assert!(headers["authorization"].is_sensitive() && other["x-api-key"].is_sensitive());
    assert_eq!(scenario.secrets, ["sk-secret", "sk-secret"]);
    assert!(scenario.notes().is_empty());
}

#[test]
fn parse_invalid_header_is_an_error_without_its_value() {
    let headers = "{ authorization = \"Bearer sk-secret\\n\" }";
    insta::assert_snapshot!(error_of(&format!("headers = {headers}\n{LOAD}{TASK}")), @"mine.toml:1: headers.authorization: `the value` is not valid in a request: failed to parse header value");
    let request = format!("kind = \"http\", path = \"/\", headers = {headers}");
    insta::assert_snapshot!(error_of(&with_request(&request)), @"mine.toml:5: user.u.task[0].request.headers.authorization: `the value` is not valid in a request: failed to parse header value");
}

#[test]
fn parse_variables_in_templates_are_secrets() {
    let scenario = parse(&with_request("kind = \"http\", path = \"/{{ env.KEY }}\"")).unwrap();
    assert_eq!(scenario.secrets, ["sk-secret"]);
    assert_eq!(scenario.task_names(), ["GET /{{ env.KEY }}"]);
}

#[test]
fn notes_missing_api_key_is_noted() {
    let scenario = parse(&format!("api_key_env = \"EMPTY\"\n{LOAD}{TASK}")).unwrap();
    assert_eq!(scenario.notes(), ["EMPTY is not set: requests carried no key"]);
    assert!(!scenario.headers_with(Auth::Bearer).contains_key("authorization"));
    insta::assert_snapshot!(error_of(&format!("headers_env = {{ x-b = \"NONE\" }}\n{LOAD}{TASK}")), @"mine.toml:1: headers_env.x-b: the environment variable `NONE` is not set");
    insta::assert_snapshot!(error_of(&format!("headers = {{ \"x b\" = \"1\" }}\n{LOAD}{TASK}")), @"mine.toml:1: headers.x b: `x b` is not valid in a request: invalid HTTP header name");
}
