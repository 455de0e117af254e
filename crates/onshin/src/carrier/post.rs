//! One HTTP POST to a configured address and nowhere else. No redirect is followed.

use axum::body::{Body, to_bytes};
use hyper::{Method, Request, Uri, client::conn::http1, header, http::uri::Scheme};
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use std::{fmt::Display, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

/// The whole exchange.
const EXCHANGE_TIME_MAX: Duration = Duration::from_secs(30);
/// Longest answer that is read.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// Where it goes.
pub(crate) struct Remote {
    uri: Uri,
    host: String,
    port: u16,
    secure: Option<(TlsConnector, ServerName<'static>)>,
}

/// The parts of an address that can be asked: `http` or `https`, a host, and no password.
pub(crate) fn address(url: &str) -> Result<Uri, String> {
    let uri: Uri = url.parse().map_err(|why| format!("{url}: {why}"))?;
    let scheme = uri
        .scheme()
        .is_some_and(|scheme| *scheme == Scheme::HTTP || *scheme == Scheme::HTTPS);
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    if !scheme || authority.is_empty() || authority.contains('@') {
        return Err(format!("{url}: not of the form https://NAME/PATH"));
    }
    Ok(uri)
}

impl Remote {
    /// # Errors
    ///
    /// It is no address, or the machine has no certificates to know one by.
    pub(crate) fn new(url: &str) -> Result<Self, String> {
        let uri = address(url)?;
        let host = uri.host().unwrap_or_default();
        let host = host.trim_matches(['[', ']']).to_owned();
        let secure = uri.scheme() == Some(&Scheme::HTTPS);
        let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let secure = secure.then(|| tls(&host)).transpose()?;
        Ok(Self {
            uri,
            host,
            port,
            secure,
        })
    }

    /// Posts JSON once, with a bearer token, and answers the status.
    ///
    /// # Errors
    ///
    /// Why there is no answer.
    pub(crate) async fn json(&self, token: &str, body: String) -> Result<u16, String> {
        tokio::time::timeout(EXCHANGE_TIME_MAX, self.exchange(token, body))
            .await
            .map_err(|_| "no answer in time".to_owned())?
    }

    async fn exchange(&self, token: &str, body: String) -> Result<u16, String> {
        let plain = TcpStream::connect((self.host.as_str(), self.port))
            .await
            .map_err(said)?;
        match &self.secure {
            None => self.over(plain, token, body).await,
            Some((connector, name)) => {
                let secure = connector.connect(name.clone(), plain).await.map_err(said)?;
                self.over(secure, token, body).await
            }
        }
    }

    async fn over(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        token: &str,
        body: String,
    ) -> Result<u16, String> {
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(said)?;
        // It ends with the exchange: the sender is dropped, or its task is.
        let connection = tokio::spawn(connection);
        let path = self.uri.path_and_query().map_or("/", |path| path.as_str());
        let host = self.uri.authority().map_or("", |host| host.as_str());
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::HOST, host)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Body::from(body))
            .map_err(said)?;
        let answered = async {
            let answer = sender.send_request(request).await.map_err(said)?;
            let status = answer.status().as_u16();
            // The body says nothing that we act on; it is read so that the other side is done.
            let _ = to_bytes(Body::new(answer.into_body()), ANSWER_BYTES_MAX).await;
            Ok(status)
        }
        .await;
        connection.abort();
        answered
    }
}

/// TLS to a server known by the certificates of this machine.
fn tls(host: &str) -> Result<(TlsConnector, ServerName<'static>), String> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err("this machine has no root certificates (ca-certificates)".to_owned());
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(said)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).map_err(said)?;
    Ok((TlsConnector::from(Arc::new(config)), name))
}

fn said(why: impl Display) -> String {
    why.to_string()
}
