//! To which names an authority may issue: name constraints (RFC 5280, 4.2.1.10), held against the names of a certificate.
//!
//! What cannot be compared is not allowed: a kind of name or a form that has no rule here, where a constraint speaks of it.

use x509_parser::prelude::{AttributeTypeAndValue, X509Certificate};

use super::der::{Der, Item, OID, SEQUENCE};
use super::path::{ALTERNATIVE_NAME, value};

/// The names of a certificate: its subject, those of its subjectAltName, and what else in the subject stands for one.
pub(super) struct Named {
    names: Vec<(Kind, Vec<u8>)>,
}

/// Subtrees that an extension permits and excludes.
#[derive(Default)]
pub(super) struct Constraints {
    permitted: Vec<(Kind, Vec<u8>)>,
    excluded: Vec<(Kind, Vec<u8>)>,
}

/// Kinds of a GeneralName, by their tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// `rfc822Name`.
    Email,
    /// `dNSName`.
    Dns,
    /// `directoryName`.
    Directory,
    /// `uniformResourceIdentifier`.
    Uri,
    /// `iPAddress`.
    Ip,
    /// Every other, by its tag.
    Other(u8),
}

impl Kind {
    const fn of(tag: u8) -> Self {
        match tag {
            0x81 => Self::Email,
            0x82 => Self::Dns,
            0xa4 => Self::Directory,
            0x86 => Self::Uri,
            0x87 => Self::Ip,
            other => Self::Other(other),
        }
    }
}

impl Named {
    /// The names of a certificate; nothing where they cannot be read. In a holder's common name a host may stand.
    pub(super) fn of(certificate: &X509Certificate<'_>, is_holder: bool) -> Option<Self> {
        let subject = certificate.subject();
        let mut names: Vec<(Kind, Vec<u8>)> = Vec::new();
        if let Some(value) = value(certificate, ALTERNATIVE_NAME) {
            for item in items(Der::new(value).take(SEQUENCE)?)? {
                let is_email = item.tag == OTHER && Der::new(item.value).take(OID) == Some(SMTP_UTF8);
                // An e-mail address in another form (RFC 9598): a rule for addresses holds for it, and cannot be applied.
                if is_email {
                    names.push((Kind::Email, Vec::new()));
                }
                names.push((Kind::of(item.tag), item.value.to_vec()));
            }
        }
        let has_host = names.iter().any(|(kind, _)| *kind == Kind::Dns);
        if subject.iter_rdn().next().is_some() {
            names.push((Kind::Directory, subject.as_raw().to_vec()));
        }
        let emails = subject
            .iter_email()
            .map(|one| (Kind::Email, one.as_slice().to_vec()));
        names.extend(emails);
        if is_holder && !has_host {
            let hosts = subject.iter_common_name().map(AttributeTypeAndValue::as_slice);
            let hosts = hosts.filter(|name| looks_like_a_host(name));
            names.extend(hosts.map(|name| (Kind::Dns, name.to_vec())));
        }
        Some(Self { names })
    }
}

impl Constraints {
    /// Reads the extension's value; nothing where it breaks a rule of its form.
    pub(super) fn parse(value: &[u8]) -> Option<Self> {
        let mut out = Self::default();
        let mut all = Der::new(value);
        let parts = items(all.take(SEQUENCE)?)?;
        if !all.is_empty() {
            return None;
        }
        for part in parts {
            let list = match part.tag {
                0xa0 => &mut out.permitted,
                0xa1 => &mut out.excluded,
                _ => return None,
            };
            for subtree in items(part.value)? {
                // Distances (minimum, maximum) are not used: a subtree holds its base alone.
                let base = items(subtree.value).filter(|parts| parts.len() == 1)?;
                let base = base.first().filter(|_| subtree.tag == SEQUENCE)?;
                list.push((Kind::of(base.tag), base.value.to_vec()));
            }
        }
        Some(out)
    }

