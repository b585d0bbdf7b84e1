//! The little of protocol buffers that an event needs: fields, written one after the other.
//!
//! A field is its number and kind, and then a number of variable length, eight or four bytes, or a
//! length and as many bytes. See "Encoding" in the documentation of protocol buffers.

/// A message that is being written.
#[derive(Clone, Debug, Default)]
pub(super) struct Message(Vec<u8>);

impl Message {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// Seven bits a byte, the least significant first; the others have the eighth bit set.
    fn varint(mut self, mut x: u64) -> Self {
        while x >= 0x80 {
            self.0.push(x as u8 | 0x80);
            x >>= 7;
        }
        self.0.push(x as u8);
        self
    }

    fn key(self, field: u32, kind: u32) -> Self {
        self.varint(u64::from(field << 3 | kind))
    }

    pub(super) fn integer(self, field: u32, x: u64) -> Self {
        self.key(field, 0).varint(x)
    }

    pub(super) fn double(self, field: u32, x: f64) -> Self {
        let mut message = self.key(field, 1);
        message.0.extend(x.to_le_bytes());
        message
    }

    pub(super) fn float(self, field: u32, x: f32) -> Self {
        let mut message = self.key(field, 5);
        message.0.extend(x.to_le_bytes());
        message
    }

    pub(super) fn bytes(self, field: u32, bytes: &[u8]) -> Self {
        let mut message = self.key(field, 2).varint(bytes.len() as u64);
        message.0.extend(bytes);
        message
    }

    pub(super) fn message(self, field: u32, inner: &Message) -> Self {
        self.bytes(field, &inner.0)
    }

    pub(super) fn doubles(self, field: u32, numbers: &[f64]) -> Self {
        let bytes: Vec<u8> = numbers.iter().flat_map(|x| x.to_le_bytes()).collect();
        self.bytes(field, &bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::Message;

    /// The examples of the documentation of protocol buffers.
    #[test]
    fn the_published_bytes() {
        let inner = Message::new().integer(1, 150);
        assert_eq!(inner.0, [0x08, 0x96, 0x01]);
        assert_eq!(Message::new().message(3, &inner).0, [0x1a, 0x03, 0x08, 0x96, 0x01]);
        let text = Message::new().bytes(2, b"testing").0;
        assert_eq!(text, [&[0x12, 0x07][..], b"testing"].concat());
    }
}
