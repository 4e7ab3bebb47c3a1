//! A Gitea with scripted faults, for tests.
