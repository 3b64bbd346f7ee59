//! The texts, users, options and earlier comments that are tried.

use serde_json::Value;

const FUZZED: &str = include_str!("../../../fixtures/vectors/fuzzed-6.8.8.json");

/// A comment that is there before.
#[derive(Clone, Copy)]
pub struct Prior {
    pub user: &'static str,
    pub author: &'static str,
    pub email: &'static str,
    pub content: &'static str,
    pub approved: &'static str,
    /// Seconds.
    pub age: u32,
}

const OF_READER: Prior = Prior {
    user: "reader",
    author: "reader",
    email: "reader@example.org",
    content: "earlier",
    approved: "1",
    age: 90_000,
};

/// One comment to be written twice.
pub struct Case {
    pub user: &'static str,
    pub content: String,
    pub agent: &'static str,
    pub options: Vec<(&'static str, &'static str)>,
    pub prior: Vec<Prior>,
}

pub fn case(content: impl Into<String>) -> Case {
    Case { user: "reader", content: content.into(), agent: "App/1.0", options: Vec::new(), prior: Vec::new() }
}

impl Case {
    fn by(mut self, user: &'static str) -> Self {
        self.user = user;
        self
    }

    fn from(mut self, agent: &'static str) -> Self {
        self.agent = agent;
        self
    }

    fn set(mut self, name: &'static str, value: &'static str) -> Self {
        self.options.push((name, value));
        self
    }

    fn after(mut self, prior: Prior) -> Self {
        self.prior.push(prior);
        self
    }
}

/// Texts whose links count, are marked, or are none.
const TEXTS: &[&str] = &[
    "plain",
    "  blanks around\n",
    "It's \"q\" \\ \\' \\\\ 日本 😀 &amp; & &bogus; &#128; &#x80;",
    "<script>alert(1)</script><b>ok</b><i>open",
    "<a href=\"http://e.org\" onclick=\"x()\" rel=\"me\">one</a>",
    "<a href='javascript:alert(1)'>x</a> <A HREF=//e.org>y</A>",
    "<a href=\"http://127.0.0.1:8080/x\">own</a> <a href=\"/rel\">rel</a>",
    "<a href=\"mailto:a@b.example\">m</a> <a name=\"x\">n</a> <a>o</a>",
    "http://a.org",
    "http://a.org http://b.org",
    "see (http://a.org/x_(y)), http://b.org.",
    "\"http://a.org\" 'http://b.org' [http://c.org]",
    "www.a.org ftp.b.org",
    "xwww.a.org -www.b.org",
    "www.a.org, www.b.org; mail me@e.example",
    "me@e.example you@e.example",
    "<code>http://a.org http://b.org</code>",
    "<pre>http://a.org</pre> http://b.org",
    "<a href=\"http://a.org\">http://a.org</a>",
    "<a href=\"http://a.org\">go http://b.org</a>",
    "http://a.org<b>http://b.org</b>http://c.org",
    "!http://a.org;http://b.org:http://c.org",
    "ssh://a.org gopher://b.org foo://c.org",
    "http://[::1]/x http://user:pw@a.org/",
    "http://a.org/).jpg http://b.org/(x",
    "<blockquote cite=\"x\">q</blockquote><q>w</q><del datetime=\"1\">d</del><u>u</u><img src=x onerror=y>",
    "<!-- c --><!-- <b>x</b> --></ b><!x>",
    "a < b > c << d >> e",
    "<span class=\"wp-note-mention user-3 evil\">s</span>",
    "1) 3x4 -- \"quoted\" ... (c) :) :-D --- 'tis",
    "line\n\nbreak\r\nmore <br> <p>para</p>",
];

