//! The whole server inside a Rust test, on a free port and without delays: `cargo test --example server_in_a_test`.
//!
//! Each test has a server of its own. Point the client under test at its address.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use weir_server::{Backends, Config, RawConfig, Server, Services};

/// Starts a server with all reference systems. It ends when it is dropped.
async fn start() -> anyhow::Result<Server> {
    let backends: Backends = weir_reference::backends();
    let settings = "[models]\ndefault = 'instant'\n[agent_workflows]\nworkflows = []";
    let file = RawConfig::from_toml(settings, "settings of the test", backends.tables())?;
    let port_and_scale = RawConfig::from_flags(None, Some(0), Some(0.0), Some(1));
    let raw = port_and_scale.over(file).over(RawConfig::defaults(backends.tables())?);
    let (models, chains) = (weir_model::Catalog::embedded()?, weir_chains::Catalog::default());
    Ok(Server::bind(Config::try_from(raw)?, Services { models, chains, backends }).await?)
}

/// Sends a request and returns the response: a stand-in for the client under test.
async fn post(address: SocketAddr, path: &str, body: &str) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {length}\r\n"
    );
    stream.write_all(format!("{head}\r\n{body}").as_bytes()).await?;
    let mut response = String::new();
    stream.read_to_string(&mut response).await?;
    Ok(response)
}

#[expect(clippy::print_stdout, reason = "the result of the example")]
#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let server = start().await?;
    let chat = r#"{"model": "instant", "messages": [{"role": "user", "content": "Hello"}]}"#;
    println!("{}", post(server.address(), "/v1/chat/completions", chat).await?);
    server.shutdown().await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn chat_of_embedded_server_returns_completion() {
        let server = start().await.unwrap();
        let chat = r#"{"model": "instant", "messages": [{"role": "user", "content": "Hello"}]}"#;
        let response = post(server.address(), "/v1/chat/completions", chat).await.unwrap();
        assert!(response.starts_with("HTTP/1.1 200 OK"), "{response}");
        assert!(response.contains("\"object\":\"chat.completion\""), "{response}");
    }

    #[tokio::test]
    async fn reference_system_of_embedded_server_returns_rows() {
        let server = start().await.unwrap();
        let query = r#"{"query": "{ __typename }"}"#;
        let response = post(server.address(), "/graphql", query).await.unwrap();
        assert!(response.starts_with("HTTP/1.1 200 OK"), "{response}");
    }
}
