//! The control socket of a daemon: takes connections and bounds them.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::Context as _;

use crate::state::StateDir;

/// Connections that are answered at once; more are closed.
const MAX_CONNECTIONS: usize = 16;
/// How long to wait when no connection can be taken: for want of file
/// descriptors, most likely, until some are closed.
const PAUSE: Duration = Duration::from_millis(50);

/// Makes the socket, for this user alone.
pub fn listen(state: &StateDir, path: &Path) -> anyhow::Result<UnixListener> {
    state.create_socket_dir(path)?;
    // We hold the lock, so a socket that is there is a dead daemon's.
    let _ = fs::remove_file(path);
    let cannot = || format!("cannot make the control socket `{}`", path.display());
    // The folder is its owner's alone, so nobody connects before the mode is set.
    let listener = UnixListener::bind(path).with_context(cannot)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).with_context(cannot)?;
    Ok(listener)
}

/// Answers each connection in a thread of its own, for ever.
pub fn answer_all(
    connections: impl Iterator<Item = io::Result<UnixStream>>,
    answer: impl Fn(&UnixStream) + Send + Sync + 'static,
) {
    // Each thread holds a clone; their number is that of the threads and one.
    let answer = Arc::new(answer);
    for connection in connections {
        let Ok(stream) = connection else {
            thread::sleep(PAUSE);
            continue;
        };
        if Arc::strong_count(&answer) <= MAX_CONNECTIONS {
            let answer = Arc::clone(&answer);
            // Where there is no thread, the connection is closed.
            let _ = thread::Builder::new().name("control".into()).spawn(move || answer(&stream));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::iter;
    use std::sync::Mutex;
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn too_many_are_closed() {
        let (theirs, ours): (Vec<_>, Vec<_>) =
            iter::repeat_with(|| UnixStream::pair().unwrap()).take(MAX_CONNECTIONS + 1).unzip();
        let (sender, end) = mpsc::channel::<()>();
        let end = Mutex::new(end);
        answer_all(ours.into_iter().map(Ok), move |_| {
            // It ends with the sender.
            let _ = end.lock().unwrap().recv();
        });
        let mut refused = &theirs[MAX_CONNECTIONS];
        assert_eq!(refused.read(&mut [0]).unwrap(), 0);
        let mut taken = &theirs[0];
        taken.set_nonblocking(true).unwrap();
        assert_eq!(taken.read(&mut [0]).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        drop(sender);
    }

    #[test]
    fn an_error_does_not_end_it() {
        let (mut theirs, ours) = UnixStream::pair().unwrap();
        let (sender, answered) = mpsc::channel();
        let connections = [Err(io::Error::from_raw_os_error(24)), Ok(ours)].into_iter();
        answer_all(connections, move |_| sender.send(()).unwrap());
        answered.recv().unwrap();
        assert_eq!(theirs.read(&mut [0]).unwrap(), 0);
    }
}
