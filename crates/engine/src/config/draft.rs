//! A new order, annotated, with what is not known yet marked as still to be filled.
//!
//! Owns: the mark [`UNFILLED`] and the text of a new order. Promises: a text without the
//! mark reads as an [`Order`](super::Order); one with it is refused, each place named.

use dutypoint_model::toml_text::TextError;
use dutypoint_model::{Bilingual, Measure, Quantity};

/// Stands where somebody has yet to write something.
pub const UNFILLED: &str = "待填 FILL IN";

/// Every key of `text` that still holds the mark, with its line counted from one.
#[must_use]
pub fn unfilled(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut table = String::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim_start();
        if let Some(name) = line
            .strip_prefix('[')
            .filter(|_| line.trim_end().ends_with(']'))
        {
            let name = name.trim_end().trim_matches(['[', ']']);
            table = format!("{name}.");
        } else if !line.starts_with('#') && line.contains(UNFILLED) {
            let key = line.split('=').next().unwrap_or_default();
            let key = key.trim_matches(['{', ' ']);
            found.push((index + 1, format!("{table}{key}")));
        }
    }
    found
}

/// What [`unfilled`] found, in words.
#[must_use]
pub fn named(found: &[(usize, String)]) -> String {
    let places = found.iter();
    let places: Vec<String> = places
        .map(|(line, key)| format!("{key} (line {line})"))
        .collect();
    places.join(", ")
}

/// The refusal of a text that still holds the mark.
pub(super) fn refusal(file: &str, text: &str) -> Option<TextError> {
    let found = unfilled(text);
    let (line, _) = found.first()?;
    Some(TextError {
        file: file.to_owned(),
        line: Some(*line),
        message: format!("still to be filled: {}", named(&found)),
    })
}

/// What is known of a new order. What is `None` and needed becomes a mark; what is `None`
/// and optional becomes a comment that shows how it is written.
#[derive(Clone, Debug, Default)]
pub struct OrderDraft {
    /// Whether the test was recorded elsewhere.
    pub import: bool,
    /// Order number.
    pub number: Option<String>,
    /// Who ordered.
    pub customer: Option<Bilingual>,
    /// Who made the specimen.
    pub manufacturer: Option<Bilingual>,
    /// Kind of product.
    pub product: Option<Bilingual>,
    /// Model as on the nameplate.
    pub model: Option<String>,
    /// Serial number.
    pub serial: Option<String>,
    /// Stages.
    pub stages: Option<u32>,
    /// Rated motor power.
    pub motor_power: Option<Measure>,
    /// Rated voltage.
    pub voltage: Option<Measure>,
    /// Rated frequency.
    pub frequency: Option<Measure>,
    /// Pole pairs of the motor.
    pub pole_pairs: Option<u32>,
    /// Rated speed.
    pub speed: Option<Measure>,
    /// Id of the judging pack.
    pub pack: Option<String>,
    /// Grades the pack has, for the comment.
    pub grades: Vec<String>,
    /// Acceptance grade.
    pub grade: Option<String>,
    /// Ids of further packs.
    pub method: Vec<String>,
    /// Guaranteed flow.
    pub flow: Option<Measure>,
    /// Guaranteed head.
    pub head: Option<Measure>,
    /// Guaranteed efficiency: of the unit on a bench, of the pump for an import.
    pub efficiency: Option<Measure>,
    /// Guaranteed power.
    pub power: Option<Measure>,
    /// Where the guaranteed numbers come from.
    pub declared_by: Option<Bilingual>,
    /// Who ran the imported test.
    pub tested_by: Option<Bilingual>,
    /// Where the imported table comes from.
    pub source: Option<String>,
    /// Gravity used, m/s².
    pub gravity_m_s2: Option<f64>,
    /// Density of the liquid in the test, kg/m³.
    pub test_density_kg_m3: Option<f64>,
    /// Bore at the inlet tap.
    pub inlet_bore: Option<Measure>,
    /// Bore at the outlet tap.
    pub outlet_bore: Option<Measure>,
    /// Height of the outlet gauge above the inlet gauge.
    pub gauge_height_difference: Option<Measure>,
    /// How the readings were taken to be meant.
    pub reading_rule: Option<Bilingual>,
}

