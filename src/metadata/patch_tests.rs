//! A statement goes into every format and comes out as it went in; what was there stays.

use super::samples::{bare, big_tiff, every_format, full, image, now};
use super::*;
use crate::asset::Format;
use crate::base::statement::Role;
use crate::base::{Moment, Statement, Timestamp};

fn value<'a>(metadata: &'a Metadata, name: &str) -> Option<&'a str> {
    metadata.first(name).map(Untrusted::raw)
}

/// The program that drew two of the samples named itself in them.
fn only_software(conflicts: &[Conflict]) -> bool {
    conflicts
        .iter()
        .all(|one| one.name == "Exif:Software" && one.found.raw() == "tifffile.py")
}

#[test]
fn every_field_of_a_full_statement_is_read_back_in_every_format() {
    for (name, asset) in every_format() {
        let format = asset.format();
        let patched = patch(&asset, &full(), now()).unwrap();
        assert_eq!(check_written(&patched.asset, &patched.written), Ok(()), "{name}");
        assert!(
            only_software(&patched.conflicts) && patched.kept.is_empty(),
            "{name}"
        );
        assert_eq!(
            patched.not_carried.is_empty(),
            format.carries_exif(),
            "{:?}",
            patched.not_carried
        );
        let found = read(&patched.asset);
        assert_eq!(value(&found, "dc:creator"), full().by.as_deref(), "{name}");
        assert_eq!(
            value(&found, "dc:description"),
            Some("first line\nsecond line"),
            "{name}"
        );
        assert_eq!(
            value(&found, "plus:Licensor[1]/plus:LicensorURL"),
            Some("https://example.org/licence")
        );
        let (term, place) = found.source_type().unwrap();
        assert_eq!(term, SourceType::CompositeWithTrainedAlgorithmicMedia);
        assert_eq!(place, "xmp Iptc4xmpExt:DigitalSourceType");
        if format.carries_exif() {
            assert_eq!(value(&found, "Exif:Artist"), full().by.as_deref(), "{name}");
            assert_eq!(
                value(&found, "Exif:DateTimeOriginal"),
                Some("2026:05:01 10:00:00")
            );
            assert_eq!(value(&found, "Exif:OffsetTimeOriginal"), Some("+00:00"));
            assert_eq!(
                value(&found, "Exif:ImageUniqueID"),
                Some("01010101010141018101010101010101")
            );
        }
    }
}

/// A file with rights notices that contradict each other is worse than one with the old notice.
#[test]
fn a_copy_of_what_the_file_says_otherwise_is_not_written() {
    let of = |rights: &str| Statement {
        copyright: Some(rights.to_owned()),
        description: Some(rights.to_owned()),
        ..full()
    };
    for (held, exif, xmp) in [(false, None, Some("old")), (true, Some("old"), None)] {
        let old = patch(&image(Format::Jpeg), &of("old"), now()).unwrap().asset;
        let packet = old.layout().xmp.clone().unwrap();
        let bare = image(Format::Jpeg);
        let asset = if held {
            bare.with_metadata(old.exif_block(), None).unwrap()
        } else {
            bare.with_metadata(None, Some(std::str::from_utf8(&packet).unwrap()))
                .unwrap()
        };
        let patched = patch(&asset, &of("new"), now()).unwrap();
        let found = read(&patched.asset);
        assert_eq!(value(&found, "Exif:Copyright"), exif);
        assert_eq!(value(&found, "dc:rights"), xmp);
        // What a camera says of every picture keeps no description out.
        assert_eq!(value(&found, "Exif:ImageDescription"), exif);
        assert_eq!(
            value(&found, "dc:description"),
            Some(if held { "new" } else { "old" })
        );
        let said = patched.not_carried.join("; ");
        assert!(
            said.contains("is not written") && said.contains("says something else"),
            "{said}"
        );
        let options = PatchOptions {
            replace_conflicts: true,
            ..PatchOptions::default()
        };
        let found = read(&patch_with(&asset, &of("new"), now(), options).unwrap().asset);
        assert_eq!(value(&found, "Exif:Copyright"), Some("new"));
        assert_eq!(value(&found, "dc:rights"), Some("new"));
    }
}

