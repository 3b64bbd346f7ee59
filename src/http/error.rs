//! What a client is told. Display is the wire text, byte for byte as the plugins print it, typos included.
//!
//! Causes inside the service are logged where the answer is made and never sent.

use actix_web::http::StatusCode;

use super::params::ParamsError;
use crate::account::hashing::HashError;
use crate::account::register::CreateUserError;
use crate::account::user_meta::MetaError;
use crate::limits::TooMany;
use crate::store::StoreError;
use crate::wp::new_user::FieldError;

/// Seconds after which somebody is told to come back who was turned away for no fault of his own.
const RETRY_AFTER: u32 = 2;

/// Every error of the interface.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the texts say it")]
pub enum ApiError {
    // The transport.
    #[error("Not found.")]
    NotFound,
    #[error("Unknown controller '{0}'.")]
    UnknownController(String),
    #[error("Unknown method '{0}'.")]
    UnknownMethod(String),
    #[error(
        "The '{method}' method has been removed from the Core controller. To use this method you must enable the \
         {controller} controller from WP Admin > Settings > JSON API."
    )]
    RemovedFromCore { method: &'static str, controller: &'static str },
    #[error("A variable mismatch has been detected.")]
    VariableMismatch,
    #[error("Method not allowed.")]
    MethodNotAllowed,
    #[error("The '{0}' var must be text.")]
    NotText(&'static str),
    #[error("The 'json_encode_options' var must be a number.")]
    EncodeOptions,
    #[error("The 'callback' var must be a JavaScript identifier path of at most 128 characters.")]
    Callback,
    #[error(transparent)]
    Params(#[from] ParamsError),
    #[error("The request body is larger than {0} bytes.")]
    BodyTooLarge(usize),
    #[error("The request body could not be read.")]
    BodyUnreadable,
    // The https gate.
    #[error(
        "SSL is not enabled. Either use _https_ or provide 'insecure' var as insecure=cool to confirm you want to use \
         http protocol."
    )]
    UserNeedsTls,
    #[error("I'm sorry Dave. I'm afraid I can't do that. (use _https_ please)")]
    AuthNeedsTls,
    // core
    #[error("Include 'controller' and 'method' vars in your request.")]
    NonceVars,
    // Cookies.
    #[error(
        "You must include a 'cookie' var in your request. Use the `generate_auth_cookie` Auth API method."
    )]
    CookieMissing,
    #[error("Invalid authentication cookie. Use the `generate_auth_cookie` method.")]
    UserCookieInvalid,
    #[error("Invalid authentication cookie. Use the `generate_auth_cookie` Auth API method.")]
    AuthCookieInvalid,
    #[error("You must include a 'cookie' authentication cookie. Use the `create_auth_cookie` method.")]
    UserValidateCookieMissing,
    #[error(
        "You must include a 'cookie' authentication cookie. Use the `create_auth_cookie` Auth API method."
    )]
    AuthValidateCookieMissing,
    // Logging in.
    #[error("You must include 'username' or 'email' var in your request to generate cookie.")]
    UsernameOrEmailMissing,
    #[error("You must include a 'username' var in your request.")]
    UsernameMissing,
    #[error("You must include a 'password' var in your request.")]
    PasswordMissing,
    #[error("The 'seconds' var must be a positive whole number.")]
    Seconds,
    #[error("Invalid email address.")]
    EmailInvalid,
    #[error("email does not exist.")]
    EmailUnknown,
    #[error("Invalid username/email and/or password.")]
    UserLoginInvalid,
    #[error("Invalid username and/or password.")]
    AuthLoginInvalid,
    // Users.
    #[error("You must include 'user_id' var in your request. ")]
    UserIdMissing,
    // get_user_meta, update_user_meta, update_user_meta_vars, delete_user_meta; the first two are every user method's.
    // user/get_avatar, user/xprofile, user/xprofile_update
    #[error("You must install and activate BuddyPress plugin to use this method.")]
    NoBuddyPress,
    #[error("You must include 'type' var in your request. possible values 'full' or 'thumb' ")]
    AvatarTypeMissing,
    #[error("You must include a 'user_id' var in your request.")]
    ProfileUserIdMissing,
    #[error("You must include a 'field' var in your request. Use 'field=default' for all default fields.")]
    FieldMissing,
    #[error("More than {0} fields in the 'field' var.")]
    TooManyFields(usize),
    #[error("You must include a 'cookie' var in your request. Use the `generate_auth_cookie` method.")]
    UserMethodCookieMissing,
    #[error("Invalid cookie. Use the `generate_auth_cookie` method.")]
    UserMethodCookieInvalid,
    #[error("You must include a 'meta_key' var in your request.")]
    MetaKeyMissing,
    #[error("You must include a 'meta_value' var in your request.")]
    MetaValueMissing,
    #[error(
        "You must include a 'meta_value' var in your request. If you have multiple values for any meta_key, you must \
         send it as an array meta_value[] in POST method."
    )]
    NewMetaValueMissing,
    #[error(
        "You must include one or more vars in your request to add or update as user_meta. e.g. 'name', 'website', \
         'skills'. You must provide multiple meta_key vars in this format: \
         &name=Ali&website=parorrey.com&description=This is test description. If any field has the possibility to hold \
         more than one value for any multi-select fields or check boxes, you must provide an array of values and use \
         POST method."
    )]
    MetaVarsMissing,
    #[error("The meta_key '{0}' is protected.")]
    MetaProtected(String),
    // user/register
    #[error("User registration is disabled. Please enable it in Settings > Gereral.")]
    RegistrationDisabled,
    #[error("You must include 'username' var in your request. ")]
    RegisterUsernameMissing,
    #[error("You must include 'email' var in your request. ")]
    RegisterEmailMissing,
    #[error("You must include 'nonce' var in your request. Use the 'get_nonce' Core API method. ")]
    RegisterNonceMissing,
    #[error("Invalid access, unverifiable 'nonce' value. Use the 'get_nonce' Core API method. ")]
    RegisterNonceInvalid,
    #[error("Username is invalid.")]
    RegisterUsernameInvalid,
    #[error("Username already exists.")]
    RegisterUsernameTaken,
    #[error("E-mail address is invalid.")]
    RegisterEmailInvalid,
    #[error("E-mail address is already in use.")]
    RegisterEmailTaken,
    #[error("{0}")]
    RegisterField(FieldError),
    #[error("The 'user_pass' var may not be longer than 4096 bytes.")]
    RegisterPasswordTooLong,
    #[error("The 'user_registered' var must be a date, as in 2026-01-31 23:59:59.")]
    RegisterNoDate,
    // user/retrieve_password
    #[error("You must include 'user_login' var in your request. ")]
    ResetUserMissing,
    #[error("Your email address not found! ")]
    ResetEmailUnknown,
    #[error("Invalid username or e-mail.")]
    ResetLoginUnknown,
    #[error("password reset not allowed! ")]
    ResetNotAllowed,
    #[error(
        "The e-mail could not be sent. Possible reason: your host may have disabled the mail() function..."
    )]
    ResetMailNotSent,
    // user/fb_connect
    #[error(
        "You must include a 'access_token' variable. Get the valid access_token for this app from Facebook API."
    )]
    FacebookTokenMissing,
    #[error("Facebook login is not configured on this site.")]
    FacebookNotConfigured,
    #[error("The 'access_token' is not a valid token of this site's Facebook app.")]
    FacebookTokenRefused,
    #[error("Facebook is not available. Try again in a moment.")]
    FacebookUnavailable,
    // user/post_comment
    #[error("No post specified. Include 'post_id' var in your request.")]
    CommentPostMissing,
    #[error("Please include 'content' var in your request.")]
    CommentContentMissing,
    #[error(
        "Please include 'comment_status' var in your request. Possible values are comment_status=1 (approved) or \
         comment_status=hold (not-approved)"
    )]
    CommentStatusMissing,
    #[error("Invalid 'post_id'. The specified post does not exist.")]
    CommentNoPost,
    #[error("Comments are closed for this post.")]
    CommentClosed,
    #[error("Comment 'content' is empty after sanitization.")]
    CommentEmpty,
    #[error("Your comment is too long.")]
    CommentTooLong,
    #[error("Duplicate comment detected; it looks as though you&#8217;ve already said that!")]
    CommentDuplicate,
    #[error("You are posting comments too quickly. Slow down.")]
    CommentFlood,
    // The service.
    #[error("Too many requests. Try again in {} seconds.", .0.seconds)]
    TooManyRequests(TooMany),
    #[error("Too many requests wait already. Try again in a moment.")]
    Busy,
    #[error("The connection was to be closed.")]
    BehindTheLast,
    #[error("Too many connections.")]
    TooManyConnections,
    #[error("The request did not arrive within {0} seconds.")]
    TooSlow(u64),
    #[error("The request took longer than {0} seconds. What it was to write may still be written.")]
    TookTooLong(u64),
    #[error("The service is not ready. Try again in a moment.")]
    NotReady,
    #[error("The database is not available. Try again in a moment.")]
    Store(#[source] StoreError),
    #[error("The request could not be completed.")]
    Internal(&'static str),
    /// Nobody is told.
    #[error("The request could not be completed.")]
    CallerGone,
}

impl ApiError {
    /// The status code; the plugins answer 400 to all but a wrong login.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooManyRequests(_) | Self::TooManyConnections => StatusCode::TOO_MANY_REQUESTS,
            Self::TooSlow(_) | Self::TookTooLong(_) => StatusCode::REQUEST_TIMEOUT,
            Self::BodyTooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UserLoginInvalid | Self::AuthLoginInvalid => StatusCode::UNAUTHORIZED,
            Self::NotReady | Self::Busy | Self::Store(_) | Self::FacebookUnavailable => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Internal(_) | Self::CallerGone => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// The setting that turned the request away.
    #[must_use]
    pub fn limit(&self) -> Option<&'static str> {
        match self {
            Self::TooManyRequests(limit) => Some(limit.budget),
            Self::TooManyConnections => Some("limits.connections"),
            Self::BodyTooLarge(_) => Some("limits.body_bytes"),
            Self::TooSlow(_) => Some("limits.body_seconds"),
            Self::TookTooLong(_) => Some("limits.request_seconds"),
            _ => None,
        }
    }

    /// Seconds after which a failed request may be sent again.
    #[must_use]
    pub fn retry_after(&self) -> Option<u32> {
        match self {
            Self::TooManyRequests(limit) => Some(limit.seconds),
            Self::TooManyConnections => Some(RETRY_AFTER),
            _ => (self.status() == StatusCode::SERVICE_UNAVAILABLE).then_some(RETRY_AFTER),
        }
    }
}

