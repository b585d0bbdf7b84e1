//! Pixels as PNG: eight bits of red, green and blue, without a filter.
//!
//! The format is that of "Portable Network Graphics, Third Edition", W3C 2025.

use std::io::Write;

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};

const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";

/// The file of an image with `width * height` pixels, from the left and from above.
pub(crate) fn encode(width: u32, height: u32, rgb: &[u8]) -> Vec<u8> {
    let row = 3 * width as usize;
    assert!(
        rgb.len() == row * height as usize,
        "png: not {width} x {height} pixels: {}",
        rgb.len()
    );
    let mut rows = ZlibEncoder::new(Vec::new(), Compression::default());
    for row in rgb.chunks_exact(row.max(1)) {
        rows.write_all(&[0]).expect("a vector can be written"); // no filter
        rows.write_all(row).expect("a vector can be written");
    }
    let rows = rows.finish().expect("a vector can be written");
    let mut file = SIGNATURE.to_vec();
    // Eight bits for each of three colours; the only methods of compression and filters; not
    // interlaced.
    let format = [8, 2, 0, 0, 0];
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &format].concat();
    for (kind, data) in [(b"IHDR", &header), (b"IDAT", &rows), (b"IEND", &Vec::new())] {
        write_chunk(&mut file, *kind, data);
    }
    file
}

fn write_chunk(file: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    let mut crc = Crc::new();
    crc.update(&kind);
    crc.update(data);
    let length = u32::try_from(data.len()).expect("a picture has less than 4 GiB");
    for part in [&length.to_be_bytes(), &kind, data, &crc.sum().to_be_bytes()] {
        file.extend_from_slice(part);
    }
}

/// The width and the height of a PNG file, if it is one.
pub(crate) fn size(file: &[u8]) -> Option<(u32, u32)> {
    let rest = file.strip_prefix(&SIGNATURE)?;
    let number = |at: usize| Some(u32::from_be_bytes(rest.get(at..at + 4)?.try_into().ok()?));
    (rest.get(4..8)? == b"IHDR").then_some((number(8)?, number(12)?))
}
