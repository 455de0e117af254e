//! `/house/texts`: the texts of explanation and agreement, by version; published only with every mandatory block.

use crate::{
    At, Errors, Form, Problem, StaffDesk,
    desk::go,
    difference::{self, Mark},
    form::encode,
    notice::GUIDED,
    shell::{Section, StaffShell},
    words::{Lang, Words},
};
use askama::Template;
use axum::response::Response;
use care::{
    Refusal, Remedy,
    explanation::{Block, publishable},
};
use guideline::{
    explanation::{AGREEMENTS, GUIDANCE, ITEMS, PLAN, SeedText},
    urgent::SIGNS,
};
use store::{LegalText, NewText, guidance};

/// Longest heading, in characters.
const TITLE_CHARS_MAX: usize = 100;
/// Longest text, in characters.
const BODY_CHARS_MAX: usize = 4_000;

/// The texts as they are delivered.
const SEEDS: [&[SeedText]; 4] = [ITEMS, AGREEMENTS, PLAN, GUIDANCE];

#[derive(Template)]
#[template(path = "house/texts.html")]
struct List {
    shell: StaffShell,
    w: Words,
    texts: Vec<LegalText>,
}

impl List {
    fn seeds_stand(&self) -> bool {
        self.texts.iter().any(is_seed)
    }
}

#[derive(Template)]
#[template(path = "house/text.html")]
struct One {
    shell: StaffShell,
    w: Words,
    errors: Errors,
    typed: Form,
    text: LegalText,
    /// What the version in force changed against the one before it, in the reader's language.
    difference: Vec<(Mark, String)>,
}

async fn all(desk: &StaffDesk) -> Result<Vec<LegalText>, Problem> {
    let mut read = desk.read().await?;
    let mut texts = read.texts("explanation").await?;
    texts.extend(read.texts("agreement").await?);
    texts.extend(read.texts("plan").await?);
    texts.extend(read.texts(guidance::KIND).await?);
    Ok(texts)
}

/// How many of the words that patients decide by nobody has reviewed: texts as delivered, and urgent signs.
pub(super) async fn unreviewed(desk: &StaffDesk) -> Result<usize, Problem> {
    let signs = SIGNS.iter().filter(|sign| !sign.verified).count();
    let texts = all(desk).await?;
    Ok(texts.iter().filter(|text| is_seed(text)).count() + signs)
}

pub(super) async fn list(desk: StaffDesk) -> Result<Response, Problem> {
    let texts = all(&desk).await?;
    desk.page(&List {
        shell: desk.shell("house-texts-title", Section::Publishing).await?,
        w: desk.w,
        texts,
    })
}

pub(super) async fn show(
    desk: StaffDesk,
    At((kind, tag)): At<(String, String)>,
) -> Result<Response, Problem> {
    let text = find(&desk, word(&kind)?, &tag).await?;
    let typed = [
        ("title_ja", &text.title_ja),
        ("title_en", &text.title_en),
        ("body_ja", &text.body_ja),
        ("body_en", &text.body_en),
    ]
    .map(|(name, value)| format!("{name}={}", encode(value)))
    .join("&");
    desk.page(
        &page(
            &desk,
            Errors::default(),
            Form::parse(typed.as_bytes())?,
            text,
        )
        .await?,
    )
}

/// Publishes a version, in substance (everybody is asked anew) or in wording.
pub(super) async fn publish(
    desk: StaffDesk,
    At((kind, tag)): At<(String, String)>,
    form: Form,
) -> Result<Response, Problem> {
    let kind = word(&kind)?;
    let text = find(&desk, kind, &tag).await?;
    let mut reading = form.reading();
    let (body_ja, body_en) = (
        reading.maybe("body_ja", BODY_CHARS_MAX).unwrap_or_default(),
        reading.maybe("body_en", BODY_CHARS_MAX).unwrap_or_default(),
    );
    let titles = (
        reading.need("title_ja", TITLE_CHARS_MAX),
        reading.need("title_en", TITLE_CHARS_MAX),
    );
    let in_substance = match form.text("change") {
        "substance" => true,
        "wording" => false,
        _ => {
            reading.wrong("change", "field-empty");
            false
        }
    };
    let block = Block {
        tag: tag.clone(),
        ja: body_ja,
        en: body_en,
    };
    if kind == "explanation" {
        // What would stand after the publication: every mandatory block, in both languages (cl-1.1-iv-a, cl-1.1-iv-b).
        let blocks: Vec<Block> = desk
            .read()
            .await?
            .texts(kind)
            .await?
            .into_iter()
            .map(|known| {
                if known.tag == tag {
                    block.clone()
                } else {
                    Block {
                        tag: known.tag,
                        ja: known.body_ja,
                        en: known.body_en,
                    }
                }
            })
            .collect();
        publishable(&blocks)?;
    }
    // No message and no page goes out without it (cl-2.2-ii-b).
    if kind == guidance::KIND && (block.ja.is_empty() || block.en.is_empty()) {
        return Err(Refusal::content(GUIDED, Remedy::CompleteText)
            .because("guidance_missing")
            .into());
    }
    for (field, body) in [("body_ja", &block.ja), ("body_en", &block.en)] {
        if body.is_empty() {
            reading.wrong(field, "field-empty");
        }
    }
    let errors = reading.errors();
    if !errors.is_empty() {
        return desk.page_wrong(&page(&desk, errors, form, text).await?);
    }
    let new = NewText {
        kind,
        block,
        titles,
        in_substance,
    };
    let by = desk.by();
    desk.write(move |tx| Box::pin(async move { Ok(tx.publish_text(&by, &new).await?) }))
        .await?;
    Ok(go("/house/texts"))
}

/// Whether the text still stands as it was delivered. Nobody who knows the law or the trade has reviewed those words
/// (要確認), so the page says it wherever a clinic decides about them.
pub(super) fn is_seed(text: &LegalText) -> bool {
    SEEDS
        .iter()
        .flat_map(|seeds| seeds.iter())
        .any(|seed| seed.key == text.tag && seed.body_ja.trim() == text.body_ja.trim())
}

fn word(kind: &str) -> Result<&'static str, Problem> {
    ["explanation", "agreement", "plan", guidance::KIND]
        .into_iter()
        .find(|known| *known == kind)
        .ok_or(Problem::NotFound)
}

async fn find(desk: &StaffDesk, kind: &'static str, tag: &str) -> Result<LegalText, Problem> {
    let texts = desk.read().await?.texts(kind).await?;
    texts
        .into_iter()
        .find(|known| known.tag == tag)
        .ok_or(Problem::NotFound)
}

async fn page(
    desk: &StaffDesk,
    errors: Errors,
    typed: Form,
    text: LegalText,
) -> Result<One, Problem> {
    let before = desk.read().await?.text_before(&text).await?;
    let difference = before
        .map(|(ja, en)| match desk.lang() {
            Lang::Ja => difference::lines(&ja, &text.body_ja),
            Lang::En => difference::lines(&en, &text.body_en),
        })
        .unwrap_or_default();
    Ok(One {
        difference,
        shell: desk.shell("house-texts-title", Section::Publishing).await?,
        w: desk.w,
        errors,
        typed,
        text,
    })
}
