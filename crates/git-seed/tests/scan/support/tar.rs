//! Writes tar archives as no well-behaved program would: each header as it is said.

/// A header with its content.
#[derive(Clone, Debug)]
pub struct Member {
    pub name: Vec<u8>,
    pub target: Vec<u8>,
    pub kind: u8,
    pub mode: u32,
    pub time: u64,
    pub content: Vec<u8>,
    /// `ustar\0` and `00`, unless it is said otherwise.
    pub magic: [u8; 8],
    /// What the header says, if it is not the length of the content.
    pub size: Option<Vec<u8>>,
}

impl Member {
    pub fn new(kind: u8, name: impl AsRef<[u8]>) -> Self {
        Self {
            name: name.as_ref().to_vec(),
            target: Vec::new(),
            kind,
            mode: 0o644,
            time: 1_700_000_000,
            content: Vec::new(),
            magic: *b"ustar\x0000",
            size: None,
        }
    }

    pub fn content(mut self, content: impl AsRef<[u8]>) -> Self {
        self.content = content.as_ref().to_vec();
        self
    }

    pub fn target(mut self, target: impl AsRef<[u8]>) -> Self {
        self.target = target.as_ref().to_vec();
        self
    }

    pub fn mode(mut self, mode: u32) -> Self {
        self.mode = mode;
        self
    }

    pub fn time(mut self, time: u64) -> Self {
        self.time = time;
        self
    }

    pub fn size(mut self, size: impl AsRef<[u8]>) -> Self {
        self.size = Some(size.as_ref().to_vec());
        self
    }

    pub fn magic(mut self, magic: [u8; 8]) -> Self {
        self.magic = magic;
        self
    }

    /// The header, its checksum right, and the content, filled up with zeros.
    pub fn bytes(&self) -> Vec<u8> {
        let size = self.size.clone().unwrap_or_else(|| format!("{:011o}", self.content.len()).into_bytes());
        let mut header = vec![0; 512];
        put(&mut header[0..100], &self.name);
        put(&mut header[100..108], format!("{:07o}", self.mode).as_bytes());
        put(&mut header[124..136], &size);
        put(&mut header[136..148], format!("{:011o}", self.time).as_bytes());
        header[156] = self.kind;
        put(&mut header[157..257], &self.target);
        put(&mut header[257..265], &self.magic);
        let mut bytes = with_checksum(header);
        bytes.extend_from_slice(&self.content);
        bytes.resize(bytes.len().next_multiple_of(512), 0);
        bytes
    }
}

/// Puts in the checksum of a header.
pub fn with_checksum(mut header: Vec<u8>) -> Vec<u8> {
    header[148..156].fill(b' ');
    let sum: u32 = header[..512].iter().copied().map(u32::from).sum();
    put(&mut header[148..156], format!("{sum:06o}\0 ").as_bytes());
    header
}

fn put(field: &mut [u8], bytes: &[u8]) {
    field[..bytes.len()].copy_from_slice(bytes);
}

pub fn file(name: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> Member {
    Member::new(b'0', name).content(content)
}

pub fn folder(name: impl AsRef<[u8]>) -> Member {
    Member::new(b'5', name).mode(0o755)
}

pub fn link(name: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Member {
    Member::new(b'2', name).target(target)
}

pub fn hard_link(name: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Member {
    Member::new(b'1', name).target(target)
}

/// The GNU header that gives the next one a long name (`L`) or target (`K`).
pub fn long(kind: u8, text: impl AsRef<[u8]>) -> Member {
    let content = [text.as_ref(), b"\0"].concat();
    Member::new(kind, "././@LongLink").content(content).magic(*b"ustar  \0")
}

/// The pax header (`x`, or `g` for all) with these records.
pub fn pax(kind: u8, records: &[(&str, &[u8])]) -> Member {
    let content: Vec<u8> = records.iter().flat_map(|(key, value)| record(key, value)).collect();
    Member::new(kind, "pax").content(content)
}

fn record(key: &str, value: &[u8]) -> Vec<u8> {
    let rest = [b" ", key.as_bytes(), b"=", value, b"\n"].concat();
    let length = (1..20)
        .map(|digits| digits + rest.len())
        .find(|length| length.to_string().len() + rest.len() == *length);
    [length.unwrap().to_string().into_bytes(), rest].concat()
}

/// An archive of members, with its end mark.
pub fn archive(members: &[Member]) -> Vec<u8> {
    let mut bytes: Vec<u8> = members.iter().flat_map(Member::bytes).collect();
    bytes.resize(bytes.len() + 1024, 0);
    bytes
}
