//! Certificate data, charts, PDF, bundle and offline verifier. Bytes in, bytes out.
