//! Names of things: ULIDs with a type each, so that no two can be confused.

/// Makes one kind of id: a newtype over a ULID, written as its 26 characters.
#[macro_export]
macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $crate::Ulid);

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Display::fmt(&self.0, f)
            }
        }

        impl ::core::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl ::core::str::FromStr for $name {
            type Err = $crate::NotAnId;

            fn from_str(text: &str) -> Result<Self, $crate::NotAnId> {
                $crate::Ulid::from_string(text).map(Self).map_err(|_| $crate::NotAnId)
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = <::std::borrow::Cow<'de, str> as ::serde::Deserialize>::deserialize(from)?;
                text.parse().map_err(::serde::de::Error::custom)
            }
        }
    };
}

/// The text is not the 26 characters of a ULID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnId;

impl std::fmt::Display for NotAnId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not an id")
    }
}

impl std::error::Error for NotAnId {}

id! {
    /// One institution (医療機関): the owner of patients, charts and a ledger.
    TenantId
}

id! {
    /// One natural person who works here, across all institutions of the installation.
    PersonId
}

id! {
    /// One browser, known by its device cookie.
    DeviceId
}

id! {
    /// One signed-in stretch of time on one device.
    SessionId
}

impl TenantId {
    /// The pseudo-institution whose ledger holds what concerns the installation as a whole.
    pub const INSTALLATION: Self = Self(crate::Ulid::nil());
}
