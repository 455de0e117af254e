//! Short messages by an HTTP gateway: `POST` of `{"id", "to", "text"}` as JSON with a bearer token.
//!
//! Every provider in Japan has a form of its own (要確認): the operator puts a few lines between, or asks us for a port.

use super::Taken;
use crate::{config::Sms, outcome::Outcome, remote::Remote};
use hyper::{HeaderMap, header, header::HeaderValue};
use store::outbox::Sent;

/// Digits of a telephone number that can take a message, without the country.
const DIGITS_MIN: usize = 9;
/// The country of numbers that begin with a nought.
const COUNTRY: &str = "+81";

/// A gateway.
pub(super) struct Gateway {
    remote: Remote,
    headers: HeaderMap,
}

impl Gateway {
    pub(super) fn new(set: &Sms) -> Result<Self, Outcome> {
        let file = &set.token_file;
        let token = std::fs::read_to_string(file).map_err(|why| Outcome::file(file, &why))?;
        let mut bearer =
            HeaderValue::from_str(&format!("Bearer {}", token.trim())).map_err(Outcome::machine)?;
        bearer.set_sensitive(true);
        Ok(Self {
            remote: Remote::new(&set.url).map_err(Outcome::machine)?,
            headers: HeaderMap::from_iter([
                (header::AUTHORIZATION, bearer),
                (
                    header::CONTENT_TYPE,
                    HeaderValue::from_static("application/json"),
                ),
            ]),
        })
    }

    pub(super) async fn take(&self, sent: &Sent) -> Taken {
        let Some(to) = international(&sent.message.to) else {
            return Taken::GivenBack("no_such_number");
        };
        let body = serde_json::json!({
            "id": sent.id.to_string(),
            "to": to,
            "text": sent.message.text,
        });
        let answer = self
            .remote
            .post(self.headers.clone(), body.to_string())
            .await;
        match answer.map(|answer| answer.status().as_u16()) {
            Ok(200..=299) => Taken::Yes,
            // The gateway read it and will not take it: no such number, or no such form.
            Ok(400 | 404 | 410 | 422) => Taken::GivenBack("no_such_number"),
            Ok(status) => {
                tracing::warn!(status, "the SMS gateway takes no message now");
                Taken::NotNow
            }
            Err(why) => {
                tracing::warn!(why, "the SMS gateway cannot be reached");
                Taken::NotNow
            }
        }
    }
}

/// A number as gateways take it (E.164).
fn international(number: &str) -> Option<String> {
    let number = number.trim();
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    if digits.len() < DIGITS_MIN {
        return None;
    }
    if number.starts_with('+') {
        return Some(format!("+{digits}"));
    }
    digits
        .strip_prefix('0')
        .map(|rest| format!("{COUNTRY}{rest}"))
}

#[cfg(test)]
mod tests {
    use super::international;

    #[test]
    fn numbers_are_sent_with_their_country() {
        for (number, sent) in [
            ("0011112222", Some("+81011112222")),
            ("00-1111-2222", Some("+81011112222")),
            ("+81 90 0000 0000", Some("+819000000000")),
            ("110", None),
            ("9000000000", None),
            ("", None),
        ] {
            assert_eq!(international(number).as_deref(), sent, "{number}");
        }
    }
}
