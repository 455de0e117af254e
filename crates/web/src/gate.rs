//! The gate before each handler: rate, who asks, who may, once only, and the limits of the route.

use crate::{
    App, Problem,
    caller::{self, Caller},
    desk::go,
    form,
    notice::Contact,
    route::{Route, Rule},
    scene::{Scene, Wants},
    shell::PublicShell,
    signin::kept,
    surface::Surface,
    text,
};
use access::policy::Verdict;
use axum::{
    body::{Body, HttpBody as _, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, Method},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::MethodRouter,
};
use care::{Refusal, agreement::Giver};
use http_body_util::LengthLimitError;

#[derive(Clone)]
pub(crate) struct Gate {
    app: App,
    surface: Surface,
    rule: Rule,
}

/// The handler of a route behind its gate.
pub(crate) fn gated(
    surface: Surface,
    app: &App,
    route: Route,
) -> (&'static str, MethodRouter<App>) {
    let path = route.path();
    let (handler, rule) = route.into_parts();
    let gate = Gate {
        app: app.clone(),
        surface,
        rule,
    };
    let gated = handler.route_layer(middleware::from_fn_with_state(gate, pass));
    (path, gated)
}

async fn pass(State(gate): State<Gate>, mut request: Request, next: Next) -> Response {
    match enter(&gate, &mut request).await {
        Ok(()) => {}
        Err(Problem::Covered) => return covered(&gate, request).await,
        Err(problem) => return problem.into_response(),
    }
    match arrived(request, gate.rule).await {
        Ok(request) => run(&gate, request, next).await,
        Err(problem) => problem.into_response(),
    }
}

/// The screen was covered while somebody wrote: a form's fields are carried through the page that asks who it is.
async fn covered(gate: &Gate, request: Request) -> Response {
    let scene = request.extensions().get::<Scene>().cloned();
    let Some(scene) = scene.filter(|scene| scene.wants() == Wants::Page) else {
        return Problem::Covered.into_response();
    };
    if *request.method() != Method::POST {
        return Problem::Covered.into_response();
    }
    let written = tokio::time::timeout(gate.rule.time_max, kept::read(request)).await;
    let Ok(Some(written)) = written else {
        let page = form::encode(&text::page_of(scene.path()));
        return go(&format!("/unlock?to={page}"));
    };
    let institution = match scene.tenant() {
        Some(tenant) => gate.app.institution(tenant, scene.now()).await,
        None => None,
    };
    let w = scene.words();
    let contact = institution.as_deref().and_then(|one| Contact::of(one, w));
    let title = w.say("unlock-title").into_owned();
    kept::interrupted(PublicShell::new(&scene, title, contact), w, written)
}

/// Lets a request in, with its caller in its extensions, or says why not.
async fn enter(gate: &Gate, request: &mut Request) -> Result<(), Problem> {
    let Gate { app, surface, rule } = gate;
    let scene = request
        .extensions()
        .get::<Scene>()
        .cloned()
        .ok_or(Problem::Unavailable)?;
    if rule.audience == access::policy::Audience::Anyone {
        app.limiter()
            .take(scene.client(), rule.pace, scene.now())
            .map_err(Problem::from)?;
        return Ok(());
    }
    let caller = caller::load(app, *surface, &scene, request.headers()).await?;
    if let Some(tenant) = caller.as_ref().and_then(Caller::tenant) {
        scene.set_tenant(tenant);
    }
    let asker = caller
        .as_ref()
        .map_or(access::policy::Asker::Anonymous, Caller::asker);
    match (rule.audience.judge(asker), caller) {
        (Verdict::Admitted, Some(caller)) => {
            if rule.counts_as_act && caller.is_open() {
                caller::acted(app, &caller, scene.now());
            }
            let caller = caller.acting_as(rule.audience);
            scene.set_caller(caller.clone());
            if rule.begins && app.store().is_scarce() {
                return Err(Problem::Scarce);
            }
            request.extensions_mut().insert(caller);
            Ok(())
        }
        (Verdict::SignIn, Some(caller)) => Err(caller.way_back()),
        (Verdict::Denied, Some(caller)) => {
            if let Some(clause) = rule.reserved {
                // The clause speaks, and its refusal is the entry.
                scene.set_caller(caller);
                return Err(Refusal::physicians_only(clause).into());
            }
            caller::deny(app, &caller, rule.path, scene.now()).await;
            Err(Problem::Denied)
        }
        (Verdict::Admitted | Verdict::SignIn | Verdict::Denied, None) => {
            Err(wrong_actor(gate, &scene, request.headers()).await?)
        }
    }
}

/// Why somebody without a session of this surface is not let in: nobody, or staff who would speak for a patient.
async fn wrong_actor(gate: &Gate, scene: &Scene, headers: &HeaderMap) -> Result<Problem, Problem> {
    let Some(clause) = gate.rule.patients_word else {
        return Ok(Problem::SignIn);
    };
    let staff = caller::load(&gate.app, Surface::Staff, scene, headers).await?;
    let Some(Caller::Staff(staff)) = staff else {
        return Ok(Problem::SignIn);
    };
    let refused = Giver::Staff(staff.person).speaks_for_patient(clause);
    scene.set_tenant(staff.tenant);
    scene.set_caller(Caller::Staff(staff));
    Ok(refused.map_or_else(Problem::from, |()| Problem::SignIn))
}

/// Takes in what was sent, within the bounds of the route: what reads it after this neither waits nor finds it too long.
async fn arrived(request: Request, rule: Rule) -> Result<Request, Problem> {
    if *request.method() != Method::POST {
        return Ok(request);
    }
    let (parts, body) = request.into_parts();
    let said = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if said > rule.body_bytes_max {
        return Err(Problem::TooLarge);
    }
    let body = tokio::time::timeout(rule.time_max, to_bytes(body, rule.body_bytes_max))
        .await
        .map_err(|_| Problem::Slow)?
        .map_err(|fault| {
            let long = fault.into_inner().is::<LengthLimitError>();
            if long {
                Problem::TooLarge
            } else {
                Problem::Malformed
            }
        })?;
    Ok(Request::from_parts(parts, Body::from(body)))
}

async fn run(gate: &Gate, request: Request, next: Next) -> Response {
    let time_max = gate.rule.time_max;
    let app = gate.app.clone();
    let work = async move {
        if *request.method() == Method::POST {
            app.once().run(request, next).await
        } else {
            next.run(request).await
        }
    };
    tokio::time::timeout(time_max, work)
        .await
        .unwrap_or_else(|_| Problem::Unavailable.into_response())
}
