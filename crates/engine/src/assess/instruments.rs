//! The gate of the instruments: that they kept their zero, and that what was read lies in the
//! range they were calibrated in.
//!
//! A zero that moved by more than is permitted, or was not checked, bars the judgement. A mean
//! outside the calibrated range bars it at the point nearest the guarantee, where the verdict
//! rests; elsewhere the finding says so.

use super::blank;
use super::sources::nearest;
use super::sources::rows::Pair;
use crate::Setup;
use crate::config::enters_results;
use dutypoint_hydraulics::limit;
use dutypoint_model::document::{Channels, Finding, Item, Limit};
use dutypoint_model::{Bilingual, Verdict};

/// Id of the rule.
pub(crate) const FORMULA: &str = "instrument.zero-and-range.v1";

/// The zero of one channel before and behind a run, in its internal unit.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ZeroCheck {
    /// Name of the channel.
    pub(crate) channel: String,
    /// Zero before the programme.
    pub(crate) before: f64,
    /// Zero behind it; none where nobody took it.
    pub(crate) after: Option<f64>,
}

/// The finding; none where no zero is held and no calibrated range is stated. Without `zeros`
/// they are not looked at: the run still goes on.
pub(super) fn instruments(
    setup: &Setup,
    channels: &Channels,
    zeros: Option<&[ZeroCheck]>,
    points: &[Pair<'_>],
) -> Option<Finding> {
    let mut finding = blank(setup, Item::Instruments, true);
    finding.formula = FORMULA.into();
    finding.clause.clear();
    finding.confidence.clear();
    let (mut asked, mut met) = (false, true);
    let mut remarks = Vec::new();
    for channel in channels.channels.iter().filter(|_| zeros.is_some()) {
        let Some(rule) = channel.zero else { continue };
        asked = true;
        let (name, unit) = (&channel.name, channel.unit);
        let tag = &channel.instrument.tag;
        let checks = zeros.unwrap_or_default();
        let check = checks.iter().find(|z| z.channel == *name);
        let Some((before, after)) = check.and_then(|c| Some((c.before, c.after?))) else {
            met = false;
            finding.because(&Bilingual::new(
                format!("{tag} {name} 试验后未检查零点"),
                format!("the zero of {tag} {name} was not checked behind the run"),
            ));
            continue;
        };
        let drift = unit.from_internal(after) - unit.from_internal(before);
        let share = drift.abs() / rule.drift_limit;
        finding
            .inputs
            .insert(format!("zero_drift_{name}"), after - before);
        if finding.value.is_none_or(|worst| share > worst) {
            finding.value = Some(share);
            finding.margin = Some(1.0 - share);
        }
        if !limit::at_most(drift.abs(), rule.drift_limit) {
            met = false;
            let (printed, most) = (unit.printed(), rule.drift_limit);
            finding.because(&Bilingual::new(
                format!("{tag} {name} 零点漂移 {drift:.4} {printed}，允许 {most} {printed}"),
                format!("the zero of {tag} {name} moved by {drift:.4} {printed}, permitted {most} {printed}"),
            ));
        }
    }
    if asked {
        finding.limit = Some(Limit {
            low: None,
            high: Some(1.0),
        });
    }
    let near = nearest(setup, points);
    for channel in channels.channels.iter().filter(|c| enters_results(c.role)) {
        let calibration = &channel.instrument.calibration;
        if calibration.range.is_none() {
            continue;
        }
        asked = true;
        let outside = points.iter().enumerate().filter(|(_, (point, _))| {
            let shown = point.channels.iter().find(|s| s.channel == channel.name);
            shown.is_some_and(|s| !calibration.covers(s.mean, channel.unit))
        });
        let places: Vec<usize> = outside.map(|(place, _)| place).collect();
        if places.is_empty() {
            continue;
        }
        let numbers: Vec<String> = places
            .iter()
            .filter_map(|place| Some(points.get(*place)?.0.number.to_string()))
            .collect();
        let numbers = numbers.join(", ");
        let (tag, name) = (&channel.instrument.tag, &channel.name);
        let said = Bilingual::new(
            format!("第 {numbers} 点 {tag} {name} 超出校准范围"),
            format!("at points {numbers} {tag} {name} is outside its calibrated range"),
        );
        if near.is_some_and(|near| places.contains(&near)) {
            met = false;
            finding.because(&said);
        } else {
            remarks.push(said);
        }
    }
    if !asked {
        return None;
    }
    for remark in &remarks {
        finding.because(remark);
    }
    if met {
        finding.verdict = Verdict::Pass;
    }
    Some(finding)
}
