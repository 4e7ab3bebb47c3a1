//! A client of a Kubernetes API that shares nothing with the program's own.
#![allow(dead_code, reason = "tests of the bed itself use a part of this")]

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::Value;

use crate::wait::NEVER;

/// Talks to the server of a kubeconfig, as its administrator.
pub struct Api {
    server: String,
    config: Arc<ClientConfig>,
}

impl Api {
    /// A client by a kubeconfig as kind writes it.
    #[track_caller]
    pub fn of(kubeconfig: &str) -> Self {
        let kubeconfig: Value = serde_yaml_ng::from_str(kubeconfig).unwrap();
        let (cluster, user) = (&kubeconfig["clusters"][0]["cluster"], &kubeconfig["users"][0]["user"]);
        let server = cluster["server"].as_str().unwrap().strip_prefix("https://").unwrap().to_owned();
        let mut roots = RootCertStore::empty();
        let authority = decode(&cluster["certificate-authority-data"]);
        roots.add(CertificateDer::from_pem_slice(&authority).unwrap()).unwrap();
        let certificate = CertificateDer::from_pem_slice(&decode(&user["client-certificate-data"])).unwrap();
        let key = PrivateKeyDer::from_pem_slice(&decode(&user["client-key-data"])).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let builder = builder.unwrap().with_root_certificates(roots);
        let config = builder.with_client_auth_cert(vec![certificate], key).unwrap();
        Self { server, config: Arc::new(config) }
    }

    /// Reads what is at `path`; an error while the server is not there.
    pub fn try_get(&self, path: &str) -> io::Result<Value> {
        self.request("GET", path, &Value::Null)
    }

    /// Reads what is at `path`.
    #[track_caller]
    pub fn get(&self, path: &str) -> Value {
        self.try_get(path).unwrap()
    }

    /// Creates an object.
    #[track_caller]
    pub fn create(&self, path: &str, object: &Value) -> Value {
        self.request("POST", path, object).unwrap()
    }

    /// Deletes an object.
    #[track_caller]
    pub fn delete(&self, path: &str) {
        self.request("DELETE", path, &Value::Null).unwrap();
    }

    /// Whether a node, or a pod, says that it is ready.
    pub fn is_ready(&self, path: &str) -> bool {
        self.try_get(path).is_ok_and(|object| {
            let conditions = object["status"]["conditions"].as_array().cloned().unwrap_or_default();
            conditions.iter().any(|it| it["type"] == "Ready" && it["status"] == "True")
        })
    }

    /// By HTTP 1.0, so that the answer ends with its connection.
    fn request(&self, verb: &str, path: &str, body: &Value) -> io::Result<Value> {
        let stream = TcpStream::connect(&self.server)?;
        stream.set_read_timeout(Some(NEVER))?;
        let host = self.server.rsplit_once(':').unwrap().0.to_owned();
        let name = ServerName::try_from(host).unwrap();
        let connection = ClientConnection::new(Arc::clone(&self.config), name).map_err(io::Error::other)?;
        let mut stream = StreamOwned::new(connection, stream);
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let (server, length) = (&self.server, body.len());
        write!(
            stream,
            "{verb} {path} HTTP/1.0\r\nHost: {server}\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
        if !head.starts_with("HTTP/1.0 2") {
            return Err(io::Error::other(answer));
        }
        Ok(serde_json::from_str(body).unwrap_or_else(|_| Value::from(body)))
    }
}

#[track_caller]
fn decode(value: &Value) -> Vec<u8> {
    // It is PEM again that is inside of the base64.
    let text = format!("-----BEGIN X-----\n{}\n-----END X-----\n", value.as_str().unwrap());
    pem::parse(text).unwrap().into_contents()
}
