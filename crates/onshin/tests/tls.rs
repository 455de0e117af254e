//! The TLS listener: 1.3 with the operator's files; 1.2 only where a reason and a day are written down.
#![expect(clippy::unwrap_used, reason = "tests")]

mod program;

use program::{House, Server, answer};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion,
    pki_types::{CertificateDer, pem::PemObject as _},
    version::{TLS12, TLS13},
};
use std::{io::Write as _, net::TcpStream, path::Path, sync::Arc};

/// Makes the operator's files, and a configuration that uses them.
fn with_certificate(more: &str) -> House {
    let house = House::new();
    house.init();
    let pair = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    std::fs::write(house.at("certificate.pem"), pair.cert.pem()).unwrap();
    std::fs::write(house.at("key.pem"), pair.signing_key.serialize_pem()).unwrap();
    std::fs::set_permissions(
        house.at("key.pem"),
        std::os::unix::fs::PermissionsExt::from_mode(0o600),
    )
    .unwrap();
    let file = |name| house.at(name).display().to_string();
    let (certificate, key) = (file("certificate.pem"), file("key.pem"));
    let config = house.configure(&format!(
        "[staff.tls]\ncertificate_file = \"{certificate}\"\nkey_file = \"{key}\"\n{more}"
    ));
    let text = std::fs::read_to_string(&config).unwrap();
    let staff = format!("url = \"http://localhost:{}\"", house.ports[1]);
    std::fs::write(
        &config,
        text.replace(&staff, &staff.replace("http:", "https:")),
    )
    .unwrap();
    house
}

/// Asks for the sign-in page; the status, or nothing where the greeting failed.
fn status(house: &House, version: &'static SupportedProtocolVersion) -> Option<u16> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(house.at("certificate.pem")).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let client = ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap();
    let port = house.ports[1];
    let mut stream = StreamOwned::new(client, TcpStream::connect(("127.0.0.1", port)).unwrap());
    let request =
        format!("GET /sign-in HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let answer = answer(stream);
    (answer.status != 0).then_some(answer.status)
}

fn serve(house: &House) -> Server {
    let config = house.at("onshin.toml");
    Server::start(
        &["serve", "--config", config.to_str().unwrap()],
        house.ports[2],
    )
}

#[test]
fn tls_1_3_is_answered_and_1_2_is_refused() {
    let house = with_certificate("");
    let server = serve(&house);
    assert_eq!(status(&house, &TLS13), Some(200));
    assert_eq!(status(&house, &TLS12), None);
    // Whoever says nothing does not keep others out.
    let silent: Vec<TcpStream> = (0..20)
        .map(|_| TcpStream::connect(("127.0.0.1", house.ports[1])).unwrap())
        .collect();
    assert_eq!(status(&house, &TLS13), Some(200));
    drop(silent);
    assert!(server.stop());
}

#[test]
fn tls_1_2_is_answered_only_for_a_reason_and_until_its_day() {
    let house =
        with_certificate("old = { reason = \"受付の古いタブレット\", until = \"2999-12-31\" }");
    let server = serve(&house);
    assert_eq!(status(&house, &TLS12), Some(200));
    assert!(server.stop());
    assert!(Path::new(&house.at("log/checkpoints.log")).exists());
}
