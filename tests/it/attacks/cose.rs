//! Edits of a claim's COSE signature. Its padding gives back what an edit takes, so that the store keeps its size and no offset moves. Where
//! it has none, as byline's has not, only edits that keep their length can be made: every other leaves the store as it is.

use ciborium::Value;

use super::jumbf::Node;

fn read(bytes: &[u8]) -> Value {
    ciborium::from_reader(bytes).unwrap()
}

fn write(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    ciborium::into_writer(value, &mut out).unwrap();
    out
}

/// The four members of the COSE_Sign1.
fn members(value: &mut Value) -> &mut Vec<Value> {
    match value {
        Value::Tag(18, inner) => inner.as_array_mut().unwrap(),
        other => other.as_array_mut().unwrap(),
    }
}

fn pads(members: &mut [Value]) -> Option<&mut Vec<u8>> {
    let map = members[1].as_map_mut().unwrap();
    let pad = map.iter_mut().find(|(key, _)| key.as_text() == Some("pad"))?;
    pad.1.as_bytes_mut()
}

/// Edits the signature and trims the padding until it has its old size again.
pub fn edit(store: &mut Node, edit: impl FnOnce(&mut Vec<Value>)) {
    let old = store.signature().clone();
    let mut value = read(&old);
    edit(members(&mut value));
    let mut new = write(&value);
    for _ in 0..8 {
        if new.len() == old.len() {
            break;
        }
        let Some(pad) = pads(members(&mut value)) else {
            return;
        };
        let len = (pad.len() + old.len()).saturating_sub(new.len());
        pad.resize(len, 0);
        new = write(&value);
    }
    assert_eq!(new.len(), old.len(), "the padding can take no more");
    *store.signature() = new;
}

/// Takes bytes from the padding: the signature gets smaller by as many. False where there is none.
pub fn shrink(store: &mut Node, by: usize) -> bool {
    let old = store.signature().clone();
    let mut value = read(&old);
    let Some(mut len) = pads(members(&mut value)).map(|pad| pad.len() - by) else {
        return false;
    };
    loop {
        if let Some(pad) = pads(members(&mut value)) {
            pad.resize(len, 0);
        }
        let new = write(&value);
        if new.len() <= old.len() - by {
            assert_eq!(new.len(), old.len() - by);
            *store.signature() = new;
            return true;
        }
        len -= 1;
    }
}

/// Puts a header into the unprotected ones.
pub fn unprotected(members: &mut [Value], key: Value, value: Value) {
    members[1].as_map_mut().unwrap().push((key, value));
}

/// Changes the protected headers, which the signature covers.
pub fn protected(members: &mut [Value], change: impl FnOnce(&mut Vec<(Value, Value)>)) {
    let mut map = read(members[0].as_bytes().unwrap());
    change(map.as_map_mut().unwrap());
    members[0] = Value::Bytes(write(&map));
}

/// Writes something into the padding and leaves its length.
pub fn hide_in_pad(members: &mut [Value]) {
    if let Some(pad) = pads(members) {
        pad[3..8].copy_from_slice(b"GPS: ");
    }
}

/// An assertion's CBOR, changed; of another length than before.
pub fn recode(content: &mut Vec<u8>, change: impl FnOnce(&mut Vec<(Value, Value)>)) {
    let mut value = read(content);
    change(value.as_map_mut().unwrap());
    *content = write(&value);
}
