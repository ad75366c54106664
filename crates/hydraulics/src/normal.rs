//! Normal deviates that agree to the bit on every platform.
//!
//! Owns: one named generator (ChaCha with 8 rounds, whose output is defined by whole numbers)
//! and the ziggurat that shapes it. Promises: the same seed and stream give the same bits
//! everywhere, since beside `+ − × ÷ √` only `libm` is called. Never does: take a seed from
//! anywhere but its caller.
//!
//! Source: G. Marsaglia and W. W. Tsang, "The ziggurat method for generating random
//! variables", J. Stat. Softw. 5 (2000) no. 8, with 256 layers and, unlike there, a
//! separate part of a 64-bit word for layer, sign and abscissa, so that they are independent.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use std::sync::OnceLock;

/// Number of layers; the lowest one holds the tail.
const LAYERS: usize = 256;
/// Where the tail begins, for 256 layers.
const TAIL: f64 = 3.654_152_885_361_009;
/// 2^−53: what a whole number of 53 bits is scaled by.
const UNIT: f64 = 1.0 / 9_007_199_254_740_992.0;

/// A seeded stream of random numbers.
///
/// ```
/// use dutypoint_hydraulics::normal::Random;
/// let (mut one, mut other) = (Random::new(7, 0), Random::new(7, 0));
/// assert_eq!(one.normal().to_bits(), other.normal().to_bits());
/// ```
#[derive(Clone, Debug)]
pub struct Random {
    bits: ChaCha8Rng,
    layers: &'static Layers,
}

impl Random {
    /// Stream number `stream` of `seed`. Streams of one seed are independent.
    #[must_use]
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut bits = ChaCha8Rng::seed_from_u64(seed);
        bits.set_stream(stream);
        Self {
            bits,
            layers: layers(),
        }
    }

    /// Rectangular between 0 and 1, neither included: the middle of one of 2⁵² equal steps.
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        (whole(self.bits.next_u64() >> 12) + 0.5) * (2.0 * UNIT)
    }

    /// Normal with mean 0 and standard deviation 1.
    #[inline]
    pub fn normal(&mut self) -> f64 {
        loop {
            let word = self.bits.next_u64();
            let layer = (word & 0xff) as usize;
            // A layer number has eight bits, so the table always holds it.
            let Some(edge) = self.layers.edges.get(layer) else {
                continue;
            };
            let part = word >> 11;
            let x = whole(part) * edge.step;
            let sign = f64::from_bits(1.0_f64.to_bits() | ((word << 55) & (1 << 63)));
            if part < edge.inside {
                return sign * x;
            }
            if let Some(x) = self.at_the_edge(layer, x) {
                return sign * x;
            }
        }
    }

    /// The one draw in a hundred that falls beside the rectangle of its layer.
    #[cold]
    fn at_the_edge(&mut self, layer: usize, x: f64) -> Option<f64> {
        if layer == 0 {
            return Some(self.tail());
        }
        let (low, high) = (
            *self.layers.density.get(layer)?,
            *self.layers.density.get(layer + 1)?,
        );
        let height = low + self.uniform() * (high - low);
        (height < libm::exp(-0.5 * x * x)).then_some(x)
    }

    /// Marsaglia's method for |x| beyond [`TAIL`].
    fn tail(&mut self) -> f64 {
        loop {
            let x = -libm::log(self.uniform()) / TAIL;
            let y = -libm::log(self.uniform());
            if y + y > x * x {
                return TAIL + x;
            }
        }
    }
}

/// A whole number below 2^53, exactly.
#[inline]
#[expect(
    clippy::cast_precision_loss,
    reason = "the caller shifts the word to 53 bits"
)]
fn whole(bits: u64) -> f64 {
    bits as f64
}

/// Layers of equal area under exp(−x²/2), from the widest (the base with its tail) upwards.
#[derive(Debug)]
struct Layers {
    edges: [Edge; LAYERS],
    /// The density at the outer edge of each layer, and 1 at the top.
    density: [f64; LAYERS + 1],
}

#[derive(Clone, Copy, Debug)]
struct Edge {
    /// Width of the layer over 2^53.
    step: f64,
    /// Below this part of 2^53 the abscissa lies under the curve whatever the ordinate.
    inside: u64,
}

fn layers() -> &'static Layers {
    static LAYERS_ONCE: OnceLock<Layers> = OnceLock::new();
    LAYERS_ONCE.get_or_init(Layers::new)
}

