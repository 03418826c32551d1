//! A time-stamping authority (RFC 3161) in memory and on the loopback address, whole enough for every validator, and its lies.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use byline::base::{Digest, Timestamp};
use ed25519_dalek::Signer;
use rcgen::{BasicConstraints, CertificateParams, CustomExtension, DnType, IsCa, Issuer, KeyUsagePurpose};

/// How the authority answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Honest,
    Garbage,
    OtherNonce,
    NoNonce,
    OtherImprint,
    Rejection,
    Fault,
    /// With a genTime of this moment and a signingTime of so many seconds later or, below zero, earlier.
    SignedApart(i64),
}

/// A root, and an authority that it certified for time stamps.
pub struct Authority {
    key: Key,
    leaf: Vec<u8>,
    root: Vec<u8>,
    pub root_pem: String,
}

/// A key of a seed, which is all its bytes.
pub struct Key(ed25519_dalek::SigningKey, [u8; 32]);

impl Key {
    pub fn new(seed: u8) -> Self {
        let key = ed25519_dalek::SigningKey::from_bytes(&[seed; 32]);
        let public = key.verifying_key().to_bytes();
        Self(key, public)
    }
}

impl rcgen::PublicKeyData for Key {
    fn der_bytes(&self) -> &[u8] {
        &self.1
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        &rcgen::PKCS_ED25519
    }
}

impl rcgen::SigningKey for Key {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        Ok(self.0.sign(message).to_bytes().to_vec())
    }
}

fn params(name: &str, serial: u64) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.distinguished_name.push(DnType::OrganizationName, "Time");
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2090, 1, 1);
    params.serial_number = Some(serial.into());
    params.key_identifier_method = rcgen::KeyIdMethod::PreSpecified(name.as_bytes().to_vec());
    params
}

impl Authority {
    pub fn new() -> Self {
        Self::with(8, None)
    }

    /// With another purpose (the last number of id-kp) in its certificate, and with what its root may issue to.
    pub fn with(purpose: u8, constraints: Option<rcgen::NameConstraints>) -> Self {
        let (root_key, key) = (Key::new(51), Key::new(52));
        let mut root = params("Root of time", 1001);
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        root.name_constraints = constraints;
        root.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let root_certificate = root.self_signed(&root_key).unwrap();
        let mut leaf = params("Clock", 1002);
        leaf.is_ca = IsCa::ExplicitNoCa;
        leaf.use_authority_key_identifier_extension = true;
        leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        // RFC 3161, 2.3: timeStamping alone, and critical.
        let purpose = der(0x30, &[&oid(&[43, 6, 1, 5, 5, 7, 3, purpose])]);
        let mut usage = CustomExtension::from_oid_content(&[2, 5, 29, 37], purpose);
        usage.set_criticality(true);
        leaf.custom_extensions.push(usage);
        let leaf = leaf
            .signed_by(&key, &Issuer::from_params(&root, &root_key))
            .unwrap();
        Self {
            leaf: leaf.der().to_vec(),
            root: root_certificate.der().to_vec(),
            root_pem: root_certificate.pem(),
            key,
        }
    }

