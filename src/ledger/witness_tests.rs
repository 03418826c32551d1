use super::super::hash::LeafHash;
use super::super::note::{KeyName, LogKey};
use super::super::proof;
use super::super::tree::{MemoryTree, root_at};
use super::*;
use crate::keys::CreatorKey;

fn log(name: &str, seed: u8) -> LogKey {
    LogKey::new(KeyName::parse(name).unwrap(), CreatorKey::from_seed(&[seed; 32]))
}

fn witness() -> Cosigner {
    let name = KeyName::parse("witness.example/w1").unwrap();
    Cosigner::new(name, CreatorKey::from_seed(&[9; 32]))
}

fn tree(fork: u8) -> MemoryTree {
    MemoryTree::of((0..20u8).map(|n| LeafHash::of(&[n, if n > 3 { fork } else { 0 }])))
}

fn note(fork: u8, size: u64, key: &LogKey) -> String {
    let root = root_at(&tree(fork), TreeSize(size)).unwrap();
    VerifiedCheckpoint::sign(TreeSize(size), root, key)
        .0
        .note()
        .to_owned()
}

fn request(old: u64, size: u64) -> AddCheckpoint {
    AddCheckpoint {
        old: TreeSize(old),
        proof: proof::consistency(&tree(0), TreeSize(old), TreeSize(size)).unwrap_or_default(),
        note: note(0, size, &log("log", 1)),
    }
}

fn seen(size: u64) -> Option<(TreeSize, RootHash)> {
    (size > 0).then(|| (TreeSize(size), root_at(&tree(0), TreeSize(size)).unwrap()))
}

fn status(request: &AddCheckpoint, latest: Option<(TreeSize, RootHash)>) -> u16 {
    match judge(
        request,
        log("log", 1).verifier(),
        latest,
        &witness(),
        1_700_000_000,
    ) {
        Ok(_) => 200,
        Err(refusal) => refusal.status(),
    }
}

#[test]
fn a_log_that_grows_is_cosigned_step_by_step() {
    for old in 0..=20 {
        for size in old.max(1)..=20 {
            let request = request(old, size);
            assert_eq!(
                AddCheckpoint::parse(request.body().as_bytes()).as_ref(),
                Ok(&request)
            );
            let next = judge(
                &request,
                log("log", 1).verifier(),
                seen(old),
                &witness(),
                1_700_000_000,
            )
            .unwrap();
            let kept = Note::parse(&next.note).unwrap();
            assert_eq!(kept.lines.len(), 2);
            assert_eq!(witness().verifier().time_of(&kept), Ok(Some(1_700_000_000)));
            let opened = VerifiedCheckpoint::open(&next.note, log("log", 1).verifier()).unwrap();
            assert_eq!(opened.size(), TreeSize(size));
        }
    }
}

/// The statuses of c2sp.org/tlog-witness, in the order in which it asks.
#[test]
fn every_refusal_has_its_status() {
    assert_eq!(status(&request(5, 9), seen(5)), 200);
    // Another size was seen last, smaller or larger; asked before the proof is.
    assert_eq!(status(&request(5, 9), seen(6)), 409);
    assert_eq!(status(&request(5, 9), None), 409);
    assert_eq!(status(&request(0, 9), seen(5)), 409);
    let mut bad = request(5, 9);
    bad.old = TreeSize(10);
    assert_eq!(status(&bad, seen(5)), 400);
    assert_eq!(status(&bad, seen(10)), 400);
    let mut bad = request(5, 9);
    bad.proof[0] = NodeHash::from_bytes([1; 32]);
    assert_eq!(status(&bad, seen(5)), 422);
    let mut bad = request(5, 9);
    bad.proof.pop();
    assert_eq!(status(&bad, seen(5)), 422);
    let mut bad = request(0, 9);
    bad.proof = vec![NodeHash::from_bytes([1; 32])];
    assert_eq!(status(&bad, None), 422);
    // The same size with another root: a fork.
    let fork = AddCheckpoint {
        note: note(7, 9, &log("log", 1)),
        ..request(9, 9)
    };
    assert_eq!(status(&fork, seen(9)), 422);
    assert_eq!(status(&request(9, 9), seen(9)), 200);
    let mut again = request(9, 9);
    again.proof = vec![NodeHash::from_bytes([1; 32])];
    assert_eq!(status(&again, seen(9)), 422);
    let fork = AddCheckpoint {
        note: note(7, 12, &log("log", 1)),
        ..request(9, 12)
    };
    assert_eq!(status(&fork, seen(9)), 422);
    let stranger = AddCheckpoint {
        note: note(0, 9, &log("log", 2)),
        ..request(5, 9)
    };
    assert_eq!(status(&stranger, seen(5)), 403);
    let mut changed = request(5, 9);
    changed.note = changed.note.replacen("\n9\n", "\n8\n", 1);
    assert_eq!(status(&changed, seen(5)), 403);
}

