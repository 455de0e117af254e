//! An installation from its first command on: init, recovery, check-config, serve, verify.

mod program;

use program::{House, Server, contents, get, mode, onshin, words};

#[test]
fn init_makes_the_key_for_its_owner_alone_and_a_second_one_never_overwrites_it() {
    let house = House::new();
    let printed = house.init();
    assert_eq!(mode(&house.at("keys/master.key")), 0o600);
    assert_eq!(mode(&house.at("keys/master.key.recovery")), 0o600);
    assert!(printed.contains("recovery code"), "{printed}");
    let key = std::fs::read(house.at("keys/master.key")).unwrap();
    let config = house.at("onshin.toml");
    let again = onshin(&[
        "init",
        "--config",
        config.to_str().unwrap(),
        "--name",
        "別",
        "--address",
        "別",
        "--phone",
        "00",
        "--hours",
        "別",
        "--administrator",
        "別所",
        "--login",
        "reihara",
    ]);
    assert_eq!(again.status.code(), Some(2), "{}", words(&again));
    assert_eq!(std::fs::read(house.at("keys/master.key")).unwrap(), key);
}

#[test]
fn init_refuses_a_key_inside_the_data_folder() {
    let house = House::new();
    let config = house.configure("");
    let inside = format!(
        "data.master_key_file={}",
        house.at("data/master.key").display()
    );
    let done = onshin(&[
        "init",
        "--config",
        config.to_str().unwrap(),
        "--set",
        &inside,
        "--name",
        "x",
    ]);
    assert_eq!(done.status.code(), Some(2));
    assert!(!house.at("data/master.key").exists());
}

#[test]
fn what_init_made_is_sound_is_served_and_verifies() {
    let house = House::new();
    house.init();
    let config = house.at("onshin.toml");
    let config = config.to_str().unwrap();
    let checked = onshin(&["check-config", "--config", config]);
    assert!(checked.status.success(), "{}", words(&checked));
    let server = Server::start(&["serve", "--config", config], house.ports[2]);
    let page = get(house.ports[1], "localhost", "/sign-in", "");
    assert_eq!(page.status, 200);
    assert!(!page.body.contains("デモ"), "a clinic is no demonstration");
    assert!(server.stop());
    let verified = onshin(&["verify", "ledger", "--config", config]);
    assert_eq!(verified.status.code(), Some(0), "{}", words(&verified));
    let checked = onshin(&["check-invariants", "--config", config]);
    assert_eq!(checked.status.code(), Some(0), "{}", words(&checked));
    let looked = onshin(&["doctor", "--config", config]);
    assert!(words(&looked).contains('✓'), "{}", words(&looked));
}

#[test]
fn the_recovery_code_lets_the_administrator_in_once() {
    let house = House::new();
    let printed = house.init();
    let line = printed
        .lines()
        .find(|line| line.contains("recovery code"))
        .unwrap();
    let code = line.split_whitespace().next_back().unwrap();
    std::fs::write(house.at("code"), code).unwrap();
    std::fs::write(
        house.at("wrong"),
        code.replace(|c: char| c.is_ascii_digit(), "z"),
    )
    .unwrap();
    let config = house.at("onshin.toml");
    let try_with = |file: &str, login: &str| {
        let file = house.at(file);
        onshin(&[
            "recover-admin",
            "--config",
            config.to_str().unwrap(),
            "--login",
            login,
            "--code-file",
            file.to_str().unwrap(),
        ])
    };
    assert_eq!(try_with("wrong", "reihara").status.code(), Some(2));
    assert_eq!(try_with("code", "somebody").status.code(), Some(2));
    let right = try_with("code", "reihara");
    assert!(right.status.success(), "{}", words(&right));
    assert_eq!(
        try_with("code", "reihara").status.code(),
        Some(2),
        "the code is used up"
    );
}

#[test]
fn verify_answers_by_its_exit_code() {
    let house = House::new();
    house.init();
    let config = house.at("onshin.toml");
    let config = config.to_str().unwrap();
    let code = |more: &[&str]| {
        let mut args = vec!["verify", "ledger", "--config", config];
        args.extend(more);
        onshin(&args).status.code()
    };
    let anchor = house.at("log/checkpoints.log");
    assert_eq!(code(&["--anchor", anchor.to_str().unwrap()]), Some(0));
    // Another key cannot tell; a ledger that lost its end is found.
    let other = House::new();
    other.init();
    let strange = format!(
        "data.master_key_file={}",
        other.at("keys/master.key").display()
    );
    assert_eq!(code(&["--set", &strange]), Some(2));
    assert_eq!(code(&["--set", "data.sqlite_file=nothing.sqlite"]), Some(2));
    let database = house.at("data/onshin.sqlite");
    let bytes = std::fs::read(&database).unwrap();
    let (word, instead) = (b"institution.changed", b"institution.chanced");
    let mut forged = bytes.clone();
    let found: Vec<usize> = (0..bytes.len() - word.len())
        .filter(|at| &bytes[*at..*at + word.len()] == word)
        .collect();
    assert!(!found.is_empty());
    for at in found {
        forged[at..at + word.len()].copy_from_slice(instead);
    }
    std::fs::write(&database, forged).unwrap();
    assert_eq!(code(&[]), Some(1));
}

#[test]
fn verify_changes_no_byte() {
    let house = House::new();
    house.init();
    let config = house.at("onshin.toml");
    let arguments = ["verify", "ledger", "--config", config.to_str().unwrap()];
    let before = contents(&house.at("data"));
    let done = onshin(&arguments);
    assert_eq!(done.status.code(), Some(0), "{}", words(&done));
    assert!(words(&done).contains("every finalised note agrees"));
    assert!(contents(&house.at("data")) == before);
}

