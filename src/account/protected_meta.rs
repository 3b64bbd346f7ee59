//! Meta keys that no client may write (D6).

use super::Context;
use crate::store::StoreError;

impl Context<'_> {
    /// The first of these keys that is protected, as MySQL compares: without case and accents.
    pub async fn protected_meta_key(&self, keys: &[&str]) -> Result<Option<String>, StoreError> {
        let first = self.db.find_protected_key(keys).await?;
        Ok(first.and_then(|place| keys.get(place)).map(|key| (*key).to_owned()))
    }
}
