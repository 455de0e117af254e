//! A running onshin of our own, on free ports, ended when it is dropped.
use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::program::Bench;
use crate::fault::Fault;

const READY_MAX: Duration = Duration::from_mins(1);
const END_MAX: Duration = Duration::from_secs(10);
/// How often it is asked; the time to ready is that much too long at most.
const ASK_EVERY: Duration = Duration::from_millis(1);

/// The ports of a running onshin.
#[derive(Clone, Copy)]
pub(super) struct Ports {
    pub(super) patient: u16,
    pub(super) staff: u16,
    pub(super) admin: u16,
    pub(super) media: u16,
}

impl Ports {
    /// Four that nobody uses now.
    pub(super) fn free() -> Result<Self, Fault> {
        let held = [(); 4].map(|()| TcpListener::bind(("127.0.0.1", 0)));
        let mut ports = [0; 4];
        for (port, held) in ports.iter_mut().zip(held) {
            *port = held?.local_addr()?.port();
        }
        let [patient, staff, admin, media] = ports;
        Ok(Self {
            patient,
            staff,
            admin,
            media,
        })
    }
}

/// A server, and how long it took to be ready.
pub(super) struct House {
    child: Child,
    pub(super) ports: Ports,
    pub(super) ready: Duration,
}

impl House {
    /// Starts a demo whose state is in that folder.
    pub(super) fn demo(bench: &Bench, state: &Path) -> Result<Self, Fault> {
        let ports = Ports::free()?;
        let mut command = bench.onshin(&["demo"]);
        for (name, port) in [
            ("--patient-port", ports.patient),
            ("--staff-port", ports.staff),
            ("--admin-port", ports.admin),
            ("--media-port", ports.media),
        ] {
            command.arg(name).arg(port.to_string());
        }
        Self::start(command.arg("--state").arg(state), ports)
    }

    /// Starts what `init` has made.
    pub(super) fn serve(bench: &Bench, config: &Path, ports: Ports) -> Result<Self, Fault> {
        Self::start(bench.onshin(&["serve", "--config"]).arg(config), ports)
    }

    fn start(command: &mut Command, ports: Ports) -> Result<Self, Fault> {
        let began = Instant::now();
        let child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut house = Self {
            child,
            ports,
            ready: Duration::ZERO,
        };
        while !is_ready(ports.admin) {
            if let Some(status) = house.child.try_wait()? {
                return Err(Fault::new(format!(
                    "onshin ended before it was ready ({status})"
                )));
            }
            if began.elapsed() > READY_MAX {
                return Err(Fault::new(format!(
                    "onshin was not ready in {} s",
                    READY_MAX.as_secs()
                )));
            }
            thread::sleep(ASK_EVERY);
        }
        house.ready = began.elapsed();
        Ok(house)
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends it as a service manager would.
    pub(super) fn stop(mut self) -> Result<(), Fault> {
        Command::new("kill").arg(self.pid().to_string()).status()?;
        let began = Instant::now();
        while began.elapsed() < END_MAX {
            if self.child.try_wait()?.is_some() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(20));
        }
        Err(Fault::new(format!(
            "onshin did not end in {} s",
            END_MAX.as_secs()
        )))
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn is_ready(admin: u16) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(("127.0.0.1", admin))?;
        stream.set_read_timeout(Some(END_MAX))?;
        write!(
            stream,
            "GET /readyz HTTP/1.1\r\nHost: 127.0.0.1:{admin}\r\nConnection: close\r\n\r\n"
        )?;
        let mut head = [0; 12];
        stream.read_exact(&mut head)?;
        Ok(head.ends_with(b"200"))
    };
    ask().unwrap_or(false)
}

/// Makes an institution in the folder, and gives its configuration.
pub(super) fn init(bench: &Bench, folder: &Path, ports: Ports) -> Result<PathBuf, Fault> {
    let Ports {
        patient,
        staff,
        admin,
        media,
    } = ports;
    let path = |name: &str| folder.join(name).display().to_string();
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
"#,
        path("data"),
        path("keys/master.key"),
        path("log/checkpoints.log"),
    );
    std::fs::create_dir_all(folder)?;
    let config = folder.join("onshin.toml");
    std::fs::write(&config, text).map_err(|reason| Fault::at(&config, reason))?;
    let mut command = bench.onshin(&["init", "--config"]);
    command.arg(&config).args([
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
    let done = command.output()?;
    if !done.status.success() {
        return Err(Fault::new(format!(
            "init failed: {}",
            String::from_utf8_lossy(&done.stderr)
        )));
    }
    Ok(config)
}
