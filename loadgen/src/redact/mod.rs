//! Removes secrets from texts that servers have written, and from texts that quote a request.

mod decoded;
mod named;
mod redactor;
mod secrets;
mod text;

#[cfg(test)]
mod tests;

pub(crate) use named::without_secret_query_values;
pub(crate) use redactor::Redactor;
pub(crate) use secrets::{secrets_of_headers, secrets_of_request};
pub(crate) use text::{RedactedText, Redaction, UnredactedText};
