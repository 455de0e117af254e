//! The built program in a folder of its own: commands, a server that is always stopped, and a plain HTTP client.
#![expect(clippy::unwrap_used, dead_code, reason = "tests; each uses its part")]

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

/// How long a server may take to be ready: cold disks and busy machines.
const READY_MAX: Duration = Duration::from_secs(30);
/// How long it may take to end.
const END_MAX: Duration = Duration::from_secs(10);

/// A folder with a configuration in it.
pub(crate) struct House {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) ports: [u16; 4],
}

impl House {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            ports: free_ports(),
        }
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a sound configuration with more lines at its end.
    pub(crate) fn configure(&self, more: &str) -> PathBuf {
        let [patient, staff, admin, media] = self.ports;
        let path = |name| self.at(name).display().to_string();
        let text = format!(
            r#"
[patient]
url = "http://localhost:{patient}"
listen = ["127.0.0.1:{patient}", "[::1]:{patient}"]
[staff]
url = "http://localhost:{staff}"
listen = ["127.0.0.1:{staff}", "[::1]:{staff}"]
[admin]
url = "http://127.0.0.1:{admin}"
listen = ["127.0.0.1:{admin}"]
[media]
listen = ["127.0.0.1:{media}"]
[data]
folder = "{}"
master_key_file = "{}"
anchor_file = "{}"
{more}
"#,
            path("data"),
            path("keys/master.key"),
            path("log/checkpoints.log"),
        );
        let file = self.at("onshin.toml");
        std::fs::write(&file, text).unwrap();
        file
    }

    /// Makes the institution, and gives what was printed.
    pub(crate) fn init(&self) -> String {
        let config = self.configure("");
        let done = onshin(&[
            "init",
            "--config",
            config.to_str().unwrap(),
            "--name",
            "見本はじめ診療所",
            "--address",
            "見本県例市1-1",
            "--phone",
            "00-0000-0000",
            "--hours",
            "月〜金 9:00〜17:00",
            "--administrator",
            "例原 けい",
            "--login",
            "reihara",
        ]);
        assert!(done.status.success(), "{}", words(&done));
        String::from_utf8(done.stdout).unwrap()
    }

    /// The demo's flags on this house's ports.
    pub(crate) fn demo(&self) -> Vec<String> {
        let names = [
            "--patient-port",
            "--staff-port",
            "--admin-port",
            "--media-port",
        ];
        let mut flags = vec!["demo".to_owned()];
        for (name, port) in names.into_iter().zip(self.ports) {
            flags.extend([name.to_owned(), port.to_string()]);
        }
        flags.extend(["--state".to_owned(), self.at("state").display().to_string()]);
        flags
    }
}

/// Runs a command to its end, with no setting from outside.
pub(crate) fn onshin(args: &[&str]) -> Output {
    command(args).output().unwrap()
}

/// A command, with no setting from outside.
pub(crate) fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_onshin"));
    command.args(args).stdin(Stdio::null());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("ONSHIN_")) {
        command.env_remove(name);
    }
    command
}

/// Everything a command said.
pub(crate) fn words(done: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr)
    )
}

/// A server that runs until the test ends.
pub(crate) struct Server {
    child: Child,
    admin: u16,
}

impl Server {
    /// Starts it and waits until it is ready.
    pub(crate) fn start(args: &[&str], admin: u16) -> Self {
        let child = command(args)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut server = Self { child, admin };
        let began = Instant::now();
        while !server.is_ready() {
            assert!(
                server.child.try_wait().unwrap().is_none(),
                "it ended: {args:?}"
            );
            assert!(began.elapsed() < READY_MAX, "not ready: {args:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
        server
    }

    fn is_ready(&self) -> bool {
        TcpStream::connect(("127.0.0.1", self.admin)).is_ok()
            && get(self.admin, "127.0.0.1", "/readyz", "").status == 200
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends it as a service manager would; true if it ended well and in time.
    pub(crate) fn stop(mut self) -> bool {
        let told = Command::new("kill")
            .arg(self.child.id().to_string())
            .status()
            .unwrap();
        assert!(told.success());
        let began = Instant::now();
        while began.elapsed() < END_MAX {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.success();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        false
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    /// The cookies that it sets, as a browser would send them.
    pub(crate) fn cookies(&self) -> String {
        self.head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
            .filter_map(|(_, cookie)| cookie.split(';').next())
            .map(str::trim)
            .collect::<Vec<_>>()
            .join("; ")
    }
}

pub(crate) fn get(port: u16, host: &str, path: &str, cookies: &str) -> Answer {
    ask(
        port,
        &format!(
            "GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nAccept: text/html\r\nCookie: {cookies}\r\nConnection: close\r\n\r\n"
        ),
    )
}

pub(crate) fn post(port: u16, path: &str, cookies: &str, body: &str) -> Answer {
    ask(
        port,
        &format!(
            "POST {path} HTTP/1.1\r\nHost: localhost:{port}\r\nOrigin: http://localhost:{port}\r\nAccept: text/html\r\nCookie: {cookies}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        ),
    )
}

fn ask(port: u16, request: &str) -> Answer {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(END_MAX)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    answer(stream)
}

/// Reads one answer to its end.
pub(crate) fn answer(stream: impl std::io::Read) -> Answer {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 || line == "\r\n" {
            break;
        }
        head.push_str(&line);
    }
    let mut body = Vec::new();
    let _ = reader.read_to_end(&mut body);
    let status = head
        .split_whitespace()
        .nth(1)
        .and_then(|code| code.parse().ok())
        .unwrap_or(0);
    Answer {
        status,
        head,
        body: String::from_utf8_lossy(&body).into_owned(),
    }
}

/// Ports that nobody uses now.
pub(crate) fn free_ports() -> [u16; 4] {
    let held: Vec<TcpListener> = (0..4)
        .map(|_| TcpListener::bind(("127.0.0.1", 0)).unwrap())
        .collect();
    let ports: Vec<u16> = held
        .iter()
        .map(|one| one.local_addr().unwrap().port())
        .collect();
    ports.try_into().unwrap()
}

/// A file as JSON.
pub(crate) fn json(file: &Path) -> serde_json::Value {
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

/// The permission bits of a file.
pub(crate) fn mode(file: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(file).unwrap().permissions().mode() & 0o777
}

/// The names and contents of a folder. What SQLite puts beside a database for as long as somebody reads it is left out
/// where it is empty (`-wal`), and the index over it (`-shm`).
pub(crate) fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|file| {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read(path).unwrap())
        })
        .filter(|(name, bytes)| {
            !(name.ends_with("-shm") || name.ends_with("-wal") && bytes.is_empty())
        })
        .collect()
}