impl OrderDraft {
    /// Refuses a measure of another quantity, naming it.
    ///
    /// # Errors
    /// A text that says which and what would do.
    pub fn check(&self) -> Result<(), String> {
        for (key, measure, quantity) in [
            ("motor_power", &self.motor_power, Quantity::Power),
            ("voltage", &self.voltage, Quantity::Voltage),
            ("frequency", &self.frequency, Quantity::Frequency),
            ("speed", &self.speed, Quantity::Speed),
            ("flow", &self.flow, Quantity::Flow),
            ("head", &self.head, Quantity::Length),
            ("efficiency", &self.efficiency, Quantity::Ratio),
            ("power", &self.power, Quantity::Power),
            ("inlet_bore", &self.inlet_bore, Quantity::Length),
            ("outlet_bore", &self.outlet_bore, Quantity::Length),
            (
                "gauge_height_difference",
                &self.gauge_height_difference,
                Quantity::Length,
            ),
        ] {
            if let Some(measure) = measure {
                measure
                    .internal(quantity)
                    .map_err(|why| format!("{key}: {why}"))?;
            }
        }
        Ok(())
    }

    /// The order as annotated TOML.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let mut out = Out(String::new());
        out.note(
            "委托单。带“待填”的地方都要填写，填完后检查：",
            "An order. Fill in every place marked so, then check it:",
        );
        out.0.push_str("#   dutypoint config check FILE\n");
        out.note(
            "带单位的数写成 \"32 m3/h\"；双语文字写成 { zh = \"…\", en = \"…\" }。",
            "A number with its unit is written \"32 m3/h\"; text in two languages { zh = \"…\", en = \"…\" }.",
        );
        out.gap();
        out.note("委托单编号", "order number");
        out.need("number", quote(&self.number), "\"W-2026-0001\"");
        out.table("customer", "委托单位", "who ordered the test");
        out.need("name", both(&self.customer), "{");
        out.spare("address = { zh = \"地址\", en = \"address\" }");
        out.table("manufacturer", "生产单位", "who made the specimen");
        out.need("name", both(&self.manufacturer), "{");
        out.spare("address = { zh = \"地址\", en = \"address\" }");
        self.specimen(&mut out);
        self.guarantee(&mut out);
        out.gap();
        out.note(
            "拟合次数：仅当数据包没有规定，或试验前另有约定时填写",
            "degrees of the fit: only where the pack states none, or others were agreed before the test",
        );
        for line in [
            "[fit]",
            "head_degree = 4",
            "power_degree = 4",
            "reason = { zh = \"…\", en = \"…\" }",
        ] {
            out.spare(line);
        }
        if self.import {
            self.method(&mut out);
        } else {
            out.table(
                "programme",
                "试验大纲：以规定流量为 1，按顺序试验",
                "programme: shares of the guaranteed flow, in order",
            );
            out.0
                .push_str("name = { zh = \"型式试验（13 点）\", en = \"Type test, 13 points\" }\n");
            out.0.push_str(
                "flows = [0.0, 0.15, 0.3, 0.45, 0.6, 0.7, 0.8, 0.9, 0.97, 1.03, 1.1, 1.2, 1.3]\n",
            );
        }
        out.0
    }

    fn specimen(&self, out: &mut Out) {
        out.table(
            "specimen",
            "样品，照铭牌填写",
            "the pump under test, as on its nameplate",
        );
        out.need("product", both(&self.product), "{");
        out.need("model", quote(&self.model), "\"200QJ32-104/8\"");
        out.need("serial", quote(&self.serial), "\"0001\"");
        out.spare("sample = \"S-0001\"");
        out.spare("received = \"2026-11-02\"");
        out.may("stages", self.stages.map(|n| n.to_string()), "8");
        if self.import {
            out.may("speed", measure(&self.speed), "\"2900 r/min\"");
            return;
        }
        out.may("motor_power", measure(&self.motor_power), "\"15 kW\"");
        out.note(
            "额定电压、频率：超出允许偏差则不作评价",
            "rated voltage and frequency: outside their windows nothing is evaluated",
        );
        out.need("voltage", measure(&self.voltage), "\"380 V\"");
        out.need("frequency", measure(&self.frequency), "\"50 Hz\"");
        out.0.push_str("phases = 3\n");
        out.note(
            "电机极对数（2 极电机为 1），用于由转差频率求转速",
            "pole pairs of the motor (1 for two poles), for the speed from the slip frequency",
        );
        out.need("pole_pairs", self.pole_pairs.map(|n| n.to_string()), "1");
    }

    fn guarantee(&self, out: &mut Out) {
        out.table(
            "guarantee",
            "保证值及判定依据",
            "what is guaranteed and how it is judged",
        );
        out.note("判定用的标准数据包", "standard pack to judge by");
        out.need("pack", quote(&self.pack), "\"gbt3216-2016\"");
        let grades = self.grades.join(", ");
        out.note(
            &format!("验收等级 {grades}"),
            &format!("acceptance grade {grades}"),
        );
        out.need("grade", quote(&self.grade), "\"2B\"");
        if !self.method.is_empty() {
            let ids: Vec<String> = self.method.iter().map(|id| string(id)).collect();
            out.note("试验方法的数据包", "packs of the test method");
            out.0.push_str(&format!("method = [{}]\n", ids.join(", ")));
        }
        out.need("flow", measure(&self.flow), "\"32 m3/h\"");
        out.need("head", measure(&self.head), "\"104 m\"");
        let efficiency = if self.import {
            "pump_efficiency"
        } else {
            "unit_efficiency"
        };
        out.note(
            "只在确有保证时填写效率、功率",
            "efficiency and power only where they are guaranteed",
        );
        out.may(efficiency, measure(&self.efficiency), "\"60 %\"");
        out.may("power", measure(&self.power), "\"15 kW\"");
        out.note(
            "保证值的出处，印在报告上",
            "where the guaranteed numbers come from; printed",
        );
        out.need("declared_by", both(&self.declared_by), "{");
    }

    fn method(&self, out: &mut Out) {
        out.table(
            "import",
            "别处所做试验的读法",
            "how a test recorded elsewhere is to be read",
        );
        out.need("tested_by", both(&self.tested_by), "{");
        out.note("数据表的来源", "where the table comes from");
        out.need("source", quote(&self.source), "\"report 12 of 2026-03-12\"");
        out.note(
            "所用重力加速度 m/s2、试验液体密度 kg/m3",
            "gravity used, m/s2; density of the liquid in the test, kg/m3",
        );
        out.need("gravity_m_s2", self.gravity_m_s2.map(number), "9.797");
        out.need(
            "test_density_kg_m3",
            self.test_density_kg_m3.map(number),
            "998.2",
        );
        out.note(
            "功率所指液体的密度 kg/m3，功率按比值换算",
            "density power is stated for, kg/m3; power is scaled by the ratio",
        );
        out.spare("service_density_kg_m3 = 833.5");
        out.note(
            "测压截面内径；出口表高出进口表的高度",
            "bores at the taps; height of the outlet gauge above the inlet gauge",
        );
        out.need("inlet_bore", measure(&self.inlet_bore), "\"80 mm\"");
        out.need("outlet_bore", measure(&self.outlet_bore), "\"65 mm\"");
        out.need(
            "gauge_height_difference",
            measure(&self.gauge_height_difference),
            "\"0.75 m\"",
        );
        out.note(
            "读数的含义，印在报告上（如：压力为表压，真空为负）",
            "how the readings are meant; printed (as in: gauge pressures, a vacuum negative)",
        );
        out.need("reading_rule", both(&self.reading_rule), "{");
        out.note(
            "数据表各列；表头写成 Q [m3/h]",
            "columns of the table; a header cell reads Q [m3/h]",
        );
        out.0.push_str("column = [\n");
        for (header, role) in [
            ("Q", "flow"),
            ("p1", "inlet_pressure"),
            ("p2", "outlet_pressure"),
            ("P", "shaft_power"),
            ("n", "speed"),
        ] {
            out.0.push_str(&format!(
                "  {{ header = \"{header}\", role = \"{role}\" }},\n"
            ));
        }
        out.0.push_str("]\n");
    }
}

