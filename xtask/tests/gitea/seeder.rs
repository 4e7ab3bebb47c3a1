//! The program, as the owner of a repository calls it.

use std::fs;
use std::path::Path;

use base64::{Engine as _, prelude::BASE64_STANDARD};

use super::bed::{As, Bed, PASSWORD};
use super::git::run;
use crate::support::{Call, Checkout, Ran};

/// When every file of an archive was changed: seconds since 1970.
const DATE: u64 = 1_700_000_000;

/// An owner of a repository, in a checkout.
pub struct Seeder<'a> {
    pub bed: &'a Bed,
    pub checkout: Checkout,
    pub user: String,
    /// `OWNER/NAME`; it may not be there yet.
    pub repository: String,
}

impl<'a> Seeder<'a> {
    /// A new account without a repository. Its password is in the file
    /// `password`.
    pub fn new(bed: &'a Bed) -> Self {
        let user = bed.user();
        let repository = format!("{user}/infra");
        let checkout = Checkout::new();
        checkout.write("password", PASSWORD);
        Self { bed, checkout, user, repository }
    }

    /// A new account with a repository and a commit in it.
    pub fn with_release(bed: &'a Bed) -> Self {
        let seeder = Self::new(bed);
        seeder.archive("first.tar", &[("VERSION", "1.0.0\n"), ("a/b.txt", "first\n")]);
        seeder.run("seed --tarball first.tar").exits(0);
        seeder
    }

    /// Writes an archive with files, by path and content, below one folder.
    pub fn archive(&self, file: &str, files: &[(&str, &str)]) {
        let mut tar = tar::Builder::new(Vec::new());
        for (path, content) in files {
            let mut header = tar::Header::new_ustar();
            header.set_mode(0o644);
            header.set_mtime(DATE);
            header.set_size(content.len() as u64);
            tar.append_data(&mut header, format!("release/{path}"), content.as_bytes()).unwrap();
        }
        fs::write(self.checkout.root().join(file), tar.into_inner().unwrap()).unwrap();
    }

