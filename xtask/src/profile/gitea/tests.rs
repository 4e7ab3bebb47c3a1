use super::*;
use crate::profile::Profile;

/// The profile `coder` with these settings over it.
fn coder(settings: &[&str]) -> anyhow::Result<GiteaProfile> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let settings: Vec<String> = settings.iter().map(|&setting| setting.to_owned()).collect();
    Ok(Profile::load(root, "coder", &settings)?.gitea.expect("the profile has the table"))
}

#[test]
fn the_profiles_name_four_accounts_each() {
    let gitea = coder(&[]).unwrap();
    let server = gitea.server.as_ref().unwrap();
    let accounts: Vec<_> = server.accounts.iter().map(|it| format!("{} {}", it.name, it.secret)).collect();
    assert_eq!(
        accounts,
        [
            "gitea_admin orch-platform/admin-gitea-credential",
            "argocd orch-platform/argocd-gitea-credential",
            "apporch orch-platform/app-gitea-credential",
            "clusterorch orch-platform/cluster-gitea-credential",
        ]
    );
    assert_eq!(server.admin().unwrap().name, "gitea_admin");
    assert_eq!(gitea.owner().unwrap().name, "argocd");
    assert_eq!(gitea.host(), "gitea-http.gitea.svc.cluster.local");
    assert_eq!(gitea.limits.limits(), git_seed::Limits::default());
}

#[test]
fn names_that_would_be_paths_or_options_are_refused() {
    for name in ["../x", "a", "a/b/c", "/a", "a/", "a/..", "a/b.git", "-a/b", "a/b c", "a/b\u{0}"] {
        assert!(RepositoryRef::parse(name).is_err(), "{name}");
    }
    for name in ["", "HEAD", "-x", "a//b", "a..b", "a.lock", "a b", "refs/../x", "@{u}"] {
        assert!(read_branch(&name.to_owned()).is_err(), "{name}");
    }
    for name in ["main", "release/24.11", "a-b_c"] {
        assert!(read_branch(&name.to_owned()).is_ok(), "{name}");
    }
}

#[test]
fn a_limit_of_nothing_is_refused() {
    let error = coder(&["gitea.limits.depth=0"]).unwrap_err();
    assert!(format!("{error:#}").contains("0 is not of 1 to 256"), "{error:#}");
}
