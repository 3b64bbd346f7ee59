//! A parameter of an endpoint, and those that steer every method.

/// A parameter of an endpoint.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name; in angle brackets where the caller chooses names.
    pub name: &'static str,
    /// Whether the method answers an error without it.
    pub required: bool,
    /// What it is, in a sentence.
    pub about: &'static str,
    /// How it is written.
    pub kind: Kind,
    /// A value; `name=value` where the caller chooses names.
    pub example: &'static str,
}

/// How a parameter is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// A whole number above zero.
    Number,
    /// An e-mail address.
    Email,
    /// A web address.
    Url,
    /// What must not be shown to others: it belongs into a body, since addresses end up in logs.
    Secret,
    /// One of some words.
    Choice(&'static [&'static str]),
    /// `name[key]=value`, as often as wanted.
    Map,
    /// Parameters whose names the caller chooses.
    Any,
}

/// One without which the method answers an error.
#[must_use]
pub const fn needs(name: &'static str, about: &'static str, example: &'static str) -> Parameter {
    Parameter { name, required: true, about, kind: Kind::Text, example }
}

/// One that may be left out.
#[must_use]
pub const fn takes(name: &'static str, about: &'static str, example: &'static str) -> Parameter {
    Parameter { name, required: false, about, kind: Kind::Text, example }
}

impl Parameter {
    /// Written in that way.
    #[must_use]
    pub const fn kind(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }
}

/// Says that a call without TLS is meant; of the controllers `user` and `auth` alone.
pub const INSECURE: Parameter = takes(
    "insecure",
    "`cool` confirms that the call may go without TLS; needed where it did not come over TLS.",
    "cool",
)
.kind(Kind::Choice(&["cool"]));

/// What steers every method; the first that is given of dev, redirect and callback wins.
pub const STEERING: &[Parameter] = &[
    takes("dev", "Any value: indented, as `text/plain`, status 200.", "1"),
    takes("redirect", "302 to that address of the site itself, with `status=` added.", "/thanks/"),
    takes("redirect_ok", "302 to that address if all went well.", "/welcome/"),
    takes("redirect_error", "302 to that address after an error.", "/sorry/"),
    takes(
        "callback",
        "JSONP: `callback({…})`, status 200; an identifier path of at most 128 characters.",
        "show",
    ),
    takes(
        "json_encode_options",
        "PHP's bits: 1 2 4 8 hex escapes, 16 lists as objects, 32 numeric text as numbers, 64 plain slashes, 128 \
         pretty, 256 plain unicode.",
        "192",
    )
    .kind(Kind::Number),
    takes("json_unescaped_unicode", "Any value: non-ASCII text as it is.", "1"),
];
