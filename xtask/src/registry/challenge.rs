//! What a server wants to know of who asks (RFC 9110, 11.6.1).

/// A way to say who one is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// Its name, in small letters: `basic`, `bearer`.
    pub scheme: String,
    parameters: Vec<(String, String)>,
}

impl Challenge {
    /// A parameter; names are in small letters.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All that a header `WWW-Authenticate` names. What cannot be read ends it.
    pub fn parse(header: &str) -> Vec<Self> {
        let mut challenges: Vec<Self> = Vec::new();
        let mut rest = header.trim_start_matches([' ', ',']);
        while let Some((name, after)) = word(rest) {
            let spaces = after.trim_start();
            if let (Some(challenge), Some(value)) = (challenges.last_mut(), spaces.strip_prefix('=')) {
                let Some((value, after)) = value_of(value.trim_start()) else { break };
                challenge.parameters.push((name, value));
                rest = after;
            } else {
                challenges.push(Self { scheme: name, parameters: Vec::new() });
                rest = after;
            }
            rest = rest.trim_start_matches([' ', ',', '\t']);
        }
        challenges
    }
}

/// A token in small letters, and what comes after.
fn word(text: &str) -> Option<(String, &str)> {
    let is_part = |char: char| char.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~/".contains(char);
    let end = text.find(|char| !is_part(char)).unwrap_or(text.len());
    (end > 0).then(|| (text[..end].to_ascii_lowercase(), &text[end..]))
}

/// A value, quoted or not, and what comes after.
fn value_of(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ' ']).unwrap_or(text.len());
        return Some((text[..end].to_owned(), &text[end..]));
    };
    let (mut value, mut is_escaped) = (String::new(), false);
    for (at, char) in quoted.char_indices() {
        match char {
            '"' if !is_escaped => return Some((value, &quoted[at + 1..])),
            '\\' if !is_escaped => is_escaped = true,
            _ => {
                value.push(char);
                is_escaped = false;
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_registries_send() {
        let header = r#"Bearer realm="https://auth.example/token",service="registry.example",scope="repository:a/b:pull,push""#;
        let [bearer] = &Challenge::parse(header)[..] else { panic!() };
        assert_eq!(bearer.scheme, "bearer");
        assert_eq!(bearer.get("realm"), Some("https://auth.example/token"));
        assert_eq!(bearer.get("scope"), Some("repository:a/b:pull,push"));
        assert_eq!(bearer.get("error"), None);
    }

    #[test]
    fn several_ways_and_odd_spelling() {
        let two = Challenge::parse(r#"Basic realm="a \"b\", c" , bEARER Realm = x, service=y"#);
        let schemes: Vec<_> = two.iter().map(|challenge| challenge.scheme.as_str()).collect();
        assert_eq!(schemes, ["basic", "bearer"]);
        assert_eq!(two[0].get("realm"), Some("a \"b\", c"));
        assert_eq!((two[1].get("realm"), two[1].get("service")), (Some("x"), Some("y")));
    }

    #[test]
    fn what_is_broken_does_no_harm() {
        for header in ["", "=", "\"", "Bearer realm=\"open", "Bearer =", ",,,", "Bearer ä"] {
            assert!(
                Challenge::parse(header).iter().all(|challenge| challenge.get("realm").is_none()),
                "{header}"
            );
        }
    }
}
