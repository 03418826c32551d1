//! JUMBF taken apart and put together again, with none of the care a reader needs: these are our own files.

/// One box: a superbox has children, any other a body.
#[derive(Clone)]
pub struct Node {
    pub kind: [u8; 4],
    pub body: Vec<u8>,
    pub children: Vec<Self>,
}

impl Node {
    pub fn new(kind: [u8; 4], body: &[u8]) -> Self {
        Self {
            kind,
            body: body.to_vec(),
            children: Vec::new(),
        }
    }

    /// The store's one superbox.
    pub fn parse(bytes: &[u8]) -> Self {
        boxes(bytes).remove(0)
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut body = self.body.clone();
        for child in &self.children {
            body.extend(child.bytes());
        }
        let mut out = u32::try_from(body.len() + 8).unwrap().to_be_bytes().to_vec();
        out.extend(self.kind);
        out.extend(body);
        out
    }

    /// The label that the description box gives.
    pub fn label(&self) -> String {
        let description = self.children.first().map_or(&[][..], |first| &first.body);
        let text = description.get(17..).unwrap_or_default();
        let end = text.iter().position(|byte| *byte == 0).unwrap_or(text.len());
        String::from_utf8_lossy(&text[..end]).into_owned()
    }

    pub fn set_label(&mut self, label: &str) {
        let end = 17 + self.label().len();
        self.children[0].body.splice(17..end, label.bytes());
    }

    /// The child whose label begins with this.
    pub fn child(&mut self, label: &str) -> &mut Self {
        let found = self
            .children
            .iter_mut()
            .find(|child| child.label().starts_with(label));
        found.unwrap_or_else(|| panic!("no {label}"))
    }

    /// The active manifest, which is the last.
    pub fn active(&mut self) -> &mut Self {
        self.children.last_mut().unwrap()
    }

    pub fn assertion(&mut self, label: &str) -> &mut Self {
        self.active().child("c2pa.assertions").child(label)
    }

    /// The bytes of a box's only content.
    pub fn content(&mut self) -> &mut Vec<u8> {
        &mut self.children[1].body
    }

    pub fn claim(&mut self) -> &mut Vec<u8> {
        self.active().child("c2pa.claim").content()
    }

    pub fn signature(&mut self) -> &mut Vec<u8> {
        self.active().child("c2pa.signature").content()
    }
}

fn boxes(mut bytes: &[u8]) -> Vec<Node> {
    let mut out = Vec::new();
    while let Some(head) = bytes.get(..8) {
        let len = u32::from_be_bytes(head[..4].try_into().unwrap()) as usize;
        let kind = head[4..8].try_into().unwrap();
        let body = &bytes[8..len];
        out.push(if kind == *b"jumb" {
            Node {
                kind,
                body: Vec::new(),
                children: boxes(body),
            }
        } else {
            Node::new(kind, body)
        });
        bytes = &bytes[len..];
    }
    out
}