struct Out(String);

impl Out {
    fn gap(&mut self) {
        self.0.push('\n');
    }

    fn note(&mut self, zh: &str, en: &str) {
        self.0.push_str(&format!("# {zh} · {en}\n"));
    }

    fn table(&mut self, name: &str, zh: &str, en: &str) {
        self.gap();
        self.note(zh, en);
        self.0.push_str(&format!("[{name}]\n"));
    }

    /// Something that must be there; while it is not, a comment behind the mark shows how
    /// it is written.
    fn need(&mut self, key: &str, value: Option<String>, example: &str) {
        match value {
            Some(value) => self.0.push_str(&format!("{key} = {value}\n")),
            None if example.starts_with('{') => {
                let mark = string(UNFILLED);
                self.0
                    .push_str(&format!("{key} = {{ zh = {mark}, en = {mark} }}\n"));
            }
            None => {
                let mark = string(UNFILLED);
                self.0
                    .push_str(&format!("{key} = {mark} # 例 as in: {example}\n"));
            }
        }
    }

    /// Something that may be left out: a comment shows how it is written.
    fn may(&mut self, key: &str, value: Option<String>, example: &str) {
        match value {
            Some(value) => self.need(key, Some(value), example),
            None => self.spare(&format!("{key} = {example}")),
        }
    }

