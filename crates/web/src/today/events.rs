//! `/today/events`: the board drawn anew when something was written, for as long as the opened page covers it.

use super::board::{Asked, Board, Looker};
use crate::{App, Problem, StaffDesk, words::Words};
use access::TenantId;
use askama::Template;
use axum::{
    http::{HeaderMap, header},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use jiff::{SignedDuration, Timestamp};
use std::{convert::Infallible, time::Duration};
use store::{By, Fault};

/// How often the size of the ledger is asked.
const POLL: Duration = Duration::from_secs(3);
/// Minutes of waiting grow without anything written.
const REDRAW: SignedDuration = SignedDuration::from_secs(30);
/// So long an opened page covers its fragments; then the browser asks again, with an entry of its own.
const COVERED: SignedDuration = SignedDuration::from_mins(15);

#[derive(Template)]
#[template(path = "today/board.html")]
struct Fragment {
    w: Words,
    board: Board,
    once: String,
}

struct Watch {
    app: App,
    tenant: TenantId,
    by: By,
    looker: Looker,
    asked: Asked,
    once: String,
    since: Timestamp,
    size: i64,
    drawn: Timestamp,
    recorded: bool,
}

pub(super) async fn stream(
    desk: StaffDesk,
    asked: Asked,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let streams = headers.get_all(header::ACCEPT).iter().any(|kind| {
        kind.to_str()
            .is_ok_and(|kind| kind.contains("text/event-stream"))
    });
    if !streams {
        // Whoever asks for no stream gets the block once.
        let board = Board::load(
            &mut *desk.read().await?,
            &Looker::of(&desk),
            asked,
            desk.now,
        )
        .await?;
        crate::patients::opened(&desk, "today", board.patients()).await?;
        let once = desk
            .shell("today-title", crate::shell::Section::Today)
            .await?
            .once
            .clone();
        return desk.page(&Fragment {
            w: desk.w,
            board,
            once,
        });
    }
    let size = desk.read().await?.ledger_size().await?;
    let shell = desk
        .shell("today-title", crate::shell::Section::Today)
        .await?;
    let watch = Watch {
        app: desk.app().clone(),
        tenant: desk.tenant,
        by: desk.by(),
        looker: Looker::of(&desk),
        asked,
        once: shell.once.clone(),
        since: desk.now,
        size,
        drawn: desk.now,
        recorded: false,
    };
    let events = futures_util::stream::unfold(watch, |mut watch| async move {
        loop {
            tokio::time::sleep(POLL).await;
            match watch.look().await {
                Ok(Look::Nothing) => {}
                Ok(Look::Drawn(html)) => {
                    return Some((Ok::<_, Infallible>(Event::default().data(html)), watch));
                }
                Ok(Look::Over) => return None,
                Err(fault) => {
                    // The page says how old it is; the browser comes back by itself.
                    tracing::warn!(problem = fault.kind(), "the board's stream ends");
                    return None;
                }
            }
        }
    });
    Ok(Sse::new(events)
        .keep_alive(KeepAlive::default())
        .into_response())
}

enum Look {
    Nothing,
    Drawn(String),
    Over,
}

impl Watch {
    async fn look(&mut self) -> Result<Look, Problem> {
        let now = self.app.now();
        if now.duration_since(self.since) >= COVERED {
            return Ok(Look::Over);
        }
        let mut read = self.app.store().read(self.tenant).await?;
        let size = read.ledger_size().await?;
        if size == self.size && now.duration_since(self.drawn) < REDRAW {
            return Ok(Look::Nothing);
        }
        // Whoever lost the role sees nothing more.
        if read.memberships(self.looker.person, now).await?.is_empty() {
            return Ok(Look::Over);
        }
        let board = Board::load(&mut read, &self.looker, self.asked, now).await?;
        drop(read);
        self.size = size;
        self.drawn = now;
        if !self.recorded {
            let (by, patients) = (self.by, board.patients());
            self.app
                .store()
                .write::<(), Fault, _>(self.tenant, now, move |tx| {
                    Box::pin(async move {
                        crate::patients::keep_opened(tx, &by, "today", &patients).await
                    })
                })
                .await?;
            self.recorded = true;
        }
        let fragment = Fragment {
            w: self.looker.w,
            board,
            once: self.once.clone(),
        };
        Ok(Look::Drawn(fragment.render()?))
    }
}
