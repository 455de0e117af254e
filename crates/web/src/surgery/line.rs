//! `/surgery/lines/{line}/{side}`: left open at a site, it measures the way to this server and back once a minute.
//!
//! The server measures: it marks an answer with the instant it was sent, and takes the time until the mark comes back. A browser
//! can only make that longer. No figure is ever taken from a form.

use super::Me;
use crate::{
    At, Problem, StaffDesk,
    shell::{Section, StaffShell},
    words::Words,
};
use askama::Template;
use axum::{extract::Query, response::Response};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use care::{
    attended::Side,
    surgery::{Content, EntryId},
};
use jiff::Timestamp;
use serde::Deserialize;
use store::Conn;

#[derive(Template)]
#[template(path = "surgery/line.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    address: String,
    line: String,
    /// Key of the text of the side.
    side: String,
    limit: u32,
    hours: usize,
    worst: Option<u32>,
}

#[derive(Template)]
#[template(path = "surgery/probe.html")]
struct Probe {
    w: Words,
    nonce: String,
    /// Where the mark goes back to; none once it came back.
    echo: Option<String>,
    delay_ms: Option<i64>,
    over: bool,
    at: String,
}

/// `?echo=`: the mark of an answer of ours.
#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    echo: String,
}

async fn line(conn: &mut Conn, id: EntryId, side: &str) -> Result<(String, u32, Side), Problem> {
    let side = Side::parse(side).ok_or(Problem::NotFound)?;
    let entry = conn
        .surgery_entries()
        .await?
        .into_iter()
        .find(|entry| entry.id == id)
        .ok_or(Problem::NotFound)?;
    match entry.content {
        Content::Network {
            name, delay_ms_max, ..
        } => Ok((name, delay_ms_max, side)),
        Content::Guideline { .. } | Content::Site { .. } => Err(Problem::NotFound),
    }
}

pub(super) async fn show(
    desk: StaffDesk,
    At((id, side)): At<(EntryId, String)>,
) -> Result<Response, Problem> {
    let mut read = desk.read().await?;
    let (name, limit, side) = line(&mut read, id, &side).await?;
    let probes = read.surgery_probes(id, desk.now).await?;
    drop(read);
    let own: Vec<u32> = probes
        .iter()
        .filter(|hour| hour.side == side)
        .map(|hour| hour.worst_ms)
        .collect();
    desk.page(&Page {
        shell: desk
            .shell("surgery-probe-title", Section::Elsewhere)
            .await?,
        w: desk.w,
        address: format!("/surgery/lines/{id}/{}/probe", side.as_str()),
        line: name,
        side: format!("joint-side-{}", side.as_str()),
        limit,
        hours: own.len(),
        worst: own.into_iter().max(),
    })
}

/// What a mark is bound to: this line, this side, this browser, and the instant.
fn bound(id: EntryId, side: Side, desk: &StaffDesk, sent: i64) -> String {
    format!("{id} {} {} {sent}", side.as_str(), desk.device)
}

pub(super) async fn probe(
    desk: StaffDesk,
    At((id, side)): At<(EntryId, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let mut read = desk.read().await?;
    let (_, limit, side) = line(&mut read, id, &side).await?;
    if asked.echo.is_empty() {
        let sent = desk.app().now().as_microsecond();
        let mark = read.lookup_hash("surgery_probe", &bound(id, side, &desk, sent));
        drop(read);
        return desk.page(&Probe {
            w: desk.w,
            nonce: desk.nonce().to_owned(),
            echo: Some(format!(
                "/surgery/lines/{id}/{}/probe?echo={sent}.{}",
                side.as_str(),
                BASE64_URL_SAFE_NO_PAD.encode(mark)
            )),
            delay_ms: None,
            over: false,
            at: String::new(),
        });
    }
    let (sent, mark) = asked.echo.split_once('.').ok_or(Problem::Malformed)?;
    let sent: i64 = sent.parse().map_err(|_| Problem::Malformed)?;
    let own = read.lookup_hash("surgery_probe", &bound(id, side, &desk, sent));
    drop(read);
    if BASE64_URL_SAFE_NO_PAD.encode(own) != mark {
        return Err(Problem::Malformed);
    }
    let sent = Timestamp::from_microsecond(sent).map_err(|_| Problem::Malformed)?;
    let delay = i64::try_from(desk.now.duration_since(sent).as_millis()).unwrap_or(i64::MAX);
    let me = Me::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move { Ok(tx.keep_surgery_probe(&me.by, (id, side), delay).await?) })
    })
    .await?;
    desk.page(&Probe {
        w: desk.w,
        nonce: desk.nonce().to_owned(),
        echo: None,
        delay_ms: Some(delay),
        over: delay > i64::from(limit),
        at: desk.w.day_time(desk.now),
    })
}