    fn spare(&mut self, line: &str) {
        self.0.push_str(&format!("# {line}\n"));
    }
}

/// A basic string of TOML; its escapes are a superset of JSON's.
fn string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn quote(text: &Option<String>) -> Option<String> {
    text.as_deref().map(string)
}

fn both(text: &Option<Bilingual>) -> Option<String> {
    let text = text.as_ref()?;
    Some(format!(
        "{{ zh = {}, en = {} }}",
        string(&text.zh),
        string(&text.en)
    ))
}

fn measure(measure: &Option<Measure>) -> Option<String> {
    measure.map(|m| string(&m.to_string()))
}

/// A float of TOML has a point.
fn number(value: f64) -> String {
    format!("{value:?}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Order;

    fn text(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    fn two(zh: &str, en: &str) -> Option<Bilingual> {
        Some(Bilingual::new(zh, en))
    }

    fn measured(text: &str) -> Option<Measure> {
        Some(text.parse().unwrap())
    }

    /// The order of the demo, 200QJ32-104/8.
    fn filled() -> OrderDraft {
        OrderDraft {
            number: text("W-2026-\"7\"\\"),
            customer: two("用户", "customer"),
            manufacturer: two("泵厂", "works"),
            product: two("井用潜水电泵", "Well submersible motor-pump"),
            model: text("200QJ32-104/8"),
            serial: text("0001"),
            voltage: measured("380 V"),
            frequency: measured("50 Hz"),
            pole_pairs: Some(1),
            pack: text("gbt3216-2016"),
            grade: text("2B"),
            flow: measured("32 m3/h"),
            head: measured("104 m"),
            declared_by: two("委托方声明", "declared by the customer"),
            ..OrderDraft::default()
        }
    }

    #[test]
    fn an_order_with_everything_given_is_read_back_as_it_was_meant() {
        let toml = filled().to_toml();
        assert_eq!(unfilled(&toml), []);
        let order = Order::parse("new.toml", &toml).unwrap();
        assert_eq!(order.number, "W-2026-\"7\"\\");
        assert_eq!(order.specimen.model, "200QJ32-104/8");
        assert_eq!(order.guarantee.flow, "32 m3/h".parse().unwrap());
        assert_eq!(order.guarantee.unit_efficiency, None);
        assert_eq!(order.programme.unwrap().flows.len(), 13);

        let import = OrderDraft {
            import: true,
            tested_by: two("泵厂", "works"),
            source: text("report 12"),
            gravity_m_s2: Some(9.81),
            test_density_kg_m3: Some(1000.0),
            inlet_bore: measured("3 in"),
            outlet_bore: measured("2 in"),
            gauge_height_difference: measured("0 m"),
            reading_rule: two("表压", "gauge pressures"),
            efficiency: measured("59.5 %"),
            ..filled()
        };
        let order = Order::parse("new.toml", &import.to_toml()).unwrap();
        assert_eq!(order.import.unwrap().column.len(), 5);
        assert!(order.guarantee.pump_efficiency.is_some());
    }

    #[test]
    fn every_place_still_to_be_filled_is_named_with_its_line() {
        let draft = OrderDraft {
            head: None,
            customer: None,
            ..filled()
        };
        let error = Order::parse("new.toml", &draft.to_toml()).unwrap_err();
        let said = error.to_string();
        assert!(
            said.contains("still to be filled: customer.name (line "),
            "{said}"
        );
        assert!(said.contains("guarantee.head (line "), "{said}");
        assert!(!said.contains("flow"), "{said}");
        // A mark in a comment is no place to fill.
        assert_eq!(unfilled(&format!("# {UNFILLED}\na = 1\n")), []);
    }

    #[test]
    fn a_measure_of_another_quantity_is_refused() {
        let draft = OrderDraft {
            head: measured("104 kPa"),
            ..filled()
        };
        let why = draft.check().unwrap_err();
        assert!(why.starts_with("head: \"104 kPa\" is no length"), "{why}");
    }
}
