//! Why a command ended early: said in both languages, with the exit code that scripts can rely on.

use crate::tell::{Both, warn};
use std::{fmt::Display, path::Path, process::ExitCode};
use store::{Fault, OpenError};

/// Nothing can be done until somebody mends what is said.
const REFUSED: u8 = 2;

/// What stopped a command, one message or several.
#[derive(Debug)]
pub(crate) struct Outcome(Vec<Both>);

impl Outcome {
    pub(crate) fn new(ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self(vec![Both::new(ja, en)])
    }

    pub(crate) const fn all(messages: Vec<Both>) -> Self {
        Self(messages)
    }

    /// A file or folder could not be used.
    pub(crate) fn file(path: &Path, why: &std::io::Error) -> Self {
        let path = path.display();
        Self::new(
            format!("{path} を使えません: {why}"),
            format!("{path} cannot be used: {why}"),
        )
    }

    /// Something is missing that the machine itself should give.
    pub(crate) fn machine(why: impl Display) -> Self {
        Self::new(
            format!("この機械では動けません: {why}"),
            format!("this machine cannot run it: {why}"),
        )
    }

    /// Says it, and gives the exit code.
    pub(crate) fn say(self) -> ExitCode {
        for message in self.0 {
            warn(message);
        }
        ExitCode::from(REFUSED)
    }

    /// The messages, for a list of others.
    pub(crate) fn into_messages(self) -> Vec<Both> {
        self.0
    }
}

impl From<Fault> for Outcome {
    fn from(fault: Fault) -> Self {
        Self::new(
            format!("データベースが応えません: {fault}"),
            format!("the database does not answer: {fault}"),
        )
    }
}

impl From<OpenError> for Outcome {
    fn from(error: OpenError) -> Self {
        let ja = match &error {
            OpenError::WrongKey => {
                "この master.key は、このデータベースの鍵ではありません。控えの鍵を使ってください。"
                    .to_owned()
            }
            OpenError::KeyIsOpen(path) => {
                format!(
                    "{} をほかの人が読めます。chmod 600 をしてください。",
                    path.display()
                )
            }
            OpenError::InUse => {
                "ほかの onshin がデータベースを使っています。終わってから、もう一度してください。".to_owned()
            }
            OpenError::NotAKey(path) => format!("{} は master.key ではありません。", path.display()),
            OpenError::Newer(_) => {
                "データベースが、このプログラムより新しい版のものです。新しいプログラムを使ってください。"
                    .to_owned()
            }
            OpenError::Older(_) => {
                "データベースが、このプログラムより古い版のものです。onshin serve を一度動かしてください。".to_owned()
            }
            OpenError::Changed(_)
            | OpenError::Collation(_)
            | OpenError::Database(_)
            | OpenError::File(..) => format!("データベースを開けません: {error}"),
        };
        Self::new(ja, error.to_string())
    }
}
