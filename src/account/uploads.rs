//! Where uploaded avatars lie, and which file is a user's: `wp_upload_dir()` and `bp_core_fetch_avatar()`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::timeout;

use crate::settings::{UploadConstants, Wordpress};

/// The folder of all avatars and its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AvatarFiles {
    /// `…/uploads/avatars`
    pub folder: PathBuf,
    /// Its address, without a slash at its end.
    pub url: String,
    /// It lies on a disk of this machine, which answers from memory: see [`Self::look_where`].
    pub local: bool,
}

/// How long a file system may take to say what it is.
const PATIENCE: Duration = Duration::from_secs(1);

/// Kinds of file systems that no other machine stands behind: ext2 to ext4, XFS, btrfs, ZFS, F2FS, tmpfs, overlayfs.
const LOCAL: [u64; 7] =
    [0xEF53, 0x5846_5342, 0x9123_683E, 0x2FC1_2FC1, 0xF2F5_2010, 0x0102_1994, 0x794C_7630];

/// The options that move the uploads, and the site's address.
#[derive(Clone, Copy, Debug)]
pub struct UploadOptions<'a> {
    /// `siteurl`, or the constant in its place, without a slash at its end.
    pub siteurl: &'a str,
    /// `upload_path`
    pub path: &'a str,
    /// `upload_url_path`
    pub url: &'a str,
}

impl AvatarFiles {
    /// The folder of the settings, else that of WordPress; `None` where neither is known.
    #[must_use]
    pub fn locate(wordpress: &Wordpress, options: UploadOptions<'_>) -> Option<Self> {
        let of_wordpress =
            wordpress.path.as_deref().zip(wordpress.uploads.as_ref()).map(|(path, constants)| {
                let (folder, url) = upload_dir(path, constants, options);
                let folder = constants.avatar_path.as_ref().map_or(folder, PathBuf::from);
                (folder, constants.avatar_url.clone().unwrap_or(url))
            });
        let (folder, url) = of_wordpress.map_or((None, None), |(folder, url)| (Some(folder), Some(url)));
        let folder = wordpress.uploads_path.clone().or(folder)?;
        let url = wordpress.uploads_url.clone().or(url);
        let url = url.unwrap_or_else(|| format!("{}/wp-content/uploads", options.siteurl));
        let url = format!("{}/avatars", url.trim_end_matches('/'));
        Some(Self { folder: folder.join("avatars"), url, local: false })
    }

    /// Finds out whether the folder lies on this machine.
    pub async fn look_where(&mut self) {
        let folder = self.folder.clone();
        let asked = tokio::task::spawn_blocking(move || is_local(&folder));
        self.local = matches!(timeout(PATIENCE, asked).await, Ok(Ok(true)));
    }

    /// The address of a user's uploaded avatar.
    ///
    /// A folder on another machine is asked off the server's own threads: it may take its time. The way there and back
    /// costs more than all else that such a request does, so one on this machine is asked at once.
    pub async fn find(&self, user_id: u64, full: bool) -> Option<String> {
        let folder = self.folder.join(user_id.to_string());
        let name = if self.local {
            pick(&folder, full)?
        } else {
            tokio::task::spawn_blocking(move || pick(&folder, full)).await.ok()??
        };
        Some(format!("{}/{user_id}/{name}", self.url))
    }
}

/// Whether the folder, or the first above it that is there, is on a file system of this machine.
fn is_local(folder: &Path) -> bool {
    let there = folder.ancestors().find_map(|folder| rustix::fs::statfs(folder).ok());
    there.is_some_and(|found| u64::try_from(found.f_type).is_ok_and(|kind| LOCAL.contains(&kind)))
}

/// The last file that fits, in the folder's own order; files of very old releases only where there is none.
fn pick(folder: &Path, full: bool) -> Option<String> {
    let (current, legacy) = if full { ("-bpfull", "-avatar2") } else { ("-bpthumb", "-avatar1") };
    let is_file = |entry: &std::fs::DirEntry| entry.file_type().is_ok_and(|kind| !kind.is_dir());
    let entries = std::fs::read_dir(folder).ok()?.filter_map(Result::ok).filter(is_file);
    let (mut newest, mut oldest) = (None, None);
    for name in entries.filter_map(|entry| entry.file_name().into_string().ok()) {
        if name.contains(current) {
            newest = Some(name);
        } else if name.contains(legacy) {
            oldest = Some(name);
        }
    }
    newest.or(oldest)
}

