//! Unit tests of `files`.

use super::*;

#[test]
fn nothing_is_seen_at_the_target_before_the_commit() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("a.jpg");
    let staged = Staged::write(&target, b"new", false).unwrap();
    assert!(!target.exists());
    staged.commit().unwrap();
    assert_eq!(read(&target, 10).unwrap(), b"new");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn a_staged_file_that_is_dropped_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("a.jpg");
    fs::write(&target, b"old").unwrap();
    drop(Staged::write(&target, b"new", true).unwrap());
    assert_eq!(fs::read(&target).unwrap(), b"old");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn a_target_that_appears_meanwhile_is_not_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("a.jpg");
    let staged = Staged::write(&target, b"new", false).unwrap();
    fs::write(&target, b"old").unwrap();
    assert!(matches!(staged.commit(), Err(FileError::Exists)));
    assert_eq!(fs::read(&target).unwrap(), b"old");
    assert!(matches!(
        Staged::write(&target, b"x", false),
        Err(FileError::Exists)
    ));
}

#[test]
fn mode_and_link_of_the_old_file_stay() {
    let dir = tempfile::tempdir().unwrap();
    let real = dir.path().join("real.jpg");
    let link = dir.path().join("link.jpg");
    fs::write(&real, b"old").unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    Staged::write(&link, b"new", true).unwrap().commit().unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::read(&real).unwrap(), b"new");
    assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    fs::set_permissions(&real, fs::Permissions::from_mode(0o444)).unwrap();
    assert!(matches!(
        Staged::write(&link, b"x", true),
        Err(FileError::ReadOnly { mode: 0o444 })
    ));
}

#[test]
fn what_a_dead_process_left_is_found_and_what_a_live_one_writes_is_not() {
    let dir = tempfile::tempdir().unwrap();
    // Above the kernel's largest process id, so never alive.
    let dead = dir.path().join(".a.b.jpg.999999999-3-new-m1.byline-part");
    fs::write(&dead, b"finished").unwrap();
    let live = Staged::write(&dir.path().join("c.jpg"), b"new", false).unwrap();
    let mut found = leftovers(dir.path());
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].target, dir.path().join("a.b.jpg"));
    assert_eq!(found[0].mark, "m1");
    assert!(leftovers(dir.path()).is_empty(), "one run at a time decides");
    Staged::adopt(found.remove(0)).commit().unwrap();
    assert_eq!(fs::read(dir.path().join("a.b.jpg")).unwrap(), b"finished");
    drop(live);
}

#[test]
fn a_file_that_changed_since_it_was_read_is_kept_and_so_is_the_finished_one() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("a.jpg");
    fs::write(&target, b"old").unwrap();
    let (_, stamp) = read_stamped(&target, 10).unwrap();
    let wanted = Wanted {
        over: Over::Just(&stamp),
        like: None,
        mark: "m1",
    };
    let staged = Staged::write_as(&target, b"signed", wanted).unwrap();
    staged.check().unwrap();
    fs::write(&target, b"edited").unwrap();
    assert!(matches!(staged.check(), Err(FileError::Changed)));
    let unplaced = staged.commit_or_keep().unwrap_err();
    assert_eq!(fs::read(&target).unwrap(), b"edited");
    assert_eq!(fs::read(unplaced.part.unwrap()).unwrap(), b"signed");
}

#[test]
fn what_an_earlier_run_finished_never_replaces_a_file_made_since() {
    let dir = tempfile::tempdir().unwrap();
    for (name, old) in [("a.jpg", "new"), ("b.jpg", "0123456789ab")] {
        let part = dir
            .path()
            .join(format!(".{name}.999999999-3-{old}-m1.byline-part"));
        fs::write(&part, b"finished").unwrap();
        fs::write(dir.path().join(name), b"made since").unwrap();
        let left = leftovers(dir.path()).remove(0);
        assert!(Staged::adopt(left).commit().is_err());
        assert_eq!(fs::read(dir.path().join(name)).unwrap(), b"made since");
        fs::remove_file(part).unwrap();
    }
}

#[test]
fn a_file_made_from_a_private_one_is_private() {
    let dir = tempfile::tempdir().unwrap();
    let source = dir.path().join("a.jpg");
    fs::write(&source, b"old").unwrap();
    fs::set_permissions(&source, fs::Permissions::from_mode(0o600)).unwrap();
    let (_, stamp) = read_stamped(&source, 10).unwrap();
    let wanted = Wanted {
        over: Over::Nothing,
        like: Some(&stamp),
        mark: NO_MARK,
    };
    let target = dir.path().join("b.jpg");
    let staged = Staged::write_as(&target, b"new", wanted).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&staged.part), 0o600);
    staged.commit().unwrap();
    assert_eq!(mode(&target), 0o600);
}

#[test]
fn only_regular_files_within_the_limit_are_read() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a"), b"12345").unwrap();
    assert!(matches!(
        read(&dir.path().join("a"), 4),
        Err(FileError::TooLarge { found: 5, limit: 4 })
    ));
    assert!(matches!(
        read(dir.path(), 4),
        Err(FileError::NotRegular { found: "a folder" })
    ));
    assert!(matches!(
        read(Path::new("/dev/zero"), 4),
        Err(FileError::NotRegular { found: "a device" })
    ));
    assert!(matches!(
        read(&dir.path().join("none"), 4),
        Err(FileError::Io { .. })
    ));
}
