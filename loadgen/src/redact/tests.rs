use http::{HeaderMap, HeaderName, HeaderValue, Method};
use weir_wire::Request;

use super::named::is_secret_name;
use super::*;

/// A key with every kind of character that is escaped somewhere.
const KEY: &str = "sk-a\"b/c<d>é+f=42wxyz";

fn redact(text: &str) -> String {
    Redactor::new([KEY.to_owned(), "tiny".to_owned()]).redact(text).into_owned()
}

#[test]
fn redact_whole_secret_is_removed() {
    assert_eq!(redact(&format!("no such key: {KEY}, sorry")), "no such key: ***, sorry");
    assert_eq!(redact(&format!("{KEY}{KEY} {KEY}")), "*** ***");
    assert_eq!(redact("tiny, \"tiny\", destiny, tinya"), "***, \"***\", destiny, tinya");
    assert_eq!(redact("nothing secret: é 100 % & \\ more"), "nothing secret: é 100 % & \\ more");
    assert_eq!(Redactor::new(["a".to_owned(), String::new()]).redact("a b"), "a b");
}

#[test]
fn redact_escaped_secret_is_removed() {
    let json = serde_json::to_string(KEY).unwrap();
    let twice = serde_json::to_string(&json).unwrap();
    for (escaped, expected) in [
        (json.as_str(), "\"***\""),
        (twice.as_str(), "\"\\\"***\\\"\""),
        (r#"sk-a\u0022b\/c\u003cd\u003E\u00e9\u002bf\u003d42wxyz!"#, "***!"),
        ("sk-a%22b%2Fc%3cd%3e%C3%A9%2Bf%3D42wxyz!", "***!"),
        ("sk-a&quot;b&#x2F;c&lt;d&gt;&#233;+f&#61;42wxyz!", "***!"),
        ("sk-a%2522b%252Fc%253Cd%253E%25C3%25A9%252Bf%253D42wxyz!", "***!"),
        (r#"b'sk-a"b/c<d>\u{e9}+f=42wxyz'"#, "b'***'"),
    ] {
        assert_eq!(redact(escaped), expected, "{escaped}");
    }
}

#[test]
fn redact_cut_secret_is_removed() {
    assert_eq!(redact("bad key sk-a\"b/c<d>"), "bad key ***");
    assert_eq!(redact("the line ends in sk-a\""), "the line ends in ***");
    assert_eq!(redact("Incorrect API key: sk-a****wxyz."), "Incorrect API key: **********.");
    assert_eq!(redact("key sk-a\"...wxyz"), "key ***...***");
    assert_eq!(redact("key sk-a\"…2wxyz is"), "key ***…*** is");
    assert_eq!(redact("the tail é+f=42wxyz of it"), "the tail *** of it");
}

#[test]
fn redact_values_of_secret_names_are_removed() {
    assert_eq!(
        redact("Cannot GET /a?n=1&api_key=other&x=2 or /b?X-Amz-Signature=0af \"q?token=1\""),
        "Cannot GET /a?n=1&api_key=***&x=2 or /b?X-Amz-Signature=*** \"q?token=***\""
    );
    assert_eq!(
        redact(r#"{"access_token": "eyJhbGciOi","max_tokens":"12345678","key":"color"}"#),
        r#"{"access_token": "***","max_tokens":"12345678","key":"color"}"#
    );
    assert_eq!(
        without_secret_query_values("/a?key=k1&page=2&token={{ t }}&Sig=x"),
        "/a?key=***&page=2&token={{ t }}&Sig=***"
    );
}

#[test]
fn redact_long_text_ends_in_time() {
    let text = "%5C%25&amp;\\u005c".repeat(1 << 20);
    assert!(redact(&text).len() < 1 << 16);
}

#[test]
fn is_secret_name_headers_queries_and_members_are_recognised() {
    for name in [
        "authorization",
        "Proxy-Authorization",
        "x-api-key",
        "api-key",
        "Ocp-Apim-Subscription-Key",
        "x-goog-api-key",
        "cookie",
        "apikey",
        "apiKey",
        "access_token",
        "accessToken",
        "sig",
        "X-Amz-Signature",
        "client_secret",
        "password",
        "PHPSESSIONID",
        "x-auth-token",
        "authtoken",
    ] {
        assert!(is_secret_name(name), "{name}");
    }
    for name in ["max_tokens", "content-type", "author", "keyword", "model", "tokens", "monkey", "design"] {
        assert!(!is_secret_name(name), "{name}");
    }
}

#[test]
fn secrets_of_request_are_those_of_headers_query_and_body() {
    let mut request = Request::new(Method::POST, "/x?api_key=a%2Fb&n=1".parse().unwrap());
    let headers = [
        ("authorization", "Basic bWU6aHVudGVyMg=="),
        ("cookie", "theme=dark; sid=abc123"),
        ("x-tenant", "t1"),
        ("x-api-key", "k-1"),
    ];
    request.headers = HeaderMap::from_iter(
        headers.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))),
    );
    request.body = r#"{"user":"me","password":"pw","nested":[{"token":"t-2"}],"max_tokens":9}"#.into();
    let secrets = secrets_of_request(&request);
    for secret in ["hunter2", "me:hunter2", "bWU6aHVudGVyMg==", "abc123", "k-1", "a/b", "pw", "t-2"] {
        assert!(secrets.iter().any(|found| found == secret), "{secret} is not in {secrets:?}");
    }
    assert!(!secrets.iter().any(|found| found == "t1" || found == "me"), "{secrets:?}");
}