/// `wp_upload_dir()` of the main site: folder and address.
fn upload_dir(path: &Path, constants: &UploadConstants, options: UploadOptions<'_>) -> (PathBuf, String) {
    let siteurl = options.siteurl;
    if let Some(uploads) = &constants.uploads {
        return (path.join(uploads.trim_start_matches('/')), format!("{siteurl}/{uploads}"));
    }
    let content_dir = constants.content_dir.as_ref().map_or_else(|| path.join("wp-content"), PathBuf::from);
    let content_url = constants.content_url.clone().unwrap_or_else(|| format!("{siteurl}/wp-content"));
    let option = options.path.trim();
    let usual = matches!(option, "" | "0" | "wp-content/uploads");
    // Joining keeps a path that is absolute, within WordPress's folder or not.
    let folder = if usual { content_dir.join("uploads") } else { path.join(option) };
    let url = if !matches!(options.url, "" | "0") {
        options.url.to_owned()
    } else if usual || Path::new(option) == folder {
        format!("{content_url}/uploads")
    } else {
        format!("{siteurl}/{option}")
    };
    (folder, url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn located(constants: UploadConstants, path: &str, url: &str) -> (String, String) {
        let wordpress =
            Wordpress { path: Some("/srv/www".into()), uploads: Some(constants), ..Wordpress::default() };
        let options = UploadOptions { siteurl: "http://e.org", path, url };
        let files = AvatarFiles::locate(&wordpress, options).unwrap();
        (files.folder.to_str().unwrap().to_owned(), files.url)
    }

    fn both(folder: &str, url: &str) -> (String, String) {
        (folder.to_owned(), url.to_owned())
    }

    #[test]
    fn avatars_lie_where_wordpress_keeps_its_uploads() {
        let none = UploadConstants::default;
        let usual = both("/srv/www/wp-content/uploads/avatars", "http://e.org/wp-content/uploads/avatars");
        assert_eq!(located(none(), "", ""), usual);
        assert_eq!(located(none(), "wp-content/uploads", ""), usual);
        assert_eq!(
            located(none(), "media", ""),
            both("/srv/www/media/avatars", "http://e.org/media/avatars")
        );
        assert_eq!(
            located(none(), "/mnt/x", "http://cdn/x/"),
            both("/mnt/x/avatars", "http://cdn/x/avatars")
        );
        let constants = UploadConstants { uploads: Some("files".to_owned()), ..none() };
        assert_eq!(
            located(constants, "media", ""),
            both("/srv/www/files/avatars", "http://e.org/files/avatars")
        );
        let constants = UploadConstants {
            content_dir: Some("/srv/app".to_owned()),
            content_url: Some("http://e.org/app".to_owned()),
            ..none()
        };
        assert_eq!(
            located(constants, "", ""),
            both("/srv/app/uploads/avatars", "http://e.org/app/uploads/avatars")
        );
        let constants = UploadConstants {
            avatar_path: Some("/a".to_owned()),
            avatar_url: Some("http://a".to_owned()),
            ..none()
        };
        assert_eq!(located(constants, "", ""), both("/a/avatars", "http://a/avatars"));
    }

    #[tokio::test]
    async fn a_folder_of_this_machine_is_known_as_such_also_before_it_is_there() {
        let folder = tempfile::tempdir().unwrap();
        for (path, local) in [(folder.path().join("not/yet"), true), ("/proc/self".into(), false)] {
            let mut files = AvatarFiles { folder: path, url: "http://e.org".to_owned(), local: false };
            files.look_where().await;
            assert_eq!(files.local, local, "{}", files.folder.display());
        }
    }

    #[test]
    fn the_settings_come_first() {
        let wordpress = Wordpress {
            uploads_path: Some("/u".into()),
            uploads_url: Some("http://u/".to_owned()),
            ..Wordpress::default()
        };
        let options = UploadOptions { siteurl: "http://e.org", path: "x", url: "" };
        let files = AvatarFiles::locate(&wordpress, options).unwrap();
        assert_eq!((files.folder, files.url), ("/u/avatars".into(), "http://u/avatars".to_owned()));
        assert_eq!(AvatarFiles::locate(&Wordpress::default(), options), None);
    }
}
