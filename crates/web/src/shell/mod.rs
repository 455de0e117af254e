//! The frames of pages: patient, staff, public. Every page struct holds one as `shell` and extends its template.

use crate::{
    App, Problem,
    desk::StaffDesk,
    notice::{CONTACT, Contact},
    scene::Scene,
    surface::{self, Surface},
    words::{Lang, Words},
};
use access::{
    Role, TenantId,
    policy::{Asker, Audience, Verdict},
};
use axum::http::Method;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use care::{Refusal, Remedy};
use std::sync::OnceLock;

/// What every frame has: language, nonce, title, one-time token, and the way back after a change of language.
#[derive(Clone)]
pub struct Frame {
    /// The texts.
    pub w: Words,
    /// The language tag.
    pub lang: Lang,
    /// The nonce of this response.
    pub nonce: String,
    /// The page's title; never a patient's name.
    pub title: String,
    /// The one-time token of every form on the page.
    pub once: String,
    /// Where the page is, to come back to.
    pub here: String,
    /// Whether keys act by themselves.
    pub keys: bool,
}

impl Frame {
    fn new(scene: &Scene, title: String) -> Self {
        let w = scene.words();
        Self {
            w,
            lang: w.lang(),
            nonce: scene.nonce().to_owned(),
            title,
            // The nonce is fresh for each response, and only this browser gets it: its digest names the form.
            once: BASE64_URL_SAFE_NO_PAD
                .encode(<sha2::Sha256 as sha2::Digest>::digest(scene.nonce())),
            here: crate::scene::local_place(scene.place())
                .unwrap_or("/")
                .to_owned(),
            keys: scene.keys(),
        }
    }
}

macro_rules! framed {
    ($shell:ty) => {
        impl std::ops::Deref for $shell {
            type Target = Frame;

            fn deref(&self) -> &Frame {
                &self.frame
            }
        }
    };
}

framed!(PublicShell);
framed!(PatientShell);
framed!(StaffShell);

/// `shell/public.html`: sign-in, refusals, pages for everyone.
pub struct PublicShell {
    frame: Frame,
    /// The clinic's contact, where a clinic is known.
    pub contact: Option<Contact>,
    /// Which look: `on-public`, or the patient's large type.
    pub look: &'static str,
}

impl PublicShell {
    pub(crate) fn new(scene: &Scene, title: String, contact: Option<Contact>) -> Self {
        Self {
            frame: Frame::new(scene, title),
            contact,
            look: match scene.surface() {
                Surface::Patient => "on-patient",
                Surface::Staff | Surface::Admin => "on-public",
            },
        }
    }

    /// The clinic's name, or the program's.
    pub fn clinic(&self) -> &str {
        self.contact
            .as_ref()
            .map_or("onshin", |contact| contact.name.as_str())
    }
}

/// `shell/patient.html`: telephone at the top, the clinic's whole contact at the foot.
pub struct PatientShell {
    frame: Frame,
    /// The clinic's contact: always there.
    pub contact: Contact,
}

impl PatientShell {
    pub(crate) async fn load(
        app: &App,
        scene: &Scene,
        tenant: TenantId,
        title: &str,
    ) -> Result<Self, Problem> {
        let institution = app
            .institution(tenant, scene.now())
            .await
            .ok_or(Problem::Unavailable)?;
        let contact = Contact::of(&institution, scene.words()).ok_or_else(|| {
            Refusal::state(CONTACT, Remedy::CompleteInstitution).because("clinic_contact_empty")
        })?;
        Ok(Self {
            frame: Frame::new(scene, scene.words().say(title).into_owned()),
            contact,
        })
    }

    /// The frame with this contact and no title: what the nightly look at the pages draws.
    pub(crate) fn with(scene: &Scene, contact: Contact) -> Self {
        Self {
            frame: Frame::new(scene, String::new()),
            contact,
        }
    }
}

/// A page of the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// きょう
    Today,
    /// 予約
    Bookings,
    /// 患者
    Patients,
    /// 計画
    Plans,
    /// 書類
    Documents,
    /// 残っていること
    Tasks,
    /// 連携先
    Partners,
    /// 点検表
    Checklist,
    /// 月の見直し
    Months,
    /// 人と機器
    People,
    /// もしもの時
    Incidents,
    /// 公開
    Publishing,
    /// None of the navigation.
    Elsewhere,
}

