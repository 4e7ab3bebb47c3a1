//! A Kubernetes API with scripted faults, for tests.
