//! Who works at the made-up clinic. The names are plainly made up (例, 別, 仮): nobody is meant.

use super::{CLINIC, Calendar, report::Worker};
use crate::{outcome::Outcome, secret};
use access::{DeviceId, PersonId, Role, TenantId, Ulid};
use ledger::Actor;
use store::{
    By, Conn, Fault, Store, Tx,
    institution::Institution,
    person::{NewMembership, NewPerson},
};
use web::{password, totp};

/// Days ago on which the clinic began with all this.
pub(super) const BEGAN: i64 = 400;

/// One person as written here.
pub(super) struct Person {
    pub(super) login: &'static str,
    pub(super) name: &'static str,
    pub(super) role: Role,
    /// What makes the person a physician: registration year, course number, photograph.
    pub(super) physician: Option<Physician>,
}

pub(super) struct Physician {
    pub(super) department: &'static str,
    pub(super) registration_year: i16,
    pub(super) course: &'static str,
    pub(super) photo: &'static [u8],
}

/// Everyone: two physicians first.
pub(super) const PEOPLE: [Person; 5] = [
    Person {
        login: "reizawa",
        name: "例沢 はるか",
        role: Role::Physician,
        physician: Some(Physician {
            department: "内科",
            registration_year: 1998,
            course: "MIHON-2025-0412",
            photo: include_bytes!("../../../web/assets/img/faces/doctor-face.svg"),
        }),
    },
    Person {
        login: "bessho",
        name: "別所 さとる",
        role: Role::Physician,
        physician: Some(Physician {
            department: "内科・小児科",
            registration_year: 1987,
            course: "MIHON-2026-0077",
            photo: include_bytes!("../../../web/assets/img/faces/doctor2-face.svg"),
        }),
    },
    Person {
        login: "karikawa",
        name: "仮川 なお",
        role: Role::Nurse,
        physician: None,
    },
    Person {
        login: "karino",
        name: "仮野 あかり",
        role: Role::Reception,
        physician: None,
    },
    Person {
        login: "reihara",
        name: "例原 けい",
        role: Role::Administrator,
        physician: None,
    },
];

/// The staff as acts need it.
#[derive(Clone, Copy)]
pub(super) struct Staff {
    /// 例沢 and 別所.
    pub(super) physicians: [PersonId; 2],
    physician_devices: [DeviceId; 2],
    nurse: (PersonId, DeviceId),
    reception: (PersonId, DeviceId),
    administrator: (PersonId, DeviceId),
}

impl Staff {
    /// Finds everyone again, with a terminal each.
    pub(super) async fn load(store: &Store, calendar: &Calendar) -> Result<Self, Outcome> {
        let mut found = Vec::new();
        for (place, person) in (1_u8..).zip(&PEOPLE) {
            let id = who(
                &mut *store.read(TenantId::INSTALLATION).await?,
                person.login,
            )
            .await?;
            let device = store
                .write::<DeviceId, Fault, _>(CLINIC, calendar.now, move |tx| {
                    // Nobody has a cookie with this digest: the terminal is only named in the past.
                    Box::pin(async move { tx.keep_device("staff", &[place; 32], "desktop").await })
                })
                .await?;
            found.push((id, device));
        }
        let [first, second, nurse, reception, administrator] = found.as_slice() else {
            return Err(broken());
        };
        Ok(Self {
            physicians: [first.0, second.0],
            physician_devices: [first.1, second.1],
            nurse: *nurse,
            reception: *reception,
            administrator: *administrator,
        })
    }

    /// A physician acts, 0 or 1.
    pub(super) fn physician(&self, which: usize) -> (PersonId, By) {
        let [first, second] = self.physicians;
        let [first_device, second_device] = self.physician_devices;
        let (id, device) = if which == 0 {
            (first, first_device)
        } else {
            (second, second_device)
        };
        (id, by(id, Role::Physician, device))
    }

    /// The nurse acts.
    pub(super) fn nurse(&self) -> (PersonId, By) {
        (self.nurse.0, by(self.nurse.0, Role::Nurse, self.nurse.1))
    }

    /// The reception acts.
    pub(super) fn reception(&self) -> (PersonId, By) {
        (
            self.reception.0,
            by(self.reception.0, Role::Reception, self.reception.1),
        )
    }

