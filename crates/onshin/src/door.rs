//! The listeners: plain on loopback, TLS 1.3 elsewhere, each with its bounds, and a graceful end.

use crate::config::{Door, Tls};
use axum::{Router, extract::ConnectInfo};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use jiff::civil::Date;
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    version::{TLS12, TLS13},
};
use std::{io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

/// Connections of one surface at a time: a clinic's browsers many times over; more wait in the kernel.
const CONNECTIONS_MAX: usize = 4096;
/// A browser that has not finished its greeting or its headers by then is let go.
const GREETING_MAX: Duration = Duration::from_secs(10);
/// Pages under way at the end get this long; streams of events never end by themselves.
const END_MAX: Duration = Duration::from_secs(3);
/// Wait after an accept that failed for want of file handles.
const BREATH: Duration = Duration::from_millis(50);

/// Why a certificate cannot be served.
#[derive(Debug)]
pub(crate) struct Unusable(String);

impl std::fmt::Display for Unusable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl<E: std::error::Error> From<E> for Unusable {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// The TLS side of a surface on a day: 1.3 alone, or with 1.2 until the day that was written down.
///
/// # Errors
///
/// A file cannot be read, or certificate and key do not belong together.
pub(crate) fn tls(tls: &Tls, today: Date) -> Result<Arc<ServerConfig>, Unusable> {
    let chain =
        CertificateDer::pem_file_iter(&tls.certificate_file)?.collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_file(&tls.key_file)?;
    let old = tls.old.as_ref().is_some_and(|old| today <= old.until);
    let versions: &[_] = if old { &[&TLS13, &TLS12] } else { &[&TLS13] };
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// One surface that is being served.
pub(crate) struct Open {
    running: Vec<JoinHandle<()>>,
}

/// Opens every address of a surface. An IPv6 loopback that the machine does not have is left out.
///
/// # Errors
///
/// An address is taken or not ours.
pub(crate) async fn open(
    door: &Door,
    router: Router,
    secure: Option<Arc<ServerConfig>>,
    end: &watch::Receiver<bool>,
) -> io::Result<Open> {
    let mut listeners = Vec::new();
    for at in &door.listen {
        match TcpListener::bind(at).await {
            Ok(listener) => listeners.push(listener),
            Err(why) if at.is_ipv6() && at.ip().is_loopback() && no_ipv6(&why) => {
                tracing::warn!(%at, "this machine has no IPv6; the address is left out");
            }
            Err(why) => return Err(io::Error::new(why.kind(), format!("{at}: {why}"))),
        }
    }
    if listeners.is_empty() {
        return Err(io::Error::new(
            io::ErrorKind::AddrNotAvailable,
            "no address to listen on",
        ));
    }
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let acceptor = secure.map(TlsAcceptor::from);
    let running = listeners
        .into_iter()
        .map(|listener| {
            let accept = Accept {
                listener,
                router: router.clone(),
                acceptor: acceptor.clone(),
                room: Arc::clone(&room),
                end: end.clone(),
            };
            tokio::spawn(accept.run())
        })
        .collect();
    Ok(Open { running })
}

impl Open {
    /// Waits until everything under way has ended, or has had its time.
    pub(crate) async fn ended(self) {
        for running in self.running {
            let _ = running.await;
        }
    }
}

fn no_ipv6(why: &io::Error) -> bool {
    matches!(
        why.kind(),
        io::ErrorKind::AddrNotAvailable | io::ErrorKind::Unsupported
    )
}

struct Accept {
    listener: TcpListener,
    router: Router,
    acceptor: Option<TlsAcceptor>,
    room: Arc<Semaphore>,
    end: watch::Receiver<bool>,
}

impl Accept {
    async fn run(mut self) {
        let graceful = GracefulShutdown::new();
        loop {
            let next = async {
                let seat = Arc::clone(&self.room).acquire_owned().await.ok()?;
                Some((seat, self.listener.accept().await))
            };
            let accepted = tokio::select! {
                accepted = next => accepted,
                _ = self.end.wait_for(|end| *end) => break,
            };
            let Some((seat, accepted)) = accepted else {
                break;
            };
            match accepted {
                Ok((stream, peer)) => self.greet(stream, peer, seat, &graceful),
                Err(why) => {
                    tracing::warn!(%why, "a connection could not be accepted");
                    tokio::time::sleep(BREATH).await;
                }
            }
        }
        drop(self.listener);
        let _ = tokio::time::timeout(END_MAX, graceful.shutdown()).await;
    }

    fn greet(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        seat: OwnedSemaphorePermit,
        graceful: &GracefulShutdown,
    ) {
        let _ = stream.set_nodelay(true);
        let router = self.router.clone();
        let watcher = graceful.watcher();
        let acceptor = self.acceptor.clone();
        tokio::spawn(async move {
            let _seat = seat;
            match acceptor {
                None => serve(stream, peer, router, watcher).await,
                Some(acceptor) => {
                    let greeted = tokio::time::timeout(GREETING_MAX, acceptor.accept(stream)).await;
                    if let Ok(Ok(stream)) = greeted {
                        serve(stream, peer, router, watcher).await;
                    }
                }
            }
        });
    }
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: SocketAddr,
    router: Router,
    watcher: hyper_util::server::graceful::Watcher,
) {
    let service = router.map_request(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        request.map(axum::body::Body::new)
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(GREETING_MAX)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    // A browser that hangs up is no fault.
    let _ = watcher.watch(connection).await;
}
