//! Placeholder, filled by the commit that follows.
