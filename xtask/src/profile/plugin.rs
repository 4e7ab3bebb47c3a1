//! Traefik's plug-ins, as a profile names them.

use serde::Serialize;

use super::section::Section;

/// Longest path of sources and modules, in bytes.
const MAX_PATH: usize = 255;

/// A plug-in of Traefik's catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Plugin {
    /// The path of its Go module.
    pub module: Module,
    /// Such as `v1.2.3`.
    pub version: Version,
}

/// The path of a Go module, such as `example.com/owner/name`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "String")]
pub struct Module(String);

/// A version of a Go module: semantic, with a `v` before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "String")]
pub struct Version(String);

/// A folder that holds modules' sources by their paths; relative to the root
/// of the workspace, or absolute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "String")]
pub struct Sources(String);

impl Plugin {
    pub(super) fn read(mut section: Section<'_, '_>) -> Option<Self> {
        let module = section.required("module").and_then(|item| item.text()?.read(|it| Module::parse(it)));
        let version = section.required("version").and_then(|item| item.text()?.read(|it| Version::parse(it)));
        section.finish();
        Some(Self { module: module?.value, version: version?.value })
    }
}

impl Module {
    fn parse(text: &str) -> Result<Self, String> {
        let segment = |part: &str| is_plain(part) && !part.starts_with(['.', '-']) && !part.ends_with('.');
        let domain = text.split('/').next().is_some_and(|first| first.contains('.'));
        if domain && text.len() <= MAX_PATH && text.split('/').all(segment) {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!("`{text}` is not a Go module, such as `github.com/owner/name`"))
        }
    }

    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Version {
    fn parse(text: &str) -> Result<Self, String> {
        let numbers = text.strip_prefix('v').map(|rest| rest.split(['-', '+']).next().unwrap_or(rest));
        let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let three = numbers.is_some_and(|it| it.split('.').count() == 3 && it.split('.').all(number));
        let plain = text.bytes().all(|byte| is_plain_byte(byte) || byte == b'+');
        if three && plain && text.len() <= MAX_PATH {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!("`{text}` is not a version, such as `v1.2.3`"))
        }
    }
}

impl Sources {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        // What compose would take for its own has no place here: `$`, `:`, `~`.
        let relative = text.strip_prefix('/').unwrap_or(text);
        if text.len() <= MAX_PATH && relative.split('/').all(is_plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!("`{text}` is not a folder's path of letters, digits, `.`, `_`, `-`"))
        }
    }

    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One segment of a path.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_plain_byte)
}

fn is_plain_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._-".contains(&byte)
}

impl From<Module> for String {
    fn from(module: Module) -> Self {
        module.0
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.0
    }
}

impl From<Sources> for String {
    fn from(sources: Sources) -> Self {
        sources.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_modules_and_versions() {
        for text in ["github.com/Owner/a-name", "example.com/x", "example.com/x/v2"] {
            assert_eq!(Module::parse(text).map(String::from), Ok(text.to_owned()));
        }
        for text in ["", "owner/name", "/github.com/x", "github.com//x", "github.com/../x", "a.b/`", "a.b/{{"]
        {
            assert!(Module::parse(text).unwrap_err().contains(&format!("`{text}`")), "{text}");
        }
        for text in ["v0.5.0", "v1.20.300", "v1.0.0-rc.1", "v2.0.0+incompatible"] {
            assert_eq!(Version::parse(text).map(String::from), Ok(text.to_owned()));
        }
        for text in ["", "v", "1.2.3", "v1.2", "v1.2.3.4", "v1..3", "v1.2.x", "v1.2.3-\"", "latest"] {
            assert!(Version::parse(text).unwrap_err().contains(&format!("`{text}`")), "{text}");
        }
    }

    #[test]
    fn sources_are_a_plain_path() {
        for text in ["plugins", "../plugins", "/srv/traefik/plugins-1.0"] {
            assert_eq!(Sources::parse(text).map(String::from), Ok(text.to_owned()));
        }
        for text in ["", "/", "a//b", "a/", "~/x", "$HOME/x", "a:b", "a b", "a\"b", "{{a}}"] {
            assert!(Sources::parse(text).unwrap_err().contains(&format!("`{text}`")), "{text}");
        }
    }
}
