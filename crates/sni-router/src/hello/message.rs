//! The body of a `ClientHello` (RFC 8446, section 4.1.2).

use routing::{HostError, HostName};

use super::HelloError;
use super::reader::Reader;

/// `server_name` (RFC 6066, section 1.1).
const EXTENSION_SERVER_NAME: u16 = 0;
/// `host_name` (RFC 6066, section 3).
const NAME_TYPE_HOST: u8 = 0;
/// `legacy_session_id<0..32>`.
const MAX_SESSION_ID: usize = 32;

/// The host that a whole `ClientHello` names.
pub(super) fn server_name(body: &[u8]) -> Result<Option<HostName>, HelloError> {
    let mut hello = Reader::new(body);
    require("legacy_version", hello.u16())?;
    require("random", hello.take(32))?;
    require("legacy_session_id", hello.vector8().filter(|id| id.len() <= MAX_SESSION_ID))?;
    let suites = hello.vector16().filter(|suites| !suites.is_empty() && suites.len().is_multiple_of(2));
    require("cipher_suites", suites)?;
    require("legacy_compression_methods", hello.vector8().filter(|methods| !methods.is_empty()))?;
    if hello.is_empty() {
        // TLS 1.2 lets a client leave the extensions out (RFC 5246, section 7.4.1.2).
        return Ok(None);
    }
    let extensions = require("extensions", hello.vector16())?;
    require("extensions", hello.is_empty().then_some(()))?;
    find_server_name(Reader::new(extensions))
}

/// Walks all extensions, so that a second name or garbage at the end is seen.
fn find_server_name(mut extensions: Reader<'_>) -> Result<Option<HostName>, HelloError> {
    let mut found = None;
    while !extensions.is_empty() {
        let kind = require("extension_type", extensions.u16())?;
        let data = require("extension_data", extensions.vector16())?;
        if kind == EXTENSION_SERVER_NAME && found.replace(parse_list(data)?).is_some() {
            return Err(HelloError::DuplicateName);
        }
    }
    Ok(found.flatten())
}

/// Reads a `ServerNameList`: one name, as there is one type of names and a list
/// must not have two names of a type (RFC 6066, section 3).
fn parse_list(data: &[u8]) -> Result<Option<HostName>, HelloError> {
    let mut data = Reader::new(data);
    let mut list = Reader::new(require("server_name_list", data.vector16())?);
    require("server_name_list", data.is_empty().then_some(()))?;
    let kind = require("name_type", list.u8())?;
    if kind != NAME_TYPE_HOST {
        return Err(HelloError::UnknownNameType(kind));
    }
    let name = require("host_name", list.vector16())?;
    match list.u8() {
        None => parse_name(name),
        Some(NAME_TYPE_HOST) => Err(HelloError::DuplicateName),
        Some(kind) => Err(HelloError::UnknownNameType(kind)),
    }
}

fn parse_name(name: &[u8]) -> Result<Option<HostName>, HelloError> {
    let name = std::str::from_utf8(name).map_err(|_| HostError::NotAscii)?;
    match HostName::parse(name) {
        Ok(name) => Ok(Some(name)),
        Err(HostError::IpAddress) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn require<T>(field: &'static str, value: Option<T>) -> Result<T, HelloError> {
    value.ok_or(HelloError::Malformed(field))
}
