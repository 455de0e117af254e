//! Turns the reviewed data under `guidelines/` into constants, so that a misspelt clause does not compile.

use serde::Deserialize;
use std::{env, error::Error, fmt::Write as _, fs, path::Path};

#[derive(Deserialize)]
struct Catalogue {
    clause: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    id: String,
    source: String,
    section: String,
    ja: String,
    en: String,
    duty_of: Vec<String>,
    applies: String,
    kind: String,
    module: String,
    milestone: String,
    evidence_with: Vec<String>,
    behaviour: String,
    evidence: String,
    attack: String,
    retention: String,
    desirable: bool,
}

#[derive(Deserialize)]
struct Explanations {
    edition: String,
    item: Vec<Item>,
    agreement: Vec<Item>,
    plan: Vec<Item>,
    guidance: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    key: String,
    title_ja: String,
    title_en: String,
    body_ja: String,
    body_en: String,
}

#[derive(Deserialize)]
struct Symptoms {
    edition: String,
    source: String,
    sign: Vec<Sign>,
}

#[derive(Deserialize)]
struct Sign {
    key: String,
    ja: String,
    en: String,
    verified: bool,
}

#[derive(Deserialize)]
struct Unfit {
    edition: String,
    source: String,
    group: Vec<Group>,
    symptom: Vec<Symptom>,
}

#[derive(Deserialize)]
struct Group {
    key: String,
    ja: String,
    en: String,
}

#[derive(Deserialize)]
struct Symptom {
    key: String,
    group: String,
    ja: String,
    en: String,
    physician: String,
    urgent: bool,
    source: String,
    verified: bool,
    #[serde(default)]
    child: bool,
}

#[derive(Deserialize)]
struct Chat {
    edition: String,
    source: String,
    word: Vec<Word>,
}

#[derive(Deserialize)]
struct Word {
    key: String,
    words: Vec<String>,
    urgent: bool,
    verified: bool,
}

#[derive(Deserialize)]
struct Documents {
    edition: String,
    source: String,
    document: Vec<Document>,
}

#[derive(Deserialize)]
struct Document {
    key: String,
    ja: String,
    en: String,
    photo: bool,
    words: bool,
    inspect_ja: String,
    inspect_en: String,
    verified: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../../guidelines");
    println!("cargo::rerun-if-changed={}", root.display());

    let mut rows = Vec::new();
    for name in ["guidelines.toml", "checklist.toml"] {
        let file: Catalogue = toml::from_str(&fs::read_to_string(root.join(name))?)?;
        rows.extend(file.clause);
    }
    rows.sort_by(|a, b| a.id.cmp(&b.id));

    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("clauses.rs"), clauses(&rows)?)?;
    let explanations: Explanations =
        toml::from_str(&fs::read_to_string(root.join("explanations.toml"))?)?;
    fs::write(
        Path::new(&out).join("explanations.rs"),
        self::explanations(&explanations)?,
    )?;
    let symptoms: Symptoms = toml::from_str(&fs::read_to_string(root.join("urgent.toml"))?)?;
    fs::write(Path::new(&out).join("urgent.rs"), urgent(&symptoms)?)?;
    let unfit: Unfit = toml::from_str(&fs::read_to_string(root.join("symptoms.toml"))?)?;
    fs::write(Path::new(&out).join("symptoms.rs"), self::unfit(&unfit)?)?;
    let chat: Chat = toml::from_str(&fs::read_to_string(root.join("chat.toml"))?)?;
    fs::write(Path::new(&out).join("chat.rs"), self::chat(&chat)?)?;
    let documents: Documents = toml::from_str(&fs::read_to_string(root.join("documents.toml"))?)?;
    fs::write(
        Path::new(&out).join("documents.rs"),
        self::documents(&documents)?,
    )?;
    Ok(())
}

fn clauses(rows: &[Row]) -> Result<String, Box<dyn Error>> {
    let mut out = String::from("const CLAUSES: &[ClauseText] = &[");
    for row in rows {
        write!(
            out,
            "ClauseText {{ id: {:?}, source: {:?}, section: {:?}, ja: {:?}, en: {:?}, duty_of: &{:?}, applies: {:?}, \
             kind: Kind::{}, module: {:?}, milestone: {:?}, evidence_with: &{:?}, behaviour: {:?}, evidence: {:?}, \
             attack: {:?}, retention: {:?}, desirable: {} }},",
            row.id,
            row.source,
            row.section,
            row.ja,
            row.en,
            row.duty_of,
            row.applies,
            kind(&row.kind)?,
            row.module,
            row.milestone,
            row.evidence_with,
            row.behaviour,
            row.evidence,
            row.attack,
            row.retention,
            row.desirable,
        )?;
    }
    out.push_str("];");
    Ok(out)
}

fn kind(word: &str) -> Result<&'static str, String> {
    match word {
        "enforced" => Ok("Enforced"),
        "evidenced" => Ok("Evidenced"),
        "attested" => Ok("Attested"),
        other => Err(format!("no such kind of clause: {other}")),
    }
}

