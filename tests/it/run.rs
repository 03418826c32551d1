//! Runs the real binary in a home of its own.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder with a `byline` home, removed at the end.
pub struct Home {
    pub dir: tempfile::TempDir,
}

impl Home {
    /// An empty home.
    pub fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
        }
    }

    /// A home with an unencrypted key `ada` that the home itself trusts.
    pub fn with_key() -> Self {
        let home = Self::new();
        home.ok([
            "key",
            "new",
            "--name",
            "ada",
            "--as",
            "Ada Painter",
            "--unencrypted",
        ]);
        home.ok(["key", "export", "ada", "--public", "-o", "ada.pub"]);
        home.ok(["trust", "add", "ada.pub", "--name", "ada"]);
        home
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The command, ready to be changed before it runs. A first word `@TIME` sets the clock of its machine.
    pub fn command<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Command {
        let mut args: Vec<OsString> = args.into_iter().map(|arg| arg.as_ref().to_owned()).collect();
        let first = args.first().and_then(|first| first.to_str());
        let clock = first.and_then(|first| first.strip_prefix('@')).map(str::to_owned);
        if clock.is_some() {
            args.remove(0);
        }
        let mut command = Command::new(env!("CARGO_BIN_EXE_byline"));
        command
            .current_dir(self.dir.path())
            .env_clear()
            .env("BYLINE_HOME", self.dir.path().join("home"))
            .envs(clock.map(|clock| ("BYLINE_CLOCK", clock)))
            .args(args);
        command
    }

    pub fn run<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Output {
        self.command(args).output().unwrap()
    }

    /// Runs and expects exit code 0; gives stdout.
    pub fn ok<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> String {
        let args: Vec<_> = args.into_iter().map(|arg| arg.as_ref().to_owned()).collect();
        let output = self.run(&args);
        assert_eq!(code(&output), 0, "{args:?}\n{}", both(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs with `--format json`, expects the exit code, gives the first JSON value of stdout.
    pub fn json<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>, wanted: i32) -> serde_json::Value {
        let mut all: Vec<_> = args.into_iter().map(|arg| arg.as_ref().to_owned()).collect();
        all.extend(["--format".into(), "json".into()]);
        let output = self.run(&all);
        assert_eq!(code(&output), wanted, "{all:?}\n{}", both(&output));
        let documents: Vec<serde_json::Value> = serde_json::Deserializer::from_slice(&output.stdout)
            .into_iter()
            .collect::<Result<_, _>>()
            .unwrap_or_else(|error| panic!("{error}: {}", both(&output)));
        for document in &documents {
            super::schemas::assert_valid(&document.to_string());
        }
        documents
            .into_iter()
            .next()
            .unwrap_or_else(|| panic!("no JSON: {}", both(&output)))
    }

    /// Copies a fixture into the home's folder.
    pub fn fixture(&self, name: &str) -> PathBuf {
        let to = self.path(Path::new(name).file_name().unwrap().to_str().unwrap());
        std::fs::copy(fixtures().join(name), &to).unwrap();
        to
    }
}

pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// The folder of real files by others; says so and gives `None` where it is absent.
pub fn corpus() -> Option<PathBuf> {
    let folder = std::env::var_os("BYLINE_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"),
        PathBuf::from,
    );
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("SKIPPED: no corpus of real files at {}", folder.display());
    None
}

/// A picture signed through the SDK as its users do, by another tool than byline: certificate chain and key in PEM.
pub fn signed_by_sdk(
    (chain, key): (&[u8], &[u8]),
    (mime, source): (&str, &[u8]),
    definition: serde_json::Value,
    settings: serde_json::Value,
) -> Vec<u8> {
    let signer = c2pa::create_signer::from_keys(chain, key, c2pa::SigningAlg::Ed25519, None).unwrap();
    let context = c2pa::Context::new()
        .with_settings(settings)
        .unwrap()
        .into_shared();
    let mut builder = c2pa::Builder::from_shared_context(&context)
        .with_definition(definition)
        .unwrap();
    let mut out = std::io::Cursor::new(Vec::new());
    builder
        .sign(&*signer, mime, &mut std::io::Cursor::new(source), &mut out)
        .unwrap();
    out.into_inner()
}

pub fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or(-1)
}

pub fn both(output: &Output) -> String {
    format!(
        "exit {:?}\n--- stdout\n{}\n--- stderr\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}
