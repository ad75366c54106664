//! What makes a profile contradict itself, each with its line, cause and cure.

mod message;

use super::{InstrumentProfile, Register, StatusRule};
use dutypoint_model::document::{Must, NumberKind};
use dutypoint_model::toml_text::{self, Node, TextError, nearest};
use std::collections::BTreeMap;

/// Most repetitions of a register.
const MOST: u16 = 1024;

/// Where a mistake stands: table and its number, and the key.
struct Mistake {
    table: Option<(&'static str, usize)>,
    key: &'static str,
    message: String,
}

impl InstrumentProfile {
    /// Every mistake of a profile that could be read from `text`.
    pub(super) fn mistakes_in(&self, file: &str, text: &str) -> Result<Vec<TextError>, TextError> {
        let mut found = Vec::new();
        self.check_head(&mut found);
        self.check_registers(&mut found);
        self.check_addresses(&mut found);
        self.check_messages(&mut found);
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let tree = toml_text::tree(file, text)?;
        let mut errors: Vec<TextError> = found
            .into_iter()
            .map(|mistake| TextError {
                file: file.to_owned(),
                line: line_of(&tree, &mistake),
                message: mistake.message,
            })
            .collect();
        errors.sort_by_key(|error| error.line);
        Ok(errors)
    }

    fn check_head(&self, found: &mut Vec<Mistake>) {
        let mut head = |key: &'static str, message: String| {
            found.push(Mistake {
                table: None,
                key,
                message,
            });
        };
        if !(1..=125).contains(&self.max_read) {
            head(
                "max_read",
                format!(
                    "max_read {} is outside 1 … 125, what Modbus allows in one request",
                    self.max_read
                ),
            );
        }
        if self.read_multiple == 0 || self.read_multiple > self.max_read {
            head(
                "read_multiple",
                format!(
                    "read_multiple {} is outside 1 … {}, the largest read",
                    self.read_multiple, self.max_read
                ),
            );
        }
        if self.sources.is_empty() {
            head(
                "sources",
                "the profile names no source; say where the map comes from".into(),
            );
        }
        if self.transport.is_empty() {
            head(
                "transport",
                "no transport; write \"rtu\", \"tcp\" or both, \"push\" or \"ascii\"".into(),
            );
        }
        if let Some(unit) = self.unit_id.filter(|unit| !(1..=247).contains(unit)) {
            head(
                "unit_id",
                format!("unit_id {unit} is outside 1 … 247, what Modbus can address"),
            );
        }
        let mut table = |table: &'static str, n: usize, key: &'static str, message: String| {
            found.push(Mistake {
                table: Some((table, n)),
                key,
                message,
            });
        };
        if self.serial.baud == Some(0) {
            table("serial", 0, "baud", "baud 0 is no speed".into());
        }
        if let Some(bits) = self.serial.stop_bits.filter(|bits| !matches!(bits, 1 | 2)) {
            table(
                "serial",
                0,
                "stop_bits",
                format!("stop_bits {bits} is neither 1 nor 2"),
            );
        }
        if let Some([least, most]) = self.timing.response_ms.filter(|[a, b]| a > b) {
            table(
                "timing",
                0,
                "response_ms",
                format!("response_ms [{least}, {most}] runs backwards; write [least, most]"),
            );
        }
        for (n, identity) in self.identity.iter().enumerate() {
            let mut wrong = |key, message| table("identity", n, key, message);
            match (&identity.register, identity.object) {
                (Some(name), None) => {
                    if self.register(name).is_none() {
                        wrong("register", self.unknown("identity", name));
                    }
                }
                (None, Some(_)) => {}
                _ => wrong(
                    "register",
                    "an identity needs either `register` or `object` (function 43/14)".into(),
                ),
            }
        }
    }

    fn unknown(&self, key: &str, name: &str) -> String {
        let known = self.register.iter().map(|r| r.name.as_str());
        let cure = nearest(name, known).map_or_else(
            || "declare it".to_owned(),
            |near| format!("did you mean {near:?}?"),
        );
        format!("{key} {name:?} is no register of this profile; {cure}")
    }

