//! A repository on this machine, served by Git's programs.

use std::io::{self, Cursor, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Stdio};

use git_seed::{Remote, Service};

use super::git::git;

/// Runs Git's services in a repository.
pub struct Local(pub PathBuf);

impl Local {
    fn start(&self, service: Service, option: Option<&str>) -> io::Result<Child> {
        let name = service.to_string();
        let mut arguments = vec![name.trim_start_matches("git-"), "--stateless-rpc"];
        arguments.extend(option);
        let mut command = git(&self.0, &arguments);
        command.arg(".").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if service == Service::UploadPack {
            command.env("GIT_PROTOCOL", "version=2");
        }
        command.spawn()
    }
}

impl Remote for Local {
    fn name(&self) -> String {
        self.0.display().to_string()
    }

    fn advertisement(&self, service: Service) -> io::Result<Box<dyn Read + '_>> {
        let output = self.start(service, Some("--http-backend-info-refs"))?.wait_with_output()?;
        Ok(Box::new(Cursor::new(output.stdout)))
    }

    fn call<'a>(
        &'a self,
        service: Service,
        mut body: Box<dyn Read + Send + 'a>,
    ) -> io::Result<Box<dyn Read + 'a>> {
        let mut child = self.start(service, None)?;
        let mut input = child.stdin.take().unwrap();
        let read = pass_on(&mut *body, &mut input);
        drop(input);
        drop(body);
        let output = child.wait_with_output()?;
        read.map(|()| -> Box<dyn Read> { Box::new(Cursor::new(output.stdout)) })
    }
}

/// Copies until the end, or until nobody wants more; errors are the reader's.
fn pass_on(body: &mut dyn Read, input: &mut impl Write) -> io::Result<()> {
    let mut buffer = [0; 1 << 14];
    loop {
        let count = body.read(&mut buffer)?;
        if count == 0 || input.write_all(&buffer[..count]).is_err() {
            return Ok(());
        }
    }
}
