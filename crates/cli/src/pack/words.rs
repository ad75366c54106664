//! Sections, keys and choices of packs in the words of the field, Chinese and English, and
//! the formula that a section's numbers belong to.

use dutypoint_hydraulics::pack::Entry;

/// Name of a section.
pub(super) fn section(name: &str) -> Option<(&'static str, &'static str)> {
    find(SECTIONS, name)
}

/// What an entry's value is, in the words of its keys; empty where the section says it all.
pub(super) fn of(entry: &Entry) -> (String, String) {
    let section = entry.section();
    let words = entry.keys.iter().skip(1).filter_map(|key| {
        let here = format!("{section}.{key}");
        find(KEYS, &here).or_else(|| find(KEYS, key))
    });
    let (zh, en): (Vec<_>, Vec<_>) = words.filter(|(zh, _)| !zh.is_empty()).unzip();
    (zh.join("，"), en.join(", "))
}

/// A choice in words.
pub(super) fn choice(word: &str) -> Option<(&'static str, &'static str)> {
    find(CHOICES, word)
}

/// The formula the numbers of a section belong to.
pub(super) fn formula(section: &str) -> Option<&'static str> {
    let found = FORMULAS.iter().find(|(name, _)| *name == section);
    found.map(|(_, formula)| *formula)
}

/// Whether a key has its words, for the test that no shipped pack uses one without.
#[cfg(test)]
pub(super) fn knows(section: &str, key: &str) -> bool {
    find(KEYS, &format!("{section}.{key}")).is_some() || find(KEYS, key).is_some()
}

/// Tags of confidence in words.
pub(super) const TAGS: &[Words] = &[
    ("C2", "两个以上独立来源", "two independent sources or more"),
    ("C1", "一个来源", "one source"),
    (
        "M3",
        "资料作者的知识，高",
        "knowledge of the reference's author, high",
    ),
    (
        "M2",
        "资料作者的知识，中",
        "knowledge of the reference's author, medium",
    ),
    (
        "M+",
        "资料作者的知识，有把握",
        "knowledge of the reference's author, confident",
    ),
    (
        "M",
        "资料作者的知识，须核对",
        "knowledge of the reference's author, to be checked",
    ),
    (
        "M-",
        "占位值，不作判定依据",
        "a placeholder on which no verdict rests",
    ),
    ("D", "推导或建议", "derived, or a recommendation"),
    ("laboratory", "本实验室设定", "a setting of the laboratory"),
];

/// What packs write in place of a clause, and how it reads in Chinese.
pub(super) const CLAUSES: &[(&str, &str)] = &[
    ("clause not known", "条款号未知"),
    ("none: no degree is prescribed", "无：未规定次数"),
    ("none: bench practice", "无：试验台惯例"),
    ("not known", "未知"),
];