#[test]
fn the_empty_log_has_one_root_and_no_proof() {
    let key = log("log", 1);
    let of = |root| AddCheckpoint {
        old: TreeSize(0),
        proof: Vec::new(),
        note: VerifiedCheckpoint::sign(TreeSize(0), root, &key)
            .0
            .note()
            .to_owned(),
    };
    assert_eq!(status(&of(RootHash::empty()), None), 200);
    assert_eq!(status(&of(RootHash::from_bytes([1; 32])), None), 422);
    let seen_empty = Some((TreeSize(0), RootHash::empty()));
    assert_eq!(status(&of(RootHash::empty()), seen_empty), 200);
    assert_eq!(status(&request(0, 9), seen_empty), 200);
    let mut with_proof = of(RootHash::empty());
    with_proof.proof = vec![NodeHash::from_bytes([1; 32])];
    assert_eq!(status(&with_proof, None), 422);
}

#[test]
fn a_forged_line_of_the_witness_does_not_reach_its_state() {
    let mut request = request(5, 9);
    let forged = witness().cosign("another text\n", 5);
    let stranger = log("stranger", 5).sign_note("another text\n");
    request.note += &forged;
    request.note += stranger.rsplit_once("\n\n").unwrap().1;
    let key = log("log", 1);
    let next = judge(&request, key.verifier(), seen(5), &witness(), 77).unwrap();
    let kept = Note::parse(&next.note).unwrap();
    assert_eq!(kept.lines.len(), 2);
    assert_eq!(witness().verifier().time_of(&kept), Ok(Some(77)));
    // A second good line of the log is one signature; a bad one in its name spoils the note.
    let mut request = self::request(5, 9);
    request.note += &key.sign_note("x\n")[3..];
    assert_eq!(status(&request, seen(5)), 403);
}

#[test]
fn bodies_that_are_cut_or_written_otherwise_are_refused() {
    let body = request(5, 9).body();
    let parse = |body: &str| AddCheckpoint::parse(body.as_bytes());
    assert!(parse(&body).is_ok());
    let hash = body.lines().nth(1).unwrap();
    for bad in [
        body.replace("old 5\n", "old 05\n"),
        body.replace("old 5\n", "old +5\n"),
        body.replace("old 5\n", "old  5\n"),
        body.replace("old 5\n", "old\n"),
        body.replace("old 5\n", "old -1\n"),
        body.replace("old 5\n", "old 18446744073709551616\n"),
        body.replace("old 5\n", "Old 5\n"),
        body.replace("old 5\n", ""),
        body.replace("old 5\n", "\nold 5\n"),
        body.replace(hash, &hash[..43]),
        body.replace(hash, &format!(" {hash}")),
        body.replace(hash, "AAAA"),
        body.replace(&format!("{hash}\n"), &format!("{hash}\n").repeat(64)),
        body.replace("\n\n", "\n"),
        format!("{body}{}", " ".repeat(REQUEST_BYTES_MAX)),
        String::new(),
    ] {
        let refused = parse(&bad).and_then(|request| request.named());
        assert!(
            matches!(refused, Err(Refusal::Malformed { .. })),
            "{bad:?}: {refused:?}"
        );
    }
    for cut in 0..body.len() {
        if let Some(short) = body.get(..cut)
            && let Ok(request) = parse(short)
        {
            assert_ne!(status(&request, seen(5)), 200, "{cut}");
        }
    }
    assert!(AddCheckpoint::parse(&[0xff, b'\n', b'\n']).is_err());
    let mut many = request(5, 9);
    many.proof = vec![NodeHash::from_bytes([1; 32]); 63];
    assert!(parse(&many.body()).is_ok());
    many.proof.push(NodeHash::from_bytes([1; 32]));
    assert!(parse(&many.body()).is_err());
}

