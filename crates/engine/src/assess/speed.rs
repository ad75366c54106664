//! The speed of the test against the specified one, and what was not translated.

use super::blank;
use crate::translation::Untranslated;
use crate::{Error, Method, Setup};
use dutypoint_hydraulics::Error as HydraulicsError;
use dutypoint_hydraulics::translate::{SpeedWindow, speed_permitted};
use dutypoint_model::document::{Finding, Item, Limit, Point};
use dutypoint_model::{Bilingual, Quantity, Verdict};

/// Every point's speed against what the judging pack permits of the specified or rated one.
/// It holds for a pump with a shaft: the speed of a sealed unit follows from its supply. None
/// where pack, order or points state no speed.
pub(super) fn speed(setup: &Setup, accepted: &[&Point]) -> Result<Option<Finding>, Error> {
    let specified = match (&setup.translation, &setup.method) {
        (Some(to), _) if !to.by_frequency() => Some(to.specified),
        (_, Method::Imported(_)) => {
            let rated = setup.order.specimen.speed.as_ref();
            let rated = rated.map(|speed| speed.internal(Quantity::Speed));
            rated.transpose().map_err(Error::Config)?
        }
        _ => None,
    };
    let rule = setup
        .packs
        .iter()
        .find_map(|pack| Some((pack, pack.speed().ok()?)));
    let (Some(specified), Some((pack, rule))) = (specified, rule) else {
        return Ok(None);
    };
    let mut worst: Option<(&Point, f64)> = None;
    for point in accepted {
        let Some(rpm) = point.reduced.as_ref().and_then(|r| r.speed_rpm) else {
            return Ok(None);
        };
        let off = |rpm: f64| (rpm - specified).abs();
        if worst.is_none_or(|(_, most)| off(rpm) > off(most)) {
            worst = Some((point, rpm));
        }
    }
    let Some((point, rpm)) = worst else {
        return Ok(None);
    };
    let band = &rule.flow_head_power_pct;
    let [low, high] = [band.low, band.high].map(|pct| specified * pct / 100.0);
    let mut finding = blank(setup, Item::Speed, true);
    finding.formula = "speed.window.v1".into();
    finding.pack.clone_from(&pack.id);
    finding.clause.clone_from(&rule.clause);
    finding.confidence = band.confidence.to_string();
    finding.value = Some(rpm);
    finding.limit = Some(Limit {
        low: Some(low),
        high: Some(high),
    });
    finding.margin = Some((rpm - low).min(high - rpm));
    let pct = 100.0 * rpm / specified;
    for (name, value) in [
        ("specified_rpm", specified),
        ("worst_point", f64::from(point.number)),
        ("worst_pct", pct),
    ] {
        finding.inputs.insert(name.into(), value);
    }
    let number = point.number;
    let window = SpeedWindow {
        low_pct: band.low,
        high_pct: band.high,
    };
    if speed_permitted(rpm, specified, window)? {
        finding.verdict = Verdict::Pass;
    } else {
        finding.reason = Some(Bilingual::new(
            format!(
                "转速超出规定转速的 {} … {} %，不作评价，亦不换算",
                band.low, band.high
            ),
            format!(
                "the speed is outside {} … {} % of the specified one: not evaluated and not translated",
                band.low, band.high
            ),
        ));
    }
    finding.because(&Bilingual::new(
        format!("最不利：第 {number} 点，{rpm:.1} r/min（{pct:.2} %）"),
        format!("worst: point {number}, {rpm:.1} r/min ({pct:.2} %)"),
    ));
    Ok(Some(finding))
}

/// Why nothing is judged where the order asked for a translation and not every point could
/// be translated: measured and translated points make no curve together.
pub(super) fn untranslated(setup: &Setup, accepted: &[&Point]) -> Option<Bilingual> {
    let to = setup.translation.as_ref()?;
    let point = accepted.iter().find(|p| p.translated.is_none())?;
    let number = point.number;
    let refused = point.reduced.as_ref();
    let refused = refused.and_then(|reduced| to.point(&setup.packs, reduced).err());
    if let Some(Untranslated::Refused(error)) = refused {
        let zh = match &error {
            HydraulicsError::NotTranslated {
                value,
                reference,
                ratio_pct,
                low_pct,
                high_pct,
                clause,
                ..
            } => format!(
                "{value:.2} 为 {reference} 的 {ratio_pct:.3} %，{clause} 允许 {low_pct} … {high_pct} %"
            ),
            other => other.to_string(),
        };
        return Some(Bilingual::new(
            format!("第 {number} 点不能换算：{zh}"),
            format!("point {number}: {error}"),
        ));
    }
    let (zh, en) = if to.by_frequency() {
        ("频率", "frequency")
    } else {
        ("转速或频率", "speed or frequency")
    };
    Some(Bilingual::new(
        format!("第 {number} 点的{zh}未测得，不能换算"),
        format!("the {en} of point {number} was not measured, so it is not translated"),
    ))
}

/// Why an efficiency that was taken over with the translation may not be judged: a point
/// further from the specified speed than its standard takes efficiency as unchanged.
pub(super) fn efficiency_changed(setup: &Setup, accepted: &[&Point]) -> Option<Bilingual> {
    let to = setup.translation.as_ref()?;
    let changed = accepted.iter().find(|point| {
        let found = point.reduced.as_ref().map(|r| to.point(&setup.packs, r));
        matches!(found, Some(Ok((_, false))))
    })?;
    let number = changed.number;
    Some(Bilingual::new(
        format!("第 {number} 点的转速偏离规定转速过大，效率不能视为不变，不作评价"),
        format!(
            "the speed of point {number} is too far from the specified one to take efficiency as unchanged: not evaluated"
        ),
    ))
}