#[test]
fn patching_twice_writes_nothing_and_changes_no_byte() {
    for (name, asset) in every_format() {
        let once = patch(&asset, &full(), now()).unwrap();
        let twice = patch(&once.asset, &full(), now()).unwrap();
        assert_eq!(twice.written, [], "{name}");
        assert!(only_software(&twice.conflicts), "{name}");
        assert!(!twice.kept.is_empty());
        assert_eq!(twice.asset.digest(), once.asset.digest());
    }
}

#[test]
fn a_new_rendition_gets_a_new_instance_id_and_keeps_the_document_id() {
    let options = PatchOptions {
        registry: Registry::Unnamed,
        ..PatchOptions::default()
    };
    let once = patch_with(&image(Format::Png), &full(), now(), options).unwrap();
    let mut statement = full();
    statement.ids = crate::base::statement::Ids {
        document: [9; 16],
        instance: [8; 16],
        registry: [7; 16],
    };
    let later = Timestamp::parse_rfc3339("2027-01-01T00:00:00Z").unwrap();
    let twice = patch_with(&once.asset, &statement, later, options).unwrap();
    let found = read(&twice.asset);
    assert_eq!(
        value(&found, "xmpMM:InstanceID"),
        Some(instance_id(&statement).as_str())
    );
    assert_eq!(found.all("xmpMM:InstanceID").count(), 1);
    assert_eq!(
        value(&found, "xmpMM:DocumentID"),
        Some("xmp.did:01010101-0101-4101-8101-010101010101")
    );
    assert_eq!(value(&found, "xmp:MetadataDate"), Some("2027-01-01T00:00:00Z"));
    // The register knows two signings of this work now.
    let second = "Iptc4xmpExt:RegistryId[2]/Iptc4xmpExt:RegItemId";
    assert_eq!(
        value(&found, second),
        Some("07070707-0707-4707-8707-070707070707")
    );
    assert!(twice.conflicts.is_empty(), "{:?}", twice.conflicts);
    assert_eq!(check_written(&twice.asset, &twice.written), Ok(()));
}

#[test]
fn a_contradicting_field_stays_and_is_reported() {
    let once = patch(&image(Format::Jpeg), &full(), now()).unwrap();
    let mut other = full();
    other.by = Some("Mallory".to_owned());
    other.source = SourceType::DigitalCapture;
    other.created = Moment::parse("2026-05-02T10:00:00Z");
    let twice = patch(&once.asset, &other, now()).unwrap();
    let names: Vec<_> = twice.conflicts.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "Exif:Artist",
            "Exif:DateTimeOriginal",
            "Iptc4xmpExt:DigitalSourceType",
            "dc:creator",
            "photoshop:DateCreated"
        ]
    );
    assert!(twice.conflicts.iter().all(|one| !one.replaced));
    let found = read(&twice.asset);
    assert_eq!(value(&found, "Exif:Artist"), full().by.as_deref());
    assert_eq!(value(&found, "dc:creator"), full().by.as_deref());
    assert_eq!(
        found.source_type().unwrap().0,
        SourceType::CompositeWithTrainedAlgorithmicMedia
    );
    assert_eq!(twice.asset.digest(), once.asset.digest());
}

#[test]
fn a_contradicting_field_is_replaced_when_asked_and_still_reported() {
    let once = patch(&image(Format::Jpeg), &full(), now()).unwrap();
    let mut other = full();
    other.by = Some("Mallory".to_owned());
    other.title = Some("Another".to_owned());
    other.source = SourceType::DigitalCapture;
    let options = PatchOptions {
        replace_conflicts: true,
        ..PatchOptions::default()
    };
    let twice = patch_with(&once.asset, &other, now(), options).unwrap();
    assert_eq!(twice.conflicts.len(), 4);
    assert!(twice.conflicts.iter().all(|one| one.replaced));
    let found = read(&twice.asset);
    assert_eq!(
        found.all("dc:creator").map(Untrusted::raw).collect::<Vec<_>>(),
        ["Mallory"]
    );
    assert_eq!(
        found.all("dc:title").map(Untrusted::raw).collect::<Vec<_>>(),
        ["Another"]
    );
    assert_eq!(
        found.all("Exif:Artist").map(Untrusted::raw).collect::<Vec<_>>(),
        ["Mallory"]
    );
    assert_eq!(found.source_type().unwrap().0, SourceType::DigitalCapture);
    assert_eq!(value(&found, "dc:rights"), full().copyright.as_deref());
    assert_eq!(check_written(&twice.asset, &twice.written), Ok(()));
}

