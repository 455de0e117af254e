//! `/g/{token}`: what the patient holds on the way to care in person: whom to call, what to watch, and a summary to print for
//! whoever sees the patient next. The link alone shows nothing: the birth date opens it, and each opening is logged.

use crate::{AnonymousDesk, At, Form, Problem, shell::PatientShell, visit::link, words::Words};
use access::TenantId;
use askama::Template;
use axum::response::Response;
use care::{
    patient::birth_date,
    referral::{Guidance, Guide, Reach},
};
use store::{By, Fault, Read, linkage::KeptGuidance};

#[derive(Template)]
#[template(path = "onward/ask.html")]
struct Ask {
    shell: PatientShell,
    w: Words,
    token: String,
    wrong: bool,
}

#[derive(Template)]
#[template(path = "onward/guide.html")]
struct Page {
    shell: PatientShell,
    w: Words,
    /// Whom to call: name, telephone, hours.
    reach: (String, String, String),
    symptoms: String,
    summary: String,
    until: String,
    clinic: String,
    physician: String,
    made: String,
}

/// The guidance behind a link that has not ended.
async fn behind(
    desk: &AnonymousDesk,
    token: &str,
) -> Result<(TenantId, Read, KeptGuidance), Problem> {
    let (tenant, secret) = link::decode(token).ok_or(Problem::NotFound)?;
    let mut read = match desk.app().store().read(tenant).await {
        Err(Fault::UnknownTenant) => return Err(Problem::NotFound),
        other => other?,
    };
    let kept = read
        .guidance_behind(&secret, desk.now)
        .await?
        .ok_or(Problem::NotFound)?;
    Ok((tenant, read, kept))
}

pub(super) async fn ask(desk: AnonymousDesk, At(token): At<String>) -> Result<Response, Problem> {
    let (tenant, _, _) = behind(&desk, &token).await?;
    let page = asked(&desk, tenant, token, false).await?;
    desk.page(&page)
}

async fn asked(
    desk: &AnonymousDesk,
    tenant: TenantId,
    token: String,
    wrong: bool,
) -> Result<Ask, Problem> {
    Ok(Ask {
        shell: desk.patient_shell(tenant, "guide-page-title").await?,
        w: desk.w,
        token,
        wrong,
    })
}

pub(super) async fn show(
    desk: AnonymousDesk,
    At(token): At<String>,
    form: Form,
) -> Result<Response, Problem> {
    let (tenant, mut read, kept) = behind(&desk, &token).await?;
    let said = birth_date(
        form.text("era"),
        form.text("year"),
        form.text("month"),
        form.text("day"),
    );
    let patient = read.patient(kept.patient).await?.ok_or(Problem::NotFound)?;
    if said != Some(patient.profile.birth) {
        return desk.page_wrong(&asked(&desk, tenant, token, true).await?);
    }
    let Guidance::Needed(guide) = &kept.answer else {
        return Err(Problem::NotFound);
    };
    let page = page(&desk, tenant, &mut read, (&kept, guide)).await?;
    drop(read);
    desk.app()
        .store()
        .write::<(), Problem, _>(tenant, desk.now, move |tx| {
            Box::pin(async move { Ok(tx.keep_guidance_shown(&By::System, &kept).await?) })
        })
        .await?;
    desk.page(&page)
}

async fn page(
    desk: &AnonymousDesk,
    tenant: TenantId,
    read: &mut Read,
    (kept, guide): (&KeptGuidance, &Guide),
) -> Result<Page, Problem> {
    let own = read.institution().await?.ok_or(Problem::NotFound)?;
    let reach = match guide.reach {
        Reach::Own => Some((own.name.clone(), own.phone.clone(), own.hours.clone())),
        Reach::Partner(id) => read
            .partners()
            .await?
            .into_iter()
            .find(|partner| partner.id == id)
            .map(|partner| (partner.name, partner.phone, partner.hours)),
    };
    let physician = match read.consultation(kept.visit).await? {
        Some(booking) => read
            .name_of(booking.consultation.physician)
            .await?
            .unwrap_or_default(),
        None => String::new(),
    };
    Ok(Page {
        shell: desk.patient_shell(tenant, "guide-page-title").await?,
        w: desk.w,
        reach: reach.unwrap_or((own.name.clone(), own.phone, own.hours)),
        symptoms: guide.symptoms.clone(),
        summary: guide.summary.clone(),
        until: desk.w.date(guide.until),
        clinic: own.name,
        physician,
        made: desk.w.day_time(kept.answered),
    })
}
