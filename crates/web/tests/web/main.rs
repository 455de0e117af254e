//! The three surfaces over HTTP, in process: one binary, one module for each subject.
//! `cfg(test)` tells clippy that these modules are tests.

#[cfg(test)]
mod after_first;
#[cfg(test)]
mod chat;
#[cfg(test)]
mod consultation;
#[cfg(test)]
mod consultation_desk;
#[cfg(test)]
mod consultation_live;
#[cfg(test)]
mod consultation_seed;
#[cfg(test)]
mod consultation_stale;
#[cfg(test)]
mod contraception;
#[cfg(test)]
mod crowd;
#[cfg(test)]
mod evidence;
#[cfg(test)]
mod guidance;
#[cfg(test)]
mod handed;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod house;
#[cfg(test)]
mod identity;
#[cfg(test)]
mod information;
#[cfg(test)]
mod intake;
#[cfg(test)]
mod joint;
#[cfg(test)]
mod keepsake;
#[cfg(test)]
mod kept;
#[cfg(test)]
mod lock;
#[cfg(test)]
mod lost;
#[cfg(test)]
mod notice;
#[cfg(test)]
mod onward;
#[cfg(test)]
mod pictures;
#[cfg(test)]
mod places;
#[cfg(test)]
mod plan_will;
#[cfg(test)]
mod plans;
#[cfg(test)]
mod preconsultation;
#[cfg(test)]
mod prescribing;
#[cfg(test)]
mod reads;
#[cfg(test)]
mod reception;
#[cfg(test)]
mod records;
#[cfg(test)]
mod rota;
#[cfg(test)]
mod scarce;
#[cfg(test)]
mod signin;
#[cfg(test)]
mod smoking;
#[cfg(test)]
mod support;
#[cfg(test)]
mod surfaces;
#[cfg(test)]
mod surgery;
#[cfg(test)]
mod symptoms;
#[cfg(test)]
mod tasks;
#[cfg(test)]
mod team;
#[cfg(test)]
mod tenants;
#[cfg(test)]
mod texts;
#[cfg(test)]
mod unbooked;
#[cfg(test)]
mod visit;
#[cfg(test)]
mod visit_way;
#[cfg(test)]
mod ward;
#[cfg(test)]
mod wired;