    /// The administrator acts.
    pub(super) fn administrator(&self) -> (PersonId, By) {
        let (id, device) = self.administrator;
        (id, by(id, Role::Administrator, device))
    }
}

const fn by(id: PersonId, role: Role, device: DeviceId) -> By {
    By::Person { id, role, device }
}

async fn who(conn: &mut Conn, login: &str) -> Result<PersonId, Outcome> {
    let known = conn.credential(login).await?;
    Ok(known.ok_or_else(broken)?.person)
}

pub(super) fn broken() -> Outcome {
    Outcome::new(
        "見本の診療所が途中までしかありません。--fresh を付けて、はじめからつくってください。",
        "the made-up clinic is not whole. Begin anew with --fresh.",
    )
}

/// Makes the institution and its people, each with a password and a second factor.
pub(super) async fn employ(store: &Store, calendar: &Calendar) -> Result<Vec<Worker>, Outcome> {
    let began = calendar.at(BEGAN, 9, 0);
    let institution = institution();
    store
        .create_tenant(CLINIC, &institution.name, began)
        .await?;
    store
        .write::<(), Fault, _>(CLINIC, began, move |tx| {
            Box::pin(async move { tx.keep_institution(&institution, Actor::System).await })
        })
        .await?;
    // A hash costs a moment on a core each, on purpose; they are made side by side.
    let making: Vec<_> = PEOPLE
        .iter()
        .map(|person| tokio::task::spawn_blocking(|| credentials(person)))
        .collect();
    let mut workers = Vec::new();
    for (person, made) in PEOPLE.iter().zip(making) {
        let (worker, new) = made.await.map_err(Outcome::machine)??;
        let id = new.id;
        store
            .write::<(), Fault, _>(TenantId::INSTALLATION, began, move |tx| {
                Box::pin(async move { tx.create_person(&new, Actor::System).await })
            })
            .await?;
        store
            .write::<(), Fault, _>(CLINIC, began, move |tx| {
                Box::pin(async move { join(tx, person, id).await })
            })
            .await?;
        workers.push(worker);
    }
    Ok(workers)
}

async fn join(tx: &mut Tx, person: &Person, id: PersonId) -> Result<(), Fault> {
    let membership = NewMembership {
        person: id,
        role: person.role,
        from: tx.now(),
        until: None,
        name: person.name.to_owned(),
    };
    tx.add_membership(&membership, Actor::System).await?;
    Ok(())
}

fn credentials(person: &Person) -> Result<(Worker, NewPerson), Outcome> {
    let password = secret::readable::<16>()?;
    let factor = secret::bytes::<{ totp::SECRET_BYTES }>()?;
    let hash = password::hash_password(&password, &secret::bytes()?)
        .ok_or_else(|| Outcome::machine("argon2id"))?;
    let new = NewPerson {
        id: PersonId(Ulid::from_parts(
            u64::try_from(crate::running::now().as_millisecond()).unwrap_or_default(),
            u128::from_be_bytes(secret::bytes()?),
        )),
        login_name: person.login.to_owned(),
        password_hash: hash,
        totp_secret: Some(factor.to_vec()),
    };
    let worker = Worker {
        role: person.role.as_str().to_owned(),
        login: person.login.to_owned(),
        password,
        totp_secret: totp::secret_text(&factor),
        name: person.name.to_owned(),
    };
    Ok((worker, new))
}

/// What the clinic is called and where it is: nowhere.
pub(super) fn institution() -> Institution {
    Institution {
        name: "見本みずうみクリニック".to_owned(),
        address: "長野県みほん郡みずうみ町1-2".to_owned(),
        phone: "00-1234-5678".to_owned(),
        hours: "月〜土 8:30〜18:00".to_owned(),
        name_en: "Mihon Mizuumi Clinic (made up)".to_owned(),
        address_en: "1-2 Mizuumi-machi, Mihon-gun, Nagano".to_owned(),
        hours_en: "Mon–Sat 8:30–18:00".to_owned(),
        code: "0000000".to_owned(),
        online_care_notified: true,
        desks: store::institution::Desks::default(),
    }
}
