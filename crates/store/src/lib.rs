//! Everything that is kept: SQLite or PostgreSQL behind one SQL text, sealed content, and the ledger in the same commit.
//!
//! Only this crate writes SQL, and nothing enters the ledger except through it.

mod acute;
pub mod adherence;
pub mod agreement;
pub mod aid;
pub mod appointment;
pub mod background;
mod by;
pub mod call;
pub mod chart;
pub mod chat;
mod companion;
pub mod consultation;
pub mod contraception;
pub mod course;
mod derived;
pub mod device;
pub mod door;
pub mod dossier;
pub mod draft;
mod engine;
mod first_visit;
pub mod guidance;
pub mod house;
pub mod identity;
mod in_person;
pub mod institution;
pub mod invitation;
pub mod joint;
pub mod judgement;
pub mod licence;
pub mod linkage;
pub mod list;
mod newest;
pub mod notice;
pub mod onward;
pub mod outbox;
pub mod paper;
pub mod partner;
pub mod partner_confirmed;
pub mod pathway;
pub mod patient;
pub mod person;
pub mod phone;
pub mod physician;
pub mod place_list;
pub mod plan;
pub mod preconsultation;
pub mod prescription;
mod proposal;
pub mod published;
mod reach;
pub mod reader;
pub mod readiness;
pub mod refused;
pub mod request;
mod rota;
mod row;
pub mod session;
pub mod sheet;
pub mod site;
pub mod smoking;
pub mod staff_entry;
pub mod standing;
pub mod statement;
pub mod summary;
pub mod surgery;
pub mod symptom;
pub mod task;
mod team;
mod text;
pub mod trial;

pub use by::By;
pub use text::{LegalText, NewText, StandardPlan};

pub use engine::{
    Against, Conn, Consistency, Database, Doubt, Due, Fault, Inclusion, Logged, MasterKey,
    NewStamp, NotExcluded, OpenError, Read, Reader, Report, Settings, Stamping, Stamps, Standing,
    Store, Tx, Verified, digits, normal, plain, rotate_master_key, verify, verify_against,
};
