//! Formulations of the IAPWS in their own ranges.
//!
//! [`crate::water`] takes what a bench needs from here and guards it with a bench's range;
//! the rest is what the releases print tables for, so that the digits can be held against
//! them and one formulation against another. Own code rather than a library: the crate
//! `if97`, which exists and is kept, calls the platform's power and exponential functions and
//! takes properties by number, while results here must agree to the bit on every machine.

mod iapws95;
mod if97;
mod liquid;
mod viscosity;

pub use iapws95::pressure_pa;
pub use if97::{Region1, region_1, saturation_pressure_pa, saturation_temperature_k};
pub use liquid::{Liquid, liquid_at_100_kpa};
pub use viscosity::dynamic_viscosity_pa_s;

pub(crate) use if97::{saturation_pressure, specific_volume_m3_kg};
pub(crate) use viscosity::dynamic_viscosity;
