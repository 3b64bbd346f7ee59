//! Nonces of the interface: the action's name, and for whom a request's nonce is.

use super::call::Call;
use super::cookies;
use super::error::ApiError;
use crate::store::users::Identity;
use crate::wp::auth_cookie::AuthCookie;
use crate::wp::nonce::{self, Subject};
use crate::wp::salts::Scheme;

/// Whose nonce it is: the user, and the token of the browser's own session.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Owner {
    /// 0 for nobody.
    pub user_id: u64,
    /// The third part of the logged_in cookie header, valid or not; slashed like every value of a request.
    pub token: Vec<u8>,
}

/// The nonce of a method for whoever calls.
pub async fn create(call: Call<'_>, controller: &str, method: &str) -> Result<String, ApiError> {
    let owner = owner(call).await?;
    let action = action(controller, method);
    let subject = Subject { action: &action, user_id: owner.user_id, token: &owner.token };
    Ok(nonce::create(nonce::tick(call.now), subject, call.site.salts.get(Scheme::Nonce)))
}

/// Whether a nonce is that of the method, for whoever calls.
pub async fn verify(call: Call<'_>, controller: &str, method: &str, nonce: &[u8]) -> Result<bool, ApiError> {
    let owner = owner(call).await?;
    let action = action(controller, method);
    let subject = Subject { action: &action, user_id: owner.user_id, token: &owner.token };
    Ok(nonce::verify(nonce, call.now, subject, call.site.salts.get(Scheme::Nonce)).is_some())
}

/// `json_api-<controller>-<method>`, lower case.
#[must_use]
pub fn action(controller: &str, method: &str) -> String {
    format!("json_api-{controller}-{method}").to_ascii_lowercase()
}

/// The parameter `cookie` names the user; without one the browser's cookies do, as `wp_get_current_user()` finds
/// them. The token comes from the browser's cookie in any case.
async fn owner(call: Call<'_>) -> Result<Owner, ApiError> {
    let names = &call.site.cookies;
    let logged_in = cookies::find(call.cookies, &names.logged_in);
    let header = logged_in.as_deref().and_then(AuthCookie::parse);
    let token = header.as_ref().map(|cookie| cookie.session_token().to_vec()).unwrap_or_default();

    if let Some(cookie) = call.params.text("cookie").filter(|_| !call.params.is_missing("cookie"))
        && let Ok(found) = call.account().find_by_logged_in_cookie::<Identity>(cookie, call.post, &[]).await?
    {
        return Ok(Owner { user_id: found.user.id, token });
    }
    let (name, scheme) =
        if call.client.tls { (&names.secure_auth, Scheme::SecureAuth) } else { (&names.auth, Scheme::Auth) };
    let auth = cookies::find(call.cookies, name);
    let auth = auth.as_deref().and_then(AuthCookie::parse);
    for (cookie, scheme) in [(auth, scheme), (header, Scheme::LoggedIn)] {
        let Some(cookie) = cookie else { continue };
        if let Ok(found) = call.account().find_by_cookie::<Identity>(&cookie, scheme, call.post, &[]).await? {
            return Ok(Owner { user_id: found.user.id, token });
        }
    }
    Ok(Owner { user_id: 0, token })
}
