//! A bench made of software: pump physics and instruments as real Modbus slaves.
