use super::*;

#[test]
fn every_text_is_the_one_on_the_wire() {
    let texts: &[(ApiError, u16, &str)] = &[
        (ApiError::NotFound, 404, "Not found."),
        (ApiError::UnknownController("x".to_owned()), 400, "Unknown controller 'x'."),
        (ApiError::UnknownMethod("x".to_owned()), 400, "Unknown method 'x'."),
        (
            ApiError::RemovedFromCore { method: "create_post", controller: "Posts" },
            400,
            "The 'create_post' method has been removed from the Core controller. To use this method you must enable \
             the Posts controller from WP Admin > Settings > JSON API.",
        ),
        (ApiError::VariableMismatch, 400, "A variable mismatch has been detected."),
        (ApiError::MethodNotAllowed, 405, "Method not allowed."),
        (ApiError::NotText("x"), 400, "The 'x' var must be text."),
        (ApiError::EncodeOptions, 400, "The 'json_encode_options' var must be a number."),
        (
            ApiError::Callback,
            400,
            "The 'callback' var must be a JavaScript identifier path of at most 128 characters.",
        ),
        (ParamsError::TooManyVariables.into(), 400, "More than 1000 variables in the query or body."),
        (ParamsError::NestedTooDeep.into(), 400, "A variable in the query or body is nested deeper than 64."),
        (ParamsError::TooManyParts.into(), 400, "More than 1020 parts in the body."),
        (ApiError::BodyTooLarge(8), 413, "The request body is larger than 8 bytes."),
        (ApiError::BodyUnreadable, 400, "The request body could not be read."),
        (
            ApiError::UserNeedsTls,
            400,
            "SSL is not enabled. Either use _https_ or provide 'insecure' var as insecure=cool to confirm you want \
             to use http protocol.",
        ),
        (ApiError::AuthNeedsTls, 400, "I'm sorry Dave. I'm afraid I can't do that. (use _https_ please)"),
        (ApiError::NonceVars, 400, "Include 'controller' and 'method' vars in your request."),
        (
            ApiError::CookieMissing,
            400,
            "You must include a 'cookie' var in your request. Use the `generate_auth_cookie` Auth API method.",
        ),
        (
            ApiError::UserCookieInvalid,
            400,
            "Invalid authentication cookie. Use the `generate_auth_cookie` method.",
        ),
        (
            ApiError::AuthCookieInvalid,
            400,
            "Invalid authentication cookie. Use the `generate_auth_cookie` Auth API method.",
        ),
        (
            ApiError::UserValidateCookieMissing,
            400,
            "You must include a 'cookie' authentication cookie. Use the `create_auth_cookie` method.",
        ),
        (
            ApiError::AuthValidateCookieMissing,
            400,
            "You must include a 'cookie' authentication cookie. Use the `create_auth_cookie` Auth API method.",
        ),
        (
            ApiError::UsernameOrEmailMissing,
            400,
            "You must include 'username' or 'email' var in your request to generate cookie.",
        ),
        (ApiError::UsernameMissing, 400, "You must include a 'username' var in your request."),
        (ApiError::PasswordMissing, 400, "You must include a 'password' var in your request."),
        (ApiError::Seconds, 400, "The 'seconds' var must be a positive whole number."),
        (ApiError::EmailInvalid, 400, "Invalid email address."),
        (ApiError::EmailUnknown, 400, "email does not exist."),
        (ApiError::UserLoginInvalid, 401, "Invalid username/email and/or password."),
        (ApiError::AuthLoginInvalid, 401, "Invalid username and/or password."),
        (ApiError::UserIdMissing, 400, "You must include 'user_id' var in your request. "),
        (
            TooMany { budget: "limits.login_address", seconds: 9 }.into(),
            429,
            "Too many requests. Try again in 9 seconds.",
        ),
        (ApiError::Busy, 503, "Too many requests wait already. Try again in a moment."),
        (ApiError::BehindTheLast, 400, "The connection was to be closed."),
        (ApiError::TooManyConnections, 429, "Too many connections."),
        (ApiError::TooSlow(9), 408, "The request did not arrive within 9 seconds."),
        (
            ApiError::TookTooLong(9),
            408,
            "The request took longer than 9 seconds. What it was to write may still be written.",
        ),
        (ApiError::NotReady, 503, "The service is not ready. Try again in a moment."),
        (
            ApiError::Store(StoreError::Settings("secret".to_owned())),
            503,
            "The database is not available. Try again in a moment.",
        ),
        (ApiError::Internal("cause"), 500, "The request could not be completed."),
    ];
    for (error, status, text) in texts {
        assert_eq!((error.status().as_u16(), error.to_string().as_str()), (*status, *text));
    }
}
