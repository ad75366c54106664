//! What makes the messages of a profile contradict themselves, or prove nothing.

use super::{InstrumentProfile, Mistake, must_of};
use crate::profile::{MessageRule, MessageValue, Transport};
use dutypoint_model::document::Written;

/// Longest message that is believed.
pub(crate) const LONGEST: u16 = 512;

impl InstrumentProfile {
    /// The message a value stands in.
    #[must_use]
    pub fn message_of(&self, value: &MessageValue) -> Option<&MessageRule> {
        match &value.message {
            Some(name) => self.message.iter().find(|m| m.name == *name),
            None if self.message.len() == 1 => self.message.first(),
            None => None,
        }
    }

    pub(super) fn check_messages(&self, found: &mut Vec<Mistake>) {
        let spoken: Vec<_> = self.transport.iter().filter(|t| t.has_messages()).collect();
        let mut head = |key: &'static str, message: String| {
            found.push(Mistake {
                table: None,
                key,
                message,
            });
        };
        if !spoken.is_empty() && self.transport.len() > 1 {
            head(
                "transport",
                format!(
                    "{:?} is spoken alone; a device that can be set to other protocols needs a profile for each",
                    spoken.first().map_or("", |t| t.name())
                ),
            );
        }
        if spoken.is_empty() && !self.message.is_empty() {
            head(
                "transport",
                "[[message]] belongs to transport = [\"push\"] or [\"ascii\"]".into(),
            );
        }
        if !spoken.is_empty() && (self.message.is_empty() || !self.register.is_empty()) {
            head(
                "transport",
                "this transport needs [[message]] and [[value]] instead of [[register]]".into(),
            );
        }
        let push = spoken.contains(&&Transport::Push);
        if push && self.message.len() > 1 {
            head(
                "transport",
                "one message may be pushed; describe the one the values are taken from".into(),
            );
        }
        for (n, rule) in self.message.iter().enumerate() {
            let mut wrong = |key: &'static str, message: String| {
                found.push(Mistake {
                    table: Some(("message", n)),
                    key,
                    message: format!("message {:?}{message}", rule.name),
                });
            };
            if self.message.iter().take(n).any(|m| m.name == rule.name) {
                wrong("name", " is declared twice; rename one".into());
            }
            check_rule(rule, push, &mut wrong);
        }
        for (n, value) in self.value.iter().enumerate() {
            let mut wrong = |key: &'static str, message: String| {
                found.push(Mistake {
                    table: Some(("value", n)),
                    key,
                    message: format!("value {:?}{message}", value.name),
                });
            };
            if self.value.iter().take(n).any(|v| v.name == value.name) {
                wrong("name", " is declared twice; rename one".into());
            }
            match self.message_of(value) {
                Some(rule) => check_value(value, rule, &mut wrong),
                None => wrong(
                    "message",
                    ": message is no [[message]] of this profile".into(),
                ),
            }
        }
    }
}

