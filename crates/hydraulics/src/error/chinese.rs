//! Chinese for the closed vocabulary of the errors: names of quantities, permitted ranges,
//! cures. A phrase that is not here stays English rather than wrong; a test holds that every
//! phrase of the crate's own checks is here.

/// A quantity, its unit left as it is.
pub(super) fn quantity(name: &str) -> String {
    let (base, unit) = match name.split_once(" in ") {
        Some((base, unit)) => (base, Some(unit)),
        None => (name, None),
    };
    match (find(QUANTITIES, name), find(QUANTITIES, base), unit) {
        (Some(whole), ..) => whole.to_owned(),
        (None, Some(base), Some(unit)) => format!("{base}（{unit}）"),
        (None, Some(base), None) => base.to_owned(),
        (None, None, _) => name.to_owned(),
    }
}

/// What a value must be.
pub(super) fn must(text: &str) -> String {
    if let Some(known) = find(MUST, text) {
        return known.to_owned();
    }
    let bounds = text.strip_prefix("between ").map(|t| t.split_once(" and "));
    match bounds.flatten() {
        Some((low, high)) => format!("在 {low} 与 {high} 之间"),
        None => text.to_owned(),
    }
}

/// What to change.
pub(super) fn advice(text: &str) -> String {
    find(ADVICE, text).unwrap_or(text).to_owned()
}

