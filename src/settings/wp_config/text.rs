//! Quoted strings, heredocs and nowdocs: escapes decoded, interpolated variables left as tokens.
//!
//! What the variables hold is the evaluator's business.

use super::lexer::{Lexed, Lexer, MAX_DEPTH, Part, Token, is_name_byte, is_name_start};
use super::value::ConstValue;

const UNTERMINATED: &str = "a string that is not closed";

impl Lexer<'_> {
    /// `'...'`: only `\\` and `\'` are escapes.
    pub(super) fn single_quoted(&mut self) {
        let line = self.line;
        self.bump(1);
        let mut bytes = Vec::new();
        loop {
            match (self.peek(0), self.peek(1)) {
                (None, _) => return self.push(Token::Bad(UNTERMINATED), line),
                (Some(b'\''), _) => break,
                (Some(b'\\'), Some(next @ (b'\\' | b'\''))) => {
                    bytes.push(next);
                    self.bump(2);
                }
                (Some(byte), _) => {
                    bytes.push(byte);
                    self.bump(1);
                }
            }
        }
        self.bump(1);
        self.push(Token::Str(bytes), line);
    }

    /// `"..."`, or a command between backticks.
    pub(super) fn double_quoted(&mut self, quote: u8) {
        let line = self.line;
        self.bump(1);
        let token = match self.template(Some(quote)) {
            Ok(_) if quote == b'`' => Token::Shell,
            Ok(parts) => string_or_template(parts),
            Err(why) => Token::Bad(why),
        };
        self.push(token, line);
    }

    /// `<<<NAME`, `<<<"NAME"` and `<<<'NAME'`; false when the text is no heredoc after all.
    pub(super) fn heredoc(&mut self) -> bool {
        let line = self.line;
        let rest = self.rest();
        let blanks = rest.iter().skip(3).take_while(|b| matches!(b, b' ' | b'\t')).count();
        let quote = rest.get(3 + blanks).copied().filter(|b| matches!(b, b'\'' | b'"'));
        let start = 3 + blanks + usize::from(quote.is_some());
        let label: Vec<u8> = rest.iter().skip(start).take_while(|b| is_name_byte(**b)).copied().collect();
        let mut head = start + label.len();
        if quote.is_some() {
            if rest.get(head).copied() != quote {
                return false;
            }
            head += 1;
        }
        let line_end = match (rest.get(head), rest.get(head + 1)) {
            (Some(b'\r'), Some(b'\n')) => 2,
            (Some(b'\r' | b'\n'), _) => 1,
            _ => 0,
        };
        if line_end == 0 || !label.first().is_some_and(|b| is_name_start(*b)) {
            return false;
        }
        self.bump(head + line_end);
        let first_line = self.line;
        let Some(body) = body(self.rest(), &label) else {
            self.bump(usize::MAX);
            self.push(Token::Bad("a heredoc that is not closed"), line);
            return true;
        };
        self.bump(body.length);
        let token = match (body.text, quote) {
            (None, _) => Token::Bad("a heredoc whose lines are indented less than its end"),
            (Some(text), Some(b'\'')) => Token::Str(text),
            (Some(text), _) => {
                let mut inner = Lexer::new(&text, first_line, self.depth);
                inner.template(None).map_or_else(Token::Bad, string_or_template)
            }
        };
        self.push(token, line);
        true
    }

    /// The parts up to the closing quote, or to the end of the text without one.
    fn template(&mut self, quote: Option<u8>) -> Result<Vec<Part>, &'static str> {
        let mut parts = Vec::new();
        let mut raw = Vec::new();
        loop {
            let line = self.line;
            let code = match (self.peek(0), self.peek(1)) {
                (None, _) if quote.is_some() => return Err(UNTERMINATED),
                (None, _) => break,
                (byte, _) if byte == quote => {
                    self.bump(1);
                    break;
                }
                (Some(b'\\'), Some(_)) => {
                    raw.extend_from_slice(self.bump(2));
                    continue;
                }
                (Some(b'$'), Some(next)) if is_name_start(next) => self.simple_variable(),
                (Some(b'$'), Some(b'{')) => self.dollar_brace(line)?,
                (Some(b'{'), Some(b'$')) => {
                    self.bump(1);
                    self.until_brace()?
                }
                (Some(byte), _) => {
                    raw.push(byte);
                    self.bump(1);
                    continue;
                }
            };
            parts.push(Part::Bytes(unescape(&std::mem::take(&mut raw), quote)?));
            parts.push(Part::Code(code));
        }
        parts.push(Part::Bytes(unescape(&raw, quote)?));
        Ok(parts)
    }

    /// `$x`, `$x[0]`, `$x[key]`, `$x[$y]`, `$x->y`.
    fn simple_variable(&mut self) -> Vec<Lexed> {
        let line = self.line;
        self.bump(1);
        let lexed = |token| Lexed { token, line };
        let named = |name: Result<String, &'static str>, token: fn(String) -> Token| {
            lexed(name.map_or_else(Token::Bad, token))
        };
        let mut code = vec![named(self.name(), Token::Variable)];
        if self.peek(0) == Some(b'-') && self.peek(1) == Some(b'>') && self.peek(2).is_some_and(is_name_start)
        {
            self.bump(2);
            code.extend([lexed(Token::Punct("->")), named(self.name(), Token::Name)]);
        } else if self.peek(0) == Some(b'[') {
            self.bump(1);
            let minus = self.peek(0) == Some(b'-');
            let dollar = self.peek(0) == Some(b'$');
            self.bump(usize::from(minus || dollar));
            // A name may not start with a digit, an index is nothing but digits: `name` takes both.
            let key = match self.name() {
                Err(why) => Token::Bad(why),
                Ok(name) if dollar => Token::Variable(name),
                Ok(name) if name.starts_with(|c: char| c.is_ascii_digit()) => index(&name, minus),
                Ok(name) => Token::Str(name.into_bytes()),
            };
            let closed = self.peek(0) == Some(b']');
            self.bump(usize::from(closed));
            let end = if closed { Token::Punct("]") } else { Token::Bad("an array element in a string") };
            code.extend([lexed(Token::Punct("[")), lexed(key), lexed(end)]);
        }
        code
    }

    /// `${x}`, `${x[1]}`; `${'a' . 'b'}` names a variable by a value and is left unread.
    fn dollar_brace(&mut self, line: u32) -> Result<Vec<Lexed>, &'static str> {
        self.bump(2);
        let mut code = self.until_brace()?;
        let named = match code.get(1).map(|next| &next.token) {
            None | Some(Token::Punct("[")) => true,
            Some(_) => false,
        };
        match code.first_mut() {
            Some(Lexed { token: token @ Token::Name(_), .. }) if named => {
                if let Token::Name(name) = token.clone() {
                    *token = Token::Variable(name);
                }
            }
            _ => {
                code = vec![Lexed { token: Token::Bad("a variable named by a value"), line }];
            }
        }
        Ok(code)
    }

    /// Tokens up to the brace that closes the one already taken, which is taken too.
    fn until_brace(&mut self) -> Result<Vec<Lexed>, &'static str> {
        if self.depth >= MAX_DEPTH {
            return Err("strings nested too deep");
        }
        self.depth += 1;
        let outer = std::mem::take(&mut self.out);
        let mut open = 1_usize;
        let mut seen = 0;
        while open > 0 && self.step() {
            for lexed in self.out.iter().skip(seen) {
                match lexed.token {
                    Token::Punct("{") => open += 1,
                    Token::Punct("}") => open = open.saturating_sub(1),
                    _ => {}
                }
            }
            seen = self.out.len();
        }
        self.out.pop();
        self.depth -= 1;
        let code = std::mem::replace(&mut self.out, outer);
        if open > 0 { Err(UNTERMINATED) } else { Ok(code) }
    }
}

