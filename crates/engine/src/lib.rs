//! From raw register words to documents: decode, the run engine, assessment, replay. Pure.
