//! A witness and a log that asks it: two programs, as they meet over the wire (c2sp.org/tlog-witness).

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use super::run::{Home, both, code};

/// A running `byline ledger witness serve`; killed, never stopped, at the end.
struct Server {
    child: Child,
    url: String,
    key: String,
}

impl Server {
    fn start(home: &Home, logs: &[&str]) -> Self {
        let mut words = vec![
            "ledger",
            "witness",
            "serve",
            "--name",
            "witness.example/w1",
            "--listen",
            "127.0.0.1:0",
        ];
        for log in logs {
            words.extend(["--log", log]);
        }
        words.extend(["--format", "json"]);
        let mut child = home.command(words).stdout(Stdio::piped()).spawn().unwrap();
        let mut report = String::new();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        while !report.ends_with("}\n") {
            assert!(lines.read_line(&mut report).unwrap() > 0, "{report}");
        }
        super::schemas::assert_valid(&report);
        let report: serde_json::Value = serde_json::from_str(&report).unwrap();
        let text = |name: &str| report[name].as_str().unwrap().to_owned();
        Self {
            child,
            url: text("url"),
            key: text("key"),
        }
    }

    /// Sends bytes as they are, gives the status, the head and the body.
    fn send(&self, request: &[u8]) -> (u16, String, String) {
        let address = self.url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        // A server that has heard enough may close before all is sent.
        let _ = stream.write_all(request);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split(' ').nth(1).map_or(0, |status| status.parse().unwrap());
        (status, head.to_ascii_lowercase(), body.to_owned())
    }

