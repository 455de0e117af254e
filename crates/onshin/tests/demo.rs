//! The demo: ready, usable by a person, kept between starts, and never mistaken for a clinic.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod program;

use program::{House, Server, get, json, mode, onshin, post, words};

fn text(value: &serde_json::Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[test]
fn the_demo_serves_three_surfaces_lets_staff_in_and_is_kept() {
    let house = House::new();
    let flags = house.demo();
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let [patient, staff, admin, _] = house.ports;
    let server = Server::start(&flags, admin);
    let told = json(&house.at("state/demo.json"));
    assert_eq!(mode(&house.at("state/demo.json")), 0o600);
    assert_eq!(mode(&house.at("state/master.key")), 0o600);

    // A patient's link opens, and asks before it is used up.
    let visits = told["patients"].as_array().unwrap();
    assert!(visits.len() >= 12);
    let first = visits
        .iter()
        .find(|visit| visit["purpose"] == "followup-1")
        .unwrap();
    let link = text(&first["link"]);
    let path = link
        .strip_prefix(&format!("http://localhost:{patient}"))
        .unwrap();
    let landing = get(patient, "localhost", path, "");
    assert_eq!(landing.status, 200, "{}", landing.head);
    assert!(!landing.body.contains(text(&first["name"])));

    // Each member of staff comes in with password and code.
    let secret =
        |user: &serde_json::Value| web::totp::read_secret(text(&user["totp_secret"])).unwrap();
    for user in told["users"].as_array().unwrap() {
        let code = web::totp::code(&secret(user), web::system_clock()()).unwrap();
        let page = get(staff, "localhost", "/sign-in", "");
        let once = page
            .body
            .split("name=\"on-once\" value=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next());
        let form = format!(
            "on-once={}&name={}&password={}&code={code}",
            once.unwrap_or_default(),
            text(&user["login"]),
            text(&user["password"])
        );
        let inside = post(staff, "/sign-in", &page.cookies(), &form);
        assert_eq!(inside.status, 303, "{} {}", user["login"], inside.body);
        assert!(
            inside.head.to_lowercase().contains("location: /today"),
            "{}",
            inside.head
        );
        let board = get(staff, "localhost", "/today", &inside.cookies());
        assert_eq!(board.status, 200, "{}", user["login"]);
    }
    assert!(server.stop());

    // The second start knows the same people and links.
    let server = Server::start(&flags, admin);
    let again = json(&house.at("state/demo.json"));
    assert_eq!(again["users"], told["users"]);
    assert_eq!(again["patients"][0]["link"], told["patients"][0]["link"]);
    assert!(server.stop());

    // What was made up agrees with its ledger, and its clock never goes back.
    let state = house.at("state");
    let anchor = house.at("state/checkpoints.log");
    let verified = onshin(&[
        "verify",
        "ledger",
        "--json",
        "--demo",
        state.to_str().unwrap(),
        "--anchor",
        anchor.to_str().unwrap(),
    ]);
    assert_eq!(verified.status.code(), Some(0), "{}", words(&verified));
    let report: serde_json::Value = serde_json::from_slice(&verified.stdout).unwrap();
    for ledger in report["ledgers"].as_array().unwrap() {
        for doubt in ["not_excluded", "clock_set_back"] {
            assert!(
                ledger[doubt].as_array().unwrap().is_empty(),
                "{doubt}: {ledger}"
            );
        }
    }
}

/// The first record of the time-stamps' second place, once it is there.
fn first_stamp(file: &std::path::Path) -> serde_json::Value {
    let began = std::time::Instant::now();
    loop {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        if let Some((line, _)) = text.split_once('\n') {
            return serde_json::from_str(line).unwrap();
        }
        assert!(began.elapsed() < STAMP_MAX, "no time-stamp");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

/// The demo stamps its past at its start.
const STAMP_MAX: std::time::Duration = std::time::Duration::from_secs(20);

/// cl-2.5.2.1-x-a: the daily root carries a token; the demo's is a pretended one, good by its form and refused in care.
#[test]
fn cl_2_5_2_1_x_a_the_demo_is_stamped_by_a_pretended_authority_that_no_clinic_can_use() {
    let house = House::new();
    let flags = house.demo();
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let server = Server::start(&flags, house.ports[2]);
    let copies = house.at("state/time-stamps.log");
    let stamp = first_stamp(&copies);
    assert!(server.stop());
    let (state, copies) = (house.at("state"), copies.display().to_string());
    let verified = onshin(&[
        "verify",
        "ledger",
        "--json",
        "--demo",
        state.to_str().unwrap(),
        "--time-stamps",
        &copies,
    ]);
    assert_eq!(verified.status.code(), Some(0), "{}", words(&verified));
    let report: serde_json::Value = serde_json::from_slice(&verified.stdout).unwrap();
    let stamps: Vec<_> = report["ledgers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|ledger| &ledger["time_stamps"])
        .filter(|stamps| stamps["kept"] == 1)
        .collect();
    assert!(!stamps.is_empty(), "{report}");
    for stamps in stamps {
        assert_eq!(stamps["untraced"], 0, "{stamps}");
        assert_eq!(stamps["pretended"], 1, "{stamps}");
        assert!(text(&stamps["authorities"][0]).starts_with("模擬"));
    }
    openssl_verifies(&house, &stamp);
    // A clinic cannot be configured with it.
    let config = house.configure("");
    let root = format!(
        "timestamp.ca_file={}",
        house.at("state/time-stamp-root.pem").display()
    );
    let done = onshin(&[
        "serve",
        "--config",
        config.to_str().unwrap(),
        "--set",
        &root,
        "--set",
        "timestamp.url=http://127.0.0.1:9/",
    ]);
    assert_eq!(done.status.code(), Some(2));
    assert!(
        words(&done).contains("pretended authority"),
        "{}",
        words(&done)
    );
}

/// Somebody else's program agrees, where it is installed, and does not about another text.
fn openssl_verifies(house: &House, stamp: &serde_json::Value) {
    let checkpoint = text(&stamp["checkpoint"]);
    std::fs::write(house.at("token.base64"), text(&stamp["token"])).unwrap();
    std::fs::write(house.at("same.txt"), checkpoint).unwrap();
    std::fs::write(house.at("other.txt"), format!("{checkpoint} ")).unwrap();
    let openssl = |arguments: &str| {
        std::process::Command::new("openssl")
            .args(arguments.split_whitespace())
            .current_dir(house.folder.path())
            .output()
            .map(|done| done.status.success())
    };
    let Ok(decoded) = openssl("base64 -d -A -in token.base64 -out token.der") else {
        return;
    };
    assert!(decoded);
    let verify = "ts -verify -in token.der -token_in -CAfile state/time-stamp-root.pem -data";
    assert!(openssl(&format!("{verify} same.txt")).unwrap());
    assert!(!openssl(&format!("{verify} other.txt")).unwrap());
}

#[test]
fn serve_refuses_the_database_of_a_demo() {
    let house = House::new();
    let flags = house.demo();
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    assert!(Server::start(&flags, house.ports[2]).stop());
    let config = house.configure("");
    let config = config.to_str().unwrap();
    let set = |name: &str, path: &str| format!("data.{name}={}", house.at(path).display());
    let done = onshin(&[
        "serve",
        "--config",
        config,
        "--set",
        &set("folder", "state/data"),
        "--set",
        &set("master_key_file", "state/master.key"),
        "--set",
        &set("anchor_file", "state/checkpoints.log"),
    ]);
    assert_eq!(done.status.code(), Some(2), "{}", words(&done));
    assert!(words(&done).contains("demo"), "{}", words(&done));
}

#[test]
fn a_fresh_demo_has_new_secrets_and_touches_nothing_else() {
    let house = House::new();
    let mut flags = house.demo();
    std::fs::create_dir_all(house.at("state")).unwrap();
    std::fs::write(house.at("state/letter.txt"), "mine").unwrap();
    let start = |flags: &[String]| {
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        assert!(Server::start(&flags, house.ports[2]).stop());
        json(&house.at("state/demo.json"))
    };
    let first = start(&flags);
    flags.push("--fresh".to_owned());
    let second = start(&flags);
    assert_ne!(
        first["users"][0]["password"],
        second["users"][0]["password"]
    );
    assert_eq!(
        std::fs::read_to_string(house.at("state/letter.txt")).unwrap(),
        "mine"
    );
}