impl Layers {
    fn new() -> Self {
        let density = |x: f64| libm::exp(-0.5 * x * x);
        // Area of the base: rectangle up to the tail, and the tail.
        let tail = (core::f64::consts::PI / 2.0).sqrt() * libm::erfc(TAIL / 2.0_f64.sqrt());
        let area = TAIL * density(TAIL) + tail;
        let mut outer = [0.0; LAYERS + 1];
        // The base is as wide as a rectangle of its area and of the height at the tail.
        let mut x = TAIL;
        for (layer, edge) in outer.iter_mut().enumerate() {
            *edge = match layer {
                0 => area / density(TAIL),
                1 => TAIL,
                LAYERS => 0.0,
                _ => {
                    let height = area / x + density(x);
                    x = if height < 1.0 {
                        (-2.0 * libm::log(height)).sqrt()
                    } else {
                        0.0
                    };
                    x
                }
            };
        }
        let mut built = Self {
            edges: [Edge {
                step: 0.0,
                inside: 0,
            }; LAYERS],
            density: [1.0; LAYERS + 1],
        };
        let inner = outer.iter().skip(1);
        for ((edge, width), inner) in built.edges.iter_mut().zip(&outer).zip(inner) {
            edge.step = width * UNIT;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a ratio from 0 to 1 of 2^53"
            )]
            let inside = (inner / width / UNIT) as u64;
            edge.inside = inside;
        }
        for (at, x) in built.density.iter_mut().zip(&outer) {
            *at = density(*x);
        }
        built
    }
}

#[cfg(test)]
mod tests {
    use super::{LAYERS, Layers, Random, TAIL, UNIT, layers};

    /// P(Z ≤ z).
    fn below(z: f64) -> f64 {
        0.5 * libm::erfc(-z / 2.0_f64.sqrt())
    }

    #[test]
    fn every_layer_has_the_same_area() {
        let built = Layers::new();
        let base = built.edges[0].step / UNIT * built.density[1];
        for layer in 1..LAYERS {
            let width = built.edges[layer].step / UNIT;
            let area = width * (built.density[layer + 1] - built.density[layer]);
            assert!((area / base - 1.0).abs() < 1e-12, "{layer}: {area} {base}");
        }
        assert_eq!(built.density[1], libm::exp(-0.5 * TAIL * TAIL));
    }

    /// Moments and the whole distribution function over 4 million draws, each within
    /// five of its own standard deviations.
    #[test]
    fn draws_are_normal() {
        let mut random = Random::new(20_080_101, 0);
        let count = 4_000_000_u32;
        let n = f64::from(count);
        let edges: Vec<f64> = (-45..=45).map(|tenth| f64::from(tenth) / 10.0).collect();
        let mut at_most = vec![0_u32; edges.len() + 1];
        let mut moments = [0.0; 4];
        for _ in 0..count {
            let x = random.normal();
            let mut power = 1.0;
            for moment in &mut moments {
                power *= x;
                *moment += power;
            }
            at_most[edges.partition_point(|e| *e < x)] += 1;
        }
        // Variances of x, x², x³, x⁴: 1, 2, 15, 96.
        for ((sum, expected), variance) in moments
            .iter()
            .zip([0.0, 1.0, 0.0, 3.0])
            .zip([1.0, 2.0, 15.0, 96.0])
        {
            let sd = f64::sqrt(variance / n);
            assert!(
                (sum / n - expected).abs() < 5.0 * sd,
                "{} {expected}",
                sum / n
            );
        }
        let mut sum = 0;
        for (edge, count) in edges.iter().zip(&at_most) {
            sum += count;
            let p = below(*edge);
            let sd = (p * (1.0 - p) / n).sqrt();
            let found = f64::from(sum) / n;
            assert!((found - p).abs() < 5.0 * sd, "at {edge}: {found}, {p}");
        }
    }

    #[test]
    fn uniform_fills_the_open_interval() {
        let mut random = Random::new(1, 0);
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..1_000_000 {
            let u = random.uniform();
            assert!(u > 0.0 && u < 1.0);
            sum += u;
            squares += u * u;
        }
        assert!((sum / 1e6 - 0.5).abs() < 5.0 * f64::sqrt(1.0 / 12.0 / 1e6));
        assert!((squares / 1e6 - 1.0 / 3.0).abs() < 5.0 * f64::sqrt(4.0 / 45.0 / 1e6));
    }

    /// Golden: a change of generator, table or `libm` shows here. The bits are this code's
    /// own; another platform must reproduce them.
    #[test]
    fn the_same_bits_for_ever() {
        let mut random = Random::new(2026, 3);
        let mut folded = 0_u64;
        for _ in 0..100_000 {
            folded = folded.rotate_left(7) ^ random.normal().to_bits();
        }
        assert_eq!(folded, 0xdf49_30c4_8105_cc4e, "{folded:#018x}");
        assert_eq!(layers().edges.len(), LAYERS);
    }

    #[test]
    fn streams_and_seeds_differ() {
        let first = |seed, stream| Random::new(seed, stream).normal().to_bits();
        assert_ne!(first(1, 0), first(1, 1));
        assert_ne!(first(1, 0), first(2, 0));
    }
}
