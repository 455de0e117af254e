//! `/visit/events`: what the patient's pages hear from the server, as server-sent events.
//!
//! Without a name: what goes into the block that the page names (its inside: the stream keeps the element it began with).
//! `admit`: the waiting page becomes the call; it says what stands over the picture. `moved`: the page is not where the
//! visit is any more, or this browser is not. `call-ended`: the call page goes on.

use super::{
    after, call, opened,
    step::{Asking, Case, Step},
    wait,
};
use crate::{PatientDesk, Problem, bell::Listener};
use askama::Template as _;
use axum::{
    extract::Query,
    response::{
        IntoResponse, Response,
        sse::{Event, Sse},
    },
};
use futures_util::stream;
use serde::Deserialize;
use std::{collections::VecDeque, convert::Infallible, time::Duration};

/// How often storage is asked when nothing was heard from this node.
const LOOK_EVERY: Duration = Duration::from_millis(1_500);
/// A stream ends after so many looks, and the browser opens the next: about five minutes.
const LOOKS_MAX: u32 = 200;
/// A comment keeps proxies from closing a quiet stream.
const ALIVE_EVERY: u32 = 10;

/// For which page.
#[derive(Clone, Copy, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum At {
    #[default]
    Wait,
    Call,
    After,
}

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    at: At,
}

struct Watch {
    desk: PatientDesk,
    asking: Asking,
    rings: Listener,
    at: At,
    looks: u32,
    drawn: String,
    queue: VecDeque<Event>,
    over: bool,
}

pub(super) async fn stream(
    desk: PatientDesk,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let watch = Watch {
        asking: Asking::of(&desk),
        // Listening begins before the first look: what happens between the two is heard.
        rings: desk.app().bell().listen(desk.consultation),
        desk,
        at: asked.at,
        looks: 0,
        drawn: String::new(),
        queue: VecDeque::new(),
        over: false,
    };
    let events = stream::unfold(watch, |mut watch| async move {
        watch
            .next()
            .await
            .map(|event| (Ok::<_, Infallible>(event), watch))
    });
    Ok(Sse::new(events).into_response())
}

impl Watch {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.queue.pop_front() {
                return Some(event);
            }
            if self.over || self.looks >= LOOKS_MAX {
                return None;
            }
            if self.looks > 0 {
                // Either is a reason to look.
                let _ = tokio::time::timeout(LOOK_EVERY, self.rings.rung()).await;
            }
            self.looks += 1;
            if self.look().await.is_err() {
                // Storage is away: the stream ends, and the browser asks again by itself.
                return None;
            }
            if self.queue.is_empty() && self.looks % ALIVE_EVERY == 1 {
                return Some(Event::default().comment(""));
            }
        }
    }

    async fn look(&mut self) -> Result<(), Problem> {
        self.asking.now = self.desk.app().now();
        if !self.desk.is_still_open().await {
            // Another browser took the visit over, or it was closed: this one cannot tell which.
            self.last_word("moved");
            return Ok(());
        }
        let mut read = self.desk.read().await?;
        let case = Case::load(&mut read, &self.asking).await?;
        let step = case.next();
        let signs = self.desk.app().signs();
        signs.note(self.desk.consultation, self.asking.now);
        match self.at {
            At::Wait if step == Step::Wait => {
                let place = wait::place(
                    &mut read,
                    &case.booking.consultation,
                    &case,
                    self.desk.w,
                    self.asking.now,
                )
                .await?;
                self.draw(place.render()?);
            }
            At::Call if step == Step::Call => {
                drop(read);
                self.draw(call::people(&self.desk, &case).await.render()?);
            }
            At::After if step == Step::After => {
                let told = after::told(&mut read, &case, self.desk.w).await?;
                let done = told.documented();
                drop(read);
                if done {
                    // The note comes to a page that was opened before there was one.
                    opened(&self.desk, "after").await?;
                    after::sheet_shown(&self.desk, &case, &told).await?;
                }
                self.draw(told.render()?);
                self.over = done;
            }
            At::Wait if step == Step::Call => {
                let over = call::mark(&case, self.desk.w, self.asking.now);
                self.queue
                    .push_back(Event::default().event("admit").data(over));
                self.over = true;
            }
            At::Wait | At::Call | At::After => self.end(),
        }
        Ok(())
    }

    fn draw(&mut self, html: String) {
        if html != self.drawn {
            self.queue.push_back(Event::default().data(&html));
            self.drawn = html;
        }
    }

    fn end(&mut self) {
        let name = if self.at == At::Call {
            "call-ended"
        } else {
            "moved"
        };
        self.last_word(name);
    }

    /// The last word of a stream.
    fn last_word(&mut self, name: &str) {
        self.queue.push_back(Event::default().event(name).data("."));
        self.over = true;
    }
}
