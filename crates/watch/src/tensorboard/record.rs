//! `TFRecord`: how TensorFlow frames a record.
//!
//! Length (eight bytes), its checksum, the bytes, their checksum; little-endian. The checksum is the
//! CRC-32C of RFC 3720, rotated and offset so that the sum of a record that has sums inside is not
//! trivial.

/// The reversed polynomial of Castagnoli, Bräuer and Herrmann 1993.
const POLYNOMIAL: u32 = 0x82F6_3B78;

const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ POLYNOMIAL } else { crc >> 1 };
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
};

fn crc32c(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, &byte| (crc >> 8) ^ TABLE[(crc as u8 ^ byte) as usize])
}

fn masked(crc: u32) -> u32 {
    crc.rotate_right(15).wrapping_add(0xA282_EAD8)
}

/// The record that has `bytes`.
pub(super) fn framed(bytes: &[u8]) -> Vec<u8> {
    let length = (bytes.len() as u64).to_le_bytes();
    let sum = |bytes: &[u8]| masked(crc32c(bytes)).to_le_bytes();
    [&length[..], &sum(&length), bytes, &sum(bytes)].concat()
}

#[cfg(test)]
mod tests {
    use super::crc32c;

    /// The examples of RFC 3720, B.4, and the check of the catalogue of CRCs.
    #[test]
    fn the_published_checksums() {
        let ascending: Vec<u8> = (0..32).collect();
        let descending: Vec<u8> = (0..32).rev().collect();
        let sums = [&[0; 32], &[0xFF; 32], &ascending[..], &descending, b"123456789"].map(crc32c);
        assert_eq!(sums, [0x8A91_36AA, 0x62A8_AB43, 0x46DD_794E, 0x113F_DB5C, 0xE306_9283]);
    }
}
