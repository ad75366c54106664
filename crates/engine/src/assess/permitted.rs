//! Uncertainties at the point nearest the guarantee against what the grade permits: of the
//! instruments alone, and of what was measured there as a whole.
//!
//! The parts are those of the budget of every judged value, [`Rows`]; only how they are put
//! together is the standard's own: `e_S` is twice the standard uncertainty of what is known,
//! `e_R` Student's factor times that of what was observed, and `e = √(e_R² + e_S²)`; of an
//! efficiency the root of the squares of flow, head and power. Source: ISO 9906:2012 4.3.3,
//! reference section 3.4 (M3, D).

use super::sources::rows::{Pair, Rows, calibration, group};
use crate::watch::role_means;
use crate::{Error, Setup};
use dutypoint_hydraulics::pack::{ClassLimit, Measured, Standard};
use dutypoint_hydraulics::{stats, uncertainty};
use dutypoint_model::Bilingual;
use dutypoint_model::document::{
    Channels, Evaluation, Item, Point, PowerKind, Reduced, Repeated, Role, Source,
};

/// Relative uncertainties of one point, about 95 %.
pub(super) struct AtPoint {
    /// Of the instruments alone; none for one whose calibration states nothing.
    instruments: Vec<(Measured, Option<f64>)>,
    /// Of what was measured.
    results: Vec<Measure>,
}

/// What one measured quantity is uncertain by, percent of it.
struct Measure {
    quantity: Measured,
    /// `e_S`: what is known of instruments and bench.
    systematic_pct: f64,
    /// `e`: with what was observed.
    overall_pct: f64,
}

impl AtPoint {
    /// Of the point at `place`.
    ///
    /// # Errors
    /// [`Error::Hydraulics`] where a number is not finite.
    pub(super) fn new(rows: &Rows, points: &[Pair<'_>], place: usize) -> Result<Self, Error> {
        let unit = points
            .get(place)
            .is_some_and(|(_, r)| r.power_kind == PowerKind::MotorInput);
        let of = Of {
            rows,
            points,
            place,
        };
        let mut instruments = vec![
            (Measured::Flow, of.instrument(Source::Flow, FLOW)?),
            (
                Measured::OutletHead,
                of.instrument(Source::OutletPressure, HEAD)?,
            ),
        ];
        let flow = of.measure(Measured::Flow, FLOW)?;
        let head = of.measure(Measured::TotalHead, HEAD)?;
        let mut results = vec![flow, head];
        if unit {
            let power = of.measure(Measured::InputPower, POWER)?;
            instruments.push((Measured::InputPower, of.instrument(Source::Power, POWER)?));
            let together = |of: fn(&Measure) -> f64| {
                let parts: Vec<f64> = results.iter().chain([&power]).map(of).collect();
                uncertainty::root_sum_square(&parts)
            };
            let efficiency = Measure {
                quantity: Measured::UnitEfficiency,
                systematic_pct: together(|m| m.systematic_pct)?,
                overall_pct: together(|m| m.overall_pct)?,
            };
            results.extend([power, efficiency]);
        }
        Ok(Self {
            instruments,
            results,
        })
    }

    /// Every uncertainty that the pack limits.
    pub(super) fn held<'a>(&self, standard: &'a Standard, class: u8) -> Vec<Held<'a>> {
        let instruments = self.instruments.iter().map(|(measured, value)| {
            let row = standard.instrument_uncertainty(*measured, class);
            (true, *measured, *value, row)
        });
        let results = self.results.iter().map(|of| {
            let row = standard.overall_uncertainty(of.quantity, class);
            (false, of.quantity, Some(of.overall_pct), row)
        });
        instruments
            .chain(results)
            .filter_map(|(instrument, measured, value_pct, row)| {
                // A limit the pack does not state bars nothing.
                let row = row.ok()?;
                Some(Held {
                    instrument,
                    measured,
                    value_pct,
                    row,
                    row_pct: row.of_class(class)?,
                })
            })
            .collect()
    }
}

/// What instruments and bench leave uncertain in a quantity of one point, percent, 95 %; none
/// where the instrument that measures it states nothing.
///
/// # Errors
/// [`Error::Hydraulics`] where a number is not finite.
pub(crate) fn systematic_pct(
    setup: &Setup,
    channels: &Channels,
    point: &Point,
    quantity: Repeated,
) -> Result<Option<f64>, Error> {
    let Some(reduced) = &point.reduced else {
        return Ok(None);
    };
    let points = [(point, reduced)];
    let Some(rows) = Rows::new(setup, channels, &points)? else {
        return Ok(None);
    };
    let of = Of {
        rows: &rows,
        points: &points,
        place: 0,
    };
    let (source, read) = match quantity {
        Repeated::Flow => (Source::Flow, FLOW),
        Repeated::Head => (Source::OutletPressure, HEAD),
        Repeated::Power => (Source::Power, POWER),
        Repeated::Speed => return speed_pct(channels, point),
    };
    Ok(match of.instrument(source, read)? {
        Some(_) => Some(of.systematic(read)?),
        None => None,
    })
}

