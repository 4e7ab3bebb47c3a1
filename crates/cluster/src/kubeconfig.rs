//! Reads kubeconfig files and picks a context of them.

use std::fmt::Display;
use std::io;
use std::path::{Path, PathBuf};

use http::Uri;
use kube::Config;
use kube::config::{
    AuthInfo, Cluster, Context, ExecAuthCluster, Kubeconfig, KubeconfigError, LoadDataError, NamedContext,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::{Error, Proxies, text};

/// The files that exist, merged as kubectl does: the first to name a thing
/// says what it is. `None`: there are none.
pub(crate) fn read(files: &[PathBuf]) -> Result<Option<Kubeconfig>, Error> {
    let mut merged: Option<Kubeconfig> = None;
    for file in files {
        let next = match Kubeconfig::read_from(file) {
            Err(KubeconfigError::ReadConfig(error, _)) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(unreadable(file, &error)),
            Ok(next) => next,
        };
        merged = Some(match merged {
            None => next,
            Some(first) => first.merge(next).map_err(|error| unreadable(file, &error))?,
        });
    }
    Ok(merged)
}

/// No text of the file is quoted: there may be a token in it.
fn unreadable(file: &Path, error: &KubeconfigError) -> Error {
    let reason = match error {
        KubeconfigError::ReadConfig(error, _) => format!("cannot be read: {error}"),
        KubeconfigError::Parse(error) => match error.location() {
            Some(place) => {
                format!("is not a kubeconfig: see line {}, column {}", place.line(), place.column())
            }
            None => "is not a kubeconfig".into(),
        },
        error => format!("cannot be merged: {error}"),
    };
    let file = file.display();
    let help = format!("mend or move it; `kubectl --kubeconfig '{file}' config view` reads the same file");
    wrong(format!("`{file}` {reason}"), help)
}

/// The configuration for the context `wanted`, else for the current one, and its name.
pub(crate) fn choose(
    kubeconfig: Kubeconfig,
    wanted: Option<&str>,
    proxies: &Proxies,
) -> Result<(Config, String), Error> {
    let Kubeconfig { contexts, clusters, auth_infos, current_context, .. } = kubeconfig;
    let name = match (wanted, current_context.filter(|name| !name.is_empty())) {
        (Some(name), _) => name.to_owned(),
        (None, Some(name)) => name,
        (None, None) => return Err(wrong("the kubeconfig has no current context", one_of(&contexts))),
    };
    let context =
        contexts.iter().find(|context| context.name == name).and_then(|context| context.context.clone());
    let Some(context) = context else {
        return Err(wrong(format!("there is no context `{name}` in the kubeconfig"), one_of(&contexts)));
    };
    let named = |kind: &str, missing: &str| {
        wrong(
            format!("the context `{name}` names the {kind} `{missing}`, which the kubeconfig does not have"),
            format!("`kubectl config get-contexts` shows what there is; {}", one_of(&contexts)),
        )
    };
    let cluster = clusters.into_iter().find(|cluster| cluster.name == context.cluster);
    let cluster =
        cluster.and_then(|cluster| cluster.cluster).ok_or_else(|| named("cluster", &context.cluster))?;
    // Without a user, the cluster is asked anonymously, as by `kubectl proxy`.
    let user = match context.user.as_deref().filter(|user| !user.is_empty()) {
        None => AuthInfo::default(),
        Some(user) => auth_infos
            .into_iter()
            .find(|info| info.name == user)
            .and_then(|info| info.auth_info)
            .ok_or_else(|| named("user", user))?,
    };
    Ok((configure(&context, &cluster, user, proxies)?, name))
}

fn configure(
    context: &Context,
    cluster: &Cluster,
    mut user: AuthInfo,
    proxies: &Proxies,
) -> Result<Config, Error> {
    let name = &context.cluster;
    let server = address(name, cluster.server.as_deref().unwrap_or_default())?;
    // What a plug-in would be told of the cluster has its authority loaded.
    let told = ExecAuthCluster::try_from(cluster).map_err(|error| unusable(&error))?;
    let mut config = Config::new(server.clone());
    if let Some(pem) = &told.certificate_authority_data {
        let certificates = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
        let certificates = certificates.ok().filter(|found| !found.is_empty()).ok_or_else(|| {
            wrong(
                format!("the certificate authority of the cluster `{name}` is not a PEM certificate"),
                fresh(),
            )
        })?;
        config.root_cert = Some(certificates.iter().map(|certificate| certificate.to_vec()).collect());
    }
    if let Some(exec) = user.exec.as_mut().filter(|exec| exec.provide_cluster_info) {
        exec.cluster = Some(told);
    }
    config.proxy_url = match cluster.proxy_url.as_deref().filter(|url| !url.is_empty()) {
        Some(url) => Some(
            url.parse()
                .map_err(|_| wrong(format!("the `proxy-url` of the cluster `{name}` is no URL"), fresh()))?,
        ),
        None => proxies.to(&server),
    };
    config.accept_invalid_certs = cluster.insecure_skip_tls_verify.unwrap_or_default();
    config.tls_server_name = cluster.tls_server_name.clone().filter(|name| !name.is_empty());
    config.auth_info = user;
    if let Some(namespace) = &context.namespace {
        config.default_namespace.clone_from(namespace);
    }
    Ok(config)
}

fn address(cluster: &str, server: &str) -> Result<Uri, Error> {
    let uri = server.parse::<Uri>().ok();
    uri.filter(|uri| matches!(uri.scheme_str(), Some("https" | "http")) && uri.host().is_some()).ok_or_else(
        || {
            wrong(
                format!("the `server` of the cluster `{cluster}` is not an https:// or http:// address"),
                fresh(),
            )
        },
    )
}

/// What a kubeconfig points at cannot be loaded.
pub(crate) fn unusable(error: &KubeconfigError) -> Error {
    let (what, error) = match error {
        KubeconfigError::LoadCertificateAuthority(error) => ("certificate authority", error),
        KubeconfigError::LoadClientCertificate(error) => ("client certificate", error),
        KubeconfigError::LoadClientKey(error) => ("client key", error),
        _ => return wrong("the kubeconfig cannot be used", fresh()),
    };
    let reason = match error {
        LoadDataError::ReadFile(error, path) => format!("`{}` cannot be read: {error}", path.display()),
        LoadDataError::DecodeBase64(_) => "it is not base64".into(),
        LoadDataError::NoBase64DataOrFile => "it is missing".into(),
    };
    wrong(format!("the kubeconfig's {what} cannot be used: {reason}"), fresh())
}

fn one_of(contexts: &[NamedContext]) -> String {
    let names: Vec<_> =
        contexts.iter().map(|context| format!("`{}`", text::line(&context.name, 100))).collect();
    match names.as_slice() {
        [] => {
            "the kubeconfig has no context at all; name another file with KUBECONFIG or --kubeconfig".into()
        }
        names => format!("name one with --context: {}", names.join(", ")),
    }
}

pub(crate) fn fresh() -> String {
    "fetch a new kubeconfig for this cluster; `kubectl config view --minify` shows this one".into()
}

pub(crate) fn wrong(message: impl Display, help: impl Into<String>) -> Error {
    Error::Configuration { message: message.to_string(), help: help.into() }
}

#[cfg(test)]
#[path = "kubeconfig_tests.rs"]
mod tests;