#[test]
fn the_prompt_is_written_only_when_stated_and_a_producer_is_no_creator() {
    let mut statement = full();
    statement.prompt = None;
    statement.role = Some(Role::Producer);
    let found = read(&patch(&image(Format::Png), &statement, now()).unwrap().asset);
    assert_eq!(value(&found, "Iptc4xmpExt:AIPromptInformation"), None);
    assert_eq!(value(&found, "dc:creator"), None);
    assert_eq!(value(&found, "Exif:Artist"), None);
    assert_eq!(
        value(&found, "Iptc4xmpExt:Contributor[1]/Iptc4xmpExt:Name"),
        statement.by.as_deref()
    );
    assert_eq!(
        value(&found, "Iptc4xmpExt:Contributor[1]/Iptc4xmpExt:Role[1]"),
        Some("cawg.producer")
    );
}

#[test]
fn software_of_a_generated_picture_is_its_generator() {
    let mut statement = bare(SourceType::TrainedAlgorithmicMedia);
    statement.ai_system = Some("Model House".to_owned());
    statement.ai_version = Some("7".to_owned());
    let found = read(&patch(&image(Format::Png), &statement, now()).unwrap().asset);
    assert_eq!(value(&found, "Exif:Software"), Some("Model House 7"));
    assert_eq!(value(&found, "xmp:CreatorTool"), Some("Model House 7"));
}

#[test]
fn without_a_registry_no_id_of_one_is_written() {
    let statement = bare(SourceType::DigitalCapture);
    let none = patch(&image(Format::Png), &statement, now()).unwrap();
    let names = |patched: &Patched| format!("{:?}", read(&patched.asset).fields);
    assert!(!names(&none).contains("RegistryId"));
    let options = PatchOptions {
        registry: Registry::Unnamed,
        ..PatchOptions::default()
    };
    let unnamed = patch_with(&image(Format::Png), &statement, now(), options).unwrap();
    assert!(names(&unnamed).contains("RegItemId"));
    assert!(!names(&unnamed).contains("RegOrgId"));
}

#[test]
fn a_registry_is_named_when_known() {
    let options = PatchOptions {
        registry: Registry::Named("example.org/ledger"),
        ..PatchOptions::default()
    };
    let patched = patch_with(
        &image(Format::Png),
        &bare(SourceType::DigitalCapture),
        now(),
        options,
    )
    .unwrap();
    let found = read(&patched.asset);
    assert_eq!(
        value(&found, "Iptc4xmpExt:RegistryId[1]/Iptc4xmpExt:RegOrgId"),
        Some("example.org/ledger")
    );
}

#[test]
fn a_control_character_is_refused_by_the_name_of_its_field() {
    let mut statement = full();
    statement.title = Some("bell\u{7}".to_owned());
    let error = patch(&image(Format::Png), &statement, now()).unwrap_err();
    assert_eq!(
        error,
        MetadataError::Unwritable {
            field: "dc:title".to_owned()
        }
    );
}

#[test]
fn a_packet_that_cannot_be_read_is_left_alone_and_said_so() {
    let broken = "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF";
    let asset = image(Format::Png).with_metadata(None, Some(broken)).unwrap();
    let patched = patch(&asset, &full(), now()).unwrap();
    assert_eq!(patched.asset.layout().xmp.as_deref(), Some(broken.as_bytes()));
    assert_eq!(patched.not_carried.len(), 1);
    assert!(patched.written.iter().all(|one| one.source == Source::Exif));
}