    fn check_registers(&self, found: &mut Vec<Mistake>) {
        for (n, register) in self.register.iter().enumerate() {
            let name = &register.name;
            let mut wrong = |key: &'static str, message: String| {
                found.push(Mistake {
                    table: Some(("register", n)),
                    key,
                    message: format!("register {name:?}{message}"),
                });
            };
            let earlier = self.register.iter().take(n);
            if earlier.clone().any(|other| other.name == *name) {
                wrong("name", " is declared twice; rename one".into());
            }
            if !matches!(register.function, 3 | 4) {
                wrong(
                    "function",
                    format!(
                        ": function {} cannot read registers; expected 3 or 4",
                        register.function
                    ),
                );
            }
            if register.function == 4 && register.write.is_some() {
                wrong(
                    "write",
                    ": function 4 reads input registers, which cannot be written; write function = 3 or remove write".into(),
                );
            }
            if !register.readable && register.write.is_none() {
                wrong(
                    "readable",
                    " can be neither read nor written; remove it, or say what write does".into(),
                );
            }
            check_kind(register, &mut wrong);
            check_scale(register, &mut wrong);
            for (key, other) in register.needs() {
                self.check_need(register, key, other, &mut wrong);
            }
            for rule in &register.status {
                if must(rule).is_none() {
                    wrong(
                        "status",
                        ": a status needs exactly one of equal, clear, set and within".into(),
                    );
                }
            }
            if self.single_read && register.needs().next().is_some() {
                wrong(
                    "name",
                    " needs other registers in the same answer, but single_read lets a request ask for one value only".into(),
                );
            }
        }
    }

    fn check_need(
        &self,
        register: &Register,
        key: &'static str,
        name: &str,
        wrong: &mut impl FnMut(&'static str, String),
    ) {
        let Some(other) = self.register(name) else {
            wrong(key, format!(": {}", self.unknown(key, name)));
            return;
        };
        if other.function != register.function {
            wrong(
                key,
                format!(
                    ": {key} {name:?} is read with function {}, this with {}; one answer cannot hold both",
                    other.function, register.function
                ),
            );
        }
        if !other.readable {
            wrong(key, format!(": {key} {name:?} cannot be read"));
        }
        if key != "fraction" && other.kind.is_float() {
            wrong(key, format!(": {key} {name:?} must be a whole number"));
        }
        if matches!(key, "unit_from" | "status" | "sign") && other.kind.words() != 1 {
            wrong(
                key,
                format!(": {key} {name:?} must be one word of the same function"),
            );
        }
    }

    /// Addresses: beyond the end, overlapping, forbidden, too far apart for one request.
    fn check_addresses(&self, found: &mut Vec<Mistake>) {
        for (n, block) in self.forbidden.iter().enumerate() {
            if block.from > block.to {
                found.push(Mistake {
                    table: Some(("forbidden", n)),
                    key: "from",
                    message: format!(
                        "forbidden {} … {} runs backwards; swap from and to",
                        block.from, block.to
                    ),
                });
            }
        }
        let mut taken: BTreeMap<(u8, u16), usize> = BTreeMap::new();
        for (n, register) in self.register.iter().enumerate() {
            let name = &register.name;
            let mut wrong = |key: &'static str, message: String| {
                found.push(Mistake {
                    table: Some(("register", n)),
                    key,
                    message: format!("register {name:?}{message}"),
                });
            };
            let words = register.kind.words();
            if !(1..=MOST).contains(&register.repeat) {
                wrong(
                    "repeat",
                    format!(": repeat {} is outside 1 … {MOST}", register.repeat),
                );
                continue;
            }
            if register.step() < words {
                wrong(
                    "stride",
                    format!(
                        ": stride {} is less than its {words} words",
                        register.step()
                    ),
                );
                continue;
            }
            let last = u32::from(register.address)
                + u32::from(register.step()) * u32::from(register.repeat - 1)
                + u32::from(words)
                - 1;
            if last > u32::from(u16::MAX) {
                wrong(
                    "address",
                    format!(" reaches beyond address 65535, to {last}"),
                );
                continue;
            }
            if words > self.max_read {
                wrong(
                    "kind",
                    format!(
                        " takes {words} words, but max_read allows {} in one request",
                        self.max_read
                    ),
                );
            }
            let mut told = false;
            for (first, last) in register.places() {
                for block in &self.forbidden {
                    if !told && block.touches(register.function, first, last) {
                        told = true;
                        wrong(
                            "address",
                            format!(
                                " lies in the forbidden block {} … {}; remove one of them",
                                block.from, block.to
                            ),
                        );
                    }
                }
                for address in first..=last {
                    let other = *taken.entry((register.function, address)).or_insert(n);
                    let Some(other) = self.register.get(other).filter(|o| o.name != *name) else {
                        continue;
                    };
                    let alias =
                        |a: &Register, b: &Register| a.alias_of.as_deref() == Some(&*b.name);
                    if !told && !alias(register, other) && !alias(other, register) {
                        told = true;
                        wrong(
                            "address",
                            format!(
                                " overlaps {:?} at address {address}; correct one, or write alias_of = {:?}",
                                other.name, other.name
                            ),
                        );
                    }
                }
            }
            if let Some(other) = &register.alias_of
                && self.register(other).is_none()
            {
                wrong("alias_of", format!(": {}", self.unknown("alias_of", other)));
            }
            // What is wrong by itself is told already.
            if !told
                && words <= self.max_read
                && register.readable
                && let Err(message) = self.together(register)
            {
                wrong("address", message);
            }
        }
    }

    /// Whether one request can hold the value and all it needs.
    fn together(&self, register: &Register) -> Result<(), String> {
        for index in 0..register.repeat {
            let span = crate::plan::span(self, register, index);
            if let Err(why) = crate::plan::allowed(self, register.function, span) {
                return Err(format!(
                    " cannot be read with the registers it needs: {why}"
                ));
            }
        }
        Ok(())
    }
}

