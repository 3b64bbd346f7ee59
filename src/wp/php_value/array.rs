//! PHP's array: an ordered map whose keys are ints and strings.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher;

use super::{KeyRef, PhpKey, PhpValue};

/// Up to this many entries a look through all keys is cheaper than an index.
const SMALL: usize = 32;

/// An ordered PHP array. Putting a value under a known key keeps that key's place.
///
/// Small arrays are a plain list of pairs. Larger ones get an index by key as soon as an insertion needs one, so
/// that building a big array takes linear time.
#[derive(Clone)]
pub struct PhpArray {
    entries: Vec<(PhpKey, PhpValue)>,
    /// Where each key is; absent while small, and after a removal has moved the entries.
    index: Option<Box<KeyIndex>>,
    /// The key that `$array[] = ...` would take; `i64::MIN` while no int key was ever seen.
    next: i64,
}

/// Positions by hashed key. The hash is seeded per process, so that nobody can prepare colliding keys; it never
/// shows in any result. Should two keys share a hash, only the first is listed and a hit is checked anyway.
#[derive(Clone)]
struct KeyIndex {
    seed: RandomState,
    positions: HashMap<u64, usize>,
}

impl PhpArray {
    /// An empty array.
    #[must_use]
    pub const fn new() -> Self {
        Self { entries: Vec::new(), index: None, next: i64::MIN }
    }

    /// An empty array with room for that many entries.
    #[must_use]
    pub fn with_capacity(entries: usize) -> Self {
        Self { entries: Vec::with_capacity(entries), ..Self::new() }
    }

    /// How many entries there are, as PHP's `count`.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// True when there are no entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// PHP's `array_is_list`: the keys are 0, 1, 2 and so on, in this order.
    #[must_use]
    pub fn is_list(&self) -> bool {
        self.entries.iter().zip(0_i64..).all(|((key, _), wanted)| *key == PhpKey::Int(wanted))
    }