#[test]
fn an_exif_block_that_cannot_be_read_is_left_alone_and_said_so() {
    for block in [
        &b"not a TIFF block"[..],
        b"MM\0\x2a\0\0\0\x08\0\xff",
        b"MM\0\x2a\xff\xff\xff\xff",
    ] {
        let asset = image(Format::Jpeg).with_metadata(Some(block), None).unwrap();
        let patched = patch(&asset, &full(), now()).unwrap();
        assert_eq!(patched.asset.layout().exif.as_deref(), Some(block));
        assert_eq!(patched.not_carried.len(), 1);
        assert!(patched.written.iter().all(|one| one.source == Source::Xmp));
    }
}

#[test]
fn a_camera_block_that_nearly_fills_its_segment_takes_who_and_whose_first() {
    let names = |patched: &Patched| {
        let exif = patched.written.iter().filter(|one| one.source == Source::Exif);
        exif.map(|one| one.name.clone()).collect::<Vec<_>>()
    };
    let rows: [(usize, &[&str]); 3] = [
        (
            65_300,
            &[
                "Exif:ImageDescription",
                "Exif:Software",
                "Exif:Artist",
                "Exif:Copyright",
            ],
        ),
        (65_440, &["Exif:Artist", "Exif:Copyright"]),
        (65_500, &[]),
    ];
    for (size, expected) in rows {
        let mut block = b"MM\0\x2a\0\0\0\x08\0\0\0\0\0\0".to_vec();
        block.resize(size, 0);
        let asset = image(Format::Jpeg).with_metadata(Some(&block), None).unwrap();
        let mut statement = full();
        // Makes the steps wide enough to tell apart.
        statement.description = Some("d".repeat(60));
        let patched = patch(&asset, &statement, now()).unwrap();
        assert_eq!(names(&patched), expected, "{size}");
        assert_eq!(patched.not_carried.len(), 1);
        assert_eq!(check_written(&patched.asset, &patched.written), Ok(()));
    }
}

#[test]
fn a_lost_field_is_missed_by_name() {
    let patched = patch(&image(Format::Png), &full(), now()).unwrap();
    let missing = check_written(&image(Format::Png), &patched.written).unwrap_err();
    assert_eq!(missing.fields.len(), patched.written.len());
    let mut other = patched.written.clone();
    other[0].value.push('x');
    assert_eq!(
        check_written(&patched.asset, &other).unwrap_err().fields,
        [other[0].name.clone()]
    );
}

#[test]
fn what_a_container_cannot_take_is_said_and_the_image_stays() {
    let asset = big_tiff();
    let patched = patch(&asset, &full(), now()).unwrap();
    assert_eq!(patched.asset.digest(), asset.digest());
    assert_eq!(patched.written, []);
    assert_eq!(
        patched.not_carried,
        ["TIFF: metadata is not written into BigTIFF"],
        "said once, and not called damaged"
    );
}

#[test]
fn an_edit_outdates_the_source_type_found_but_never_a_mark_of_ai() {
    let before = |term| {
        let patched = patch(&image(Format::Jpeg), &bare(term), now()).unwrap();
        patched.asset
    };
    for (found, stated, replaced) in [
        (SourceType::DigitalCapture, SourceType::HumanEdits, true),
        (
            SourceType::DigitalCapture,
            SourceType::CompositeWithTrainedAlgorithmicMedia,
            true,
        ),
        (
            SourceType::TrainedAlgorithmicMedia,
            SourceType::CompositeWithTrainedAlgorithmicMedia,
            true,
        ),
        (SourceType::TrainedAlgorithmicMedia, SourceType::HumanEdits, false),
        (
            SourceType::DigitalCapture,
            SourceType::TrainedAlgorithmicMedia,
            false,
        ),
    ] {
        let patched = patch(&before(found), &bare(stated), now()).unwrap();
        let told: Vec<_> = patched.conflicts.iter().map(|one| one.replaced).collect();
        assert_eq!(told, [replaced], "{found:?} {stated:?}");
        let kept = if replaced { stated } else { found };
        let says = read(&patched.asset).source_type().map(|found| found.0);
        assert_eq!(says, Some(kept), "{found:?} {stated:?}");
        assert_eq!(check_written(&patched.asset, &patched.written), Ok(()));
    }
}