/// A real exchange with litewitness (torchwood's tests): log, checkpoints and proofs by Go.
#[test]
fn requests_of_another_implementation_are_judged_alike() {
    const ORIGIN: &str =
        "sigsum.org/v1/tree/4d6d8825a6bb689d459628312889dfbb0bcd41b5211d9e1ce768b0ff0309e562";
    let key =
        crate::base::Digest::parse_hex("ffdc2d4d98e4124d3feaf788c0c2f9abfd796083d1f0495437f302ec79cf100f");
    let key = crate::keys::PublicKey::from_bytes(*key.unwrap().as_bytes()).unwrap();
    let log = VerifierKey::new(KeyName::parse(ORIGIN).unwrap(), key);
    let body = |old: u64, proof: &str, size: u64, root: &str, signature: &str| {
        format!("old {old}\n{proof}\n{ORIGIN}\n{size}\n{root}\n\n\u{2014} {ORIGIN} {signature}\n")
    };
    let mut state = None;
    for request in [
        body(
            0,
            "",
            1,
            "KgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            "UgIom7fPZTqpxWWhyjWduBvTvGVqsokMbqTArsQilegKoFBJQjUFAmQ0+YeSPM3wfUQMFSzVnnNuWRTYrajXpNUbIQY=",
        ),
        body(
            1,
            "KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nKgIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
            3,
            "RcCI1Nk56ZcSmIEfIn0SleqtV7uvrlXNccFx595Iwl0=",
            "UgIom2VbtIcdFbwFAy1n7s6IkAxIY6J/GQOTuZF2ORV39d75cbAj2aQYwyJre36kezNobZs4SUUdrcawfAB8WVrx6go=",
        ),
        body(
            1,
            "KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n+fUDV+k970B4I3uKrqJM4aP1lloPZP8mvr2Z4wRw2LI=\nKgQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
            5,
            "QrtXrQZCCvpIgsSmOsah7HdICzMLLyDfxToMql9WTjY=",
            "UgIomw/EOJmWi0i1FQsOj+etB7F8IccFam/jgd6wzRns4QPVmyEZtdvl1U2KEmLOZ/ASRcWJi0tW90dJWAShei7sDww=",
        ),
    ] {
        let request = AddCheckpoint::parse(request.as_bytes()).unwrap();
        let first = request.old == TreeSize(0);
        let latest = if first { None } else { state };
        let next = judge(&request, &log, latest, &witness(), 5).unwrap();
        let checkpoint = VerifiedCheckpoint::open(&next.note, &log).unwrap();
        if first {
            state = Some((checkpoint.size(), checkpoint.root()));
        }
    }
}

#[test]
fn answers_are_read_as_the_client_should() {
    let note = note(0, 9, &log("log", 1));
    let key = witness();
    let text = Note::parse(&note).unwrap().text;
    let read = |status, body: &str| Answer::read(status, body.as_bytes(), &note, key.verifier());
    let line = key.cosign(text, 55);
    let stranger = Cosigner::new(KeyName::parse("other").unwrap(), CreatorKey::from_seed(&[8; 32]));
    let cosigned = Answer::Cosigned {
        line: line.clone(),
        time_s: 55,
    };
    assert_eq!(read(200, &line), cosigned);
    assert_eq!(
        read(200, &format!("{}{line}", stranger.cosign(text, 5))),
        cosigned
    );
    for (status, body) in [
        (200, String::new()),
        (200, line.trim_end().to_owned()),
        (200, key.cosign("another\n", 5)),
        (200, stranger.cosign(text, 5)),
        (200, line.repeat(200)),
        (409, "12".to_owned()),
        (409, "012\n".to_owned()),
        (409, "x\n".to_owned()),
        (422, "12\n".to_owned()),
        (302, String::new()),
    ] {
        assert_eq!(read(status, &body), Answer::Refused { status }, "{body}");
    }
    assert_eq!(read(409, "12\n"), Answer::Seen { size: TreeSize(12) });
    assert_eq!(Refusal::Conflict { size: TreeSize(12) }.body(), "12\n");
    let twice = key
        .verifier()
        .added_to(&key.verifier().added_to(&note, &line), &key.cosign(text, 60));
    assert_eq!(
        key.verifier().time_of(&Note::parse(&twice).unwrap()),
        Ok(Some(60))
    );
    assert_eq!(Note::parse(&twice).unwrap().lines.len(), 2);
}
