//! The command as a user meets it: words, exit codes, help, pipes.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::run::{Home, both, code, fixtures};

fn byline(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_byline"));
    command
        .env_clear()
        .env("BYLINE_HOME", home)
        .current_dir(home)
        .stdin(Stdio::null());
    command
}

fn run<S: AsRef<OsStr>>(words: &[S]) -> Output {
    let home = tempfile::tempdir().unwrap();
    byline(home.path()).args(words).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

const COMMANDS: [&[&str]; 43] = [
    &["compare"],
    &["explain"],
    &["trust", "import"],
    &["key", "list"],
    &["trust", "list"],
    &[],
    &["tour"],
    &["sign"],
    &["verify"],
    &["inspect"],
    &["find"],
    &["ledger"],
    &["ledger", "init"],
    &["ledger", "show"],
    &["ledger", "history"],
    &["ledger", "offer"],
    &["ledger", "accept"],
    &["ledger", "take"],
    &["ledger", "license"],
    &["ledger", "reserve"],
    &["ledger", "dispute"],
    &["ledger", "dispute", "open"],
    &["ledger", "dispute", "answer"],
    &["ledger", "dispute", "close"],
    &["ledger", "redact"],
    &["ledger", "anchor"],
    &["ledger", "export"],
    &["ledger", "stats"],
    &["key", "rotate"],
    &["key", "revoke"],
    &["ledger", "prove"],
    &["ledger", "check-proof"],
    &["ledger", "consistency"],
    &["ledger", "publish"],
    &["ledger", "witness"],
    &["ledger", "witness", "add"],
    &["ledger", "witness", "list"],
    &["ledger", "witness", "remove"],
    &["ledger", "witness", "serve"],
    &["audit"],
    &["schema"],
    &["completions"],
    &["man"],
];

#[test]
fn every_command_has_help_with_examples() {
    for command in COMMANDS {
        for flag in ["--help", "-h"] {
            let output = run(&[command, &[flag]].concat());
            assert_eq!(output.status.code(), Some(0), "{command:?}");
            assert!(
                out(&output).contains("Examples:"),
                "{command:?}: {}",
                out(&output)
            );
            assert!(output.stderr.is_empty());
        }
    }
}

#[test]
fn every_command_that_help_lists_has_examples() {
    let help = out(&run(&["--help"]));
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let mut seen = 0;
    for line in listed.take_while(|line| line.starts_with("  ")) {
        // Lines that go on are indented further.
        let Some(name) = line.strip_prefix("  ").filter(|rest| !rest.starts_with(' ')) else {
            continue;
        };
        seen += 1;
        let name = name.split_whitespace().next().unwrap();
        let output = run(&[name, "--help"]);
        if name == "help" {
            continue;
        }
        assert!(out(&output).contains("Examples:"), "{name} has no examples");
    }
    assert!(seen >= 9, "{help}");
}

#[test]
fn a_wrong_command_line_ends_with_2() {
    let wrong: [&[&str]; 9] = [
        &[],
        &["--nonsense"],
        &["nonsense"],
        &["verify"],
        &["verify", "--require", "everything", "a.png"],
        &["sign", "a.png", "--source", "robot"],
        &["sign", "a.png", "--source", "ai", "-o", "b.png", "--in-place"],
        &["sign", "a.png", "--source", "ai", "--jobs", "0"],
        &["schema", "nonsense"],
    ];
    for words in wrong {
        let output = run(words);
        assert_eq!(output.status.code(), Some(2), "{words:?}: {}", err(&output));
        assert!(output.stdout.is_empty(), "{words:?}");
        assert!(!output.stderr.is_empty(), "{words:?}");
    }
}

#[test]
fn a_ledger_that_cannot_be_asked_says_what_to_do() {
    let home = tempfile::tempdir().unwrap();
    let run = |words: &[&str]| byline(home.path()).args(words).output().unwrap();
    let missing = run(&["ledger", "show"]);
    assert_eq!(missing.status.code(), Some(4), "{}", err(&missing));
    assert!(err(&missing).contains("byline ledger init"), "{}", err(&missing));
    let bad = run(&["ledger", "init", "--origin", "a b"]);
    assert_eq!(bad.status.code(), Some(2), "{}", err(&bad));
    assert!(err(&bad).contains("studio.example/pictures"), "{}", err(&bad));
    assert_eq!(run(&["ledger", "init"]).status.code(), Some(0));
    let beyond = run(&["ledger", "history", "99"]);
    assert_eq!(beyond.status.code(), Some(3), "{}", err(&beyond));
    assert!(err(&beyond).contains("has no entry 99"), "{}", err(&beyond));
    assert!(!err(&beyond).contains("the disk has room"), "{}", err(&beyond));
}

#[test]
fn a_missing_source_teaches_the_words() {
    let output = run(&["sign", "a.png"]);
    assert_eq!(output.status.code(), Some(2));
    for word in [
        "ai-edited",
        "human",
        "camera",
        "from-metadata",
        "  why: ",
        "  do: ",
    ] {
        assert!(err(&output).contains(word), "{word}: {}", err(&output));
    }
}

#[test]
fn words_that_command_a_terminal_are_not_repeated_raw() {
    for evil in ["\u{1b}]0;title\u{7}", "\u{202e}x", "\u{9b}2J"] {
        let output = run(&["verify", &format!("--a{evil}"), "a.png"]);
        assert_eq!(output.status.code(), Some(2));
        let harmful = |c: char| c != '\n' && byline::base::Untrusted::is_harmful(c);
        assert!(!err(&output).chars().any(harmful), "{:?}", err(&output));
    }
    assert!(err(&run(&["verify", "--a\u{202e}x", "a.png"])).contains("\\u{202e}"));
}

#[test]
fn schemas_are_listed_and_printed_by_short_and_full_name() {
    let names = out(&run(&["schema"]));
    assert!(names.lines().any(|name| name == "verify-report.v1"), "{names}");
    for name in names.lines() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("schemas/{name}.schema.json"));
        let wanted = std::fs::read_to_string(file).unwrap();
        assert_eq!(out(&run(&["schema", name])), wanted);
        assert_eq!(out(&run(&["schema", name.trim_end_matches(".v1")])), wanted);
    }
}

