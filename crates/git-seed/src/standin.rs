use crate::*;
use std::io::{self, Read};
use std::collections::BTreeMap;
use std::path::PathBuf;
pub enum Origin { Folder(PathBuf) }
#[derive(Debug, thiserror::Error)]
pub enum Fault { #[error("i")] Interrupted { name: String }, #[error("v")] Visit { source: io::Error } }
impl Fault { pub fn help(&self) -> String { String::new() } }
#[derive(Default)]
pub struct Rules { pub limits: Limits, pub strict: bool }
fn id(kind: gix_object::Kind, data: &[u8]) -> ObjectId { gix_object::compute_hash(gix_hash::Kind::Sha1, kind, data).unwrap() }
fn walk(dir: &std::path::Path, prefix: &str, out: &mut Vec<File>) {
    for e in std::fs::read_dir(dir).unwrap() { let e = e.unwrap(); let name = format!("{prefix}{}", e.file_name().to_str().unwrap());
        if e.path().is_dir() { walk(&e.path(), &format!("{name}/"), out) } else { let d = std::fs::read(e.path()).unwrap(); out.push(File { path: name, mode: Mode::Plain, size: d.len() as u64, id: id(gix_object::Kind::Blob, &d) }) } }
}
pub fn scan(origin: &Origin, _: &Rules, _: &dyn Progress) -> Result<Release, Fault> {
    let Origin::Folder(dir) = origin; let mut files = vec![]; walk(dir, "", &mut files);
    let mut r = Release { digest: "0".repeat(64), version: None, commit_id: None, top: None, date: 1700000000, bytes: 0, files, tree: ObjectId::null(gix_hash::Kind::Sha1), warnings: vec![] };
    r.tree = trees(&r).last().unwrap().0; Ok(r)
}
pub fn blobs(origin: &Origin, release: &Release, wanted: &dyn Fn(&ObjectId) -> bool, _: &dyn Progress, visit: &mut dyn FnMut(&File, &mut dyn Read) -> io::Result<()>) -> Result<(), Fault> {
    let Origin::Folder(dir) = origin; let mut seen = std::collections::HashSet::new();
    for f in &release.files { if wanted(&f.id) && seen.insert(f.id) { let d = std::fs::read(dir.join(&f.path)).unwrap(); visit(f, &mut &d[..]).map_err(|source| Fault::Visit { source })?; } }
    Ok(())
}
enum N { F(ObjectId), D(BTreeMap<String, N>) }
pub fn trees(release: &Release) -> Vec<(ObjectId, Vec<u8>)> {
    let mut root = BTreeMap::new();
    for f in &release.files { let mut at = &mut root; let parts: Vec<_> = f.path.split('/').collect();
        for p in &parts[..parts.len()-1] { let N::D(d) = at.entry(p.to_string()).or_insert(N::D(BTreeMap::new())) else { panic!() }; at = d; }
        at.insert(parts[parts.len()-1].to_string(), N::F(f.id)); }
    fn build(d: &BTreeMap<String, N>, out: &mut Vec<(ObjectId, Vec<u8>)>) -> ObjectId {
        let mut es: Vec<(String, String, ObjectId)> = d.iter().map(|(n, x)| match x { N::F(i) => (n.clone(), format!("100644 {n}\0"), *i), N::D(d) => (format!("{n}/"), format!("40000 {n}\0"), build(d, out)) }).collect();
        es.sort(); let mut data = vec![]; for (_, h, i) in es { data.extend(h.as_bytes()); data.extend(i.as_slice()); }
        let i = id(gix_object::Kind::Tree, &data); if !out.iter().any(|(x, _)| *x == i) { out.push((i, data)); } i }
    let mut out = vec![]; build(&root, &mut out); out
}