/// Of the speed, which follows from the frequencies of supply and slip.
fn speed_pct(channels: &Channels, point: &Point) -> Result<Option<f64>, Error> {
    let of = |role: Role| {
        let group = group(channels, role);
        let means = role_means(channels, &point.channels);
        let mean = means.get(&role).copied().unwrap_or(0.0);
        Ok::<_, Error>((mean, calibration(&group, point)?))
    };
    let (supply_hz, supply_u) = of(Role::Frequency)?;
    let (slip_hz, slip_u) = of(Role::SlipFrequency)?;
    if supply_u <= 0.0 {
        return Ok(None);
    }
    let u = uncertainty::root_sum_square(&[supply_u, slip_u])?;
    Ok(Some(200.0 * u / (supply_hz - slip_hz).abs()))
}

/// A quantity of a point.
type Read = fn(&Reduced) -> f64;

const FLOW: Read = |r| r.flow_m3_s;
const HEAD: Read = |r| r.head_m;
const POWER: Read = |r| r.power_w;

/// One of some points, with what moves it.
struct Of<'a> {
    rows: &'a Rows,
    points: &'a [Pair<'a>],
    place: usize,
}

impl Of<'_> {
    /// What is known of one source, percent; none where nothing is.
    fn instrument(&self, source: Source, read: Read) -> Result<Option<f64>, Error> {
        let of_source = |row: &Source, how| *row == source && how == Evaluation::Known;
        let mut rows = self.rows.list.iter();
        if !rows.any(|row| of_source(&row.source, row.evaluation)) {
            return Ok(None);
        }
        self.pct(read, of_source, |_| Ok(2.0)).map(Some)
    }

    fn systematic(&self, read: Read) -> Result<f64, Error> {
        self.pct(read, |_, how| how == Evaluation::Known, |_| Ok(2.0))
    }

    fn measure(&self, quantity: Measured, read: Read) -> Result<Measure, Error> {
        let observed = |_: &Source, how| how == Evaluation::Observed;
        let systematic_pct = self.systematic(read)?;
        let random_pct = self.pct(read, observed, student_95)?;
        Ok(Measure {
            quantity,
            systematic_pct,
            overall_pct: uncertainty::overall_pct(random_pct, systematic_pct)?,
        })
    }

    /// The rows that `which` picks, each with its factor for 95 %, in percent of the value.
    fn pct(
        &self,
        read: Read,
        which: impl Fn(&Source, Evaluation) -> bool,
        factor: impl Fn(f64) -> Result<f64, Error>,
    ) -> Result<f64, Error> {
        let value = self.points.get(self.place).map_or(0.0, |(_, r)| read(r));
        let mut parts = vec![0.0];
        for row in &self.rows.list {
            if which(&row.source, row.evaluation) {
                let component = row.component(self.points, self.place, read);
                let freedom = row.freedom.get(self.place).copied();
                if component != 0.0 {
                    let factor = factor(freedom.unwrap_or(f64::INFINITY))?;
                    parts.push(100.0 * factor * (component / value).abs());
                }
            }
        }
        Ok(uncertainty::root_sum_square(&parts)?)
    }
}

/// Student's factor for 95 % and these degrees of freedom.
fn student_95(freedom: f64) -> Result<f64, Error> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count of readings less one"
    )]
    let readings = freedom as usize + 1;
    Ok(stats::student_t_95(readings)?)
}

/// An uncertainty against the row of the pack that limits it.
pub(super) struct Held<'a> {
    /// Of the instruments alone, or of the result.
    pub(super) instrument: bool,
    measured: Measured,
    /// None where nobody states it.
    pub(super) value_pct: Option<f64>,
    pub(super) row: &'a ClassLimit,
    pub(super) row_pct: f64,
}

impl Held<'_> {
    /// Name among the inputs of a finding.
    pub(super) fn key(&self) -> &'static str {
        match self.measured {
            Measured::Flow => "flow",
            Measured::OutletHead => "outlet_head",
            Measured::TotalHead => "head",
            Measured::InputPower => "input_power",
            _ => "efficiency",
        }
    }

    /// What it is the uncertainty of, in words.
    pub(super) fn text(&self) -> Bilingual {
        let name = match self.measured {
            Measured::Flow => Role::Flow.text(),
            Measured::OutletHead => Role::OutletPressure.text(),
            Measured::TotalHead => Bilingual::new("扬程", "head"),
            Measured::InputPower => Role::InputPower.text(),
            _ => Item::UnitEfficiency.text(),
        };
        let (zh, en) = (name.zh, name.en.to_lowercase());
        if self.instrument {
            Bilingual::new(
                format!("{zh}的仪表不确定度"),
                format!("instrument uncertainty of {en}"),
            )
        } else {
            Bilingual::new(
                format!("{zh}的总不确定度"),
                format!("overall uncertainty of {en}"),
            )
        }
    }
}
