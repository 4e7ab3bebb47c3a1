//! gzip on all processors.
//!
//! The stream is one member: pieces of a fixed size, each compressed by itself
//! and ended at a byte's boundary, one after the other. So it depends neither
//! on how many threads there were nor on which was faster.

use std::io::{self, Write};
use std::mem;
use std::num::NonZero;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use flate2::{Compress, Compression, Crc, FlushCompress};

/// Bytes compressed at once. Smaller pieces compress worse: none refers to
/// what is before it.
const PIECE: usize = 1 << 20;
/// Room for the ends of blocks, beside an eighth of the piece; what cannot be
/// compressed grows by less than a thousandth.
const SPARE: usize = 64;
/// Deflate; no flags, time, level or system (RFC 1952).
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
/// The last block of a deflate stream, with nothing in it (RFC 1951).
const LAST_BLOCK: [u8; 2] = [3, 0];

/// Takes what is to be compressed, and hands it on piece by piece.
pub struct Input {
    piece: Vec<u8>,
    work: SyncSender<Job>,
    order: SyncSender<Receiver<Piece>>,
}

/// A piece, and where it goes once it is compressed.
struct Job {
    plain: Vec<u8>,
    done: SyncSender<Piece>,
}

struct Piece {
    compressed: io::Result<Vec<u8>>,
    checksum: Crc,
}

/// Compresses what `produce` writes, on `threads`, into `output`.
///
/// The error is that of `produce`, unless that only found that nobody took
/// what it wrote; then it is that of `output`.
pub fn compress<W: Write + Send>(
    output: W,
    threads: NonZero<usize>,
    produce: impl FnOnce(&mut Input) -> anyhow::Result<()>,
) -> anyhow::Result<W> {
    let threads = threads.get();
    let (work, jobs) = sync_channel(threads);
    let (order, pieces) = sync_channel(2 * threads);
    let jobs = Mutex::new(jobs);
    thread::scope(|scope| {
        // A worker lives as long as the jobs do, and those go with the scope's end.
        let jobs = &jobs;
        for _ in 0..threads {
            scope.spawn(|| work_off(jobs));
        }
        let writer = scope.spawn(|| write(output, pieces));
        let mut input = Input { piece: Vec::with_capacity(PIECE), work, order };
        let produced = produce(&mut input).and_then(|()| Ok(input.hand_on()?));
        drop(input);
        let written = writer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        match (produced, written) {
            (Ok(()), Ok(output)) => Ok(output),
            (_, Err(error)) => Err(error.into()),
            (Err(error), Ok(_)) => Err(error),
        }
    })
}

fn work_off(jobs: &Mutex<Receiver<Job>>) {
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job { plain, done }) = job else { return };
        let mut checksum = Crc::new();
        checksum.update(&plain);
        // A writer that failed waits for it no more.
        let _ = done.send(Piece { compressed: deflate(&plain), checksum });
    }
}

/// The piece as whole blocks, none of them the last.
fn deflate(plain: &[u8]) -> io::Result<Vec<u8>> {
    let mut compressed = Vec::with_capacity(plain.len() + plain.len() / 8 + SPARE);
    let mut state = Compress::new(Compression::default(), false);
    state.compress_vec(plain, &mut compressed, FlushCompress::Sync)?;
    // Were there no room left, not all of it might be there.
    if compressed.len() == compressed.capacity() || state.total_in() != plain.len() as u64 {
        return Err(io::Error::other("compressed, it is much larger than before"));
    }
    Ok(compressed)
}

fn write<W: Write>(mut output: W, pieces: Receiver<Receiver<Piece>>) -> io::Result<W> {
    output.write_all(&HEADER)?;
    let mut checksum = Crc::new();
    for piece in pieces {
        let piece = piece.recv().map_err(io::Error::other)?;
        output.write_all(&piece.compressed?)?;
        checksum.combine(&piece.checksum);
    }
    output.write_all(&LAST_BLOCK)?;
    output.write_all(&checksum.sum().to_le_bytes())?;
    // The size modulo 2^32, which this is.
    output.write_all(&checksum.amount().to_le_bytes())?;
    Ok(output)
}

impl Input {
    fn hand_on(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let plain = mem::replace(&mut self.piece, Vec::with_capacity(PIECE));
        let (done, piece) = sync_channel(1);
        // The writer leaves when it fails, and only then.
        let gone = || io::Error::from(io::ErrorKind::BrokenPipe);
        self.order.send(piece).map_err(|_| gone())?;
        self.work.send(Job { plain, done }).map_err(|_| gone())
    }
}

impl Write for Input {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = bytes.len().min(PIECE - self.piece.len());
        self.piece.extend_from_slice(&bytes[..count]);
        if self.piece.len() == PIECE {
            self.hand_on()?;
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::bufread::GzDecoder;

    use super::*;

    fn compressed(plain: &[u8], threads: usize) -> Vec<u8> {
        let threads = NonZero::new(threads).unwrap();
        compress(Vec::new(), threads, |input| Ok(input.write_all(plain)?)).unwrap()
    }

    /// Text, then noise.
    fn sample(size: usize) -> Vec<u8> {
        let mut state = 1_u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        };
        (0..size).map(|at| if at < size / 2 { b"text "[at % 5] } else { noise() }).collect()
    }

    #[test]
    fn one_member_comes_back_whole() {
        for size in [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 7] {
            let plain = sample(size);
            let compressed = compressed(&plain, 2);
            let mut decoder = GzDecoder::new(compressed.as_slice());
            let mut read = Vec::new();
            decoder.read_to_end(&mut read).unwrap();
            assert!(read == plain, "{size}");
            assert!(decoder.into_inner().is_empty(), "{size}: it is one member");
        }
    }

    #[test]
    fn threads_make_no_difference() {
        let plain = sample(9 * PIECE + 1);
        let one = compressed(&plain, 1);
        assert!((2..5).all(|threads| compressed(&plain, threads) == one));
    }

    #[test]
    fn the_cause_is_told() {
        /// A disk with so many bytes left.
        struct Full(usize);
        impl Write for Full {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::StorageFull)?;
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let two = NonZero::new(2).unwrap();
        let noise = sample(40 * PIECE);
        let error = compress(Full(PIECE), two, |input| Ok(input.write_all(&noise)?)).err().unwrap();
        assert_eq!(error.downcast::<io::Error>().unwrap().kind(), io::ErrorKind::StorageFull);
        let error = compress(Vec::new(), two, |_| anyhow::bail!("no such file")).err().unwrap();
        assert_eq!(error.to_string(), "no such file");
    }
}