fn string_or_template(mut parts: Vec<Part>) -> Token {
    match (parts.pop(), parts.is_empty()) {
        (Some(Part::Bytes(bytes)), true) => Token::Str(bytes),
        (last, _) => {
            parts.extend(last);
            Token::Template(parts)
        }
    }
}

/// `$x[7]` means the integer key, `$x[07]` and `$x[0x1]` the string key.
fn index(digits: &str, minus: bool) -> Token {
    let text = if minus { format!("-{digits}") } else { digits.to_owned() };
    match text.parse::<i64>() {
        Ok(value) if value.to_string() == text => Token::Number(ConstValue::Int(value)),
        _ => Token::Str(text.into_bytes()),
    }
}

struct Body {
    /// `None` when a line is indented less than the closing label.
    text: Option<Vec<u8>>,
    /// The length in the file, the closing label included.
    length: usize,
}

/// The text of a heredoc up to its label, which may be indented (PHP 7.3). `None` when it never comes.
fn body(rest: &[u8], label: &[u8]) -> Option<Body> {
    let mut lines: Vec<&[u8]> = Vec::new();
    let mut length = 0;
    loop {
        let remaining = rest.get(length..)?;
        let indent = remaining.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
        let after = remaining.get(indent..)?;
        if after.starts_with(label) && !after.get(label.len()).is_some_and(|b| is_name_byte(*b)) {
            let indentation = remaining.get(..indent)?;
            return Some(Body { text: join(&lines, indentation), length: length + indent + label.len() });
        }
        let end = remaining.iter().position(|b| matches!(b, b'\n' | b'\r'))?;
        let ends_in_two = remaining.get(end..end + 2) == Some(b"\r\n");
        let next = end + 1 + usize::from(ends_in_two);
        lines.push(remaining.get(..next)?);
        length += next;
    }
}

