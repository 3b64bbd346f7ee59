//! Whether a cookie was signed with these keys for *some* password.
//!
//! A cookie's key holds four characters of the stored hash, so a cookie whose signature does not fit can be tried with
//! all that those can be, 18 million. What fits tells a changed password from changed keys, which nothing else does.
//! The HMACs are put together from the compression functions: any other way this takes minutes.

use super::auth_cookie::AuthCookie;
use md5::Digest as _;

/// What hashes are written with: bcrypt's and phpass's letters, hexadecimal digits among them, and argon2's.
pub const LETTERS: &[u8; 65] = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+";

const BLOCK: usize = 64;
const INNER: u8 = 0x36;
const OUTER: u8 = 0x5c;

/// RFC 1321 and FIPS 180-4.
const MD5_START: [u32; 4] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
const SHA256_START: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// A cookie ready to be tried. Holds states of keyed hashes, so it never shows.
#[derive(Clone)]
pub struct CookieSearch {
    /// MD5 behind the inner and the outer key.
    md5: [[u32; 4]; 2],
    /// `login|....|expiration|token`, padded.
    keyed: Vec<[u8; BLOCK]>,
    /// Where the dots are.
    fragment: std::ops::Range<usize>,
    /// `login|expiration|token`, padded.
    signed: Vec<[u8; BLOCK]>,
    signature: [u32; 8],
}

impl CookieSearch {
    /// `salt` is that of the cookie's scheme. `None` for a signature that is none.
    #[must_use]
    pub fn new(cookie: &AuthCookie<'_>, salt: &[u8]) -> Option<Self> {
        let (login, token) = (cookie.login(), cookie.token());
        let bytes: [u8; 32] = hex::decode(cookie.hmac()).ok()?.try_into().ok()?;
        let mut signature = [0; 8];
        for (word, bytes) in signature.iter_mut().zip(bytes.chunks_exact(4)) {
            *word = u32::from_be_bytes(bytes.try_into().ok()?);
        }
        let mut key = [0; BLOCK];
        let salt = if salt.len() > BLOCK { md5::Md5::digest(salt).to_vec() } else { salt.to_vec() };
        key.get_mut(..salt.len())?.copy_from_slice(&salt);
        let start = |pad: u8| {
            let mut state = MD5_START;
            md5::block_api::compress(&mut state, &[key.map(|byte| byte ^ pad)]);
            state
        };
        let at = login.len() + 1;
        let date = cookie.raw_expiration();
        Some(Self {
            md5: [start(INNER), start(OUTER)],
            keyed: padded(&[login, b"....", date, token].join(&b'|'), u64::to_le_bytes),
            fragment: at..at + 4,
            signed: padded(&[login, date, token].join(&b'|'), u64::to_be_bytes),
            signature,
        })
    }

    /// Tries all fragments that begin with a letter of [`LETTERS`].
    #[must_use]
    pub fn fits(&self, first: u8) -> bool {
        let mut keyed = self.keyed.clone();
        for second in *LETTERS {
            for third in *LETTERS {
                for fourth in *LETTERS {
                    if let Some(place) = keyed.as_flattened_mut().get_mut(self.fragment.clone()) {
                        place.copy_from_slice(&[first, second, third, fourth]);
                    }
                    if self.sign(&keyed) == self.signature {
                        return true;
                    }
                }
            }
        }
        false
    }

    /// HMAC-SHA256 under the hexadecimal HMAC-MD5.
    fn sign(&self, keyed: &[[u8; BLOCK]]) -> [u32; 8] {
        let [mut inner, mut outer] = self.md5;
        md5::block_api::compress(&mut inner, keyed);
        md5::block_api::compress(&mut outer, &[last_block(&words(inner), u64::to_le_bytes)]);
        let key = outer.map(digits);
        let (inner_pad, outer_pad) = (key_block(key, INNER), key_block(key, OUTER));
        let [mut inner, mut outer] = [SHA256_START; 2];
        sha2::block_api::compress256(&mut inner, &[inner_pad]);
        sha2::block_api::compress256(&mut inner, &self.signed);
        let mut digest = [0; 32];
        for (place, word) in digest.chunks_exact_mut(4).zip(inner) {
            place.copy_from_slice(&word.to_be_bytes());
        }
        sha2::block_api::compress256(&mut outer, &[outer_pad, last_block(&digest, u64::to_be_bytes)]);
        outer
    }
}

fn words(state: [u32; 4]) -> [u8; 16] {
    let mut bytes = [0; 16];
    for (place, word) in bytes.chunks_exact_mut(4).zip(state) {
        place.copy_from_slice(&word.to_le_bytes());
    }
    bytes
}