/// The navigation: section, address, text, and whose set it belongs to. What no route serves, or not for this role, is left out.
const NAVIGATION: &[(Section, &str, &str, &[Role])] = &[
    (
        Section::Today,
        "/today",
        "nav-today",
        &[Role::Physician, Role::Nurse, Role::Reception],
    ),
    (
        Section::Bookings,
        "/bookings",
        "nav-bookings",
        &[Role::Reception],
    ),
    (
        Section::Patients,
        "/patients",
        "nav-patients",
        &[Role::Physician, Role::Reception],
    ),
    (Section::Plans, "/plans", "nav-plans", &[Role::Physician]),
    (
        Section::Documents,
        "/documents",
        "nav-documents",
        &[Role::Physician],
    ),
    (
        Section::Tasks,
        "/tasks",
        "nav-tasks",
        &[Role::Physician, Role::Nurse, Role::Reception],
    ),
    (
        Section::Partners,
        "/partners",
        "nav-partners",
        &[Role::Reception],
    ),
    (
        Section::Checklist,
        "/house/checklist",
        "nav-checklist",
        &[Role::Administrator],
    ),
    (
        Section::Months,
        "/house/months",
        "nav-months",
        &[Role::Administrator],
    ),
    (
        Section::People,
        "/house/people",
        "nav-people",
        &[Role::Administrator],
    ),
    (
        Section::Incidents,
        "/house/incidents",
        "nav-incidents",
        &[Role::Administrator],
    ),
    (
        Section::Publishing,
        "/house/public",
        "nav-publishing",
        &[Role::Administrator],
    ),
];

/// One link of the navigation.
pub struct Link {
    /// Where to.
    pub to: &'static str,
    /// The text's key.
    pub key: &'static str,
    /// Whether the page is part of it.
    pub current: bool,
    /// Whether another role's set begins here.
    pub apart: bool,
}

/// `shell/staff.html`: navigation by role, who is signed in, the cover.
pub struct StaffShell {
    frame: Frame,
    /// The clinic's name.
    pub clinic: String,
    /// The navigation.
    pub nav: Vec<Link>,
    /// Day and time.
    pub clock: String,
    /// The role in use.
    pub role: Role,
    /// The person's name.
    pub name: String,
    /// A demonstration.
    pub demo: bool,
    /// Room on the disk is short: nothing new begins.
    pub scarce: bool,
    /// After how many idle minutes the screen is covered.
    pub cover_minutes: u16,
}

impl StaffShell {
    pub(crate) fn new(
        app: &App,
        scene: &Scene,
        desk: &StaffDesk,
        title: &str,
        section: Section,
        (clinic, cover_minutes): (String, u16),
    ) -> Self {
        Self {
            frame: Frame::new(scene, desk.w.say(title).into_owned()),
            clinic,
            nav: navigation(&desk.roles, section),
            clock: desk.w.day_time(desk.now),
            role: desk.acting,
            name: desk.name.clone(),
            demo: app.settings().demo,
            scarce: app.store().is_scarce(),
            cover_minutes,
        }
    }

    /// The key of the role's name.
    pub fn role_key(&self) -> String {
        format!("role-{}", self.role.as_str())
    }
}

fn navigation(roles: &[Role], section: Section) -> Vec<Link> {
    let mut links: Vec<Link> = Vec::new();
    for (own, to, key, whose) in NAVIGATION {
        let offered = whose.iter().any(|role| roles.contains(role));
        if offered && is_served(to, roles) {
            let house = *whose == [Role::Administrator];
            let apart = house
                && links
                    .last()
                    .is_some_and(|last| !last.to.starts_with("/house"));
            links.push(Link {
                to,
                key,
                current: *own == section,
                apart,
            });
        }
    }
    links
}

/// Whether a page of the staff surface answers there, for one of these roles.
fn is_served(path: &str, roles: &[Role]) -> bool {
    static PAGES: OnceLock<Vec<(&'static str, Audience)>> = OnceLock::new();
    let pages = PAGES.get_or_init(|| {
        surface::table(Surface::Staff)
            .into_iter()
            .filter(|route| *route.method() == Method::GET)
            .map(|route| (route.path(), route.audience()))
            .collect()
    });
    pages.iter().any(|(known, audience)| {
        *known == path && audience.judge(Asker::Staff(roles)) == Verdict::Admitted
    })
}
