//! What a profile says of the messages of an instrument that speaks no Modbus.

use super::padded;
use crate::say::Say;
use dutypoint_fieldbus::{InstrumentProfile, MessageRule, MessageValue, Order, Raw};
use serde_json::{Value, json};

/// Messages and values in lines.
pub(super) fn lines_of(profile: &InstrumentProfile, say: Say) -> Vec<String> {
    let mut lines = Vec::new();
    if !profile.message.is_empty() {
        lines.push(format!("\n{}", say.pick("报文", "messages")));
    }
    for rule in &profile.message {
        lines.push(format!("    {}  {}", rule.name, of_rule(rule, say)));
    }
    if !profile.value.is_empty() {
        lines.push(format!("\n{}", say.pick("数值", "values")));
    }
    for value in &profile.value {
        lines.push(
            format!(
                "    {}{}{}{:?} {}",
                padded(&value.name, 26),
                padded(&place(value, say), 37),
                padded(&scale(value), 24),
                value.confidence,
                value.evidence.text().get(say.lang)
            )
            .trim_end()
            .to_owned(),
        );
        if value.order == Some(Order::Probe) {
            let text = say.pick(
                "字节顺序未知：须在仪表上探测",
                "byte order not known: find it on the device",
            );
            lines.push(format!("        {text}"));
        }
        let status = value.status.iter().map(|s| s.text.get(say.lang));
        let note = value.note.iter().map(|n| n.get(say.lang));
        lines.extend(status.chain(note).map(|text| format!("        {text}")));
    }
    lines
}

fn of_rule(rule: &MessageRule, say: Say) -> String {
    let mut parts = Vec::new();
    match &rule.send {
        Some(send) => parts.push(format!("{} {:?}", say.pick("发送", "sends"), send.text)),
        None => parts.push(say.pick("主动上传", "pushed").to_owned()),
    }
    let mut edge = |name: &str, raw: &Raw| {
        if !raw.text.is_empty() {
            parts.push(format!("{name} {:?}", raw.text));
        }
    };
    edge(say.pick("开头", "begins"), &rule.begins);
    edge(say.pick("结尾", "ends"), &rule.ends);
    parts.push(match (rule.length, rule.most) {
        (Some(length), _) => format!("{length} {}", say.pick("字节", "bytes")),
        (None, most) => format!(
            "{} {} {}",
            say.pick("最多", "at most"),
            most.unwrap_or(0),
            say.pick("字节", "bytes")
        ),
    });
    parts.push(match rule.checksum {
        Some(sum) => format!(
            "{} {:?} {:?}",
            say.pick("校验", "checksum"),
            sum.kind,
            sum.written
        )
        .to_lowercase(),
        None => say.pick("无校验", "no checksum").to_owned(),
    });
    parts.join(" · ")
}

fn place(value: &MessageValue, say: Say) -> String {
    let message = match &value.message {
        Some(name) => format!("{name}: "),
        None => String::new(),
    };
    match (value.byte, value.field) {
        (Some(byte), _) => {
            let kind = value
                .kind
                .map_or(String::new(), |k| format!(" {k:?}").to_lowercase());
            let order = value.order.map_or("", Order::name);
            format!("{message}{} {byte}{kind} {order}", say.pick("字节", "byte"))
        }
        (None, field) => format!(
            "{message}{} {}",
            say.pick("字段", "field"),
            field.unwrap_or(1)
        ),
    }
}

fn scale(value: &MessageValue) -> String {
    let mut parts = Vec::new();
    if value.factor != 1.0 {
        parts.push(format!("× {}", value.factor));
    }
    if value.offset != 0.0 {
        parts.push(format!("+ {}", value.offset));
    }
    parts.extend(value.unit.map(|u| u.printed().to_string()));
    parts.join(" ")
}

/// The messages, for programs.
pub(super) fn described(profile: &InstrumentProfile) -> Vec<Value> {
    let rules = profile.message.iter();
    rules
        .map(|m| {
            json!({
                "name": m.name, "send": m.send.as_ref().map(|s| &s.text),
                "begins": m.begins.text, "ends": m.ends.text, "length": m.length, "most": m.most,
                "checksum": m.checksum, "separator": m.separator, "fields": m.fields,
            })
        })
        .collect()
}

/// The values, for programs.
pub(super) fn values(profile: &InstrumentProfile) -> Vec<Value> {
    let values = profile.value.iter();
    values
        .map(|v| {
            json!({
                "name": v.name, "message": v.message, "byte": v.byte, "kind": v.kind,
                "order": v.order, "bits": v.bits, "field": v.field, "suffix": v.suffix,
                "unit": v.unit, "factor": v.factor, "offset": v.offset, "invalid": v.invalid,
                "limits": v.limits, "confidence": v.confidence, "evidence": v.evidence,
                "note": v.note,
            })
        })
        .collect()
}
