//! Codes on a PostgreSQL server, through the real binary: `tests/judges/postgres.sh` starts one. Without it there is nothing to ask.

use std::process::Command;

use image::{DynamicImage, Rgb};
use serde_json::Value;

use super::find::{drawn, jpeg, put};
use super::run::{Home, both, code};

/// A ledger of five pictures, and a table of its own on the server.
struct Asked {
    home: Home,
    connection: String,
    table: String,
}

impl Asked {
    fn new(name: &str) -> Option<Self> {
        let Ok(connection) = std::env::var("BYLINE_POSTGRES") else {
            eprintln!("BYLINE_POSTGRES names no server: not asked");
            return None;
        };
        let home = Home::with_key();
        std::fs::create_dir(home.path("in")).unwrap();
        for seed in 1..=5 {
            put(&home, &format!("in/{seed}.jpg"), &jpeg(&drawn(seed), 92));
        }
        home.ok(["sign", "in", "-o", "out", "--source", "ai", "--jobs", "2"]);
        let table = format!("{name}_{}", std::process::id());
        Some(Self {
            home,
            connection,
            table,
        })
    }

    fn args<'a>(&'a self, first: &[&'a str]) -> Vec<&'a str> {
        let server = ["--postgres", &self.connection, "--postgres-table", &self.table];
        [first, &server].concat()
    }

    fn index(&self) -> String {
        let report = self.home.json(self.args(&["ledger", "index"]), 0);
        report["notes"].to_string()
    }

    /// What the server and what the files beside the ledger lead to.
    fn both_ways(&self, copy: &DynamicImage) -> [Value; 2] {
        put(&self.home, "copy.jpg", &jpeg(copy, 85));
        let json = |args: Vec<&str>| {
            let output = self.home.run([&args[..], &["--format", "json"]].concat());
            serde_json::from_slice::<Value>(&output.stdout).unwrap_or_else(|_| panic!("{}", both(&output)))
        };
        let find = ["find", "copy.jpg"];
        [json(self.args(&find)), json(find.to_vec())]
    }

    fn sql(&self, statement: &str) {
        let statement = statement.replace("TABLE", &self.table);
        let done = Command::new("psql")
            .args(["-v", "ON_ERROR_STOP=1", "-d", &self.connection, "-c", &statement])
            .output()
            .unwrap();
        assert!(done.status.success(), "{}", both(&done));
    }
}

#[test]
fn a_server_leads_to_what_the_files_beside_the_ledger_lead_to() {
    let Some(asked) = Asked::new("same") else { return };
    let early = asked.home.run(asked.args(&["find", "in/1.jpg"]));
    assert_eq!(code(&early), 4, "{}", both(&early));
    assert!(both(&early).contains("byline ledger index"), "{}", both(&early));
    assert!(asked.index().contains("codes of 5 pictures, 5 of them new"));
    let three = drawn(3);
    let (width, height) = (three.width(), three.height());
    let stuck = |side: u32| {
        let mut copy = three.to_rgb8();
        for (x, y, pixel) in copy.enumerate_pixels_mut() {
            if x < side && y < side {
                *pixel = Rgb([250, 20, 20]);
            }
        }
        DynamicImage::ImageRgb8(copy)
    };
    let copies = [
        three.clone(),
        three.fliph(),
        three.rotate90().brighten(-30),
        three.crop_imm(width / 20, height / 20, width * 9 / 10, height * 9 / 10),
        stuck(110),
        stuck(150),
        stuck(190),
        drawn(40),
    ];
    let mut farthest = 0;
    for copy in &copies {
        let [there, here] = asked.both_ways(copy);
        for part in ["result", "near", "near_more", "ledger", "pictures", "kept"] {
            assert_eq!(there[part], here[part], "{part}: {there}");
        }
        farthest = farthest.max(here["near"][0]["distance_bits"].as_u64().unwrap_or(0));
    }
    assert!(farthest > 31, "no copy asks for all rows: {farthest}");
    // What came since is said to be missing, and added by the next run, which adds nothing twice.
    put(&asked.home, "six.jpg", &jpeg(&drawn(6), 92));
    asked
        .home
        .ok(["sign", "six.jpg", "-o", "six.signed.jpg", "--source", "ai"]);
    let [there, _] = asked.both_ways(&drawn(6));
    assert_eq!(there["result"], "NOTHING LIKE IT");
    assert!(
        there["not_searched"].to_string().contains("entries 6 to 6"),
        "{there}"
    );
    assert!(asked.index().contains("codes of 6 pictures, 1 of them new"));
    assert!(asked.index().contains("codes of 6 pictures, 0 of them new"));
    let [there, here] = asked.both_ways(&drawn(6));
    assert_eq!(
        (&there["near"], there["near"][0]["index"].as_u64()),
        (&here["near"], Some(6))
    );
}

#[test]
fn a_server_that_lies_hides_pictures_and_adds_none() {
    let Some(asked) = Asked::new("lies") else { return };
    asked.index();
    for statement in [
        "UPDATE TABLE_pictures SET entry = 6 - entry",
        "UPDATE TABLE_pictures SET entry = 1000000007",
        "UPDATE TABLE_pictures SET entry = -1",
        "DELETE FROM TABLE_pictures",
    ] {
        asked.sql(statement);
        let [there, _] = asked.both_ways(&drawn(5).fliph());
        assert_eq!(there["near"], Value::Array(Vec::new()), "{statement}: {there}");
    }
    // Of another history, or another ledger, nothing is asked or added.
    let refused = asked.home.run(asked.args(&["ledger", "index"]));
    assert_eq!(code(&refused), 4, "{}", both(&refused));
    asked.sql("UPDATE TABLE_ledger SET root = repeat('0', 64)");
    let refused = asked.home.run(asked.args(&["find", "in/3.jpg"]));
    assert!(both(&refused).contains("another history"), "{}", both(&refused));
    asked.home.ok(["ledger", "init", "other.ledger"]);
    let other = asked.args(&["ledger", "index", "--ledger", "other.ledger"]);
    let refused = asked.home.run(other);
    assert!(both(&refused).contains("another ledger"), "{}", both(&refused));
}

#[test]
fn a_password_comes_from_a_file_or_the_environment_alone() {
    let Some(asked) = Asked::new("guarded") else {
        return;
    };
    let connection = asked.connection.replace("user=byline", "user=guarded");
    let index = |connection: &str, env: &[(&str, &str)]| {
        let args = [
            "ledger",
            "index",
            "--postgres",
            connection,
            "--postgres-table",
            &asked.table,
        ];
        let mut command = asked.home.command(args);
        command.envs(env.iter().copied()).output().unwrap()
    };
    let open = index(&format!("{connection} password=sesame"), &[]);
    assert_eq!(code(&open), 2, "{}", both(&open));
    assert!(!both(&open).contains("sesame"), "{}", both(&open));
    assert_eq!(code(&index(&connection, &[])), 4);
    assert_eq!(code(&index(&connection, &[("PGPASSWORD", "wrong")])), 4);
    put(&asked.home, "pass", b"*:*:*:guarded:sesame\n");
    let file = asked.home.path("pass");
    let file_env = [("PGPASSFILE", file.to_str().unwrap())];
    let mode = |mode: u32| {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    mode(0o644);
    let shown = index(&connection, &file_env);
    assert!(
        both(&shown).contains("its mode lets other users"),
        "{}",
        both(&shown)
    );
    mode(0o600);
    let let_in = index(&connection, &file_env);
    assert_eq!(code(&let_in), 0, "{}", both(&let_in));
    let let_in = index(&connection, &[("PGPASSWORD", "sesame")]);
    assert_eq!(code(&let_in), 0, "{}", both(&let_in));
    // What the connection string leaves out is taken from the environment.
    let host = connection
        .split(' ')
        .find_map(|word| word.strip_prefix("host="))
        .unwrap();
    let let_in = index(
        "",
        &[
            ("PGHOST", host),
            ("PGUSER", "guarded"),
            ("PGDATABASE", "postgres"),
            ("PGPASSWORD", "sesame"),
        ],
    );
    assert_eq!(code(&let_in), 0, "{}", both(&let_in));
}

#[test]
fn what_cannot_be_asked_for_is_refused_before_anybody_is_asked() {
    let home = Home::with_key();
    put(&home, "a.jpg", &jpeg(&drawn(1), 92));
    home.ok(["ledger", "init", "own.ledger", "--private"]);
    home.ok(["ledger", "init", "open.ledger"]);
    for (args, why) in [
        (
            &[
                "find",
                "a.jpg",
                "--ledger",
                "own.ledger",
                "--postgres",
                "host=/nowhere",
            ][..],
            "private ledger records no fingerprints",
        ),
        (
            &[
                "ledger",
                "index",
                "--ledger",
                "own.ledger",
                "--postgres",
                "host=/nowhere",
            ],
            "private ledger records no fingerprints",
        ),
        (
            &[
                "find",
                "a.jpg",
                "--ledger",
                "open.ledger",
                "--postgres",
                "postgresql://ada:sesame@localhost/x",
            ],
            "seen by everybody",
        ),
        (
            &[
                "find",
                "a.jpg",
                "--ledger",
                "open.ledger",
                "--postgres",
                "host=/nowhere",
                "--uniqueness",
            ],
            "cannot be used with",
        ),
        (
            &[
                "ledger",
                "index",
                "--ledger",
                "open.ledger",
                "--postgres",
                "host=/nowhere",
                "--postgres-table",
                "a;b",
            ],
            "is no table name",
        ),
    ] {
        let output = home.run(args);
        assert_eq!(code(&output), 2, "{args:?}: {}", both(&output));
        assert!(both(&output).contains(why), "{args:?}: {}", both(&output));
    }
    let gone = home.run([
        "ledger",
        "index",
        "--ledger",
        "open.ledger",
        "--postgres",
        "host=/nowhere",
    ]);
    assert_eq!(code(&gone), 4, "{}", both(&gone));
}