/// Words that hold a comment back, with texts that do and do not have them.
const WORDS: &[(&str, &str)] = &[
    ("casino", "a CASINO here"),
    ("casino\r\n poker ", "play Poker"),
    ("0\n\n", "a 0 b"),
    ("über", "ÜBER alles"),
    ("СПАМ", "это спам"),
    ("it's", "it's it"),
    ("127.0.0", "plain"),
    ("app/1", "plain"),
    ("reader@", "plain"),
    ("READ", "plain"),
    ("href", "www.a.org"),
    ("nofollow", "<a href=\"http://e.org\">x</a>"),
    ("b=6", "plain"),
    ("a.c", "abc"),
    ("#[x", "a #[X] b"),
    ("vi<b></b>agra", "viagra"),
    ("viagra", "vi<b></b>agra"),
    ("alert(", "<script>alert(1)</script>"),
    ("script", "<script>x</script>y"),
    ("onclick", "<b onclick=x>y</b>"),
];

pub fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = TEXTS.iter().map(|text| case(*text)).collect();
    cases.extend(TEXTS.iter().map(|text| case(*text).set("comment_max_links", "1")));
    for user in ["boss", "admin", "writer", "nobody", "it.s me"] {
        cases.extend(TEXTS.iter().skip(2).take(5).map(|text| case(*text).by(user)));
    }
    for (words, text) in WORDS {
        cases.push(case(*text).set("moderation_keys", words));
        cases.push(case(*text).set("disallowed_keys", words));
        cases.push(case(*text).set("disallowed_keys", words).by("boss"));
    }
    let other = Prior { user: "", ..OF_READER };
    let trusted = |case: Case| case.set("comment_previously_approved", "1");
    cases.extend([
        trusted(case("x")),
        trusted(case("x")).after(OF_READER),
        trusted(case("x")).after(Prior { approved: "0", ..OF_READER }),
        trusted(case("x")).after(Prior { approved: "spam", ..OF_READER }),
        trusted(case("x")).after(other),
        trusted(case("x")).after(OF_READER).set("moderation_keys", "nothing"),
        trusted(case("x")).by("writer"),
        trusted(case("x")).by("boss"),
        case("x").set("comment_moderation", "1"),
        case("x").set("comment_moderation", "1").by("boss"),
        case("x").set("comment_moderation", "yes"),
        case("x").set("comment_max_links", "0"),
        case("x").set("comment_max_links", ""),
        // Duplicates and floods.
        case("earlier").after(OF_READER),
        case("EARLIER").after(OF_READER),
        case("earlier ").after(OF_READER),
        case("earlier").after(Prior { approved: "trash", ..OF_READER }),
        case("earlier").after(Prior { approved: "spam", ..OF_READER }),
        case("earlier").after(Prior { email: "x@example.org", ..OF_READER }),
        case("earlier").by("boss").after(OF_READER),
        case("<b>earlier</b><script>").after(Prior { content: "<b>earlier</b>", ..OF_READER }),
        case("a & b").after(Prior { content: "a &amp; b", ..OF_READER }),
        case("a & b").after(Prior { content: "a & b", ..OF_READER }),
        case("x").after(Prior { age: 3, ..OF_READER }),
        case("x").after(Prior { age: 60, ..OF_READER }),
        case("x").after(Prior { age: 3, user: "", ..OF_READER }),
        case("x").after(Prior { age: 3, email: "", ..OF_READER }),
        case("x").after(Prior { age: 3, approved: "trash", ..OF_READER }),
        case("x").after(Prior { age: 3, user: "boss", email: "e@example.org", ..OF_READER }),
        case("x").by("boss").after(Prior { age: 3, user: "boss", ..OF_READER }),
        case("earlier").after(Prior { age: 3, ..OF_READER }),
        // Agents.
        case("x").from(""),
        case("x").from("a'b\\c\"d"),
        case("x").from(concat!(
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'\"b\"cdefghijk"
        )),
    ]);
    let fuzzed: Value = serde_json::from_str(FUZZED).expect("vectors");
    let inputs = fuzzed["comment_content"].as_array().expect("a list").iter();
    cases.extend(inputs.filter_map(|vector| vector["input"].as_str()).map(case));
    cases
}