    fn post(&self, body: &str) -> (u16, String, String) {
        let head = format!(
            "POST /add-checkpoint HTTP/1.1\r\nhost: w\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        self.send(format!("{head}{body}").as_bytes())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn log_key(home: &Home) -> String {
    home.json(["ledger", "show"], 0)["log_key"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn studio() -> Home {
    let home = Home::with_key();
    for name in ["lighthouse.jpg", "gradient.jpg", "progressive.jpg"] {
        home.fixture(&format!("images/{name}"));
    }
    home.ok(["sign", "lighthouse.jpg", "-o", "signed.jpg", "--source", "ai"]);
    home
}

#[test]
fn a_published_checkpoint_carries_the_cosignature_and_so_does_the_proof() {
    let (home, other) = (studio(), Home::new());
    let server = Server::start(&other, &[&log_key(&home)]);
    let refused = home.run(["ledger", "witness", "add", &server.url, &server.key]);
    assert_eq!(code(&refused), 2, "{}", both(&refused));
    home.ok(["ledger", "witness", "add", &server.url, &server.key, "--private"]);
    assert_eq!(
        code(&home.run(["ledger", "witness", "add", &server.url, &server.key, "--private"])),
        4
    );
    let report = home.json(["ledger", "publish", "www", "--no-witnesses"], 0);
    assert_eq!(report["witnesses"][0]["cosigned"], serde_json::Value::Null);
    let report = home.json(["ledger", "publish", "www"], 0);
    assert!(report["witnesses"][0]["cosigned"].is_string(), "{report}");
    assert_eq!(report["checkpoint_written"], true);
    let note = std::fs::read_to_string(home.path("www/checkpoint")).unwrap();
    assert_eq!(note.matches("\u{2014} witness.example/w1 ").count(), 1, "{note}");
    // Nothing new: nobody is asked, nothing is written.
    let again = home.json(["ledger", "publish", "www"], 0);
    assert_eq!(again["checkpoint_written"], false);
    // What the witness shows to monitors is what it cosigned.
    let hash = byline::base::Digest::of(note.lines().next().unwrap().as_bytes()).hex();
    let get = format!("GET /{hash}/checkpoint HTTP/1.1\r\nhost: w\r\nconnection: close\r\n\r\n");
    assert_eq!(server.send(get.as_bytes()).2, note);

    let listed = home.json(["ledger", "witness", "list"], 0);
    assert_eq!(listed["tree_size"], 2);
    let policy = listed["policy"].as_str().unwrap();
    let proved = home.json(["ledger", "prove", "signed.jpg"], 0);
    let asked = &proved["checks"]["witnesses"];
    assert_eq!(
        (asked["outcome"].as_str(), asked["note"].as_str()),
        (Some("pass"), Some("cosigned by witness.example/w1"))
    );
    // An audit on this machine asks the log's own witnesses, of the file and of what was published.
    for what in ["www", "home/data/default.ledger"] {
        let audited = home.json(["audit", what], 0);
        assert_eq!(
            audited["cosigned"][0]["witness"], "witness.example/w1",
            "{audited}"
        );
        assert_eq!(audited["witnesses"]["outcome"], "pass", "{audited}");
    }
    let check = [
        "ledger",
        "check-proof",
        "signed.jpg.tlog-proof",
        "--policy",
        policy,
    ];
    let checked = home.json(check, 0);
    assert_eq!(checked["checks"]["witnesses"]["outcome"], "pass");
    assert_eq!(checked["cosigned"][0]["witness"], "witness.example/w1");
    // A proof without the line is not enough for that policy; one with a changed line is contradicted.
    let proof = std::fs::read_to_string(home.path("signed.jpg.tlog-proof")).unwrap();
    let (without, line) = proof.rsplit_once("\u{2014} witness.example/w1 ").unwrap();
    std::fs::write(home.path("signed.jpg.tlog-proof"), without).unwrap();
    assert_eq!(home.json(check, 3)["checks"]["witnesses"]["outcome"], "unknown");
    let changed = line.replacen(
        &line[20..24],
        if &line[20..24] == "AAAA" { "BBBB" } else { "AAAA" },
        1,
    );
    let changed = format!("{without}\u{2014} witness.example/w1 {changed}");
    std::fs::write(home.path("signed.jpg.tlog-proof"), changed).unwrap();
    assert_eq!(home.json(check, 1)["checks"]["witnesses"]["outcome"], "fail");
}

#[test]
fn a_witness_remembers_through_kills_and_refuses_what_goes_back_or_forks() {
    let (home, other) = (studio(), Home::new());
    let log = log_key(&home);
    let server = Server::start(&other, &[&log]);
    home.ok(["ledger", "witness", "add", &server.url, &server.key, "--private"]);
    home.ok(["ledger", "publish", "www"]);
    let (old, old_mark) = (home.path("old"), home.path("old-state"));
    super::proofs::copy_all(&home.path("home/data"), &old);
    super::proofs::copy_all(&home.path("home/state"), &old_mark);
    home.ok(["sign", "gradient.jpg", "-o", "g.jpg", "--source", "ai"]);
    let grown = home.json(["ledger", "publish", "www"], 0);
    assert!(grown["witnesses"][0]["cosigned"].is_string());
    let key = server.key.clone();
    drop(server);
    // Gone: published without its word, and said so.
    home.ok(["sign", "progressive.jpg", "-o", "p.jpg", "--source", "ai"]);
    let alone = home.json(["ledger", "publish", "www"], 3);
    assert!(
        alone["witnesses"][0]["why"]
            .as_str()
            .unwrap()
            .contains("cannot be reached"),
        "{alone}"
    );
    assert_eq!(alone["tree_size"], 4);

    let server = Server::start(&other, &[&log]);
    assert_eq!(server.key, key, "the key outlives the process");
    // The port is another one; the policy file may be edited by hand.
    let policy = home.json(["ledger", "witness", "list"], 0)["policy"]
        .as_str()
        .unwrap()
        .to_owned();
    let text = std::fs::read_to_string(&policy).unwrap();
    let before = text
        .split_whitespace()
        .find(|word| word.starts_with("http://"))
        .unwrap()
        .to_owned();
    std::fs::write(&policy, text.replace(&before, &server.url)).unwrap();
    let back = home.json(["ledger", "publish", "www"], 0);
    assert!(back["witnesses"][0]["cosigned"].is_string(), "{back}");

    // An older copy, on a machine whose own memory went back with it: the witness has not.
    let restored = Home::new();
    super::proofs::copy_all(&home.path("home"), &restored.path("home"));
    for (from, to) in [(&old, "home/data"), (&old_mark, "home/state")] {
        std::fs::remove_dir_all(restored.path(to)).unwrap();
        super::proofs::copy_all(from, &restored.path(to));
    }
    let report = restored.json(["ledger", "publish", "fresh"], 0);
    assert!(
        report["witnesses"][0]["cosigned"].is_string(),
        "the cosignature it had"
    );
    restored.fixture("images/gradient.jpg");
    restored.ok(["sign", "gradient.jpg", "-o", "fork.jpg", "--source", "human"]);
    let report = restored.json(["ledger", "publish", "fresh"], 3);
    let why = report["witnesses"][0]["why"].as_str().unwrap();
    assert!(why.contains("older copy stands here"), "{why}");
    // Grown past it, the fork is still one.
    for (name, source) in [("lighthouse.jpg", "ai"), ("progressive.jpg", "ai")] {
        restored.fixture(&format!("images/{name}"));
        restored.ok(["sign", name, "-o", &format!("f-{name}"), "--source", source]);
    }
    let report = restored.json(["ledger", "publish", "fresh"], 3);
    let why = report["witnesses"][0]["why"].as_str().unwrap();
    assert!(why.contains("422"), "{why}");
}

#[test]
fn the_wire_has_the_statuses_of_the_specification() {
    let (home, other) = (studio(), Home::new());
    let server = Server::start(&other, &[&log_key(&home)]);
    home.ok(["ledger", "publish", "www"]);
    let note = std::fs::read_to_string(home.path("www/checkpoint")).unwrap();
    let body = |old: u64| format!("old {old}\n\n{note}");
    assert_eq!(server.post("hello").0, 400);
    assert_eq!(server.post(&body(3)).0, 400);
    assert_eq!(
        server.post(&body(0).replace("byline.local", "other.local")).0,
        404
    );
    assert_eq!(server.post(&body(0).replacen("\n2\n", "\n3\n", 1)).0, 403);
    let (status, head, conflict) = server.post(&body(2));
    assert_eq!((status, conflict.as_str()), (409, "0\n"));
    assert!(head.contains("content-type: text/x.tlog.size"), "{head}");
    let (status, _, line) = server.post(&body(0));
    assert_eq!(status, 200);
    assert!(
        line.starts_with("\u{2014} witness.example/w1 ") && line.ends_with('\n'),
        "{line}"
    );
    assert_eq!(server.post(&body(0)).2, "2\n");
    assert_eq!(server.post(&body(2)).0, 200);
    let hash = "KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    assert_eq!(server.post(&format!("old 2\n{hash}\n\n{note}")).0, 422);
    // Beside the protocol: methods, paths, bounds.
    for (request, wanted) in [
        (
            "GET /add-checkpoint HTTP/1.1\r\nhost: w\r\nconnection: close\r\n\r\n",
            405,
        ),
        ("GET / HTTP/1.1\r\nhost: w\r\nconnection: close\r\n\r\n", 404),
        (
            "GET /00/checkpoint HTTP/1.1\r\nhost: w\r\nconnection: close\r\n\r\n",
            404,
        ),
        (
            "GET /..%2f..%2fetc/checkpoint HTTP/1.1\r\nhost: w\r\nconnection: close\r\n\r\n",
            404,
        ),
        ("nonsense\r\n\r\n", 400),
    ] {
        assert_eq!(server.send(request.as_bytes()).0, wanted, "{request}");
    }
    assert_eq!(server.post(&"x".repeat(65_536)).0, 400);
    assert_eq!(server.post(&"x".repeat(65_537)).0, 413);
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(40_000));
    assert!([0, 414, 431].contains(&server.send(long.as_bytes()).0));
    // Many at once: one of each size wins, and nobody is left without an answer.
    let answers: Vec<u16> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..40).map(|_| scope.spawn(|| server.post(&body(2)).0)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(answers.iter().all(|status| *status == 200), "{answers:?}");
    // A second process on the same state is refused.
    let second = other.run([
        "ledger",
        "witness",
        "serve",
        "--name",
        "w",
        "--log",
        &log_key(&home),
        "--listen",
        "127.0.0.1:0",
    ]);
    assert_eq!(code(&second), 4, "{}", both(&second));
    let said = both(&second).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.contains("another witness") && said.contains("data/witness`"),
        "{said}"
    );
    assert!(!said.contains("another writer has the ledger"), "{said}");
}

#[test]
fn the_quorum_of_the_policy_is_said_and_witnesses_are_removed() {
    let home = studio();
    let key = |n: u8| {
        let name = byline::ledger::KeyName::parse(&format!("w.example/{n}")).unwrap();
        let key = byline::keys::CreatorKey::from_seed(&[n; 32]);
        let witness = byline::ledger::cosignature::Cosigner::new(name, key);
        witness.verifier().to_string()
    };
    let (one, two, three) = (key(1), key(2), key(3));
    let add = |key: &str, more: &[&str], wanted: i32| {
        let words = [&["ledger", "witness", "add", "https://w.example", key][..], more].concat();
        let output = home.run(words);
        assert_eq!(code(&output), wanted, "{}", both(&output));
    };
    let quorum = || home.json(["ledger", "witness", "list"], 0)["quorum"].clone();
    assert_eq!(quorum(), serde_json::Value::Null);
    add(&one, &["--quorum", "2"], 2);
    add(&one, &["--quorum", "0"], 2);
    add(&one, &[], 0);
    assert_eq!(quorum(), "any of 1");
    add(&two, &["--quorum", "2"], 0);
    assert_eq!(quorum(), "2 of 2");
    add(&three, &[], 0);
    assert_eq!(quorum(), "2 of 3");
    // Asked for and not there: the proof is made, and what the policy lacks is said.
    let proved = home.json(["ledger", "prove", "signed.jpg"], 0);
    assert!(
        proved["notes"]
            .to_string()
            .contains("0 of 3 witnesses have cosigned"),
        "{proved}"
    );
    assert_eq!(code(&home.run(["ledger", "witness", "remove", "w.example/9"])), 3);
    home.ok(["ledger", "witness", "remove", "w.example/1"]);
    assert_eq!(quorum(), "2 of 2");
    assert_eq!(code(&home.run(["ledger", "witness", "remove", "w.example/2"])), 2);
    home.ok(["ledger", "witness", "remove", "w.example/2", "--quorum", "all"]);
    assert_eq!(quorum(), "all of 1");
    home.ok(["ledger", "witness", "remove", "w.example/3"]);
    assert_eq!(quorum(), "none");
    add(&one, &[], 0);
    assert_eq!(quorum(), "any of 1");
}

#[test]
fn a_state_that_was_changed_is_not_served() {
    let (home, other) = (studio(), Home::new());
    let log = log_key(&home);
    let server = Server::start(&other, &[&log]);
    home.ok(["ledger", "witness", "add", &server.url, &server.key, "--private"]);
    home.ok(["ledger", "publish", "www"]);
    drop(server);
    let folder = other.path("home/data/witness");
    let file = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|end| end == "checkpoint"))
        .unwrap();
    let note = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, note.replacen("\n2\n", "\n1\n", 1)).unwrap();
    let refused = other.run([
        "ledger",
        "witness",
        "serve",
        "--name",
        "w",
        "--log",
        &log,
        "--listen",
        "127.0.0.1:0",
    ]);
    assert_eq!(code(&refused), 4, "{}", both(&refused));
    assert!(both(&refused).contains("witness state"), "{}", both(&refused));
}
