//! Comparing what one browser shows with what another captures.

use serde::Deserialize;

/// A video seen for a while, as small pictures.
#[derive(Clone, Debug, Default)]
pub struct Film {
    /// In the order of time.
    pub pictures: Vec<Picture>,
}

/// One small picture.
#[derive(Clone, Debug, Deserialize)]
pub struct Picture {
    /// When, in milliseconds on the machine's clock, the same for all browsers of a test.
    pub at: f64,
    /// 16×9 times red, green, blue, each 0 to 255.
    pub values: Vec<f64>,
}

impl Film {
    /// How much the picture changes: the mean difference of values between one picture and the one about half a
    /// second later. A still picture gives less than 0.2 (noise of the decoder).
    pub fn movement(&self) -> f64 {
        let pairs = self.pictures.iter().filter_map(|picture| {
            let later = self.pictures.iter().find(|later| later.at >= picture.at + 500.0)?;
            Some(difference(&picture.values, &later.values))
        });
        mean(pairs)
    }

    /// Pearson's correlation with what `sender` captured, over all fields, colours and moments, at the delay at
    /// which it is greatest: 1 is the same film. The delay may be anything up to 3 s, as receivers buffer and machines are busy, or
    /// negative by the distance of two samples.
    pub fn correlation(&self, sender: &Film) -> f64 {
        (-2..=30).map(|step| self.correlation_at(sender, f64::from(step) * 100.0)).fold(-1.0, f64::max)
    }

    fn correlation_at(&self, sender: &Film, delay: f64) -> f64 {
        let mut values = Vec::new();
        for picture in &self.pictures {
            let at = picture.at - delay;
            let nearest =
                sender.pictures.iter().min_by(|a, b| (a.at - at).abs().total_cmp(&(b.at - at).abs()));
            if let Some(nearest) = nearest.filter(|nearest| (nearest.at - at).abs() < 150.0) {
                values.extend(picture.values.iter().copied().zip(nearest.values.iter().copied()));
            }
        }
        pearson(&values)
    }
}

fn difference(a: &[f64], b: &[f64]) -> f64 {
    mean(a.iter().zip(b).map(|(a, b)| (a - b).abs()))
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    if count == 0.0 { 0.0 } else { sum / count }
}

fn pearson(pairs: &[(f64, f64)]) -> f64 {
    let mean_a = mean(pairs.iter().map(|(a, _)| *a));
    let mean_b = mean(pairs.iter().map(|(_, b)| *b));
    let (mut together, mut alone_a, mut alone_b) = (0.0, 0.0, 0.0);
    for (a, b) in pairs {
        together += (a - mean_a) * (b - mean_b);
        alone_a += (a - mean_a).powi(2);
        alone_b += (b - mean_b).powi(2);
    }
    // A picture without any contrast resembles nothing.
    if alone_a * alone_b == 0.0 { 0.0 } else { together / (alone_a * alone_b).sqrt() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A dark wall on which a bright bar moves; `phase` and `seed` tell films apart.
    fn film(seed: usize, delay: f64) -> Film {
        let pictures = (0..40).map(|step| {
            let at = f64::from(step) * 80.0;
            let bar = ((at - delay) / 200.0).rem_euclid(16.0).floor();
            let values = (0..16 * 9 * 3)
                .map(|index| {
                    let wall = (index * 31 + seed * 977) % 211;
                    if (index / 3 % 16) as f64 == bar { 235.0 } else { wall as f64 }
                })
                .collect();
            Picture { at, values }
        });
        Film { pictures: pictures.collect() }
    }

    #[test]
    fn a_delayed_film_correlates_with_its_source_and_with_no_other() {
        assert!(film(1, 400.0).correlation(&film(1, 0.0)) > 0.95);
        assert!(film(1, 0.0).correlation(&film(2, 0.0)) < 0.5);
    }

    #[test]
    fn a_still_picture_does_not_move_and_a_film_does() {
        let mut still = film(1, 0.0);
        let first = still.pictures[0].values.clone();
        still.pictures.iter_mut().for_each(|picture| picture.values.clone_from(&first));
        assert!(still.movement() < 0.2);
        assert!(film(1, 0.0).movement() > 2.0);
    }

    #[test]
    fn black_resembles_nothing() {
        let mut black = film(1, 0.0);
        black.pictures.iter_mut().for_each(|picture| picture.values.fill(0.0));
        assert_eq!(black.correlation(&film(1, 0.0)), 0.0);
    }
}