    /// Whether all these names are permitted, and none is excluded.
    pub(super) fn allow(&self, named: &Named) -> bool {
        let subtrees = self.permitted.len().saturating_add(self.excluded.len());
        if subtrees.saturating_mul(named.names.len()) > COMPARISONS_MAX {
            return false;
        }
        named.names.iter().all(|(kind, name)| {
            let of = |list: &'_ [(Kind, Vec<u8>)]| -> Option<Vec<bool>> {
                let list = list.iter().filter(|(constrained, _)| constrained == kind);
                list.map(|(_, base)| within(*kind, name, base)).collect()
            };
            let (permitted, excluded) = (of(&self.permitted), of(&self.excluded));
            let permitted = permitted.is_some_and(|found| found.is_empty() || found.contains(&true));
            permitted && excluded.is_some_and(|found| !found.contains(&true))
        })
    }
}

/// Whether a name lies in a subtree; nothing where that cannot be told.
fn within(kind: Kind, name: &[u8], base: &[u8]) -> Option<bool> {
    match kind {
        Kind::Directory => {
            let (name, base) = (directory(name)?, directory(base)?);
            Some(name.starts_with(&base))
        }
        Kind::Dns => Some(is_host_within(&host(&text(name)?), &text(base)?)),
        Kind::Email => is_email_within(&text(name)?, &text(base)?),
        Kind::Uri => {
            let (name, base) = (text(name)?, text(base)?);
            let host = host(uri_host(&name)?);
            Some(is_exactly_or_below(
                &host,
                Some(base).filter(|base| !base.is_empty())?.as_str(),
            ))
        }
        Kind::Ip => is_address_within(name, base),
        Kind::Other(_) => None,
    }
}

/// A host: itself and all below it; with a leading dot those below it; all where empty.
fn is_host_within(host: &str, base: &str) -> bool {
    let base = base.to_ascii_lowercase();
    let above = host.strip_suffix(&base);
    above.is_some_and(|above| {
        base.is_empty() || base.starts_with('.') || above.is_empty() || above.ends_with('.')
    })
}

/// One host; with a leading dot all below it.
fn is_exactly_or_below(host: &str, base: &str) -> bool {
    let base = base.to_ascii_lowercase();
    if base.starts_with('.') {
        host.ends_with(&base)
    } else {
        host == base
    }
}

/// One address, all of one host, or with a leading dot all of the hosts below it.
fn is_email_within(name: &str, base: &str) -> Option<bool> {
    let (local, at) = name.rsplit_once('@')?;
    let at = host(at);
    match base.rsplit_once('@') {
        Some((wanted, base)) if !wanted.is_empty() => Some(local == wanted && at.eq_ignore_ascii_case(base)),
        Some((_, base)) if !base.is_empty() => Some(is_exactly_or_below(&at, base)),
        None if !base.is_empty() => Some(is_exactly_or_below(&at, base)),
        _ => None,
    }
}

/// An address under a mask, both of one length.
fn is_address_within(name: &[u8], base: &[u8]) -> Option<bool> {
    let lengths = [4, 16];
    let (address, mask) = base.split_at_checked(base.len() / 2)?;
    if address.len() != mask.len() || !lengths.contains(&address.len()) || !lengths.contains(&name.len()) {
        return None;
    }
    let mut bytes = name.iter().zip(address).zip(mask);
    Some(name.len() == address.len() && bytes.all(|((one, other), mask)| (one ^ other) & mask == 0))
}

/// The host of an address; nothing where it has none, or a number stands there (4.2.1.10).
fn uri_host(uri: &str) -> Option<&str> {
    let (_, rest) = uri.split_once("://")?;
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = host.split(':').next()?;
    let is_number = host.chars().all(|c| c.is_ascii_digit() || c == '.');
    (!is_number && !host.starts_with('[')).then_some(host)
}

/// A host as it is compared: the dot at its end says nothing.
fn host(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    name.strip_suffix('.').map(str::to_owned).unwrap_or(name)
}