fn explanations(file: &Explanations) -> Result<String, Box<dyn Error>> {
    let mut out = format!(
        "/// Edition of the seed texts.\npub const EDITION: &str = {:?};",
        file.edition
    );
    for (name, doc, items) in [
        (
            "ITEMS",
            "What is explained before the agreement, in order.",
            &file.item,
        ),
        (
            "AGREEMENTS",
            "What is agreed to, one text per kind, in order.",
            &file.agreement,
        ),
        (
            "PLAN",
            "The standard draft of a care plan: its nine items, in order.",
            &file.plan,
        ),
        (
            "GUIDANCE",
            "What patients are told of the place they are in.",
            &file.guidance,
        ),
    ] {
        write!(out, "/// {doc}\npub const {name}: &[SeedText] = &[")?;
        for item in items {
            write!(
                out,
                "SeedText {{ key: {:?}, title_ja: {:?}, title_en: {:?}, body_ja: {:?}, body_en: {:?} }},",
                item.key,
                item.title_ja,
                item.title_en,
                item.body_ja.trim(),
                item.body_en.trim()
            )?;
        }
        out.push_str("];");
    }
    Ok(out)
}

fn urgent(file: &Symptoms) -> Result<String, Box<dyn Error>> {
    let mut out = format!(
        "/// Edition of the list of urgent signs.\npub const EDITION: &str = {:?};\n/// Where the list comes from.\npub const SOURCE: &str = {:?};\n/// The signs, in the order asked.\npub const SIGNS: &[UrgentSign] = &[",
        file.edition, file.source
    );
    for sign in &file.sign {
        write!(
            out,
            "UrgentSign {{ key: {:?}, ja: {:?}, en: {:?}, verified: {} }},",
            sign.key, sign.ja, sign.en, sign.verified
        )?;
    }
    out.push_str("];");
    Ok(out)
}

/// A row of a group that nobody declared, or a key twice, stops the build: it would never be asked.
fn unfit(file: &Unfit) -> Result<String, Box<dyn Error>> {
    let mut out = format!(
        "/// Edition of the list.\npub const EDITION: &str = {:?};\n/// Where the list comes from.\npub const SOURCE: &str = {:?};\n/// The groups, in the order asked.\npub const GROUPS: &[Group] = &[",
        file.edition, file.source
    );
    for group in &file.group {
        write!(
            out,
            "Group {{ key: {:?}, ja: {:?}, en: {:?} }},",
            group.key, group.ja, group.en
        )?;
    }
    out.push_str("];\n/// The symptoms, in the order asked.\npub const SYMPTOMS: &[Symptom] = &[");
    for (at, row) in file.symptom.iter().enumerate() {
        if !file.group.iter().any(|group| group.key == row.group) {
            return Err(format!("{}: no such group: {}", row.key, row.group).into());
        }
        if file
            .symptom
            .iter()
            .skip(at + 1)
            .any(|other| other.key == row.key)
        {
            return Err(format!("{} stands twice", row.key).into());
        }
        write!(
            out,
            "Symptom {{ key: {:?}, group: {:?}, ja: {:?}, en: {:?}, physician: {:?}, urgent: {}, source: {:?}, \
             verified: {}, child: {} }},",
            row.key,
            row.group,
            row.ja,
            row.en,
            row.physician,
            row.urgent,
            row.source,
            row.verified,
            row.child,
        )?;
    }
    out.push_str("];");
    Ok(out)
}

fn documents(file: &Documents) -> Result<String, Box<dyn Error>> {
    let mut out = format!(
        "/// Edition of the list of documents.\npub const EDITION: &str = {:?};\n/// Where the list comes from.\npub const SOURCE: &str = {:?};\n/// The kinds, in the order offered.\npub const KINDS: &[DocumentKind] = &[",
        file.edition, file.source
    );
    for kind in &file.document {
        write!(
            out,
            "DocumentKind {{ key: {:?}, ja: {:?}, en: {:?}, photo: {}, words: {}, inspect_ja: {:?}, inspect_en: {:?}, verified: {} }},",
            kind.key,
            kind.ja,
            kind.en,
            kind.photo,
            kind.words,
            kind.inspect_ja,
            kind.inspect_en,
            kind.verified
        )?;
    }
    out.push_str("];");
    Ok(out)
}

fn chat(file: &Chat) -> Result<String, Box<dyn Error>> {
    let mut out = format!(
        "/// Edition of the list.\npub const EDITION: &str = {:?};\n/// Where the list comes from.\npub const SOURCE: &str = {:?};\n/// The rows.\npub const WORDS: &[BodyWord] = &[",
        file.edition, file.source
    );
    for row in &file.word {
        write!(
            out,
            "BodyWord {{ key: {:?}, words: &{:?}, urgent: {}, verified: {} }},",
            row.key, row.words, row.urgent, row.verified
        )?;
    }
    out.push_str("];");
    Ok(out)
}
