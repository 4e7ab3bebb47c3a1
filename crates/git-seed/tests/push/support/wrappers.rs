//! Servers with faults, each around a good one.

use std::io::{self, Cursor, Read};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use git_seed::{Remote, Service};

type Answer<'a> = io::Result<Box<dyn Read + 'a>>;
type Body<'a> = Box<dyn Read + Send + 'a>;

/// Does something before each push, which it counts from 1.
pub struct Before<R, F> {
    pub inner: R,
    pub count: AtomicU32,
    pub act: F,
}

impl<R, F> Before<R, F> {
    pub fn new(inner: R, act: F) -> Self {
        Self { inner, count: AtomicU32::new(0), act }
    }
}

impl<R: Remote, F: Fn(u32) + Send + Sync> Remote for Before<R, F> {
    fn name(&self) -> String {
        self.inner.name()
    }

    fn advertisement(&self, service: Service) -> Answer<'_> {
        self.inner.advertisement(service)
    }

    fn call<'a>(&'a self, service: Service, body: Body<'a>) -> Answer<'a> {
        if service == Service::ReceivePack {
            (self.act)(self.count.fetch_add(1, Ordering::SeqCst) + 1);
        }
        self.inner.call(service, body)
    }
}

/// Changes what is sent and what is answered.
pub struct Changed<R, S, A> {
    pub inner: R,
    pub sent: S,
    pub answered: A,
}

impl<R, S, A> Remote for Changed<R, S, A>
where
    R: Remote,
    S: Fn(Service, Body<'_>) -> Vec<u8> + Send + Sync,
    A: Fn(Service, Vec<u8>) -> io::Result<Vec<u8>> + Send + Sync,
{
    fn name(&self) -> String {
        self.inner.name()
    }

    fn advertisement(&self, service: Service) -> Answer<'_> {
        self.inner.advertisement(service)
    }

    fn call<'a>(&'a self, service: Service, body: Body<'a>) -> Answer<'a> {
        let body = Cursor::new((self.sent)(service, body));
        let mut answer = Vec::new();
        self.inner.call(service, Box::new(body))?.read_to_end(&mut answer)?;
        Ok(Box::new(Cursor::new((self.answered)(service, answer)?)))
    }
}

/// Sends a body as it is.
pub fn whole(_: Service, mut body: Body<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    body.read_to_end(&mut bytes).unwrap();
    bytes
}

/// Breaks pushes off after some bytes, as often as it says.
pub struct Cut<R> {
    pub inner: R,
    pub after: u64,
    pub kind: io::ErrorKind,
    pub times: Mutex<u32>,
}

impl<R: Remote> Remote for Cut<R> {
    fn name(&self) -> String {
        self.inner.name()
    }

    fn advertisement(&self, service: Service) -> Answer<'_> {
        self.inner.advertisement(service)
    }

    fn call<'a>(&'a self, service: Service, body: Body<'a>) -> Answer<'a> {
        let mut times = self.times.lock().unwrap();
        if service == Service::UploadPack || *times == 0 {
            return self.inner.call(service, body);
        }
        *times -= 1;
        self.inner.call(service, Box::new(body.take(self.after).chain(Failing(self.kind))))
    }
}

struct Failing(io::ErrorKind);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(self.0.into())
    }
}

/// Says the same to everything, and fails after that in a way that is not
/// worth another try.
pub struct Canned {
    pub receive: Vec<u8>,
    pub upload: Vec<u8>,
    pub answer: Vec<u8>,
}

impl Remote for Canned {
    fn name(&self) -> String {
        "canned".to_owned()
    }

    fn advertisement(&self, service: Service) -> Answer<'_> {
        Ok(match service {
            Service::ReceivePack => then_fails(&self.receive),
            Service::UploadPack => then_fails(&self.upload),
        })
    }

    fn call<'a>(&'a self, _: Service, mut body: Body<'a>) -> Answer<'a> {
        io::copy(&mut body, &mut io::sink())?;
        Ok(then_fails(&self.answer))
    }
}

fn then_fails(bytes: &[u8]) -> Box<dyn Read + '_> {
    Box::new(bytes.chain(Failing(io::ErrorKind::Other)))
}
