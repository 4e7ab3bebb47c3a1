//! What is seeded: files that are made up, the same at every call.

use std::iter;

use clap::ValueEnum;
use serde::Serialize;

use super::random::Random;

/// Bytes of the letters that words are cut from.
const LETTERS: usize = 1 << 16;
/// Of so many files one is another in the second edition.
const CHANGED: usize = 100;

/// A release that is made up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// 377 files, 1 MB: like the release of an orchestrator
    Emf,
    /// 20,000 files, 250 MB
    Synth,
    /// 100,000 files, 105 MB
    Tiny,
}

/// Which of two releases that follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edition {
    /// The first.
    First,
    /// The second: one file of a hundred is another.
    Second,
}

/// How an input's files are made.
struct Shape {
    files: usize,
    /// Mean bytes of a file; it has between half of it and one and a half.
    mean: usize,
    /// Bytes of a word.
    word: usize,
    /// Different words of a file: the fewer, the better it compresses.
    vocabulary: usize,
}

impl Input {
    /// Its files, by path.
    pub fn files(self, edition: Edition) -> impl Iterator<Item = (String, Vec<u8>)> {
        self.every(1, edition)
    }

    /// Every `step`th of its files, the first to begin with.
    fn every(self, step: usize, edition: Edition) -> impl Iterator<Item = (String, Vec<u8>)> {
        let shape = self.shape();
        let letters = letters();
        (0..shape.files).step_by(step).map(move |at| {
            let is_other = edition == Edition::Second && at % CHANGED == CHANGED / 2;
            let seed = at as u64 | u64::from(is_other) << 32 | (self as u64) << 40;
            (path(at), shape.content(&letters, Random::new(seed)))
        })
    }

    /// How many times faster than the old way its first seeding shall be.
    pub fn aim(self) -> f64 {
        match self {
            Self::Emf => 20.0,
            Self::Synth => 10.0,
            Self::Tiny => 40.0,
        }
    }

    /// Bytes of disk that its measurement takes, roughly.
    pub fn disk(self) -> u64 {
        match self {
            Self::Emf => 100 << 20,
            Self::Synth | Self::Tiny => 2 << 30,
        }
    }

    /// One word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Emf => "emf",
            Self::Synth => "synth",
            Self::Tiny => "tiny",
        }
    }

    fn shape(self) -> Shape {
        match self {
            Self::Emf => Shape { files: 377, mean: 2750, word: 24, vocabulary: 8 },
            Self::Synth => Shape { files: 20_000, mean: 12_350, word: 7, vocabulary: 2048 },
            Self::Tiny => Shape { files: 100_000, mean: 1050, word: 24, vocabulary: 3 },
        }
    }
}

impl Shape {
    fn content(&self, letters: &[u8], mut random: Random) -> Vec<u8> {
        let size = self.mean / 2 + random.below(self.mean);
        let words: Vec<&[u8]> = iter::repeat_with(|| random.below(letters.len() - self.word))
            .map(|at| &letters[at..at + self.word])
            .take(self.vocabulary)
            .collect();
        let mut content = Vec::with_capacity(size + self.word + 1);
        while content.len() < size {
            content.extend_from_slice(words[random.below(words.len())]);
            content.push(if random.below(8) == 0 { b'\n' } else { b' ' });
        }
        content.truncate(size);
        content
    }
}

/// Fifty files in a folder, twenty folders in one above.
fn path(at: usize) -> String {
    format!("part-{:03}/chapter-{:02}/page-{at:06}.txt", at / 1000, at / 50 % 20)
}

fn letters() -> Vec<u8> {
    let mut random = Random::new(0);
    iter::repeat_with(|| b"abcdefghijklmnopqrstuvwxyz"[random.below(26)]).take(LETTERS).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;

    use super::*;

    fn packed(content: &[u8]) -> usize {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap().len()
    }

    /// Bytes of the files, plain and as Git packs them; of many, as a hundredth has them.
    fn sample(input: Input) -> (usize, usize) {
        let each = if input == Input::Emf { 1 } else { 100 };
        let files = input.every(each, Edition::First);
        files.fold((0, 0), |(bytes, all), (_, content)| {
            (bytes + content.len() * each, all + packed(&content) * each)
        })
    }

    #[test]
    fn inputs_are_as_large_as_they_say_and_pack_as_well_as_text_does() {
        let expected = [
            (Input::Emf, 1_000_000..1_100_000, 8.0..12.0),
            (Input::Synth, 240_000_000..260_000_000, 1.7..2.2),
            (Input::Tiny, 100_000_000..110_000_000, 8.0..12.0),
        ];
        for (input, sizes, ratios) in expected {
            let (bytes, packed) = sample(input);
            #[expect(clippy::cast_precision_loss, reason = "far fewer")]
            let ratio = bytes as f64 / packed as f64;
            assert!(sizes.contains(&bytes) && ratios.contains(&ratio), "{input:?}: {bytes}, {ratio}");
        }
    }

    #[test]
    fn one_file_of_a_hundred_is_another() {
        let (first, second) = (Input::Emf.files(Edition::First), Input::Emf.files(Edition::Second));
        let differ = first.zip(second).filter(|(one, other)| one != other);
        let paths: Vec<_> = differ.map(|((one, _), (other, _))| (one == other, one)).collect();
        assert_eq!(paths.len(), 4);
        assert!(paths.iter().all(|(same, _)| *same), "{paths:?}");
    }

    #[test]
    fn it_is_the_same_at_every_call() {
        let (path, content) = Input::Tiny.every(12_345, Edition::First).nth(1).unwrap();
        assert_eq!(path, "part-012/chapter-06/page-012345.txt");
        assert_eq!(crate::state::digest(&content), 11_987_129_108_287_878_470);
    }
}
