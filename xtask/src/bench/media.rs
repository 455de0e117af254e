//! What the media server pays for a packet, beside the least that forwarding costs, and clients without a server.
use std::process::Command;

use serde::Deserialize;

use super::{
    figure::Row,
    program::{Bench, json},
};
use crate::{fault::Fault, shell};

/// Rooms of two people at once; the clients share the cores with the server.
const ROOMS: [u32; 2] = [10, 50];
const SECONDS: u32 = 5;
/// Above this, the clients are what is measured.
const CLIENT_CORES_MAX: f64 = 0.9;

#[derive(Deserialize)]
struct Found {
    floor_us: f64,
    direct: Load,
    server: Load,
}

#[derive(Deserialize)]
struct Load {
    sent: u32,
    came: u32,
    a_second: f64,
    cpu_us: f64,
    server_cores: f64,
    client_cores: f64,
    p50_ms: f64,
    p99_ms: f64,
    set_up_ms: f64,
}

impl Load {
    fn lost_percent(&self) -> f64 {
        100.0 * (f64::from(self.sent) - f64::from(self.came)) / f64::from(self.sent.max(1))
    }
}

pub(super) fn run(bench: &Bench) -> Result<Vec<Row>, Fault> {
    let example = bench.example("media", "forward_cost")?;
    let mut rows = Vec::new();
    for rooms in ROOMS {
        let mut command = if bench.realtime {
            let mut first = shell::program("chrt", &["--rr", "1"]);
            first.arg(&example);
            first
        } else {
            Command::new(&example)
        };
        let found = json(command.args([rooms.to_string(), SECONDS.to_string()]))?;
        let found: Found =
            serde_json::from_value(found).map_err(|reason| Fault::new(reason.to_string()))?;
        let measured = of(rooms, &found);
        rows.extend(measured.map(|row| row.undisturbed(bench.realtime)));
    }
    Ok(rows)
}

fn of(rooms: u32, found: &Found) -> [Row; 3] {
    let Found {
        floor_us,
        direct,
        server,
    } = found;
    let doubt = if direct.client_cores.max(server.client_cores) > CLIENT_CORES_MAX {
        "; the clients were at their limit: latency and loss are theirs"
    } else {
        ""
    };
    let bare = "the same clients without a server";
    [
        Row::new(format!("{rooms} rooms: CPU of the media thread for a packet"), server.cpu_us, "µs")
            .beside("receive, AES-256-GCM open and seal, send", *floor_us)
            .note(format!(
                "{:.0} packets/s, {:.2} cores; clients {:.2} cores; lost {:.2} %, without a server {:.2} %{doubt}",
                server.a_second,
                server.server_cores,
                server.client_cores,
                server.lost_percent(),
                direct.lost_percent(),
            )),
        Row::new(format!("{rooms} rooms: packet from client to client, p99"), server.p99_ms, "ms")
            .beside(bare, direct.p99_ms)
            .note(format!("p50 {:.2} and {:.2} ms{doubt}", server.p50_ms, direct.p50_ms)),
        Row::new(format!("{rooms} rooms: setting one up, offers to connected"), server.set_up_ms, "ms").beside(bare, direct.set_up_ms),
    ]
}
