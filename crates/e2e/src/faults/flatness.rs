//! Whether figures that were taken over a long time stay as they are: what a soak is about.

/// What a row of figures says. All medians, so that single figures do not matter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flatness {
    /// The median of the first third, after warm-up.
    pub early: f64,
    /// The median of the last third.
    pub late: f64,
    /// How much a straight line through all of them rises from the first to the last (Theil and Sen's estimate).
    pub rise: f64,
    /// How far the figures typically are from their median, as a standard deviation.
    pub noise: f64,
}

/// By how much the last third may be above the first: a leak of a soak's length would be more.
const MORE: f64 = 1.2;

impl Flatness {
    /// Of figures taken at even distances. `None`: too few to say anything.
    pub fn of(figures: &[f64]) -> Option<Self> {
        // The first fifth is warm-up: code is compiled, buffers find their size.
        let figures = figures.get(figures.len() / 5..)?;
        let third = figures.len() / 3;
        if third < 3 {
            return None;
        }
        let (early, late) = (figures.get(..third)?, figures.get(figures.len() - third..)?);
        let middle = median(figures.to_vec())?;
        let distance = median(figures.iter().map(|figure| (figure - middle).abs()).collect())?;
        let mut slopes = Vec::new();
        for (from, one) in figures.iter().enumerate() {
            for (to, other) in figures.iter().enumerate().skip(from + 1) {
                slopes.push((other - one) / (to - from) as f64);
            }
        }
        Some(Self {
            early: median(early.to_vec())?,
            late: median(late.to_vec())?,
            rise: median(slopes)? * (figures.len() - 1) as f64,
            // For a normal distribution (Rousseeuw and Croux 1993).
            noise: 1.4826 * distance,
        })
    }

    /// Neither is the end much above the beginning, nor is there a trend that noise does not explain and that amounts to
    /// something (a tenth).
    pub fn holds(&self) -> bool {
        self.late <= self.early * MORE && self.rise <= (2.0 * self.noise).max(self.early / 10.0)
    }
}

fn median(mut figures: Vec<f64>) -> Option<f64> {
    figures.sort_unstable_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Figures around 100 that go up and down by 5, and rise by `rise` in all.
    fn figures(rise: f64) -> Vec<f64> {
        (0..90_u32).map(|at| 100.0 + f64::from(at * 37 % 11) - 5.0 + rise * f64::from(at) / 90.0).collect()
    }

    #[test]
    fn noise_is_flat_and_a_leak_is_not() {
        assert!(Flatness::of(&figures(0.0)).unwrap().holds());
        assert!(Flatness::of(&figures(-50.0)).unwrap().holds(), "less is no leak");
        assert!(!Flatness::of(&figures(30.0)).unwrap().holds());
        assert!(!Flatness::of(&figures(100.0)).unwrap().holds());
    }

    #[test]
    fn warm_up_does_not_count() {
        let mut figures = figures(0.0);
        for (at, figure) in figures.iter_mut().take(18).enumerate() {
            *figure = at as f64;
        }
        assert!(Flatness::of(&figures).unwrap().holds());
    }

    #[test]
    fn a_few_figures_say_nothing() {
        assert_eq!(Flatness::of(&[1.0; 9]), None);
    }
}