#[test]
fn completions_and_manual_pages_name_the_commands() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = run(&["completions", shell]);
        assert_eq!(output.status.code(), Some(0));
        assert!(out(&output).contains("verify"), "{shell}");
    }
    let page = out(&run(&["man"]));
    assert!(page.contains(".TH") && page.contains("verify"), "{page}");
    let home = tempfile::tempdir().unwrap();
    let output = byline(home.path()).args(["man", "."]).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(home.path().join("byline-verify.1").exists());
    assert!(home.path().join("byline-ledger-show.1").exists());
    assert_eq!(run(&["man", "/nowhere/at/all"]).status.code(), Some(4));
}

#[test]
fn a_command_is_a_name_for_the_schema_of_its_report() {
    for name in ["verify", "sign", "find"] {
        let whole = out(&run(&["schema", &format!("{name}-report.v1")]));
        assert!(!whole.is_empty());
        assert_eq!(out(&run(&["schema", name])), whole, "{name}");
    }
}

#[test]
fn a_report_into_a_pipe_is_as_wide_as_columns_says() {
    let home = tempfile::tempdir().unwrap();
    for columns in ["60", "140"] {
        let mut command = byline(home.path());
        let told = command
            .args(["explain", "NOT CONFIRMED"])
            .env("COLUMNS", columns)
            .output()
            .unwrap();
        let longest = out(&told).lines().map(|line| line.chars().count()).max();
        let (longest, columns) = (longest.unwrap(), columns.parse::<usize>().unwrap());
        assert!(
            longest <= columns && longest + 20 > columns,
            "{longest} {columns}"
        );
    }
}

