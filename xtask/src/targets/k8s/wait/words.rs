//! What `k8s wait` is told to wait for.

use cluster::{Awaited, Kind, Until};

use super::Args;
use crate::failure::Failure;
use crate::near::{did_you_mean, quoted};

/// Longest name of a namespace, in bytes (an RFC 1123 label).
const MAX_NAMESPACE: usize = 63;
/// Longest name of an object, in bytes (an RFC 1123 subdomain).
const MAX_NAME: usize = 253;
/// What `--for` takes besides `condition=NAME[=STATUS]`.
const WORDS: [Until; 6] =
    [Until::Address, Until::Available, Until::Ready, Until::Healthy, Until::Synced, Until::Deleted];

/// The objects, as often as they are named; where one names no namespace and
/// there is no `--namespace`, it has none yet.
pub(super) fn awaited(args: &Args) -> Result<Vec<Awaited>, Failure> {
    if let Some(namespace) = &args.namespace {
        check_name(namespace, MAX_NAMESPACE)?;
    }
    let until = args.until.iter().map(|word| read_until(word)).collect::<Result<Vec<_>, _>>()?;
    if until.len() > 1 && until.contains(&Until::Deleted) {
        let message = "what is waited to be deleted can become nothing else";
        return Err(Failure::usage(message).help("give `--for delete` alone"));
    }
    let mut all = Vec::new();
    for object in &args.objects {
        let (kind, namespace, name) = read_object(object, args.all)?;
        let namespace = namespace.or_else(|| args.namespace.clone()).filter(|_| kind.is_namespaced());
        let until = if until.is_empty() { kind.default_until().to_vec() } else { until.clone() };
        check_fit(kind, &until)?;
        all.push(Awaited { kind, namespace, name, until });
    }
    Ok(all)
}

fn read_object(text: &str, all: bool) -> Result<(Kind, Option<String>, Option<String>), Failure> {
    let form = "write KIND/NAME or KIND/NAMESPACE/NAME, or a kind alone with `--all`";
    let words: Vec<&str> = text.split('/').collect();
    let kind = read_kind(words[0])?;
    let (namespace, name) = match (words.as_slice(), all) {
        ([_], true) => return Ok((kind, None, None)),
        ([_], false) => return Err(Failure::usage(format!("`{text}` names no {kind}")).help(form)),
        (_, true) => {
            let message = format!("`--all` takes a kind alone, and `{text}` names one object");
            return Err(Failure::usage(message).help(form));
        }
        ([_, name], false) => (None, *name),
        ([_, namespace, name], false) if kind.is_namespaced() => (Some(*namespace), *name),
        ([_, _, _], false) => {
            let message = format!("`{text}` names a namespace, and a {kind} has none");
            return Err(Failure::usage(message).help(form));
        }
        _ => return Err(Failure::usage(format!("`{text}` has too many `/`")).help(form)),
    };
    check_name(name, MAX_NAME)?;
    namespace.map_or(Ok(()), |namespace| check_name(namespace, MAX_NAMESPACE))?;
    Ok((kind, namespace.map(str::to_owned), Some(name.to_owned())))
}

fn read_kind(word: &str) -> Result<Kind, Failure> {
    Kind::ALL.into_iter().find(|kind| kind.names().contains(&word)).ok_or_else(|| {
        let names: Vec<&str> = Kind::ALL.iter().flat_map(|kind| kind.names()).collect();
        let near = did_you_mean(word, names);
        let kinds = Kind::ALL.map(|kind| kind.to_string());
        Failure::usage(format!("`{word}` is no kind that can be waited for{near}"))
            .help(format!("give one of {}", quoted(kinds.iter().map(String::as_str))))
    })
}

fn check_name(name: &str, longest: usize) -> Result<(), Failure> {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
    if !name.is_empty() && name.len() <= longest && name.bytes().all(allowed) {
        return Ok(());
    }
    let help = format!("a name is of lower-case letters, digits, `-` and `.`, and at most {longest} long");
    Err(Failure::usage(format!("`{name}` is not a name in Kubernetes")).help(help))
}

fn read_until(word: &str) -> Result<Until, Failure> {
    if let Some(condition) = word.strip_prefix("condition=") {
        let (name, status) = condition.split_once('=').unwrap_or((condition, "True"));
        if name.is_empty() || status.is_empty() {
            let message = format!("`--for {word}` names no condition and status");
            return Err(
                Failure::usage(message).help("write `--for condition=NAME` or `--for condition=NAME=STATUS`")
            );
        }
        return Ok(Until::Condition { name: name.to_owned(), status: status.to_owned() });
    }
    let known = WORDS.map(|until| until.to_string());
    let names = || known.iter().map(String::as_str);
    let position = names().position(|name| name == word);
    position.map(|position| WORDS[position].clone()).ok_or_else(|| {
        let near = did_you_mean(word, names().chain(["condition="]));
        Failure::usage(format!("`{word}` is nothing that `--for` takes{near}"))
            .help(format!("give one of {}, `condition=NAME[=STATUS]`", quoted(names())))
    })
}

fn check_fit(kind: Kind, until: &[Until]) -> Result<(), Failure> {
    let Some(until) = until.iter().find(|until| !until.fits(kind)) else { return Ok(()) };
    let fitting: Vec<String> =
        WORDS.iter().filter(|until| until.fits(kind)).map(ToString::to_string).collect();
    let fitting = quoted(fitting.iter().map(String::as_str));
    Err(Failure::usage(format!("a {kind} cannot become `{until}`"))
        .help(format!("give one of {fitting}, `condition=NAME[=STATUS]`")))
}
