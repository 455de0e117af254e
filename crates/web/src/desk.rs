//! The desk a handler works at: who asks, from which device, at what hour. None is had without a caller proved and let in.

use crate::{
    App, Problem,
    caller::{self, Caller},
    cookie::{self, TOKEN_BYTES, Token},
    notice::Contact,
    scene::Scene,
    shell::{PatientShell, PublicShell, Section, StaffShell},
    surface::Surface,
    words::{Lang, Words},
};
use access::{DeviceId, PersonId, Role, SessionId, TenantId, Ulid};
use askama::Template;
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{Html, IntoResponse, Response},
};
use care::{ConsultationId, PatientId, ProxyId};
use jiff::{SignedDuration, Timestamp};
use ledger::{Actor, Entry};
use std::{future::Future, pin::Pin};
use store::{
    By, Fault, Read, Tx,
    session::{Holder, NewSession, Session},
};

/// Someone who works here, at an institution, in a role.
pub struct StaffDesk {
    /// The one instant of this request.
    pub now: Timestamp,
    /// The texts in the reader's language.
    pub w: Words,
    /// The institution.
    pub tenant: TenantId,
    /// The person.
    pub person: PersonId,
    /// The person's name, for screens.
    pub name: String,
    /// Every role held here today.
    pub roles: Vec<Role>,
    /// The role in which this route lets the person act.
    pub acting: Role,
    /// The browser.
    pub device: DeviceId,
    /// The session.
    pub session: SessionId,
    app: App,
    scene: Scene,
    caller: Caller,
}

/// A patient, or the named helper, in one visit.
pub struct PatientDesk {
    /// The one instant of this request.
    pub now: Timestamp,
    /// The texts in the reader's language.
    pub w: Words,
    /// The institution.
    pub tenant: TenantId,
    /// The patient.
    pub patient: PatientId,
    /// The helper (登録代理人) who acts, if it is not the patient.
    pub proxy: Option<ProxyId>,
    /// The visit.
    pub consultation: ConsultationId,
    /// The browser.
    pub device: DeviceId,
    /// The session.
    pub session: SessionId,
    app: App,
    scene: Scene,
    caller: Caller,
}

/// Nobody known.
pub struct AnonymousDesk {
    /// The one instant of this request.
    pub now: Timestamp,
    /// The texts in the reader's language.
    pub w: Words,
    app: App,
    scene: Scene,
    headers: HeaderMap,
}

/// Staff that has proved who it is and may have to choose an institution, unlock, or enrol first.
pub struct WaitingDesk {
    /// The one instant of this request.
    pub now: Timestamp,
    /// The texts in the reader's language.
    pub w: Words,
    /// Where the session is: the installation until an institution is chosen.
    pub tenant: TenantId,
    /// The person.
    pub person: PersonId,
    /// Since when the screen is covered, if it is.
    pub covered: Option<Timestamp>,
    /// The session.
    pub session: SessionId,
    pub(crate) device: DeviceId,
    app: App,
    scene: Scene,
    caller: Caller,
    headers: HeaderMap,
}

/// After this long without an act a browser's screen counts as locked, told or not.
const COVERED_AFTER: SignedDuration = SignedDuration::from_mins(5);

impl FromRequestParts<App> for StaffDesk {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let (scene, caller) = surroundings(parts)?;
        let Caller::Staff(staff) = caller.clone() else {
            return Err(Problem::Denied);
        };
        let acting = staff
            .acting
            .filter(|_| staff.covered.is_none())
            .ok_or(Problem::SignIn)?;
        Ok(Self {
            now: scene.now(),
            w: scene.words(),
            tenant: staff.tenant,
            person: staff.person,
            name: staff.name,
            roles: staff.roles,
            acting,
            device: staff.session.device,
            session: staff.session.id,
            app: app.clone(),
            scene,
            caller,
        })
    }
}

impl FromRequestParts<App> for PatientDesk {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let (scene, caller) = surroundings(parts)?;
        let Caller::Patient(patient) = caller.clone() else {
            return Err(Problem::Denied);
        };
        Ok(Self {
            now: scene.now(),
            w: scene.words(),
            tenant: patient.tenant,
            patient: patient.patient,
            proxy: patient.proxy,
            consultation: patient.consultation,
            device: patient.session.device,
            session: patient.session.id,
            app: app.clone(),
            scene,
            caller,
        })
    }
}