impl From<CreateUserError> for ApiError {
    fn from(error: CreateUserError) -> Self {
        match error {
            CreateUserError::LoginTaken => Self::RegisterUsernameTaken,
            CreateUserError::EmailTaken => Self::RegisterEmailTaken,
            CreateUserError::Field(error) => Self::RegisterField(error),
            CreateUserError::PasswordTooLong => Self::RegisterPasswordTooLong,
            CreateUserError::NoDate => Self::RegisterNoDate,
            CreateUserError::ProtectedKey(key) => Self::MetaProtected(key),
            CreateUserError::Store(error) => error.into(),
            CreateUserError::Hash(error) => error.into(),
        }
    }
}

impl From<TooMany> for ApiError {
    fn from(limit: TooMany) -> Self {
        Self::TooManyRequests(limit)
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<MetaError> for ApiError {
    fn from(error: MetaError) -> Self {
        match error {
            MetaError::Protected(key) => Self::MetaProtected(key),
            MetaError::Store(error) => Self::Store(error),
        }
    }
}

impl From<HashError> for ApiError {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Busy => Self::Busy,
            HashError::Abandoned => Self::CallerGone,
            HashError::Interrupted => Self::Internal("hashing was interrupted"),
        }
    }
}

#[cfg(test)]
mod tests;
