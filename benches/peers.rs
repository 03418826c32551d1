//! byline against c2patool, both sides in one run on the same pictures: files per second of signing and of verifying.
//!
//! `cargo bench --ignore-rust-version --bench peers`; c2patool 0.27 must be on PATH, else its side is left out and said
//! so. The pictures are drawn here: 200 JPEGs of 1 MP and 20 of 12 MP, noise on gradients, about 0.2 and 2.1 MB each.
//! c2patool runs as `xargs -P 2`, one process a file with its defaults, as its users run it; byline with `--jobs 2`.
//! Each figure is the median of three interleaved rounds. `BYLINE_BENCH_SMALL=1` takes a tenth of the pictures.

#![allow(
    missing_docs,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    reason = "a program for the developer's eyes: it may fail loudly"
)]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

const ROUNDS: usize = 3;

fn main() {
    let byline = PathBuf::from(env!("CARGO_BIN_EXE_byline"));
    let dir = tempfile::tempdir().expect("a temporary folder");
    let bench = Bench::new(byline, dir.path());
    let small = std::env::var_os("BYLINE_BENCH_SMALL").is_some();
    println!(
        "{:<26}{:>12}{:>12}{:>9}{:>9}",
        "", "byline/s", "c2patool/s", "ratio", "wanted"
    );
    for (name, width, height, count, sign_goal, verify_goal) in [
        ("1 MP", 1152, 864, 200, 4.0, 5.0),
        ("12 MP", 4000, 3000, 20, 3.0, 4.0),
    ] {
        let count = if small { count / 10 } else { count };
        let folder = dir.path().join(name.replace(' ', ""));
        draw(&folder, width, height, count);
        bench.compare(name, &folder, count, sign_goal, verify_goal);
    }
    bench.one_file(&dir.path().join("1MP"));
}

struct Bench {
    byline: PathBuf,
    c2patool: bool,
    home: PathBuf,
    work: PathBuf,
}

