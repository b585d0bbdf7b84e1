//! Parts that cover a tensor, as one operation: its rule joins their gradients in one pass, where an
//! operation for each part would write and add as many whole tensors.

use std::sync::Arc;

use autograd_core::{Edge, Node, is_attended, record_many};

use crate::Tensor;
use crate::ops::index::part::Part;
use crate::shape::Dims;
use crate::shown::{attend_saving, attended};
use crate::tensor::{Rule, records};

impl Tensor {
    /// The positions of an axis from each start to each end; the starts do not decrease, unless
    /// parts overlap.
    #[track_caller]
    pub(super) fn cut(&self, axis: usize, ranges: impl Iterator<Item = [usize; 2]>) -> Vec<Tensor> {
        let ranges: Vec<[usize; 2]> = ranges.collect();
        let part =
            |&[start, end]: &[usize; 2]| Part::Slice { axis, start, len: end - start, step: 1 };
        let parts: Vec<Part> = ranges.iter().map(part).collect();
        if ranges.windows(2).all(|pair| pair[0][1] == pair[1][0]) {
            let join = move |gradients: &[Tensor]| Tensor::cat(gradients, axis as isize);
            return self.tiles("split", &parts, join);
        }
        self.views(&parts)
    }

    /// Parts, each an operation of its own.
    #[track_caller]
    fn views(&self, parts: &[Part]) -> Vec<Tensor> {
        let mut views = Vec::with_capacity(parts.len());
        for &part in parts {
            views.push(self.part(part));
        }
        views
    }

    /// Parts that cover the tensor, each position once; `join` undoes it.
    #[track_caller]
    pub(super) fn tiles(
        &self,
        name: &'static str,
        parts: &[Part],
        join: impl Fn(&[Tensor]) -> Tensor + Send + Sync + 'static,
    ) -> Vec<Tensor> {
        if parts.len() > usize::from(u16::MAX) {
            return self.views(parts); // an operation has no more outputs
        }
        let node = if records([self.is_tracked()].into_iter()) && !parts.is_empty() {
            Some(self.recorded_tiles(name, parts, join))
        } else {
            None
        };
        let mut tiles = Vec::with_capacity(parts.len());
        for (slot, part) in parts.iter().enumerate() {
            let value = self.with_layout(part.of(self.layout()));
            tiles.push(match &node {
                Some(node) => {
                    let tile = value.tracked(Edge::new(Arc::clone(node), slot));
                    if is_attended() { attend_saving(name, &[self], &[], tile) } else { tile }
                }
                None => attended(name, &[self], value.untracked()),
            });
        }
        tiles
    }

    #[track_caller]
    fn recorded_tiles(
        &self,
        name: &'static str,
        parts: &[Part],
        join: impl Fn(&[Tensor]) -> Tensor + Send + Sync + 'static,
    ) -> Arc<Node<Tensor>> {
        let shapes: Box<[Dims]> = parts.iter().map(|part| part.of(self.layout()).shape).collect();
        let dtype = self.dtype();
        record_many(name, parts.len(), [self.edge().cloned()], move |call: &mut Rule<'_>| {
            let unused = |shape: &Dims| Tensor::zeros(&[], dtype).expand(shape);
            let gradients = shapes.iter().enumerate();
            let gradients: Vec<Tensor> = gradients
                .map(|(slot, shape)| call.cotangent(slot).unwrap_or_else(|| unused(shape)))
                .collect();
            call.give(0, join(&gradients));
        })
    }
}