type Words = (&'static str, &'static str, &'static str);

fn find(words: &[Words], key: &str) -> Option<(&'static str, &'static str)> {
    let found = words.iter().find(|(word, ..)| *word == key);
    found.map(|(_, zh, en)| (*zh, *en))
}

const FORMULAS: &[(&str, &str)] = &[
    (
        "small_power",
        "τ_η = −[slope·(1 − P/P_end) + base] %,  τ_P = √(base² + τ_η²) %",
    ),
    (
        "log_quadratic",
        "η = a·x² + b·y² + c·x·y + d·x + e·y − C %,  x = ln n,  y = ln Q",
    ),
    (
        "energy_type",
        "grade 1, 2: η ≥ η_DB + points;  grade 3: η ≥ η_DB − tolerance",
    ),
    (
        "energy_pump",
        "line i: η ≥ surface(n_s, Q) − taken_off i,  or  η ≥ η(Q) − correction(n_s) + added i",
    ),
    (
        "specified",
        "η_DB = [η(Q) − correction(n_s)]·η_D/100 − loss_points",
    ),
    (
        "unit_deviation",
        "numerator/(η_D − offset) − subtrahend, relative, η_D a fraction",
    ),
    ("spread", "100·(largest − smallest)/largest %"),
    (
        "mei",
        "n_s = n·√Q/H^0.75,  Q in m³/s;  y = ln Q with Q in m³/h",
    ),
    (
        "pei",
        "PEI = mean of P_in / mean of P_in,std;  P_in = P + L·loss(P/MHP),  L = MHP/η_motor − MHP",
    ),
    (
        "motor_tolerance",
        "share·(1 − value), between at_least and at_most;  or percent of the value",
    ),
];

const SECTIONS: &[Words] = &[
    ("cable", "电缆", "cable"),
    ("default_grade", "未约定时的等级", "grades by default"),
    ("energy", "能效判定规则", "how energy grades are judged"),
    (
        "energy_pump",
        "能效线（按流量和比转速）",
        "energy lines by flow and specific speed",
    ),
    (
        "energy_type",
        "能效等级（按规定效率）",
        "energy grades about a specified efficiency",
    ),
    ("evaluation", "保证值的判定", "evaluation of guarantees"),
    ("fit", "曲线拟合", "fit of curves"),
    (
        "fluctuation",
        "允许波动幅值",
        "permissible amplitude of fluctuations",
    ),
    ("friction", "沿程损失的计入界限", "when friction counts"),
    (
        "informative",
        "供查阅（不参与判定）",
        "for a reader; no rule applies it",
    ),
    (
        "instrument_uncertainty",
        "仪表允许不确定度",
        "permissible uncertainty of instruments",
    ),
    ("laboratory", "实验室设定", "settings of the laboratory"),
    (
        "load",
        "电动机不过载的流量范围",
        "flows over which the motor is not overloaded",
    ),
    ("log_quadratic", "对数二次式", "quadratic in logarithms"),
    ("mei", "最低效率指数 MEI", "minimum efficiency index MEI"),
    (
        "mei_indication",
        "MEI 占位常数（仅示意）",
        "placeholders of C, an indication only",
    ),
    ("mei_type", "MEI 泵型", "types of pump with an MEI"),
    ("motor_tolerance", "电动机容差", "tolerances of motors"),
    ("npsh", "汽蚀余量", "NPSH"),
    (
        "other_points",
        "保证点以外的工况点",
        "duty points other than the guarantee point",
    ),
    (
        "overall_uncertainty",
        "允许总不确定度",
        "permissible overall uncertainty",
    ),
    ("pei", "水泵能效指数 PEI", "pump energy index PEI"),
    ("pei_class", "PEI 泵类", "classes of pump with a PEI"),
    ("pei_load", "PEI 负荷点", "load points of the PEI"),
    ("pei_variable_loss", "可变负荷损耗", "loss at variable load"),
    ("points", "试验点", "test points"),
    ("rated_outputs", "额定功率系列", "rated outputs"),
    ("readings", "重复读数", "repeated readings"),
    ("reference_temperature", "基准温度", "reference temperature"),
    ("report", "须报告的量", "what is to be reported"),
    ("rounding", "修约与比较", "rounding and comparison"),
    ("small_power", "小功率泵", "pumps of small power"),
    ("specified", "规定效率", "specified efficiency"),
    ("speed", "试验转速", "test speed"),
    (
        "spread",
        "读数组间允许偏差",
        "permissible spread between sets",
    ),
    ("supply", "电源", "supply"),
    (
        "switch_off_delay",
        "断电后首次读数时间",
        "first reading after switch-off",
    ),
    ("table", "表列值", "tabulated columns"),
    ("tolerance", "容差系数", "tolerance factors"),
    ("trim", "叶轮切割", "trimming of the impeller"),
    (
        "unit_deviation",
        "机组效率下偏差",
        "lower deviation of the unit efficiency",
    ),
    (
        "untested",
        "本试验台不做的项目",
        "items not tested on this bench",
    ),
];

/// An empty word adds nothing: the row or the item says it already.
const KEYS: &[Words] = &[
    ("log_quadratic.a", "x² 的系数", "of x²"),
    ("log_quadratic.b", "y² 的系数", "of y²"),
    ("log_quadratic.c", "x·y 的系数", "of x·y"),
    ("log_quadratic.d", "x 的系数", "of x"),
    ("log_quadratic.e", "y 的系数", "of y"),
    ("mei_type.c", "常数 C", "constant C"),
    ("pei_class.c", "常数 C", "constant C"),
    (
        "pei.constant",
        "与 C 一同减去的常数",
        "taken off together with C",
    ),
    ("spread.speed", "转速", "speed"),
    (
        "pei_load.flow",
        "流量比",
        "share of the best efficiency flow",
    ),
    ("tolerance.flow_pct", "流量允差", "flow"),
    ("small_power.flow_pct", "流量允差", "flow"),
    (
        "load.flow_pct",
        "占规定流量",
        "share of the guaranteed flow",
    ),
    (
        "speed.efficiency_pct",
        "效率视为不变",
        "efficiency taken as unchanged",
    ),
    ("untested.en", "", ""),
    ("informative.range", "", ""),
    ("informative.text", "", ""),
    (
        "fit.efficiency",
        "效率曲线的来源",
        "what the efficiency curve is made of",
    ),
    (
        "energy_pump.efficiency",
        "基准效率列",
        "column of the reference efficiency",
    ),
    ("npsh.tolerance", "允差", "tolerance"),
    (
        "energy_type.tolerance",
        "产品标准容差",
        "tolerance of the product standard",
    ),
    (
        "fit.monotone_spline",
        "可用单调样条",
        "monotone spline admitted",
    ),
    ("points.minimum", "最少点数", "least number"),
    ("above", "大于", "above"),
    (
        "above_guarantee_pct",
        "规定流量之上须有一点",
        "one point above the guaranteed flow",
    ),
    ("above_kw", "功率大于", "power above"),
    ("absolute_m", "绝对值", "absolute"),
    ("added", "加上的百分点", "points added"),
    ("at", "", ""),
    ("averaging_window_s", "平均窗口", "averaging window"),
    ("below", "小于", "below"),
    (
        "below_guarantee_pct",
        "规定流量之下须有一点",
        "one point below the guaranteed flow",
    ),
    ("below_kw", "功率小于", "power below"),
    ("benchmark", "标杆值", "benchmark"),
    ("capped_at", "自变量封顶", "abscissa capped at"),
    ("celsius", "温度", "temperature"),
    ("class_1", "1级", "class 1"),
    ("class_1_minimum", "1级最少点数", "least number, class 1"),
    ("class_2", "2级", "class 2"),
    ("class_3", "3级", "class 3"),
    ("compared", "比较的效率", "which efficiency"),
    (
        "comparison",
        "与限值比较的值",
        "what is held against a limit",
    ),
    ("complement_at_least", "下限", "at least"),
    ("complement_at_most", "上限", "at most"),
    ("complement_share", "(1 − 值) 的份额", "share of 1 − value"),
    (
        "correction",
        "比转速修正列",
        "column of the correction for specific speed",
    ),
    (
        "counted_within_pct",
        "计入点数的流量范围",
        "flows that count",
    ),
    ("decision", "判定规则", "decision rule"),
    ("default_degree", "默认次数", "default degree"),
    ("doubtful", "数值存疑，不判定", "doubtful, not judged"),
    ("drift_limit_pct", "漂移限值", "limit of drift"),
    (
        "drop_pct",
        "首级扬程下降率",
        "drop of the first stage's head",
    ),
    (
        "efficiency_base_pct",
        "效率公式的 base",
        "base of the formula",
    ),
    (
        "efficiency_min_pct",
        "效率下允差（相对）",
        "efficiency, lower, relative",
    ),
    (
        "efficiency_slope_pct",
        "效率公式的 slope",
        "slope of the formula",
    ),
    (
        "efficiency_unchanged_reduction_pct",
        "效率视为不变的切割量",
        "reduction with efficiency unchanged",
    ),
    (
        "efficiency_unchanged_type_number",
        "效率视为不变的型式数 K",
        "type number K with efficiency unchanged",
    ),
    ("exponent", "换算指数", "exponent of translation"),
    ("factor", "效率比", "share of the best efficiency"),
    ("flow", "流量", "flow"),
    ("flow_and_head", "流量与扬程", "flow and head"),
    (
        "flow_floor_pct_of_rated",
        "流量波动的最小限值，占规定流量",
        "least limit of flow, share of rated",
    ),
    ("flow_gpm", "流量范围", "flows in scope"),
    (
        "flow_head_power_pct",
        "换算流量、扬程、功率",
        "for translating flow, head and power",
    ),
    ("flow_m3_h", "流量", "flow"),
    (
        "flow_pct_of_bep",
        "流量，占最高效率点",
        "flow, share of best efficiency",
    ),
    ("frequency_pct", "频率偏差，正负", "frequency, either way"),
    ("from", "不小于", "from"),
    ("from_kw", "起始功率", "from this power"),
    ("grade", "等级", "grade"),
    ("grade_1", "1级", "grade 1"),
    ("grade_2", "2级", "grade 2"),
    ("head_ft", "扬程范围", "heads in scope"),
    ("head_m", "扬程", "head"),
    ("head_pct", "扬程允差", "head"),
    ("high", "上限", "upper"),
    ("high_pct", "上允差", "upper"),
    ("highest_power_first", "系数", "coefficient"),
    ("included_m", "计入的引出线长度", "lead that is included"),
    ("kw", "", ""),
    (
        "least_readings_pct",
        "窗口内最少读数比例",
        "least share of the readings",
    ),
    ("loss", "部分负荷损耗系数", "part-load loss factor"),
    (
        "loss_above_full_load",
        "超满载损耗系数",
        "loss factor above full load",
    ),
    ("loss_points", "减去的百分点", "points taken off"),
    ("low", "下限", "lower"),
    ("low_pct", "下允差", "lower"),
    (
        "low_shutoff_must_rise",
        "关死点扬程偏低时曲线须上升",
        "a low shut-off head needs a rising curve",
    ),
    ("max_degree", "最高次数", "highest degree"),
    ("maximum", "允许最大值", "largest permitted"),
    ("measurement_class", "测量等级", "measurement class"),
    ("min_degree", "最低次数", "lowest degree"),
    ("minimum_sets", "最少组数", "least number of sets"),
    ("motor", "默认电动机列", "column of the default motor"),
    ("motor_hp", "电动机额定功率", "motor rating"),
    (
        "motor_sizing_flow",
        "选电动机的流量比",
        "share of flow that chooses the motor",
    ),
    ("n_q", "比转速", "specific speed"),
    ("n_s", "比转速", "specific speed"),
    ("n_s_us", "比转速（美制）", "specific speed, US"),
    ("n_s_usual", "通常的比转速", "usual specific speed"),
    ("names_en", "英文名称", "English name"),
    ("names_zh", "中文名称", "Chinese name"),
    ("nominal_rpm", "公称转速", "nominal speed"),
    ("npsh_pct", "汽蚀试验", "for NPSH tests"),
    ("numerator", "分子", "numerator"),
    ("of", "自变量", "variable"),
    ("offset", "偏移", "offset"),
    ("over", "适用范围", "range"),
    (
        "overload_factor",
        "过负荷效率比",
        "efficiency at overload, share",
    ),
    ("overload_flow", "过负荷流量比", "overload, share of flow"),
    (
        "part_load_factor",
        "部分负荷效率比",
        "efficiency at part load, share",
    ),
    (
        "part_load_flow",
        "部分负荷流量比",
        "part load, share of flow",
    ),
    ("pct", "相对值", "relative"),
    (
        "plateau",
        "平台段的限值取自",
        "limit of the plateau taken from",
    ),
    ("polynomial", "多项式", "polynomial"),
    (
        "power_balance_pct",
        "与 √3·U·I·cosφ 之差",
        "difference from √3·U·I·cosφ",
    ),
    ("power_constant", "功率常数", "constant of power"),
    ("power_kw", "电动机功率", "motor power"),
    ("power_max_pct", "功率上允差", "power, upper"),
    (
        "process",
        "流量、扬程、转矩、功率",
        "flow, head, torque, power",
    ),
    ("quantities", "量", "quantity"),
    ("range", "范围", "range"),
    ("rated_above_kw", "额定功率大于", "rated output above"),
    ("rated_below_kw", "额定功率小于", "rated output below"),
    ("rated_from_kw", "额定功率不小于", "rated output from"),
    ("rated_head_above_m", "额定扬程大于", "rated head above"),
    ("rated_head_up_to_m", "额定扬程不大于", "rated head up to"),
    ("rated_up_to_kw", "额定功率不大于", "rated output up to"),
    (
        "read_at",
        "效率与功率的读取点",
        "where efficiency and power are read",
    ),
    (
        "reduction_pct",
        "不需复试的切割量",
        "reduction without a new test",
    ),
    ("regression", "功率回归的流量比", "shares regressed over"),
    ("required", "要求的指数", "index required"),
    ("row", "", ""),
    ("rule", "检查方法", "what the sets are held against"),
    ("scope", "适用范围", "scope"),
    ("shutoff_head_pct", "关死点扬程允差", "head at shut-off"),
    ("spacing_s", "组间最短时间", "least time between sets"),
    (
        "spare_points",
        "次数须比点数少",
        "degree below the number of points by",
    ),
    ("stages", "级数", "stages"),
    ("stages_tested", "代表级数", "stages of the tested pump"),
    ("subtrahend", "减数", "subtrahend"),
    ("suction_eyes", "吸入口数", "suction eyes"),
    ("surface", "对数二次式", "quadratic"),
    ("taken_off", "减去的常数 C", "constant C taken off"),
    ("thd_pct", "电压总谐波畸变率", "voltage distortion"),
    (
        "to_fill",
        "待实验室填写",
        "to be filled in by the laboratory",
    ),
    (
        "type_number",
        "不需复试的型式数 K",
        "type number K without a new test",
    ),
    (
        "type_test_minimum",
        "型式试验最少点数",
        "least number, type test",
    ),
    (
        "type_test_minimum_mixed_axial",
        "混流、轴流泵型式试验最少点数",
        "least number, type test of mixed-flow and axial pumps",
    ),
    ("unbalance_pct", "负序电压", "negative sequence"),
    ("up_to", "不大于", "up to"),
    ("up_to_kw", "功率不大于", "power up to"),
    ("variable", "所依据的功率", "which power"),
    (
        "variable_power",
        "可变负荷轴功率比",
        "shaft power at variable load, share",
    ),
    ("voltage_pct", "电压偏差，正负", "voltage, either way"),
    ("within_s", "时间", "time"),
];

const CHOICES: &[Words] = &[
    (
        "tolerance_cross",
        "十字判据：两臂之一与曲线相交即可",
        "tolerance cross: one arm met is enough",
    ),
    (
        "head_at_rated_flow",
        "只判额定流量下的扬程",
        "head at the rated flow alone",
    ),
    ("ellipse", "椭圆判据", "ellipse"),
    (
        "origin_line",
        "原点与保证点连线和曲线的交点",
        "where the line from the origin meets the curve",
    ),
    ("at_specified_flow", "规定流量处", "at the specified flow"),
    ("at_bep", "最高效率点处", "at best efficiency"),
    ("simple_acceptance", "简单接受", "simple acceptance"),
    (
        "max_shaft_power",
        "工作范围内最大轴功率",
        "largest shaft power in operation",
    ),
    ("driver_input", "原动机输入功率", "input of the driver"),
    (
        "student_t",
        "t 分布与总不确定度",
        "Student's t against the overall uncertainty",
    ),
    ("spread_table", "偏差表", "table of spreads"),
    ("full_value", "全数值比较", "full value"),
    (
        "from_head_and_power",
        "由拟合的 H 与 P 算出",
        "from the fitted head and power",
    ),
    ("fitted", "单独拟合", "fitted by itself"),
    (
        "outlet_head",
        "出口扬程的波动限值",
        "the fluctuation limit of the outlet head",
    ),
    (
        "total_head",
        "总扬程的波动限值",
        "the fluctuation limit of the total head",
    ),
    ("unit_efficiency", "机组效率", "unit efficiency"),
    ("pump_efficiency", "泵效率", "pump efficiency"),
    ("plain", "自变量本身", "the abscissa itself"),
    ("logarithm", "自变量的自然对数", "its natural logarithm"),
    ("one", "单级", "one"),
    ("several", "多级", "several"),
    ("input_power", "输入功率", "input power"),
    ("current", "电流", "current"),
    ("power_factor", "功率因数", "power factor"),
    ("speed", "转速", "speed"),
    ("slip", "转差率", "slip"),
];

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::{FORMULAS, KEYS, SECTIONS, knows, section};
    use crate::embedded;

    #[test]
    fn every_section_and_key_of_every_shipped_pack_has_its_words() {
        let packs = embedded::packs().unwrap();
        let mut used: Vec<String> = Vec::new();
        for pack in packs.values() {
            for entry in pack.entries() {
                let name = entry.section();
                assert!(section(name).is_some(), "{} [{name}]", pack.id);
                for key in entry.keys.iter().skip(1) {
                    assert!(knows(name, key), "{} [{name}] {key}", pack.id);
                    used.push(format!("{name}.{key}"));
                }
            }
        }
        // A shipped pack has none yet; a laboratory's has it once the product standard is at hand.
        used.push("energy_type.tolerance".to_owned());
        // And no word stands for nothing.
        for (key, ..) in KEYS {
            let is = |used: &String| used == key || used.ends_with(&format!(".{key}"));
            assert!(used.iter().any(is), "{key}");
        }
        for (name, _) in FORMULAS {
            assert!(SECTIONS.iter().any(|(known, ..)| known == name), "{name}");
        }
    }
}