#[test]
fn a_descriptor_that_is_not_open_is_named_as_such() {
    let home = tempfile::tempdir().unwrap();
    let made = byline(home.path())
        .args(["key", "new", "--passphrase-fd", "77"])
        .output()
        .unwrap();
    assert!(err(&made).contains("descriptor 77 is not open"), "{}", err(&made));
}

#[test]
fn a_format_that_has_a_flag_of_its_own_leads_there() {
    let refused = run(&["ledger", "export", "--format", "csv"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(err(&refused).contains("use --csv"), "{}", err(&refused));
}

#[test]
fn a_file_of_many_that_failed_stands_in_their_list() {
    let home = tempfile::tempdir().unwrap();
    for name in ["a.jpg", "b.jpg"] {
        std::fs::copy(fixtures().join("images/gradient.jpg"), home.path().join(name)).unwrap();
    }
    let told = byline(home.path())
        .current_dir(home.path())
        .args(["verify", "a.jpg", "gone.jpg", "b.jpg"])
        .output()
        .unwrap();
    let line = out(&told);
    let line = line.lines().find(|line| line.starts_with("FAILED")).unwrap();
    assert!(line.contains("gone.jpg"), "{line}");
}

#[test]
fn version_goes_to_stdout() {
    let output = run(&["--version"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(out(&output), format!("byline {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_reader_who_leaves_changes_nothing() {
    let home = tempfile::tempdir().unwrap();
    for words in [
        &["--help"][..],
        &["completions", "bash"],
        &["schema", "verify-report"],
    ] {
        let mut child = byline(home.path())
            .args(words)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{words:?}: {}", err(&output));
        assert!(output.stderr.is_empty(), "{words:?}: {}", err(&output));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_report_that_could_not_be_written_is_no_success() {
    let home = tempfile::tempdir().unwrap();
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = byline(home.path())
        .args(["schema"])
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(4));
    assert!(
        err(&output).contains("cannot write the report"),
        "{}",
        err(&output)
    );
}

#[test]
fn without_any_home_the_command_says_so() {
    let output = Command::new(env!("CARGO_BIN_EXE_byline"))
        .env_clear()
        .args(["verify", "a.png"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(4));
    assert!(err(&output).contains("--home"), "{}", err(&output));
}

#[test]
fn colour_comes_only_when_asked_for() {
    let plain = run(&["verify", "nowhere.png"]);
    assert!(!err(&plain).contains('\u{1b}'), "{:?}", err(&plain));
    let coloured = run(&["--color", "always", "verify", "nowhere.png"]);
    assert!(err(&coloured).contains('\u{1b}'), "{:?}", err(&coloured));
}

#[test]
fn an_encrypted_key_signs_with_a_passphrase_from_a_descriptor() {
    let home = Home::new();
    std::fs::write(home.path("pass"), "correct horse\n").unwrap();
    std::fs::copy(fixtures().join("images/gradient.png"), home.path("in.png")).unwrap();
    let run = |args: &[&str]| {
        let pass = std::fs::File::open(home.path("pass")).unwrap();
        home.command(args).stdin(pass).output().unwrap()
    };
    let made = run(&[
        "key",
        "new",
        "--name",
        "safe",
        "--as",
        "Ada",
        "--passphrase-fd",
        "0",
    ]);
    assert!(made.status.success(), "{}", both(&made));
    let signed = run(&[
        "sign",
        "in.png",
        "-o",
        "out.png",
        "--source",
        "ai",
        "--passphrase-fd",
        "0",
    ]);
    assert!(signed.status.success(), "{}", both(&signed));
    std::fs::write(home.path("pass"), "wrong horse\n").unwrap();
    let refused = run(&[
        "sign",
        "in.png",
        "-o",
        "no.png",
        "--source",
        "ai",
        "--passphrase-fd",
        "0",
    ]);
    assert_eq!(refused.status.code(), Some(4), "{}", both(&refused));
    assert!(!home.path("no.png").exists());
}

#[test]
fn trust_comes_through_pipes_and_pictures_do_not() {
    let home = Home::with_key();
    home.fixture("images/gradient.jpg");
    home.ok(["sign", "gradient.jpg", "-o", "out.jpg", "--source", "human"]);
    home.ok(["key", "export", "ada", "--root", "-o", "root.pem"]);
    for name in home.json(["trust", "list"], 0)["entries"].as_array().unwrap() {
        home.ok(["trust", "remove", name["name"].as_str().unwrap()]);
    }
    let piped = |args: &[&str]| {
        let mut child = home
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let root = std::fs::read(home.path("root.pem")).unwrap();
        // Who refuses the pipe does not read it either.
        let _ = child.stdin.take().unwrap().write_all(&root);
        child.wait_with_output().unwrap()
    };
    for pipe in ["-", "/dev/stdin"] {
        let output = piped(&["verify", "out.jpg", "--trust", pipe]);
        assert_eq!(code(&output), 0, "{pipe} {}", both(&output));
    }
    let output = piped(&["verify", "/dev/stdin"]);
    assert_eq!(code(&output), 4, "{}", both(&output));
    let output = piped(&["trust", "add", "-", "--name", "ada"]);
    assert_eq!(code(&output), 0, "{}", both(&output));
    home.ok(["verify", "out.jpg"]);
}

#[test]
fn a_list_of_many_authorities_is_called_as_its_file() {
    let home = Home::with_key();
    home.ok(["key", "new", "--name", "bob", "--as", "Bob", "--unencrypted"]);
    let mut both_roots = String::new();
    for key in ["ada", "bob"] {
        home.ok(["key", "export", key, "--root", "-o", "root.pem"]);
        both_roots.push_str(&std::fs::read_to_string(home.path("root.pem")).unwrap());
        std::fs::remove_file(home.path("root.pem")).unwrap();
    }
    std::fs::write(home.path("studios-2026.pem"), both_roots).unwrap();
    for name in home.json(["trust", "list"], 0)["entries"].as_array().unwrap() {
        home.ok(["trust", "remove", name["name"].as_str().unwrap()]);
    }
    let added = home.json(["trust", "add", "studios-2026.pem"], 0);
    assert_eq!(added["entries"][0]["name"], "studios-2026", "{added:#}");
}

#[test]
fn every_code_of_a_verdict_can_be_asked_for() {
    let home = Home::with_key();
    home.fixture("images/gradient.jpg");
    home.ok(["sign", "gradient.jpg", "-o", "out.jpg", "--source", "ai"]);
    for (file, word) in [("out.jpg", "TRUSTED"), ("gradient.jpg", "NO CREDENTIALS")] {
        let report = home.json(["verify", file], if word == "TRUSTED" { 0 } else { 3 });
        let checks = &report["checks"];
        let ids =
            ["unchanged", "signature", "time", "issuer"].map(|name| checks[name]["id"].as_str().unwrap());
        let codes = report["c2pa"]["codes"].as_array().into_iter().flatten();
        let codes = codes.map(|line| line["code"].as_str().unwrap());
        for code in ids
            .into_iter()
            .chain(codes)
            .chain([word, report["ledger"]["check"]["id"].as_str().unwrap()])
        {
            let explained = home.json(["explain", code], 0);
            assert_eq!(explained["codes"].as_array().unwrap().len(), 1, "{code}");
            assert!(home.ok(["explain", code]).contains("Still holds"), "{code}");
        }
    }
    let text = String::from_utf8(home.run(["verify", "gradient.jpg"]).stdout).unwrap();
    let asked = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("why: byline explain "))
        .unwrap();
    home.ok(["explain", asked]);
}

#[test]
fn an_unknown_code_is_a_wrong_command_line_and_is_said_back_as_text() {
    let home = Home::new();
    let output = home.run(["explain", "claimSignature.mis\u{1b}[31mmatch"]);
    assert_eq!(super::run::code(&output), 2);
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("`claimSignature.mismatch`"), "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
}
