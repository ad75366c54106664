//! Water, gravity and pipe friction, written here anew.
//!
//! Contract: the simulator shares no formula code with the judge, so that a mistake in
//! either shows as a difference between the simulated and the computed head.

use std::f64::consts::PI;

/// Density of water in kg/m³ at `temperature_c` under atmospheric pressure, within
/// 0.001 % from 0 to 40 °C: M. Tanaka et al., Metrologia 38 (2001) 301, as adopted by the
/// CIPM, for air-free water. Compression under the pump's pressure (0.05 % per 10 bar) is
/// left out.
pub(crate) fn density_kg_m3(temperature_c: f64) -> f64 {
    let t = temperature_c - 3.983_035;
    999.974_950
        * (1.0 - t * t * (temperature_c + 301.797) / (522_528.9 * (temperature_c + 69.348_81)))
}

/// Kinematic viscosity of water in m²/s at `temperature_c`, by the Vogel equation
/// μ = 2.414e-5 · 10^(247.8/(T − 140 K)) Pa s (within 2.5 % from 0 to 370 °C, 0.2 % near
/// 20 °C), over the density above.
pub(crate) fn viscosity_m2_s(temperature_c: f64) -> f64 {
    let exponent = 247.8 / (temperature_c + 273.15 - 140.0);
    2.414e-5 * libm::pow(10.0, exponent) / density_kg_m3(temperature_c)
}

/// Acceleration of free fall in m/s² at a latitude in degrees and an altitude in m:
/// `9.7803 (1 + 0.0053 sin²φ) − 3e-6 z`, the formula of the pump standards.
pub(crate) fn gravity_m_s2(latitude_deg: f64, altitude_m: f64) -> f64 {
    let sine = libm::sin(latitude_deg * PI / 180.0);
    9.7803 * (1.0 + 0.0053 * sine * sine) - 3e-6 * altitude_m
}

/// Pressure of saturated steam over water in Pa at `temperature_c`, by O. Tetens (1930) with
/// the constants of F. W. Murray (1967): within 0.2 % from 0 to 40 °C.
pub(crate) fn vapour_pressure_pa(temperature_c: f64) -> f64 {
    610.78 * libm::exp(17.269 * temperature_c / (temperature_c + 237.3))
}

/// Pressure of the standard atmosphere (ISO 2533) in Pa at an altitude in m.
pub(crate) fn ambient_pa(altitude_m: f64) -> f64 {
    101_325.0 * libm::pow(1.0 - 2.255_77e-5 * altitude_m, 5.255_88)
}

/// Velocity head in m of a flow in m³/s through a bore in m.
pub(crate) fn velocity_head_m(flow_m3_s: f64, bore_m: f64, gravity_m_s2: f64) -> f64 {
    let velocity = 4.0 * flow_m3_s / (PI * bore_m * bore_m);
    velocity * velocity / (2.0 * gravity_m_s2)
}

/// A straight pipe.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Pipe {
    /// Length, m.
    pub(crate) length_m: f64,
    /// Bore, m.
    pub(crate) bore_m: f64,
    /// Roughness of the wall, m.
    pub(crate) roughness_m: f64,
}

impl Pipe {
    /// Friction head in m over the velocity head in m: `λ L/D` at a flow in m³/s.
    pub(crate) fn loss_factor(&self, flow_m3_s: f64, viscosity_m2_s: f64) -> f64 {
        let reynolds = 4.0 * flow_m3_s.abs() / (PI * self.bore_m * viscosity_m2_s);
        self.friction_factor(reynolds) * self.length_m / self.bore_m
    }

    /// Friction factor after Darcy: laminar below Reynolds 2300, else Colebrook, started
    /// from Haaland's approximation (1983), which is within 2 % of it.
    fn friction_factor(&self, reynolds: f64) -> f64 {
        if reynolds < 1.0 {
            // No flow to speak of; the velocity head it is multiplied with is nothing.
            return 64.0;
        }
        if reynolds < 2300.0 {
            return 64.0 / reynolds;
        }
        let relative = self.roughness_m / self.bore_m;
        let mut inverse_root = -1.8 * libm::log10(libm::pow(relative / 3.7, 1.11) + 6.9 / reynolds);
        for _ in 0..3 {
            inverse_root = -2.0 * libm::log10(relative / 3.7 + 2.51 * inverse_root / reynolds);
        }
        1.0 / (inverse_root * inverse_root)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn density_is_that_of_the_tables_to_a_hundredth_of_a_percent() {
        // Reference, worked example E9: 18 °C 998.596, and standards-hydraulic section 2.
        for (t, table) in [
            (1.0, 999.903),
            (4.0, 999.972),
            (10.0, 999.702),
            (18.0, 998.596),
            (20.0, 998.206),
            (30.0, 995.652),
            (40.0, 992.224),
        ] {
            let found = density_kg_m3(t);
            assert!((found / table - 1.0).abs() < 2e-5, "{t} °C: {found}");
        }
    }

    #[test]
    fn viscosity_and_gravity_are_those_of_the_tables() {
        // Section 2 of the hydraulic reference, IAPWS values in 1e-6 m²/s.
        for (t, table) in [(10.0, 1.3063), (20.0, 1.0034), (30.0, 0.8007)] {
            assert!(
                (viscosity_m2_s(t) * 1e6 / table - 1.0).abs() < 0.005,
                "{t} °C"
            );
        }
        // Worked example E9: Yuncheng.
        assert!((gravity_m_s2(35.03, 370.0) - 9.796_27).abs() < 1e-5);
    }

    #[test]
    fn steam_and_air_are_those_of_the_tables() {
        // IAPWS-IF97 saturation: 10 °C 1228 Pa, 20 °C 2339 Pa, 30 °C 4247 Pa.
        for (t, table) in [(10.0, 1228.0), (20.0, 2339.0), (30.0, 4247.0)] {
            assert!(
                (vapour_pressure_pa(t) / table - 1.0).abs() < 0.003,
                "{t} °C"
            );
        }
        // Standard atmosphere: 0 m 101325 Pa, 1000 m 89874.6 Pa.
        assert_eq!(ambient_pa(0.0), 101_325.0);
        assert!((ambient_pa(1000.0) - 89_874.6).abs() < 2.0);
    }

    #[test]
    fn friction_is_that_of_the_worked_example() {
        // Reference W2 (submersible motor-pump with friction correction): 50 m³/h, 3 m of
        // 80 mm, 0.05 mm, 20 °C, g 9.7975: 0.281787 m.
        let pipe = Pipe {
            length_m: 3.0,
            bore_m: 0.080,
            roughness_m: 5e-5,
        };
        let flow = 50.0 / 3600.0;
        let head = pipe.loss_factor(flow, 1.0034e-6) * velocity_head_m(flow, 0.080, 9.7975);
        assert!((head - 0.281_787).abs() < 2e-5, "{head}");
        // Laminar flow: 64/Re exactly.
        assert!((pipe.friction_factor(2000.0) - 0.032).abs() < 1e-15);
    }
}
