//! Averages to findings: reduction, water properties, steadiness, fits, acceptance. Pure.