    /// The value under a key.
    #[must_use]
    pub fn get<'a>(&self, key: impl Into<KeyRef<'a>>) -> Option<&PhpValue> {
        let at = self.position(key.into())?;
        self.entries.get(at).map(|(_, value)| value)
    }

    /// The value under a key, to be changed in place.
    #[must_use]
    pub fn get_mut<'a>(&mut self, key: impl Into<KeyRef<'a>>) -> Option<&mut PhpValue> {
        let at = self.position(key.into())?;
        self.entries.get_mut(at).map(|(_, value)| value)
    }

    /// True when the key is there, whatever its value, as PHP's `array_key_exists`.
    #[must_use]
    pub fn contains_key<'a>(&self, key: impl Into<KeyRef<'a>>) -> bool {
        self.position(key.into()).is_some()
    }

    /// `$array[$key] = $value`. Gives back the value that was replaced, if any.
    pub fn insert(&mut self, key: impl Into<PhpKey>, value: impl Into<PhpValue>) -> Option<PhpValue> {
        let key = key.into();
        let value = value.into();
        if !self.is_past_all_ints(key.as_ref()) {
            if self.entries.len() >= SMALL && self.index.is_none() {
                self.index = Some(Box::new(KeyIndex::over(&self.entries)));
            }
            if let Some(at) = self.position(key.as_ref())
                && let Some((_, old)) = self.entries.get_mut(at)
            {
                return Some(std::mem::replace(old, value));
            }
        }
        self.append(key, value);
        None
    }

    /// Puts an entry before all others. Gives the value back, and changes nothing, where the key is there already.
    pub fn insert_first(&mut self, key: &str, value: impl Into<PhpValue>) -> Result<(), PhpValue> {
        let (key, value) = (PhpKey::from(key), value.into());
        if self.contains_key(key.as_ref()) {
            return Err(value);
        }
        if let PhpKey::Int(int) = key {
            self.next = self.next.max(int.saturating_add(1));
        }
        self.index = None;
        self.entries.insert(0, (key, value));
        Ok(())
    }

    /// `$array[] = $value`: the key is the largest int key so far plus one. False, and nothing is added, when
    /// that key would exceed 64 bits (PHP throws).
    pub fn push(&mut self, value: impl Into<PhpValue>) -> bool {
        let key = if self.next == i64::MIN { 0 } else { self.next };
        if key == i64::MAX && self.contains_key(key) {
            return false;
        }
        self.append(PhpKey::Int(key), value.into());
        true
    }

    /// `unset($array[$key])`. The other entries keep their order. Takes time in proportion to the array's
    /// length; [`PhpArray::retain`] removes many at once.
    pub fn remove<'a>(&mut self, key: impl Into<KeyRef<'a>>) -> Option<PhpValue> {
        let at = self.position(key.into())?;
        self.index = None;
        Some(self.entries.remove(at).1)
    }

    /// Keeps the entries for which the test holds.
    pub fn retain(&mut self, mut keep: impl FnMut(&PhpKey, &PhpValue) -> bool) {
        self.index = None;
        self.entries.retain(|(key, value)| keep(key, value));
    }

    /// The entries in order.
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&PhpKey, &PhpValue)> + ExactSizeIterator {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    /// The keys in order.
    #[must_use]
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &PhpKey> + ExactSizeIterator {
        self.entries.iter().map(|(key, _)| key)
    }

    /// The values in order.
    #[must_use]
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &PhpValue> + ExactSizeIterator {
        self.entries.iter().map(|(_, value)| value)
    }

    /// True when this is an int key larger than every one so far: it needs no search.
    fn is_past_all_ints(&self, key: KeyRef<'_>) -> bool {
        // i64::MAX stands for "taken" as well as "free", so that one is looked up.
        matches!(key, KeyRef::Int(int) if int >= self.next && int != i64::MAX)
    }

    fn position(&self, key: KeyRef<'_>) -> Option<usize> {
        if let KeyRef::Int(int) = key {
            if self.is_past_all_ints(key) {
                return None;
            }
            // In a list the key is the position.
            if let Ok(at) = usize::try_from(int)
                && self.entries.get(at).is_some_and(|(found, _)| *found == PhpKey::Int(int))
            {
                return Some(at);
            }
        }
        if let Some(index) = &self.index {
            let at = index.find(key)?;
            if self.entries.get(at).is_some_and(|(found, _)| found.as_ref() == key) {
                return Some(at);
            }
        }
        self.entries.iter().position(|(found, _)| found.as_ref() == key)
    }

    /// Adds an entry whose key is known to be new.
    fn append(&mut self, key: PhpKey, value: PhpValue) {
        if let PhpKey::Int(int) = key {
            self.next = self.next.max(int.saturating_add(1));
        }
        if let Some(index) = &mut self.index {
            index.add(key.as_ref(), self.entries.len());
        }
        self.entries.push((key, value));
    }
}

impl KeyIndex {
    fn over(entries: &[(PhpKey, PhpValue)]) -> Self {
        let positions = HashMap::with_capacity(entries.len() * 2);
        let mut index = Self { seed: RandomState::new(), positions };
        for (at, (key, _)) in entries.iter().enumerate() {
            index.add(key.as_ref(), at);
        }
        index
    }

    fn add(&mut self, key: KeyRef<'_>, at: usize) {
        self.positions.entry(self.seed.hash_one(key)).or_insert(at);
    }

    fn find(&self, key: KeyRef<'_>) -> Option<usize> {
        self.positions.get(&self.seed.hash_one(key)).copied()
    }
}

impl Default for PhpArray {
    fn default() -> Self {
        Self::new()
    }
}

impl PartialEq for PhpArray {
    fn eq(&self, other: &Self) -> bool {
        self.entries == other.entries
    }
}

impl fmt::Debug for PhpArray {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl IntoIterator for PhpArray {
    type Item = (PhpKey, PhpValue);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

impl<K: Into<PhpKey>, V: Into<PhpValue>> FromIterator<(K, V)> for PhpArray {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut array = Self::new();
        array.extend(pairs);
        array
    }
}

impl<K: Into<PhpKey>, V: Into<PhpValue>> Extend<(K, V)> for PhpArray {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, pairs: I) {
        for (key, value) in pairs {
            self.insert(key, value);
        }
    }
}