/// An IPTC block as Photoshop writes it, with By-line and Credit.
fn with_iptc() -> crate::asset::Asset {
    let iim = b"\x1c\x02\x50\x00\x05Carol\x1c\x02\x6e\x00\x0cAlice/Agency";
    let length = u8::try_from(iim.len()).unwrap();
    let resource = [
        &b"Photoshop 3.0\08BIM\x04\x04\0\0\0\0\0"[..],
        &[length],
        iim,
        &[0],
    ]
    .concat();
    let length = u8::try_from(resource.len() + 2).unwrap();
    let jpeg = image(Format::Jpeg).into_bytes();
    let bytes = [&jpeg[..2], &[0xFF, 0xED, 0, length], &resource, &jpeg[2..]].concat();
    crate::asset::Asset::parse(bytes).unwrap()
}

#[test]
fn iptc_is_read_left_alone_and_its_contradiction_reported() {
    let asset = with_iptc();
    assert_eq!(value(&read(&asset), "IPTC:By-line"), Some("Carol"));
    let patched = patch(&asset, &full(), now()).unwrap();
    let rows: Vec<_> = patched
        .conflicts
        .iter()
        .map(|one| (one.source, one.name.as_str(), one.found.raw()))
        .collect();
    assert_eq!(rows, [(Source::Iptc, "IPTC:By-line", "Carol")]);
    assert_eq!(patched.asset.layout().iptc, asset.layout().iptc);
}

#[test]
fn rights_are_gathered_from_the_first_source_that_states_them() {
    let rights = read(&patch(&with_iptc(), &full(), now()).unwrap().asset).rights();
    let text = |value: &Option<Untrusted>| value.as_ref().map(|value| value.raw().to_owned());
    assert_eq!(
        rights.creators.iter().map(Untrusted::raw).collect::<Vec<_>>(),
        [full().by.unwrap()]
    );
    assert_eq!(text(&rights.copyright), full().copyright);
    assert_eq!(text(&rights.owner), full().copyright_owner);
    assert_eq!(text(&rights.licensor_url), full().licensor_url);
    assert_eq!(text(&rights.usage_terms), full().usage_terms);
    assert_eq!(text(&rights.web_statement), full().web_statement);
    assert_eq!(text(&rights.credit), full().credit);
    assert!(
        text(&rights.data_mining)
            .unwrap()
            .ends_with("DMI-PROHIBITED-AIMLTRAINING")
    );
    let only_iptc = read(&with_iptc()).rights();
    assert_eq!(only_iptc.creators, [Untrusted::new("Carol")]);
    assert_eq!(text(&only_iptc.credit).as_deref(), Some("Alice/Agency"));
}

#[test]
fn an_image_with_a_manifest_store_is_not_patched() {
    let jumd = b"\0\0\0\x1ejumdc2pa\0\x11\0\x10\x80\0\0\xaa\0\x38\x9b\x71\x03c2pa\0";
    let store = [
        &u32::try_from(jumd.len() + 8).unwrap().to_be_bytes()[..],
        b"jumb",
        jumd,
    ]
    .concat();
    let signed = image(Format::Jpeg).embed_store(&store).unwrap().asset;
    assert_eq!(
        patch(&signed, &full(), now()).unwrap_err(),
        MetadataError::HoldsStore
    );
    assert!(patch(&signed.without_store().unwrap(), &full(), now()).is_ok());
}

#[test]
fn a_field_name_of_a_stranger_holds_no_terminal_command() {
    let packet = "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description>\
        <a\u{202e}b xmlns='urn:\u{9b}x'>v</a\u{202e}b></rdf:Description></rdf:RDF>";
    let found = read(&image(Format::Png).with_metadata(None, Some(packet)).unwrap());
    assert_eq!(found.fields[0].name, "{urn:\\u{9b}x}a\\u{202e}b");
}