/// What a status must be; none unless exactly one rule is stated.
pub(crate) fn must(rule: &StatusRule) -> Option<Must> {
    must_of(rule.equal, rule.clear, rule.set, rule.within)
}

/// As [`must`], of the four rules.
pub(crate) fn must_of(
    equal: Option<u16>,
    clear: Option<u16>,
    set: Option<u16>,
    within: Option<[u16; 2]>,
) -> Option<Must> {
    match (equal, clear, set, within) {
        (Some(word), None, None, None) => Some(Must::Equal(word)),
        (None, Some(mask), None, None) => Some(Must::Clear(mask)),
        (None, None, Some(mask), None) => Some(Must::Set(mask)),
        (None, None, None, Some([low, high])) if low <= high => Some(Must::Within(low, high)),
        _ => None,
    }
}

fn check_kind(register: &Register, wrong: &mut impl FnMut(&'static str, String)) {
    let words = register.kind.words();
    if words > 1 && register.order.is_none() {
        wrong(
            "kind",
            format!(
                ": order is missing; a number of {words} words needs ABCD, CDAB, BADC, DCBA, or \"probe\" where no source says"
            ),
        );
    }
    if register.swapped && words > 1 {
        wrong(
            "swapped",
            ": swapped is for one word; the order of more says BADC or DCBA".into(),
        );
    }
    if register.kind.is_float() {
        for (key, there) in [
            ("bits", register.bits.is_some()),
            ("codes", !register.codes.is_empty()),
            ("decimals_from", register.decimals_from.is_some()),
        ] {
            if there {
                wrong(
                    key,
                    format!(": {key} fits whole numbers only, not {}", kind(register)),
                );
            }
        }
    }
    let width = 16 * words;
    if let Some(bits) = register.bits
        && (bits.count == 0 || u16::from(bits.low) + u16::from(bits.count) > width)
    {
        wrong(
            "bits",
            format!(
                ": bits {} … {} are not within the {width} of {}",
                bits.low,
                i32::from(bits.low) + i32::from(bits.count) - 1,
                kind(register)
            ),
        );
    }
    let range: Option<(i64, i64)> = match register.kind {
        NumberKind::U16 => Some((0, i64::from(u16::MAX))),
        NumberKind::I16 => Some((i64::from(i16::MIN), i64::from(i16::MAX))),
        // Bits of a single, too.
        NumberKind::U32 | NumberKind::F32 => Some((0, i64::from(u32::MAX))),
        NumberKind::I32 => Some((i64::from(i32::MIN), i64::from(i32::MAX))),
        NumberKind::Bcd16 => Some((0, 9_999)),
        NumberKind::Bcd32 => Some((0, 99_999_999)),
        NumberKind::U64 | NumberKind::I64 | NumberKind::F64 => None,
    };
    if let Some((low, high)) = range {
        let codes = register.codes.iter().map(|c| ("codes", c.code));
        let told = register.invalid.iter().map(|code| ("invalid", *code));
        for (key, code) in codes.chain(told) {
            if !(low..=high).contains(&code) {
                wrong(
                    key,
                    format!(
                        ": {key} {code} cannot occur in {}, which holds {low} … {high}",
                        kind(register)
                    ),
                );
            }
        }
    }
    for (n, code) in register.codes.iter().enumerate() {
        if register
            .codes
            .iter()
            .take(n)
            .any(|other| other.code == code.code)
        {
            wrong("codes", format!(": code {} is explained twice", code.code));
        }
    }
}

fn kind(register: &Register) -> String {
    format!("{:?}", register.kind).to_lowercase()
}

fn check_scale(register: &Register, wrong: &mut impl FnMut(&'static str, String)) {
    if !register.factor.is_finite() || register.factor == 0.0 {
        wrong(
            "factor",
            format!(": factor {} makes no value", register.factor),
        );
    }
    if !register.offset.is_finite() {
        wrong(
            "offset",
            format!(": offset {} is no number", register.offset),
        );
    }
    if let Some([low, high]) = register.span_raw
        && !(low < high && low.is_finite() && high.is_finite())
    {
        wrong("span_raw", format!(": span_raw [{low}, {high}] is empty"));
    }
    if register.span_raw.is_some() && !register.span {
        wrong("span_raw", ": span_raw belongs to span = true".into());
    }
    if let Some([low, high]) = register.limits
        && low.partial_cmp(&high) != Some(std::cmp::Ordering::Less)
    {
        wrong("limits", format!(": limits [{low}, {high}] are empty"));
    }
    if let Some(fraction) = &register.fraction
        && (!fraction.factor.is_finite() || fraction.factor == 0.0)
    {
        wrong(
            "fraction",
            format!(": factor {} makes no fraction", fraction.factor),
        );
    }
    let scales = [
        ("span", register.span),
        ("decimals_from", register.decimals_from.is_some()),
        ("exponent", register.exponent.is_some()),
    ];
    let stated: Vec<&'static str> = scales.iter().filter(|s| s.1).map(|s| s.0).collect();
    if let [first, second, ..] = stated[..] {
        wrong(second, format!(": {first} and {second} exclude each other"));
    }
    if let ([first, ..], true) = (&stated[..], register.offset != 0.0) {
        wrong("offset", format!(": {first} and offset exclude each other"));
    }
    if register.sign.is_some() && register.negative_above.is_some() {
        wrong(
            "sign",
            ": sign and negative_above exclude each other".into(),
        );
    }
}

/// The line of the key, or of its table where the key is not written.
fn line_of(tree: &Node, mistake: &Mistake) -> Option<usize> {
    let Some((name, n)) = mistake.table else {
        return tree.get(mistake.key).map(|node| node.line);
    };
    let table = tree.get(name)?;
    let table = table.members().get(n).unwrap_or(table);
    Some(table.get(mistake.key).map_or(table.line, |node| node.line))
}