/// Something must tell a whole message from two halves, from one whose beginning was missed
/// and from noise: a checksum, or a length that never changes between known first and last
/// bytes. To an answer the silence before it is its beginning.
fn check_rule(rule: &MessageRule, push: bool, wrong: &mut impl FnMut(&'static str, String)) {
    let message = rule.of(0);
    let (begins, ends) = (!message.begins.0.is_empty(), !message.ends.0.is_empty());
    if push && rule.send.is_some() {
        wrong(
            "send",
            ": transport \"push\" sends nothing; remove send, or write transport = [\"ascii\"]"
                .into(),
        );
    }
    if !push && message.send.as_ref().is_none_or(|s| s.0.is_empty()) {
        wrong("send", ": send is missing, what asks for it".into());
    }
    if !push && (!ends || message.ends.0.last() == Some(&0)) {
        wrong(
            "ends",
            ": a line of text needs `ends`, its last character, such as \"\\r\"".into(),
        );
    }
    if rule.length.is_some() == rule.most.is_some() {
        wrong(
            "length",
            ": write either `length`, where every message is as long, or `most`, the longest"
                .into(),
        );
    }
    if !(2..=LONGEST).contains(&message.most) {
        wrong(
            if rule.length.is_some() {
                "length"
            } else {
                "most"
            },
            format!(": {} bytes are outside 2 … {LONGEST}", message.most),
        );
    }
    let sum = rule.checksum;
    if rule.length.is_none() && sum.is_none() {
        wrong(
            "name",
            ": nothing tells a whole message from one that lost a byte; state `length` or `checksum`".into(),
        );
    }
    if rule.length.is_none() && sum.is_some_and(|s| s.written == Written::Binary) {
        wrong(
            "checksum",
            ": a checksum in binary could look like the end; state `length`".into(),
        );
    }
    if push && (!begins || !(ends || sum.is_some() && message.begins.0.len() >= 2)) {
        wrong(
            "name",
            ": nothing tells where a pushed message begins; state `begins` and `ends`, or `begins` of two bytes and a `checksum`".into(),
        );
    }
    if push && rule.length.is_none() && !ends {
        wrong("ends", ": without `length`, `ends` is needed".into());
    }
    if rule.separator.is_some_and(|c| !c.is_ascii()) {
        wrong("separator", ": separator must be an ASCII character".into());
    }
    if rule.separator.is_some() != rule.fields.is_some() {
        wrong(
            "fields",
            ": `separator` and `fields`, the number of fields, go together".into(),
        );
    }
}

fn check_value(
    value: &MessageValue,
    rule: &MessageRule,
    wrong: &mut impl FnMut(&'static str, String),
) {
    match (value.byte, value.field) {
        (Some(byte), None) => {
            let Some(kind) = value.kind else {
                wrong("byte", ": a binary number needs `kind`".into());
                return;
            };
            let Some(length) = rule.length else {
                wrong("byte", ": a binary number needs a message with `length`".into());
                return;
            };
            let last = u32::from(byte) + 2 * u32::from(kind.words()) - 1;
            if last >= u32::from(length) {
                wrong(
                    "byte",
                    format!(": its last byte is {last}, but the message ends with byte {}", length - 1),
                );
            }
            if value.order.is_none() {
                wrong("kind", ": order is missing; ABCD, CDAB, BADC, DCBA, or \"probe\" where no source says".into());
            }
            let width = 16 * kind.words();
            if let Some(bits) = value.bits
                && (kind.is_float()
                    || bits.count == 0
                    || u16::from(bits.low) + u16::from(bits.count) > width)
            {
                wrong("bits", format!(": bits are not within the {width} of a whole number"));
            }
            if value.suffix.is_some() {
                wrong("suffix", ": suffix belongs to text".into());
            }
        }
        (None, Some(field)) => {
            let fields = rule.fields.unwrap_or(1);
            if !(1..=fields).contains(&field) {
                wrong("field", format!(": field {field} is outside 1 … {fields}"));
            }
            let binary = value.kind.is_some() || value.order.is_some() || value.bits.is_some();
            if binary || !value.invalid.is_empty() {
                wrong(
                    "field",
                    ": kind, order, bits and invalid belong to binary numbers; text that is no number never counts".into(),
                );
            }
            if rule.ends.bytes(0).last().is_none_or(|last| *last == 0) {
                wrong("field", ": text needs a message with `ends`".into());
            }
        }
        _ => wrong(
            "name",
            " needs either `byte`, where a binary number begins, or `field`, its place in a line of text".into(),
        ),
    }
    if !value.factor.is_finite() || value.factor == 0.0 {
        wrong(
            "factor",
            format!(": factor {} makes no value", value.factor),
        );
    }
    if !value.offset.is_finite() {
        wrong("offset", format!(": offset {} is no number", value.offset));
    }
    if let Some([low, high]) = value.limits
        && low.partial_cmp(&high) != Some(std::cmp::Ordering::Less)
    {
        wrong("limits", format!(": limits [{low}, {high}] are empty"));
    }
    for status in &value.status {
        if must_of(status.equal, status.clear, status.set, status.within).is_none() {
            wrong(
                "status",
                ": a status needs exactly one of equal, clear, set and within".into(),
            );
        }
        if rule.length.is_none_or(|length| status.byte >= length) {
            wrong(
                "status",
                format!(
                    ": byte {} is not in every message; state `length`",
                    status.byte
                ),
            );
        }
    }
}
