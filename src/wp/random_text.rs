//! Random text over an alphabet, made from random bytes that the caller supplies.
//!
//! Where the bytes come from is the caller's business; what the text is for is its module's.

/// `a-zA-Z0-9` in the order of `wp_generate_password()`.
pub const LETTERS_AND_DIGITS: &[u8; 62] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// What `wp_generate_password( .., true, true )` draws from, for salts.
pub const LETTERS_DIGITS_AND_SPECIALS: &[u8; 92] =
    b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!@#$%^&*()-_ []{}<>~`+=,.;:/?|";

/// `length` letters of `alphabet`, drawn from `random`.
///
/// The bytes are read as one large number and written in the alphabet's base, so no letter is
/// preferred: with at least 16 bytes more than the text has entropy, the result differs from a
/// perfectly even one by less than 2^-128, and no draw is ever thrown away.
#[must_use]
pub fn draw<const N: usize>(alphabet: &[u8; N], length: usize, random: &[u8]) -> String {
    let base = u32::try_from(N).unwrap_or(1);
    let mut number = zeroize::Zeroizing::new(random.to_vec());
    let mut text = String::with_capacity(length);
    for _ in 0..length {
        let mut rest = 0_u32;
        for digit in number.iter_mut() {
            let value = rest * 256 + u32::from(*digit);
            // The quotient is below 256 because the rest is below the base.
            *digit = u8::try_from(value / base).unwrap_or_default();
            rest = value % base;
        }
        let letter = usize::try_from(rest).ok().and_then(|place| alphabet.get(place));
        text.extend(letter.map(|byte| char::from(*byte)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_text_is_the_number_written_in_the_alphabets_base() {
        assert_eq!(draw(b"01", 8, &[0b1010_0110]), "01100101");
        assert_eq!(draw(b"0123456789", 4, &[0x04, 0xD2]), "4321");
    }

    #[test]
    fn every_letter_comes_up_about_equally_often() {
        let mut seen = [0_u32; 256];
        for round in 0..2_000_u32 {
            let random: Vec<u8> = (0..3_u32)
                .flat_map(|part| crate::wp::hash::md5_hex(&(round * 3 + part).to_le_bytes()).into_bytes())
                .collect::<Vec<_>>();
            let random = hex::decode(&random).unwrap();
            for byte in draw(LETTERS_AND_DIGITS, 43, &random).bytes() {
                seen[usize::from(byte)] += 1;
            }
        }
        // 86,000 draws of 62 letters: 1,387 each, standard deviation 37.
        for letter in LETTERS_AND_DIGITS {
            let count = seen[usize::from(*letter)];
            assert!((1_200..1_580).contains(&count), "{} came {count} times", char::from(*letter));
        }
    }

    proptest! {
        #[test]
        fn only_the_alphabet_appears_and_the_length_is_kept(random in proptest::collection::vec(any::<u8>(), 0..100)) {
            let text = draw(LETTERS_DIGITS_AND_SPECIALS, 64, &random);
            prop_assert_eq!(text.len(), 64);
            prop_assert!(text.bytes().all(|byte| LETTERS_DIGITS_AND_SPECIALS.contains(&byte)));
        }
    }
}
