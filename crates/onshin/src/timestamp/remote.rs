//! The port of the authority: one HTTP POST to the configured address and nowhere else. No redirect is followed.

use axum::body::{Body, to_bytes};
use hyper::{Method, Request, StatusCode, Uri, client::conn::http1, header, http::uri::Scheme};
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use signing::answer::ANSWER_BYTES_MAX;
use std::{fmt::Display, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

/// The whole exchange: an authority answers within a second or two, or is tried again later.
const EXCHANGE_TIME_MAX: Duration = Duration::from_secs(30);
const QUESTION: &str = "application/timestamp-query";
const ANSWER: &str = "application/timestamp-reply";

/// Where the authority is reached.
pub(super) struct Remote {
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
    /// It is no address of an authority, or the machine has no certificates to know one by.
    pub(super) fn new(url: &str) -> Result<Self, String> {
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

    /// Asks once.
    ///
    /// # Errors
    ///
    /// Why there is no answer.
    pub(super) async fn post(&self, question: Vec<u8>) -> Result<Vec<u8>, String> {
        tokio::time::timeout(EXCHANGE_TIME_MAX, self.exchange(question))
            .await
            .map_err(|_| "no answer in time".to_owned())?
    }

    async fn exchange(&self, question: Vec<u8>) -> Result<Vec<u8>, String> {
        let plain = TcpStream::connect((self.host.as_str(), self.port))
            .await
            .map_err(said)?;
        match &self.secure {
            None => self.over(plain, question).await,
            Some((connector, name)) => {
                let secure = connector.connect(name.clone(), plain).await.map_err(said)?;
                self.over(secure, question).await
            }
        }
    }

    async fn over(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        question: Vec<u8>,
    ) -> Result<Vec<u8>, String> {
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
            .header(header::CONTENT_TYPE, QUESTION)
            .header(header::ACCEPT, ANSWER)
            .body(Body::from(question))
            .map_err(said)?;
        let answered = async {
            let answer = sender.send_request(request).await.map_err(said)?;
            if answer.status() != StatusCode::OK {
                return Err(format!("HTTP {}", answer.status().as_u16()));
            }
            let kind = answer.headers().get(header::CONTENT_TYPE);
            if !kind.is_some_and(|kind| kind.as_bytes().starts_with(ANSWER.as_bytes())) {
                return Err(format!("its answer is not {ANSWER}"));
            }
            to_bytes(Body::new(answer.into_body()), ANSWER_BYTES_MAX)
                .await
                .map(|body| body.to_vec())
                .map_err(said)
        }
        .await;
        connection.abort();
        answered
    }
}

/// TLS to an authority, known by the certificates of this machine.
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