/// The lines without the indentation and without the last line end.
fn join(lines: &[&[u8]], indentation: &[u8]) -> Option<Vec<u8>> {
    // Spaces and tabs mixed are an error in PHP.
    if indentation.iter().any(|b| Some(b) != indentation.first()) {
        return None;
    }
    let mut text = Vec::new();
    for line in lines {
        if let Some(line) = line.strip_prefix(indentation) {
            text.extend_from_slice(line);
            continue;
        }
        let blank = line.iter().position(|b| !matches!(b, b' ' | b'\t'))?;
        let line = line.get(blank..)?;
        if !matches!(line, b"\n" | b"\r\n" | b"\r") {
            return None;
        }
        text.extend_from_slice(line);
    }
    let body =
        text.strip_suffix(b"\n").map_or(text.as_slice(), |text| text.strip_suffix(b"\r").unwrap_or(text));
    let body = if body.len() == text.len() { body.strip_suffix(b"\r").unwrap_or(body) } else { body };
    Some(body.to_vec())
}

/// The escapes of double quotes and heredocs; `quote` is `None` in a heredoc, where `\"` is no escape.
fn unescape(raw: &[u8], quote: Option<u8>) -> Result<Vec<u8>, &'static str> {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        let Some(&escape) = after.first().filter(|_| byte == b'\\') else {
            bytes.push(byte);
            continue;
        };
        let plain = match escape {
            b'n' => Some(b'\n'),
            b't' => Some(b'\t'),
            b'r' => Some(b'\r'),
            b'v' => Some(0x0b),
            b'e' => Some(0x1b),
            b'f' => Some(0x0c),
            b'\\' | b'$' => Some(escape),
            _ if quote == Some(escape) => Some(escape),
            _ => None,
        };
        let taken = match (plain, escape) {
            (Some(byte), _) => {
                bytes.push(byte);
                1
            }
            (None, b'0'..=b'7') => {
                let digits = digits(after, 3, 8);
                // PHP lets `\400` overflow into one byte.
                bytes.push(u8::try_from(radix(after.get(..digits), 8) & 0xff).unwrap_or_default());
                digits
            }
            (None, b'x' | b'X') if digits(after.get(1..).unwrap_or_default(), 2, 16) > 0 => {
                let hex = after.get(1..).unwrap_or_default();
                let digits = digits(hex, 2, 16);
                bytes.push(u8::try_from(radix(hex.get(..digits), 16)).unwrap_or_default());
                1 + digits
            }
            (None, b'u') if after.get(1) == Some(&b'{') => {
                let hex = after.get(2..).unwrap_or_default();
                let length = digits(hex, 16, 16);
                let code = radix(hex.get(..length), 16);
                if length == 0 || hex.get(length) != Some(&b'}') || code > 0x10_ffff {
                    return Err("a `\\u{...}` that names no character");
                }
                utf8(code, &mut bytes);
                length + 3
            }
            _ => {
                bytes.push(b'\\');
                0
            }
        };
        rest = after.get(taken..).unwrap_or_default();
    }
    Ok(bytes)
}

fn digits(text: &[u8], most: usize, radix: u32) -> usize {
    text.iter().take(most).take_while(|b| char::from(**b).is_digit(radix)).count()
}

fn radix(digits: Option<&[u8]>, radix: u32) -> u32 {
    let digits = digits.unwrap_or_default().iter().filter_map(|b| char::from(*b).to_digit(radix));
    digits.fold(0, |sum: u32, digit| sum.saturating_mul(radix).saturating_add(digit))
}

/// PHP encodes surrogates too, which `char` cannot hold.
fn utf8(code: u32, bytes: &mut Vec<u8>) {
    let byte = |value: u32| u8::try_from(value & 0xff).unwrap_or_default();
    if let Some(c) = char::from_u32(code) {
        bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    } else {
        bytes.extend([byte(0xe0 | code >> 12), byte(0x80 | code >> 6 & 0x3f), byte(0x80 | code & 0x3f)]);
    }
}
