//! A perceptron of scalars, as in micrograd: every weight, sum and product is a 0-d tensor.

use chainrule::Tensor;

/// A 3-n-n-1 network of scalar tanh units, its inputs, and how many operations a pass takes.
pub(crate) struct Scalars {
    layers: Vec<Vec<(Vec<Tensor>, Tensor)>>,
    inputs: Vec<Tensor>,
}

impl Scalars {
    pub(crate) fn new(width: usize) -> Self {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 24) as f32 - 0.5
        };
        let mut leaf = || Tensor::from(next()).requires_grad();
        let sizes = [3, width, width, 1];
        let layers = sizes
            .windows(2)
            .map(|pair| {
                (0..pair[1]).map(|_| ((0..pair[0]).map(|_| leaf()).collect(), leaf())).collect()
            })
            .collect();
        let inputs = [0.3_f32, -0.7, 0.9].map(Tensor::from).to_vec();
        Self { layers, inputs }
    }

    /// The operations of one forward pass: for each unit a product and a sum per weight, and tanh.
    pub(crate) fn operations(&self) -> usize {
        self.layers.iter().flatten().map(|(weights, _)| 2 * weights.len() + 1).sum()
    }

    /// One forward and backward pass; the gradients are emptied.
    pub(crate) fn pass(&self) -> f64 {
        let mut x = self.inputs.clone();
        for layer in &self.layers {
            x = layer
                .iter()
                .map(|(weights, bias)| {
                    let products = weights.iter().zip(&x).map(|(w, x)| w * x);
                    products.fold(bias.clone(), |sum, product| &sum + &product).tanh()
                })
                .collect();
        }
        x[0].backward();
        for (weights, bias) in self.layers.iter().flatten() {
            weights.iter().for_each(Tensor::zero_grad);
            bias.zero_grad();
        }
        x[0].item()
    }
}

/// The same network on plain numbers, with the gradient written by hand.
pub(crate) struct ByHand {
    layers: Vec<Vec<(Vec<f32>, f32)>>,
    gradients: Vec<Vec<(Vec<f32>, f32)>>,
}

impl ByHand {
    pub(crate) fn new(network: &Scalars) -> Self {
        let numbers = |tensors: &[Tensor]| tensors.iter().map(|x| x.item() as f32).collect();
        let layers: Vec<Vec<(Vec<f32>, f32)>> = network
            .layers
            .iter()
            .map(|layer| layer.iter().map(|(w, b)| (numbers(w), b.item() as f32)).collect())
            .collect();
        Self { gradients: layers.clone(), layers }
    }

    pub(crate) fn pass(&mut self) -> f64 {
        let mut values = vec![vec![0.3_f32, -0.7, 0.9]];
        for layer in &self.layers {
            let x = &values[values.len() - 1];
            let unit = |(w, b): &(Vec<f32>, f32)| {
                w.iter().zip(x).fold(*b, |sum, (w, x)| sum + w * x).tanh()
            };
            values.push(layer.iter().map(unit).collect());
        }
        let mut g = vec![1.0_f32];
        for (depth, layer) in self.layers.iter().enumerate().rev() {
            let (x, y) = (&values[depth], &values[depth + 1]);
            let mut gx = vec![0.0; x.len()];
            for (unit, (weights, _)) in layer.iter().enumerate() {
                let slope = g[unit] * (1.0 - y[unit] * y[unit]);
                let (gw, gb) = &mut self.gradients[depth][unit];
                *gb = slope;
                for i in 0..x.len() {
                    gw[i] = slope * x[i];
                    gx[i] += slope * weights[i];
                }
            }
            g = gx;
        }
        std::hint::black_box(&self.gradients);
        f64::from(values[values.len() - 1][0])
    }
}
