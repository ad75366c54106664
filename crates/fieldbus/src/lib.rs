//! One owner task per line; Modbus RTU and TCP; instrument profiles.