impl FromRequestParts<App> for AnonymousDesk {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let scene = parts
            .extensions
            .get::<Scene>()
            .cloned()
            .ok_or(Problem::Unavailable)?;
        Ok(Self {
            now: scene.now(),
            w: scene.words(),
            app: app.clone(),
            scene,
            headers: parts.headers.clone(),
        })
    }
}

impl FromRequestParts<App> for WaitingDesk {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let (scene, caller) = surroundings(parts)?;
        let Caller::Staff(staff) = caller.clone() else {
            return Err(Problem::Denied);
        };
        Ok(Self {
            now: scene.now(),
            w: scene.words(),
            tenant: staff.tenant,
            person: staff.person,
            covered: staff.covered,
            session: staff.session.id,
            device: staff.session.device,
            app: app.clone(),
            scene,
            caller,
            headers: parts.headers.clone(),
        })
    }
}

/// The gate puts the caller there after it judged the route; without it there is no desk.
fn surroundings(parts: &Parts) -> Result<(Scene, Caller), Problem> {
    let scene = parts
        .extensions
        .get::<Scene>()
        .cloned()
        .ok_or(Problem::Unavailable)?;
    let caller = parts
        .extensions
        .get::<Caller>()
        .cloned()
        .ok_or(Problem::SignIn)?;
    Ok((scene, caller))
}

/// A boxed act on one transaction, as [`store::Store::write`] takes it.
pub type Done<'t, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 't>>;

macro_rules! signed_in {
    ($desk:ty) => {
        impl $desk {
            /// The state of all surfaces: media, settings.
            pub fn app(&self) -> &App {
                &self.app
            }

            /// The nonce that every `<script>` and every element with `hx-*` carries.
            pub fn nonce(&self) -> &str {
                self.scene.nonce()
            }

            /// The reader's language.
            pub fn lang(&self) -> Lang {
                self.w.lang()
            }

            /// A new id.
            pub fn fresh_id(&self) -> Ulid {
                self.app.fresh_id(self.now)
            }

            /// Who acts, for the ledger.
            pub fn actor(&self) -> Actor {
                self.caller.actor()
            }

            /// A ledger entry with actor and device filled in.
            pub fn entry(&self, subject: &'static str, purpose: &'static str) -> Entry {
                Entry::new(subject, self.actor(), purpose).device(self.device.to_string())
            }

            /// Reads one consistent state of this institution. Keep it short.
            ///
            /// # Errors
            ///
            /// Storage failed (503).
            pub async fn read(&self) -> Result<Read, Problem> {
                Ok(self.app.store().read(self.tenant).await?)
            }

            /// Runs one act at this request's instant; answers after its commit.
            ///
            /// # Errors
            ///
            /// What the act returns, or storage failed (503).
            pub async fn write<T, F>(&self, act: F) -> Result<T, Problem>
            where
                F: for<'t> FnOnce(&'t mut Tx) -> Done<'t, T, Problem> + Send + 'static,
                T: Send + 'static,
            {
                self.app.store().write(self.tenant, self.now, act).await
            }

            /// Whether this caller would still be let in: a stream asks it before each block, and ends on no.
            pub async fn is_still_open(&self) -> bool {
                caller::is_still_open(&self.app, self.scene.surface(), &self.caller).await
            }

            /// A page of status 200.
            ///
            /// # Errors
            ///
            /// The template could not be drawn (503).
            pub fn page(&self, template: &impl Template) -> Result<Response, Problem> {
                page(StatusCode::OK, template)
            }

            /// The same page with its form's errors (422).
            ///
            /// # Errors
            ///
            /// The template could not be drawn (503).
            pub fn page_wrong(&self, template: &impl Template) -> Result<Response, Problem> {
                page(StatusCode::UNPROCESSABLE_ENTITY, template)
            }
        }
    };
}

signed_in!(StaffDesk);
signed_in!(PatientDesk);

impl StaffDesk {
    /// The author of an act, as storage takes it.
    pub fn by(&self) -> By {
        By::Person {
            id: self.person,
            role: self.acting,
            device: self.device,
        }
    }

    /// Where the request came from. It is digested, never kept or logged.
    pub(crate) fn client(&self) -> std::net::IpAddr {
        self.scene.client()
    }

    /// Whether a script asks for a block of the page, to put in place of the one there.
    pub(crate) fn wants_page(&self) -> bool {
        self.scene.wants() == crate::scene::Wants::Page
    }

    pub(crate) fn wants_block(&self) -> bool {
        self.scene.wants() == crate::scene::Wants::Block
    }