fn find(table: &[(&str, &'static str)], text: &str) -> Option<&'static str> {
    let row = table.iter().find(|(en, _)| *en == text);
    row.map(|(_, zh)| *zh)
}

const MUST: &[(&str, &str)] = &[
    ("a finite number", "有限的数"),
    ("a finite number above 0", "大于 0 的有限数"),
    ("a finite number, 0 or above", "不小于 0 的有限数"),
    ("1 or more, or infinite", "不小于 1，或无穷大"),
    ("1 or more", "不小于 1"),
    ("1 or 2", "1 或 2"),
    ("up to 100", "不大于 100"),
    (
        "no longer than the window of the fluctuation test",
        "不长于波动试验的窗口",
    ),
    ("above the one before it", "大于前一个"),
    (
        "within the permitted fluctuation of the flow",
        "在流量允许波动之内",
    ),
    ("at least what the standard asks for", "不小于标准要求"),
    (
        "given with the cause it was discarded for",
        "随作废原因给出",
    ),
    ("inside the column of the pack", "在标准包该列范围之内"),
    ("above 0 and at most 1 (100 %)", "大于 0、不大于 1（100 %）"),
    (
        "above the expression's offset and at most 1 (100 %)",
        "大于该式的常数项、不大于 1（100 %）",
    ),
    ("above 0 and at most 1250", "大于 0、不大于 1250"),
    ("above 0 and at most 1300", "大于 0、不大于 1300"),
    ("above 0 and at most 1", "大于 0、不大于 1"),
    (
        "between the vapour pressure at that temperature and 100 MPa",
        "在该温度的汽化压力与 100 MPa 之间",
    ),
    (
        "between the saturation pressure at that temperature and 100 MPa",
        "在该温度的饱和压力与 100 MPa 之间",
    ),
    ("between 0 and the supply frequency", "在 0 与电源频率之间"),
    (
        "between 0 and the constant loss at rated voltage",
        "在 0 与额定电压下的恒定损耗之间",
    ),
    (
        "above the inlet edge diameter and at most the tested one",
        "大于进口边直径、不大于试验直径",
    ),
    (
        "at most the largest rating of the pack's table",
        "不大于标准包表中的最大额定值",
    ),
    (
        "above 0 and below the input; check resistance, current and no-load losses",
        "大于 0、小于输入功率；请核对电阻、电流和空载损耗",
    ),
    (
        "at most half the distance of the limits",
        "不大于两限值间距的一半",
    ),
    (
        "1, 2 or 5 times a power of ten, like 0.1, 0.5, 2",
        "10 的整数次幂的 1、2 或 5 倍，如 0.1、0.5、2",
    ),
    (
        "a decimal number, like -12.50 or 3e-6",
        "十进制数，如 -12.50 或 3e-6",
    ),
    ("no larger than the upper limit", "不大于上限"),
];

const ADVICE: &[(&str, &str)] = &[
    (
        "give one point of the test near each share the pack lists",
        "在标准包所列各流量比例附近各给出一个试验点",
    ),
    (
        "check the channel's scaling and unit, and the order's data",
        "请核对通道的量程换算和单位，以及委托单数据",
    ),
    (
        "give a motor rating of the pack's table",
        "请给出标准包表中的电机额定功率",
    ),
    (
        "correct it, or choose another class of pumps",
        "请更正，或选用另一类泵",
    ),
    (
        "reduce the damping in the transmitter, or lengthen the window",
        "请减小变送器阻尼，或加长窗口",
    ),
    (
        "sort the calibration by input and remove doubles",
        "请按输入功率排序并去掉重复值",
    ),
    (
        "hold the flow with the outlet valve, or correct each head to the nominal flow along H(Q)",
        "请用出口阀保持流量，或沿 H(Q) 将各扬程修正到公称流量",
    ),
    (
        "take the sets further apart, at irregular intervals",
        "请加大各组间隔，且间隔不规则",
    ),
    (
        "name the cause; a set is never dropped without one",
        "请写明原因；没有原因的整组读数不得舍弃",
    ),
    (
        "nothing is extrapolated; declare the specified efficiency in the order",
        "不外推；请在委托单中写明规定效率",
    ),
    (
        "test nearer to the specified speed",
        "请在更接近规定转速下试验",
    ),
    (
        "test nearer to the specified speed, or agree an exponent",
        "请在更接近规定转速下试验，或约定指数",
    ),
    (
        "test at the rated supply, or agree how deviations are treated",
        "请在额定电源下试验，或约定偏差的处理",
    ),
    ("exchange the limits", "请对调两个限值"),
    (
        "reduce the uncertainty, or agree another decision rule",
        "请减小不确定度，或约定其他判定规则",
    ),
];

const QUANTITIES: &[(&str, &str)] = &[
    ("NPSH", "汽蚀余量"),
    ("NPSH3", "NPSH3"),
    ("NPSH available", "装置汽蚀余量"),
    ("NPSH curve", "汽蚀曲线"),
    ("NPSH exponent", "汽蚀余量换算指数"),
    ("Reynolds number", "雷诺数"),
    ("Student factor", "t 分布因子"),
    ("absolute water pressure", "水的绝对压力"),
    ("absorbed power", "吸收功率"),
    ("altitude", "海拔"),
    ("ambient pressure", "环境压力"),
    ("amplitude limit", "波动限值"),
    ("amplitude of fluctuation", "波动幅度"),
    ("bore", "管内径"),
    ("cable length", "电缆长度"),
    (
        "cable length the guarantee includes",
        "保证条件包含的电缆长度",
    ),
    ("cable loss", "电缆损耗"),
    ("cable resistance", "电缆电阻"),
    ("calibrated motor input", "标定的电机输入功率"),
    (
        "change of the flow over the NPSH test in % of its mean",
        "汽蚀试验中流量变化占平均值的 %",
    ),
    ("coefficient of a term", "某项的系数"),
    ("coefficient of the fit", "拟合系数"),
    ("coefficient of the linear fit", "线性拟合系数"),
    ("coefficient of the spline", "样条系数"),
    ("cold winding resistance", "绕组冷态电阻"),
    ("cold winding temperature", "绕组冷态温度"),
    ("combined variance", "合成方差"),
    ("conductor temperature", "导体温度"),
    ("constant C", "常数 C"),
    ("constant loss at rated voltage", "额定电压下的恒定损耗"),
    ("coolant temperature", "冷却介质温度"),
    ("core area", "线芯截面积"),
    ("core resistance", "线芯电阻"),
    ("corrected Akaike criterion", "修正的赤池准则"),
    ("coverage factor", "包含因子"),
    ("coverage probability", "包含概率"),
    ("current", "电流"),
    (
        "degree by the corrected Akaike criterion",
        "按修正的赤池准则选取的次数",
    ),
    ("degrees of freedom", "自由度"),
    ("density", "密度"),
    ("density ratio", "密度比"),
    ("derivative of the efficiency", "效率的导数"),
    ("derivative of the head", "扬程的导数"),
    ("deviation", "偏差"),
    ("difference of curve and line", "曲线与直线之差"),
    ("drift", "漂移"),
    ("drift limit", "漂移限值"),
    ("drop of the head", "扬程下降"),
    ("efficiency", "效率"),
    (
        "efficiency of the quadratic in logarithms",
        "对数二次式的效率",
    ),
    ("elevation", "标高"),
    ("estimate of an input", "输入量的估计值"),
    ("expanded uncertainty", "扩展不确定度"),
    ("floor of fluctuation", "波动下限"),
    ("flow", "流量"),
    ("flow at best efficiency", "最高效率点流量"),
    ("flow of the measured loss", "测得损失时的流量"),
    ("fluctuation of the flow", "流量波动"),
    ("friction and windage loss", "风摩损耗"),
    ("friction factor", "摩擦系数"),
    ("friction head", "摩擦损失水头"),
    ("friction threshold", "摩擦损失计入界限"),
    ("gauge pressure", "表压"),
    ("gravity", "重力加速度"),
    ("guaranteed NPSH", "保证的汽蚀余量"),
    ("guaranteed efficiency", "保证效率"),
    ("guaranteed flow", "保证流量"),
    ("guaranteed head", "保证扬程"),
    ("guaranteed power", "保证功率"),
    ("guaranteed shut-off head", "保证的关死点扬程"),
    ("guaranteed value", "保证值"),
    ("guard band", "保护带"),
    ("head", "扬程"),
    ("hot winding resistance", "绕组热态电阻"),
    ("hydraulic power", "水功率"),
    ("inlet edge diameter", "进口边直径"),
    ("iron loss", "铁耗"),
    ("kinematic viscosity", "运动黏度"),
    ("largest reading", "最大读数"),
    ("latitude", "纬度"),
    ("length of the window", "窗口长度"),
    ("limit", "限值"),
    ("limit of NPSH", "汽蚀余量限值"),
    ("limit of an energy grade", "能效等级限值"),
    ("limit of the plateau", "平台段限值"),
    ("limit to decide by", "判定限值"),
    ("line current", "线电流"),
    ("line through the origin", "过原点直线"),
    ("line voltage", "线电压"),
    ("linear fit", "线性拟合"),
    ("loss coefficient", "局部阻力系数"),
    ("loss of head", "水头损失"),
    ("lower deviation of the unit efficiency", "机组效率下偏差"),
    ("mean", "平均值"),
    ("mean flow", "平均流量"),
    ("mean of the draws", "抽样平均值"),
    ("mean velocity", "平均流速"),
    ("measured loss", "测得的损失"),
    ("measured value", "测得值"),
    ("monotone spline", "保单调样条"),
    ("motor efficiency", "电机效率"),
    ("motor input", "电机输入功率"),
    ("no-load power", "空载功率"),
    ("no-load voltage", "空载电压"),
    ("number of a discarded set", "作废组的编号"),
    ("number of draws", "抽样次数"),
    ("number of pole pairs", "极对数"),
    ("number of stages", "级数"),
    ("number of suction eyes", "吸入口数"),
    ("numerical tolerance", "数值容差"),
    ("parabola through the guarantee", "过保证点抛物线"),
    ("permitted fluctuation of the flow", "流量允许波动"),
    ("pipe length", "管长"),
    ("pipe roughness", "管壁粗糙度"),
    ("polynomial fit", "多项式拟合"),
    ("power", "功率"),
    ("power factor", "功率因数"),
    (
        "power in W for the rule for small pumps",
        "小功率泵规则所用的功率（W）",
    ),
    ("predictor of the linear fit", "线性拟合的自变量"),
    ("pressure head", "压力水头"),
    ("probability of conformity", "符合概率"),
    ("pump efficiency", "泵效率"),
    ("pump energy index", "泵能效指数"),
    ("random uncertainty", "随机不确定度"),
    (
        "random uncertainty in % of the mean",
        "随机不确定度占平均值的 %",
    ),
    ("rated current", "额定电流"),
    ("rated input", "额定输入功率"),
    ("rated motor output", "电机额定输出功率"),
    ("rated motor power", "电机额定功率"),
    ("rated output", "额定输出功率"),
    ("rated shaft power", "额定轴功率"),
    ("rated voltage", "额定电压"),
    ("reduced impeller diameter", "切割后的叶轮直径"),
    ("reference temperature", "基准温度"),
    ("reference value", "基准值"),
    ("relative roughness", "相对粗糙度"),
    ("replicate of a fit", "拟合的重复抽样"),
    ("required NPSH", "必需汽蚀余量"),
    ("resistance", "电阻"),
    ("resistivity", "电阻率"),
    ("result of the measurement model", "测量模型的结果"),
    ("root mean square of the residuals", "残差均方根"),
    ("root sum of squares", "方和根"),
    ("saturation pressure", "饱和压力"),
    ("shaft power of the regression", "回归所得轴功率"),
    (
        "share of the flow at best efficiency",
        "占最高效率点流量的比例",
    ),
    ("saturation temperature", "饱和温度"),
    ("sensitivity coefficient", "灵敏系数"),
    ("settling time", "稳定时间"),
    ("shaft power", "轴功率"),
    (
        "shaft power the motor is chosen by, in hp",
        "选配电机所依据的轴功率（hp）",
    ),
    ("significant digits", "有效数字位数"),
    ("slip", "转差率"),
    ("slip frequency", "转差频率"),
    ("slope of the line through the origin", "过原点直线的斜率"),
    ("slope of the origin line", "过原点直线的斜率"),
    ("slope over time", "随时间的斜率"),
    ("specific speed", "比转数"),
    ("specified efficiency", "规定效率"),
    ("specified speed or frequency", "规定转速或频率"),
    (
        "specified speed, frequency or voltage",
        "规定转速、频率或电压",
    ),
    ("specified unit efficiency", "机组规定效率"),
    ("speed", "转速"),
    ("speed in % of specified", "转速占规定转速的 %"),
    ("speed limit", "转速限值"),
    ("speed of sound", "声速"),
    ("speed ratio", "转速比"),
    (
        "speed, frequency or voltage of the test",
        "试验的转速、频率或电压",
    ),
    ("spread", "极差"),
    ("spread of the plateau", "平台段的离散"),
    ("standard deviation", "标准差"),
    ("standard deviation of the draws", "抽样标准差"),
    ("standard deviation of the residuals", "残差标准差"),
    ("standard error of the curve", "曲线的标准误差"),
    ("standard error of the linear fit", "线性拟合的标准误差"),
    ("standard error of the slope", "斜率的标准误差"),
    ("standard uncertainty", "标准不确定度"),
    ("stator copper loss", "定子铜耗"),
    ("steadiness", "稳定性"),
    ("stray load loss", "杂散损耗"),
    ("suction specific speed", "汽蚀比转数"),
    ("supply frequency", "电源频率"),
    ("synchronous speed", "同步转速"),
    ("temperature rise", "温升"),
    ("test speed or frequency", "试验转速或频率"),
    ("tested impeller diameter", "试验叶轮直径"),
    ("the mean of repeated sets", "重复组的平均值"),
    ("time after switch-off", "断电后时间"),
    ("time between two sets of readings", "两组读数的间隔"),
    ("time constant", "时间常数"),
    ("time of a set", "某组读数的时刻"),
    ("time since the valve moved", "阀门动作后的时间"),
    ("tolerance", "容差"),
    ("tolerance in percentage points", "容差（百分点）"),
    ("top of a trapezium over its base", "梯形分布上底与下底之比"),
    ("torque", "转矩"),
    ("total head", "总扬程"),
    ("translated NPSH", "换算后的汽蚀余量"),
    ("translated flow", "换算后的流量"),
    ("translated head", "换算后的扬程"),
    ("translated power", "换算后的功率"),
    ("trim ratio", "切割比"),
    ("trimmed flow", "切割后的流量"),
    ("trimmed head", "切割后的扬程"),
    ("trimmed power", "切割后的功率"),
    ("type number", "型式数"),
    ("type number K", "型式数 K"),
    ("uncertainty contribution", "不确定度分量"),
    ("uncertainty of an input", "输入量的不确定度"),
    ("uncertainty of the loss", "损失的不确定度"),
    ("unit efficiency", "机组效率"),
    ("value of the curve", "曲线的值"),
    ("value to compare", "待比较的值"),
    ("value to decide on", "待判定的值"),
    ("value to solve the curve for", "曲线求解的目标值"),
    ("vapour pressure", "汽化压力"),
    ("velocity", "流速"),
    ("velocity head", "速度水头"),
    ("voltage drop", "电压降"),
    ("voltage unbalance", "电压不平衡度"),
    ("water density", "水的密度"),
    ("water pressure", "水的压力"),
    ("water temperature", "水温"),
    ("weight of a point", "点的权重"),
    ("winding resistance", "绕组电阻"),
    ("winding temperature", "绕组温度"),
    ("power on its fitted curve, W", "拟合曲线上的功率（W）"),
    ("absolute pressure at the inlet", "入口绝对压力"),
    ("elevation of the water surface", "水面标高"),
    (
        "efficiency of the pump that just complies, in %",
        "刚好合格的泵的效率（%）",
    ),
    ("flow, head and power", "流量、扬程和功率"),
    ("a unit to its rated frequency", "机组（到额定频率）"),
    ("a unit at this voltage", "该电压下的机组"),
    ("lower limit", "下限"),
    ("width of the guard band", "保护带宽度"),
];

#[cfg(test)]
mod tests {
    use super::{advice, must, quantity};

    /// Every phrase that stands in the sources as the first argument of a check, or as `must`.
    #[test]
    fn no_phrase_of_a_check_is_without_chinese() {
        let mut folders = vec![std::path::PathBuf::from(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/src"
        ))];
        let (mut seen, mut missing) = (0, Vec::new());
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                if path.ends_with("chinese.rs") {
                    continue;
                }
                let text = std::fs::read_to_string(&path).unwrap_or_default();
                for (open, translate) in [
                    ("check::positive(", quantity as fn(&str) -> String),
                    ("check::not_negative(", quantity),
                    ("check::finite(", quantity),
                    ("check::between(", quantity),
                    ("check::result(", quantity),
                    ("check::column(", quantity),
                    ("quantity: ", quantity),
                    ("must: ", must),
                    ("let must = ", must),
                    ("advice: ", advice),
                    ("let advice = ", advice),
                ] {
                    for rest in text.split(open).skip(1) {
                        let rest = rest.trim_start();
                        let Some(phrase) = rest.strip_prefix('"').and_then(|r| r.split('"').next())
                        else {
                            continue;
                        };
                        seen += 1;
                        if translate(phrase) == phrase && !phrase.is_empty() && phrase != "NPSH3" {
                            missing.push(phrase.to_owned());
                        }
                    }
                }
            }
        }
        assert!(seen > 150, "{seen} phrases found");
        assert!(missing.is_empty(), "{missing:#?}");
    }
}
