//! Verdicts as JUnit XML, for pipelines: a test case each; a failure where what was required is not met or the evidence
//! speaks against the picture, an error where the file could not be opened.
//!
//! The form is the one that Jenkins, GitLab and GitHub Actions read: `testsuites/testsuite/testcase`.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::escape;
use crate::base::Untrusted;
use crate::report::error::ErrorReport;
use crate::report::verify::{ResultWord, VerifyReport};

/// Test cases as they come. The counts stand before them in the document, so they are held until its end.
#[derive(Debug, Default)]
pub struct Junit {
    cases: Vec<u8>,
    errors: u64,
    failures: u64,
    tests: u64,
}

impl Junit {
    /// Takes the verdict on the next picture.
    pub fn take(&mut self, report: &VerifyReport) {
        let against = matches!(
            report.result,
            ResultWord::Changed | ResultWord::Revoked | ResultWord::Unreadable
        );
        let fault = (!report.met || against).then(|| Fault {
            element: "failure",
            kind: report.result.word().to_owned(),
            message: report.sentence.clone(),
            text: facts(report),
        });
        self.failures += u64::from(fault.is_some());
        self.case(&report.file, fault);
    }

    /// Takes a file that could not be opened.
    pub fn take_error(&mut self, error: &ErrorReport) {
        self.errors += 1;
        let why = error.why.as_ref().map_or("", Untrusted::raw);
        let fault = Fault {
            element: "error",
            kind: error.code.clone(),
            message: error.what.raw().to_owned(),
            text: why.to_owned(),
        };
        self.case(error.file.as_ref().unwrap_or(&Untrusted::default()), Some(fault));
    }

    /// The finished document; `at` is when the verdicts hold, RFC 3339.
    #[must_use]
    pub fn document(self, at: &str) -> String {
        let mut out = Writer::new(Vec::new());
        let counted = |name: &'static str| {
            let mut start = BytesStart::new(name);
            attribute(&mut start, "name", "byline verify");
            attribute(&mut start, "tests", &self.tests.to_string());
            attribute(&mut start, "failures", &self.failures.to_string());
            attribute(&mut start, "errors", &self.errors.to_string());
            start
        };
        let mut suite = counted("testsuite");
        attribute(&mut suite, "timestamp", at);
        write(&mut out, Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
        write(&mut out, Event::Start(counted("testsuites")));
        write(&mut out, Event::Start(suite));
        let mut bytes = out.into_inner();
        bytes.extend(self.cases);
        bytes.extend(b"\n</testsuite></testsuites>\n");
        String::from_utf8(bytes).unwrap_or_default()
    }

    fn case(&mut self, file: &Untrusted, fault: Option<Fault>) {
        self.tests += 1;
        let mut out = Writer::new(Vec::new());
        let mut case = BytesStart::new("testcase");
        attribute(&mut case, "classname", "byline.verify");
        attribute(&mut case, "name", file.raw());
        match fault {
            None => write(&mut out, Event::Empty(case)),
            Some(fault) => {
                write(&mut out, Event::Start(case));
                let mut start = BytesStart::new(fault.element);
                attribute(&mut start, "type", &fault.kind);
                attribute(&mut start, "message", &fault.message);
                write(&mut out, Event::Start(start));
                write(&mut out, Event::Text(BytesText::new(&escape::lines(&fault.text))));
                write(&mut out, Event::End(BytesEnd::new(fault.element)));
                write(&mut out, Event::End(BytesEnd::new("testcase")));
            }
        }
        self.cases.push(b'\n');
        self.cases.extend(out.into_inner());
    }
}

struct Fault {
    element: &'static str,
    kind: String,
    message: String,
    text: String,
}