    /// Answers requests on the loopback address until the test ends; returns where.
    pub fn serve(self, answer: Answer) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { continue };
                let request = body(&mut stream);
                let status = if answer == Answer::Fault {
                    "503 Busy"
                } else {
                    "200 OK"
                };
                let reply = self.reply(&request, answer);
                let head = format!(
                    "HTTP/1.1 {status}\r\ncontent-type: application/timestamp-reply\r\ncontent-length: {}\r\n\
                     connection: close\r\n\r\n",
                    reply.len()
                );
                let _ = stream
                    .write_all(head.as_bytes())
                    .and_then(|()| stream.write_all(&reply));
            }
        });
        url
    }

    /// TimeStampResp (RFC 3161, 2.4.2).
    pub fn reply(&self, request: &[u8], answer: Answer) -> Vec<u8> {
        match answer {
            Answer::Garbage => return b"<html>Welcome to the hotel network</html>".to_vec(),
            Answer::Rejection => return der(0x30, &[&der(0x30, &[&[2, 1, 2]])]),
            _ => {}
        }
        // As byline asks: version, imprint (SHA-256), nonce, certReq.
        let imprint = request.windows(2).position(|two| two == [0x04, 0x20]).unwrap() + 2;
        let (hash, after) = request[imprint..].split_at(32);
        assert_eq!(after[0], 2, "a nonce follows the imprint");
        let nonce = &after[..2 + usize::from(after[1])];
        let mut hash = hash.to_vec();
        let mut nonce = nonce.to_vec();
        match answer {
            Answer::OtherImprint => hash[0] ^= 1,
            Answer::OtherNonce => *nonce.last_mut().unwrap() ^= 1,
            Answer::NoNonce => nonce.clear(),
            _ => {}
        }
        let info = der(
            0x30,
            &[
                &[2, 1, 1],
                &oid(&[42, 3, 4]),
                &der(0x30, &[&sha256(), &der(4, &[&hash])]),
                &[2, 1, 7],
                &der(0x18, &[moment(0).as_bytes()]),
                &nonce,
            ],
        );
        let token = der(
            0x30,
            &[
                &oid(&[42, 0x86, 0x48, 0x86, 0xf7, 13, 1, 7, 2]),
                &der(0xa0, &[&self.signed(&info, answer)]),
            ],
        );
        der(0x30, &[&der(0x30, &[&[2, 1, 0]]), &token])
    }

    /// SignedData over a TSTInfo (RFC 5652, 5.1).
    fn signed(&self, info: &[u8], answer: Answer) -> Vec<u8> {
        let tst_info = oid(&[42, 0x86, 0x48, 0x86, 0xf7, 13, 1, 9, 16, 1, 4]);
        let attribute = |last: u8, value: &[u8]| {
            der(
                0x30,
                &[
                    &oid(&[42, 0x86, 0x48, 0x86, 0xf7, 13, 1, 9, last]),
                    &der(0x31, &[value]),
                ],
            )
        };
        let digest = der(4, &[Digest::of(info).as_bytes()]);
        let mut attributes = [attribute(3, &tst_info), attribute(4, &digest)].concat();
        if let Answer::SignedApart(seconds) = answer {
            // A SET OF is in the order of its bytes (X.690, 11.6).
            let signing_time = attribute(5, &der(0x18, &[moment(seconds).as_bytes()]));
            let mut sorted = [attribute(3, &tst_info), attribute(4, &digest), signing_time];
            sorted.sort();
            attributes = sorted.concat();
        }
        let signature = self.key.0.sign(&der(0x31, &[&attributes])).to_bytes();
        let (_, leaf) = x509_parser::parse_x509_certificate(&self.leaf).unwrap();
        let who = der(0x30, &[leaf.issuer().as_raw(), &der(2, &[leaf.raw_serial()])]);
        let signer = der(
            0x30,
            &[
                &[2, 1, 1],
                &who,
                &sha256(),
                &der(0xa0, &[&attributes]),
                &der(0x30, &[&oid(&[43, 101, 112])]),
                &der(4, &[&signature]),
            ],
        );
        der(
            0x30,
            &[
                &[2, 1, 3],
                &der(0x31, &[&sha256()]),
                &der(0x30, &[&tst_info, &der(0xa0, &[&der(4, &[info])])]),
                &der(0xa0, &[&self.leaf, &self.root]),
                &der(0x31, &[&signer]),
            ],
        )
    }
}

fn sha256() -> Vec<u8> {
    der(0x30, &[&oid(&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1])])
}

fn oid(encoded: &[u8]) -> Vec<u8> {
    der(6, &[encoded])
}

/// One DER item.
fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    let length = u16::try_from(body.len()).unwrap().to_be_bytes();
    let mut out = match length {
        [0, short] if short < 128 => vec![tag, short],
        [0, short] => vec![tag, 0x81, short],
        [high, low] => vec![tag, 0x82, high, low],
    };
    out.extend(body);
    out
}

/// GeneralizedTime of so many seconds from now.
fn moment(from_now_s: i64) -> String {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    let at = i64::try_from(since.as_secs()).unwrap() + from_now_s;
    let text = Timestamp::from_unix_s(at).rfc3339();
    text.replace(['-', ':', 'T'], "")
}

/// The body of one HTTP request.
fn body(stream: &mut impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let found = stream.read(&mut chunk).unwrap_or(0);
        bytes.extend_from_slice(&chunk[..found]);
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        let length = text
            .split("content-length:")
            .nth(1)
            .and_then(|rest| rest.split("\r\n").next()?.trim().parse::<usize>().ok());
        let start = bytes
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .map(|at| at + 4);
        if let (Some(start), Some(length)) = (start, length)
            && bytes.len() >= start + length
        {
            return bytes[start..start + length].to_vec();
        }
        if found == 0 {
            return Vec::new();
        }
    }
}