/// The eight hexadecimal digits of a word, the first one lowest: WordPress takes them for the key. All eight at once,
/// since this runs millions of times.
fn digits(word: u32) -> u64 {
    let pairs = (u64::from(word) | u64::from(word) << 16) & 0x0000_ffff_0000_ffff;
    let bytes = (pairs | pairs << 8) & 0x00ff_00ff_00ff_00ff;
    let halves = (bytes >> 4 & 0x000f_000f_000f_000f) | (bytes & 0x000f_000f_000f_000f) << 8;
    // 1 where a half is ten or more.
    let letters = (halves + 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101;
    halves + 0x3030_3030_3030_3030 + letters * u64::from(b'a' - b'0' - 10)
}

/// HMAC's block of key.
fn key_block(key: [u64; 4], pad: u8) -> [u8; BLOCK] {
    let mut block = [pad; BLOCK];
    let pads = u64::from_ne_bytes([pad; 8]);
    for (place, digits) in block.chunks_exact_mut(8).zip(key) {
        place.copy_from_slice(&(digits ^ pads).to_le_bytes());
    }
    block
}

/// A digest behind one block of key, with the end that both hashes want.
fn last_block<const N: usize>(digest: &[u8; N], length: fn(u64) -> [u8; 8]) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    let (start, rest) = block.split_at_mut(N);
    start.copy_from_slice(digest);
    if let Some(mark) = rest.first_mut() {
        *mark = 0x80;
    }
    if let Some(end) = rest.last_chunk_mut() {
        *end = length(bits(N));
    }
    block
}

/// A message behind one block of key, in blocks.
fn padded(message: &[u8], length: fn(u64) -> [u8; 8]) -> Vec<[u8; BLOCK]> {
    let mut blocks = vec![[0; BLOCK]; (message.len() + 9).div_ceil(BLOCK)];
    let bytes = blocks.as_flattened_mut();
    for (place, byte) in bytes.iter_mut().zip(message.iter().chain(&[0x80])) {
        *place = *byte;
    }
    if let Some(end) = bytes.last_chunk_mut() {
        *end = length(bits(message.len()));
    }
    blocks
}

fn bits(bytes: usize) -> u64 {
    u64::try_from(bytes + BLOCK).unwrap_or(u64::MAX).saturating_mul(8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wp::auth_cookie::generate;
    use crate::wp::version::WpVersion;
    use proptest::prelude::*;

    const VERSION: WpVersion = WpVersion::new(6, 8);

    #[test]
    fn a_cookie_of_another_password_is_found_and_one_of_other_keys_is_not() {
        let pass = b"$wp$2y$10$irqR2x/mKSMs9F3X6JA//O4wPrRejEoht2fzp9s165C.PfW6q./+9";
        let cookie = generate("john", pass, 2_000_000_000, "token", b"salt", VERSION);
        let read = AuthCookie::parse(cookie.as_bytes()).unwrap();
        let search = |salt| CookieSearch::new(&read, salt).unwrap();
        assert!(search(b"salt").fits(b'.'));
        assert!(!search(b"salt").fits(b'/'));
        assert!(!search(b"another salt").fits(b'.'));
        let broken = AuthCookie::parse(b"john|2000000000|token|nothing").unwrap();
        assert!(CookieSearch::new(&broken, b"salt").is_none());
    }

    #[test]
    fn the_digits_of_a_word_are_those_of_its_bytes() {
        for word in [0, 1, 0x1234_5678, 0x9abc_def0, 0xfedc_ba98, u32::MAX] {
            assert_eq!(
                String::from_utf8(digits(word).to_le_bytes().to_vec()).unwrap(),
                hex::encode(word.to_le_bytes())
            );
        }
    }

    proptest! {
        #[test]
        fn it_signs_as_cookies_are_signed(
            login in "[a-z]{1,60}", token in "[a-zA-Z0-9]{1,60}", salt in "[ -~]{0,140}", end in "[./A-Za-z0-9+]{4}",
            date in 0_i64..4_000_000_000,
        ) {
            let pass = format!("$wp$2y$10$irqR2x/mKSMs9F3X6JA//O{end}");
            let cookie = generate(&login, pass.as_bytes(), date, &token, salt.as_bytes(), VERSION);
            let read = AuthCookie::parse(cookie.as_bytes()).unwrap();
            let search = CookieSearch::new(&read, salt.as_bytes()).unwrap();
            let mut keyed = search.keyed.clone();
            keyed.as_flattened_mut()[search.fragment.clone()].copy_from_slice(end.as_bytes());
            prop_assert_eq!(search.sign(&keyed), search.signature);
        }
    }
}
