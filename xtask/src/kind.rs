//! The cluster that kind makes for a profile of this workspace.
