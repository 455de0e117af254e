//! The gate before each handler: rate, who asks, who may, once only, and the limits of the route.

use crate::{
    App, Problem,
    caller::{self, Caller},
    route::{Route, Rule},
    scene::Scene,
    surface::Surface,
};
use access::policy::Verdict;
use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::MethodRouter,
};
use care::agreement::Giver;
use tower_http::limit::RequestBodyLimitLayer;

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
    let gated = handler
        .route_layer(RequestBodyLimitLayer::new(rule.body_bytes_max))
        .route_layer(middleware::from_fn_with_state(gate, pass));
    (path, gated)
}

async fn pass(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    match enter(&gate, request).await {
        Ok(request) => run(&gate, request, next).await,
        Err(problem) => problem.into_response(),
    }
}

/// Lets a request in, with its caller in its extensions, or says why not.
async fn enter(gate: &Gate, mut request: Request) -> Result<Request, Problem> {
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
        return Ok(request);
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
            request.extensions_mut().insert(caller);
            Ok(request)
        }
        (Verdict::SignIn, Some(caller)) => Err(caller.way_back()),
        (Verdict::Denied, Some(caller)) => {
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
