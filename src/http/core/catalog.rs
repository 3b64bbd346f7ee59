//! The controllers of the plugins as `info` describes them, methods in the order of their source.
//!
//! Methods listed here need not be served here: PHP may be answering them (D24).

/// A controller of the plugins.
#[derive(Debug)]
pub struct Controller {
    /// Lower case.
    pub name: &'static str,
    /// Its title.
    pub title: &'static str,
    /// What it says of itself.
    pub description: &'static str,
    /// Public methods; `__construct` among them where there is one.
    pub methods: &'static [&'static str],
}

/// In the order in which `info` lists them.
pub static CONTROLLERS: &[Controller] = &[
    Controller {
        name: "users",
        title: "Users",
        description: "Data manipulation methods for users",
        methods: &[],
    },
    Controller {
        name: "respond",
        title: "Respond",
        description: "Comment/trackback submission methods",
        methods: &["submit_comment", "register_typeform"],
    },
    Controller {
        name: "core",
        title: "Core",
        description: "Basic introspection methods",
        methods: &[
            "info",
            "get_recent_posts",
            "get_posts",
            "get_post",
            "get_page",
            "get_date_posts",
            "get_category_posts",
            "get_tag_posts",
            "get_author_posts",
            "get_search_results",
            "get_date_index",
            "get_category_index",
            "get_tag_index",
            "get_author_index",
            "get_page_index",
            "get_menu",
            "get_list_menu",
            "get_nonce",
        ],
    },
    Controller {
        name: "posts",
        title: "Posts",
        description: "Data manipulation methods for posts",
        methods: &["create_post", "update_post", "delete_post"],
    },
    Controller {
        name: "auth",
        title: "Auth",
        description: "Authentication add-on controller for the Wordpress JSON API plugin",
        methods: &["__construct", "validate_auth_cookie", "generate_auth_cookie", "get_currentuserinfo"],
    },
    Controller {
        name: "user",
        title: "User",
        description: "User Registration, Authentication, User Info, User Meta, FB Login, BuddyPress xProfile Fields \
                      methods",
        methods: &[
            "__construct",
            "info",
            "register",
            "get_avatar",
            "get_userinfo",
            "retrieve_password",
            "validate_auth_cookie",
            "generate_auth_cookie",
            "get_currentuserinfo",
            "get_user_meta",
            "update_user_meta",
            "delete_user_meta",
            "update_user_meta_vars",
            "xprofile",
            "xprofile_update",
            "fb_connect",
            "post_comment",
        ],
    },
];

/// The controller of that name, in lower case.
pub fn find(name: &str) -> Option<&'static Controller> {
    CONTROLLERS.iter().find(|controller| controller.name == name)
}
