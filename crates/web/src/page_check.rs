//! The nightly look at what patients see: whose page it is, and whom to ask (cl-2.1-i-b).
//!
//! Each page is drawn by its own frame, with the settings as they stand in storage, and searched for the contact. What
//! stands in the middle of a page changes nothing of it; that every page of the way extends this frame is a test.

use crate::{
    Problem, Surface,
    notice::Contact,
    preconsultation::{names_terms, terms_shown},
    scene::Scene,
    shell::PatientShell,
    words::{Lang, Words},
};
use askama::Template;
use axum::http::{HeaderMap, Uri};
use care::preconsultation::Terms;
use jiff::Timestamp;
use std::net::{IpAddr, Ipv4Addr};
use store::institution::Institution;

/// The pages that must show the contact, and the message that leads to them.
pub const PAGES: [&str; 5] = ["booking", "waiting", "live", "visit-notice", "message"];

#[derive(Template)]
#[template(path = "visit/frame.html")]
struct Frame {
    shell: PatientShell,
}

/// Which of the pages do not show name, address, telephone and hours.
///
/// # Errors
///
/// A template could not be drawn.
pub fn without_contact(
    institution: Option<&Institution>,
    now: Timestamp,
) -> Result<Vec<&'static str>, Problem> {
    let mut hidden = Vec::new();
    for page in PAGES {
        let shown = match institution {
            None => false,
            Some(one) if page == "message" => {
                !one.phone.trim().is_empty() && !one.name.trim().is_empty()
            }
            Some(one) => frame_shows(one, now)?,
        };
        if !shown {
            hidden.push(page);
        }
    }
    Ok(hidden)
}

fn frame_shows(institution: &Institution, now: Timestamp) -> Result<bool, Problem> {
    let Some(contact) = Contact::of(institution, Words::of(Lang::Ja)) else {
        return Ok(false);
    };
    let scene = Scene::new(
        Surface::Patient,
        now,
        String::new(),
        &Uri::from_static("/"),
        &HeaderMap::new(),
        IpAddr::V4(Ipv4Addr::LOCALHOST),
    );
    let html = Frame {
        shell: PatientShell::with(&scene, contact.clone()),
    }
    .render()?;
    shows(&html, &contact)
}

/// One text as a page writes it.
#[derive(Template)]
#[template(source = "{{ text }}", ext = "html")]
struct Part<'t> {
    text: &'t str,
}

/// Whether a drawn page says all four.
fn shows(html: &str, contact: &Contact) -> Result<bool, Problem> {
    for text in [
        &contact.name,
        &contact.address,
        &contact.phone,
        &contact.hours,
        &contact.complaint.phone,
        &contact.disclosure.phone,
    ] {
        if !html.contains(&Part { text }.render()?) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Which of the pages on pre-consultations do not show fee and limits: our own, and what the clinic's own site answered.
///
/// # Errors
///
/// A template could not be drawn.
pub fn without_terms(terms: &Terms, external: Option<&str>) -> Result<Vec<&'static str>, Problem> {
    let [own, site] = store::preconsultation::PAGES;
    let mut hidden = Vec::new();
    if !terms_shown(terms, Words::of(Lang::Ja))? {
        hidden.push(own);
    }
    if !terms.external.is_empty() && !external.is_some_and(|html| names_terms(html, terms)) {
        hidden.push(site);
    }
    Ok(hidden)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clinic() -> Institution {
        Institution {
            name: "見本みずうみクリニック".into(),
            address: "長野県みほん郡みずうみ町1-2".into(),
            phone: "00-1234-5678".into(),
            hours: "月〜土 8:30〜18:00".into(),
            name_en: String::new(),
            address_en: String::new(),
            hours_en: String::new(),
            code: String::new(),
            online_care_notified: true,
            desks: store::institution::Desks::default(),
        }
    }

    #[test]
    fn cl_2_1_i_b_a_page_that_hides_the_contact_is_found() {
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(
            without_contact(Some(&clinic()), now).ok(),
            Some(Vec::<&str>::new())
        );
        let nameless = Institution {
            phone: String::new(),
            ..clinic()
        };
        assert_eq!(
            without_contact(Some(&nameless), now).ok(),
            Some(PAGES.to_vec())
        );
        assert_eq!(without_contact(None, now).ok(), Some(PAGES.to_vec()));
        let contact = Contact::of(&clinic(), Words::of(Lang::Ja)).unwrap();
        assert!(
            !shows("<footer>見本みずうみクリニック</footer>", &contact).is_ok_and(|shown| shown)
        );
    }
}