/// A list: the values get the keys 0, 1, 2 and so on.
impl<V: Into<PhpValue>> From<Vec<V>> for PhpArray {
    fn from(values: Vec<V>) -> Self {
        let mut array = Self::with_capacity(values.len());
        for value in values {
            array.push(value);
        }
        array
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn array(pairs: &[(&str, i64)]) -> PhpArray {
        pairs.iter().copied().collect()
    }

    #[test]
    fn a_replaced_value_keeps_its_first_place() {
        let mut map = array(&[("a", 1), ("b", 2)]);
        assert_eq!(map.insert("a", 3_i64), Some(PhpValue::Int(1)));
        assert_eq!(map, array(&[("a", 3), ("b", 2)]));
    }

    #[test]
    fn push_takes_the_largest_int_key_plus_one() {
        let mut map = array(&[("3", 1), ("x", 2), ("1", 3)]);
        assert!(map.push(4_i64));
        assert_eq!(map.keys().last(), Some(&PhpKey::Int(4)));
        map.remove("4");
        assert!(map.push(5_i64));
        assert_eq!(map.keys().last(), Some(&PhpKey::Int(5)), "unset does not give the key back");
    }

    #[test]
    fn push_after_a_negative_key_goes_on_from_there() {
        // PHP 8.3, and 8.2 for arrays that were unserialized.
        let mut map = array(&[("-5", 1)]);
        assert!(map.push(2_i64));
        assert_eq!(map.keys().last(), Some(&PhpKey::Int(-4)));
    }

    #[test]
    fn push_beyond_the_last_int_is_refused() {
        let mut map = PhpArray::new();
        map.insert(i64::MAX - 1, 1_i64);
        assert!(map.push(2_i64));
        assert!(!map.push(3_i64));
        assert_eq!(map.len(), 2);
        assert_eq!(map.insert(i64::MAX, 4_i64), Some(PhpValue::Int(2)));
    }

    #[test]
    fn a_list_has_the_keys_from_0_in_order() {
        assert!(PhpArray::new().is_list());
        assert!(PhpArray::from(vec!["x", "y"]).is_list());
        assert!(!array(&[("1", 1), ("0", 0)]).is_list());
        assert!(!array(&[("a", 1)]).is_list());
    }

    #[test]
    fn half_a_million_text_keys_do_not_take_quadratic_time() {
        let map: PhpArray = (0..500_000_i64).map(|i| (format!("key {i}"), i)).collect();
        assert_eq!(map.len(), 500_000);
        assert_eq!(map.get("key 499999"), Some(&PhpValue::Int(499_999)));
        assert_eq!(map.get("key 500000"), None);
    }

    proptest! {
        #[test]
        fn it_behaves_like_a_plain_list_of_pairs(
            steps in prop::collection::vec((0_u8..4, -3_i64..40, "[0-9a-c]{0,2}"), 0..120),
        ) {
            let mut map = PhpArray::new();
            let mut plain: Vec<(PhpKey, i64)> = Vec::new();
            for (step, (what, int, text)) in steps.into_iter().enumerate() {
                let value = i64::try_from(step).unwrap();
                let key = if what % 2 == 0 { PhpKey::Int(int) } else { PhpKey::from(text) };
                let known = plain.iter().position(|(found, _)| *found == key);
                prop_assert_eq!(map.contains_key(&key), known.is_some());
                match (what, known) {
                    (3, Some(at)) => {
                        plain.remove(at);
                        map.remove(&key);
                    }
                    (_, Some(at)) => {
                        plain[at].1 = value;
                        map.insert(key, value);
                    }
                    (_, None) => {
                        plain.push((key.clone(), value));
                        map.insert(key, value);
                    }
                }
            }
            let found: Vec<_> = map.into_iter().map(|(key, value)| (key, value.as_int().unwrap())).collect();
            prop_assert_eq!(found, plain);
        }
    }

    #[test]
    fn what_is_put_first_stands_first_and_takes_no_key_away() {
        let mut array: PhpArray = (0_i64..40).map(|number| (format!("k{number}"), number)).collect();
        assert_eq!(array.insert_first("first", 1_i64), Ok(()));
        assert_eq!(array.insert_first("k7", 1_i64), Err(PhpValue::Int(1)));
        assert_eq!(array.keys().next(), Some(&PhpKey::from("first")));
        assert_eq!(array.get("k39"), Some(&PhpValue::Int(39)));
        array.insert("k7", 70_i64);
        assert_eq!((array.len(), array.get("k7")), (41, Some(&PhpValue::Int(70))));
        assert_eq!(array.insert_first("90", 1_i64), Ok(()));
        array.push(2_i64);
        assert_eq!(array.get(91_i64), Some(&PhpValue::Int(2)));
    }
}