    /// Whether the person holds a role here today.
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// The frame of a staff page. `title` is the text's key; titles never carry a patient's name.
    ///
    /// # Errors
    ///
    /// Storage failed and the institution is not remembered (503).
    pub async fn shell(&self, title: &str, section: Section) -> Result<StaffShell, Problem> {
        let institution = self.app.institution(self.tenant, self.now).await;
        let cover_minutes = self.app.cover_minutes(self.tenant, self.now).await;
        let clinic = institution
            .as_deref()
            .map(|one| Contact::name_of(one, self.w))
            .unwrap_or_default();
        Ok(StaffShell::new(
            &self.app,
            &self.scene,
            self,
            title,
            section,
            (clinic, cover_minutes),
        ))
    }
}

impl PatientDesk {
    /// Whether a program asks, which is answered with the refusal itself and not with a page.
    pub(crate) fn wants_json(&self) -> bool {
        self.scene.wants() == crate::scene::Wants::Json
    }

    /// The frame of a patient page. It is not to be had without the clinic's name, address, telephone and hours (cl-2.1-i-b).
    ///
    /// # Errors
    ///
    /// One of them is empty (409), or storage failed (503).
    pub async fn shell(&self, title: &str) -> Result<PatientShell, Problem> {
        PatientShell::load(&self.app, &self.scene, self.tenant, title).await
    }
}

impl AnonymousDesk {
    /// The state of all surfaces.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The nonce of this response.
    pub fn nonce(&self) -> &str {
        self.scene.nonce()
    }

    /// The reader's language.
    pub fn lang(&self) -> Lang {
        self.w.lang()
    }

    /// A new id.
    pub fn fresh_id(&self) -> Ulid {
        self.app.fresh_id(self.now)
    }

    /// Where the request came from.
    pub(crate) fn client(&self) -> std::net::IpAddr {
        self.scene.client()
    }

    /// The institution shown to those who have not signed in, where there is one.
    pub fn home(&self) -> Option<TenantId> {
        self.app.settings().home
    }

    /// The frame of a public page.
    pub async fn shell(&self, title: &str) -> PublicShell {
        let institution = match self.home() {
            Some(tenant) => self.app.institution(tenant, self.now).await,
            None => None,
        };
        let contact = institution
            .as_deref()
            .and_then(|one| Contact::of(one, self.w));
        PublicShell::new(&self.scene, self.w.say(title).into_owned(), contact)
    }

    /// The frame of a patient page before sign-in: the landing of a link. Same rule as [`PatientDesk::shell`].
    ///
    /// # Errors
    ///
    /// The contact is not complete (409), or storage failed (503).
    pub async fn patient_shell(
        &self,
        tenant: TenantId,
        title: &str,
    ) -> Result<PatientShell, Problem> {
        self.scene.set_tenant(tenant);
        PatientShell::load(&self.app, &self.scene, tenant, title).await
    }

    /// A page of status 200.
    ///
    /// # Errors
    ///
    /// The template could not be drawn (503).
    pub fn page(&self, template: &impl Template) -> Result<Response, Problem> {
        page(StatusCode::OK, template)
    }

    /// The same page with its form's errors (422).
    ///
    /// # Errors
    ///
    /// The template could not be drawn (503).
    pub fn page_wrong(&self, template: &impl Template) -> Result<Response, Problem> {
        page(StatusCode::UNPROCESSABLE_ENTITY, template)
    }

    /// Fresh tokens for a session that is about to be opened in a transaction.
    ///
    /// # Errors
    ///
    /// The machine gives no entropy (503).
    pub fn ticket(&self) -> Result<Ticket, Problem> {
        Ticket::new(&self.app, self.scene.surface(), &self.headers)
    }

    /// The session cookie's owner, if somebody is signed in after all.
    pub(crate) async fn caller(&self) -> Result<Option<Caller>, Problem> {
        caller::load(&self.app, self.scene.surface(), &self.scene, &self.headers).await
    }
}

impl WaitingDesk {
    /// The state of all surfaces.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Whether a script asks, which reads no page.
    pub(crate) fn wants_json(&self) -> bool {
        self.scene.wants() == crate::scene::Wants::Json
    }

    pub(crate) fn actor(&self) -> Actor {
        self.caller.actor()
    }

    pub(crate) fn entry(&self, subject: &'static str, purpose: &'static str) -> Entry {
        Entry::new(subject, self.actor(), purpose).device(self.device.to_string())
    }