impl Bench {
    fn new(byline: PathBuf, work: &Path) -> Self {
        let c2patool = Command::new("c2patool")
            .arg("--version")
            .stdout(Stdio::null())
            .status()
            .is_ok();
        if !c2patool {
            println!(
                "c2patool is not on PATH: its side is left out (cargo install c2patool --version 0.27.22 --locked)"
            );
        }
        let bench = Self {
            byline,
            c2patool,
            home: work.join("home"),
            work: work.to_path_buf(),
        };
        bench.byline(&["key", "new", "--name", "bench", "--as", "Bench", "--unencrypted"]);
        bench.byline(&["key", "export", "bench", "--public", "-o", "bench.pub"]);
        bench.byline(&["trust", "add", "bench.pub", "--name", "bench"]);
        bench.byline(&[
            "key",
            "export",
            "bench",
            "--secret",
            "--unencrypted",
            "-o",
            "bench.key",
        ]);
        bench.byline(&["key", "export", "bench", "--chain", "-o", "bench.chain"]);
        fs::write(
            work.join("manifest.json"),
            r#"{"alg":"ed25519","private_key":"bench.key","sign_cert":"bench.chain","claim_generator_info":[{"name":"bench"}],
"assertions":[{"label":"c2pa.actions.v2","data":{"actions":[{"action":"c2pa.created",
"digitalSourceType":"http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"}]}}]}"#,
        )
        .expect("the manifest definition is written");
        bench
    }

    fn byline(&self, args: &[&str]) {
        let output = Command::new(&self.byline)
            .arg("--home")
            .arg(&self.home)
            .args(args)
            .current_dir(&self.work)
            .output()
            .expect("byline runs");
        assert!(
            output.status.success(),
            "byline {args:?}: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }

    fn compare(&self, name: &str, folder: &Path, count: usize, sign_goal: f64, verify_goal: f64) {
        let input = folder.to_str().expect("a plain name");
        let (mut sign, mut peer_sign, mut verify, mut peer_verify) = (vec![], vec![], vec![], vec![]);
        for round in 0..ROUNDS {
            let ours = self.work.join(format!("ours-{count}-{round}"));
            let theirs = self.work.join(format!("theirs-{count}-{round}"));
            fs::create_dir_all(&ours).expect("a folder");
            fs::create_dir_all(&theirs).expect("a folder");
            let out = ours.to_str().expect("a plain name");
            // A ledger for each round: nobody registers the same pictures again and again.
            let ledger = format!("{count}-{round}.ledger");
            self.byline(&["ledger", "init", &ledger]);
            sign.push(time(|| {
                self.byline(&[
                    "sign", input, "-o", out, "--source", "ai", "--key", "bench", "--jobs", "2", "--quiet",
                    "--ledger", &ledger,
                ]);
            }));
            verify.push(time(|| {
                self.byline(&["verify", out, "--jobs", "2", "--quiet", "--ledger", &ledger]);
            }));
            if self.c2patool {
                let manifest = self.work.join("manifest.json");
                let to = theirs.join("{}");
                let sign = ["{}", "-m", plain(&manifest), "-o", plain(&to), "-f"];
                peer_sign.push(time(|| xargs(folder, &sign)));
                peer_verify.push(time(|| xargs(&theirs, &["{}"])));
            }
        }
        self.row(
            &format!("sign {count} x {name}"),
            count,
            sign,
            peer_sign,
            sign_goal,
        );
        self.row(
            &format!("verify {count} x {name}"),
            count,
            verify,
            peer_verify,
            verify_goal,
        );
    }

    fn row(&self, what: &str, count: usize, mut ours: Vec<f64>, mut peers: Vec<f64>, goal: f64) {
        let rate = |times: &mut Vec<f64>| count as f64 / median(times);
        let ours = rate(&mut ours);
        if self.c2patool {
            let peer = rate(&mut peers);
            println!(
                "{what:<26}{ours:>12.1}{peer:>12.1}{:>9.2}{goal:>9.1}",
                ours / peer
            );
        } else {
            println!("{what:<26}{ours:>12.1}{:>12}{:>9}{goal:>9.1}", "-", "-");
        }
    }

    /// Start-up: one command for one file against the same work inside a batch.
    fn one_file(&self, folder: &Path) {
        let first = fs::read_dir(folder)
            .expect("a folder")
            .next()
            .expect("a file")
            .expect("an entry")
            .path();
        let input = first.to_str().expect("a plain name").to_owned();
        let mut signs = Vec::new();
        let mut verifies = Vec::new();
        for round in 0..15 {
            let out = self.work.join(format!("one-{round}.jpg"));
            let out = out.to_str().expect("a plain name").to_owned();
            signs.push(time(|| {
                self.byline(&[
                    "sign", &input, "-o", &out, "--source", "ai", "--key", "bench", "--quiet",
                ]);
            }));
            verifies.push(time(|| self.byline(&["verify", &out, "--quiet"])));
        }
        println!(
            "one command, one 1 MP file: sign {:.1} ms, verify {:.1} ms",
            median(&mut signs) * 1e3,
            median(&mut verifies) * 1e3
        );
    }
}

/// One process of c2patool a file, two at a time; `{}` stands for the file's name in `folder`.
fn xargs(folder: &Path, args: &[&str]) {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        names.extend_from_slice(entry.expect("an entry").file_name().as_encoded_bytes());
        names.push(0);
    }
    let mut child = Command::new("xargs")
        .args(["-0", "-P", "2", "-I", "{}", "c2patool"])
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("xargs runs");
    child
        .stdin
        .take()
        .expect("a pipe")
        .write_all(&names)
        .expect("xargs listens");
    assert!(child.wait().expect("xargs ends").success(), "c2patool {args:?}");
}

fn plain(path: &Path) -> &str {
    path.to_str().expect("a plain name")
}

fn time(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Draws pictures that compress like photographs: gradients, edges and film grain, each with its own seed.
fn draw(folder: &Path, width: u32, height: u32, count: usize) {
    fs::create_dir_all(folder).expect("a folder");
    for number in 0..count {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64 ^ (number as u64 + 1);
        let mut pixels = Vec::with_capacity((width * height * 3) as usize);
        for y in 0..height {
            for x in 0..width {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                let grain = (state % 17) as i32 - 8;
                let block = if ((x / 97) ^ (y / 71)) & 3 == number as u32 & 3 {
                    40
                } else {
                    0
                };
                let red = (x * 200 / width) as i32 + block + grain;
                let green = (y * 180 / height) as i32 + block / 2 + grain;
                let blue = 90 + ((x + y) * 60 / (width + height)) as i32 - block / 3 + grain;
                pixels.extend([red, green, blue].map(|value| value.clamp(0, 255) as u8));
            }
        }
        let file = fs::File::create(folder.join(format!("{number:04}.jpg"))).expect("a file");
        let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(std::io::BufWriter::new(file), 85);
        image::ImageEncoder::write_image(encoder, &pixels, width, height, image::ExtendedColorType::Rgb8)
            .expect("the picture encodes");
    }
}
