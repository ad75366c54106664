//! Random numbers of the bench: one named generator, one stream per purpose.
//!
//! Contract: the numbers of a stream depend on the seed and the stream's number only, so
//! that a channel added to the bench leaves the noise of the others as it was.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

/// A stream of random numbers.
#[derive(Clone, Debug)]
pub(crate) struct Noise {
    generator: ChaCha8Rng,
}

impl Noise {
    /// Stream number `stream` of `seed`.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(stream);
        Self { generator }
    }

    /// Uniform in 0 … 1.
    pub(crate) fn uniform(&mut self) -> f64 {
        f64::from(self.generator.next_u32()) / f64::from(u32::MAX)
    }

    /// Bell-shaped with mean 0 and standard deviation 1: the sum of four uniform
    /// numbers. It has no tails beyond 3.5, which suits instruments, and costs no
    /// transcendental function.
    pub(crate) fn bell(&mut self) -> f64 {
        let bits = self.generator.next_u64();
        let sum: f64 = [0, 16, 32, 48]
            .into_iter()
            .map(|shift| {
                #[expect(clippy::cast_possible_truncation, reason = "sixteen bits are wanted")]
                let part = (bits >> shift) as u16;
                (f64::from(part) + 0.5) / 65536.0
            })
            .sum();
        (sum - 2.0) * 3.0_f64.sqrt()
    }
}

/// A fluctuation with memory: first-order autoregressive, standard deviation 1.
#[derive(Clone, Debug)]
pub(crate) struct Turbulence {
    noise: Noise,
    memory: f64,
    fresh: f64,
    value: f64,
}

impl Turbulence {
    /// Fluctuation of correlation time `correlation_s`, stepped every `step_s`.
    pub(crate) fn new(mut noise: Noise, correlation_s: f64, step_s: f64) -> Self {
        let memory = libm::exp(-step_s / correlation_s);
        Self {
            value: noise.bell(),
            noise,
            memory,
            fresh: (1.0 - memory * memory).sqrt(),
        }
    }

    /// One step on; the new value.
    pub(crate) fn step(&mut self) -> f64 {
        self.value = self.memory * self.value + self.fresh * self.noise.bell();
        self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bell_has_mean_zero_and_deviation_one() {
        let mut noise = Noise::new(7, 2);
        let n = 20_000;
        let all: Vec<f64> = (0..n).map(|_| noise.bell()).collect();
        let mean = all.iter().sum::<f64>() / f64::from(n);
        let variance = all.iter().map(|x| x * x).sum::<f64>() / f64::from(n);
        // Four standard errors of each.
        assert!(mean.abs() < 0.029, "{mean}");
        assert!((variance - 1.0).abs() < 0.04, "{variance}");
    }

    #[test]
    fn turbulence_keeps_its_strength_and_forgets_in_its_time() {
        let mut turbulence = Turbulence::new(Noise::new(7, 3), 0.5, 0.02);
        let all: Vec<f64> = (0..100_000).map(|_| turbulence.step()).collect();
        let product = |lag: usize| {
            let n = all.len() - lag;
            (0..n).map(|i| all[i] * all[i + lag]).sum::<f64>() / n as f64
        };
        assert!((product(0) - 1.0).abs() < 0.1, "{}", product(0));
        // One correlation time is 25 steps: 1/e is left.
        assert!((product(25) / product(0) - 0.368).abs() < 0.06);
    }

    #[test]
    fn streams_are_repeatable_and_different() {
        let first = |seed, stream| Noise::new(seed, stream).uniform();
        assert_eq!(first(1, 1), first(1, 1));
        assert_ne!(first(1, 1), first(1, 2));
        assert_ne!(first(1, 1), first(2, 1));
    }
}
