//! Filling memory with random numbers, each from its own words of the stream.

use rand::{Rng, rngs::ChaCha8Rng};

use super::Generator;
use crate::kernels::simd::{Loop, vectorised};
use crate::kernels::threads::for_each_piece;

/// How many elements are drawn at a time; their bits stay in the first-level cache.
const BLOCK: usize = 256;
/// Elements are divided among threads in pieces of this many.
const PIECE: usize = 1 << 14;
/// What an element takes, in the units of `kernels::threads`, for each 64 bits.
const WORK: usize = 16;

/// Uniform on [0, 1): 53 of the bits.
#[inline(always)]
pub(super) fn unit(bits: u64) -> f64 {
    (bits >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
}

/// Calls for a block of elements and their bits.
type Kernel<'a, T, const K: usize> = dyn Fn(&[[u64; K]], &mut [T]) + Sync + 'a;

impl Generator {
    /// Each element from the next `64 K` bits of the stream.
    pub(super) fn fill<T: Send, const K: usize>(
        &mut self,
        out: &mut [T],
        f: impl Fn([u64; K]) -> T + Sync,
    ) {
        self.fill_blocks(out, &|bits, out| vectorised(Each { bits, out, f: &f }));
    }

    /// As `fill`, compiled once for each type.
    fn fill_blocks<T: Send, const K: usize>(&mut self, out: &mut [T], kernel: &Kernel<'_, T, K>) {
        if out.len() <= PIECE {
            return blocks(&mut self.stream, out, kernel);
        }
        let state = self.state();
        let (start, words, len) = (self.stream.get_word_pos(), 2 * K as u128, out.len() as u128);
        for_each_piece(out, PIECE, PIECE * WORK * K, &|i, out| {
            let mut stream = Self::from_state(&state).stream;
            stream.set_word_pos(start + (i * PIECE) as u128 * words);
            blocks(&mut stream, out, kernel);
        });
        self.stream.set_word_pos(start + len * words);
    }
}

fn blocks<T, const K: usize>(stream: &mut ChaCha8Rng, out: &mut [T], kernel: &Kernel<'_, T, K>) {
    let mut bytes = [[0_u8; 8]; BLOCK];
    let mut bits = [[0_u64; K]; BLOCK];
    for out in out.chunks_mut(BLOCK / K) {
        let bits = &mut bits[..out.len()];
        let bytes = &mut bytes[..out.len() * K];
        stream.fill_bytes(bytes.as_flattened_mut());
        for (bits, &bytes) in bits.as_flattened_mut().iter_mut().zip(&*bytes) {
            *bits = u64::from_le_bytes(bytes);
        }
        kernel(bits, out);
    }
}

struct Each<'a, T, const K: usize, F> {
    bits: &'a [[u64; K]],
    out: &'a mut [T],
    f: &'a F,
}

impl<T, const K: usize, F: Fn([u64; K]) -> T> Loop for Each<'_, T, K, F> {
    type Output = ();

    const WIDE: bool = K > 1;

    #[inline(always)]
    fn run(self) {
        for (out, &bits) in self.out.iter_mut().zip(self.bits) {
            *out = (self.f)(bits);
        }
    }
}
