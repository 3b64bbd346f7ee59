//! PHP's own `strip_tags`, which several sanitisers of WordPress begin with.
//!
//! It is not an HTML parser, and its oddities show in stored rows, so its states are mirrored one by one.
//! Lists of allowed tags do not belong here: WordPress never gives it one.

use super::php::{at, is_space};

/// Where the reading head stands.
#[derive(Clone, Copy)]
enum State {
    Text,
    /// After `<`.
    Tag,
    /// After `<?`.
    Instruction,
    /// After `<!`.
    Declaration,
    /// After `<!--`.
    Comment,
}

/// PHP's `strip_tags` without allowed tags, as of PHP 8.2 (held against it).
///
/// NUL bytes go as well. A `<` before whitespace is text, an unclosed tag reaches to the end.
#[must_use]
pub fn strip_tags(input: &[u8]) -> Vec<u8> {
    if !input.iter().any(|&b| b == b'<' || b == 0) {
        return input.to_vec();
    }
    Stripper::default().run(input)
}

#[derive(Default)]
struct Stripper {
    out: Vec<u8>,
    /// The quote that is open, 0 for none.
    quote: u8,
    /// How many `>` are still owed to `<` inside a tag.
    depth: usize,
    /// How many parentheses are open in an instruction; may be negative.
    parens: i64,
    /// The last telling byte, as PHP keeps it for instructions.
    last: u8,
    /// In a tag that began with `<?xml`.
    is_xml: bool,
}

impl Stripper {
    fn run(mut self, input: &[u8]) -> Vec<u8> {
        let mut state = State::Text;
        for (index, &byte) in input.iter().enumerate() {
            let before = |back: usize| index.checked_sub(back).and_then(|i| at(input, i));
            let space_next = at(input, index + 1).is_some_and(is_space);
            state = match state {
                State::Text => self.text(byte, space_next),
                State::Tag => self.tag(byte, before(1), space_next),
                State::Instruction => self.instruction(byte, index, before),
                State::Declaration => self.declaration(byte, index, before),
                State::Comment => self.comment(byte, before),
            };
        }
        self.out
    }

    fn text(&mut self, byte: u8, space_next: bool) -> State {
        match byte {
            0 => {}
            b'<' if !space_next => {
                self.last = b'<';
                return State::Tag;
            }
            b'>' if self.depth > 0 => self.depth -= 1,
            _ => self.out.push(byte),
        }
        State::Text
    }

    fn tag(&mut self, byte: u8, before: Option<u8>, space_next: bool) -> State {
        match byte {
            b'<' if self.quote == 0 && !space_next => self.depth += 1,
            b'>' if self.closes() => {
                self.last = b'>';
                if !(self.is_xml && before == Some(b'-')) {
                    self.quote = 0;
                    self.is_xml = false;
                    return State::Text;
                }
            }
            b'"' | b'\'' => self.toggle_quote(byte),
            b'!' if before == Some(b'<') => {
                self.last = byte;
                return State::Declaration;
            }
            b'?' if before == Some(b'<') => {
                self.parens = 0;
                return State::Instruction;
            }
            _ => {}
        }
        State::Tag
    }

    fn instruction(&mut self, byte: u8, index: usize, before: impl Fn(usize) -> Option<u8>) -> State {
        let in_string = matches!(self.last, b'"' | b'\'');
        match byte {
            b'(' if !in_string => {
                self.last = b'(';
                self.parens += 1;
            }
            b')' if !in_string => {
                self.last = b')';
                self.parens -= 1;
            }
            b'>' if self.closes() && self.parens == 0 && self.last != b'"' && before(1) == Some(b'?') => {
                self.quote = 0;
                return State::Text;
            }
            b'"' | b'\'' if before(1) != Some(b'\\') => {
                if self.last == byte {
                    self.last = 0;
                } else if self.last != b'\\' {
                    self.last = byte;
                }
                self.toggle_quote(byte);
            }
            // `<?xml` is a tag after all, but PHP misses it at the very start of the text.
            b'l' | b'L' if index > 4 && preceded_by(b"<?xm", &before) => {
                self.is_xml = true;
                return State::Tag;
            }
            _ => {}
        }
        State::Instruction
    }

    fn declaration(&mut self, byte: u8, index: usize, before: impl Fn(usize) -> Option<u8>) -> State {
        match byte {
            b'>' if self.closes() => {
                self.quote = 0;
                return State::Text;
            }
            b'"' | b'\'' if before(1) != Some(b'\\') => self.toggle_quote(byte),
            b'-' if before(1) == Some(b'-') && before(2) == Some(b'!') => return State::Comment,
            b'e' | b'E' if index > 6 && preceded_by(b"doctyp", &before) => return State::Tag,
            _ => {}
        }
        State::Declaration
    }

    fn comment(&mut self, byte: u8, before: impl Fn(usize) -> Option<u8>) -> State {
        if byte == b'>' && self.quote == 0 && before(1) == Some(b'-') && before(2) == Some(b'-') {
            return State::Text;
        }
        State::Comment
    }

    /// Whether a `>` ends what is open: not while it pays for a `<` or stands in quotes.
    fn closes(&mut self) -> bool {
        if self.depth > 0 {
            self.depth -= 1;
            return false;
        }
        self.quote == 0
    }

    fn toggle_quote(&mut self, byte: u8) {
        if self.quote == 0 {
            self.quote = byte;
        } else if self.quote == byte {
            self.quote = 0;
        }
    }
}

/// Whether the bytes just read are `word`, in any case.
fn preceded_by(word: &[u8], before: impl Fn(usize) -> Option<u8>) -> bool {
    word.iter()
        .rev()
        .zip(1..)
        .all(|(expected, back)| before(back).is_some_and(|b| b.eq_ignore_ascii_case(expected)))
}