#[test]
fn the_master_key_is_not_changed_while_the_clinic_is_served() {
    let house = House::new();
    house.init();
    let config = house.at("onshin.toml");
    let config = config.to_str().unwrap();
    let rotate = ["rotate-master-key", "--config", config];
    let key = std::fs::read(house.at("keys/master.key")).unwrap();
    let server = Server::start(&["serve", "--config", config], house.ports[2]);
    let refused = onshin(&rotate);
    assert_eq!(refused.status.code(), Some(2), "{}", words(&refused));
    assert!(std::fs::read(house.at("keys/master.key")).unwrap() == key);
    assert!(server.stop());
    let done = onshin(&rotate);
    assert!(done.status.success(), "{}", words(&done));
    assert!(words(&done).contains("Make a copy of the new"));
    assert!(std::fs::read(house.at("keys/master.key")).unwrap() != key);
    assert!(std::fs::read(house.at("keys/master.key.old")).unwrap() == key);
    assert_eq!(mode(&house.at("keys/master.key")), 0o600);
    let server = Server::start(&["serve", "--config", config], house.ports[2]);
    assert!(server.stop());
}

/// Twelfths of a whole change after which it is killed: before, in and after its steps on any machine.
const KILLED_AFTER: std::ops::RangeInclusive<u32> = 0..=14;

/// Changes killed at most as soon as their new key is seen, until one was caught there.
const CAUGHT_MAX: u32 = 50;

#[test]
fn a_change_of_the_master_key_killed_at_any_moment_is_finished_by_the_next_and_loses_nothing() {
    let house = House::new();
    house.init();
    let config = house.at("onshin.toml");
    let config = config.to_str().unwrap();
    let there = |name: &str| house.at(&format!("keys/master.key{name}")).exists();
    let begun = || {
        program::command(&["rotate-master-key", "--config", config])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap()
    };
    // What the next change finds when this one is killed, and that nothing is lost by it.
    let killed = |mut child: std::process::Child, when: &str| {
        let _ = child.kill();
        child.wait().unwrap();
        assert!(there(""), "{when}: there is no master.key");
        let found = (there(".new"), there(".old"));
        if found.0 || !found.1 {
            let done = onshin(&["rotate-master-key", "--config", config]);
            assert!(done.status.success(), "{when}: {}", words(&done));
        }
        let verified = onshin(&["verify", "ledger", "--config", config]);
        assert_eq!(
            verified.status.code(),
            Some(0),
            "{when}: {}",
            words(&verified)
        );
        let forgotten = onshin(&["rotate-master-key", "--forget-old", "--config", config]);
        assert!(forgotten.status.success(), "{when}: {}", words(&forgotten));
        found
    };

    let start = std::time::Instant::now();
    let mut whole = begun();
    assert!(whole.wait().unwrap().success());
    let whole_takes = start.elapsed();
    killed(whole, "after its end");
    for twelfths in KILLED_AFTER {
        let child = begun();
        std::thread::sleep(whole_takes * twelfths / 12);
        killed(child, &format!("after {twelfths} twelfths"));
    }

    let caught = (0..CAUGHT_MAX).any(|_| {
        let mut child = begun();
        while !there(".new") && child.try_wait().unwrap().is_none() {}
        killed(child, "with the new key written").0
    });
    assert!(
        caught,
        "no change was killed between its first and last step"
    );
}

/// cl-2.5.2.1-vi-a: records go to registered stores only, and this is looked at before a start.
#[test]
fn cl_2_5_2_1_vi_a_a_store_that_is_not_in_the_register_stops_the_start() {
    let house = House::new();
    house.init();
    let config = house.at("onshin.toml");
    let config = config.to_str().unwrap();
    for (setting, named) in [
        ("data.objects=s3://somewhere-else/bucket", "data.objects"),
        ("data.backup=/mnt/usb-stick", "data.backup"),
        (
            "data.sqlite_file=/var/tmp/elsewhere/onshin.sqlite",
            "data.sqlite_file",
        ),
    ] {
        for command in ["check-config", "serve"] {
            let done = onshin(&[command, "--config", config, "--set", setting]);
            assert!(!done.status.success(), "{command} {setting}");
            let said = words(&done);
            assert!(
                said.contains(named) && said.contains("cl-2.5.2.1-vi-a"),
                "{said}"
            );
        }
    }
    assert!(!std::path::Path::new("/var/tmp/elsewhere").exists());
}

#[test]
fn an_unknown_setting_stops_the_start() {
    let house = House::new();
    let config = house.configure("[data2]\nfolder = \"/x\"");
    let done = onshin(&["check-config", "--config", config.to_str().unwrap()]);
    assert_eq!(done.status.code(), Some(2), "{}", words(&done));
    assert!(words(&done).contains("data2"), "{}", words(&done));
}

#[cfg(target_os = "linux")]
#[test]
fn cl_2_5_2_1_vi_a_a_program_that_dies_leaves_no_picture_of_its_memory() {
    let house = House::new();
    house.init();
    let config = house.at("onshin.toml");
    let config = config.to_str().unwrap();
    let server = Server::start(&["serve", "--config", config], house.ports[2]);
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", server.pid())).unwrap();
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"))
        .unwrap();
    let numbers: Vec<_> = core.split_whitespace().skip(4).take(2).collect();
    assert_eq!(numbers, ["0", "0"], "{core}");
    assert!(server.stop());
}
