//! From the TOML tree to a profile.

use routing::{HostName, HostPattern};

use super::gitea::GiteaProfile;
use super::hosts::{HostEntry, HostList};
use super::kind::KindProfile;
use super::metallb::MetallbProfile;
use super::object::{ObjectRef, is_name};
use super::router::RouterProfile;
use super::routes;
use super::sandbox::SandboxProfile;
use super::section::{Item, Raw, Section};
use super::tarball::TarballProfile;
use super::{Entrance, Kubernetes, NodePorts, Profile};

/// Names of what is beside the profiles in the state directory.
const RESERVED: [&str; 4] = ["profile", "tarballs", "testbed", "tools"];

/// Reads the whole tree; what is wrong is noted with the section's problems.
pub(super) fn profile(mut root: Section<'_, '_>, file_stem: &str) -> Option<Profile> {
    let name = root.required("name").and_then(|item| item.text()?.read(|name| read_name(name, file_stem)));
    let domain = root.required("domain").and_then(|item| item.text()?.read(read_domain));
    let kubernetes = root.required("kubernetes").and_then(|item| item.word(&Kubernetes::ALL));
    let node_ports = read_node_ports(&mut root, kubernetes);
    let namespaces = root.optional("namespaces").and_then(Item::list).unwrap_or_default();
    let kind = root.optional("kind").and_then(Item::section);
    let metallb = root.optional("metallb").and_then(Item::section);
    let gitea = root.optional("gitea").and_then(Item::section);
    let tarball = root.optional("tarball").and_then(Item::section);
    let entrance = root.required("entrance").and_then(|item| item.word(&Entrance::ALL));
    let router = root.optional("router").and_then(Item::section);
    let list = root.optional("host_list").and_then(Item::section);
    let has_list = list.is_some();
    let sandbox = root.optional("sandbox").and_then(Item::section);
    let tables = root.optional("route").and_then(Item::list).unwrap_or_default();
    check_router(&root, entrance, router.as_ref());
    check_kind(&root, kubernetes, kind.as_ref());
    if tables.is_empty() {
        root.report("there are no routes: write a `[[route]]` for each");
    }
    root.finish();
    let router = router.and_then(RouterProfile::read);
    let kind = kind.and_then(KindProfile::read);
    let metallb = metallb.and_then(MetallbProfile::read);
    let gitea = gitea.and_then(GiteaProfile::read);
    let tarball = tarball.and_then(TarballProfile::read);
    let domain = domain?.value;
    let host_list = list.and_then(|section| read_host_list(section, &domain));
    let count = tables.len();
    let located: Vec<_> = tables.into_iter().filter_map(|item| routes::read(item, &domain)).collect();
    // A list that is there but wrong has been reported; its absence has not.
    if host_list.is_some() || !has_list {
        routes::check(&located, host_list.as_ref());
    }
    let taken: Vec<_> = located.iter().map(|read| &read.route).collect();
    let sandbox = sandbox
        .and_then(|section| SandboxProfile::read(section, &domain, (taken.len() == count).then_some(&taken)));
    Some(Profile {
        name: name?.value,
        domain,
        kubernetes: kubernetes?,
        node_ports,
        namespaces: namespaces.into_iter().filter_map(read_namespace).collect(),
        kind,
        metallb,
        gitea,
        tarball,
        entrance: entrance?,
        router,
        host_list,
        sandbox,
        routes: located.into_iter().map(|read| read.route).collect(),
    })
}

fn read_name(name: &String, file_stem: &str) -> Result<String, String> {
    if RESERVED.contains(&name.as_str()) {
        return Err(format!("`{name}` is the name of something else in the state directory"));
    }
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if name != file_stem {
        Err(format!("`{name}` is not the name of the file, `{file_stem}`"))
    } else if name.is_empty() || !name.bytes().all(allowed) {
        Err(format!("`{name}` is not a name of lower-case letters, digits and `-`"))
    } else {
        Ok(name.clone())
    }
}

fn read_domain(text: &String) -> Result<HostName, String> {
    HostName::parse(text).map_err(|error| format!("`{text}` is not a domain: {error}"))
}

/// There exactly if there is a cluster; otherwise that is noted.
fn read_node_ports(root: &mut Section<'_, '_>, kubernetes: Option<Kubernetes>) -> Option<NodePorts> {
    match kubernetes {
        Some(Kubernetes::None) => {
            let item = root.optional("node_ports")?;
            item.at.report("there are no node ports where `kubernetes = \"none\"`; leave it out");
            None
        }
        Some(_) => root.required("node_ports")?.word(&NodePorts::ALL),
        None => root.optional("node_ports")?.word(&NodePorts::ALL),
    }
}

fn check_router(root: &Section<'_, '_>, entrance: Option<Entrance>, router: Option<&Section<'_, '_>>) {
    match (entrance, router) {
        (Some(Entrance::Router), None) => root.report("`entrance = \"router\"` needs a table `[router]`"),
        (Some(Entrance::Metallb | Entrance::Aws), Some(router)) => {
            router.report("a table `[router]` needs `entrance = \"router\"`");
        }
        _ => {}
    }
}

fn check_kind(root: &Section<'_, '_>, kubernetes: Option<Kubernetes>, kind: Option<&Section<'_, '_>>) {
    match (kubernetes, kind) {
        (Some(Kubernetes::Kind), None) => root.report("`kubernetes = \"kind\"` needs a table `[kind]`"),
        (Some(Kubernetes::None | Kubernetes::Rke2 | Kubernetes::Eks), Some(kind)) => {
            kind.report("a table `[kind]` needs `kubernetes = \"kind\"`");
        }
        _ => {}
    }
}

fn read_namespace(item: Raw<'_, '_>) -> Option<String> {
    let refused = |text: &String| format!("`{text}` is not a namespace: lower-case letters, digits and `-`");
    let read = |text: &String| if is_name(text) { Ok(text.clone()) } else { Err(refused(text)) };
    item.text()?.read(read).map(|item| item.value)
}

fn read_host_list(mut section: Section<'_, '_>, domain: &HostName) -> Option<HostList> {
    let config_map =
        section.required("config_map").and_then(|item| item.text()?.read(|text| ObjectRef::parse(text)));
    let key = section.required("key").and_then(Item::text);
    let labels = section.required("labels").and_then(Item::list);
    section.finish();
    let mut hosts = Vec::new();
    for label in labels? {
        let host = label.text().and_then(|item| item.read(|text| read_listed(text, domain, &hosts)));
        hosts.extend(host.map(|item| item.value));
    }
    Some(HostList { config_map: config_map?.value, key: key?.value, hosts })
}

fn read_listed(text: &str, domain: &HostName, earlier: &[HostPattern]) -> Result<HostPattern, String> {
    match HostEntry::parse(text, domain)? {
        HostEntry::Pattern(host) if earlier.contains(&host) => Err(format!("host `{text}` is listed twice")),
        HostEntry::Pattern(HostPattern::Any) | HostEntry::HostList => {
            Err(format!("host `{text}` cannot be in the list that `@hosts` stands for"))
        }
        HostEntry::Pattern(host) => Ok(host),
    }
}