/// The four answers, and what to do: a pipeline's reader has nothing else at hand.
fn facts(report: &VerifyReport) -> String {
    let four = &report.checks;
    let mut lines: Vec<String> = [
        ("unchanged", &four.unchanged),
        ("signature", &four.signature),
        ("time", &four.time),
        ("issuer", &four.issuer),
        ("ledger", &report.ledger.check),
    ]
    .into_iter()
    .map(|(name, check)| {
        let (word, _) = super::human::shared::answer(check.outcome);
        format!("{name}: {word} - {}", escape::line(&check.note))
    })
    .collect();
    lines.extend(
        report
            .remedy
            .as_ref()
            .map(|remedy| format!("do: {}", escape::line(remedy))),
    );
    lines.join("\n")
}

/// An attribute whose value is made harmless, then escaped: XML 1.0 has no form for most control characters.
fn attribute(start: &mut BytesStart<'_>, name: &str, value: &str) {
    start.push_attribute((name, escape::line(value).as_ref()));
}

fn write(out: &mut Writer<Vec<u8>>, event: Event<'_>) {
    let written = out.write_event(event);
    debug_assert!(written.is_ok(), "memory takes every byte");
}

#[cfg(test)]
mod tests {
    use quick_xml::Reader;

    use super::*;
    use crate::render::escape::tests::hostile;
    use crate::render::samples;

    fn document(text: &str) -> String {
        let mut junit = Junit::default();
        junit.take(&samples::verdict(text));
        junit.take_error(&samples::error(text));
        junit.document("2026-01-01T00:00:00Z")
    }

    /// Names of all elements with their attributes' names, and whether the name of the first case came back.
    fn parsed(document: &str) -> (Vec<String>, Vec<String>) {
        let mut reader = Reader::from_str(document);
        let (mut shape, mut names) = (Vec::new(), Vec::new());
        loop {
            match reader.read_event().unwrap() {
                Event::Eof => return (shape, names),
                Event::Start(start) | Event::Empty(start) => {
                    let mut one = String::from_utf8(start.name().as_ref().to_vec()).unwrap();
                    for attribute in start.attributes() {
                        let attribute = attribute.unwrap();
                        one.push(' ');
                        one.push_str(std::str::from_utf8(attribute.key.as_ref()).unwrap());
                        if start.name().as_ref() == b"testcase" && attribute.key.as_ref() == b"name" {
                            let raw = std::str::from_utf8(&attribute.value).unwrap();
                            names.push(quick_xml::escape::unescape(raw).unwrap().into_owned());
                        }
                    }
                    shape.push(one);
                }
                _ => {}
            }
        }
    }

    #[test]
    fn hostile_text_stays_text_and_the_document_parses() {
        let (plain, _) = parsed(&document("x"));
        for text in hostile() {
            let found = document(&text);
            let (shape, names) = parsed(&found);
            assert_eq!(shape, plain, "{text:?}");
            assert!(names.iter().all(|name| *name == escape::line(&text)), "{names:?}");
            assert!(
                found.chars().all(|c| c == '\n' || !Untrusted::is_harmful(c)),
                "{text:?}"
            );
        }
        assert!(document("\u{fffe}\u{ffff}").contains("\\u{fffe}\\u{ffff}"));
    }

    #[test]
    fn a_case_fails_where_the_requirement_is_not_met_or_the_evidence_is_against_it() {
        let mut junit = Junit::default();
        let mut report = samples::verdict("x");
        for (result, met) in [
            (ResultWord::Trusted, true),
            (ResultWord::NoCredentials, false),
            (ResultWord::Changed, true),
            (ResultWord::Unreadable, true),
        ] {
            report.result = result;
            report.met = met;
            junit.take(&report);
        }
        let text = junit.document("2026-01-01T00:00:00Z");
        assert!(text.contains("tests=\"4\" failures=\"3\" errors=\"0\""), "{text}");
        assert!(
            text.contains("<testcase classname=\"byline.verify\" name=\"x\"/>"),
            "{text}"
        );
        assert!(text.contains("<failure type=\"NO CREDENTIALS\""), "{text}");
    }
}
