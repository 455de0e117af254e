//! One HTTP POST to a configured address and nowhere else. No redirect is followed.

use axum::body::{Body, Bytes, to_bytes};
use hyper::{
    HeaderMap, Method, Request, Response, StatusCode, Uri, client::conn::http1, header,
    header::HeaderValue, http::uri::Scheme,
};
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use std::{fmt::Display, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

/// The whole exchange: who does not answer within it is tried again later.
const EXCHANGE_TIME_MAX: Duration = Duration::from_secs(30);
/// Longest answer that is read, in bytes.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// Longest page that is read, in bytes: what a clinic's site sends, with everything written into it.
const PAGE_BYTES_MAX: usize = 2 * 1024 * 1024;

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

    /// Posts once. The answer is read whole, whatever its status says.
    ///
    /// # Errors
    ///
    /// Why there is no answer, or that it is too long.
    pub(crate) async fn post(
        &self,
        headers: HeaderMap,
        body: impl Into<Body>,
    ) -> Result<Response<Bytes>, String> {
        let mut request = Request::new(body.into());
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.path();
        *request.headers_mut() = headers;
        let host = self.uri.authority().map_or("", |host| host.as_str());
        let host = HeaderValue::from_str(host).map_err(said)?;
        request.headers_mut().insert(header::HOST, host);
        tokio::time::timeout(EXCHANGE_TIME_MAX, self.exchange(request, ANSWER_BYTES_MAX))
            .await
            .map_err(|_| "no answer in time".to_owned())?
    }

    /// Whether something answers there at all, with whatever it says: an error of the server is no answer.
    pub(crate) async fn answers(&self) -> bool {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = self.path();
        let host = self.uri.authority().map_or("", |host| host.as_str());
        let Ok(host) = HeaderValue::from_str(host) else {
            return false;
        };
        request.headers_mut().insert(header::HOST, host);
        let asked = tokio::time::timeout(EXCHANGE_TIME_MAX, self.head(request)).await;
        asked.is_ok_and(|status| status.is_some_and(|status| !status.is_server_error()))
    }

    /// The page that is there, as text.
    ///
    /// # Errors
    ///
    /// Why there is none, or that it is too long.
    pub(crate) async fn page(&self) -> Result<String, String> {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = self.path();
        let host = self.uri.authority().map_or("", |host| host.as_str());
        let host = HeaderValue::from_str(host).map_err(said)?;
        request.headers_mut().insert(header::HOST, host);
        let answer =
            tokio::time::timeout(EXCHANGE_TIME_MAX, self.exchange(request, PAGE_BYTES_MAX))
                .await
                .map_err(|_| "no answer in time".to_owned())??;
        if !answer.status().is_success() {
            return Err(format!("the page answers {}", answer.status()));
        }
        Ok(String::from_utf8_lossy(answer.body()).into_owned())
    }

    /// The status alone: a page may be longer than what is read of an answer.
    async fn head(&self, request: Request<Body>) -> Option<StatusCode> {
        let plain = TcpStream::connect((self.host.as_str(), self.port))
            .await
            .ok()?;
        match &self.secure {
            None => status(plain, request).await,
            Some((connector, name)) => {
                let secure = connector.connect(name.clone(), plain).await.ok()?;
                status(secure, request).await
            }
        }
    }

    fn path(&self) -> Uri {
        let path = self.uri.path_and_query().cloned();
        path.map(Uri::from).unwrap_or_default()
    }

    async fn exchange(
        &self,
        request: Request<Body>,
        bytes_max: usize,
    ) -> Result<Response<Bytes>, String> {
        let plain = TcpStream::connect((self.host.as_str(), self.port))
            .await
            .map_err(said)?;
        match &self.secure {
            None => over(plain, request, bytes_max).await,
            Some((connector, name)) => {
                let secure = connector.connect(name.clone(), plain).await.map_err(said)?;
                over(secure, request, bytes_max).await
            }
        }
    }
}

async fn status(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Body>,
) -> Option<StatusCode> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
    let connection = tokio::spawn(connection);
    let answered = sender.send_request(request).await;
    connection.abort();
    answered.ok().map(|answer| answer.status())
}

async fn over(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Body>,
    bytes_max: usize,
) -> Result<Response<Bytes>, String> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(said)?;
    // It ends with the exchange: the sender is dropped, or its task is.
    let connection = tokio::spawn(connection);
    let answered = async {
        let (head, body) = sender
            .send_request(request)
            .await
            .map_err(said)?
            .into_parts();
        let body = to_bytes(Body::new(body), bytes_max).await.map_err(said)?;
        Ok(Response::from_parts(head, body))
    }
    .await;
    connection.abort();
    answered
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

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn only_an_address_of_the_web_is_taken() {
        for (url, good) in [
            ("http://tsa.example/path?x=1", true),
            ("https://tsa.example:8443", true),
            ("ftp://tsa.example", false),
            ("tsa.example", false),
            ("https://user:word@tsa.example/", false),
            ("", false),
        ] {
            assert_eq!(address(url).is_ok(), good, "{url}");
        }
    }
}
