//! Why lines of a log are not asked again.

/// Why a line is not asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Skipped {
    /// Its method writes, or sends mails.
    Writes,
    /// A POST whose parameters stood in its body.
    Body,
    /// HEAD, OPTIONS and others.
    Verb,
    /// A method that stays with PHP.
    Php,
    /// Another part of the site.
    Other,
    /// More or longer variables than are taken, or a `json` that is no text.
    Malformed,
    /// No request in it.
    Unreadable,
    /// Rarer than others of its endpoint, of which enough are asked.
    Limit,
    /// More different ones of its endpoint than are kept came before it.
    Excess,
}

impl Skipped {
    /// Its name in JSON and in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Writes => "writes",
            Self::Body => "body",
            Self::Verb => "verb",
            Self::Php => "php",
            Self::Other => "other",
            Self::Malformed => "malformed",
            Self::Unreadable => "unreadable",
            Self::Limit => "limit",
            Self::Excess => "excess",
        }
    }

    /// The same in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Writes => "of methods that write; never sent",
            Self::Body => "POST with its parameters in the body, which no log has",
            Self::Verb => "neither GET nor POST",
            Self::Php => "of methods that stay with PHP",
            Self::Other => "of other parts of the site",
            Self::Malformed => "with parameters that cannot be read",
            Self::Unreadable => "without a request",
            Self::Limit => "rarer than those asked; --limit",
            Self::Excess => "behind so many different ones of their endpoint that no more are kept",
        }
    }
}
