//! What is measured: the program and the examples, built in one profile, and copied so that nobody rebuilds them meanwhile.
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{binary, fault::Fault, places, shell};

/// How the measured programs were compiled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Profile {
    /// As `demo` and `test` use it: our own code is not optimised, what it stands on is.
    Dev,
    /// As a clinic runs it.
    Release,
}

impl Profile {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Release => "release",
        }
    }

    const fn folder(self) -> &'static str {
        match self {
            Self::Dev => "debug",
            Self::Release => "release",
        }
    }
}

/// A folder of this run, beside the things that are kept between runs.
pub(super) struct Bench {
    pub(super) profile: Profile,
    is_given: bool,
    /// Packets go before all other work of the machine.
    pub(super) realtime: bool,
    pub(super) onshin: PathBuf,
    pub(super) run: tempfile::TempDir,
    /// Kept between runs.
    pub(super) kept: PathBuf,
    target: PathBuf,
}

impl Bench {
    /// Builds the program.
    pub(super) fn new(profile: Profile) -> Result<Self, Fault> {
        let mut bench = Self::empty(profile)?;
        bench.onshin = bench.build(&["--package", "onshin"], Path::new("onshin"))?;
        Ok(bench)
    }

    /// Takes a program that was built elsewhere.
    pub(super) fn given(profile: Profile, onshin: &Path) -> Result<Self, Fault> {
        let mut bench = Self::empty(profile)?;
        bench.onshin = bench.run.path().join("onshin");
        bench.is_given = true;
        fs::copy(onshin, &bench.onshin).map_err(|reason| Fault::at(onshin, reason))?;
        Ok(bench)
    }

    fn empty(profile: Profile) -> Result<Self, Fault> {
        let target = binary::target()?;
        let kept = target.join("bench");
        fs::create_dir_all(&kept).map_err(|reason| Fault::at(&kept, reason))?;
        let run = tempfile::Builder::new().prefix("run-").tempdir_in(&kept)?;
        Ok(Self {
            profile,
            is_given: false,
            realtime: false,
            onshin: PathBuf::new(),
            run,
            kept,
            target,
        })
    }

    /// How the measured programs were built, in words.
    pub(super) const fn built(&self) -> &'static str {
        match (self.is_given, self.profile) {
            (false, Profile::Dev) => "dev profile",
            (false, Profile::Release) => "release profile",
            (true, Profile::Dev) => "onshin as given, examples in the dev profile",
            (true, Profile::Release) => "onshin as given, examples in the release profile",
        }
    }

    /// Builds an example of a crate, and gives its path.
    pub(super) fn example(&self, package: &str, name: &str) -> Result<PathBuf, Fault> {
        self.build(
            &["--package", package, "--example", name],
            &Path::new("examples").join(name),
        )
    }

    fn build(&self, what: &[&str], made: &Path) -> Result<PathBuf, Fault> {
        let mut cargo = shell::cargo(&["build"]);
        cargo.args(what);
        if self.profile == Profile::Release {
            cargo.arg("--release");
        }
        shell::step(
            &format!("build {} ({})", made.display(), self.profile.as_str()),
            &mut cargo,
        )?;
        let from = self.target.join(self.profile.folder()).join(made);
        let name = made.file_name().unwrap_or(made.as_os_str());
        let to = self.run.path().join(name);
        fs::copy(&from, &to).map_err(|reason| Fault::at(&from, reason))?;
        Ok(to)
    }

    /// The program, with no setting from outside.
    pub(super) fn onshin(&self, args: &[&str]) -> Command {
        let mut command = shell::program(&self.onshin.to_string_lossy(), args);
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("ONSHIN_")) {
            command.env_remove(name);
        }
        command
    }

    /// One of the scripts that drive browsers and sign people in; its last line is JSON.
    pub(super) fn script(&self, args: &[&str]) -> Result<serde_json::Value, Fault> {
        let mut node = shell::program("node", &["bench.mjs"]);
        node.args(args)
            .current_dir(places::root().join("tests/e2e"))
            .env("ONSHIN_BINARY", &self.onshin);
        json(&mut node)
    }
}

/// The last line that a program prints, as JSON.
pub(super) fn json(command: &mut Command) -> Result<serde_json::Value, Fault> {
    let said = shell::answer(command)?;
    let line = said.lines().last().unwrap_or_default();
    serde_json::from_str(line)
        .map_err(|reason| Fault::new(format!("{}: {reason}", command.get_program().display())))
}