/// Text of an IA5String; nothing where it is another.
fn text(bytes: &[u8]) -> Option<String> {
    let is_text = bytes.iter().all(|byte| (0x20..0x7f).contains(byte));
    is_text.then(|| String::from_utf8_lossy(bytes).into_owned())
}

fn looks_like_a_host(name: &[u8]) -> bool {
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.*".contains(byte);
    name.contains(&b'.') && name.iter().all(fits)
}

/// A relative distinguished name: kinds and values as they are compared, in one order.
type Relative = Vec<(Vec<u8>, Vec<u8>)>;

/// The parts of a name, DER, as they are compared (7.1): letters of either case and any white space between words are the same.
fn directory(name: &[u8]) -> Option<Vec<Relative>> {
    let mut all = Der::new(name);
    let parts = items(all.take(SEQUENCE)?)?;
    let relative = |part: &Item<'_>| -> Option<Relative> {
        let mut out = Vec::new();
        for attribute in items(part.value)? {
            let mut attribute = Der::new(attribute.value);
            let kind = attribute.take(OID)?.to_vec();
            out.push((kind, compared(attribute.next()?)?));
        }
        out.sort();
        Some(out)
    };
    parts.iter().map(relative).collect()
}

/// A value of an attribute as it is compared; of one that is no text its bytes.
fn compared(value: Item<'_>) -> Option<Vec<u8>> {
    let units = |size: usize| {
        let whole = value.value.len().is_multiple_of(size);
        let units = value.value.chunks(size);
        let number = |unit: &[u8]| unit.iter().fold(0_u32, |sum, byte| (sum << 8) | u32::from(*byte));
        whole.then(|| {
            units
                .map(|unit| char::from_u32(number(unit)))
                .collect::<Option<String>>()
        })?
    };
    let text = match value.tag {
        UTF8 => String::from_utf8(value.value.to_vec()).ok()?,
        // T61String is read as Latin-1, as everybody does.
        0x12 | 0x13 | 0x14 | 0x16 | 0x1a => value.value.iter().map(|byte| char::from(*byte)).collect(),
        0x1e => units(2)?,
        0x1c => units(4)?,
        _ => return Some(value.whole.to_vec()),
    };
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    Some([&[UTF8][..], words.join(" ").as_bytes()].concat())
}

/// The items of a value; nothing where one of them is cut off.
fn items(value: &[u8]) -> Option<Vec<Item<'_>>> {
    let mut rest = Der::new(value);
    let mut out = Vec::new();
    while !rest.is_empty() {
        out.push(rest.next()?);
    }
    Some(out)
}

