//! The one table of names columns go by in pump test records, Chinese and English.
//!
//! Symbols are those of ISO 9906 and GB/T 3216 and are compared exactly, since `p2` is a
//! pressure and `P2` a power; words are compared without regard to case.

use dutypoint_model::document::Role;

/// A meaning a column may have, and what it goes by.
#[derive(Clone, Copy, Debug)]
pub struct Name {
    /// The roles that fit; none for what an import does not use.
    pub roles: &'static [Role],
    /// Symbols, case and all.
    pub symbols: &'static [&'static str],
    /// Words.
    pub words: &'static [&'static str],
}

/// Every known name. One that fits two roles needs the order to say which is meant.
pub const NAMES: &[Name] = &[
    Name {
        roles: &[Role::Flow],
        symbols: &["Q", "q", "qv"],
        words: &[
            "流量",
            "体积流量",
            "flow",
            "flow rate",
            "rate of flow",
            "capacity",
        ],
    },
    Name {
        roles: &[Role::InletPressure],
        symbols: &["p1", "ps"],
        words: &[
            "进口压力",
            "入口压力",
            "进口表压",
            "吸入压力",
            "inlet pressure",
            "suction pressure",
        ],
    },
    Name {
        roles: &[Role::OutletPressure],
        symbols: &["p2", "pd"],
        words: &[
            "出口压力",
            "出水压力",
            "出口表压",
            "排出压力",
            "outlet pressure",
            "discharge pressure",
        ],
    },
    Name {
        roles: &[Role::ShaftPower],
        symbols: &["P2", "Pa", "N"],
        words: &[
            "轴功率",
            "泵轴功率",
            "泵输入功率",
            "shaft power",
            "pump power input",
        ],
    },
    Name {
        roles: &[Role::InputPower],
        symbols: &["P1", "Pgr"],
        words: &[
            "输入功率",
            "电机输入功率",
            "机组输入功率",
            "input power",
            "motor input power",
        ],
    },
    Name {
        roles: &[Role::ShaftPower, Role::InputPower],
        symbols: &["P"],
        words: &["功率", "power"],
    },
    Name {
        roles: &[Role::Speed],
        symbols: &["n"],
        words: &["转速", "speed", "speed of rotation"],
    },
    Name {
        roles: &[Role::Voltage],
        symbols: &["U", "V"],
        words: &["电压", "voltage"],
    },
    Name {
        roles: &[Role::Current],
        symbols: &["I"],
        words: &["电流", "current"],
    },
    Name {
        roles: &[Role::Frequency],
        symbols: &["f"],
        words: &["频率", "frequency"],
    },
    Name {
        roles: &[Role::WaterTemperature],
        symbols: &["t", "T"],
        words: &["水温", "温度", "water temperature", "temperature"],
    },
    Name {
        roles: &[Role::PowerFactor],
        symbols: &["cosφ", "PF"],
        words: &["功率因数", "power factor"],
    },
    Name {
        roles: HEAD,
        symbols: &["H"],
        words: &["扬程", "总扬程", "head", "total head"],
    },
    Name {
        roles: &[],
        symbols: &["η", "eta"],
        words: &[
            "效率",
            "泵效率",
            "机组效率",
            "efficiency",
            "pump efficiency",
        ],
    },
];

/// Head is computed from the pressures, so no column is read as head.
const HEAD: &[Role] = &[];

/// What `text` is a name of.
pub(super) fn known(text: &str) -> Option<&'static Name> {
    let lower = text.to_lowercase();
    NAMES
        .iter()
        .find(|name| name.symbols.contains(&text) || name.words.contains(&lower.as_str()))
}

/// Whether `text` is a name of head.
pub(super) fn is_head(text: &str) -> bool {
    known(text).is_some_and(|name| name.symbols == ["H"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_means_two_things() {
        let mut seen = std::collections::BTreeSet::new();
        for name in NAMES {
            for text in name.symbols.iter().chain(name.words) {
                assert!(seen.insert(*text), "{text}");
                let found = known(text).unwrap();
                assert_eq!(found.symbols, name.symbols, "{text}");
            }
        }
        assert_eq!(known("Flow Rate").unwrap().roles, [Role::Flow]);
        assert_eq!(known("p2").unwrap().roles, [Role::OutletPressure]);
        assert_eq!(known("P2").unwrap().roles, [Role::ShaftPower]);
        assert!(known("Q max").is_none());
    }
}