    /// Writes an archive of some files that nothing makes smaller: as many KiB,
    /// different for each `seed`.
    pub fn large_archive(&self, file: &str, kib: usize, seed: u64) {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut letter = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            char::from(b' ' + (state % 95) as u8)
        };
        let files: Vec<(String, String)> = (0..kib.div_ceil(16))
            .map(|index| (format!("{}/{index}.txt", index % 7), (0..16 << 10).map(|_| letter()).collect()))
            .collect();
        let files: Vec<_> = files.iter().map(|(path, content)| (&**path, &**content)).collect();
        self.archive(file, &files);
    }

    /// Makes a token for the owner, in the file `token`; returns its value.
    pub fn token(&self, scopes: &[&str]) -> String {
        let value = self.bed.token(&self.user, "of-a-test", scopes);
        self.checkout.write("token", &value);
        value
    }

    /// A verb of `gitea` with its words, by the password if none names
    /// another secret.
    pub fn call(&self, words: &str) -> Call {
        let mut args: Vec<String> =
            ["gitea"].into_iter().chain(words.split_whitespace()).map(str::to_owned).collect();
        args.extend(["--profile", "coder", "--url", self.bed.url()].map(str::to_owned));
        if !words.contains("--ca ") {
            args.extend(["--ca".to_owned(), self.bed.authority().display().to_string()]);
        }
        if !words.contains("-file ") {
            args.extend(["--password-file", "password"].map(str::to_owned));
        }
        if !words.contains("gitea.repository=") {
            args.extend(["--set".to_owned(), format!("gitea.repository={}", self.repository)]);
        }
        self.checkout.xtask(args)
    }

    /// Runs it to its end; no secret is in what it says.
    #[track_caller]
    pub fn run(&self, words: &str) -> Ran {
        let ran = self.call(words).run();
        self.tells_no_secret(ran.text());
        self.tells_no_secret(ran.errors());
        ran
    }

    /// Asserts that it has neither the password nor a token in it, plain or as
    /// it is sent.
    #[track_caller]
    pub fn tells_no_secret(&self, said: &str) {
        let mut secrets = vec![PASSWORD.to_owned()];
        secrets.extend(fs::read_to_string(self.checkout.root().join("token")));
        let requests = self.bed.fake().map(fake_gitea::FakeGitea::requests).unwrap_or_default();
        for sent in requests.iter().filter_map(|request| request.header("authorization")) {
            let value = sent.split(' ').nth(1).unwrap_or_default();
            let plain = BASE64_STANDARD.decode(value).ok().and_then(|plain| String::from_utf8(plain).ok());
            let plain = plain.and_then(|plain| Some(plain.split_once(':')?.1.to_owned()));
            secrets.push(value.to_owned());
            secrets.extend(plain);
        }
        for secret in secrets {
            assert!(!said.contains(&secret), "`{secret}` is in {said}");
        }
    }

    /// Seeds, and returns the answer.
    #[track_caller]
    pub fn seeds(&self, words: &str) -> serde_json::Value {
        self.run(&format!("seed --format json {words}")).exits(0).json()
    }

    /// The commit that a branch is at, by git itself.
    #[track_caller]
    pub fn head(&self, branch: &str) -> Option<String> {
        let reference = format!("refs/heads/{branch}");
        let said = self.git(self.checkout.root(), &["ls-remote", &self.clone_url(), &reference]);
        said.split_whitespace().next().map(str::to_owned)
    }

    /// A clone of the repository, in a folder of its own.
    #[track_caller]
    pub fn clone(&self, folder: &str) -> std::path::PathBuf {
        self.git(self.checkout.root(), &["clone", "--quiet", &self.clone_url(), folder]);
        self.checkout.root().join(folder)
    }

    /// Commits and pushes a file, as a person does; returns the commit.
    #[track_caller]
    pub fn person_commits(&self, path: &str, content: &str) -> String {
        let folder = format!("of-a-person-{}", path.replace('/', "-"));
        let tree = self.clone(&folder);
        fs::write(tree.join(path), content).unwrap();
        self.git(&tree, &["add", "."]);
        self.git(&tree, &["commit", "--quiet", "--message=by a person"]);
        self.git(&tree, &["push", "--quiet", "origin", "main"]);
        self.git(&tree, &["rev-parse", "HEAD"]).trim_end().to_owned()
    }

    /// The ids and trees of the branch's commits, the newest first.
    #[track_caller]
    pub fn history(&self) -> Vec<(String, String)> {
        let folder = tempfile::tempdir_in(self.checkout.root()).unwrap();
        let bare = folder.path().join("history");
        let (url, path) = (self.clone_url(), bare.to_str().unwrap());
        self.git(self.checkout.root(), &["clone", "--quiet", "--bare", &url, path]);
        self.git(&bare, &["fsck", "--strict", "--no-dangling"]);
        let lines = self.git(&bare, &["log", "--format=%H %T", "main"]);
        let pair =
            |line: &str| line.split_once(' ').map(|(id, tree)| (id.to_owned(), tree.to_owned())).unwrap();
        lines.lines().map(pair).collect()
    }

    #[track_caller]
    pub fn git(&self, dir: &Path, args: &[&str]) -> String {
        run(self.bed, dir, args)
    }

    /// The names of the owner's tokens that calls have made.
    pub fn push_tokens(&self) -> Vec<String> {
        let mut names = self.bed.tokens(&self.user);
        names.retain(|name| name.starts_with("xtask-seed"));
        names
    }

    /// What Gitea says of the repository.
    pub fn described(&self) -> serde_json::Value {
        self.bed.get(&format!("/repos/{}", self.repository), As::User(&self.user)).is(200)
    }

    /// Waits until Gitea itself has noticed that something was pushed.
    #[track_caller]
    pub fn is_noticed(&self) {
        let path = format!("/repos/{}", self.repository);
        self.bed.get_until(&path, As::User(&self.user), |answer| answer.text.contains("\"empty\":false"));
    }

    fn clone_url(&self) -> String {
        self.bed.clone_url(&self.user, &self.repository)
    }
}