    /// The session as it stands.
    pub(crate) fn held(&self) -> Session {
        *self.caller.session()
    }

    pub(crate) async fn shell(&self, title: &str) -> PublicShell {
        let institution = self.app.institution(self.tenant, self.now).await;
        let contact = institution
            .as_deref()
            .and_then(|one| Contact::of(one, self.w));
        PublicShell::new(&self.scene, self.w.say(title).into_owned(), contact)
    }

    pub(crate) fn ticket(&self) -> Result<Ticket, Problem> {
        Ticket::new(&self.app, self.scene.surface(), &self.headers)
    }
}

/// Draws a page.
///
/// # Errors
///
/// The template could not be drawn (503).
pub fn page(status: StatusCode, template: &impl Template) -> Result<Response, Problem> {
    Ok((status, Html(template.render()?)).into_response())
}

/// Answers an act: on to a place of this surface (303).
pub fn go(to: &str) -> Response {
    let to = HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response()
}

/// The tokens of a session to open. What storage keeps of them goes into the transaction, the rest into cookies.
pub struct Ticket {
    surface: Surface,
    session: Token,
    device: Token,
    kind: &'static str,
}

/// What a transaction needs of a [`Ticket`].
#[derive(Clone, Copy)]
pub struct Stub {
    surface: Surface,
    session_hash: [u8; 32],
    device_hash: [u8; 32],
    kind: &'static str,
}

impl Ticket {
    fn new(app: &App, surface: Surface, headers: &HeaderMap) -> Result<Self, Problem> {
        let session = app.random::<TOKEN_BYTES>().ok_or(Problem::Unavailable)?;
        let fresh = app.random::<TOKEN_BYTES>().ok_or(Problem::Unavailable)?;
        Ok(Self {
            surface,
            session: Token::new(session),
            device: cookie::device(surface, headers).unwrap_or_else(|| Token::new(fresh)),
            kind: kind(headers),
        })
    }

    /// What goes into the transaction.
    pub fn stub(&self) -> Stub {
        Stub {
            surface: self.surface,
            session_hash: self.session.hash(),
            device_hash: self.device.hash(),
            kind: self.kind,
        }
    }

    /// Gives the browser its cookies, once the session is committed.
    #[must_use]
    pub fn hand_over(&self, tenant: TenantId, mut response: Response) -> Response {
        let cookies = [
            cookie::set_session(self.surface, tenant, &self.session),
            cookie::set_device(self.surface, &self.device),
        ];
        for cookie in cookies.into_iter().flatten() {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }
}

impl Stub {
    /// The device of this browser at the transaction's institution, made known if it is new.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn device(self, tx: &mut Tx) -> Result<DeviceId, Fault> {
        tx.keep_device(self.surface.as_str(), &self.device_hash, self.kind)
            .await
    }

    /// Opens the session and writes `session.opened` with the factors that proved the caller.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn open(
        self,
        tx: &mut Tx,
        holder: Holder,
        actor: Actor,
        factors: &'static str,
    ) -> Result<SessionId, Fault> {
        let device = self.device(tx).await?;
        let new = NewSession {
            surface: self.surface.as_str(),
            token_hash: self.session_hash,
            device,
            holder,
        };
        if let Holder::Person(person) = holder {
            // Whoever comes back by signing in anew was away as much as whoever unlocks (cl-2.1-v).
            let away = tx.last_act_on(person, device).await?;
            let since = away.and_then(|at| at.checked_add(COVERED_AFTER).ok());
            if let Some(since) = since {
                tx.unlock_work_period(&By::System, person, (device, since))
                    .await?;
            }
        }
        let session = tx.open_session(&new).await?;
        let entry = Entry::new("session.opened", actor, "care")
            .device(device.to_string())
            .object("session", session.to_string())
            .field("method", factors)
            .field("surface", self.surface.as_str());
        tx.record(entry).await?;
        Ok(session)
    }
}

/// What kind of device the browser says it runs on: a hint for people, nothing rests on it.
fn kind(headers: &HeaderMap) -> &'static str {
    let agent = headers
        .get(header::USER_AGENT)
        .and_then(|agent| agent.to_str().ok())
        .unwrap_or_default();
    if agent.contains("iPad") || agent.contains("Tablet") {
        "tablet"
    } else if agent.contains("Mobi") || agent.contains("Android") {
        "phone"
    } else {
        "computer"
    }
}
