//! A PostgreSQL cluster of our own: a temporary folder, a socket inside it, nothing on the network.
use std::{
    fs,
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{fault::Fault, places};

/// How long the server may take to answer first; a loaded machine needs seconds.
const START_SECONDS_MAX: u64 = 60;
const POLL: Duration = Duration::from_millis(100);

/// The version the conformance suite promises; another is taken only where this one is missing.
const VERSION: &str = "15";

/// Ends with the one who started it, however that ends: the end of standard input is the sign.
/// `$1` is the server, `$2` its folder.
const KEEPER: &str = r#"
"$1" -D "$2/data" -k "$2" -c listen_addresses= -c fsync=off -c max_connections=200 </dev/null >"$2/log" 2>&1 &
server=$!
cat >/dev/null
kill -INT "$server"
wait "$server"
rm -rf "$2"
"#;

/// A running cluster; dropping it stops the server and removes the folder.
pub(crate) struct Cluster {
    folder: TempDir,
    keeper: Child,
}

/// Whom the server runs as: PostgreSQL refuses to be root.
#[derive(Clone, Copy)]
struct Owner {
    user: u32,
    group: u32,
}

impl Cluster {
    /// Makes an empty cluster and waits until it answers.
    ///
    /// # Errors
    ///
    /// When PostgreSQL is not installed, or does not start in time.
    pub(crate) fn start() -> Result<Self, Fault> {
        let programs = programs()?;
        let owner = owner()?;
        // A socket's path may have 107 bytes, so the folder stands near the root.
        let folder = tempfile::Builder::new()
            .prefix("onshin-pg-")
            .tempdir_in("/tmp")?;
        if let Some(owner) = owner {
            chown(folder.path(), Some(owner.user), Some(owner.group))?;
        }
        make(&programs, folder.path(), owner)?;
        let mut keep = Command::new("/bin/sh");
        keep.args(["-c", KEEPER, "keeper"])
            .arg(programs.join("postgres"))
            .arg(folder.path())
            .stdin(Stdio::piped());
        let keeper = as_owner(&mut keep, folder.path(), owner)
            .process_group(0)
            .spawn()?;
        let cluster = Self { folder, keeper };
        cluster.wait(&programs)?;
        Ok(cluster)
    }

    /// The address as sqlx and psql read it.
    pub(crate) fn url(&self) -> String {
        format!(
            "postgres://onshin@localhost/postgres?host={}",
            self.folder.path().display()
        )
    }

    fn wait(&self, programs: &Path) -> Result<(), Fault> {
        let start = Instant::now();
        while start.elapsed().as_secs() < START_SECONDS_MAX {
            let answer = Command::new(programs.join("pg_isready"))
                .args(["--quiet", "--host"])
                .arg(self.folder.path())
                .status()?;
            if answer.success() {
                return Ok(());
            }
            thread::sleep(POLL);
        }
        let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        Err(Fault::new(format!("PostgreSQL did not start:\n{log}")))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        // Nothing can be done here about a keeper that cannot be waited for.
        let _ended = self.keeper.wait();
    }
}

fn programs() -> Result<PathBuf, Fault> {
    let all = Path::new("/usr/lib/postgresql");
    let mut found: Vec<PathBuf> = fs::read_dir(all)
        .map_err(|reason| Fault::at(all, reason))?
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|path| path.join("initdb").is_file())
        .collect();
    found.sort();
    let wanted = all.join(VERSION).join("bin");
    if found.contains(&wanted) {
        return Ok(wanted);
    }
    found
        .pop()
        .ok_or_else(|| Fault::at(all, "PostgreSQL is not installed"))
}

/// Nobody else when we are not root.
fn owner() -> Result<Option<Owner>, Fault> {
    if !crate::shell::is_root() {
        return Ok(None);
    }
    let accounts = places::read(Path::new("/etc/passwd"))?;
    let account = |name: &str| {
        let mut fields = accounts
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?
            .split(':')
            .skip(1);
        Some(Owner {
            user: fields.next()?.parse().ok()?,
            group: fields.next()?.parse().ok()?,
        })
    };
    account("postgres")
        .or_else(|| account("nobody"))
        .map(Some)
        .ok_or_else(|| {
            Fault::new("PostgreSQL refuses to run as root, and there is no other account")
        })
}

fn make(programs: &Path, folder: &Path, owner: Option<Owner>) -> Result<(), Fault> {
    let mut init = Command::new(programs.join("initdb"));
    init.args([
        "--username=onshin",
        "--auth=trust",
        "--locale=C",
        "--encoding=UTF8",
        "--no-sync",
    ])
    .arg("--pgdata")
    .arg(folder.join("data"))
    .stdin(Stdio::null());
    let output = as_owner(&mut init, folder, owner).output()?;
    if output.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&output.stderr);
    Err(Fault::new(format!("initdb failed: {words}")))
}

fn as_owner<'command>(
    command: &'command mut Command,
    folder: &Path,
    owner: Option<Owner>,
) -> &'command mut Command {
    command.current_dir(folder);
    if let Some(owner) = owner {
        command.uid(owner.user).gid(owner.group);
    }
    command
}

#[cfg(test)]
mod tests {
    use super::{Cluster, programs};
    use std::process::Command;

    #[test]
    fn a_cluster_answers_sorts_by_bytes_and_leaves_nothing() {
        let cluster = Cluster::start().unwrap_or_else(|fault| panic!("{fault}"));
        let folder = cluster.folder.path().to_owned();
        let programs = programs().unwrap_or_else(|fault| panic!("{fault}"));
        let answer = Command::new(programs.join("psql"))
            .args([&cluster.url(), "-Atc", "SHOW lc_collate"])
            .output()
            .expect("psql starts");
        assert_eq!(String::from_utf8_lossy(&answer.stdout), "C\n");
        drop(cluster);
        assert!(!folder.exists());
    }
}
