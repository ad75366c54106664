//! What decides, in words: verdict, what was not measured, what would help.

use super::super::words::Text;
use super::judge::Item;
use super::question::AssessInput;
use dutypoint_hydraulics::accept::{self, Assessment, Judged};
use dutypoint_hydraulics::pack::{Placement, Standard, Tolerance};
use dutypoint_model::Verdict;

/// What was measured and where the guarantee lies, of every item that was not reached.
pub(super) fn not_reached(found: &Assessment, input: &AssessInput) -> Vec<Text> {
    let missed = |judged: &Option<Judged>| {
        judged.is_some_and(|judged| judged.reason == accept::Reason::NotReached)
    };
    let range = |values: &[f64]| {
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        (low, high)
    };
    let ((q_low, q_high), (h_low, h_high)) = (range(&input.q_m3_h), range(&input.h_m));
    let mut said = Vec::new();
    if missed(&Some(found.flow_head.head)) {
        let q = input.q_guaranteed_m3_h;
        said.push(Text::new(
            format!("保证流量 {q} m³/h 不在实测范围 {q_low} 至 {q_high} m³/h 之内，不外推；请在其两侧补测工况点"),
            format!("the guaranteed flow of {q} m³/h lies outside the measured {q_low} to {q_high} m³/h and nothing is extrapolated; take points on both sides of it"),
        ));
    }
    if missed(&found.flow_head.flow) {
        let h = input.h_guaranteed_m;
        said.push(Text::new(
            format!("曲线在实测范围（{q_low} 至 {q_high} m³/h，{h_low} 至 {h_high} m）内达不到保证扬程 {h} m，该处流量不可评定，不外推；请补测到该扬程"),
            format!("the curve does not reach the guaranteed head of {h} m within the measured {q_low} to {q_high} m³/h ({h_low} to {h_high} m): the flow there is not evaluable and nothing is extrapolated; take points until that head is passed"),
        ));
    }
    if missed(&found.efficiency) || missed(&found.power) {
        said.push(Text::new(
            format!("读取效率和功率的点不在实测范围 {q_low} 至 {q_high} m³/h 之内，不外推；请补测"),
            format!("the point where efficiency and power are read lies outside the measured {q_low} to {q_high} m³/h and nothing is extrapolated; take points beyond it"),
        ));
    }
    if missed(&found.shutoff_head) {
        said.push(Text::new(
            format!("未测关死点：最小流量为 {q_low} m³/h；请补测流量为 0 的点"),
            format!(
                "shut-off was not measured, the least flow is {q_low} m³/h; take a point at flow 0"
            ),
        ));
    }
    said
}

/// What the pack's rule on points asks for and the points do not give.
pub(super) fn points_missing(placed: &Placement, standard: &Standard) -> Vec<Text> {
    let clause = standard.points().map_or("", |rule| rule.clause.as_str());
    let place = format!("{} {clause}", standard.id);
    let mut said = Vec::new();
    if placed.number == Verdict::Fail {
        let (points, counted) = (placed.points, placed.counted);
        said.push(Text::new(
            format!("工况点不足（{points} 点中计入 {counted} 点），{place}；请补测"),
            format!("too few points ({counted} of {points} count) for {place}; take more"),
        ));
    }
    if placed.placement == Verdict::Fail {
        let (below, above) = (placed.below, placed.above);
        said.push(Text::new(
            format!("保证流量两侧的工况点不足（其下 {below} 点，其上 {above} 点），{place}；请在其两侧补测"),
            format!("too few points beside the guaranteed flow ({below} just below, {above} just above) for {place}; take points there"),
        ));
    }
    said
}

/// What decides, for people.
pub(super) fn text(
    found: &Assessment,
    flipped: &[Item],
    trim: Option<&accept::Trim>,
    tolerance: &Tolerance,
    reasons: &[Text],
) -> Text {
    let grade = &tolerance.grade;
    let mut said = if !flipped.is_empty() {
        Text::new(
            "结论取决于拟合次数：请在规定流量 ±5 % 内补测两点",
            "the verdict depends on the fit: take two more points within ±5 % of the guaranteed flow",
        )
    } else {
        let verdict = found.verdict.text();
        Text::new(
            format!("{grade}：{}", verdict.zh),
            format!("{grade}: {}", verdict.en),
        )
    };
    for reason in reasons {
        said.zh += &format!("；{}", reason.zh);
        said.en += &format!("; {}", reason.en);
    }
    if let Some(trim) = trim {
        said.zh += &format!("；泵偏强，可考虑切割叶轮，R = {:.4}", trim.ratio);
        said.en += &format!(
            "; the pump is too strong: a trimmed impeller with R = {:.4} would meet the guarantee point",
            trim.ratio
        );
    }
    let tags = [&tolerance.flow_pct, &tolerance.head_pct];
    if let Some(tag) = tags
        .into_iter()
        .flatten()
        .map(|band| band.confidence.to_string())
        .find(|tag| tag == "M2")
    {
        said.zh += &format!("；限值可信度 {tag}，未经标准文本核对，结论仅供参考");
        said.en += &format!(
            "; limits of confidence {tag}, not held against the text of the standard: a lead, no evidence"
        );
    }
    said
}