/// `UTF8String`.
const UTF8: u8 = 0x0c;
/// `otherName`.
const OTHER: u8 = 0xa0;
/// id-on-SmtpUTF8Mailbox (1.3.6.1.5.5.7.8.9).
const SMTP_UTF8: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x08, 0x09];
/// Most names against subtrees of one certificate, as OpenSSL bounds it.
const COMPARISONS_MAX: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(kind: Kind, name: &str, base: &str) -> Option<bool> {
        within(kind, name.as_bytes(), base.as_bytes())
    }

    #[test]
    fn hosts_lie_below_hosts() {
        for (name, base, wanted) in [
            ("example.com", "example.com", true),
            ("A.Example.COM", "example.com", true),
            ("a.example.com.", "example.com", true),
            ("badexample.com", "example.com", false),
            ("example.com", ".example.com", false),
            ("a.example.com", ".example.com", true),
            ("anything", "", true),
            ("com", "example.com", false),
        ] {
            assert_eq!(holds(Kind::Dns, name, base), Some(wanted), "{name} in {base}");
        }
        assert_eq!(holds(Kind::Dns, "ex\u{e4}mple.com", "example.com"), None);
    }

    #[test]
    fn addresses_of_mail_and_of_pages_lie_at_hosts() {
        for (name, base, wanted) in [
            ("a@example.com", "example.com", Some(true)),
            ("a@sub.example.com", "example.com", Some(false)),
            ("a@sub.example.com", ".example.com", Some(true)),
            ("a@example.com", "a@EXAMPLE.com", Some(true)),
            ("A@example.com", "a@example.com", Some(false)),
            ("evil@other.org\u{0}@example.com", "example.com", None),
            ("no address", "example.com", None),
            ("a@example.com", "", None),
        ] {
            assert_eq!(holds(Kind::Email, name, base), wanted, "{name} in {base}");
        }
        for (name, base, wanted) in [
            ("https://u@www.example.com:8/x@y", "www.example.com", Some(true)),
            ("https://www.example.com", "example.com", Some(false)),
            ("https://www.example.com", ".example.com", Some(true)),
            (
                "https://other.org/?www.example.com",
                "www.example.com",
                Some(false),
            ),
            ("urn:x", "example.com", None),
            ("https://10.0.0.1/", "example.com", None),
            ("https://[::1]/", "example.com", None),
        ] {
            assert_eq!(holds(Kind::Uri, name, base), wanted, "{name} in {base}");
        }
    }

    #[test]
    fn numbers_lie_under_masks() {
        let base = [10, 1, 0, 0, 255, 255, 0, 0];
        assert_eq!(within(Kind::Ip, &[10, 1, 2, 3], &base), Some(true));
        assert_eq!(within(Kind::Ip, &[10, 2, 2, 3], &base), Some(false));
        assert_eq!(within(Kind::Ip, &[0; 16], &base), Some(false));
        assert_eq!(within(Kind::Ip, &[10, 1, 2], &base), None);
        assert_eq!(within(Kind::Ip, &[10, 1, 2, 3], &base[..7]), None);
    }

    /// `O=<value>` in a string of this tag.
    fn organisation(tag: u8, value: &[u8]) -> Vec<u8> {
        use crate::keys::der::wrapped;
        let attribute = [wrapped(OID, &[0x55, 4, 10]), wrapped(tag, value)].concat();
        wrapped(SEQUENCE, &wrapped(0x31, &wrapped(SEQUENCE, &attribute)))
    }

    #[test]
    fn names_are_compared_as_people_read_them() {
        let base = organisation(UTF8, "Alice  Studio".as_bytes());
        let same = |name: &[u8]| within(Kind::Directory, name, &base);
        assert_eq!(same(&organisation(0x13, b" alice studio ")), Some(true));
        let wide: Vec<u8> = "ALICE STUDIO".bytes().flat_map(|byte| [0, byte]).collect();
        assert_eq!(same(&organisation(0x1e, &wide)), Some(true));
        assert_eq!(same(&organisation(0x13, b"alicestudio")), Some(false));
        assert_eq!(same(&organisation(0x1e, &wide[1..])), None);
        assert_eq!(same(&organisation(UTF8, &[0xff])), None);
        assert_eq!(same(&base[..4]), None);
    }

    #[test]
    fn a_subtree_with_a_distance_is_not_read() {
        use crate::keys::der::wrapped;
        let subtree = |more: &[u8]| {
            let subtree = wrapped(SEQUENCE, &[&wrapped(0x82, b"example.com")[..], more].concat());
            wrapped(SEQUENCE, &wrapped(0xa0, &subtree))
        };
        assert!(Constraints::parse(&subtree(&[])).is_some());
        assert!(Constraints::parse(&subtree(&[0x80, 1, 1])).is_none());
        assert!(Constraints::parse(&subtree(&[])[..8]).is_none());
    }

    #[test]
    fn a_kind_without_a_rule_is_not_allowed_where_a_rule_speaks_of_it() {
        let id = |value: u8| (Kind::of(0x88), vec![value]);
        let named = Named { names: vec![id(1)] };
        let speaking = |permitted, excluded| Constraints { permitted, excluded };
        assert!(speaking(vec![(Kind::Dns, b"example.com".to_vec())], vec![]).allow(&named));
        assert!(!speaking(vec![id(1)], vec![]).allow(&named));
        assert!(!speaking(vec![], vec![id(2)]).allow(&named));
    }
}
